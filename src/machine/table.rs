//! The tables in this module's documentation, compared with the code cell by cell.

use time::Duration;

use super::*;
use crate::{
    policy::{Destinations, Plan, Policy},
    types::{
        Action, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, CodeKeys, FlowTag,
        LiveChallenge, LiveRecord, Mark, Nonce, Session, Status, StepName, Timestamp,
    },
};

/// The cells under the heading `# title`, one row each.
fn table(title: &str) -> Vec<Vec<String>> {
    let docs = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim);
    let rows = docs
        .skip_while(|line| *line != format!("# {title}"))
        .skip(1)
        .take_while(|line| !line.starts_with("# "));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.filter(|line| line.starts_with('|')).skip(2).map(cells).collect()
}

const FLOW: FlowTag = FlowTag::from_bytes([1; 16]);
const OTHER_FLOW: FlowTag = FlowTag::from_bytes([2; 16]);
const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

fn strict() -> Policy {
    Policy::nist().destinations(Destinations::allow(["+91"])).build().unwrap()
}

fn challenge(nonce: u8, age: i64) -> LiveChallenge {
    let key = CodeKeys::from_bytes("k1", &[7; 32]).unwrap().signing_key_id();
    let (nonce, issued) = (Nonce::from_bytes([nonce; 16]), START - Duration::seconds(age));
    LiveChallenge::new(key, nonce, issued, Duration::seconds(300), strict().code_length())
}

fn round(step: &str, flow: FlowTag, tries_left: u8) -> ChallengeMetadata {
    ChallengeMetadata {
        claimant: Claimant::Known,
        step: StepName::new(step).unwrap(),
        flow,
        round: 1,
        tries_left,
        status: Status::Open,
        challenge: Some(challenge(1, 0)),
    }
}

fn ours(mark: Mark, metadata: Option<ChallengeMetadata>) -> ChallengeResult {
    ChallengeResult::new(ChallengeName::Custom, mark, metadata)
}

fn other(name: ChallengeName, mark: Mark) -> ChallengeResult {
    ChallengeResult::new(name, mark, None)
}

fn in_words(decision: Decision, plan: &Plan) -> String {
    match decision {
        Decision::Present(step) if step == plan.steps()[0] => "present the first step".to_owned(),
        Decision::Present(_) => "present the next step".to_owned(),
        Decision::IssueTokens(_) => "issue tokens".to_owned(),
        Decision::VerifyPassword => "ask for the password".to_owned(),
        Decision::FailAuthentication(reason) => match reason {
            FailureReason::ForeignRound => "fail: foreign round".to_owned(),
            FailureReason::PasswordMissing => "fail: password missing".to_owned(),
            FailureReason::RoundsUsedUp => "fail: rounds used up".to_owned(),
            FailureReason::TriesUsedUp => "fail: tries used up".to_owned(),
            FailureReason::UnknownClaimant => "fail: unknown claimant".to_owned(),
        },
    }
}

