//! One live challenge per person: join, wrong, resend, give way, redeem.

mod common;

use common::{Person, SignIn, World, ana, policy, strict};
use custom_auth::{Action, Clock as _, Status, machine::Verdict};
use time::Duration;

#[test]
fn the_right_code_signs_in_and_one_text_was_sent() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    assert_eq!(sign_in.public().status, Status::Open);
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    assert!(sign_in.signed_in());
    assert_eq!(world.texts.count(), 1);
}

#[test]
fn a_wrong_answer_presents_the_live_challenge_again_without_a_text() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let nonce = sign_in.nonce();
    assert_eq!(world.answer(&mut sign_in, &world.wrong(1)), Verdict::Wrong);
    let public = sign_in.public();
    assert_eq!((public.status, public.attempts_left), (Status::Wrong, 2));
    assert_eq!((sign_in.nonce(), world.texts.count()), (nonce, 1));
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    assert!(sign_in.signed_in());
}

#[test]
fn after_a_wrong_answer_the_time_until_a_resend_is_what_the_phone_allows() {
    let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
    let mut sign_in = world.sign_in(ana());
    world.wait(100);
    let _ = world.answer(&mut sign_in, &world.wrong(1));
    assert_eq!(sign_in.public().code.unwrap().resend_in, 600 - 100 - 1);
}

#[test]
fn the_third_wrong_answer_ends_the_sign_in() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    for nth in 1..=3 {
        assert_eq!(world.answer(&mut sign_in, &world.wrong(nth)), Verdict::Wrong);
    }
    assert!(sign_in.failed());
}

#[test]
fn the_same_wrong_answer_given_three_times_counts_three_times() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    for _ in 1..=3 {
        assert_eq!(world.answer(&mut sign_in, &world.wrong(1)), Verdict::Wrong);
    }
    assert!(sign_in.failed());
}

#[test]
fn a_used_up_challenge_gives_way_to_a_fresh_one_with_another_code() {
    let world = World::new();
    let mut first = world.sign_in(ana());
    let old = world.code();
    for nth in 1..=3 {
        let _ = world.answer(&mut first, &world.wrong(nth));
    }
    let mut second = world.sign_in(ana());
    assert_ne!(first.session.last_round().unwrap().challenge.unwrap().nonce, second.nonce());
    assert_eq!((world.texts.count(), second.public().attempts_left), (2, 3));
    assert_ne!(world.code(), old);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}

#[test]
fn nonsense_is_refused_before_any_limit_is_charged() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let calls = world.ledger.calls();
    assert_eq!(world.run(sign_in.verify("abc", Action::Answer, world.clock.now())), Verdict::Malformed);
    assert_eq!(world.ledger.calls(), calls);
    assert_eq!(world.answer(&mut sign_in, "12345"), Verdict::Malformed);
    assert_eq!(sign_in.public().attempts_left, 3);
}

#[test]
fn i4_a_second_sign_in_within_the_gap_joins_and_sends_nothing() {
    let world = World::new();
    let first = world.sign_in(ana());
    world.wait(10);
    let mut second = world.sign_in(ana());
    assert_eq!((second.nonce(), world.texts.count()), (first.nonce(), 1));
    assert_eq!(second.public().status, Status::Open, "the text that was sent serves it too");
    // The text took 1.5 s of virtual time; the gap of 30 s runs from the charge.
    assert_eq!(second.public().code.unwrap().resend_in, 19);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}

#[test]
fn i4_two_identical_creates_at_once_from_two_engines_send_one_text_and_return_the_same_challenge() {
    for seed in common::cases::seeds(1_000) {
        let world = World::new();
        let mut sign_ins = [SignIn::new(world.engine(), ana()), SignIn::new(world.engine(), ana())];
        let now = world.clock.now();
        let tasks = sign_ins.iter_mut().map(|one| Box::pin(one.present(Action::Answer, now)) as _).collect();
        custom_auth::testing::interleave(&world.clock, seed, tasks);
        let [one, two] = &sign_ins;
        assert_eq!(one.nonce(), two.nonce(), "seed {seed}");
        assert_eq!(world.texts.count(), 1, "seed {seed}");
    }
}

#[test]
fn a_sign_in_after_the_gap_sends_the_same_code_again_and_the_expiry_stays() {
    let world = World::new();
    let first = world.sign_in(ana());
    let (code, expiry) =
        (world.code(), first.challenge.as_ref().unwrap().metadata().challenge.unwrap().expires_at);
    world.wait(31);
    let second = world.sign_in(ana());
    assert_eq!((world.texts.count(), world.code()), (2, code));
    assert_eq!(second.challenge.as_ref().unwrap().metadata().challenge.unwrap().expires_at, expiry);
}

