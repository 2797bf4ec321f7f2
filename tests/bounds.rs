//! What holds whatever is tried: once, bounded guesses, expired is dead, bound, nothing past the deadline.
#![allow(clippy::indexing_slicing)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod common;

use std::{cell::Cell, iter, pin::Pin};

use common::{
    Person, SignIn, World, ana, bob, policy,
    spy::{Entry, Watched, What},
};
use custom_auth::{
    Action, Clock as _, Occurrence, Status, SubjectKind, machine::Verdict, testing::Interleaving,
};
use time::Duration;

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
    for (early, verdict) in [(5_000, Verdict::Right), (5_001, Verdict::Expired)] {
        let world = World::new();
        let mut sign_in = world.sign_in(ana());
        let issued = sign_in.challenge.as_ref().unwrap().metadata().challenge.unwrap().issued_at;
        world.clock.set(issued - Duration::milliseconds(early));
        assert_eq!(world.answer(&mut sign_in, &world.code()), verdict);
    }
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
fn i2_a_challenge_is_redeemed_by_one_flow_and_only_that_flow_hears_right_again() {
    let world = World::new();
    let mut one = world.sign_in(ana());
    let mut two = world.sign_in(ana());
    let code = world.code();
    let retry = one.clone();
    assert_eq!(world.answer(&mut one, &code), Verdict::Right);
    let calls = world.ledger.calls();
    for _ in 0..10 {
        assert_eq!(world.run(retry.verify(&code, Action::Answer, world.clock.now())), Verdict::RightAgain);
    }
    // The record and the series are read each time; nothing is charged for the same answer.
    assert_eq!(world.ledger.calls() - calls, 20);
    assert_eq!(world.run(retry.verify(&world.wrong(1), Action::Answer, world.clock.now())), Verdict::Wrong);
    assert_eq!(world.answer(&mut two, &code), Verdict::Superseded);
    assert!(!two.signed_in());
}

#[test]
fn i2_a_right_answer_given_again_after_the_next_sign_in_began_is_not_right() {
    let world = World::new();
    let mut owner = world.sign_in(ana());
    let (retry, code) = (owner.clone(), world.code());
    assert_eq!(world.answer(&mut owner, &code), Verdict::Right);
    world.sign_in(ana());
    assert_eq!(world.run(retry.verify(&code, Action::Answer, world.clock.now())), Verdict::Superseded);
}

