//! Attacks that once worked, and what stands against them now.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there

mod common;

use std::{collections::BTreeSet, sync::Arc};

use common::{
    Person, SignIn, World, ana, bob, policy,
    steps::{Captcha, Mailed, Pin, name, solved},
    strict,
};
use custom_auth::{
    Action, Binding, Clock as _, CustomAuth, Destination, Destinations, MemoryLedger, Occurrence, Plan,
    Policy, PolicyBuilder, Purpose, Status, StepName, machine::Verdict, testing::Faulty,
};
use time::Duration;

fn many() -> Vec<(u32, u32)> {
    vec![(100, 86_400)]
}

/// At most five failures in a row, and no want of texts.
fn psd2() -> PolicyBuilder {
    Policy::psd2().destinations(Destinations::allow(["+91"])).sends_per_phone(many())
}

/// The `nth` of up to a thousand people with a number each.
fn person(nth: u32) -> Person {
    Person::known(named("person", nth), &format!("+919999900{nth:03}"))
}

fn named(what: &str, nth: u32) -> &'static str {
    Box::leak(format!("{what}-{nth}").into_boxed_str()) // a person borrows its name for as long as it is named
}

/// The code that would be right, texted or not.
fn right_code(world: &World, sign_in: &SignIn) -> String {
    let who = sign_in.person.requester();
    let (pool, client, user, phone) = (who.pool, who.client, who.user, who.phone);
    let binding = Binding { pool, client, user, phone, purpose: Purpose::SignIn };
    let live = sign_in.metadata().challenge.unwrap();
    world.keys.derive(&live, &binding).unwrap().expose_secret().to_owned()
}

/// Worlds in which ana's next challenge is not texted, one for each limit that can refuse it.
fn untexted() -> Vec<(&'static str, World)> {
    let priced =
        |most| policy().destinations(Destinations::default().allow_at("+91", Destination::new(3, most)));
    let limits = [
        ("phone", policy().sends_per_phone(vec![(1, 86_400)]), ana()),
        ("prefix", policy().sends_per_prefix_per_hour(1), bob()),
        ("destination", priced(Some(1)), bob()),
        ("all", policy().sends_per_day(1), bob()),
        ("money", priced(None).budget_per_day(Some(5)), bob()),
    ];
    let used_up = |(limit, policy, by): (&'static str, PolicyBuilder, Person)| {
        let world = World::under(policy);
        world.sign_in(by);
        assert_eq!(world.texts.count(), 1, "{limit}");
        world.wait(if by.user == "ana" { 1_000 } else { 1 }); // ana's own record is gone by then
        (limit, world)
    };
    limits.into_iter().map(used_up).collect()
}

#[test]
fn i3_a_code_that_no_limit_let_out_is_never_compared_and_costs_a_try_as_ever() {
    for (limit, world) in untexted() {
        let mut sign_in = world.sign_in(ana());
        assert_eq!(world.texts.count(), 1, "{limit}: ana was not texted");
        assert_eq!(sign_in.public().attempts_left, 3, "{limit}");
        for left in [2, 1, 0] {
            let code = right_code(&world, &sign_in);
            assert_eq!(world.answer(&mut sign_in, &code), Verdict::Wrong, "{limit}");
            if left > 0 {
                assert_eq!((sign_in.public().attempts_left, sign_in.public().status), (left, Status::Wrong));
            }
        }
        assert!(sign_in.failed(), "{limit}");
        let noted = [Occurrence::AnswerUntexted, Occurrence::AnswerWrong, Occurrence::AnswerAccepted];
        assert_eq!(noted.map(|one| world.audit.count(one)), [3, 0, 0], "{limit}");
    }
}

#[test]
fn a_code_that_was_held_back_counts_once_a_later_text_brings_it() {
    let world = World::under(policy().sends_per_phone(vec![(1, 400)]));
    world.sign_in(ana());
    world.wait(350);
    let mut sign_in = world.sign_in(ana());
    assert_eq!(world.texts.count(), 1);
    let code = right_code(&world, &sign_in);
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Wrong);
    world.wait(60);
    let _ = world.resend(&mut sign_in);
    assert_eq!((world.texts.count(), world.code()), (2, code.clone()));
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Right);
}