#[test]
fn a_resend_within_the_gap_waits_and_after_it_sends_the_same_code() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    assert_eq!(world.resend(&mut sign_in), Verdict::NotLookedAt);
    assert_eq!((sign_in.public().status, world.texts.count()), (Status::Wait, 1));
    world.wait(i64::try_from(sign_in.public().code.unwrap().resend_in).unwrap());
    let _ = world.resend(&mut sign_in);
    assert_eq!((sign_in.public().status, world.texts.count()), (Status::Resent, 2));
    assert_eq!(world.code(), code);
    assert_eq!(sign_in.public().attempts_left, 3);
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Right);
}

#[test]
fn a_resend_round_never_looks_at_the_answer() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    assert_eq!(world.run(sign_in.respond(&code, Action::Resend, &world.clock)), Verdict::NotLookedAt);
    assert!(!sign_in.signed_in());
}

#[test]
fn i4_a_challenge_is_texted_no_more_often_than_its_budget() {
    let world = World::under(policy().sends_per_phone(vec![(50, 86_400)]).sends_per_prefix_per_hour(100));
    world.sign_in(ana());
    for _ in 0..6 {
        world.wait(31);
        world.sign_in(ana());
    }
    assert_eq!(world.texts.count(), 3);
}

#[test]
fn i3_tries_are_shared_by_every_sign_in_that_joins() {
    let world = World::new();
    let mut one = world.sign_in(ana());
    let mut two = world.sign_in(ana());
    let _ = world.answer(&mut one, &world.wrong(1));
    assert_eq!(world.answer(&mut two, &world.wrong(2)), Verdict::Wrong);
    assert_eq!(two.public().attempts_left, 1);
    assert_eq!(world.run(one.verify(&world.wrong(3), Action::Answer, world.clock.now())), Verdict::Wrong);
    let code = world.code();
    assert_eq!(world.run(one.verify(&code, Action::Answer, world.clock.now())), Verdict::Throttled);
    assert_eq!(world.answer(&mut two, &code), Verdict::Throttled, "the tries are used up");
    assert!(two.failed());
}

#[test]
fn an_expired_challenge_gives_way_within_the_same_sign_in() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let (old, code) = (sign_in.nonce(), world.code());
    world.wait(300);
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Expired);
    assert_eq!((sign_in.public().status, world.texts.count()), (Status::Replaced, 2));
    assert_ne!(sign_in.nonce(), old);
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
}

#[test]
fn under_a_strict_policy_a_second_request_is_not_served_by_the_first_code() {
    let world = World::under(strict());
    let mut first = world.sign_in(ana());
    let old = world.code();
    world.wait(20);
    let mut second = world.sign_in(ana());
    assert_ne!(first.nonce(), second.nonce());
    assert_eq!(world.answer(&mut second, &old), Verdict::Wrong);
    assert_eq!(world.answer(&mut first, &old), Verdict::Superseded);
}

#[test]
fn i4_when_no_text_may_be_sent_the_old_challenge_stays_and_the_outside_hears_when_to_ask_again() {
    let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
    let mut first = world.sign_in(ana());
    let old = first.nonce();
    world.wait(241);
    // Too old to be joined: a resend in its own sign-in and a new sign-in would both replace it.
    assert_eq!(world.resend(&mut first), Verdict::NotLookedAt);
    let mut second = world.sign_in(ana());
    for one in [&first, &second] {
        assert_eq!(one.nonce(), old);
        let public = one.public();
        assert_eq!((public.status, public.attempts_left), (Status::Wait, 3));
        assert_eq!(public.code.unwrap().resend_in, 600 - 241 - 1);
    }
    assert_eq!(world.texts.count(), 1);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}

#[test]
fn i8_within_the_gap_the_time_until_a_resend_is_what_the_phone_allows_and_a_decoys_is_the_same() {
    for person in [ana(), Person::unknown("nobody")] {
        let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
        let mut first = world.sign_in(person);
        world.wait(10);
        let second = world.sign_in(person);
        let _ = world.resend(&mut first);
        for (one, status) in [(&second, Status::Open), (&first, Status::Wait)] {
            let public = one.public();
            assert_eq!((public.status, public.code.unwrap().resend_in), (status, 600 - 10 - 1), "{person:?}");
        }
    }
}

#[test]
fn i8_of_two_that_arrive_at_once_both_hear_when_the_phone_allows_a_text_and_decoys_the_same() {
    for seed in common::cases::seeds(1_000) {
        for person in [ana(), Person::unknown("nobody")] {
            let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
            let mut sign_ins = [(); 2].map(|()| SignIn::new(world.engine(), person));
            let now = world.clock.now();
            let tasks =
                sign_ins.iter_mut().map(|one| Box::pin(one.present(Action::Answer, now)) as _).collect();
            custom_auth::testing::interleave(&world.clock, seed, tasks);
            for one in sign_ins {
                let resend_in = one.public().code.unwrap().resend_in;
                assert!((598..=600).contains(&resend_in), "{person:?}, seed {seed}: {resend_in}");
            }
        }
    }
}

