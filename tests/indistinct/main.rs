//! Invariant I8 (*indistinct*): the outside cannot tell an unknown user, a blocked destination, a limit or a sender that
//! is down from a genuine sign-in, by bytes, sizes, number of rounds or time.
//!
//! Scripts without right answers are played in step on two worlds, and every sight is compared byte for byte with
//! random values masked by the order in which they first came. Virtual time is compared to the millisecond.
//!
//! `CUSTOM_AUTH_CASES` sets how many random lives each test plays (default 1,000).
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)] // it is a test

mod accounts;
#[path = "../common/cases.rs"]
mod cases;
mod events;
mod pool;
mod quotas;
mod routes;
mod script;
mod slow_users;
#[path = "../common/tape.rs"]
mod tape;
mod world;
