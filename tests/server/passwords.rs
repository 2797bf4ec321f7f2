//! Passwords that came with a sign-up: sent, or proven by SRP.

use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{
    Parameters, Password, Plan,
    pool::{SignUpPassword, SingleProof, TriggerError, Triggers},
    testing::SrpClient,
};
use serde_json::{Value, json};
use time::Duration;

use crate::world::{Answer, Site, World, world, world_on, world_with};

const PHONE: &str = "+15550100123";
const OTHER: &str = "+15550100124";
const PASSWORD: &str = "correct Horse 7";
const WHEN: &str = "Sat Nov 28 10:00:00 UTC 2026";

impl World {
    async fn signed_up(&self, phone: &str, password: &str) -> Answer {
        self.call("SignUp", json!({"ClientId": "open", "Username": phone, "Password": password})).await
    }

    async fn confirmed(&self, phone: &str, session: Option<&str>) -> Answer {
        let code = self.code(phone);
        let body =
            json!({"ClientId": "open", "Username": phone, "ConfirmationCode": code, "Session": session});
        self.call("ConfirmSignUp", body).await
    }

    async fn with_password(&self, phone: &str, password: &str) -> Answer {
        let parameters = json!({"USERNAME": phone, "PASSWORD": password});
        let body =
            json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "open", "AuthParameters": parameters});
        self.call("InitiateAuth", body).await
    }

    async fn srp(&self, phone: &str, flow: &str) -> Answer {
        let parameters = json!({"USERNAME": phone, "SRP_A": SrpClient::new([7; 32]).srp_a()});
        let body = json!({"AuthFlow": flow, "ClientId": "open", "AuthParameters": parameters});
        self.call("InitiateAuth", body).await
    }

    async fn prove(&self, asked: &Answer, password: &str) -> Answer {
        let parameters: Parameters =
            serde_json::from_value(asked.body["ChallengeParameters"].clone()).unwrap();
        let password = Password::from_text(password.to_owned());
        let signature =
            SrpClient::new([7; 32]).sign("local_CustomAuth", &parameters, &password, WHEN).unwrap();
        let responses = json!({"USERNAME": parameters["USER_ID_FOR_SRP"], "TIMESTAMP": WHEN,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": signature});
        let body = json!({"ClientId": "open", "ChallengeName": "PASSWORD_VERIFIER",
            "Session": asked.body["Session"], "ChallengeResponses": responses});
        self.call("RespondToAuthChallenge", body).await
    }

    async fn with_srp(&self, phone: &str, password: &str) -> Answer {
        let asked = self.srp(phone, "USER_SRP_AUTH").await;
        assert_eq!(asked.body["ChallengeName"], "PASSWORD_VERIFIER", "{asked:?}");
        self.prove(&asked, password).await
    }
}

fn is_in(answer: &Answer) -> bool {
    answer.body["AuthenticationResult"]["IdToken"].is_string()
}

fn refused(answer: &Answer) -> (&str, &str) {
    (answer.code(), answer.message())
}

const WRONG: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

/// Somebody who has chosen a password and keeps it.
async fn owner(world: &World) {
    let session = world.signed_up(PHONE, PASSWORD).await.text("/Session");
    assert_eq!(world.confirmed(PHONE, Some(&session)).await.status, 200);
}

#[tokio::test]
async fn whoever_confirms_with_the_sign_ups_session_signs_in_with_the_password_both_ways() {
    let world = world().await;
    owner(&world).await;
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
    assert!(is_in(&world.with_srp(PHONE, PASSWORD).await));
    for wrong in ["correct Horse 8", "correct Horse 7 ", "x"] {
        assert_eq!(refused(&world.with_password(PHONE, wrong).await), WRONG, "{wrong}");
        assert_eq!(refused(&world.with_srp(PHONE, wrong).await), WRONG, "{wrong}");
    }
    assert_eq!(world.texts.count(), 1);
    // A code opens it as before, and takes no password away.
    world.signed_in(PHONE).await;
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
}

#[tokio::test]
async fn i10_a_strangers_password_opens_nothing_once_somebody_else_has_confirmed() {
    let world = world().await;
    let stranger = world.signed_up(PHONE, PASSWORD).await.text("/Session");
    assert_eq!(world.confirmed(PHONE, None).await.status, 200);
    assert_eq!(refused(&world.with_password(PHONE, PASSWORD).await), WRONG);
    assert_eq!(refused(&world.with_srp(PHONE, PASSWORD).await), WRONG);
    // Nor does the stranger's session confirm anything any more.
    let again =
        json!({"ClientId": "open", "Username": PHONE, "ConfirmationCode": "123456", "Session": stranger});
    assert_eq!(world.call("ConfirmSignUp", again).await.status, 400);
    // Nor does a sign-in by code of a number that a stranger signed up and nobody confirmed.
    world.signed_up(OTHER, PASSWORD).await;
    world.signed_in(OTHER).await;
    assert_eq!(refused(&world.with_password(OTHER, PASSWORD).await), WRONG);
}

#[tokio::test]
async fn a_session_of_another_sign_up_is_refused_and_uses_no_code_up() {
    let world = world().await;
    let other = world.signed_up(OTHER, PASSWORD).await.text("/Session");
    let own = world.signed_up(PHONE, PASSWORD).await.text("/Session");
    for session in [other.as_str(), "junk"] {
        let told = world.confirmed(PHONE, Some(session)).await;
        assert_eq!(refused(&told), ("NotAuthorizedException", "Invalid session for the user."));
    }
    assert_eq!(world.confirmed(PHONE, Some(&own)).await.status, 200);
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
}

#[tokio::test]
async fn as_on_cognito_a_password_stays_without_a_session_only_where_that_was_chosen() {
    let world = world_with(|_| {}, |settings| settings.sign_up_password = SignUpPassword::DangerKeep).await;
    world.signed_up(PHONE, PASSWORD).await;
    let early = world.with_password(PHONE, PASSWORD).await;
    assert_eq!(refused(&early), ("UserNotConfirmedException", "User is not confirmed."));
    assert_eq!(refused(&world.with_srp(PHONE, PASSWORD).await).0, "UserNotConfirmedException");
    assert_eq!(refused(&world.with_password(PHONE, "another one").await), WRONG);
    assert_eq!(world.confirmed(PHONE, None).await.status, 200);
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
    assert!(is_in(&world.with_srp(PHONE, PASSWORD).await));
}

#[tokio::test]
async fn where_passwords_are_not_looked_at_they_are_neither_kept_nor_taken() {
    let world = world_with(|_| {}, |settings| settings.sign_up_password = SignUpPassword::Ignore).await;
    let session = world.signed_up(PHONE, "short").await.text("/Session");
    assert_eq!(world.confirmed(PHONE, Some(&session)).await.status, 200);
    for flow in ["USER_PASSWORD_AUTH", "USER_SRP_AUTH"] {
        let told = world.srp(PHONE, flow).await;
        let words = format!("{flow} flow not enabled for this client");
        assert_eq!(refused(&told), ("InvalidParameterException", words.as_str()));
    }
}

#[tokio::test]
async fn a_password_has_8_to_256_characters() {
    let world = world().await;
    for (password, fits) in
        [("7 chars", false), ("8 chars!", true), (&"é".repeat(256), true), (&"é".repeat(257), false)]
    {
        let phone = format!("+15550100{}", 200 + password.len() % 100);
        let told = world.signed_up(&phone, password).await;
        let code = if fits { "" } else { "InvalidPasswordException" };
        assert_eq!(told.body["__type"].as_str().unwrap_or_default(), code, "{password}");
    }
    assert_eq!(world.texts.count(), 2);
}

#[tokio::test]
async fn i8_somebody_unknown_is_asked_and_refused_like_somebody_known() {
    let world = world().await;
    owner(&world).await;
    let shape = |answer: &Answer| -> Vec<(String, usize)> {
        let members = answer.body["ChallengeParameters"].as_object().unwrap();
        members.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().len())).collect()
    };
    let (known, unknown) = (world.srp(PHONE, "USER_SRP_AUTH").await, world.srp(OTHER, "USER_SRP_AUTH").await);
    assert_eq!(shape(&known), shape(&unknown));
    let salt = |answer: &Answer| answer.text("/ChallengeParameters/SALT");
    for (phone, before) in [(PHONE, &known), (OTHER, &unknown)] {
        let again = world.srp(phone, "USER_SRP_AUTH").await;
        assert_eq!(salt(&again), salt(before), "a salt is the same each time");
        assert_ne!(again.text("/ChallengeParameters/SRP_B"), before.text("/ChallengeParameters/SRP_B"));
    }
    assert_ne!(salt(&known), salt(&unknown));
    assert_eq!(refused(&world.prove(&known, "a wrong one").await), WRONG);
    assert_eq!(refused(&world.prove(&unknown, "a wrong one").await), WRONG);
    assert_eq!(refused(&world.with_password(OTHER, "a wrong one").await), WRONG);
}

