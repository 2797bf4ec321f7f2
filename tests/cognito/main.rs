//! Accounts in a Cognito user pool: the port's suite against a user pool's Admin API in this process, and what the service makes
//! impossible to ask of a suite: calls that fail, and other processes that act between two of ours. `tests/ministack/users.rs`
//! asks the same suite of an emulator.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod as_asked;
mod client;
mod codes;
mod deletion;
mod failures;
mod fake;
mod making;
mod numbers;
mod operator;
#[path = "../common/service.rs"]
mod service;
mod suite;
mod world;
