//! Pure arithmetic: how a quota counts, and what a policy's odds and worst bills are.
//!
//! Knows types and the policy; no store, no clock.

pub(crate) mod blob;
mod bytes;
mod log;
mod odds;
mod payer;
mod quota;
mod quotas;
#[cfg(test)]
mod reference;
mod slots;
mod tally;

pub(crate) use bytes::{LAST_MILLI, Reader, millis, push_number};
pub use odds::{Odds, WorstBill};
pub(crate) use payer::Payer;
pub use quota::{Quota, QuotaError, QuotaName, Shape, Window};
pub use quotas::Quotas;
pub(crate) use tally::{Answer, Room, Tally};
