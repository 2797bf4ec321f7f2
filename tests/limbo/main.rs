//! Invariant I10 (*no limbo*): from every reachable account state the rightful owner of a number can end signed in;
//! nobody else keeps a way into that account; an account that was ever verified is never deleted by recovery.
//!
//! By search: every sequence of calls up to a depth, by an owner, a flatmate who reads the same phone and a stranger
//! who knows the number only, with crashes between steps. States that look alike are gone on from once.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)] // it is a test

mod calls;
#[path = "../common/cases.rs"]
mod cases;
mod changes;
mod notes;
mod order;
mod people;
mod races;
mod recovered;
mod scenes;
mod search;
mod sweeps;
mod table;
mod world;

use custom_auth::{NumberRule, RecoveryStrategy};
use search::search;

#[test]
fn i10_no_state_is_limbo_where_codes_are_texted_again() {
    search(NumberRule::FirstHolds, RecoveryStrategy::Resend);
}

#[test]
fn i10_no_state_is_limbo_where_accounts_are_adopted() {
    search(NumberRule::FirstHolds, RecoveryStrategy::Adopt);
}

#[test]
fn i10_no_state_is_limbo_where_accounts_are_deleted() {
    search(NumberRule::FirstHolds, RecoveryStrategy::DeleteAndSignUp);
}

#[test]
fn i10_no_state_is_limbo_where_only_a_verified_number_leads_to_an_account() {
    search(NumberRule::VerifiedHolds, RecoveryStrategy::Resend);
}
