//! The challenge state machine: *define*, *create* and *verify* as pure decisions.
//!
//! Its state between calls is what Cognito keeps: the [`Session`](crate::Session), a list of challenge results, and
//! the private parameters of the open challenge; and, beside them, the ledger's one [`LiveRecord`](crate::LiveRecord)
//! per person. Nothing here sees a clock, randomness, a log, a store or `async`: the moment, the record and what the
//! quotas said are arguments. There is one machine; Lambda, server and tests run it alike.
//!
//! ```text
//!             ┌────────────── define ──────────────┐
//!   session ──┤ present step i   issue tokens  fail │
//!             └───┬────────────────────────────────┘
//!                 ▼                      ▲ one more result
//!              create ── challenge ──▶ person ── answer ──▶ verify
//!          join / present / replace / stale         right, or one of many kinds of wrong
//! ```
//!
//! # Define
//!
//! What the newest of our rounds says, against what the client asked for with this answer ([`Action`](crate::Action)).
//! Only our own rounds count; `SRP_A`, `PASSWORD_VERIFIER`, device and unknown entries do not.
//!
//! | session | answer | resend |
//! |---|---|---|
//! | nothing of ours yet | present the first step | present the first step |
//! | wrong, tries left | present the step again | present the step again |
//! | wrong, that was the last try | fail: tries used up | present the step again |
//! | wrong, rounds used up | fail: rounds used up | fail: rounds used up |
//! | right, more steps | present the next step | present the next step |
//! | right, last step | issue tokens | issue tokens |
//! | right, unknown claimant | fail: unknown claimant | fail: unknown claimant |
//! | right, not readable as ours | fail: foreign round | fail: foreign round |
//! | right, of another flow | fail: foreign round | fail: foreign round |
//! | password plan, nothing yet | fail: password missing | fail: password missing |
//! | password plan, `SRP_A` | ask for the password | ask for the password |
//! | password plan, password wrong | fail: password missing | fail: password missing |
//! | password plan, password right | present the first step | present the first step |
//!
//! # Create
//!
//! What the ledger holds for the person, against why *create* was called: a sign-in arrives, a flow resumes after a
//! wrong answer, or it asks for a resend.
//!
//! * *join*: the same challenge; a text if the gap has passed and the limits allow. If it could not be joined for one
//!   more gap, a text that is due is a fresh challenge's, as in *replace*: a call that is repeated must find what it texted.
//! * *present*: the same challenge, without a text.
//! * *replace*: a fresh challenge and a text, if the limits allow; else wait.
//! * *stale*: nothing that can be answered, and no text.
//!
//! | ledger holds | arriving | resuming | resending |
//! |---|---|---|---|
//! | this flow's own, enough left | join | present | join |
//! | this flow's own, little left | replace | present | replace |
//! | another, young enough to join | join | present | join |
//! | another, too old or too little left | replace | stale | replace |
//! | used up | replace | replace | replace |
//! | expired | replace | replace | replace |
//! | redeemed before this call began | replace | stale | replace |
//! | redeemed since this call began | stale | stale | stale |
//!
//! # Verify
//!
//! What the ledger holds, for an answer to a challenge that is in its lifetime. An answer outside it is *expired*
//! whatever the ledger holds.
//!
//! | ledger holds | course |
//! |---|---|
//! | this challenge, open | charge, then compare |
//! | this challenge, redeemed by this flow | compare without a charge |
//! | this challenge, redeemed by another flow | superseded |
//! | another challenge | superseded |
//! | nothing | superseded |

mod create;
mod define;
mod proof;
#[cfg(test)]
mod table;
mod verify;
#[cfg(test)]
mod walk_tests;

pub use create::{Approach, Course, create, is_own, may_be_texted_again, may_still_be_tried};
pub use define::{Decision, FailureReason, define, step_to_present};
pub use proof::Proof;
pub use verify::{CheckCourse, Verdict, verify};
