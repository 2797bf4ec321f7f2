//! Single scenes, told one by one.

use custom_auth::{
    AccountPolicy, NumberRule, Password, RecoveryStrategy, UserStatus, UserStore as _,
    accounts::Advice,
    pool::{Outcome, PoolError, SessionToken},
};
use time::Duration;

use super::{
    people::{K, N, Who},
    world::{World, is_alive, number},
};

fn world() -> World {
    World::new(NumberRule::FirstHolds, RecoveryStrategy::Resend)
}

/// Signs the holder of a number in, in one step.
fn start(world: &World, phone: &str) -> Outcome {
    world.clock.advance(Duration::seconds(31));
    let challenge = world.run(world.pool.start(&number(phone))).unwrap();
    let code = world.texts.last_code_to(&number(phone)).unwrap();
    world.run(world.pool.answer(challenge.token(), &code)).unwrap()
}

fn name(outcome: &Outcome) -> String {
    let Outcome::SignedIn(signed_in) = outcome else { panic!("not signed in: {outcome:?}") };
    signed_in.user_name().to_owned()
}

#[test]
fn one_step_makes_no_account_before_the_answer_and_takes_one_text_in_all() {
    let world = world();
    let challenge = world.run(world.pool.start(&number(N))).unwrap();
    assert_eq!(world.leads_to(N), None);
    let code = world.texts.last_code().unwrap();
    let first = world.run(world.pool.answer(challenge.token(), &code)).unwrap();
    let account = world.leads_to(N).unwrap();
    assert_eq!(account.user_name, name(&first));
    assert_eq!((account.status, account.phone_verified), (UserStatus::Confirmed, true));
    assert_eq!(world.texts.count(), 1);
    assert_eq!(name(&start(&world, N)), account.user_name, "the next time it is the same account");
}

#[test]
fn i8_start_shows_the_same_for_known_and_new_people_and_for_accounts_that_codes_do_not_open() {
    let seen = |prepare: fn(&World)| {
        let world = world();
        prepare(&world);
        let (texts, before) = (world.texts.count(), custom_auth::Clock::now(&world.clock));
        let asked = world.users.calls();
        let challenge = world.run(world.pool.start(&number(N))).unwrap();
        let after = custom_auth::Clock::now(&world.clock);
        assert_eq!(world.users.calls(), asked, "no account is asked for");
        let wrong = world.run(world.pool.answer(challenge.token(), "000000")).unwrap();
        let Outcome::Challenge(wrong) = wrong else { panic!("{wrong:?}") };
        (
            challenge.parameters().clone(),
            challenge.token().as_str().len(),
            wrong.parameters().clone(),
            wrong.token().as_str().len(),
            after - before,
            world.texts.count() - texts,
        )
    };
    let new = seen(|_| {});
    assert_eq!(new.5, 1);
    let known = seen(|world| {
        let _ = start(world, N);
        world.clock.advance(Duration::minutes(11));
    });
    let limbo = seen(|world| {
        drop(world.run(world.pool.sign_up(&number(N))).unwrap());
        world.clock.advance(Duration::minutes(11));
    });
    let disabled = seen(|world| {
        let user =
            custom_auth::NewUser::new("d".to_owned(), number(N), UserStatus::Disabled, super::world::START);
        let _ = world.run(world.users.create(user)).unwrap();
    });
    assert_eq!(new, known);
    assert_eq!(new, limbo);
    assert_eq!(new, disabled);
}

#[test]
fn an_account_that_is_switched_off_is_told_so_after_the_proof_only() {
    let world = world();
    let user =
        custom_auth::NewUser::new("d".to_owned(), number(N), UserStatus::Disabled, super::world::START);
    let _ = world.run(world.users.create(user)).unwrap();
    let challenge = world.run(world.pool.start(&number(N))).unwrap();
    let code = world.texts.last_code().unwrap();
    let answered = world.run(world.pool.answer(challenge.token(), &code));
    assert!(matches!(answered, Err(PoolError::Disabled)), "{answered:?}");
}

#[test]
fn two_steps_need_one_text_and_the_continuation_is_good_once() {
    let world = world();
    let signed_up = world.run(world.pool.sign_up(&number(N))).unwrap();
    let code = world.texts.last_code().unwrap();
    let started = world.run(world.pool.confirm_sign_up(N, &code, Some(&signed_up.password))).unwrap();
    let signed_in = world.run(world.pool.continue_sign_in(started.token())).unwrap();
    assert_eq!(signed_in.user_name(), signed_up.account.user_name);
    assert!(is_alive(&signed_in, &world.leads_to(N).unwrap()));
    let again = world.run(world.pool.continue_sign_in(started.token()));
    assert!(matches!(again, Err(PoolError::SessionUsed)), "{again:?}");
    assert_eq!(world.texts.count(), 1);
}