#[test]
fn define_decides_every_cell_as_its_table_says() {
    let (right, wrong) = (Mark::Right, Mark::Wrong);
    let code = |tries| round("sms_code", FLOW, tries);
    let two = Plan::new([StepName::sms_code(), StepName::new("pin").unwrap()]);
    let (one, password) = (Plan::default(), Plan::default().after_password());
    let (srp_a, verifier) = (ChallengeName::SrpA, ChallengeName::PasswordVerifier);
    let situation = |row: &str| -> (&Plan, Vec<ChallengeResult>, Claimant) {
        let (plan, session, claimant) = match row {
            "nothing of ours yet" => (&one, vec![other(srp_a, right)], Claimant::Known),
            "wrong, tries left" => (&one, vec![ours(wrong, Some(code(3)))], Claimant::Known),
            "wrong, that was the last try" => (&one, vec![ours(wrong, Some(code(1)))], Claimant::Known),
            "wrong, rounds used up" => (&one, vec![ours(wrong, Some(code(3))); 9], Claimant::Known),
            "right, more steps" => {
                (&two, vec![ours(wrong, Some(code(3))), ours(right, Some(code(2)))], Claimant::Known)
            }
            "right, last step" => {
                (&one, vec![other(srp_a, right), ours(right, Some(code(1)))], Claimant::Known)
            }
            "right, unknown claimant" => (&one, vec![ours(right, Some(code(3)))], Claimant::Unknown),
            "right, not readable as ours" => (&one, vec![ours(right, None)], Claimant::Known),
            "right, of another flow" => (
                &one,
                vec![ours(wrong, Some(round("sms_code", OTHER_FLOW, 3))), ours(right, Some(code(2)))],
                Claimant::Known,
            ),
            "password plan, nothing yet" => (&password, vec![], Claimant::Known),
            "password plan, `SRP_A`" => (&password, vec![other(srp_a, right)], Claimant::Known),
            "password plan, password wrong" => {
                (&password, vec![other(srp_a, right), other(verifier, wrong)], Claimant::Known)
            }
            "password plan, password right" => {
                (&password, vec![other(srp_a, right), other(verifier, right)], Claimant::Known)
            }
            unknown => panic!("the test does not know the row {unknown:?}"),
        };
        (plan, session, claimant)
    };
    let rows = table("Define");
    assert_eq!(rows.len(), 13);
    for row in rows {
        let (plan, session, claimant) = situation(&row[0]);
        let session: Session = session.into_iter().collect();
        for (action, cell) in [(Action::Answer, &row[1]), (Action::Resend, &row[2])] {
            let cell = cell.replace("present the step again", "present the first step");
            assert_eq!(
                in_words(define(plan, &session, claimant, action, 9), plan),
                cell,
                "{}, {action:?}",
                row[0]
            );
        }
    }
}

#[test]
fn create_takes_every_course_as_its_table_says() {
    let policy = strict();
    let own = round("sms_code", FLOW, 3);
    let redeemed =
        |at: i64| LiveRecord::redeemed(challenge(2, 10), OTHER_FLOW, START + Duration::seconds(at));
    let rows = table("Create");
    assert_eq!(rows.len(), 8);
    for row in rows {
        // A nonce of 1 is this flow's own; 2 is another's.
        let (held, own_round) = match row[0].as_str() {
            "this flow's own, enough left" => (LiveRecord::open(challenge(1, 0)), Some(own)),
            "this flow's own, little left" => (LiveRecord::open(challenge(1, 241)), Some(own)),
            "another, young enough to join" => (LiveRecord::open(challenge(2, 20)), Some(own)),
            "another, too old or too little left" => (LiveRecord::open(challenge(2, 21)), Some(own)),
            "expired" => (LiveRecord::open(challenge(1, 300)), Some(own)),
            "redeemed before this call began" => (redeemed(0), Some(own)),
            "redeemed since this call began" => (redeemed(1), Some(own)),
            "used up" => (LiveRecord::open(challenge(1, 0)), Some(own)),
            unknown => panic!("the test does not know the row {unknown:?}"),
        };
        for (approach, cell) in
            [(Approach::Arriving, &row[1]), (Approach::Resuming, &row[2]), (Approach::Resending, &row[3])]
        {
            let tries_left = if row[0] == "used up" { 0 } else { 3 };
            let course =
                create(&held, approach, own_round.as_ref(), &policy, START, START).with_tries(tries_left);
            assert_eq!(format!("{course:?}").to_lowercase(), *cell, "{}, {approach:?}", row[0]);
        }
    }
}

#[test]
fn verify_takes_every_course_as_its_table_says() {
    let ours = challenge(1, 0);
    let rows = table("Verify");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let held = match row[0].as_str() {
            "this challenge, open" => Some(LiveRecord::open(ours)),
            "this challenge, redeemed by this flow" => Some(LiveRecord::redeemed(ours, FLOW, START)),
            "this challenge, redeemed by another flow" => Some(LiveRecord::redeemed(ours, OTHER_FLOW, START)),
            "another challenge" => Some(LiveRecord::open(challenge(2, 0))),
            "nothing" => None,
            unknown => panic!("the test does not know the row {unknown:?}"),
        };
        let course = |now| verify(held.as_ref(), &ours, FLOW, Duration::ZERO, now);
        let words = match course(START) {
            CheckCourse::ChargeAndCompare => "charge, then compare",
            CheckCourse::CompareAgain => "compare without a charge",
            CheckCourse::Superseded => "superseded",
            CheckCourse::Expired => "expired",
        };
        assert_eq!(words, row[1], "{}", row[0]);
        assert_eq!(course(ours.expires_at), CheckCourse::Expired, "{}", row[0]);
    }
}
