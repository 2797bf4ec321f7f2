//! One live challenge per person: join, wrong, resend, give way, redeem.

mod common;

use common::{Person, SignIn, World, ana, bob, policy, strict};
use custom_auth::{Action, Clock as _, Occurrence, Status, machine::Verdict};
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
    // The text took 1.5 s of virtual time; the gap of 30 s runs from the charge.
    assert_eq!(second.public().code.unwrap().resend_in, 19);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
}

#[test]
fn i4_two_identical_creates_at_once_from_two_engines_send_one_text_and_return_the_same_challenge() {
    for seed in 0..200 {
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
fn a_challenge_is_texted_no_more_often_than_its_budget() {
    let world = World::under(policy().sends_per_phone(vec![(50, 86_400)]).sends_per_prefix_per_hour(100));
    world.sign_in(ana());
    for _ in 0..6 {
        world.wait(31);
        world.sign_in(ana());
    }
    assert_eq!(world.texts.count(), 3);
}

#[test]
fn tries_are_shared_by_every_sign_in_that_joins() {
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
fn i5_a_code_is_dead_from_the_moment_it_expires() {
    for (early, verdict) in [(1, Verdict::Right), (0, Verdict::Expired)] {
        let world = World::new();
        let mut sign_in = world.sign_in(ana());
        let expiry = sign_in.challenge.as_ref().unwrap().metadata().challenge.unwrap().expires_at;
        world.clock.set(expiry - Duration::milliseconds(early));
        assert_eq!(world.answer(&mut sign_in, &world.code()), verdict);
    }
}

#[test]
fn i5_a_code_counts_before_its_issue_within_the_skew_only() {
    for (early, verdict) in [(30_000, Verdict::Right), (30_001, Verdict::Expired)] {
        let world = World::new();
        let mut sign_in = world.sign_in(ana());
        let issued = sign_in.challenge.as_ref().unwrap().metadata().challenge.unwrap().issued_at;
        world.clock.set(issued - Duration::milliseconds(early));
        assert_eq!(world.answer(&mut sign_in, &world.code()), verdict);
    }
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
fn i5_a_challenge_with_little_time_left_gives_way_and_its_code_is_dead_at_once() {
    let world = World::new();
    let mut first = world.sign_in(ana());
    let old = world.code();
    world.wait(241);
    let mut second = world.sign_in(ana());
    assert_ne!(first.nonce(), second.nonce());
    assert_eq!(world.texts.count(), 2);
    assert_eq!(world.answer(&mut first, &old), Verdict::Superseded);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
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
fn when_no_text_may_be_sent_the_old_challenge_stays_and_the_outside_hears_when_to_ask_again() {
    let world = World::under(policy().sends_per_phone(vec![(1, 600)]));
    let first = world.sign_in(ana());
    world.wait(241);
    let mut second = world.sign_in(ana());
    assert_eq!((first.nonce(), second.nonce()), (first.nonce(), first.nonce()));
    let public = second.public().clone();
    assert_eq!((public.status, public.attempts_left, world.texts.count()), (Status::Wait, 3, 1));
    assert_eq!(public.code.unwrap().resend_in, 600 - 241 - 1);
    assert_eq!(world.answer(&mut second, &world.code()), Verdict::Right);
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

#[test]
fn i2_a_challenge_is_redeemed_by_one_flow_and_only_that_flow_hears_right_again() {
    let world = World::new();
    let mut one = world.sign_in(ana());
    let mut two = world.sign_in(ana());
    let code = world.code();
    let retry = one.clone();
    assert_eq!(world.answer(&mut one, &code), Verdict::Right);
    let calls = world.audit.count(Occurrence::AnswerThrottled);
    for _ in 0..10 {
        assert_eq!(world.run(retry.verify(&code, Action::Answer, world.clock.now())), Verdict::RightAgain);
    }
    assert_eq!(
        world.audit.count(Occurrence::AnswerThrottled),
        calls,
        "nothing is charged for the same answer"
    );
    assert_eq!(world.run(retry.verify(&world.wrong(1), Action::Answer, world.clock.now())), Verdict::Wrong);
    assert_eq!(world.answer(&mut two, &code), Verdict::Superseded);
    assert!(!two.signed_in());
}

#[test]
fn i2_of_sixty_four_flows_answering_rightly_at_once_one_is_in() {
    for seed in 0..20 {
        let world = World::new();
        let sign_ins: Vec<_> = (0..64).map(|_| world.sign_in(ana())).collect();
        let (code, now) = (world.code(), world.clock.now());
        let tasks =
            sign_ins.iter().map(|one| Box::pin(one.verify(&code, Action::Answer, now)) as _).collect();
        let verdicts = custom_auth::testing::interleave(&world.clock, seed, tasks);
        let right = verdicts.iter().filter(|verdict| **verdict == Verdict::Right).count();
        assert_eq!(right, 1, "seed {seed}");
    }
}

#[test]
fn i3_of_eight_parallel_answers_in_one_round_at_most_the_tries_are_compared() {
    for seed in 0..50 {
        let world = World::new();
        let sign_in = world.sign_in(ana());
        let (answers, now): (Vec<_>, _) = ((1..=8).map(|nth| world.wrong(nth)).collect(), world.clock.now());
        let tasks =
            answers.iter().map(|answer| Box::pin(sign_in.verify(answer, Action::Answer, now)) as _).collect();
        custom_auth::testing::interleave(&world.clock, seed, tasks);
        assert_eq!(world.audit.count(Occurrence::AnswerWrong), 3, "seed {seed}");
    }
}

#[test]
fn i4_a_stalled_first_create_that_wakes_after_the_person_is_in_sends_nothing() {
    let world = World::new();
    let mut stalled = SignIn::new(world.engine(), ana());
    let started = world.clock.now();
    world.wait(1);
    let mut quick = world.sign_in(ana());
    let _ = world.answer(&mut quick, &world.code());
    assert!(quick.signed_in());
    // Woken before its own deadline, and called as if it had begun then.
    world.run(stalled.present(Action::Answer, started));
    assert_eq!(world.texts.count(), 1);
    assert_eq!(stalled.public().attempts_left, 0);
}

#[test]
fn i4_nothing_is_begun_past_the_deadline() {
    let world = World::new();
    let mut late = SignIn::new(world.engine(), ana());
    let started = world.clock.now();
    world.wait(4);
    let calls = world.ledger.calls();
    world.run(late.present(Action::Answer, started));
    assert_eq!((world.ledger.calls(), world.texts.count()), (calls, 0));
    assert_eq!(late.public().status, Status::Open, "and the outside sees nothing of it");
}

#[test]
fn i6_one_persons_code_is_no_answer_for_another() {
    let world = World::new();
    world.sign_in(ana());
    let anas = world.code();
    let mut bobs = world.sign_in(bob());
    assert_eq!(world.answer(&mut bobs, &anas), Verdict::Wrong);
}

#[test]
fn i6_a_changed_number_kills_the_open_challenge() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    sign_in.person.phone = bob().phone;
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Superseded);
}

#[test]
fn i6_a_code_for_one_client_is_no_answer_at_another() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    sign_in.person.client = "another-client";
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Superseded);
}

#[test]
fn i3_another_client_or_user_id_of_the_same_phone_does_not_multiply_the_guesses() {
    let world = World::under(policy().guesses_per_day(6).sends_per_phone(vec![(100, 86_400)]));
    for (user, client) in [("ana", "a"), ("ana", "b"), ("other", "a"), ("third", "c")] {
        let person = Person { client, ..Person::known(user, "+919999900001") };
        let mut sign_in = world.sign_in(person);
        for nth in 1..=3 {
            if !sign_in.failed() {
                let _ = world.answer(&mut sign_in, &world.wrong(nth));
            }
        }
    }
    assert_eq!(world.audit.count(Occurrence::AnswerWrong), 6);
    assert!(world.audit.count(Occurrence::AnswerThrottled) > 0);
}

#[test]
fn a_failure_series_ends_with_a_success_and_otherwise_needs_the_operator() {
    let world = World::under(policy().consecutive_failures(4).sends_per_phone(vec![(100, 86_400)]));
    let fail_twice = || {
        let mut sign_in = world.sign_in(ana());
        let verdicts =
            [world.answer(&mut sign_in, &world.wrong(1)), world.answer(&mut sign_in, &world.wrong(2))];
        (sign_in, verdicts)
    };
    for _ in 0..3 {
        let (mut sign_in, verdicts) = fail_twice();
        assert_eq!(verdicts, [Verdict::Wrong; 2]);
        assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    }
    let _ = fail_twice();
    world.wait(300);
    let (mut sign_in, verdicts) = fail_twice();
    assert_eq!(verdicts, [Verdict::Wrong; 2]);
    let code = world.code();
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Throttled, "four failures in a row");
    world.run(world.engine().start_new_series(&ana().requester())).unwrap();
    assert_eq!(world.audit.count(Occurrence::SeriesReset), 1);
    world.wait(300);
    let mut sign_in = world.sign_in(ana());
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
}

#[test]
fn a_code_made_with_the_old_key_is_accepted_while_that_key_verifies() {
    let mut world = World::new();
    let mut sign_in = world.sign_in(ana());
    world.keys =
        custom_auth::CodeKeys::from_bytes("k2", &[8; 32]).unwrap().with_verifying("k1", &[7; 32]).unwrap();
    sign_in.auth = world.engine();
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    let mut next = world.sign_in(ana());
    world.keys = custom_auth::CodeKeys::from_bytes("k3", &[9; 32]).unwrap();
    next.auth = world.engine();
    assert_eq!(world.answer(&mut next, &world.code()), Verdict::Unreadable);
}

#[test]
fn a_slow_sender_is_given_up_on_and_the_text_counts_as_sent() {
    let mut world = World::new();
    let slow = custom_auth::testing::RecordingSms::new().taking(world.clock.clone(), Duration::seconds(6));
    world.sms = std::sync::Arc::new(custom_auth::testing::Faulty::new(slow));
    let before = world.clock.now();
    let first = world.sign_in(ana());
    assert_eq!(world.clock.now() - before, Duration::milliseconds(1500));
    assert_eq!(world.audit.count(Occurrence::SendUnknown), 1);
    let second = world.sign_in(ana());
    assert_eq!((first.nonce(), world.sms.calls()), (second.nonce(), 1));
}
