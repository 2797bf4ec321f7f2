//! Post Confirmation, Post Authentication, Pre Token Generation: what a proof changes, and what is said of it.

use std::sync::Arc;

use custom_auth::{
    AccountPolicy, Accounts, Action, Clock as _, CustomAuth, MemoryUsers, NewUser, Occurrence, Password,
    Subscriber, Timestamp, TriggerRefusal, UserStatus, UserStore as _,
    machine::Verdict,
    testing::{Fault, Faulty},
};
use serde_json::{Value, json};
use time::Duration;

use super::{
    PHONE,
    common::{CLIENT, POOL, Person, SignIn, World, policy},
    event, handled,
};

/// A world with accounts, in which `ana` was signed up by whoever knows `hers`.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) users: Arc<Faulty<MemoryUsers>>,
    pub(crate) accounts: Accounts,
    pub(crate) auth: CustomAuth,
}

const STRANGERS: &str = "the stranger's own 1!";

impl House {
    pub(crate) fn new(status: UserStatus) -> Self {
        let world = World::under(policy().token_claims(true));
        let users = Arc::new(Faulty::new(MemoryUsers::new()));
        let auth = world.engine();
        let ledger = Arc::clone(&world.ledger);
        let accounts =
            Accounts::builder(world.keys.clone(), Arc::clone(&users), auth.codes(POOL, CLIENT), ledger)
                .policy(AccountPolicy::default())
                .clock(world.clock.clone())
                .entropy(world.entropy.clone())
                .audit(world.audit.clone())
                .pool_id(POOL)
                .build()
                .unwrap();
        let auth = auth.with_accounts(accounts.clone());
        let phone = PHONE.parse().unwrap();
        let user = NewUser::new("ana".to_owned(), phone, status, world.clock.now());
        let user = user.password(Password::from_text(STRANGERS.to_owned()));
        assert!(matches!(world.run(users.create(user)).unwrap(), custom_auth::CreateUser::Created(_)));
        Self { world, users, accounts, auth }
    }

    pub(crate) fn account(&self) -> Subscriber {
        self.world.run(self.users.inner().find_by_name("ana")).unwrap().unwrap()
    }

    fn has_strangers_password(&self) -> bool {
        self.world
            .run(self.users.inner().has_password("ana", &Password::from_text(STRANGERS.to_owned())))
            .unwrap()
    }

    /// Whether nobody else has a way into the account: no password, and no token from before this moment.
    fn is_theirs_alone(&self, since: Timestamp) -> bool {
        let account = self.account();
        let are_dead = account.tokens_not_before.is_some_and(|moment| moment >= since);
        account.phone_verified && are_dead && !self.has_strangers_password()
    }

    /// `ana` answers the code that was texted.
    pub(crate) fn prove(&self) -> Timestamp {
        let mut sign_in = SignIn::new(self.auth.clone(), Person::known("ana", PHONE));
        self.world.run(sign_in.present(Action::Answer, self.world.clock.now()));
        let code = self.world.code();
        let verdict = self.world.run(sign_in.respond(&code, Action::Answer, &self.world.clock));
        assert_eq!(verdict, Verdict::Right);
        self.world.clock.now()
    }

    fn handle(&self, source: &str, request: Value, response: &Value) -> Result<Value, TriggerRefusal> {
        handled(&self.world, &self.auth, &event(source, request, response))
    }

    pub(crate) fn post_authentication(&self) -> Result<Value, TriggerRefusal> {
        self.handle("PostAuthentication_Authentication", json!({"newDeviceUsed": false}), &json!({}))
    }

    fn count(&self, occurrence: Occurrence) -> usize {
        self.world.audit.count(occurrence)
    }
}

#[test]
fn i10_after_the_first_proof_whoever_signed_the_number_up_has_no_way_in() {
    let house = House::new(UserStatus::Confirmed);
    let at = house.prove();
    assert_eq!(house.post_authentication(), Ok(json!({})));
    let account = house.account();
    assert!(!house.has_strangers_password());
    assert!(account.phone_verified && account.was_verified);
    assert!(account.tokens_not_before.is_some_and(|moment| moment >= at));
    assert_eq!(account.last_success, Some(at));
}