#[test]
fn i2_of_sixty_four_flows_answering_rightly_at_once_one_is_in() {
    for seed in common::cases::seeds(1_000) {
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
    for seed in common::cases::seeds(1_000) {
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
fn i3_a_failure_series_ends_with_a_success_and_otherwise_needs_the_operator() {
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

/// Failures that are paid for after a success was answered, five of one client being under way meanwhile; the success stops
/// before its `dies`-th step, if it does. At most five in a row are allowed.
fn failures_after_a_success(seed: u64, dies: Option<u64>) -> (usize, bool) {
    let base = policy().consecutive_failures(5).tries_per_challenge(5).sends_per_phone(vec![(100, 86_400)]);
    let watched = Watched::new(World::under(base));
    let world = &watched.world;
    let sign_in = |client| {
        let mut one = SignIn::new(watched.engine(0), Person { client, ..ana() });
        world.run(one.present(Action::Answer, world.clock.now()));
        one
    };
    let owner = sign_in("a");
    let (right, stranger) = (world.code(), sign_in("b"));
    let wrong: Vec<_> = (1..=5).map(|nth| world.wrong(nth)).collect();
    let (now, answered) = (world.clock.now(), Cell::new(None));
    let success = async {
        let verdict = owner.verify(&right, Action::Answer, now).await;
        answered.set((verdict == Verdict::Right).then(|| watched.journal.len()));
    };
    let failures = wrong.iter().map(|answer| {
        let failure =
            async { assert_ne!(stranger.verify(answer, Action::Answer, now).await, Verdict::Superseded) };
        Box::pin(failure) as Pin<Box<dyn Future<Output = ()>>>
    });
    let tasks = iter::once(Box::pin(success) as _).chain(failures).collect();
    let order = Interleaving::new(&world.clock, seed);
    let order = if let Some(poll) = dies { order.crash_at(0, poll) } else { order };
    let ends = order.run(tasks);
    let last = sign_in("c");
    for nth in 1..=5 {
        let _ = world.run(last.verify(&world.wrong(nth), Action::Answer, world.clock.now()));
    }
    // Who died was never answered: then nothing is known of a success, and all that was paid counts.
    let from = answered.get().unwrap_or_default();
    let paid = |entry: &&Entry| match &entry.what {
        What::Billed { charges, refused: None, .. } => charges.iter().any(|charge| {
            charge.key.subject.kind == SubjectKind::Series && (charge.cost, charges.len()) == (1, 5)
        }),
        _ => false,
    };
    (watched.journal.entries()[from..].iter().filter(paid).count(), ends[0].is_some())
}

#[test]
fn i3_answers_under_way_while_a_success_ends_a_series_are_paid_in_it_or_in_the_next() {
    for seed in common::cases::seeds(1_000) {
        let (failures, _) = failures_after_a_success(seed, None);
        assert!(failures <= 5, "{failures} failures in a row after a success, seed {seed}");
    }
}

#[test]
fn answers_under_way_while_a_success_ends_a_series_are_not_refused_for_it() {
    let base = policy().consecutive_failures(20).tries_per_challenge(5).sends_per_phone(vec![(100, 86_400)]);
    for seed in common::cases::seeds(1_000) {
        let world = World::under(base.clone());
        let mut owner = world.sign_in(Person { client: "a", ..ana() });
        let right = world.code();
        for nth in 1..=3 {
            assert_eq!(world.answer(&mut owner, &world.wrong(nth)), Verdict::Wrong);
        }
        let other = world.sign_in(Person { client: "b", ..ana() });
        let answers: Vec<_> = iter::once(right).chain((1..=5).map(|nth| world.wrong(nth))).collect();
        let now = world.clock.now();
        let tasks = answers.iter().enumerate().map(|(place, answer)| {
            let who = if place == 0 { &owner } else { &other };
            Box::pin(who.verify(answer, Action::Answer, now)) as _
        });
        let verdicts = custom_auth::testing::interleave(&world.clock, seed, tasks.collect());
        assert_eq!((verdicts[0], &verdicts[1..]), (Verdict::Right, &[Verdict::Wrong; 5][..]), "seed {seed}");
    }
}

#[test]
fn i3_a_success_that_dies_anywhere_leaves_less_than_one_more_series_of_failures() {
    for seed in common::cases::seeds(100) {
        let alive = (1..).map_while(|poll| {
            let (failures, ended) = failures_after_a_success(seed, Some(poll));
            assert!(failures <= 10, "{failures} answers, the right one too, seed {seed}, died at {poll}");
            (!ended).then_some(())
        });
        assert!(alive.count() > 5, "it was let die at each of its steps");
    }
}

#[test]
fn i3_right_answers_in_a_series_that_is_kept_make_its_cap_stricter_by_a_tenth_at_most() {
    let world = World::under(
        policy().consecutive_failures(20).guesses_per_day(100).sends_per_phone(vec![(100, 86_400)]),
    );
    for _ in 0..7 {
        let mut sign_in = world.sign_in(ana());
        assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    }
    let mut wrong = 0;
    while world.audit.count(Occurrence::AnswerThrottled) == 0 {
        let mut sign_in = world.sign_in(ana());
        for nth in 1..=3 {
            if !sign_in.failed() {
                wrong += u32::from(world.answer(&mut sign_in, &world.wrong(nth)) == Verdict::Wrong);
            }
        }
        world.wait(301);
    }
    assert!((18..=20).contains(&wrong), "{wrong} failures in a row");
}

#[test]
fn i3_a_series_that_successes_kept_does_not_die_under_the_failures_behind_them() {
    let world = World::under(
        policy().consecutive_failures(20).guesses_per_day(100).sends_per_phone(vec![(100, 86_400)]),
    );
    let succeed = || {
        let mut sign_in = world.sign_in(ana());
        assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    };
    (0..3).for_each(|_| succeed());
    // A record of the third sign-in, and a success shortly before it would be forgotten.
    world.wait(390 * 86_400);
    succeed();
    let mut wrong = 0;
    for _ in 0..3 {
        for _ in 0..10 {
            let mut sign_in = world.sign_in(ana());
            for nth in 1..=3 {
                if !sign_in.failed() {
                    wrong += u32::from(world.answer(&mut sign_in, &world.wrong(nth)) == Verdict::Wrong);
                }
            }
            world.wait(301);
        }
        world.wait(10 * 86_400);
    }
    assert!((18..=20).contains(&wrong), "{wrong} failures in a row");
}

#[test]
fn i10_a_series_that_an_operator_started_lasts_and_is_every_names_and_every_clients() {
    let world = World::under(policy().consecutive_failures(3).sends_per_phone(vec![(100, 86_400)]));
    let mut sign_in = world.sign_in(ana());
    for nth in 1..=3 {
        assert_eq!(world.answer(&mut sign_in, &world.wrong(nth)), Verdict::Wrong);
    }
    let nameless = Person { phone: None, ..ana() };
    assert!(world.run(world.engine().start_new_series(&nameless.requester())).is_err());
    let operator = Person { user: "operator", client: "operator", ..ana() };
    world.run(world.engine().start_new_series(&operator.requester())).unwrap();
    world.wait(60 * 86_400);
    let mut sign_in = world.sign_in(ana());
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
}

#[test]
fn an_owner_who_never_fails_starts_a_series_in_few_sign_ins_and_is_never_locked_out() {
    let world = World::new();
    let costs: Vec<_> = (0..250)
        .map(|_| {
            let before = world.ledger.calls();
            let mut sign_in = world.sign_in(ana());
            assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
            world.wait(86_400);
            world.ledger.calls() - before
        })
        .collect();
    let least = *costs.iter().min().unwrap();
    let started = costs.iter().filter(|cost| **cost > least).count();
    assert_eq!(started, 250 / 11, "{costs:?}");
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