#[test]
fn i2_of_sixteen_continuations_at_once_one_signs_in() {
    let world = world();
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    let code = world.texts.last_code().unwrap();
    let started = world.run(world.pool.confirm_sign_up(N, &code, None)).unwrap();
    let in_ = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let (pool, token) = (world.pool.clone(), started.token().clone());
                scope.spawn(move || {
                    custom_auth::testing::run(
                        &custom_auth::testing::ManualClock::new(super::world::START),
                        pool.continue_sign_in(&token),
                    )
                    .is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(in_, 1);
}

#[test]
fn i5_a_continuation_dies_after_its_minutes() {
    let world = world();
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    let code = world.texts.last_code().unwrap();
    let started = world.run(world.pool.confirm_sign_up(N, &code, None)).unwrap();
    let life = AccountPolicy::default().continuation();
    assert_eq!(started.expires_at(), custom_auth::Clock::now(&world.clock) + life);
    world.clock.set(started.expires_at());
    let late = world.run(world.pool.continue_sign_in(started.token()));
    assert!(matches!(late, Err(PoolError::SessionExpired)), "{late:?}");
}

#[test]
fn i1_a_continuation_answers_no_challenge_and_a_session_continues_nothing() {
    let world = world();
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    let code = world.texts.last_code().unwrap();
    let started = world.run(world.pool.confirm_sign_up(N, &code, None)).unwrap();
    let session = world.run(world.pool.start(&number(K))).unwrap();
    let crossed = world.run(world.pool.continue_sign_in(session.token()));
    assert!(matches!(crossed, Err(PoolError::SessionInvalid)), "{crossed:?}");
    let crossed = world.run(world.pool.answer(started.token(), &code));
    assert!(matches!(crossed, Err(PoolError::SessionInvalid)), "{crossed:?}");
    let made_up = world.run(world.pool.continue_sign_in(&SessionToken::from("made up")));
    assert!(matches!(made_up, Err(PoolError::SessionInvalid)), "{made_up:?}");
}

#[test]
fn i10_who_confirms_with_the_password_of_the_sign_up_keeps_it_and_nobody_else_does() {
    for (kept, opens) in [(true, true), (false, false)] {
        let world = world();
        let signed_up = world.run(world.pool.sign_up(&number(N))).unwrap();
        let code = world.texts.last_code().unwrap();
        let before = world.run(world.pool.sign_in_with_password(N, &signed_up.password));
        assert!(before.is_err(), "nobody has proven the number yet");
        let given = kept.then_some(&signed_up.password);
        let _ = world.run(world.pool.confirm_sign_up(N, &code, given)).unwrap();
        let by_password = world.run(world.pool.sign_in_with_password(N, &signed_up.password));
        assert_eq!(by_password.is_ok(), opens, "{by_password:?}");
    }
}

#[test]
fn i10_a_password_opens_no_account_whose_number_nobody_has_proven() {
    let world = world();
    let password = Password::from_text("of a stranger's choice".to_owned());
    let user =
        custom_auth::NewUser::new("s".to_owned(), number(N), UserStatus::Confirmed, super::world::START);
    let _ = world.run(world.users.create(user.password(password.clone()))).unwrap();
    assert!(world.run(world.pool.sign_in_with_password(N, &password)).is_err());
    assert_eq!(name(&start(&world, N)), "s");
    assert!(world.run(world.pool.sign_in_with_password(N, &password)).is_err());
}

#[test]
fn i10_whoever_takes_a_number_gets_nothing_of_the_account_that_lost_it_though_they_know_its_name() {
    let world = world();
    let (old, new) = (name(&start(&world, N)), name(&start(&world, K)));
    let _ = world.run(world.accounts.change_number(&new, &number(N))).unwrap();
    let code = world.texts.last_code_to(&number(N)).unwrap();
    let _ = world.run(world.accounts.confirm_number(&new, &number(N), &code)).unwrap();
    assert_eq!(world.leads_to(N).unwrap().user_name, new);
    assert!(!world.account(&old).unwrap().phone_verified);
    world.clock.advance(Duration::minutes(11));
    let challenge = world.run(world.pool.sign_in(&old)).unwrap();
    let code = world.texts.last_code_to(&number(N)).unwrap();
    let answered = world.run(world.pool.answer(challenge.token(), &code));
    assert!(matches!(answered, Err(PoolError::NotAuthorized)), "{answered:?}");
    assert_eq!(world.leads_to(N).unwrap().user_name, new);
}

#[test]
fn i6_a_changed_number_kills_the_open_challenge_and_the_code_to_the_old_one() {
    let world = world();
    let name = name(&start(&world, N));
    world.clock.advance(Duration::minutes(11));
    let open = world.run(world.pool.sign_in(N)).unwrap();
    let old_code = world.texts.last_code_to(&number(N)).unwrap();
    let _ = world.run(world.accounts.change_number(&name, &number(K))).unwrap();
    let wrong = world.run(world.accounts.confirm_number(&name, &number(K), &old_code));
    assert!(wrong.is_err(), "a code to the old number proves nothing of the new one");
    assert_eq!(world.account(&name).unwrap().phone, number(N), "nothing is changed before the proof");
    let code = world.texts.last_code_to(&number(K)).unwrap();
    let _ = world.run(world.accounts.confirm_number(&name, &number(K), &code)).unwrap();
    let answered = world.run(world.pool.answer(open.token(), &old_code));
    assert!(!matches!(answered, Ok(Outcome::SignedIn(_))), "{answered:?}");
}

#[test]
fn a_dormant_account_is_not_opened_by_a_code_alone() {
    let world = world();
    let old = name(&start(&world, N));
    world.clock.advance(Duration::days(180) - Duration::minutes(1));
    assert_eq!(name(&start(&world, N)), old, "not yet");
    world.clock.advance(Duration::days(181));
    let Outcome::Dormant(dormant) = start(&world, N) else { panic!("it was opened") };
    assert_eq!(dormant.account().user_name, old);
    let woken = world.run(world.accounts.wake(dormant)).unwrap();
    assert_eq!(woken.user_name, old);
    world.clock.advance(Duration::days(181));
    let challenge = world.run(world.pool.sign_in(N)).unwrap();
    let code = world.texts.last_code().unwrap();
    let by_name = world.run(world.pool.answer(challenge.token(), &code)).unwrap();
    let Outcome::Dormant(dormant) = by_name else { panic!("{by_name:?}") };
    let fresh = world.run(world.accounts.start_anew(dormant.clone())).unwrap();
    assert_ne!(fresh.user_name, old);
    assert_eq!(world.leads_to(N).unwrap().user_name, fresh.user_name);
    assert!(world.account(&old).is_some(), "it waits for its owner");
    assert!(world.run(world.accounts.start_anew(dormant)).is_err(), "one proof, one decision");
}

#[test]
fn the_question_before_sign_up_is_limited_for_a_number_and_for_a_client() {
    let world = world();
    let mut asked = 0;
    while let Ok(Advice::SignUp) = world.run(world.accounts.before_sign_up(&number(N), None)) {
        asked += 1;
    }
    assert_eq!(asked, 100, "as this world's policy says");
    let answers = |client| {
        let phones = (10..99).map(|nth| format!("+9199999000{nth}"));
        phones
            .filter(|phone| world.run(world.accounts.before_sign_up(&number(phone), client)).is_ok())
            .count()
    };
    assert_eq!(answers(Some("192.0.2.7")), 20);
    assert_eq!(answers(Some("192.0.2.8")), 20);
    assert_eq!(answers(None), 89);
}

#[test]
fn i8_preparing_takes_the_same_time_and_says_nothing() {
    let nobody = |_: &World| {};
    let known = |world: &World| drop(start(world, N));
    let limbo = |world: &World| drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    let down = |world: &World| world.users.down(true);
    for (make, is_done) in
        [(&nobody as &dyn Fn(&World), true), (&known, true), (&limbo, true), (&down, false)]
    {
        let world = world();
        make(&world);
        let before = custom_auth::Clock::now(&world.clock);
        let done = world.run(world.accounts.prepare(&number(N), None));
        assert_eq!(done.is_ok(), is_done);
        assert_eq!(custom_auth::Clock::now(&world.clock) - before, Duration::seconds(2));
        if is_done {
            world.clock.advance(Duration::seconds(31));
            assert!(world.run(world.pool.sign_in(N)).is_ok(), "a sign-in asks for the code");
            assert!(world.code(Who::Owner, N).is_some());
        }
    }
}

#[test]
fn i10_the_first_proof_revokes_every_token_issued_before_and_later_ones_revoke_nothing() {
    let world = world();
    let user =
        custom_auth::NewUser::new("s".to_owned(), number(N), UserStatus::Confirmed, super::world::START);
    let _ = world.run(world.users.create(user)).unwrap();
    let first = start(&world, N);
    let revoked = world.leads_to(N).unwrap().tokens_not_before;
    assert!(revoked.is_some_and(|from| from > super::world::START), "{revoked:?}");
    let Outcome::SignedIn(first) = first else { panic!("not signed in: {first:?}") };
    assert!(is_alive(&first, &world.leads_to(N).unwrap()), "the owner's own is not among them");
    let _ = start(&world, N);
    assert_eq!(world.leads_to(N).unwrap().tokens_not_before, revoked);
}
