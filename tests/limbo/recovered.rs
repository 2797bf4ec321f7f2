//! Recovery and sign-up within their limits: what a text keeps alive, who pays for a question, for whom no account is made.

use custom_auth::{
    AccountPolicy, Accounts, CodeKeys, CreateUser, MemoryLedger, NewUser, NumberRule, Password,
    RecoveryStrategy, UserStatus, UserStore as _,
    accounts::{AccountError, Advice},
    pool::PoolError,
};
use time::Duration;

use super::{
    people::{K, N},
    world::{START, World, is_alive, number},
};

fn world(strategy: RecoveryStrategy) -> World {
    World::new(NumberRule::FirstHolds, strategy)
}

/// Accounts of the same world, under another policy and with a ledger of their own.
fn under(world: &World, policy: AccountPolicy) -> Accounts {
    let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let codes = world.auth.codes("local_CustomAuth", "customauth");
    let accounts = Accounts::builder(keys, std::sync::Arc::clone(&world.users), codes, MemoryLedger::new());
    accounts.policy(policy).clock(world.clock.clone()).build().unwrap()
}

#[test]
fn i10_nobody_deletes_a_sign_up_whose_code_was_texted_again_a_moment_ago() {
    let world = world(RecoveryStrategy::DeleteAndSignUp);
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    world.clock.advance(Duration::HOUR);
    world.run(world.pool.resend_confirmation_code(N)).unwrap();
    let code = world.texts.last_code().unwrap();
    world.clock.advance(Duration::minutes(1));
    let advice = world.run(world.accounts.before_sign_up(&number(N), None)).unwrap();
    assert!(matches!(advice, Advice::Confirm { .. }), "{advice:?}");
    assert!(world.run(world.pool.confirm_sign_up(N, &code, None)).is_ok());
}

#[test]
fn a_sign_up_whose_last_text_is_older_than_the_grace_time_is_deleted() {
    let world = world(RecoveryStrategy::DeleteAndSignUp);
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    for _ in 0..3 {
        world.clock.advance(Duration::minutes(14));
        world.run(world.pool.resend_confirmation_code(N)).unwrap();
    }
    world.clock.advance(Duration::minutes(15));
    let advice = world.run(world.accounts.before_sign_up(&number(N), None)).unwrap();
    assert!(matches!(advice, Advice::SignUp), "{advice:?}");
    assert_eq!(world.leads_to(N), None);
}

#[test]
fn i9_no_code_is_texted_again_where_it_cannot_be_noted() {
    let world = world(RecoveryStrategy::DeleteAndSignUp);
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    world.clock.advance(Duration::HOUR);
    world.ledger.down(true);
    assert!(world.run(world.pool.resend_confirmation_code(N)).is_err());
    assert!(world.run(world.accounts.before_sign_up(&number(N), None)).is_err());
    assert_eq!(world.texts.count(), 1);
    assert!(world.leads_to(N).is_some());
}

#[test]
fn a_client_that_asks_too_much_uses_up_nobodys_number() {
    let world = world(RecoveryStrategy::Resend);
    let accounts = under(&world, AccountPolicy::default());
    let asks = |phone: &str, client| world.run(accounts.before_sign_up(&number(phone), Some(client)));
    for place in 0..20 {
        assert!(asks(&format!("+9199999001{place:02}"), "203.0.113.7").is_ok());
    }
    for _ in 0..10 {
        assert!(matches!(asks(N, "203.0.113.7"), Err(AccountError::Throttled)));
    }
    for _ in 0..5 {
        assert!(asks(N, "203.0.113.8").is_ok());
    }
    assert!(matches!(asks(N, "203.0.113.8"), Err(AccountError::Throttled)), "five a day");
}

