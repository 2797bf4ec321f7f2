//! The events are Cognito's, byte for byte.

use custom_auth::{
    UserStatus,
    pool::{
        CreateMetadata, InitiateAuth, Opening, Outcome, PreAuthentication, PreventUserExistenceErrors,
        Respond,
    },
};
use serde_json::{Value, json};

use super::support::{ANA, CLIENT, NOBODY, PHONE, POOL, World, source};

fn head(trigger: &str) -> String {
    format!(
        r#"{{"version":"1","region":"ap-south-1","userPoolId":"{POOL}","userName":"{ANA}","callerContext":{{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{CLIENT}"}},"triggerSource":"{trigger}_Authentication","request":{{"userAttributes":{{"sub":"{ANA}","cognito:user_status":"CONFIRMED","phone_number_verified":"true","phone_number":"{PHONE}"}},"#
    )
}

#[test]
fn the_events_of_a_sign_in_are_cognitos_byte_for_byte() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let outcome = world.run(world.pool.answer(challenge.token(), "111111")).unwrap();
    assert!(matches!(outcome, Outcome::Challenge(_)));
    let define = r#""response":{"challengeName":null,"issueTokens":null,"failAuthentication":null}}"#;
    let create = r#""response":{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}}"#;
    let round =
        r#"[{"challengeName":"CUSTOM_CHALLENGE","challengeResult":false,"challengeMetadata":"CODE"}]"#;
    let expected = [
        format!(r#"{}"session":[],"userNotFound":false}},{define}"#, head("DefineAuthChallenge")),
        format!(
            r#"{}"challengeName":"CUSTOM_CHALLENGE","session":[],"userNotFound":false}},{create}"#,
            head("CreateAuthChallenge")
        ),
        format!(
            r#"{}"privateChallengeParameters":{{"answer":"482913"}},"challengeAnswer":"111111","userNotFound":false}},"response":{{"answerCorrect":null}}}}"#,
            head("VerifyAuthChallengeResponse")
        ),
        format!(r#"{}"session":{round},"userNotFound":false}},{define}"#, head("DefineAuthChallenge")),
        format!(
            r#"{}"challengeName":"CUSTOM_CHALLENGE","session":{round},"userNotFound":false}},{create}"#,
            head("CreateAuthChallenge")
        ),
    ];
    assert_eq!(*world.triggers.events.lock().unwrap(), expected);
}

#[test]
fn under_legacy_no_event_says_whether_the_user_was_found() {
    let world = World::settled(|settings| {
        settings.prevent_user_existence_errors = PreventUserExistenceErrors::Legacy
    });
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let _ = world.run(world.pool.answer(challenge.token(), "482913")).unwrap();
    let events = world.take_events();
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event["request"].get("userNotFound").is_none()));
}

#[test]
fn an_unknown_user_has_no_attributes_and_a_made_up_name() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(NOBODY)).unwrap();
    let _ = world.run(world.pool.answer(challenge.token(), "482913")).unwrap();
    let name = &challenge.parameters()["USERNAME"];
    let events = world.take_events();
    assert_eq!(events.len(), 5, "define, create, verify, define, create");
    for event in events {
        assert_eq!(event["request"]["userAttributes"], json!({}));
        assert_eq!(event["request"]["userNotFound"], true);
        assert_eq!(event["userName"], **name);
    }
}

#[test]
fn an_opening_with_srp_shows_define_one_right_result_without_metadata() {
    let world = World::new();
    let request = InitiateAuth::new(PHONE).opening(Opening::SrpA);
    let Outcome::Challenge(challenge) = world.run(world.pool.initiate_auth(request)).unwrap() else {
        panic!()
    };
    let srp = json!({"challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": null});
    for event in world.take_events() {
        assert_eq!(event["request"]["session"], json!([srp]));
    }
    let _ = world.run(world.pool.answer(challenge.token(), "482913")).unwrap();
    let session = &world.take_events()[1]["request"]["session"];
    let ours =
        json!({"challengeName": "CUSTOM_CHALLENGE", "challengeResult": true, "challengeMetadata": "CODE"});
    assert_eq!(*session, json!([srp, ours]));
}

