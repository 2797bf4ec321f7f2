//! Random sessions over random plans, against what a proof is in one sentence.

use proptest::{prelude::*, sample::subsequence};

use super::{Decision, define};
use crate::{
    policy::Plan,
    types::{
        Action, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, FlowTag, Mark, Session, Status,
        StepName,
    },
};

fn steps() -> Vec<StepName> {
    ["captcha", "sms_code", "pin", "magic-link"].map(|name| StepName::new(name).unwrap()).to_vec()
}

fn round(step: StepName, flow: u8, mark: Mark) -> ChallengeResult {
    let metadata = ChallengeMetadata {
        claimant: Claimant::Known,
        step,
        flow: FlowTag::from_bytes([flow; 16]),
        round: 1,
        tries_left: 3,
        status: Status::Open,
        challenge: None,
    };
    ChallengeResult::new(ChallengeName::Custom, mark, Some(metadata))
}

fn mark(is_right: bool) -> Mark {
    if is_right { Mark::Right } else { Mark::Wrong }
}

/// Mostly the next step in one flow, now and then anything.
fn rounds(plan: Vec<StepName>) -> impl Strategy<Value = (Vec<StepName>, Vec<(StepName, u8, bool)>)> {
    let odd = (proptest::sample::select(steps()), 0_u8..2, any::<bool>());
    proptest::collection::vec((0_u8..8, odd, prop::bool::weighted(0.7)), 0..10).prop_map(move |picks| {
        let mut next = 0;
        let rounds = picks.into_iter().map(|(pick, odd, is_right)| match plan.get(next) {
            Some(step) if pick > 0 => {
                next += usize::from(is_right);
                (*step, 0, is_right)
            }
            _ => odd,
        });
        let rounds = rounds.collect();
        (plan.clone(), rounds)
    })
}

proptest! {
    #[test]
    fn i1_tokens_come_only_after_every_step_of_the_plan_in_order_and_in_one_flow(
        (plan, rounds) in subsequence(steps(), 1..=4).prop_shuffle().prop_flat_map(rounds),
        known: bool,
    ) {
        let session: Session =
            rounds.iter().map(|(step, flow, is_right)| round(*step, *flow, mark(*is_right))).collect();
        let claimant = if known { Claimant::Known } else { Claimant::Unknown };
        let decision = define(&Plan::new(plan.clone()), &session, claimant, Action::Answer, 20);
        let right: Vec<_> = rounds.iter().filter(|(.., is_right)| *is_right).collect();
        let in_order = right.iter().map(|(step, ..)| *step).eq(plan.iter().copied());
        let one_flow = right.windows(2).all(|two| two[0].1 == two[1].1);
        let issues = matches!(decision, Decision::IssueTokens(_));
        prop_assert!(!issues || (known && in_order && one_flow), "{:?} for {:?}", plan, rounds);
        // And whoever does that, and nothing odd, is let in.
        let mut at = 0;
        let plain = rounds.iter().all(|(step, flow, is_right)| {
            let fits = plan.get(at) == Some(step) && *flow == 0;
            at += usize::from(*is_right);
            fits
        });
        prop_assert!(issues || !(known && plain && at == plan.len()), "{:?} for {:?}", plan, rounds);
    }
}
