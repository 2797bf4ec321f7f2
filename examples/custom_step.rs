//! A plan of two steps: an answer to a captcha, then a code by SMS. No text is sent before the captcha is solved.
//!
//! ```sh
//! cargo run --example custom_step
//! ```

use std::error::Error;

use async_trait::async_trait;
use custom_auth::{
    Claimant, Clock as _, CodeKeys, CustomAuth, Destinations, Mark, MemoryLedger, MemoryUsers, NewUser,
    Parameters, Plan, Policy, Presentation, Step, StepContext, StepError, StepName, Timestamp, UserPool,
    UserStatus, UserStore as _,
    pool::{Outcome, SealKey},
    testing::{ManualClock, RecordingSms, run},
};

/// Asks for a sum. A real one would check a captcha provider's token; the shape is the same.
#[derive(Debug)]
struct Sum;

#[async_trait]
impl Step for Sum {
    fn guessable(&self) -> bool {
        false // nothing secret: solving it proves no account, so failures must not lock one
    }

    async fn present(&self, context: &StepContext<'_>) -> Result<Presentation, StepError> {
        // The same for known and unknown users, or the outside could tell them apart.
        let (Claimant::Known | Claimant::Unknown) = context.claimant;
        let (a, b) = (20 + u32::from(context.round), 22);
        Ok(Presentation {
            public: Parameters::from([("question".into(), format!("{a} + {b} = ?"))]),
            private: Parameters::from([("sum".into(), (a + b).to_string())]),
        })
    }

    async fn check(&self, _: &StepContext<'_>, kept: &Parameters, answer: &str) -> Result<Mark, StepError> {
        let right = kept.get("sum").is_some_and(|sum| sum == answer.trim());
        Ok(if right { Mark::Right } else { Mark::Wrong })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::new(Timestamp::from_unix_millis(1_790_000_000_000));
    run(&clock, story(&clock))
}

async fn story(clock: &ManualClock) -> Result<(), Box<dyn Error>> {
    let captcha = StepName::new("captcha")?;
    let policy = Policy::builder()
        .destinations(Destinations::allow(["+91"]))
        .plan(Plan::new([captcha, StepName::sms_code()]))
        .build()?;
    let (sms, ledger) = (RecordingSms::new(), std::sync::Arc::new(MemoryLedger::new()));
    let auth = CustomAuth::builder()
        .keys(CodeKeys::from_bytes("k1", &[7; 32])?)
        .policy(policy)
        .sms(sms.clone())
        .ledger(ledger.clone())
        .clock(clock.clone())
        .step(captcha, Sum)
        .build()?;
    let users = MemoryUsers::new();
    let _ = users
        .create(NewUser::new("ana".into(), "+919999900001".parse()?, UserStatus::Confirmed, clock.now()))
        .await?;
    let pool = UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(ledger)
        .seal_key(SealKey::from_bytes(&[8; 32]))
        .clock(clock.clone())
        .build()?;

    let mut outcome = Outcome::Challenge(pool.sign_in("+919999900001").await?);
    for answer in ["7", "44", "the code"] {
        let Outcome::Challenge(challenge) = outcome else { return Err("no challenge".into()) };
        let shown = challenge.parameters();
        let ask = shown.get("question").or_else(|| shown.get("codeLength")).cloned().unwrap_or_default();
        println!("{:<9} {:<6} {ask:<12} texts so far: {}", shown["challenge"], shown["status"], sms.count());
        let typed = if answer == "the code" { sms.last_code().ok_or("no text")? } else { answer.to_owned() };
        outcome = pool.answer(challenge.token(), &typed).await?;
    }
    let Outcome::SignedIn(person) = outcome else { return Err("not signed in".into()) };
    println!("signed in: {}", person.user_name());
    Ok(())
}
