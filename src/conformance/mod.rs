//! One suite per port: what every adapter must do, as code. An adapter's own tests call it with the adapter.
//!
//! A suite panics with a sentence at the first thing that is not as the port's contract says. It needs no async
//! runtime: its racers are threads that wait for their own futures. An adapter that does need one hands in a wrapper
//! that runs each call there. Not covered by semver: a suite may learn new cases in any release.
#![allow(clippy::panic)] // panicking is how a suite reports

mod ledger;
mod race;
mod sms;
mod users;

pub use ledger::{LedgerTraits, ledger_conforms};
pub use sms::{sms_sender_conforms, sms_sender_fails_silently};
pub use users::{UserStoreTraits, user_store_conforms, user_store_is_bounded};
