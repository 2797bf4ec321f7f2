//! Random histories against a deliberately naive reference: whatever people, clients, attackers, crashes, retries and
//! clocks do, the invariants hold, and the rightful owner can sign in afterwards.
//!
//! The same histories in every run: 2,500 for each test, from seed 1. `CUSTOM_AUTH_CASES` tries more, `CUSTOM_AUTH_SEED`
//! others; both are printed.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod closed;
#[path = "../common/mod.rs"]
mod common;
mod reference;
mod rules;
mod script;
mod stage;

use common::{cases::fresh, policy, spy::What, strict};
use custom_auth::{CodeLength, Destination, Destinations, PolicyBuilder};
use proptest::prelude::*;
use script::{Step, Weather, steps};
use stage::Stage;

/// Ten digits: a guess is never right by chance.
fn ten(policy: PolicyBuilder) -> PolicyBuilder {
    policy.code_length(CodeLength::new(10).unwrap())
}

fn tight() -> PolicyBuilder {
    policy()
        .destinations(
            Destinations::default()
                .allow_at("+91", Destination::new(3, Some(5)))
                .allow_at("+1", Destination::new(5, None)),
        )
        .guesses_per_day(4)
        .sends_per_phone(vec![(4, 600), (5, 86_400)])
        .sends_per_prefix_per_hour(3)
        .sends_per_day(6)
        .budget_per_day(Some(20))
}

fn play(policy: PolicyBuilder, steps: &[Step]) {
    let mut stage = Stage::new(ten(policy));
    for step in steps {
        stage.play(step);
    }
    reference::check(&stage);
    stage.everybody_can_sign_in_again();
    reference::check(&stage);
}

proptest! {
    #![proptest_config(fresh(2_500))]

    #[test]
    fn i1_to_i6_and_i9_hold_under_the_default_policy(steps in steps(12, 0)) {
        play(policy(), &steps);
    }

    #[test]
    fn i1_to_i6_and_i9_hold_when_any_call_may_die_on_its_way(steps in steps(12, 12)) {
        play(policy(), &steps);
    }

    #[test]
    fn i1_to_i6_and_i9_hold_where_a_code_serves_only_its_own_request(steps in steps(12, 40)) {
        play(strict(), &steps);
    }

    #[test]
    fn i1_to_i6_and_i9_hold_under_tight_limits_and_a_budget(steps in steps(20, 40)) {
        play(tight(), &steps);
    }
}

#[test]
fn the_histories_reach_what_they_are_for() {
    use custom_auth::Occurrence as O;
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeMap::<String, usize>::new();
    let mut let_in_without_randomness = 0;
    for nth in 0..400 {
        let steps = steps(20, 40).new_tree(&mut runner).unwrap().current();
        let mut stage = Stage::new(ten(if nth % 2 == 0 { tight() } else { policy() }));
        for step in &steps {
            stage.play(step);
        }
        for entry in stage.watched.journal.entries() {
            if let What::Noted(occurrence) = entry.what {
                *reached.entry(format!("{occurrence:?}")).or_default() += 1;
            }
        }
        let calm = |(weather, _): &&(Weather, _)| matches!(weather, Weather::NoRandomness);
        for (_, stretch) in stage.storms.iter().filter(calm) {
            let entries = &stage.watched.journal.entries()[stretch.clone()];
            let_in_without_randomness +=
                entries.iter().filter(|entry| matches!(entry.what, What::Noted(O::AnswerAccepted))).count();
        }
    }
    println!("{reached:?}, {let_in_without_randomness} let in without randomness");
    assert!(let_in_without_randomness >= 5, "what was texted lets in: {let_in_without_randomness} times");
    for wanted in [
        O::AnswerAccepted,
        O::AnswerAcceptedAgain,
        O::AnswerMalformed,
        O::AnswerThrottled,
        O::AnswerWrong,
        O::ChallengeExpired,
        O::ChallengeSuperseded,
        O::ResendAsked,
        O::ChallengeJoined,
        O::CodeSent,
        O::SendSkippedUnknown,
        O::SendBlocked,
        O::SendThrottled,
        O::SendThrottledWide,
        O::SendFailed,
        O::SendUnknown,
        O::LedgerFailed,
        O::EntropyFailed,
        O::DeadlinePassed,
        O::TokensIssued,
        O::AuthenticationFailed,
    ] {
        let times = reached.get(&format!("{wanted:?}")).copied().unwrap_or_default();
        assert!(times >= 10, "{wanted:?} came up {times} times: {reached:?}");
    }
}