#[test]
fn the_first_proofs_work_may_be_asked_for_again() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    assert!(house.post_authentication().is_ok());
    let first = house.account();
    house.world.wait(3);
    assert!(house.post_authentication().is_ok());
    assert_eq!(house.account(), first);
    assert_eq!(house.count(Occurrence::PhoneVerified), 1);
}

#[test]
fn i10_a_sign_in_without_a_code_proves_no_number() {
    let house = House::new(UserStatus::Confirmed);
    assert_eq!(house.post_authentication(), Ok(json!({})));
    let account = house.account();
    assert!(!account.phone_verified && account.last_success.is_none());
    assert!(house.has_strangers_password());
}

#[test]
fn an_open_challenge_and_an_old_proof_are_no_proof() {
    let house = House::new(UserStatus::Confirmed);
    let mut sign_in = SignIn::new(house.auth.clone(), Person::known("ana", PHONE));
    house.world.run(sign_in.present(Action::Answer, house.world.clock.now()));
    assert!(house.post_authentication().is_ok());
    assert!(!house.account().phone_verified);
    let code = house.world.code();
    let _ = house.world.run(sign_in.respond(&code, Action::Answer, &house.world.clock));
    house.world.wait(300);
    assert!(house.post_authentication().is_ok());
    assert!(!house.account().phone_verified);
}

#[test]
fn a_password_sign_in_to_a_proven_account_is_noted_as_a_success() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    assert!(house.post_authentication().is_ok());
    house.world.wait(86_400);
    assert!(house.post_authentication().is_ok());
    assert_eq!(house.account().last_success, Some(house.world.clock.now()));
}

/// Every call to the store that the first proof's work makes, failed in turn, each time in a house of its own.
#[test]
fn i10_a_store_that_fails_breaks_no_first_sign_in_and_the_next_proof_ends_the_work() {
    for (status, made) in [(UserStatus::Confirmed, 6), (UserStatus::Unconfirmed, 7)] {
        for fault in Fault::ALL {
            for nth in 1..=made {
                let house = House::new(status.clone());
                let first = house.prove();
                house.users.fail(house.users.calls() + nth, fault);
                let what = format!("{status:?}, {fault:?} at {nth}");
                assert_eq!(house.post_authentication(), Ok(json!({})), "{what}");
                let failed = usize::from(fault != Fault::DoneTwice);
                assert_eq!(house.count(Occurrence::AccountWorkFailed), failed, "{what}");
                let is_done = house.is_theirs_alone(first);
                assert!(is_done || failed == 1, "{what}: nothing failed, and the work is not done");
                // Whoever knew the password may have signed in since.
                house.world.wait(400);
                let next = house.prove();
                assert_eq!(house.post_authentication(), Ok(json!({})), "{what}");
                assert_eq!(house.count(Occurrence::AccountWorkFailed), failed, "{what}");
                assert!(house.is_theirs_alone(if is_done { first } else { next }), "{what}");
                assert_eq!(house.account().status, UserStatus::Confirmed, "{what}");
                assert_eq!(house.account().last_success, Some(next), "{what}");
            }
        }
        let house = House::new(status);
        house.prove();
        let before = house.users.calls();
        assert!(house.post_authentication().is_ok());
        assert_eq!(house.users.calls() - before, made, "every call had its turn");
    }
}

#[test]
fn a_first_proofs_work_that_broke_off_is_ended_when_it_is_asked_for_again() {
    for nth in 1..=6 {
        let house = House::new(UserStatus::Confirmed);
        let at = house.prove();
        house.users.fail(house.users.calls() + nth, Fault::Error);
        assert!(house.post_authentication().is_ok());
        assert!(!house.is_theirs_alone(at) || house.account().last_success.is_none(), "call {nth} is needed");
        assert!(house.post_authentication().is_ok());
        assert!(house.is_theirs_alone(at), "call {nth}");
        assert_eq!(house.account().last_success, Some(at), "call {nth}");
    }
}

#[test]
fn a_store_that_is_down_breaks_no_sign_in_and_is_noted_each_time() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    house.users.down(true);
    for times in 1..=3 {
        assert_eq!(house.post_authentication(), Ok(json!({})));
        assert_eq!(house.count(Occurrence::AccountWorkFailed), times);
    }
    house.users.down(false);
    assert!(!house.account().phone_verified && house.has_strangers_password());
}

