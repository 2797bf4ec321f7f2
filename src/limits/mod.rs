//! Pure arithmetic: how a quota counts, and what a policy's odds and worst bills are.
//!
//! Knows types and the policy; no store, no clock.

mod odds;
mod quota;
mod quotas;

pub use odds::{Odds, WorstBill};
pub use quota::{Quota, QuotaError, QuotaName, Shape, Window};
pub use quotas::Quotas;
