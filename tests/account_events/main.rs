//! The triggers around the challenge, bytes in and bytes out: sign-ups, what a proof changes, what tokens say, Cognito's texts.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // as in any test

#[path = "../common/mod.rs"]
mod common;
mod dormant;
mod proofs;
mod sign_ups;

use std::{fs, path::PathBuf};

use common::{CLIENT, POOL, World, policy};
use custom_auth::{CustomAuth, Error, MessageTemplate, SignUpPolicy, TriggerRefusal, UserStatus};
use proofs::House;
use serde_json::{Value, json};
use sign_ups::with_sign_ups;

pub(crate) const PHONE: &str = "+919999900001";

pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    fs::read(root.join(path)).unwrap()
}

/// The event of this source about `ana`, with more in its request.
pub(crate) fn event(source: &str, request: Value, response: &Value) -> Vec<u8> {
    let attributes = json!({"sub": "ana", "phone_number": PHONE, "phone_number_verified": "false"});
    let mut event = json!({
        "version": "1", "region": "ap-south-1", "userPoolId": POOL, "userName": "ana",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": CLIENT},
        "triggerSource": source, "request": {"userAttributes": attributes}, "response": response,
    });
    for (name, value) in request.as_object().unwrap() {
        event["request"][name] = value.clone();
    }
    serde_json::to_vec(&event).unwrap()
}

pub(crate) fn handled(world: &World, auth: &CustomAuth, event: &[u8]) -> Result<Value, TriggerRefusal> {
    match world.run(auth.handle(event)) {
        Ok(bytes) => {
            let (mut came, mut went): (Value, Value) =
                (serde_json::from_slice(event).unwrap(), serde_json::from_slice(&bytes).unwrap());
            let response = went["response"].take();
            came["response"].take();
            assert_eq!(came, went, "i11: only the response may change");
            Ok(response)
        }
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_is_not_asked_of_us_comes_back_as_it_came() {
    let plain = World::new();
    let all = with_sign_ups(SignUpPolicy::default());
    for path in [
        "pre_sign_up/admin_create_user.json",
        "pre_sign_up/external_provider.json",
        "post_confirmation/confirm_forgot_password.json",
        "token_generation/v1_refresh.json",
        "token_generation/v1_hostedauth.json",
        "custom_message/forgotpassword.json",
        "custom_message/admin_create_user.json",
        "custom_sms_sender/sign_up.json",
        "user_migration/authentication.json",
        "pre_authentication/password.json",
        "unknown/unknown_trigger_source.json",
    ] {
        let bytes = fixture(path);
        assert_eq!(all.run(all.engine().handle(&bytes)).unwrap(), bytes, "{path}");
    }
    for path in [
        "pre_sign_up/sign_up_full.json",
        "post_confirmation/confirm_sign_up.json",
        "post_authentication/after_custom_auth.json",
        "token_generation/v2_authentication.json",
        "custom_message/sign_up.json",
    ] {
        let bytes = fixture(path);
        assert_eq!(plain.run(plain.engine().handle(&bytes)).unwrap(), bytes, "{path}");
    }
}

#[test]
fn a_member_that_is_read_must_not_come_twice() {
    let world = with_sign_ups(SignUpPolicy::default());
    for twice in [
        r#"{"triggerSource":"CustomMessage_SignUp","request":{"codeParameter":"a","codeParameter":"b"}}"#,
        r#"{"triggerSource":"PostConfirmation_ConfirmSignUp","request":{"userAttributes":{"phone_number_verified":"false","phone_number_verified":"true"}}}"#,
        r#"{"version":"1","version":"2","triggerSource":"TokenGeneration_Authentication"}"#,
        r#"{"triggerSource":"PreSignUp_SignUp","request":{"userAttributes":{"phone_number":"+1","phone_number":"+2"}}}"#,
    ] {
        let refused = world.run(world.engine().handle(twice.as_bytes()));
        assert!(matches!(refused, Err(Error::Wire(_))), "{twice}");
    }
}

#[test]
fn i11_every_fixture_keeps_all_but_its_response_when_all_is_asked_of_us() {
    let house = House::new(UserStatus::Confirmed);
    let words = Some(MessageTemplate::for_sign_up("Example"));
    let sign_ups = SignUpPolicy::builder().message(words).build().unwrap();
    let world = World::under(policy().sign_up(Some(sign_ups)).token_claims(true));
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    let mut seen = 0;
    for folder in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for file in fs::read_dir(folder).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let _ = handled(&world, &world.engine(), &bytes);
            let _ = handled(&house.world, &house.auth, &bytes);
            seen += 1;
        }
    }
    assert!(seen >= 88, "{seen}");
}
