//! The server host over real connections, on a port of this machine's own.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod accounts;
mod claims;
mod disk;
mod door;
mod malformed;
mod operator;
mod passwords;
mod protocol;
mod rotation;
mod secrets;
mod settings;
mod sign_ins;
mod unfinished;
mod wire;
mod world;