#[test]
fn a_dormant_account_is_not_opened_by_a_code_alone() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    assert!(house.post_authentication().is_ok());
    house.world.clock.advance(Duration::days(180));
    house.prove();
    assert_eq!(house.post_authentication(), Err(TriggerRefusal::AccountDormant));
    assert_eq!(house.count(Occurrence::AccountDormant), 1);
}

#[test]
fn a_number_that_was_proven_elsewhere_opens_the_account_that_lost_it_no_more() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    assert!(house.post_authentication().is_ok());
    let (phone, now) = (PHONE.parse().unwrap(), house.world.clock.now());
    let other = "+919999900002".parse().unwrap();
    let bo = NewUser::new("bo".to_owned(), other, UserStatus::Confirmed, now);
    let _ = house.world.run(house.users.create(bo)).unwrap();
    house.world.run(house.users.change_phone("bo", &other, &phone)).unwrap().unwrap();
    house.world.wait(400);
    house.prove();
    assert_eq!(house.post_authentication(), Err(TriggerRefusal::NumberLost));
}

#[test]
fn an_account_that_codes_do_not_open_is_refused() {
    let house = House::new(UserStatus::Disabled);
    house.prove();
    assert_eq!(house.post_authentication(), Err(TriggerRefusal::AccountClosed));
}

#[test]
fn i10_a_confirmation_by_cognitos_own_code_takes_the_account_from_whoever_signed_it_up() {
    let house = House::new(UserStatus::Confirmed);
    let verified = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": "true"}});
    assert_eq!(house.handle("PostConfirmation_ConfirmSignUp", verified, &json!({})), Ok(json!({})));
    assert!(house.account().phone_verified && !house.has_strangers_password());
    assert!(house.account().tokens_not_before.is_some());
}

#[test]
fn a_confirmation_that_comes_again_after_a_sign_in_leaves_the_password() {
    let house = House::new(UserStatus::Confirmed);
    let verified = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": "true"}});
    house.prove();
    assert!(house.post_authentication().is_ok());
    let own = Password::from_text("the owner's own 2?".to_owned());
    house.world.run(house.users.replace_password("ana", &own)).unwrap().unwrap();
    assert!(house.handle("PostConfirmation_ConfirmSignUp", verified, &json!({})).is_ok());
    assert!(house.world.run(house.users.has_password("ana", &own)).unwrap());
}

#[test]
fn i10_a_strangers_sign_in_by_password_does_not_stand_for_the_owners_first_proof() {
    let house = House::new(UserStatus::Confirmed);
    let verified = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": "true"}});
    // Cognito's own code has marked it, and the work behind it failed.
    house.world.run(house.users.mark_phone_verified("ana", &PHONE.parse().unwrap())).unwrap().unwrap();
    house.users.down(true);
    assert!(house.handle("PostConfirmation_ConfirmSignUp", verified, &json!({})).is_ok());
    house.users.down(false);
    assert!(house.post_authentication().is_ok(), "the stranger, by password");
    assert!(house.account().last_success.is_none() && house.has_strangers_password());
    house.prove();
    assert!(house.post_authentication().is_ok());
    assert!(!house.has_strangers_password());
}

#[test]
fn a_late_confirmation_takes_no_number_back_from_whoever_has_proven_it_since() {
    let house = House::new(UserStatus::Confirmed);
    let (phone, other) = (PHONE.parse().unwrap(), "+919999900002".parse().unwrap());
    house.world.run(house.users.mark_phone_verified("ana", &phone)).unwrap().unwrap();
    let bo = NewUser::new("bo".to_owned(), other, UserStatus::Confirmed, house.world.clock.now());
    let _ = house.world.run(house.users.create(bo)).unwrap();
    house.world.run(house.users.change_phone("bo", &other, &phone)).unwrap().unwrap();
    let verified = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": "true"}});
    assert!(house.handle("PostConfirmation_ConfirmSignUp", verified, &json!({})).is_ok());
    assert_eq!(house.world.run(house.users.find_by_phone(&phone)).unwrap().unwrap().user_name, "bo");
}

