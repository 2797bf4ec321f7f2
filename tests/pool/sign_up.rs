//! Sign-up as Cognito does it: the triggers around the challenge, forced aliases, both kinds of pool, and its words.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use custom_auth::{
    Accounts, Clock as _, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, NumberRule,
    Password, PhoneNumber, Policy, Unproven, UserPool, UserStatus, UserStore as _,
    pool::{
        AccountTriggers, ConfirmSignUp, Outcome, PoolSettings, PresentedChallenge, RequestSignUp, Respond,
        SealKey, TriggerError, Triggers,
    },
    testing::{ManualClock, RecordingSms, run},
};
use serde_json::{Value, json};

use super::support::{CLIENT, PHONE, POOL, START, told};

/// To events of which source, the response or the failure.
type Said = (&'static str, Result<Value, &'static str>);

/// The engine, with a word of the test's own in the triggers around the challenge.
#[derive(Clone, Debug)]
struct Around {
    auth: CustomAuth,
    events: Arc<Mutex<Vec<Value>>>,
    /// What is said to events of which source.
    says: Arc<Mutex<Vec<Said>>>,
}

#[async_trait]
impl Triggers for Around {
    async fn invoke(&self, bytes: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let mut event: Value = serde_json::from_slice(bytes).unwrap();
        let source = event["triggerSource"].as_str().unwrap().to_owned();
        if source.contains("AuthChallenge") {
            return self.auth.invoke(bytes).await;
        }
        self.events.lock().unwrap().push(event.clone());
        let said = self.says.lock().unwrap().iter().find(|(of, _)| source.starts_with(of)).cloned();
        match said {
            Some((_, Err(message))) => return Err(TriggerError::Failed(message.to_owned())),
            Some((_, Ok(response))) => event["response"] = response,
            None => {}
        }
        Ok(event.to_string().into_bytes())
    }
}

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) sms: RecordingSms,
    pub(crate) users: Arc<MemoryUsers>,
    accounts: Accounts,
    around: Around,
    pub(crate) pool: UserPool,
}

impl World {
    fn new(rule: NumberRule, triggers: AccountTriggers) -> Self {
        let mut settings = PoolSettings::default();
        settings.account_triggers = triggers;
        Self::under(rule, settings)
    }

    pub(crate) fn under(rule: NumberRule, settings: PoolSettings) -> Self {
        let (clock, sms) = (ManualClock::new(START), RecordingSms::new());
        let (ledger, users) = (Arc::new(MemoryLedger::new()), Arc::new(MemoryUsers::new().under(rule)));
        let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap())
            .sms(sms.clone())
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .build()
            .unwrap();
        let codes = auth.codes(POOL, CLIENT);
        let accounts = Accounts::builder(keys, Arc::clone(&users), codes, Arc::clone(&ledger))
            .clock(clock.clone())
            .pool_id(POOL)
            .build()
            .unwrap();
        let around = Around { auth, events: Arc::default(), says: Arc::default() };
        let pool = UserPool::builder()
            .triggers(around.clone())
            .users(Arc::clone(&users))
            .ledger(ledger)
            .accounts(accounts.clone())
            .seal_key(SealKey::from_bytes(&[8; 32]))
            .clock(clock.clone())
            .settings(settings)
            .pool_id(POOL)
            .client_id(CLIENT)
            .build()
            .unwrap();
        Self { clock, sms, users, accounts, around, pool }
    }

    fn with_triggers() -> Self {
        Self::new(NumberRule::FirstHolds, AccountTriggers::Invoke)
    }

    fn says(&self, source: &'static str, response: Result<Value, &'static str>) {
        self.around.says.lock().unwrap().push((source, response));
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    fn sources(&self) -> Vec<String> {
        let events = self.around.events.lock().unwrap();
        events.iter().map(|event| event["triggerSource"].as_str().unwrap().to_owned()).collect()
    }

    fn event(&self, nth: usize) -> Value {
        self.around.events.lock().unwrap()[nth].clone()
    }

    pub(crate) fn code(&self) -> String {
        self.sms.last_code().unwrap()
    }

    /// A new number's account, confirmed and proven.
    fn settled(&self) -> String {
        let challenge = self.run(self.pool.start(&phone())).unwrap();
        let outcome = self.run(self.pool.answer(challenge.token(), &self.code())).unwrap();
        let Outcome::SignedIn(person) = outcome else { panic!("{outcome:?}") };
        person.user_name().to_owned()
    }
}

