//! A tap is one text, and a sign-in is one flow, at the edges where a call is repeated or two begin at once.
#![allow(clippy::indexing_slicing)] // a test ends there

mod common;

use common::{
    Person, SignIn, World, ana, policy,
    spy::{Watched, What},
    strict,
};
use custom_auth::{
    Action, Clock as _, Destinations, Occurrence, Policy, PolicyBuilder, Timestamp, machine::Verdict,
};
use time::Duration;

#[test]
fn i2_two_sign_ins_that_began_in_one_millisecond_while_the_ledger_was_down_are_two_flows() {
    let world = World::new();
    world.ledger.down(true);
    let mut sign_ins = [SignIn::new(world.engine(), ana()), SignIn::new(world.engine(), ana())];
    let began = world.clock.now();
    for one in &mut sign_ins {
        world.clock.set(began);
        world.run(one.present(Action::Answer, began));
    }
    world.ledger.down(false);
    let [mut one, mut two] = sign_ins;
    world.sign_in(ana());
    let code = world.code();
    assert_eq!(world.answer(&mut one, &world.wrong(1)), Verdict::Superseded);
    assert_eq!(world.answer(&mut two, &world.wrong(1)), Verdict::Superseded);
    assert_eq!(world.answer(&mut one, &code), Verdict::Right);
    assert_eq!(world.answer(&mut two, &code), Verdict::Superseded);
    assert!(one.signed_in() && !two.signed_in());
}

#[test]
fn i2_two_sign_ins_that_began_in_one_millisecond_while_there_was_no_randomness_are_two_flows() {
    let world = World::new();
    world.entropy.down(true);
    let began = world.clock.now();
    let flows = [(); 2].map(|()| {
        world.clock.set(began);
        world.sign_in(ana()).challenge.unwrap().metadata().flow
    });
    assert_ne!(flows[0], flows[1]);
    assert_eq!(world.sms.calls(), 0);
}

#[test]
fn i2_two_engines_that_lose_their_randomness_have_flows_of_their_own() {
    let world = World::new();
    // Two processes, as far as anything of the engine's tells: built alike, and each at its first call.
    let engines = [world.engine(), world.engine()];
    world.entropy.down(true);
    let began = world.clock.now();
    let flows = engines.map(|engine| {
        world.clock.set(began);
        let mut sign_in = SignIn::new(engine, ana());
        world.run(sign_in.present(Action::Answer, began));
        sign_in.metadata().flow
    });
    assert_ne!(flows[0], flows[1]);
}

#[test]
fn i4_a_create_repeated_while_its_challenge_grows_too_old_to_join_sends_no_second_text() {
    // The last moment at which the challenge may still be joined; a service calls again within five seconds.
    for (policy, age) in [(policy(), 240), (strict(), 20)] {
        for before in 0..=age.min(35) {
            let world = World::under(policy.clone());
            let began = world.clock.now();
            world.sign_in(ana());
            let mut tap = SignIn::new(world.engine(), ana());
            world.clock.set(began + Duration::seconds(age - before));
            world.run(tap.present(Action::Answer, world.clock.now()));
            let texts = world.texts.count();
            if texts == 1 {
                continue; // within the gap of the first text
            }
            for _ in 0..3 {
                world.wait(5);
                let mut again = SignIn::new(world.engine(), ana());
                world.run(again.present(Action::Answer, world.clock.now()));
                assert_eq!(world.texts.count(), texts, "{before} s before the challenge is too old");
            }
        }
    }
}

/// Texts that one tap causes, `age` after another tap: it is invoked at 0, 5 and 10 s, each time in the process of `places`
/// (0: in time, 1: ahead by the whole skew), and reaches the engine at once, but the last time `late`.
fn texts_of_a_tap(policy: &PolicyBuilder, age: Option<i64>, places: u8, late: Duration) -> usize {
    let world = World::under(policy.clone());
    let skew = world.policy.clock_skew();
    let processes = [(world.engine(), Duration::ZERO), (world.engine_ahead(skew), skew)];
    let invoke = |nth: u8, at: Timestamp, late: Duration| {
        let (process, ahead) = &processes[usize::from(places >> nth & 1)];
        world.clock.set(at + late);
        world.run(SignIn::new(process.clone(), ana()).present(Action::Answer, at + *ahead));
    };
    let mut began = world.clock.now();
    if let Some(age) = age {
        invoke(3, began, Duration::ZERO);
        began = began + Duration::seconds(age);
    }
    let before = world.texts.count();
    invoke(0, began, Duration::ZERO);
    invoke(1, began + Duration::seconds(5), Duration::ZERO);
    invoke(2, began + Duration::seconds(10), late);
    world.texts.count() - before
}

