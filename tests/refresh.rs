//! Staying signed in: what a refresh token is good for, until when, and what ends it.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there

#[path = "common/cases.rs"]
mod cases;

use std::{pin::Pin, sync::Arc};

use cases::seeds;
use custom_auth::{
    Accounts, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, PhoneNumber, Policy, Timestamp,
    UserPool, UserStore as _,
    pool::{
        OngoingSignIn, Outcome, PoolError, PoolSettings, RefreshToken, RefreshTokenRotation, SealKey,
        SignedIn,
    },
    testing::{Faulty, Interleaving, ManualClock, RecordingSms, run},
};
use time::Duration;

const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
const PHONE: &str = "+919999900001";
const ROTATING: RefreshTokenRotation = RefreshTokenRotation::On { grace: Duration::seconds(30) };

struct World {
    clock: ManualClock,
    sms: RecordingSms,
    ledger: Arc<Faulty<MemoryLedger>>,
    users: Arc<MemoryUsers>,
    pool: UserPool,
}

impl World {
    fn new(rotation: RefreshTokenRotation) -> Self {
        let (clock, sms) = (ManualClock::new(START), RecordingSms::new());
        let ledger = Arc::new(Faulty::new(MemoryLedger::new()));
        let (users, keys) = (Arc::new(MemoryUsers::new()), CodeKeys::from_bytes("k1", &[7; 32]).unwrap());
        let policy = Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap();
        let auth = CustomAuth::builder().keys(keys.clone()).policy(policy).sms(sms.clone());
        let auth = auth.ledger(Arc::clone(&ledger)).clock(clock.clone()).build().unwrap();
        let codes = auth.codes("local_CustomAuth", "customauth");
        let accounts = Accounts::builder(keys, Arc::clone(&users), codes, Arc::clone(&ledger));
        let accounts = accounts.clock(clock.clone()).build().unwrap();
        let pool = Self::pool(&clock, &ledger, &users, rotation, "customauth", 9)
            .triggers(auth)
            .accounts(accounts)
            .build()
            .unwrap();
        Self { clock, sms, ledger, users, pool }
    }

