//! Session tokens: one answer, one user, one pool, one client, a few minutes.

use std::sync::{
    Barrier,
    atomic::{AtomicUsize, Ordering},
};

use custom_auth::{
    SubjectKind, UserPool,
    pool::{Outcome, SealKey, SessionToken},
};
use time::Duration;

use super::support::{PHONE, START, World, ordinary, told};

const USED: &str = "Invalid session for the user, session can only be used once.";
const EXPIRED: &str = "Invalid session for the user, session is expired.";
const INVALID: &str = "Invalid session for the user.";

fn token_of(outcome: Outcome) -> SessionToken {
    let Outcome::Challenge(challenge) = outcome else { panic!("{outcome:?}") };
    challenge.token().clone()
}

fn refused(world: &World, pool: &UserPool, token: &SessionToken) -> String {
    let (code, message) = told(world.run(pool.answer(token, "482913")));
    assert_eq!(code, "NotAuthorizedException");
    message
}

#[test]
fn a_right_answer_signs_in_and_its_token_is_used_up() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let Ok(Outcome::SignedIn(person)) = world.run(world.pool.answer(challenge.token(), "482913")) else {
        panic!()
    };
    assert_eq!((person.phone().e164(), person.at()), (PHONE, START));
    assert_eq!(refused(&world, &world.pool, challenge.token()), USED);
}

#[test]
fn every_answer_brings_a_new_token_and_only_the_newest_is_good() {
    let world = World::new();
    let first = world.run(world.pool.sign_in(PHONE)).unwrap().token().clone();
    let second = token_of(world.run(world.pool.answer(&first, "1")).unwrap());
    let third = token_of(world.run(world.pool.resend(&second)).unwrap());
    assert!(first != second && second != third);
    assert_eq!(refused(&world, &world.pool, &first), USED);
    assert_eq!(refused(&world, &world.pool, &second), USED);
    assert!(matches!(world.run(world.pool.answer(&third, "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn i2_of_64_threads_with_one_token_exactly_one_goes_on() {
    for _ in 0..20 {
        let world = World::new();
        let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
        world.take_events();
        let (signed_in, used, start) = (AtomicUsize::new(0), AtomicUsize::new(0), Barrier::new(64));
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    start.wait();
                    match world.run(world.pool.answer(challenge.token(), "482913")) {
                        Ok(_) => signed_in.fetch_add(1, Ordering::SeqCst),
                        Err(error) => {
                            assert_eq!(error.to_string(), USED);
                            used.fetch_add(1, Ordering::SeqCst)
                        }
                    };
                });
            }
        });
        assert_eq!((signed_in.into_inner(), used.into_inner()), (1, 63));
        assert_eq!(world.take_events().len(), 2, "one verify, one define");
    }
}

#[test]
fn i5_a_token_is_good_until_just_before_it_expires_and_each_round_starts_the_clock_anew() {
    let (validity, step) = (Duration::minutes(5), Duration::milliseconds(1));
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(challenge.expires_at(), START + validity);
    world.clock.advance(validity - step);
    let next = token_of(world.run(world.pool.answer(challenge.token(), "1")).unwrap());
    world.clock.advance(validity - step);
    assert!(matches!(world.run(world.pool.answer(&next, "482913")), Ok(Outcome::SignedIn(_))));

    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.clock.advance(validity);
    assert_eq!(refused(&world, &world.pool, challenge.token()), EXPIRED);
}

#[test]
fn i5_a_token_that_expires_while_the_user_is_looked_up_is_dead() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.take_events();
    *world.users.takes.lock().unwrap() = Some((world.clock.clone(), Duration::minutes(5)));
    assert_eq!(refused(&world, &world.pool, challenge.token()), EXPIRED);
    assert!(world.take_events().is_empty());
}

#[test]
fn a_use_is_remembered_a_minute_longer_than_the_token_lives() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let _ = world.run(world.pool.answer(challenge.token(), "1")).unwrap();
    let records = world.ledger.records.lock().unwrap();
    let kept: Vec<_> = records.iter().map(|(subject, until)| (subject.kind, *until)).collect();
    assert_eq!(kept, [(SubjectKind::Token, challenge.expires_at() + Duration::MINUTE)]);
}

#[test]
fn i2_a_used_token_stays_used_when_the_clock_goes_back() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.clock.advance(Duration::minutes(4));
    let _ = world.run(world.pool.answer(challenge.token(), "1")).unwrap();
    world.clock.advance(Duration::minutes(-4));
    assert_eq!(refused(&world, &world.pool, challenge.token()), USED);
}

