//! Accounts in a user pool of a local ministack, through the SDK's own requests and the emulator's own answers.
//!
//! What the emulator does otherwise than the service, so that it is tested in `tests/cognito` and not here: it lets a number be two
//! accounts' (no `AliasExistsException`), keeps `phone_number_verified` when the number changes, takes attributes that the pool
//! does not declare, confirms whoever is confirmed or switched off, and never fails, hangs up or asks to slow down.

use std::sync::Arc;

use custom_auth::{
    AccountPolicy, Accounts, Clock as _, CodeKeys, CognitoUsers, CreateUser, CustomAuth, Destinations,
    MemoryLedger, NewUser, NumberRule, PhoneNumber, Policy, RecoveryStrategy, StoreError, Subscriber,
    Timestamp, Unproven, UserStatus, UserStore as _,
    accounts::Advice,
    conformance::{UserStoreTraits, user_store_conforms},
    testing::{ManualClock, RecordingSms, SeededEntropy, run},
};
use time::Duration;

use crate::{Case, as_asked::AsAsked, http::Ministack};

pub(crate) const CASES: &[Case] = &[
    ("the suite, where the verified hold a number", |ministack| {
        conforms(ministack, NumberRule::VerifiedHolds)
    }),
    ("the suite, where the first holds a number", |ministack| conforms(ministack, NumberRule::FirstHolds)),
    ("an unconfirmed account of old is deleted before sign-up", deleted_before_sign_up),
    ("an unconfirmed account of late is texted before sign-up", texted_before_sign_up),
    ("an adopted account is confirmed already", adopted_before_sign_up),
    ("prepare makes an account that signs in by code", prepared),
    ("an app client that is none makes nobody", without_an_app_client),
];

/// Not run here, each with its reason; everything else of the suite is.
const LEFT_OUT: &[&str] = &[
    // 64 racers, 16 times over. They pass here too, and take two minutes; the emulator is one thread, which says nothing of what the
    // service does when many ask at once. `tests/cognito` runs them all.
    "races::one_wins_a_number",
    "races::one_wins_a_name",
    "races::confirmed_or_deleted_and_never_both",
    "races::a_new_holder_outlives_the_old_ones_deletion",
    "races::verified_or_deleted_and_never_both",
    "races::used_or_deleted_and_never_both",
    "races::all_changes_of_one_account_stand",
    "number_races::one_changes_from_a_number",
    "number_races::released_or_used_and_nothing_is_lost",
    "number_races::two_who_prove_a_number_do_not_both_have_it",
    "number_races::whatever_happens_at_once_a_number_leads_to_its_prover",
    // Cognito names the accounts of a pool whose sign-in name is the number, so nobody asks for a name there. Run for the other kind.
    "creation::a_taken_name_is_left_to_its_holder",
];

fn conforms(ministack: &Ministack, rule: NumberRule) {
    let traits =
        UserStoreTraits::new(rule).without_passwords().without_foreign_statuses().replacing_confirms();
    let left_out = match rule {
        NumberRule::FirstHolds => LEFT_OUT,
        NumberRule::VerifiedHolds => &LEFT_OUT[..LEFT_OUT.len() - 1],
    };
    user_store_conforms(traits.leaving_out(left_out), || AsAsked::new(ministack.users(rule)));
}

/// `Accounts` over the adapter, at the machine's time and some more.
struct World {
    users: Arc<CognitoUsers>,
    accounts: Accounts,
    texts: RecordingSms,
    clock: ManualClock,
}

impl World {
    fn new(ministack: &Ministack, recovery: RecoveryStrategy, later: Duration) -> Self {
        let clock = ManualClock::new(ministack.now() + later);
        let (texts, entropy, ledger) =
            (RecordingSms::new(), SeededEntropy::new(3), Arc::new(MemoryLedger::new()));
        let keys = CodeKeys::from_bytes("k1", &[7; 32]).expect("a key");
        let policy = Policy::builder().destinations(Destinations::allow(["+91"])).build().expect("a policy");
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(policy)
            .sms(texts.clone())
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .entropy(entropy.clone())
            .build()
            .expect("all is given");
        let users = Arc::new(ministack.users(NumberRule::FirstHolds).clock(clock.clone()));
        let accounts =
            Accounts::builder(keys, Arc::clone(&users), auth.codes("us-east-1_Local", "client"), ledger)
                .policy(AccountPolicy::builder().recovery(recovery).build().expect("a policy"))
                .clock(clock.clone())
                .entropy(entropy)
                .build()
                .expect("all is given");
        Self { users, accounts, texts, clock }
    }