fn metadata_of(events: &[Value]) -> Vec<(&str, Option<&Value>)> {
    events.iter().map(|event| (source(event), event["request"].get("clientMetadata"))).collect()
}

#[test]
fn client_metadata_reaches_the_triggers_of_an_answer_and_none_of_an_initiation() {
    let world = World::new();
    let metadata = [("channel".to_owned(), "sms".to_owned())].into();
    let request = InitiateAuth::new(PHONE).client_metadata(&metadata);
    let Outcome::Challenge(challenge) = world.run(world.pool.initiate_auth(request)).unwrap() else {
        panic!()
    };
    let events = world.take_events();
    assert_eq!(metadata_of(&events), [("DefineAuthChallenge", None), ("CreateAuthChallenge", None)]);
    let request = Respond::new(challenge.token(), "0").client_metadata(&metadata);
    let Outcome::Challenge(challenge) = world.run(world.pool.respond(request)).unwrap() else { panic!() };
    let (events, sms) = (world.take_events(), json!({"channel": "sms"}));
    let seen = Some(&sms);
    let expected =
        [("VerifyAuthChallengeResponse", seen), ("DefineAuthChallenge", seen), ("CreateAuthChallenge", seen)];
    assert_eq!(metadata_of(&events), expected);
    let empty = [].into();
    let request = Respond::new(challenge.token(), "0").client_metadata(&empty);
    let _ = world.run(world.pool.respond(request)).unwrap();
    assert!(metadata_of(&world.take_events()).iter().all(|(_, metadata)| metadata.is_none()));
}

#[test]
fn client_metadata_can_be_kept_from_create() {
    let world = World::settled(|settings| settings.create_metadata = CreateMetadata::Withhold);
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.take_events();
    let _ = world.run(world.pool.resend(challenge.token())).unwrap();
    let (events, resend) = (world.take_events(), json!({"action": "resend"}));
    let seen = Some(&resend);
    let expected =
        [("VerifyAuthChallengeResponse", seen), ("DefineAuthChallenge", seen), ("CreateAuthChallenge", None)];
    assert_eq!(metadata_of(&events), expected);
}

#[test]
fn pre_authentication_runs_first_if_it_is_on_and_sees_the_metadata_as_validation_data() {
    let world = World::settled(|settings| settings.pre_authentication = PreAuthentication::Invoke);
    let metadata = [("app".to_owned(), "1".to_owned())].into();
    let _ = world.run(world.pool.initiate_auth(InitiateAuth::new(PHONE).client_metadata(&metadata))).unwrap();
    let _ = world.run(world.pool.sign_in(PHONE)).unwrap();
    let events = world.take_events();
    let data: Vec<_> = events
        .iter()
        .filter(|event| source(event) == "PreAuthentication")
        .map(|event| event["request"].get("validationData").cloned())
        .collect();
    assert_eq!(source(&events[0]), "PreAuthentication");
    assert_eq!(events[0]["response"], json!({}));
    assert_eq!(data, [Some(json!({"app": "1"})), Some(Value::Null)]);
}

#[test]
fn an_unverified_phone_is_the_string_false() {
    let world = World::new();
    world.users.all.lock().unwrap()[0].phone_verified = false;
    let _ = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(world.take_events()[0]["request"]["userAttributes"]["phone_number_verified"], "false");
}

#[test]
fn define_may_see_the_unconfirmed_if_so_chosen_but_create_never_does() {
    let world = World::settled(|settings| {
        settings.unconfirmed_gate = custom_auth::pool::UnconfirmedGate::AfterDefine;
    });
    world.users.set_status(UserStatus::Unconfirmed);
    let result = world.run(world.pool.sign_in(PHONE));
    assert_eq!(result.unwrap_err().code(), "UserNotConfirmedException");
    let events = world.take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["request"]["userAttributes"]["cognito:user_status"], "UNCONFIRMED");
}