#[test]
fn i6_a_token_with_any_character_changed_cut_or_added_is_none() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let text = challenge.token().as_str();
    world.take_events();
    for place in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let forged = SessionToken::from(String::from_utf8(bytes).unwrap());
        assert_eq!(refused(&world, &world.pool, &forged), INVALID, "{place}");
    }
    for len in 1..text.len() {
        assert_eq!(refused(&world, &world.pool, &SessionToken::from(&text[..len])), INVALID, "{len}");
    }
    for other in [format!("{text}A"), format!("{text}="), format!(" {text}"), "AYABe-é".to_owned()] {
        assert_eq!(refused(&world, &world.pool, &SessionToken::from(other)), INVALID);
    }
    assert!(world.take_events().is_empty());
    assert!(matches!(world.run(world.pool.answer(challenge.token(), "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn i6_a_token_of_another_pool_client_or_key_is_none() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let others = [
        World::with(ordinary, |builder| builder.pool_id("ap-south-1_EXAMPLE02")),
        World::with(ordinary, |builder| builder.client_id("2example")),
        World::with(ordinary, |builder| builder.seal_key(SealKey::from_bytes(&[8; 32]))),
    ];
    for other in &others {
        assert_eq!(refused(other, &other.pool, challenge.token()), INVALID);
    }
}

#[test]
fn after_a_rotation_the_old_keys_tokens_still_open() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let rotated = World::with(ordinary, |builder| {
        builder.seal_key(SealKey::from_bytes(&[8; 32])).opening_key(SealKey::from_bytes(&[7; 32]))
    });
    let next = token_of(rotated.run(rotated.pool.answer(challenge.token(), "1")).unwrap());
    assert_eq!(refused(&world, &world.pool, &next), INVALID, "sealed with the new key");
    assert!(matches!(rotated.run(rotated.pool.answer(&next, "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn i9_when_the_ledger_is_down_nothing_is_judged() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.take_events();
    world.ledger.down.store(true, Ordering::SeqCst);
    let (code, message) = told(world.run(world.pool.answer(challenge.token(), "482913")));
    assert_eq!((code, message.as_str()), ("InternalErrorException", "Internal error. Please try again."));
    assert!(world.take_events().is_empty());
    world.ledger.down.store(false, Ordering::SeqCst);
    assert!(matches!(world.run(world.pool.answer(challenge.token(), "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn a_user_store_that_is_down_does_not_use_the_token_up() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.users.down.store(true, Ordering::SeqCst);
    assert_eq!(told(world.run(world.pool.answer(challenge.token(), "482913"))).0, "InternalErrorException");
    world.users.down.store(false, Ordering::SeqCst);
    assert!(matches!(world.run(world.pool.answer(challenge.token(), "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn an_ordinary_sign_in_of_nine_rounds_stays_within_20_and_2048_characters() {
    let text = "1.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.9.3.replaced.k1.AAAAAAAAAAAAAAAAAAAAAA.1790000000000.1790000300000.6";
    let world = World::scripted(move |event| {
        super::support::Answer::Response(match super::support::source(event) {
            "CreateAuthChallenge" => serde_json::json!({
                "privateChallengeParameters": {"customAuth": text}, "challengeMetadata": text,
            }),
            "DefineAuthChallenge" => serde_json::json!({"challengeName": "CUSTOM_CHALLENGE"}),
            _ => serde_json::json!({"answerCorrect": false}),
        })
    });
    let mut token = world.run(world.pool.sign_in(PHONE)).unwrap().token().clone();
    let mut lengths = vec![token.as_str().len()];
    for _ in 0..8 {
        token = token_of(world.run(world.pool.answer(&token, "1")).unwrap());
        lengths.push(token.as_str().len());
    }
    println!("{lengths:?}");
    assert!(lengths.iter().all(|len| (20..=2048).contains(len)), "{lengths:?}");
}

#[test]
fn i7_a_token_shows_nothing_of_what_it_carries() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let debug = format!("{challenge:?}");
    assert!(!debug.contains(challenge.token().as_str()), "{debug}");
    assert!(!debug.contains("482913") && !challenge.token().as_str().contains("482913"));
    let request = custom_auth::pool::Respond::new(challenge.token(), "482913").username(PHONE);
    let debug = format!("{request:?} {:?} {:?}", custom_auth::pool::InitiateAuth::new(PHONE), world.pool);
    assert!(!debug.contains("482913") && !debug.contains("99999"), "{debug}");
}