    fn run<T>(&self, call: impl Future<Output = T>) -> T {
        run(&self.clock, call)
    }

    fn unconfirmed(&self) -> Subscriber {
        let user = NewUser::new("asked".to_owned(), phone(), UserStatus::Unconfirmed, self.clock.now());
        match self.run(self.users.create(user)) {
            Ok(CreateUser::Created(account)) => account,
            other => panic!("{other:?}"),
        }
    }

    fn advice(&self) -> Advice {
        self.run(self.accounts.before_sign_up(&phone(), None)).expect("it is asked once")
    }

    fn code(&self) -> String {
        self.texts.last_code().expect("a text")
    }

    fn found(&self) -> Option<Subscriber> {
        self.run(self.users.find_by_phone(&phone())).expect("ministack answers")
    }
}

fn phone() -> PhoneNumber {
    "+919999900001".parse().expect("a number")
}

fn deleted_before_sign_up(ministack: &Ministack) {
    let world = World::new(ministack, RecoveryStrategy::DeleteAndSignUp, Duration::HOUR);
    world.unconfirmed();
    assert!(matches!(world.advice(), Advice::SignUp));
    assert_eq!(world.found(), None);
    let anew = world.run(world.accounts.sign_up(&phone())).expect("the number is free");
    assert_eq!(anew.account.unproven(), Some(Unproven::Unconfirmed));
    let code = world.code();
    let confirmed = world.run(world.accounts.confirm_sign_up(&anew.account.user_name, &code, None));
    let confirmed = confirmed.expect("the right code");
    assert!(confirmed.phone_verified && confirmed.status == UserStatus::Confirmed);
    assert_eq!(world.found(), Some(confirmed));
}

fn texted_before_sign_up(ministack: &Ministack) {
    let world = World::new(ministack, RecoveryStrategy::DeleteAndSignUp, Duration::ZERO);
    let account = world.unconfirmed();
    let Advice::Confirm { user_name, .. } = world.advice() else { panic!("it is young") };
    assert_eq!(user_name, account.user_name);
    let confirmed = world.run(world.accounts.confirm_sign_up(&user_name, &world.code(), None));
    assert!(confirmed.expect("the right code").phone_verified);
}

/// What the adapter's documents warn of: on Cognito a new password confirms, so the code that was texted finds nothing to confirm.
/// The owner signs in by code instead.
fn adopted_before_sign_up(ministack: &Ministack) {
    let world = World::new(ministack, RecoveryStrategy::Adopt, Duration::HOUR);
    world.unconfirmed();
    let Advice::Confirm { user_name, .. } = world.advice() else { panic!("it is adopted") };
    let refused = world.run(world.accounts.confirm_sign_up(&user_name, &world.code(), None));
    assert!(refused.is_err());
    let now = world.found().expect("kept");
    assert_eq!(now.unproven(), Some(Unproven::NeverUsed));
    world
        .run(world.accounts.note_sign_in(&user_name, &phone(), world.clock.now()))
        .map(drop)
        .expect("by code");
    assert!(world.found().is_some_and(|account| account.phone_verified));
}

fn prepared(ministack: &Ministack) {
    let world = World::new(ministack, RecoveryStrategy::Resend, Duration::ZERO);
    for _ in 0..2 {
        world.run(world.accounts.prepare(&phone(), None)).expect("twice is allowed");
        let account = world.found().expect("made");
        assert_eq!(account.unproven(), Some(Unproven::NeverUsed));
    }
    let account = world.found().expect("made");
    world
        .run(world.accounts.note_sign_in(&account.user_name, &phone(), world.clock.now()))
        .map(drop)
        .expect("by code");
    assert!(world.found().is_some_and(|account| account.phone_verified && account.last_success.is_some()));
}

fn without_an_app_client(ministack: &Ministack) {
    let users = ministack.users(NumberRule::FirstHolds).sign_up_through("none", None);
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let user = NewUser::new("asked".to_owned(), phone(), UserStatus::Unconfirmed, ministack.now());
    let refused = run(&clock, users.create(user));
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(run(&clock, users.find_by_phone(&phone())).expect("ministack answers"), None);
}
