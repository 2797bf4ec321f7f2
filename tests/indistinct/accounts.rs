//! The ways in that say nothing of accounts: `UserPool::start`, and `Accounts::prepare` before a sign-in.

use std::{fmt::Write as _, sync::Arc};

use custom_auth::{
    AccountPolicy, Accounts, Clock as _, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers,
    NewUser, NumberRule, Password, PhoneNumber, Policy, UserPool, UserStatus, UserStore as _,
    accounts::AccountError,
    pool::{Outcome, PoolError, SealKey, SessionToken},
    testing::{Fault, Faulty, ManualClock, RecordingSms, SeededEntropy, SplitMix64, run},
};
use time::Duration;

use super::{cases::seeds, slow_users::SlowUsers, world::START};

const PHONE: &str = "+919999900001";

/// What a number may lead to.
#[derive(Clone, Copy, Debug)]
enum State {
    Nobody,
    JustSignedUp,
    InLimbo,
    ConfirmedUnproven,
    Proven,
    Dormant,
    Disabled,
    External,
    ForceChange,
    ResetRequired,
    Other,
}

const OTHERS: [State; 10] = [
    State::JustSignedUp,
    State::InLimbo,
    State::ConfirmedUnproven,
    State::Proven,
    State::Dormant,
    State::Disabled,
    State::External,
    State::ForceChange,
    State::ResetRequired,
    State::Other,
];

/// Those that a sign-in by number tells nobody of, once the number was prepared.
const OPEN: [State; 7] = [
    State::JustSignedUp,
    State::InLimbo,
    State::ConfirmedUnproven,
    State::Proven,
    State::Dormant,
    State::ForceChange,
    State::ResetRequired,
];

/// How long the user store takes if it finds somebody, and if not.
const UNEVEN: [Duration; 2] = [Duration::milliseconds(20), Duration::milliseconds(35)];
const EVEN: [Duration; 2] = [Duration::milliseconds(20); 2];

struct World {
    clock: ManualClock,
    users: Arc<Faulty<SlowUsers>>,
    entropy: SeededEntropy,
    accounts: Accounts,
    pool: UserPool,
}

impl World {
    fn new(state: State, rule: NumberRule) -> Self {
        Self::slow(state, rule, UNEVEN)
    }

    fn slow(state: State, rule: NumberRule, takes: [Duration; 2]) -> Self {
        let (clock, sms) = (ManualClock::new(START), RecordingSms::new());
        let sms = sms.taking(clock.clone(), Duration::milliseconds(300));
        let ledger = Arc::new(MemoryLedger::new());
        let users = MemoryUsers::new().under(rule);
        let users = Arc::new(Faulty::new(SlowUsers::new(users, clock.clone(), takes)));
        let entropy = SeededEntropy::new(5);
        let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap())
            .sms(sms)
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .build()
            .unwrap();
        let codes = auth.codes("local_CustomAuth", "customauth");
        let accounts = Accounts::builder(keys, Arc::clone(&users), codes, Arc::clone(&ledger))
            .policy(AccountPolicy::builder().questions_per_number(3).build().unwrap())
            .clock(clock.clone())
            .entropy(entropy.clone())
            .build()
            .unwrap();
        let pool = UserPool::builder()
            .triggers(auth)
            .users(Arc::clone(&users))
            .ledger(ledger)
            .accounts(accounts.clone())
            .seal_key(SealKey::from_bytes(&[8; 32]))
            .clock(clock.clone())
            .build()
            .unwrap();
        let world = Self { clock, users, entropy, accounts, pool };
        world.settle(state);
        world
    }

    fn settle(&self, state: State) {
        let (status, age, proven) = match state {
            State::Nobody => return,
            State::JustSignedUp => (UserStatus::Unconfirmed, Duration::ZERO, false),
            State::InLimbo => (UserStatus::Unconfirmed, Duration::days(1), false),
            State::ConfirmedUnproven => (UserStatus::Confirmed, Duration::days(1), false),
            State::Proven => (UserStatus::Confirmed, Duration::days(1), true),
            State::Dormant => (UserStatus::Confirmed, Duration::days(200), true),
            State::Disabled => (UserStatus::Disabled, Duration::days(1), true),
            State::External => (UserStatus::External, Duration::days(1), true),
            State::ForceChange => (UserStatus::ForceChangePassword, Duration::days(1), false),
            State::ResetRequired => (UserStatus::ResetRequired, Duration::days(1), true),
            State::Other => (UserStatus::Other("ARCHIVED".to_owned()), Duration::days(1), true),
        };
        let (users, at) = (&self.users.inner().users, START - age);
        let name = "0588acd1-0000-4000-8000-000000000001".to_owned();
        let user = NewUser::new(name.clone(), phone(), status, at);
        let user = user.password(Password::from_text("somebody's own 1!".to_owned()));
        let _ = self.run(users.create(user)).unwrap();
        if proven {
            self.run(users.mark_phone_verified(&name, &phone())).unwrap().unwrap();
            self.run(users.note_success(&name, at)).unwrap().unwrap();
        }
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }
}

