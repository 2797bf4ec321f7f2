//! The port's suite.

use core::future::ready;

use custom_auth::conformance::{LedgerTraits, ledger_conforms};

use crate::common::table::{Processes, Table};

/// Racers have threads of their own here, so they wait by the system's clock.
fn wait(call: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(call);
}

#[test]
fn the_dynamodb_ledger_conforms() {
    wait(ledger_conforms(LedgerTraits::new(), |_| ready(Table::new().ledger(1))));
}

#[test]
fn processes_that_share_a_table_conform_together() {
    wait(ledger_conforms(LedgerTraits::new(), |_| ready(Processes::new(&Table::new(), 5))));
}