#[test]
fn i3_over_a_fleet_no_more_answers_are_compared_than_texts_a_day_times_tries() {
    let texts = 4;
    let world = World::under(policy().sends_per_day(texts));
    let (mut wrong, mut inside) = (0, 0);
    for nth in 0..60 {
        let mut sign_in = world.sign_in(person(nth));
        // Without a text, even whoever knows the code does not get in.
        let code = right_code(&world, &sign_in);
        let texted = world.texts.sent().iter().any(|text| Some(text.to) == sign_in.person.phone);
        for guess in ["000001", "000002", "000003"] {
            if sign_in.challenge.is_some() {
                let guess = if texted { guess } else { &code };
                wrong += usize::from(world.answer(&mut sign_in, guess) == Verdict::Wrong);
            }
        }
        inside += usize::from(sign_in.signed_in());
    }
    assert_eq!((world.texts.count(), wrong, inside), (4, 180, 0));
    assert_eq!(world.audit.count(Occurrence::AnswerWrong), usize::try_from(texts).unwrap() * 3);
    assert_eq!(world.audit.count(Occurrence::AnswerUntexted), 56 * 3);
}

#[test]
fn i3_a_session_replayed_against_another_challenge_pays_for_the_same_answers_again() {
    let world = World::under(policy().guesses_per_day(4).consecutive_failures(4).sends_per_phone(many()));
    let first = world.sign_in(ana());
    let mut nonces = BTreeSet::new();
    for _ in 0..5 {
        let mut replay = first.clone();
        assert_eq!(world.resend(&mut replay), Verdict::NotLookedAt);
        nonces.insert(format!("{:?}", replay.nonce()));
        for guess in ["000001", "000002", "000003"] {
            let _ = world.verdict(&replay, guess);
        }
        world.wait(31);
    }
    assert!(nonces.len() > 1, "round 2 came with another challenge each time");
    assert_eq!(world.audit.count(Occurrence::AnswerWrong), 4);
}

#[test]
fn i3_a_day_of_replays_under_the_default_policy_compares_no_more_than_a_days_guesses() {
    let world = World::new();
    let day = world.clock.now() + Duration::DAY;
    let mut compared = BTreeSet::new();
    while world.clock.now() < day - Duration::minutes(20) {
        let first = world.sign_in(ana());
        let until = world.clock.now() + Duration::minutes(14);
        while world.clock.now() < until {
            let mut replay = first.clone();
            let _ = world.resend(&mut replay);
            for guess in ["000001", "000002", "000003"] {
                if world.verdict(&replay, guess) == Verdict::Wrong {
                    compared.insert((format!("{:?}", replay.nonce()), guess));
                }
            }
            world.wait(31);
        }
        world.wait(3_600);
    }
    let most = usize::try_from(world.policy.guesses_per_day()).unwrap();
    assert!((most / 2..=most).contains(&compared.len()), "{} pairs", compared.len());
}

#[test]
fn i3_a_session_replayed_against_another_secret_of_a_custom_step_pays_again() {
    let world =
        World::under(policy().guesses_per_day(3).consecutive_failures(50).plan(Plan::new([name("mail")])));
    let first = world.sign_in_through(&world.engine_with_step(name("mail"), Mailed::default()), ana());
    let mut verdicts = Vec::new();
    for _ in 0..60 {
        let mut replay = first.clone();
        let _ = world.resend(&mut replay);
        verdicts.push(world.verdict(&replay, "xx"));
    }
    let wrong = verdicts.iter().filter(|verdict| **verdict == Verdict::Wrong).count();
    assert_eq!(wrong, 3, "{verdicts:?}");
    assert!(verdicts.iter().skip(3).all(|verdict| *verdict == Verdict::Throttled), "{verdicts:?}");
}