fn phone() -> PhoneNumber {
    PHONE.parse().unwrap()
}

/// What somebody does who never types a right code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Story {
    /// Starts, and prepares.
    Start,
    /// The same, and signs in by number after everything that was prepared: what preparing is for.
    SignIn,
}

/// A random story as they see it: what they are told, and when.
fn seen(world: &World, seed: u64, story: Story) -> String {
    let (mut random, mut seen) = (SplitMix64::new(seed), String::new());
    let mut token: Option<SessionToken> = None;
    for _ in 0..30 {
        let told = match (random.below(9), &token) {
            (0, _) => {
                let by = [1, 20, 31, 200, 299, 300, 3_600, 90_000][random.below(8)];
                world.clock.advance(Duration::seconds(by));
                continue;
            }
            (1 | 2, _) | (_, None) if story == Story::Start => start(world),
            (1, _) => start(world),
            (2..=4, _) | (_, None) => {
                let client = [None, Some("a"), Some("b")][random.below(3)];
                let prepared = world.run(world.accounts.prepare(&phone(), client));
                writeln!(seen, "{} {}", time(world), kind(&prepared)).unwrap();
                match (story, prepared) {
                    (Story::SignIn, Ok(())) => sign_in(world),
                    _ => continue,
                }
            }
            (5, Some(token)) => world.run(world.pool.resend(token)),
            (6, Some(token)) => world.run(world.pool.answer(token, "what?")),
            (_, Some(token)) => world.run(world.pool.answer(token, "0000000")),
        };
        writeln!(seen, "{} {}", time(world), sight(&told)).unwrap();
        token = told.ok().and_then(|told| match told {
            Outcome::Challenge(challenge) => Some(challenge.token().clone()),
            _ => None,
        });
    }
    seen
}

fn start(world: &World) -> Result<Outcome, PoolError> {
    world.run(world.pool.start(&phone())).map(Outcome::Challenge)
}

fn sign_in(world: &World) -> Result<Outcome, PoolError> {
    world.run(world.pool.sign_in(PHONE)).map(Outcome::Challenge)
}

/// What is told, but for the account's name, which is random: its length stays.
fn sight(told: &Result<Outcome, PoolError>) -> String {
    match told {
        Ok(Outcome::Challenge(challenge)) => {
            let mut parameters = challenge.parameters().clone();
            let name = parameters.remove("USERNAME").unwrap();
            let size = challenge.token().as_str().len();
            format!("{parameters:?} {} {size}", name.len())
        }
        Ok(other) => panic!("no answer of the story is right: {other:?}"),
        Err(error) => error.code().to_owned(),
    }
}

fn time(world: &World) -> Duration {
    world.clock.now() - START
}

fn kind(prepared: &Result<(), AccountError>) -> String {
    prepared.as_ref().map_or_else(ToString::to_string, |()| "enter the code".to_owned())
}

const RULES: [NumberRule; 2] = [NumberRule::FirstHolds, NumberRule::VerifiedHolds];

#[test]
fn i8_random_lives_through_start_and_prepare_look_the_same_whatever_the_number_leads_to() {
    for seed in seeds(300) {
        let rule = RULES[usize::try_from(seed % 2).unwrap()];
        let nobody = seen(&World::new(State::Nobody, rule), seed, Story::Start);
        for state in OTHERS {
            let other = seen(&World::new(state, rule), seed, Story::Start);
            assert_eq!(other, nobody, "seed {seed}, {state:?}, {rule:?}");
        }
    }
}

#[test]
fn i8_random_lives_of_people_who_prepare_and_then_sign_in_look_the_same_whatever_the_number_led_to() {
    for seed in seeds(300) {
        let nobody = seen(&World::new(State::Nobody, NumberRule::FirstHolds), seed, Story::SignIn);
        for state in OPEN {
            let other = seen(&World::new(state, NumberRule::FirstHolds), seed, Story::SignIn);
            assert_eq!(other, nobody, "seed {seed}, {state:?}");
        }
    }
}

