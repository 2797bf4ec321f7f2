//! Pure arithmetic: how a quota counts, and what a policy's odds and worst bills are.
//!
//! Knows types and the policy; no store, no clock.

mod quota;

pub use quota::{Quota, QuotaError, QuotaName, Shape, Window};