#[test]
fn i4_a_tap_that_is_invoked_again_where_the_clock_is_apart_by_the_whole_skew_is_one_text() {
    let second = Duration::SECOND;
    let policies = [
        policy(),
        strict(),
        Policy::psd2().destinations(Destinations::allow(["+91"])),
        Policy::high().destinations(Destinations::allow(["+91"])),
        policy().clock_skew(second * 60).resend_gap(second * 74),
        policy().challenge_lifetime(second * 79).resend_gap(second * 19),
        strict().challenge_lifetime(second * 30).min_left_to_join(second * 11).resend_gap(second * 19),
    ];
    for policy in policies {
        let deadline = policy.clone().build().unwrap().trigger_deadline();
        for places in 0..16 {
            for late in [Duration::ZERO, deadline - Duration::milliseconds(1)] {
                let told = |age| format!("{policy:?}, {places:04b}, {late} late, {age:?} after another tap");
                assert_eq!(texts_of_a_tap(&policy, None, places, late), 1, "{}", told(None));
                for age in (14..40).step_by(3).chain((40..320).step_by(23)).map(Some) {
                    assert!(texts_of_a_tap(&policy, age, places, late) <= 1, "{}", told(age));
                }
            }
        }
    }
}

#[test]
fn i4_a_tap_invoked_again_after_another_tab_redeemed_its_challenge_is_a_new_sign_in() {
    let world = World::new();
    let began = world.clock.now();
    let mut tab = world.sign_in(ana());
    assert_eq!(world.answer(&mut tab, &world.code()), Verdict::Right);
    for (started, texts) in [(began, 1), (world.clock.now() + Duration::seconds(1), 2)] {
        world.clock.set(world.clock.now().max(started));
        world.run(SignIn::new(world.engine(), ana()).present(Action::Answer, started));
        assert_eq!(world.texts.count(), texts);
    }
}

#[test]
fn when_a_text_could_not_be_joined_for_a_whole_gap_a_fresh_challenge_is_texted_instead() {
    let world = World::new();
    let first = world.sign_in(ana());
    let code = world.code();
    world.wait(212);
    let mut second = world.sign_in(ana());
    assert_eq!(world.texts.count(), 2);
    assert_ne!(first.nonce(), second.nonce());
    assert_ne!(world.code(), code);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}

#[test]
fn i3_a_verify_that_the_service_calls_again_is_paid_once() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let wrong = world.wrong(1);
    for _ in 0..5 {
        let began = world.clock.now();
        assert_eq!(world.run(sign_in.verify(&wrong, Action::Answer, began)), Verdict::Wrong);
    }
    assert_eq!(world.answer(&mut sign_in, &wrong), Verdict::Wrong);
    assert_eq!(sign_in.public().attempts_left, 2);
}

#[test]
fn i3_a_changed_number_does_not_give_an_account_fresh_guesses() {
    let world = World::under(policy().guesses_per_day(4));
    for phone in ["+919999900001", "+919999900004"] {
        let mut sign_in = world.sign_in(Person::known("ana", phone));
        for nth in 1..=3 {
            let _ = world.answer(&mut sign_in, &world.wrong(nth));
        }
    }
    assert_eq!(world.audit.count(Occurrence::AnswerWrong), 4);
}

#[test]
fn i5_an_answer_after_the_expiry_is_neither_charged_nor_compared() {
    let watched = Watched::new(World::new());
    let world = &watched.world;
    let mut sign_in = SignIn::new(watched.engine(0), ana());
    world.run(sign_in.present(Action::Answer, world.clock.now()));
    let expires_at = sign_in.metadata().challenge.unwrap().expires_at;
    // What one answer at this moment came to: bills, and what was found by comparing.
    let answer = |at, code: &str| {
        world.clock.set(at);
        let before = watched.journal.entries().len();
        let verdict = world.run(sign_in.verify(code, Action::Answer, at));
        let done = watched.journal.entries().split_off(before).into_iter().map(|entry| entry.what);
        let (mut bills, mut compared) = (0, 0);
        for what in done {
            bills += usize::from(matches!(what, What::Billed { .. }));
            let wrong = matches!(what, What::Noted(Occurrence::AnswerWrong));
            compared += usize::from(wrong || matches!(what, What::WentToRedeem));
        }
        (verdict, bills, compared)
    };
    for code in [world.wrong(1), world.code()] {
        assert_eq!(answer(expires_at, &code), (Verdict::Expired, 0, 0));
    }
    // Up to then both are done: what shows that they are not would have shown it.
    let last = expires_at - Duration::milliseconds(1);
    assert_eq!(answer(last, &world.wrong(1)), (Verdict::Wrong, 1, 1));
    assert_eq!(answer(last, &world.code()), (Verdict::Right, 1, 1));
}