#[test]
fn a_confirmation_that_proved_nothing_changes_nothing() {
    let house = House::new(UserStatus::Confirmed);
    for said in [json!("false"), json!(false), json!(null), json!("yes"), json!(1)] {
        let attributes = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": said}});
        assert!(house.handle("PostConfirmation_ConfirmSignUp", attributes, &json!({})).is_ok());
    }
    assert!(!house.account().phone_verified && house.has_strangers_password());
}

#[test]
fn a_confirmation_whose_work_fails_is_noted_and_goes_through() {
    let house = House::new(UserStatus::Confirmed);
    house.users.down(true);
    let verified = json!({"userAttributes": {"phone_number": PHONE, "phone_number_verified": true}});
    assert_eq!(house.handle("PostConfirmation_ConfirmSignUp", verified, &json!({})), Ok(json!({})));
    assert_eq!(house.count(Occurrence::AccountWorkFailed), 1);
}

fn tokens(house: &House, version: &str, response: &Value) -> Value {
    let groups = json!({"groupsToOverride": ["riders"], "iamRolesToOverride": [], "preferredRole": null});
    let request = json!({"groupConfiguration": groups});
    let event = event("TokenGeneration_Authentication", request, response);
    let mut event: Value = serde_json::from_slice(&event).unwrap();
    event["version"] = json!(version);
    handled(&house.world, &house.auth, &serde_json::to_vec(&event).unwrap()).unwrap()
}

#[test]
fn tokens_say_how_and_when_the_code_was_proven_and_keep_the_groups() {
    let house = House::new(UserStatus::Confirmed);
    let seconds = house.prove().as_unix_millis() / 1_000;
    let claims = json!({"custom_auth:method": "sms", "custom_auth:time": seconds.to_string()});
    let added = json!({"claimsToAddOrOverride": claims});
    let groups = json!({"groupsToOverride": ["riders"], "iamRolesToOverride": [], "preferredRole": null});
    assert_eq!(
        tokens(&house, "1", &json!({"claimsOverrideDetails": null})),
        json!({"claimsOverrideDetails": {"claimsToAddOrOverride": claims, "groupOverrideDetails": groups}})
    );
    for version in ["2", "3"] {
        assert_eq!(
            tokens(&house, version, &json!({"claimsAndScopeOverrideDetails": null})),
            json!({"claimsAndScopeOverrideDetails": {
                "idTokenGeneration": added, "accessTokenGeneration": added, "groupOverrideDetails": groups,
            }})
        );
    }
}

#[test]
fn i11_groups_that_are_nested_as_no_groups_are_make_no_event_too_deep_to_be_read() {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    let deep = format!("{}1{}", "[".repeat(124), "]".repeat(124));
    for version in ["1", "2"] {
        let event =
            event("TokenGeneration_Authentication", json!({"groupConfiguration": {"g": 0}}), &json!({}));
        let event = String::from_utf8(event).unwrap().replace(r#"{"g":0}"#, &format!(r#"{{"g":{deep}}}"#));
        let event = event.replace(r#""version":"1""#, &format!(r#""version":"{version}""#));
        assert!(serde_json::from_str::<Value>(&event).is_ok(), "it can be read");
        assert!(handled(&house.world, &house.auth, event.as_bytes()).is_ok());
    }
}

#[test]
fn what_another_function_said_of_the_tokens_stays() {
    let house = House::new(UserStatus::Confirmed);
    let seconds = (house.prove().as_unix_millis() / 1_000).to_string();
    let said = json!({"claimsOverrideDetails": {
        "claimsToAddOrOverride": {"tenant": "t-1"}, "claimsToSuppress": ["email"], "groupOverrideDetails": null,
    }});
    assert_eq!(
        tokens(&house, "1", &said),
        json!({"claimsOverrideDetails": {
            "claimsToAddOrOverride": {"tenant": "t-1", "custom_auth:method": "sms", "custom_auth:time": seconds},
            "claimsToSuppress": ["email"], "groupOverrideDetails": null,
        }})
    );
}

#[test]
fn tokens_of_a_sign_in_without_a_code_or_with_a_ledger_that_is_down_say_nothing() {
    let house = House::new(UserStatus::Confirmed);
    let null = json!({"claimsOverrideDetails": null});
    assert_eq!(tokens(&house, "1", &null), null);
    house.prove();
    house.world.ledger.down(true);
    assert_eq!(tokens(&house, "1", &null), null);
}
