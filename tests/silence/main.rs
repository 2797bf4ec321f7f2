//! Invariant I7 (*silent*): no code, key or full phone number in any `Debug`, `Display`, error, audit event, parameter,
//! metadata, token or store. The text itself apart, and the attribute in Cognito's own event, which goes back as it came.
//!
//! Whole sign-ins are run with secrets that are long enough not to occur by chance, and everything that comes out
//! anywhere is searched for them. `CUSTOM_AUTH_CASES` sets how many of them are random (default 1,000).
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)] // it is a test

#[path = "../common/cases.rs"]
mod cases;
mod errors;
mod logins;
#[cfg(feature = "phonenumber")]
mod phone_numbers;
mod random;
mod secrets;
#[path = "../common/tape.rs"]
mod tape;
