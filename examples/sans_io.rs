//! The machine alone: no runtime, no clock, no store, no network. Who drives it, decides.
//!
//! ```sh
//! cargo run --example sans_io
//! ```

use std::error::Error;

use custom_auth::{
    Action, Binding, ChallengeAnswer, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, ClientId,
    CodeKeys, CodeLength, FlowTag, LiveChallenge, LiveRecord, Mark, Nonce, Plan, Purpose, Session, Status,
    StepName, Timestamp, UserName, UserPoolId,
    machine::{self, CheckCourse, Decision},
};
use time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Plan::default();
    let keys = CodeKeys::from_bytes("k1", &[7; 32])?;
    let binding = Binding {
        pool: UserPoolId::new("local_Example"),
        client: ClientId::new("example"),
        user: UserName::new("ana"),
        phone: Some("+919999900001".parse()?),
        purpose: Purpose::SignIn,
    };

    // The caller brings time and randomness as values.
    let now = Timestamp::from_unix_millis(1_790_000_000_000);
    let (nonce, flow) = (Nonce::from_bytes([1; 16]), FlowTag::from_bytes([2; 16]));
    let lifetime = Duration::minutes(5);

    let mut session = Session::new();
    let decide = |session: &Session| machine::define(&plan, session, Claimant::Known, Action::Answer, 9);
    println!("define, nothing yet:      {:?}", decide(&session));

    // What is kept is this record. The code is derived from it when it is needed, and never stored.
    let live = LiveChallenge::new(keys.signing_key_id(), nonce, now, lifetime, CodeLength::SIX);
    let record = LiveRecord::open(live);
    println!("the ledger would hold:    {}", record.encode());
    let code = keys.derive(&live, &binding).ok_or("unknown key")?;

    let round =
        ChallengeMetadata::new(Claimant::Known, StepName::sms_code(), flow, 1, 3, Status::Open, Some(live));
    println!("the session would hold:   {}", round.encode());

    let later = now + Duration::seconds(40);
    for (typed, kind) in [("000000", "a guess"), (code.expose_secret(), "the code")] {
        let course = machine::verify(Some(&record), &live, flow, Duration::ZERO, later);
        let right = course == CheckCourse::ChargeAndCompare
            && code.matches(&ChallengeAnswer::parse(typed, live.code_length)?);
        let mark = if right { Mark::Right } else { Mark::Wrong };
        session.push(ChallengeResult::new(ChallengeName::Custom, mark, Some(round)));
        println!("define, after {kind:<10}  {:?}", decide(&session));
    }
    assert!(matches!(decide(&session), Decision::IssueTokens(_)));

    let redeemed = LiveRecord::redeemed(live, flow, later);
    let another = FlowTag::from_bytes([3; 16]);
    for (whose, flow, at) in
        [("the same flow", flow, later), ("another flow", another, later), ("too late", flow, now + lifetime)]
    {
        println!(
            "the same code, {whose:<14} {:?}",
            machine::verify(Some(&redeemed), &live, flow, Duration::ZERO, at)
        );
    }
    Ok(())
}
