//! The owner proves the number at the very moment that somebody else does something about the account.

use std::pin::Pin;

use custom_auth::{
    NumberRule, Password, RecoveryStrategy, Unproven,
    pool::{Outcome, PoolError},
    testing::Interleaving,
};
use time::Duration;

use super::{
    cases::seeds,
    people::N,
    world::{World, is_alive, number},
};

const STRATEGIES: [RecoveryStrategy; 3] =
    [RecoveryStrategy::Resend, RecoveryStrategy::Adopt, RecoveryStrategy::DeleteAndSignUp];

/// What happens beside the owner's answer.
#[derive(Clone, Copy, Debug)]
enum Beside {
    BeforeSignUp,
    Prepare,
    Sweep,
    AnotherAnswer,
}

type Task<'w> = Pin<Box<dyn Future<Output = Option<Result<Outcome, PoolError>>> + 'w>>;

#[test]
fn i10_whatever_happens_beside_the_owners_answer_the_owner_gets_in_and_nobody_else_has_a_password() {
    for seed in seeds(1_000) {
        let strategy = STRATEGIES[usize::try_from(seed % 3).unwrap()];
        for beside in [Beside::BeforeSignUp, Beside::Prepare, Beside::Sweep, Beside::AnotherAnswer] {
            race(seed, strategy, beside);
        }
    }
}

fn race(seed: u64, strategy: RecoveryStrategy, beside: Beside) {
    let world = World::new(NumberRule::FirstHolds, strategy);
    let n = number(N);
    let strangers: Password = world.run(world.pool.sign_up(&n)).unwrap().password;
    world.clock.advance(Duration::days(8));
    let challenge = world.run(world.pool.start(&n)).unwrap();
    let code = world.texts.last_code_to(&n).unwrap();
    let second = world.run(world.pool.start(&n)).unwrap();
    let mut tasks: Vec<Task<'_>> =
        vec![Box::pin(async { Some(world.pool.answer(challenge.token(), &code).await) })];
    tasks.push(match beside {
        Beside::BeforeSignUp => Box::pin(async {
            let _ = world.accounts.before_sign_up(&n, None).await;
            None
        }),
        Beside::Prepare => Box::pin(async {
            let _ = world.accounts.prepare(&n, None).await;
            None
        }),
        Beside::Sweep => Box::pin(async {
            let _ = world.accounts.sweep(Unproven::Unconfirmed, None, 9).await;
            None
        }),
        Beside::AnotherAnswer => Box::pin(async { Some(world.pool.answer(second.token(), &code).await) }),
    });
    let ends = Interleaving::new(&world.clock, seed).run(tasks);
    let what = format!("seed {seed}, {strategy:?}, {beside:?}");
    let is_in = |end: &Option<Option<Result<Outcome, PoolError>>>| match end {
        Some(Some(Ok(Outcome::SignedIn(signed_in)))) => {
            let account = world.account(signed_in.user_name());
            assert!(
                account.is_some_and(|account| is_alive(signed_in, &account)),
                "{what}: signed in to nothing"
            );
            true
        }
        _ => false,
    };
    let inside = ends.iter().filter(|end| is_in(end)).count();
    assert!(inside <= 1, "{what}: both answers are in");
    if inside == 0 {
        world.clock.advance(Duration::seconds(31));
        let again = world.run(world.pool.start(&n)).unwrap();
        let code = world.texts.last_code_to(&n).unwrap();
        let outcome = world.run(world.pool.answer(again.token(), &code));
        assert!(matches!(outcome, Ok(Outcome::SignedIn(_))), "{what}: the owner is not in: {outcome:?}");
    }
    let account = world.leads_to(N).unwrap_or_else(|| panic!("{what}: the account is gone"));
    assert!(account.phone_verified, "{what}");
    let by_password = world.run(world.pool.sign_in_with_password(N, &strangers));
    assert!(by_password.is_err(), "{what}: the stranger is in");
}
