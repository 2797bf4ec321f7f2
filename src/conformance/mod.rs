//! One suite per port, for whoever writes an adapter. Not covered by semver.
//!
//! A suite takes a function that makes a fresh adapter, and panics with a sentence that says which promise of the
//! port's contract was broken. It draws on no runtime and runs under any.

mod ledger;
mod racing;

pub use ledger::{LedgerTraits, ledger_conforms};