pub(crate) fn phone() -> PhoneNumber {
    PHONE.parse().unwrap()
}

#[test]
fn the_triggers_around_the_challenge_run_where_they_are_asked_for_in_cognitos_order() {
    let world = World::with_triggers();
    let account = world.run(world.pool.sign_up(&phone())).unwrap().account;
    let started = world.run(world.pool.confirm_sign_up(PHONE, &world.code(), None)).unwrap();
    let _ = world.run(world.pool.continue_sign_in(started.token())).unwrap();
    assert_eq!(
        world.sources(),
        ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp", "PostAuthentication_Authentication"]
    );
    assert_eq!(
        world.event(0)["request"],
        json!({"userAttributes": {"phone_number": PHONE}, "validationData": null})
    );
    let attributes = |verified| {
        json!({
            "sub": account.user_name, "cognito:user_status": "CONFIRMED",
            "phone_number_verified": verified, "phone_number": PHONE,
        })
    };
    assert_eq!(world.event(1)["request"], json!({"userAttributes": attributes("true")}));
    assert_eq!(
        world.event(2)["request"],
        json!({"userAttributes": attributes("true"), "newDeviceUsed": false})
    );
    for (nth, response) in [
        json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        json!({}),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(world.event(nth)["response"], response);
        assert_eq!(world.event(nth)["userName"], json!(account.user_name));
    }
}

#[test]
fn without_being_asked_for_none_of_them_runs() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    let _ = world.run(world.pool.sign_up(&phone())).unwrap();
    let started = world.run(world.pool.confirm_sign_up(PHONE, &world.code(), None)).unwrap();
    let _ = world.run(world.pool.continue_sign_in(started.token())).unwrap();
    assert_eq!(world.sources(), [""; 0]);
}

#[test]
fn what_the_client_says_reaches_the_triggers_that_see_it_on_cognito() {
    let world = World::with_triggers();
    let of = |value: &str| [("channel".to_owned(), value.to_owned())].into();
    let (metadata, data, later) = (of("sms"), of("captcha"), of("later"));
    let request = RequestSignUp::new(phone()).client_metadata(&metadata).validation_data(&data);
    let _ = world.run(world.pool.request_sign_up(request)).unwrap();
    let code = world.code();
    let confirm = ConfirmSignUp::new(PHONE, &code).client_metadata(&later);
    let _ = world.run(world.pool.request_confirm_sign_up(confirm)).unwrap();
    assert_eq!(world.event(0)["request"]["clientMetadata"], json!(metadata));
    assert_eq!(world.event(0)["request"]["validationData"], json!(data));
    assert_eq!(world.event(1)["request"]["clientMetadata"], json!(later));
}

#[test]
fn a_sign_up_that_pre_sign_up_refuses_leaves_nothing_and_says_so_in_cognitos_words() {
    let world = World::with_triggers();
    world.says("PreSignUp", Err("phone number is not supported"));
    let refused = world.run(world.pool.sign_up(&phone()));
    let words = "PreSignUp failed with error phone number is not supported.";
    assert_eq!(told(refused), ("UserLambdaValidationException", words.to_owned()));
    assert_eq!(world.run(world.users.find_by_phone(&phone())).unwrap(), None);
    assert_eq!(world.sms.count(), 0);
}

#[test]
fn an_auto_confirmed_sign_up_is_texted_nothing_and_proves_its_number_by_signing_in() {
    let world = World::with_triggers();
    world.says("PreSignUp", Ok(json!({"autoConfirmUser": true, "autoVerifyPhone": false})));
    let sign_up = world.run(world.pool.sign_up(&phone())).unwrap();
    assert_eq!((sign_up.account.status.clone(), sign_up.code.is_none()), (UserStatus::Confirmed, true));
    assert!(!sign_up.account.phone_verified);
    assert_eq!(world.sms.count(), 0);
    assert_eq!(world.event(1)["request"]["userAttributes"]["phone_number_verified"], json!("false"));
    let by_password = world.run(world.pool.sign_in_with_password(PHONE, &sign_up.password));
    assert_eq!(told(by_password).0, "NotAuthorizedException");
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let outcome = world.run(world.pool.answer(challenge.token(), &world.code())).unwrap();
    assert!(matches!(outcome, Outcome::SignedIn(_)));
    assert!(world.run(world.users.find_by_phone(&phone())).unwrap().unwrap().phone_verified);
}