/// As on Cognito; who may not be told of them begins by `start`.
#[test]
fn a_sign_in_by_number_tells_of_accounts_that_are_closed_and_of_no_others() {
    for (state, code) in [
        (State::Disabled, "NotAuthorizedException"),
        (State::External, "NotAuthorizedException"),
        (State::Other, "NotAuthorizedException"),
    ] {
        let world = World::new(state, NumberRule::FirstHolds);
        world.run(world.accounts.prepare(&phone(), None)).unwrap();
        assert_eq!(sight(&sign_in(&world)), code, "{state:?}");
    }
    for state in OPEN.into_iter().chain([State::Nobody]) {
        let world = World::new(state, NumberRule::FirstHolds);
        world.run(world.accounts.prepare(&phone(), None)).unwrap();
        assert!(sign_in(&world).is_ok(), "{state:?}");
    }
}

#[test]
fn i8_they_look_the_same_while_the_user_store_or_the_randomness_is_down() {
    let down = |seed, state, users, entropy| {
        let world = World::new(state, NumberRule::FirstHolds);
        world.users.down(users);
        world.entropy.down(entropy);
        seen(&world, seed, Story::Start)
    };
    for seed in seeds(100).take(1_000) {
        for (users, entropy) in [(true, false), (false, true), (true, true)] {
            let nobody = down(seed, State::Nobody, users, entropy);
            for state in OTHERS {
                assert_eq!(down(seed, state, users, entropy), nobody, "seed {seed}, {state:?}");
            }
        }
    }
}

/// The first call is the one that everybody's question makes; what follows differs, so its failure must not show.
#[test]
fn i8_a_call_to_the_user_store_that_fails_behind_the_first_look_does_not_show() {
    for state in [State::Nobody].into_iter().chain(OTHERS) {
        for fault in [Fault::Error, Fault::DoneButReportedFailed] {
            for nth in 1..6 {
                let world = World::new(state, NumberRule::FirstHolds);
                world.users.fail(world.users.calls() + nth + 1, fault);
                let prepared = world.run(world.accounts.prepare(&phone(), None));
                assert_eq!(kind(&prepared), "enter the code", "{state:?}, call {nth}");
                assert_eq!(time(&world), Duration::seconds(2), "{state:?}, call {nth}");
            }
        }
    }
}

/// Where an account waits to be confirmed and that failed, the sign-in says so, as on Cognito.
#[test]
fn i8_an_account_that_could_not_be_made_does_not_show_in_the_sign_in_that_follows() {
    let seen = |state, failing: Option<(u64, Fault)>| {
        let world = World::slow(state, NumberRule::FirstHolds, EVEN);
        let before = world.users.calls();
        if let Some((nth, fault)) = failing {
            world.users.fail(before + nth, fault);
        }
        world.run(world.accounts.prepare(&phone(), None)).unwrap();
        assert!(failing.is_none_or(|(nth, _)| world.users.calls() - before >= nth), "it failed");
        let begun = sign_in(&world);
        let mut seen = format!("{} {}\n", time(&world), sight(&begun));
        if let Ok(Outcome::Challenge(challenge)) = begun {
            let answered = world.run(world.pool.answer(challenge.token(), "0000000"));
            write!(seen, "{} {}", time(&world), sight(&answered)).unwrap();
        }
        seen
    };
    let expected = seen(State::Proven, None);
    assert_eq!(seen(State::Nobody, None), expected);
    for fault in [Fault::Error, Fault::DoneButReportedFailed] {
        // The account is made, then looked for.
        for nth in [2, 3] {
            assert_eq!(seen(State::Nobody, Some((nth, fault))), expected, "{fault:?} at {nth}");
        }
    }
}

#[test]
fn i8_no_account_is_looked_up_before_the_code_was_answered() {
    for state in [State::Nobody].into_iter().chain(OTHERS) {
        let world = World::new(state, NumberRule::FirstHolds);
        let before = world.users.calls();
        let challenge = world.run(world.pool.start(&phone())).unwrap();
        let wrong: Result<Outcome, PoolError> = world.run(world.pool.answer(challenge.token(), "0000000"));
        let Ok(Outcome::Challenge(challenge)) = wrong else { panic!("{wrong:?}") };
        let _ = world.run(world.pool.resend(challenge.token())).unwrap();
        assert_eq!(world.users.calls(), before, "{state:?}");
    }
}