#[tokio::test]
async fn i3_passwords_are_tried_twenty_times_a_day_for_an_account_by_either_way_and_for_nobody_too() {
    let world = world().await;
    owner(&world).await;
    for phone in [PHONE, OTHER] {
        for _ in 0..10 {
            assert_eq!(refused(&world.with_password(phone, "a wrong one").await), WRONG);
            assert_eq!(refused(&world.with_srp(phone, "a wrong one").await), WRONG);
        }
        let exceeded = ("NotAuthorizedException", "Password attempts exceeded");
        assert_eq!(refused(&world.with_password(phone, PASSWORD).await), exceeded);
        assert_eq!(refused(&world.with_srp(phone, PASSWORD).await), exceeded);
    }
    world.signed_in(PHONE).await;
    world.clock.advance(Duration::DAY);
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
}

#[tokio::test]
async fn i2_a_secret_block_is_answered_once_and_by_its_own_user() {
    let world = world().await;
    owner(&world).await;
    let asked = world.srp(PHONE, "USER_SRP_AUTH").await;
    assert!(asked.body["Session"].is_null());
    assert!(is_in(&world.prove(&asked, PASSWORD).await));
    let again = world.prove(&asked, PASSWORD).await;
    assert_eq!(again.message(), "Invalid session for the user, session can only be used once.");
    let asked = world.srp(PHONE, "USER_SRP_AUTH").await;
    let (one, two) = tokio::join!(world.prove(&asked, PASSWORD), world.prove(&asked, PASSWORD));
    assert_eq!([&one, &two].into_iter().filter(|answer| is_in(answer)).count(), 1);
    let mut asked = world.srp(PHONE, "USER_SRP_AUTH").await;
    asked.body["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!("somebody else");
    assert_eq!(world.prove(&asked, PASSWORD).await.message(), "Invalid session for the user.");
    let asked = world.srp(PHONE, "USER_SRP_AUTH").await;
    world.clock.advance(Duration::minutes(5));
    assert_eq!(
        world.prove(&asked, PASSWORD).await.message(),
        "Invalid session for the user, session is expired."
    );
}

#[tokio::test]
async fn i1_a_password_and_then_a_code_are_both_needed_where_the_plan_begins_with_a_password() {
    let plan = Plan::default().after_password();
    let site = Site { plan, ..Site::default() };
    let world = world_on(site, |_| {}, |settings| settings.single_proof = SingleProof::Refuse).await;
    let session = world.signed_up(PHONE, PASSWORD).await.text("/Session");
    let confirmed = world.confirmed(PHONE, Some(&session)).await.text("/Session");
    // Neither opens it alone.
    let go_on = json!({"AuthFlow": "USER_AUTH", "ClientId": "open", "Session": confirmed, "AuthParameters": {"USERNAME": PHONE}});
    for alone in [
        world.with_password(PHONE, PASSWORD).await,
        world.srp(PHONE, "USER_SRP_AUTH").await,
        world.call("InitiateAuth", go_on).await,
    ] {
        assert!(alone.message().ends_with("flow not enabled for this client"), "{alone:?}");
    }
    let asked = world.srp(PHONE, "CUSTOM_AUTH").await;
    assert_eq!(asked.body["ChallengeName"], "PASSWORD_VERIFIER", "{asked:?}");
    assert!(asked.text("/Session").len() >= 20);
    let wrong = world.srp(PHONE, "CUSTOM_AUTH").await;
    assert_eq!(refused(&world.prove(&wrong, "a wrong one").await), WRONG);
    let next = world.prove(&asked, PASSWORD).await;
    assert_eq!(next.body["ChallengeName"], "CUSTOM_CHALLENGE", "{next:?}");
    let done = world.respond(&next.text("/Session"), PHONE, &world.code(PHONE)).await;
    assert!(is_in(&done), "{done:?}");
    // A client that cannot open with SRP gets nowhere.
    let begun: Value =
        json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "AuthParameters": {"USERNAME": PHONE}});
    assert_eq!(refused(&world.call("InitiateAuth", begun).await), WRONG);
}