    fn pool(
        clock: &ManualClock,
        ledger: &Arc<Faulty<MemoryLedger>>,
        users: &Arc<MemoryUsers>,
        rotation: RefreshTokenRotation,
        client: &str,
        key: u8,
    ) -> custom_auth::pool::UserPoolBuilder {
        let mut settings = PoolSettings::default();
        settings.refresh_token_rotation = rotation;
        UserPool::builder()
            .users(Arc::clone(users))
            .ledger(Arc::clone(ledger))
            .seal_key(SealKey::from_bytes(&[key; 32]))
            .client_id(client)
            .settings(settings)
            .clock(clock.clone())
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    fn sign_in(&self) -> SignedIn {
        self.clock.advance(Duration::seconds(31));
        let phone: PhoneNumber = PHONE.parse().unwrap();
        let challenge = self.run(self.pool.start(&phone)).unwrap();
        let code = self.sms.last_code().unwrap();
        let Outcome::SignedIn(person) = self.run(self.pool.answer(challenge.token(), &code)).unwrap() else {
            panic!("not signed in")
        };
        person
    }

    fn stay(&self) -> OngoingSignIn {
        let person = self.sign_in();
        self.run(self.pool.stay_signed_in(&person)).unwrap()
    }

    fn renew(&self, token: &RefreshToken) -> Result<OngoingSignIn, PoolError> {
        self.run(self.pool.renew(token))
    }

    fn is_bearer(&self, ongoing: &OngoingSignIn) -> bool {
        self.run(self.pool.bearer(&ongoing.account.user_name, &ongoing.origin)).is_ok()
    }
}

fn token(ongoing: &OngoingSignIn) -> RefreshToken {
    ongoing.refresh_token.clone().unwrap()
}

#[test]
fn a_refresh_token_is_good_for_thirty_days_and_renews_the_same_sign_in() {
    let world = World::new(RefreshTokenRotation::Off);
    let first = world.stay();
    world.clock.advance(Duration::days(30) - Duration::milliseconds(1));
    for _ in 0..3 {
        let again = world.renew(&token(&first)).unwrap();
        assert_eq!((again.auth_time, &again.origin), (first.auth_time, &first.origin));
        assert_eq!(again.refresh_token, None, "it stays as it is");
    }
    world.clock.advance(Duration::milliseconds(1));
    assert!(matches!(world.renew(&token(&first)), Err(PoolError::RefreshTokenExpired)));
    assert!(world.is_bearer(&first), "an access token of the last moment lives out its hour");
    world.clock.advance(Duration::DAY);
    assert!(!world.is_bearer(&first));
}

#[test]
fn a_revoked_sign_in_ends_with_every_token_of_it_and_no_other() {
    for rotation in [RefreshTokenRotation::Off, ROTATING] {
        let world = World::new(rotation);
        let (one, other) = (world.stay(), world.stay());
        world.run(world.pool.revoke(&token(&one))).unwrap();
        assert!(matches!(world.renew(&token(&one)), Err(PoolError::RefreshTokenRevoked)));
        assert!(!world.is_bearer(&one));
        assert!(world.is_bearer(&other));
        assert!(world.renew(&token(&other)).is_ok());
        world.run(world.pool.revoke(&token(&one))).unwrap();
    }
}

#[test]
fn signing_out_everywhere_ends_sign_ins_of_this_very_millisecond_and_none_that_come_after() {
    let world = World::new(RefreshTokenRotation::Off);
    let (one, other) = (world.stay(), world.stay());
    world.run(world.pool.sign_out_everywhere(&one.account.user_name)).unwrap();
    for ended in [&one, &other] {
        assert!(!world.is_bearer(ended));
        assert!(matches!(world.renew(&token(ended)), Err(PoolError::RefreshTokenRevoked)));
    }
    let later = world.stay();
    assert!(world.is_bearer(&later) && world.renew(&token(&later)).is_ok());
}

#[test]
fn a_rotated_token_is_good_within_its_grace_and_gives_the_same_successor() {
    let world = World::new(ROTATING);
    let first = world.stay();
    let second = world.renew(&token(&first)).unwrap();
    world.clock.advance(Duration::seconds(29));
    let again = world.renew(&token(&first)).unwrap();
    for successor in [&second, &again] {
        assert!(world.is_bearer(successor));
    }
    let third = world.renew(&token(&again)).unwrap();
    assert!(world.renew(&token(&second)).is_ok(), "the second was answered twice, and is one token");
    assert!(world.renew(&token(&third)).is_ok());
}

#[test]
fn a_token_that_is_used_after_its_grace_ends_the_sign_in() {
    let world = World::new(ROTATING);
    let first = world.stay();
    let second = world.renew(&token(&first)).unwrap();
    world.clock.advance(Duration::seconds(30));
    assert!(matches!(world.renew(&token(&first)), Err(PoolError::RefreshTokenReused)));
    assert!(
        matches!(world.renew(&token(&second)), Err(PoolError::RefreshTokenRevoked)),
        "the thief's, or the owner's"
    );
    assert!(!world.is_bearer(&second));
}

#[test]
fn a_token_of_two_rotations_ago_ends_the_sign_in_even_within_the_grace() {
    let world = World::new(ROTATING);
    let first = world.stay();
    let second = world.renew(&token(&first)).unwrap();
    let third = world.renew(&token(&second)).unwrap();
    assert!(matches!(world.renew(&token(&first)), Err(PoolError::RefreshTokenReused)));
    assert!(matches!(world.renew(&token(&third)), Err(PoolError::RefreshTokenRevoked)));
}

#[test]
fn rotation_does_not_lengthen_a_sign_in() {
    let world = World::new(ROTATING);
    let mut newest = world.stay();
    for _ in 0..29 {
        world.clock.advance(Duration::DAY);
        newest = world.renew(&token(&newest)).unwrap();
    }
    world.clock.advance(Duration::DAY);
    assert!(matches!(world.renew(&token(&newest)), Err(PoolError::RefreshTokenExpired)));
}

#[test]
fn of_two_renewals_at_once_both_get_the_same_successor_and_nobody_is_signed_out() {
    for seed in seeds(300) {
        let world = World::new(ROTATING);
        let first = token(&world.stay());
        type Task<'w> = Pin<Box<dyn Future<Output = Result<OngoingSignIn, PoolError>> + 'w>>;
        let tasks: Vec<Task<'_>> = (0..2).map(|_| Box::pin(world.pool.renew(&first)) as Task<'_>).collect();
        for end in Interleaving::new(&world.clock, seed).run(tasks) {
            let ongoing = end.unwrap_or_else(|| panic!("seed {seed}: it did not end"));
            let ongoing = ongoing.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert!(world.renew(&token(&ongoing)).is_ok(), "seed {seed}");
        }
    }
}