#[test]
fn i3_failures_at_a_second_factor_add_up_although_the_first_was_right_each_time() {
    let plan = Plan::new([StepName::sms_code(), name("pin")]);
    let world = World::under(psd2().guesses_per_day(100).plan(plan));
    let auth = world.engine_with_step(name("pin"), Pin);
    let mut wrong = 0;
    for nth in 0..20 {
        let mut sign_in = world.sign_in_through(&auth, ana());
        let _ = world.answer(&mut sign_in, &world.code());
        for guess in 0..3 {
            if sign_in.challenge.is_some() && sign_in.metadata().step == name("pin") {
                let verdict = world.answer(&mut sign_in, &format!("{:04}", nth * 3 + guess));
                wrong += u32::from(verdict == Verdict::Wrong);
            }
        }
        assert!(!sign_in.signed_in());
        world.wait(30);
    }
    assert!((1..=world.policy.consecutive_failures()).contains(&wrong), "{wrong} PINs compared");
}

/// Signs in with every step right, once a day; what is asked for is answered.
fn is_in_every_day(world: &World, auth: &CustomAuth, days: u32) {
    for day in 0..days {
        let mut sign_in = world.sign_in_through(auth, ana());
        while let Some(round) = sign_in.challenge.as_ref().map(|challenge| *challenge.metadata()) {
            let answer = match round.step.as_str() {
                "pin" => "4711".to_owned(),
                "captcha" => solved(round.round),
                _ => world.code(),
            };
            assert_eq!(world.answer(&mut sign_in, &answer), Verdict::Right, "day {day}, {:?}", round.step);
        }
        assert!(sign_in.signed_in(), "day {day}");
        world.wait(86_400);
    }
}

#[test]
fn an_owner_whose_pin_is_right_once_a_day_is_never_locked_out() {
    let world = World::under(psd2().plan(Plan::new([name("pin")])));
    is_in_every_day(&world, &world.engine_with_step(name("pin"), Pin), 20);
}

#[test]
fn an_owner_whose_code_and_pin_are_right_once_a_day_is_never_locked_out() {
    for plan in [[StepName::sms_code(), name("pin")], [name("pin"), StepName::sms_code()]] {
        let world = World::under(psd2().plan(Plan::new(plan)));
        is_in_every_day(&world, &world.engine_with_step(name("pin"), Pin), 20);
    }
}

#[test]
fn an_owner_is_not_locked_out_by_a_plan_whose_last_step_cannot_be_guessed() {
    let world = World::under(psd2().plan(Plan::new([StepName::sms_code(), name("captcha")])));
    is_in_every_day(&world, &world.engine_with_step(name("captcha"), Captcha), 20);
}

#[test]
fn a_failure_at_the_second_factor_is_forgiven_once_it_is_right() {
    let plan = Plan::new([StepName::sms_code(), name("pin")]);
    let world = World::under(psd2().guesses_per_day(100).plan(plan));
    let auth = world.engine_with_step(name("pin"), Pin);
    for _ in 0..4 {
        let mut sign_in = world.sign_in_through(&auth, ana());
        assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
        assert_eq!(world.answer(&mut sign_in, "0000"), Verdict::Wrong);
        assert_eq!(world.answer(&mut sign_in, "4711"), Verdict::Right);
        assert!(sign_in.signed_in());
        world.wait(30);
    }
}

/// Three texts, which is all there are; the owner's is the third, and too old for others to join.
fn owner_after_the_last_text() -> (World, SignIn) {
    let world = World::under(strict().sends_per_phone(vec![(3, 3_600)]));
    for _ in 0..2 {
        world.sign_in(ana());
        world.wait(21);
    }
    let owner = world.sign_in(ana());
    assert_eq!(world.texts.count(), 3);
    world.wait(100);
    (world, owner)
}

#[test]
fn i6_where_codes_serve_their_own_request_alone_another_sign_in_gets_nothing_to_answer_when_texts_are_used_up()
 {
    let (world, mut owner) = owner_after_the_last_text();
    let code = world.code();
    let mut other = world.sign_in(ana());
    assert_eq!((other.public().status, other.public().attempts_left), (Status::Wait, 0));
    assert_ne!(other.nonce(), owner.nonce(), "nothing of the owner's challenge shows");
    let verdict = world.answer(&mut other, &code);
    assert!(!verdict.is_right() && !other.signed_in(), "{verdict:?}");
    assert_eq!(world.answer(&mut owner, &code), Verdict::Right);
    assert!(owner.signed_in());
}