#[tokio::test]
async fn srp_a_that_is_none_is_told_so() {
    let world = world().await;
    for srp_a in ["0", "zz", &"f".repeat(800)] {
        let parameters = json!({"USERNAME": PHONE, "SRP_A": srp_a});
        let body = json!({"AuthFlow": "USER_SRP_AUTH", "ClientId": "open", "AuthParameters": parameters});
        assert_eq!(world.call("InitiateAuth", body).await.code(), "InvalidParameterException", "{srp_a}");
    }
}

#[tokio::test]
async fn i3_one_address_has_so_many_passwords_compared_an_hour_whoever_they_are_of() {
    let world = world_with(|door| door.passwords_per_hour = 3, |_| {}).await;
    owner(&world).await;
    for phone in [PHONE, OTHER] {
        assert_eq!(refused(&world.with_password(phone, "a wrong one").await), WRONG);
    }
    assert_eq!(refused(&world.with_srp(OTHER, "a wrong one").await), WRONG);
    let exceeded = ("NotAuthorizedException", "Password attempts exceeded");
    for phone in [PHONE, OTHER, "+15550100125"] {
        assert_eq!(refused(&world.with_password(phone, PASSWORD).await), exceeded);
        for flow in ["USER_SRP_AUTH", "CUSTOM_AUTH"] {
            assert_eq!(refused(&world.srp(phone, flow).await), exceeded);
        }
    }
    world.signed_in(PHONE).await;
    world.clock.advance(Duration::minutes(66));
    assert!(is_in(&world.with_password(PHONE, PASSWORD).await));
}