#[test]
fn i6_a_token_of_another_client_or_key_is_none() {
    let world = World::new(RefreshTokenRotation::Off);
    let ours = token(&world.stay());
    for (client, key) in [("other", 9), ("customauth", 8)] {
        let off = RefreshTokenRotation::Off;
        let other = World::pool(&world.clock, &world.ledger, &world.users, off, client, key);
        let other = other.triggers(world_triggers(&world)).build().unwrap();
        let renewed = world.run(other.renew(&ours));
        assert!(matches!(renewed, Err(PoolError::RefreshTokenInvalid)), "{client}, {key}: {renewed:?}");
    }
    for text in ["", "token", &ours.as_str()[1..], &"A".repeat(1 << 16)] {
        assert!(matches!(world.renew(&RefreshToken::from(text)), Err(PoolError::RefreshTokenInvalid)));
    }
}

fn world_triggers(world: &World) -> CustomAuth {
    let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let policy = Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap();
    CustomAuth::builder()
        .keys(keys)
        .policy(policy)
        .sms(world.sms.clone())
        .ledger(MemoryLedger::new())
        .build()
        .unwrap()
}

#[test]
fn an_account_that_is_switched_off_or_gone_is_renewed_no_more() {
    let world = World::new(RefreshTokenRotation::Off);
    let first = world.stay();
    let pool = World::pool(
        &world.clock,
        &world.ledger,
        &Arc::new(MemoryUsers::new()),
        RefreshTokenRotation::Off,
        "customauth",
        9,
    );
    let pool = pool.triggers(world_triggers(&world)).build().unwrap();
    let renewed = world.run(pool.renew(&token(&first)));
    assert!(matches!(renewed, Err(PoolError::RefreshTokenRevoked)), "{renewed:?}");
    assert!(world.run(world.users.find_by_name(&first.account.user_name)).unwrap().is_some());
}

#[test]
fn i9_nobody_is_renewed_and_nobody_is_a_bearer_while_the_ledger_is_down_or_has_forgotten() {
    let world = World::new(RefreshTokenRotation::Off);
    let first = world.stay();
    world.ledger.down(true);
    assert!(matches!(world.renew(&token(&first)), Err(PoolError::Internal(_))));
    assert!(!world.is_bearer(&first));
    let person = world.run(async { world.pool.revoke(&token(&first)).await });
    assert!(person.is_err(), "it is not said to be revoked");
    world.ledger.down(false);
    assert!(world.renew(&token(&first)).is_ok());
    let empty = Arc::new(Faulty::new(MemoryLedger::new()));
    let pool = World::pool(&world.clock, &empty, &world.users, RefreshTokenRotation::Off, "customauth", 9);
    let pool = pool.triggers(world_triggers(&world)).build().unwrap();
    assert!(matches!(world.run(pool.renew(&token(&first))), Err(PoolError::RefreshTokenRevoked)));
}

#[test]
fn validity_and_grace_are_those_that_cognito_takes() {
    let world = World::new(RefreshTokenRotation::Off);
    let is_taken = |validity: Duration, rotation: RefreshTokenRotation| {
        let mut settings = PoolSettings::default();
        settings.refresh_token_validity = validity;
        settings.refresh_token_rotation = rotation;
        let (off, triggers) = (RefreshTokenRotation::Off, world_triggers(&world));
        let pool = World::pool(&world.clock, &world.ledger, &world.users, off, "customauth", 9);
        pool.triggers(triggers).settings(settings).build().is_ok()
    };
    let (month, off) = (Duration::days(30), RefreshTokenRotation::Off);
    let grace = |seconds| RefreshTokenRotation::On { grace: Duration::seconds(seconds) };
    assert!(is_taken(Duration::HOUR, off) && is_taken(Duration::days(3_653), off));
    assert!(!is_taken(Duration::minutes(59), off) && !is_taken(Duration::days(3_654), off));
    assert!(is_taken(month, grace(0)) && is_taken(month, grace(60)));
    assert!(!is_taken(month, grace(-1)) && !is_taken(month, grace(61)));
}

#[test]
fn i7_a_refresh_token_shows_nothing() {
    let world = World::new(RefreshTokenRotation::Off);
    let first = world.stay();
    let shown = format!("{:?}", token(&first));
    assert!(!shown.contains(&token(&first).as_str()[..8]), "{shown}");
}
