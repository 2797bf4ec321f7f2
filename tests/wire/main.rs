//! Cognito's trigger events: what is read of them, and that nothing but `response` is written.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // helpers of tests
#![allow(clippy::wildcard_enum_match_arm)] // a test says which one it wants

mod answers;
#[path = "../common/cases.rs"]
mod cases;
mod fixtures;
mod grammar;
mod oracle;
mod random;
mod reading;
mod refused;