#[tokio::test]
async fn i3_no_password_is_begun_to_be_proven_where_that_cannot_be_paid() {
    let world = world().await;
    owner(&world).await;
    world.ledger.down(true);
    for phone in [PHONE, OTHER] {
        for flow in ["USER_SRP_AUTH", "CUSTOM_AUTH"] {
            let told = world.srp(phone, flow).await;
            assert_eq!((told.status, told.code()), (500, "InternalErrorException"), "{flow}");
        }
    }
    world.ledger.down(false);
    assert!(is_in(&world.with_srp(PHONE, PASSWORD).await));
}

/// Triggers of somebody's own, for whom a password is enough.
#[derive(Debug)]
struct EnoughOfIt(Arc<dyn Triggers>);

#[async_trait]
impl Triggers for EnoughOfIt {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let mut event: Value = serde_json::from_slice(event).unwrap();
        if event["triggerSource"] != "DefineAuthChallenge_Authentication" {
            return self.0.invoke(event.to_string().as_bytes()).await;
        }
        let rounds = event["request"]["session"].as_array().map_or(0, Vec::len);
        event["response"] = match rounds {
            0 => json!({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": false}),
            1 => json!({"challengeName": "PASSWORD_VERIFIER", "issueTokens": false}),
            _ => json!({"issueTokens": true}),
        };
        Ok(event.to_string().into_bytes())
    }
}

#[tokio::test]
async fn i10_a_password_in_a_custom_flow_proves_no_number_whatever_define_says() {
    let site = Site { wrap: |triggers| Arc::new(EnoughOfIt(triggers)), ..Site::default() };
    let world = world_on(site, |_| {}, |_| {}).await;
    // A stranger signs a number up, and the account is confirmed by somebody else's word.
    world.signed_up(OTHER, PASSWORD).await;
    let whom = json!({"UserPoolId": "local_CustomAuth", "Username": OTHER});
    assert_eq!(world.admin("AdminConfirmSignUp", whom.clone()).await.status, 200);
    let asked = world.srp(OTHER, "CUSTOM_AUTH").await;
    assert_eq!(refused(&world.prove(&asked, PASSWORD).await), WRONG);
    let told = world.admin("AdminGetUser", whom).await;
    assert!(
        told.body["UserAttributes"].to_string().contains(r#""phone_number_verified","Value":"false""#),
        "{told:?}"
    );
    // Whoever has proven theirs is in.
    owner(&world).await;
    let asked = world.srp(PHONE, "CUSTOM_AUTH").await;
    assert!(is_in(&world.prove(&asked, PASSWORD).await));
}
