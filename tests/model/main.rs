//! Random histories against a deliberately naive reference: whatever people, clients, attackers, crashes, retries and
//! clocks do, the invariants hold, and the rightful owner can sign in afterwards.
//!
//! `CUSTOM_AUTH_CASES` sets how many histories each test tries (default 2,500).

#[path = "../common/mod.rs"]
mod common;
mod reference;
mod rules;
mod script;
mod stage;

use std::env;

use common::{policy, strict};
use custom_auth::{CodeLength, Destination, Destinations, PolicyBuilder};
use proptest::prelude::*;
use script::{Step, steps};
use stage::Stage;

fn config() -> ProptestConfig {
    let cases = env::var("CUSTOM_AUTH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_500);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Ten digits: a guess is never right by chance.
fn ten(policy: PolicyBuilder) -> PolicyBuilder {
    policy.code_length(CodeLength::new(10).unwrap())
}

fn tight() -> PolicyBuilder {
    policy()
        .destinations(
            Destinations::default()
                .allow_at("+91", Destination::new(3, Some(7)))
                .allow_at("+1", Destination::new(5, None)),
        )
        .guesses_per_day(5)
        .sends_per_phone(vec![(2, 120), (4, 3_600)])
        .sends_per_prefix_per_hour(5)
        .sends_per_day(9)
        .budget_per_day(Some(30))
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
    #![proptest_config(config())]

    #[test]
    fn i1_to_i6_hold_under_the_default_policy(steps in steps(12, 0)) {
        play(policy(), &steps);
    }

    #[test]
    fn i1_to_i6_hold_when_any_call_may_die_on_its_way(steps in steps(12, 12)) {
        play(policy(), &steps);
    }

    #[test]
    fn i1_to_i6_hold_where_a_code_serves_only_its_own_request(steps in steps(12, 40)) {
        play(strict(), &steps);
    }

    #[test]
    fn i1_to_i6_hold_under_tight_limits_and_a_budget(steps in steps(16, 40)) {
        play(tight(), &steps);
    }
}