#[test]
fn who_is_told_to_come_back_when_the_challenge_gives_way_gets_a_fresh_one_at_that_moment() {
    for person in [ana(), Person::unknown("nobody")] {
        let world = World::under(policy().sends_per_challenge(1));
        let began = world.clock.now();
        let mut sign_in = world.sign_in(person);
        let old = sign_in.nonce();
        world.clock.set(began + Duration::seconds(100));
        let _ = world.resend(&mut sign_in);
        let public = sign_in.public();
        assert_eq!((public.status, public.code.unwrap().resend_in), (Status::Wait, 140));
        world.clock.set(began + Duration::seconds(240) - Duration::milliseconds(1));
        let _ = world.resend(&mut sign_in);
        assert_eq!((sign_in.public().status, sign_in.nonce()), (Status::Wait, old));
        world.clock.set(began + Duration::seconds(240));
        let _ = world.resend(&mut sign_in);
        assert_eq!(sign_in.public().status, Status::Replaced);
        assert_ne!(sign_in.nonce(), old);
    }
}

#[test]
fn i4_asking_within_the_gap_uses_up_no_text_of_the_phone() {
    let world = World::under(policy().sends_per_phone(vec![(2, 600)]));
    let mut sign_in = world.sign_in(ana());
    for _ in 0..5 {
        let _ = world.resend(&mut sign_in);
        assert_eq!((sign_in.public().status, world.texts.count()), (Status::Wait, 1));
    }
    world.wait(31);
    let _ = world.resend(&mut sign_in);
    assert_eq!((sign_in.public().status, world.texts.count()), (Status::Resent, 2));
}

#[test]
fn i8_an_ask_that_the_phone_refuses_uses_up_no_text_of_the_challenge_and_a_decoys_none_either() {
    let shown = [ana(), Person::unknown("nobody")].map(|person| {
        let world = World::under(policy().sends_per_phone(vec![(1, 60)]));
        let mut sign_in = world.sign_in(person);
        let mut ask = |after| {
            world.wait(after);
            let _ = world.resend(&mut sign_in);
            (sign_in.public().status, sign_in.public().code.unwrap().resend_in)
        };
        // Three texts a challenge, one a minute to the phone: the asks between cost neither a text nor the gap.
        let shown = [35, 5, 25, 35, 5, 25].map(&mut ask);
        assert_eq!(world.texts.count(), if person.phone.is_some() { 3 } else { 0 });
        shown
    });
    assert_eq!(shown[0], shown[1]);
    let (wait, resent) = (Status::Wait, Status::Resent);
    assert_eq!(shown[0].map(|(status, _)| status), [wait, wait, resent, wait, wait, resent]);
}

#[test]
fn a_refused_text_leaves_the_challenge_unsent_and_a_later_tap_sends_it() {
    let world = World::under(policy().sends_per_phone(vec![(1, 60), (5, 3_600)]));
    world.sign_in(ana());
    // Another account of the same phone: its challenge is made, and its text refused.
    let same_phone = Person::known("other", "+919999900001");
    let second = world.sign_in(same_phone);
    assert_eq!((second.public().status, world.texts.count()), (Status::Wait, 1));
    let wait = second.public().code.unwrap().resend_in;
    assert_eq!(wait, 59);
    world.wait(i64::try_from(wait).unwrap());
    let mut third = world.sign_in(same_phone);
    assert_eq!((third.nonce(), world.texts.count()), (second.nonce(), 2));
    assert_eq!(world.answer(&mut third, &world.code()), Verdict::Right);
}

#[test]
fn when_the_last_challenge_was_redeemed_and_no_text_may_be_sent_nothing_can_be_tried() {
    let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
    let mut done = world.sign_in(ana());
    let _ = world.answer(&mut done, &world.code());
    let waiting = world.sign_in(ana());
    let public = waiting.public();
    assert_eq!((public.status, public.attempts_left, world.texts.count()), (Status::Wait, 0, 1));
    assert_eq!(public.code.unwrap().resend_in, 599);
}

#[test]
fn after_a_success_the_next_sign_in_gets_a_fresh_challenge_without_waiting() {
    let world = World::new();
    let mut first = world.sign_in(ana());
    let _ = world.answer(&mut first, &world.code());
    let mut second = world.sign_in(ana());
    assert_eq!((second.public().status, world.texts.count()), (Status::Open, 2));
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}
