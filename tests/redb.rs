//! Stores in one file keep the ports' contracts.
#![allow(clippy::unwrap_used)] // a test ends there

use core::future::ready;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use custom_auth::{
    NumberRule, RedbStore,
    conformance::{LedgerTraits, UserStoreTraits, ledger_conforms, user_store_conforms},
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A new file, which goes with the folder of this run.
fn store() -> RedbStore {
    let folder = std::env::temp_dir().join(format!("custom-auth-conformance-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
    let store = RedbStore::open(&path).unwrap();
    // The file has no name any more, and is gone when it is closed.
    std::fs::remove_file(path).unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_in_one_file_conforms() {
    ledger_conforms(LedgerTraits::new(), |_| ready(store().ledger())).await;
}

#[test]
fn the_accounts_in_one_file_conform_under_either_number_rule() {
    for rule in [NumberRule::FirstHolds, NumberRule::VerifiedHolds] {
        user_store_conforms(UserStoreTraits::new(rule), || store().under(rule).users());
    }
}