#[test]
fn no_account_is_made_for_a_number_that_could_not_be_texted() {
    let world = world(RecoveryStrategy::Resend);
    let abroad = number("+15550100123");
    world.run(world.accounts.prepare(&abroad, None)).unwrap();
    assert!(matches!(world.run(world.accounts.sign_up(&abroad)), Err(AccountError::NumberNotSupported)));
    assert!(matches!(world.run(world.pool.sign_up(&abroad)), Err(PoolError::NumberNotSupported)));
    assert_eq!(world.leads_to("+15550100123"), None);
}

#[test]
fn so_many_unproven_accounts_a_day_and_no_more() {
    let world = world(RecoveryStrategy::Resend);
    let accounts = under(&world, AccountPolicy::builder().new_accounts_per_day(3).build().unwrap());
    let nth = |place: u32| format!("+9199999001{place:02}");
    for place in 0..2 {
        drop(world.run(accounts.sign_up(&number(&nth(place)))).unwrap());
    }
    for place in 2..5 {
        world.run(accounts.prepare(&number(&nth(place)), None)).unwrap();
    }
    assert!(matches!(world.run(accounts.sign_up(&number(&nth(5)))), Err(AccountError::Throttled)));
    let made = (0..6).filter(|place| world.leads_to(&nth(*place)).is_some()).count();
    assert_eq!(made, 3);
    world.clock.advance(Duration::hours(25));
    assert!(world.run(accounts.sign_up(&number(&nth(5)))).is_ok());
}

#[test]
fn prepare_takes_as_long_as_the_policy_says() {
    let world = world(RecoveryStrategy::Resend);
    let accounts = under(&world, AccountPolicy::builder().preparing(Duration::seconds(7)).build().unwrap());
    for _ in 0..2 {
        let before = custom_auth::Clock::now(&world.clock);
        world.run(accounts.prepare(&number(N), None)).unwrap();
        assert_eq!(custom_auth::Clock::now(&world.clock) - before, Duration::seconds(7));
    }
}

/// An account that a stranger signed up with a password, and whose number somebody else's code marked verified, the work of a first
/// proof having broken off.
fn half_proven(world: &World) -> Password {
    let password = Password::from_text("the stranger's own 1!".to_owned());
    let user =
        NewUser::new("ana".to_owned(), number(N), UserStatus::Confirmed, START).password(password.clone());
    assert!(matches!(world.run(world.users.create(user)).unwrap(), CreateUser::Created(_)));
    world.run(world.users.mark_phone_verified("ana", &number(N))).unwrap().unwrap();
    password
}

#[test]
fn i10_a_password_opens_no_account_whose_first_proofs_work_broke_off() {
    let world = world(RecoveryStrategy::Resend);
    let strangers = half_proven(&world);
    let signed_in = world.run(world.pool.sign_in_with_password(N, &strangers));
    assert!(matches!(signed_in, Err(PoolError::NotAuthorized)), "{signed_in:?}");
}

#[test]
fn a_clock_that_goes_back_after_the_confirmation_leaves_nobody_with_dead_tokens() {
    let world = world(RecoveryStrategy::Resend);
    drop(world.run(world.pool.sign_up(&number(N))).unwrap());
    let code = world.texts.last_code().unwrap();
    let started = world.run(world.pool.confirm_sign_up(N, &code, None)).unwrap();
    world.clock.advance(-Duration::seconds(5));
    let signed_in = world.run(world.pool.continue_sign_in(started.token())).unwrap();
    assert!(is_alive(&signed_in, &world.leads_to(N).unwrap()));
}

#[test]
fn i10_a_change_of_number_does_the_first_proofs_work_that_broke_off() {
    let world = world(RecoveryStrategy::Resend);
    let strangers = half_proven(&world);
    world.run(world.accounts.change_number("ana", &number(K))).unwrap();
    let code = world.texts.last_code_to(&number(K)).unwrap();
    let changed = world.run(world.accounts.confirm_number("ana", &number(K), &code)).unwrap();
    assert!(changed.tokens_not_before.is_some());
    assert!(!world.run(world.users.has_password("ana", &strangers)).unwrap());
    assert!(world.run(world.pool.sign_in_with_password(K, &strangers)).is_err());
}
