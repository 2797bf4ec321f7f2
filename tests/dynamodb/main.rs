//! The ledger in a DynamoDB table: the port's suite against a table in this process, and what the service makes impossible to ask of
//! a suite: calls that fail, answers that are lost, transactions in each other's way. `tests/ministack/ledger.rs` asks the same
//! suite of an emulator, with racers of several processes.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

#[path = "../common/mod.rs"]
mod common;
mod failures;
mod round_trips;
mod sign_ins;
mod suite;
mod world;
