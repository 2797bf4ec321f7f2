//! Pure arithmetic: how a quota counts, and what a policy's odds and worst bills are.
//!
//! Knows types and the policy; no store, no clock.

mod bytes;
mod log;
mod quota;
#[cfg(test)]
mod reference;
mod slots;
mod tally;

pub(crate) use bytes::{Reader, millis, push_number};
pub use quota::{Quota, QuotaError, QuotaName, Shape, Window};
pub(crate) use tally::{Answer, Payer, Room, Tally};
