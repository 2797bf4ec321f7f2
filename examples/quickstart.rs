//! A whole phone login in one process: the right code, a wrong one, a replayed one, an expired one.
//!
//! Time is virtual and nothing is sent, so it prints the same story on every machine:
//!
//! ```sh
//! cargo run --example quickstart
//! ```

use std::error::Error;

use custom_auth::{
    Clock as _, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, NewUser, Policy, Timestamp,
    UserPool, UserStatus, UserStore as _,
    pool::{Outcome, SealKey},
    testing::{ManualClock, RecordingSms, run},
};
use time::Duration;

const PHONE: &str = "+919999900001";

fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::new(Timestamp::from_unix_millis(1_790_000_000_000));
    run(&clock, story(&clock))
}

async fn story(clock: &ManualClock) -> Result<(), Box<dyn Error>> {
    // What a host supplies: keys, a policy, a sender, a ledger. Here the sender only remembers.
    let sms = RecordingSms::new();
    let ledger = std::sync::Arc::new(MemoryLedger::new());
    let auth = CustomAuth::builder()
        .keys(CodeKeys::from_bytes("k1", &[7; 32])?) // 32 random bytes of your own, in earnest
        .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build()?)
        .sms(sms.clone())
        .ledger(ledger.clone())
        .clock(clock.clone())
        .build()?;

    // The loop that Cognito runs, run by us.
    let users = MemoryUsers::new();
    let _ =
        users.create(NewUser::new("ana".into(), PHONE.parse()?, UserStatus::Confirmed, clock.now())).await?;
    let pool = UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(ledger)
        .seal_key(SealKey::from_bytes(&[8; 32]))
        .clock(clock.clone())
        .build()?;

    println!("The right code");
    let challenge = pool.sign_in(PHONE).await?;
    let code = sms.last_code().ok_or("no text")?;
    println!("  a text: {:?}", sms.sent().last().map(|sent| sent.body.clone()).unwrap_or_default());
    println!("  {}", told(&pool.answer(challenge.token(), &code).await));

    println!("The same answer once more");
    println!("  {}", told(&pool.answer(challenge.token(), &code).await));

    println!("A wrong code, then the right one: one text in all");
    let before = sms.count();
    let challenge = pool.sign_in(PHONE).await?;
    let code = sms.last_code().ok_or("no text")?;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let again = pool.answer(challenge.token(), wrong).await;
    println!("  {}", told(&again));
    let again = first(again?)?;
    println!("  {} ({} text)", told(&pool.answer(again.token(), &code).await), sms.count() - before);

    println!("An expired code: a fresh one is on its way at once");
    clock.advance(Duration::minutes(10));
    let (challenge, before) = (pool.sign_in(PHONE).await?, sms.count());
    let old = sms.last_code().ok_or("no text")?;
    clock.advance(Duration::seconds(299)); // the code lives 300 s, 1.5 of which the sign-in took
    let again = pool.answer(challenge.token(), &old).await;
    println!("  {} ({} more text)", told(&again), sms.count() - before);
    let code = sms.last_code().ok_or("no text")?;
    println!("  {}", told(&pool.answer(first(again?)?.token(), &code).await));

    println!("Somebody who has no account: the same from outside, and no text");
    let before = sms.count();
    let challenge = pool.sign_in("+919999900099").await?;
    println!("  {:?}", challenge.parameters());
    println!("  {} texts", sms.count() - before);
    Ok(())
}

fn first(outcome: Outcome) -> Result<custom_auth::pool::PresentedChallenge, Box<dyn Error>> {
    if let Outcome::Challenge(challenge) = outcome {
        return Ok(challenge);
    }
    Err("signed in without a challenge".into())
}

fn told(outcome: &Result<Outcome, custom_auth::pool::PoolError>) -> String {
    match outcome {
        Ok(Outcome::SignedIn(person)) => format!("signed in: {}", person.user_name()),
        Ok(Outcome::Challenge(next)) => {
            let said = |key: &str| next.parameters().get(key).cloned().unwrap_or_default();
            format!("{}: {} tries left, {} s", said("status"), said("attemptsLeft"), said("expiresIn"))
        }
        Ok(_) => "something new".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}