#[test]
fn the_owners_own_flow_goes_on_with_its_code_when_texts_are_used_up() {
    let (world, mut owner) = owner_after_the_last_text();
    let (code, nonce) = (world.code(), owner.nonce());
    assert_eq!(world.answer(&mut owner, &world.wrong(1)), Verdict::Wrong);
    world.wait(150); // too little time left: a resend would be a fresh challenge's
    let _ = world.resend(&mut owner);
    assert_eq!((owner.public().status, owner.public().attempts_left), (Status::Wait, 2));
    assert_eq!((owner.nonce(), world.texts.count()), (nonce, 3));
    assert_eq!(world.answer(&mut owner, &code), Verdict::Right);
}

#[test]
fn i4_with_the_least_gap_that_a_policy_allows_three_invocations_of_one_tap_text_once() {
    let deadline = policy().build().unwrap().trigger_deadline();
    let least = Duration::seconds(10) + deadline + policy().build().unwrap().clock_skew();
    assert!(policy().resend_gap(least - Duration::milliseconds(1)).build().is_err());
    for late in [Duration::ZERO, deadline - Duration::milliseconds(1)] {
        let world = World::under(policy().resend_gap(least));
        let start = world.clock.now();
        for (seconds, late) in [(0, Duration::ZERO), (5, late), (10, late)] {
            let started = start + Duration::seconds(seconds);
            world.clock.set(started + late);
            let mut call = SignIn::new(world.engine(), ana());
            world.run(call.present(Action::Answer, started));
        }
        assert_eq!(world.texts.count(), 1, "each reaches the ledger {late} after it began");
    }
}

#[test]
fn i8_a_cold_start_texts_all_the_same_and_takes_the_same_time_for_known_and_unknown() {
    for late in [1_000, 1_499, 2_000, 3_000] {
        let run = |person: Person| {
            let mut world = World::new();
            let sms = world.texts.clone().taking(world.clock.clone(), Duration::milliseconds(400));
            world.sms = Arc::new(Faulty::new(sms));
            let started = world.clock.now();
            world.clock.advance(Duration::milliseconds(late));
            let mut call = SignIn::new(world.engine(), person);
            world.run(call.present(Action::Answer, started));
            assert_eq!(world.audit.count(Occurrence::SendUnknown), 0, "{late} ms");
            assert!(world.clock.now() - started <= world.policy.trigger_deadline(), "{late} ms");
            (world.texts.count(), world.clock.now(), call.public().clone())
        };
        let (known, unknown) = (run(ana()), run(Person::unknown("nobody")));
        assert_eq!((known.0, unknown.0), (1, 0), "{late} ms");
        assert_eq!((known.1, known.2), (unknown.1, unknown.2), "{late} ms");
    }
}

/// Fills a ledger of 1,000 entries by strangers, twelve days on end, lets a little more than a day pass, and counts how many
/// of 40 people are texted.
fn texted_a_day_after_strangers(policy: PolicyBuilder, stranger: impl Fn(&World, u32)) -> usize {
    let mut world = World::under(policy);
    world.ledger = Arc::new(Faulty::new(Arc::new(MemoryLedger::with_capacity(1_000))));
    for day in 0..12 {
        (0..400).for_each(|nth| stranger(&world, day * 400 + nth));
        world.wait(27 * 3_600); // a day, and the width of its counters' slots
    }
    world.policy = common::policy().build().unwrap();
    (100..140).for_each(|nth| drop(world.sign_in(person(nth))));
    world.texts.count()
}

#[test]
fn strangers_wrong_answers_are_kept_for_a_day_and_no_longer() {
    let served = texted_a_day_after_strangers(policy(), |world, nth| {
        let mut sign_in = world.sign_in(Person::unknown(named("nobody", nth)));
        let _ = world.answer(&mut sign_in, "000000");
    });
    assert_eq!(served, 40);
}

#[test]
fn strangers_right_answers_to_a_step_are_kept_for_a_day_and_no_longer() {
    let served = texted_a_day_after_strangers(policy().plan(Plan::new([name("pin")])), |world, nth| {
        let auth = world.engine_with_step(name("pin"), Pin);
        let mut sign_in = world.sign_in_through(&auth, Person::unknown(named("nobody", nth)));
        let _ = world.answer(&mut sign_in, "4711");
        assert!(!sign_in.signed_in());
    });
    assert_eq!(served, 40);
}
