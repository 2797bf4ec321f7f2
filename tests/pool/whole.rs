//! The driver with the crate's own triggers, stores and doubles.

use std::{collections::BTreeSet, sync::Arc};

use custom_auth::{
    Clock as _, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, NewUser, Policy, UserPool,
    UserStatus, UserStore as _,
    pool::{Outcome, SealKey, SessionToken},
    testing::{ManualClock, RecordingSms, SplitMix64, run},
};
use time::Duration;

use super::{
    cases::seeds,
    support::{ANA, NOBODY, PHONE, START},
};

struct House {
    clock: ManualClock,
    sms: RecordingSms,
    pool: UserPool,
}

fn house() -> House {
    let (clock, ledger, users) = (ManualClock::new(START), Arc::new(MemoryLedger::new()), MemoryUsers::new());
    let sms = RecordingSms::new().taking(clock.clone(), Duration::milliseconds(300));
    let auth = CustomAuth::builder()
        .keys(CodeKeys::from_bytes("k1", &[7; 32]).unwrap())
        .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap())
        .sms(sms.clone())
        .ledger(ledger.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    let ana = NewUser::new(ANA.to_owned(), PHONE.parse().unwrap(), UserStatus::Confirmed, START);
    let _ = run(&clock, users.create(ana)).unwrap();
    let pool = UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(ledger)
        .seal_key(SealKey::from_bytes(&[8; 32]))
        .clock(clock.clone())
        .build()
        .unwrap();
    House { clock, sms, pool }
}

#[test]
fn a_person_signs_in_with_the_code_that_was_sent() {
    let house = house();
    let challenge = run(&house.clock, house.pool.sign_in(PHONE)).unwrap();
    let code = house.sms.last_code().unwrap();
    let Ok(Outcome::SignedIn(person)) = run(&house.clock, house.pool.answer(challenge.token(), &code)) else {
        panic!()
    };
    assert_eq!((person.user_name(), person.phone().e164()), (ANA, PHONE));
}

/// A random story of one person who never types the right code, as the client sees it.
fn seen(username: &str, seed: u64) -> Vec<String> {
    let (house, mut random) = (house(), SplitMix64::new(seed));
    let mut seen = Vec::new();
    let mut token: Option<SessionToken> = None;
    for _ in 0..40 {
        let outcome = match (random.below(8), &token) {
            (0, _) => {
                let by = [1, 20, 31, 200, 299, 300, 3_600][random.below(7)];
                house.clock.advance(Duration::seconds(by));
                continue;
            }
            (1, _) | (_, None) => run(&house.clock, house.pool.sign_in(username)).map(Outcome::Challenge),
            (2 | 3, Some(token)) => run(&house.clock, house.pool.resend(token)),
            (4, Some(token)) => run(&house.clock, house.pool.answer(token, "what?")),
            (_, Some(token)) => run(&house.clock, house.pool.answer(token, "0000000")),
        };
        let at = house.clock.now() - START;
        match outcome {
            Ok(Outcome::Challenge(challenge)) => {
                let mut parameters = challenge.parameters().clone();
                assert_eq!(parameters.remove("USERNAME").unwrap().len(), ANA.len());
                seen.push(format!("{at} {parameters:?} {}", challenge.token().as_str().len()));
                token = Some(challenge.token().clone());
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                seen.push(format!("{at} {} {error}", error.code()));
                // Sometimes the dead token is tried again.
                token = token.filter(|_| random.below(2) == 0);
            }
        }
    }
    seen
}

#[test]
fn i8_over_random_stories_known_and_unknown_see_the_same_in_the_same_time() {
    let (mut longest, mut said) = (0, BTreeSet::new());
    for seed in seeds(1_000) {
        let (known, unknown) = (seen(PHONE, seed), seen(NOBODY, seed));
        assert_eq!(known, unknown, "seed {seed}");
        longest = longest.max(known.len());
        for status in ["open", "wrong", "resent", "wait", "replaced"] {
            let quoted = format!("{status:?}");
            if known.iter().any(|line| line.contains(&quoted)) {
                said.insert(status);
            }
        }
        said.extend(
            ["once", "expired", "Incorrect"]
                .iter()
                .filter(|word| known.iter().any(|line| line.contains(**word))),
        );
    }
    // The stories go everywhere.
    assert_eq!(said.len(), 8, "{said:?}");
    println!("stories of up to {longest} calls");
}
