//! What the audit is told of accounts in limbo, and of questions about them.

use custom_auth::{
    NumberRule, Occurrence, RecoveryStrategy, UserStore as _, accounts::AccountError, testing::Fault,
};
use time::Duration;

use super::{
    people::{K, N},
    world::{World, number},
};

/// An account of N in limbo, so old; nothing is noted of it yet.
fn limbo(strategy: RecoveryStrategy, age: Duration) -> (World, String, usize) {
    let world = World::new(NumberRule::FirstHolds, strategy);
    let name = world.run(world.pool.sign_up(&number(N))).unwrap().account.user_name;
    world.clock.advance(age);
    let noted = world.audit.events().len();
    (world, name, noted)
}

fn noted(world: &World, before: usize) -> Vec<Occurrence> {
    world.audit.occurrences().split_off(before)
}

const OLD: Duration = Duration::minutes(15);
const YOUNG: Duration = Duration::minutes(14);

#[test]
fn a_question_that_takes_an_account_over_or_away_is_noted_and_no_other_is() {
    use RecoveryStrategy as S;
    for (strategy, age, expected) in [
        (S::Adopt, OLD, vec![Occurrence::AccountAdopted]),
        (S::Adopt, YOUNG, vec![]),
        (S::DeleteAndSignUp, OLD, vec![Occurrence::AccountDeleted]),
        (S::DeleteAndSignUp, YOUNG, vec![]),
        (S::Resend, OLD, vec![]),
    ] {
        let (world, _, before) = limbo(strategy, age);
        let _ = world.run(world.accounts.before_sign_up(&number(N), None)).unwrap();
        assert_eq!(noted(&world, before), expected, "{strategy:?} after {age}");
        let events = world.audit.events().split_off(before);
        let signed_up = world.audit.events()[0];
        assert!(
            events.iter().all(|event| event.account == signed_up.account && event.phone == signed_up.phone)
        );
    }
}

#[test]
fn preparing_notes_an_account_in_limbo_as_adopted_a_new_one_as_signed_up_and_others_not_at_all() {
    let prepared = |world: &World, before| {
        world.run(world.accounts.prepare(&number(N), None)).unwrap();
        noted(world, before)
    };
    let (world, _, before) = limbo(RecoveryStrategy::Resend, YOUNG);
    assert_eq!(prepared(&world, before), [Occurrence::AccountAdopted]);
    assert_eq!(prepared(&world, before + 1), [], "it is confirmed by now");
    let (world, name, before) = limbo(RecoveryStrategy::Resend, OLD);
    let _ = world.run(world.users.inner().mark_phone_verified(&name, &number(N))).unwrap().unwrap();
    assert_eq!(prepared(&world, before), [], "what was ever proven keeps its password");
    let world = World::new(NumberRule::FirstHolds, RecoveryStrategy::Resend);
    assert_eq!(prepared(&world, 0), [Occurrence::SignedUp]);
    assert_eq!(prepared(&world, 1), []);
}

#[test]
fn a_takeover_that_broke_off_is_not_noted_as_one() {
    // The question looks first; then the password, then the tokens.
    for nth in [2, 3] {
        let (world, _, before) = limbo(RecoveryStrategy::Adopt, OLD);
        world.users.fail(world.users.calls() + nth, Fault::Error);
        let broken = world.run(world.accounts.before_sign_up(&number(N), None));
        assert!(matches!(broken, Err(AccountError::Store(_))), "{broken:?}");
        assert_eq!(noted(&world, before), []);
        let (world, _, before) = limbo(RecoveryStrategy::Resend, OLD);
        world.users.fail(world.users.calls() + nth, Fault::Error);
        world.run(world.accounts.prepare(&number(N), None)).unwrap();
        assert_eq!(noted(&world, before), [Occurrence::AccountWorkFailed]);
    }
}

#[test]
fn every_question_past_a_limit_is_noted_and_nobody_is_looked_up_for_it() {
    let ask = |world: &World, prepare: bool, phone: &str, client| {
        let phone = number(phone);
        match prepare {
            true => world.run(world.accounts.prepare(&phone, client)),
            false => world.run(world.accounts.before_sign_up(&phone, client)).map(drop),
        }
    };
    // As this world's policy says: the number's, then the client's.
    for (limit, client) in [(100, None), (20, Some("192.0.2.7"))] {
        for prepare in [false, true] {
            let world = World::new(NumberRule::VerifiedHolds, RecoveryStrategy::Resend);
            for nth in 0..limit {
                assert!(ask(&world, prepare, N, client).is_ok(), "question {nth}");
            }
            assert_eq!(world.audit.count(Occurrence::QuestionThrottled), 0);
            let (before, calls) = (world.audit.events().len(), world.users.calls());
            for _ in 0..3 {
                assert!(matches!(ask(&world, prepare, N, client), Err(AccountError::Throttled)));
            }
            assert_eq!(noted(&world, before), [Occurrence::QuestionThrottled; 3]);
            let last = world.audit.events().pop().unwrap();
            assert_eq!((last.phone, last.account), (Some(number(N).into()), None));
            assert_eq!(world.users.calls(), calls);
            assert_eq!(ask(&world, prepare, K, client).is_ok(), client.is_none(), "another number");
        }
    }
}