#[test]
fn anything_but_true_confirms_and_verifies_nothing() {
    for odd in [json!("true"), json!(1), json!([true])] {
        let world = World::with_triggers();
        world.says("PreSignUp", Ok(json!({"autoConfirmUser": odd, "autoVerifyPhone": false})));
        let refused = world.run(world.pool.sign_up(&phone()));
        assert_eq!(told(refused).0, "InvalidLambdaResponseException");
    }
    let world = World::with_triggers();
    world.says("PreSignUp", Ok(json!({"autoConfirmUser": null})));
    let made = world.run(world.pool.sign_up(&phone())).unwrap();
    assert_eq!(made.account.status, UserStatus::Unconfirmed);
}

#[test]
fn a_number_that_pre_sign_up_verifies_is_taken_from_whoever_had_it_as_on_cognito() {
    let world = World::new(NumberRule::VerifiedHolds, AccountTriggers::Invoke);
    let first = world.settled();
    world.says("PreSignUp", Ok(json!({"autoConfirmUser": true, "autoVerifyPhone": true})));
    let second = world.run(world.pool.sign_up(&phone())).unwrap().account;
    assert!(second.phone_verified);
    assert!(!world.run(world.users.find_by_name(&first)).unwrap().unwrap().phone_verified);
}

#[test]
fn what_post_confirmation_refuses_stays_confirmed() {
    let world = World::with_triggers();
    let _ = world.run(world.pool.sign_up(&phone())).unwrap();
    world.says("PostConfirmation", Err("no"));
    let refused = world.run(world.pool.confirm_sign_up(PHONE, &world.code(), None));
    let words = "PostConfirmation failed with error no.";
    assert_eq!(told(refused), ("UserLambdaValidationException", words.to_owned()));
    let again = world.run(world.pool.confirm_sign_up(PHONE, &world.code(), None));
    let words = "User cannot be confirmed. Current status is CONFIRMED";
    assert_eq!(told(again), ("NotAuthorizedException", words.to_owned()));
}

#[test]
fn nobody_gets_in_whom_post_authentication_refuses() {
    let world = World::with_triggers();
    let sign_up = world.run(world.pool.sign_up(&phone())).unwrap();
    let code = world.code();
    let confirm = ConfirmSignUp::new(PHONE, &code).kept(&sign_up.password).force_alias_creation(true);
    let started = world.run(world.pool.request_confirm_sign_up(confirm)).unwrap();
    world.says("PostAuthentication", Err("account is dormant"));
    let words = "PostAuthentication failed with error account is dormant.";
    let expected = ("UserLambdaValidationException", words.to_owned());
    assert_eq!(told(world.run(world.pool.continue_sign_in(started.token()))), expected);
    assert_eq!(told(world.run(world.pool.sign_in_with_password(PHONE, &sign_up.password))), expected);
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(told(world.run(world.pool.answer(challenge.token(), &world.code()))), expected);
}

#[test]
fn where_the_first_holds_a_number_a_second_sign_up_is_told_so() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    let _ = world.run(world.pool.sign_up(&phone())).unwrap();
    let words = "An account with the given phone_number already exists.";
    let again = world.run(world.pool.sign_up(&phone()));
    assert_eq!(told(again), ("UsernameExistsException", words.to_owned()));
}

