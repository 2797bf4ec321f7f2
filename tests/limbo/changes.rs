//! Changes of number that meet: on one account, and at one number.

use std::pin::Pin;

use custom_auth::{
    NewUser, NumberRule, RecoveryStrategy, Subscriber, UserStatus, UserStore as _, accounts::AccountError,
    testing::Interleaving,
};
use time::Duration;

use super::{
    cases::seeds,
    people::{K, M, N},
    world::{START, World, number},
};

/// A world with an account of this name, proven and used.
fn with_account(world: &World, name: &str, phone: &str) {
    let user = NewUser::new(name.to_owned(), number(phone), UserStatus::Confirmed, START);
    let _ = world.run(world.users.create(user)).unwrap();
    world.run(world.users.mark_phone_verified(name, &number(phone))).unwrap().unwrap();
    world.run(world.users.note_success(name, START)).unwrap().unwrap();
}

#[test]
fn a_change_that_is_confirmed_was_made_whatever_happens_to_the_number_meanwhile() {
    for seed in seeds(300) {
        let world = World::new(NumberRule::FirstHolds, RecoveryStrategy::Resend);
        with_account(&world, "ana", N);
        let [n, k, m] = [N, K, M].map(number);
        world.run(world.accounts.change_number("ana", &m)).unwrap();
        let code = world.texts.last_code_to(&m).unwrap();
        type Task<'w> = Pin<Box<dyn Future<Output = Option<Result<Subscriber, AccountError>>> + 'w>>;
        let tasks: Vec<Task<'_>> = vec![
            Box::pin(async { Some(world.accounts.confirm_number("ana", &m, &code).await) }),
            // Another change, at its last step: it is made only if the number is still the old one.
            Box::pin(async {
                let _ = world.users.change_phone("ana", &n, &k).await;
                None
            }),
        ];
        let ends = Interleaving::new(&world.clock, seed).run(tasks);
        let phone = world.account("ana").unwrap().phone;
        match ends.into_iter().flatten().flatten().next().unwrap() {
            Ok(_) => assert_eq!(phone, m, "seed {seed}"),
            Err(AccountError::Changed) => assert_eq!(phone, k, "seed {seed}"),
            Err(error) => panic!("seed {seed}: {error}"),
        }
        assert!(world.leads_to(N).is_none(), "seed {seed}: the old number leads nowhere");
        assert_eq!(world.leads_to(phone.e164()).map(|account| account.phone), Some(phone), "seed {seed}");
    }
}

#[test]
fn i3_many_accounts_have_no_more_guesses_at_one_number_than_one_has() {
    let world = World::new(NumberRule::FirstHolds, RecoveryStrategy::Resend);
    let names = ["ana", "bo", "cem", "dee"];
    for (place, name) in names.iter().enumerate() {
        with_account(&world, name, &format!("+9199999001{place:02}"));
    }
    let (mut wrong, mut throttled) = (0, 0);
    for round in 0..80 {
        let name = names[round % names.len()];
        world.run(world.accounts.change_number(name, &number(M))).unwrap();
        let right = world.texts.last_code_to(&number(M)).unwrap();
        for guess in ["000000", "000001", "000002"].iter().filter(|guess| **guess != right) {
            match world.run(world.accounts.confirm_number(name, &number(M), guess)) {
                Err(AccountError::CodeMismatch) => wrong += 1,
                Err(AccountError::Throttled) => throttled += 1,
                Err(AccountError::ExpiredCode) => {}
                other => panic!("round {round}: {other:?}"),
            }
        }
        world.clock.advance(Duration::minutes(6));
    }
    assert!(wrong <= 100, "{wrong} guesses in eight hours");
    assert!(throttled > 0, "{wrong}");
}