#[test]
fn a_number_proven_elsewhere_moves_to_a_sign_up_only_if_that_is_forced() {
    let world = World::new(NumberRule::VerifiedHolds, AccountTriggers::Skip);
    let first = world.settled();
    world.clock.advance(time::Duration::minutes(10));
    let second = world.run(world.pool.sign_up(&phone())).unwrap().account;
    let wrong =
        world.run(world.pool.request_confirm_sign_up(ConfirmSignUp::new(&second.user_name, "000000")));
    assert_eq!(told(wrong).0, "CodeMismatchException");
    let code = world.code();
    let right = ConfirmSignUp::new(&second.user_name, &code);
    let words = "An account with the given phone_number already exists.";
    let refused = world.run(world.pool.request_confirm_sign_up(right));
    assert_eq!(told(refused), ("AliasExistsException", words.to_owned()));
    let holder = || world.run(world.users.find_by_phone(&phone())).unwrap().unwrap().user_name;
    assert_eq!(holder(), first);
    let status = world.run(world.users.find_by_name(&second.user_name)).unwrap().unwrap().status;
    assert_eq!(status, UserStatus::Unconfirmed);

    world.clock.advance(time::Duration::minutes(10));
    let _ = world.run(world.pool.resend_confirmation_code(&second.user_name)).unwrap();
    let code = world.code();
    let forced = ConfirmSignUp::new(&second.user_name, &code).force_alias_creation(true);
    let _ = world.run(world.pool.request_confirm_sign_up(forced)).unwrap();
    assert_eq!(holder(), second.user_name);
    assert!(!world.run(world.users.find_by_name(&first)).unwrap().unwrap().phone_verified);
}

#[test]
fn i10_a_continuation_ends_when_every_token_is_revoked() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    let name = world.run(world.pool.sign_up(&phone())).unwrap().account.user_name;
    let started = world.run(world.pool.confirm_sign_up(PHONE, &world.code(), None)).unwrap();
    world.clock.advance(time::Duration::seconds(1));
    world.run(world.users.revoke_tokens(&name, world.clock.now())).unwrap().unwrap();
    let refused = world.run(world.pool.continue_sign_in(started.token()));
    assert_eq!(told(refused).0, "NotAuthorizedException");
}

#[test]
fn i8_start_shows_a_name_that_no_sign_in_shows() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    let shown = |challenge: PresentedChallenge| challenge.parameters()["USERNAME"].clone();
    let start = || shown(world.run(world.pool.start(&phone())).unwrap());
    let sign_in = || shown(world.run(world.pool.sign_in(PHONE)).unwrap());
    let (before, unknown) = (start(), sign_in());
    let name = world.settled();
    let (after, known) = (start(), sign_in());
    assert_eq!((&before, &known), (&after, &name));
    assert!(before != unknown && before != known);
}

#[test]
fn the_number_that_was_typed_answers_what_start_began() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    for username in [true, false] {
        let challenge = world.run(world.pool.start(&phone())).unwrap();
        let shown = challenge.parameters()["USERNAME"].clone();
        let answer = Respond::new(challenge.token(), "0000000");
        let answer = answer.username(if username { &shown } else { PHONE });
        assert!(matches!(world.run(world.pool.respond(answer)), Ok(Outcome::Challenge(_))));
    }
    let challenge = world.run(world.pool.start(&phone())).unwrap();
    let other = Respond::new(challenge.token(), "0000000").username("+919999900002");
    assert_eq!(told(world.run(world.pool.respond(other))).0, "NotAuthorizedException");
}

#[test]
fn where_a_number_leads_nowhere_before_it_is_proven_preparing_leaves_nothing_behind() {
    let world = World::new(NumberRule::VerifiedHolds, AccountTriggers::Skip);
    for _ in 0..3 {
        world.run(world.accounts.prepare(&phone(), None)).unwrap();
    }
    let (kind, later) = (Unproven::NeverUsed, world.clock.now() + time::Duration::DAY);
    assert_eq!(world.run(world.users.list_unproven(kind, later, None, 9)).unwrap().accounts, []);
}

#[test]
fn a_changed_number_counts_as_a_success() {
    let world = World::new(NumberRule::FirstHolds, AccountTriggers::Skip);
    let name = world.settled();
    world.clock.advance(time::Duration::days(179));
    let to = "+919999900002".parse().unwrap();
    let _ = world.run(world.accounts.change_number(&name, &to)).unwrap();
    let account = world.run(world.accounts.confirm_number(&name, &to, &world.code())).unwrap();
    assert_eq!(account.last_success, Some(world.clock.now()));
}

#[test]
fn i7_what_is_asked_shows_neither_number_nor_code_nor_password() {
    let password = Password::from_text("a password of 1 person!".to_owned());
    let shown = format!(
        "{:?} {:?}",
        RequestSignUp::new(phone()),
        ConfirmSignUp::new(PHONE, "482913").kept(&password)
    );
    for secret in [PHONE, "482913", "person"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
