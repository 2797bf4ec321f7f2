//! Whole logins through trigger events, bytes in and bytes out; and what awkward events become.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // as in any test

mod common;

use common::{CLIENT, POOL, World};
use custom_auth::{Error, Occurrence};
use serde_json::{Value, json};

/// What Cognito keeps of one sign-in.
struct Cognito<'w> {
    world: &'w World,
    user: &'w str,
    attributes: Value,
    session: Vec<Value>,
    open: Value,
}

impl<'w> Cognito<'w> {
    fn of(world: &'w World, user: &'w str) -> Self {
        let attributes =
            json!({"sub": user, "phone_number": "+919999900001", "phone_number_verified": "true"});
        Self { world, user, attributes, session: Vec::new(), open: Value::Null }
    }

    fn call(&self, trigger: &str, request: Value, response: Value) -> Value {
        let event = json!({
            "version": "1", "region": "ap-south-1", "userPoolId": POOL, "userName": self.user,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": CLIENT},
            "triggerSource": format!("{trigger}_Authentication"), "request": request, "response": response,
        });
        let bytes = serde_json::to_vec(&event).unwrap();
        let answered = self.world.run(self.world.engine().handle(&bytes)).unwrap();
        serde_json::from_slice::<Value>(&answered).unwrap()["response"].clone()
    }

    fn define(&self, metadata: &Value) -> Value {
        let mut request = json!({"userAttributes": self.attributes, "session": self.session});
        if !metadata.is_null() {
            request["clientMetadata"] = metadata.clone();
        }
        self.call(
            "DefineAuthChallenge",
            request,
            json!({"challengeName": null, "issueTokens": null, "failAuthentication": null}),
        )
    }

    fn create(&mut self, metadata: &Value) -> Value {
        let mut request = json!({"userAttributes": self.attributes, "challengeName": "CUSTOM_CHALLENGE", "session": self.session});
        if !metadata.is_null() {
            request["clientMetadata"] = metadata.clone();
        }
        let nulls = json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
        self.open = self.call("CreateAuthChallenge", request, nulls);
        self.open["publicChallengeParameters"].clone()
    }

    /// Verify, then what define says.
    fn answer(&mut self, answer: &Value, metadata: &Value) -> Value {
        let mut request = json!({
            "userAttributes": self.attributes, "challengeAnswer": answer,
            "privateChallengeParameters": self.open["privateChallengeParameters"],
        });
        if !metadata.is_null() {
            request["clientMetadata"] = metadata.clone();
        }
        let verified = self.call("VerifyAuthChallengeResponse", request, json!({"answerCorrect": null}));
        self.session.push(json!({
            "challengeName": "CUSTOM_CHALLENGE", "challengeResult": verified["answerCorrect"],
            "challengeMetadata": self.open["challengeMetadata"],
        }));
        self.define(metadata)
    }
}

const PRESENT: (Option<&str>, bool, bool) = (Some("CUSTOM_CHALLENGE"), false, false);
const TOKENS: (Option<&str>, bool, bool) = (None, true, false);
const FAIL: (Option<&str>, bool, bool) = (None, false, true);

fn decision(response: &Value) -> (Option<&str>, bool, bool) {
    let flag = |name: &str| response[name].as_bool().unwrap();
    (response["challengeName"].as_str(), flag("issueTokens"), flag("failAuthentication"))
}

#[test]
fn a_wrong_code_a_resend_and_the_right_code_sign_in_through_events() {
    let world = World::new();
    let mut cognito = Cognito::of(&world, "ana");
    assert_eq!(decision(&cognito.define(&Value::Null)), PRESENT);
    let shown = cognito.create(&Value::Null);
    assert_eq!(
        shown,
        json!({"challenge": "sms_code", "codeLength": "6", "expiresIn": "299", "resendIn": "29", "attemptsLeft": "3", "status": "open"})
    );
    assert_eq!(decision(&cognito.answer(&json!(world.wrong(1)), &Value::Null)), PRESENT);
    let shown = cognito.create(&Value::Null);
    assert_eq!((&shown["status"], &shown["attemptsLeft"]), (&json!("wrong"), &json!("2")));
    world.wait(30);
    let resend = json!({"action": "resend"});
    assert_eq!(decision(&cognito.answer(&json!("x"), &resend)), PRESENT);
    assert_eq!(cognito.create(&resend)["status"], json!("resent"));
    assert_eq!(decision(&cognito.answer(&json!(world.code()), &Value::Null)), TOKENS);
    assert_eq!(world.texts.count(), 2);
}

#[test]
fn an_answer_that_is_no_string_is_wrong_and_costs_nothing() {
    for answer in
        [json!(null), json!(482_913), json!(["482913"]), json!({"code": "482913"}), json!(true), json!("")]
    {
        let world = World::new();
        let mut cognito = Cognito::of(&world, "ana");
        cognito.create(&Value::Null);
        assert_eq!(decision(&cognito.answer(&answer, &Value::Null)), PRESENT, "{answer}");
        assert_eq!(cognito.create(&Value::Null)["attemptsLeft"], json!("3"));
    }
}

#[test]
fn an_open_srp_a_still_gets_its_sms_step_and_does_not_count_as_a_try() {
    let world = World::new();
    let mut cognito = Cognito::of(&world, "ana");
    cognito
        .session
        .push(json!({"challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": null}));
    assert_eq!(decision(&cognito.define(&Value::Null)), PRESENT);
    assert_eq!(cognito.create(&Value::Null)["attemptsLeft"], json!("3"));
    assert_eq!(decision(&cognito.answer(&json!(world.code()), &Value::Null)), TOKENS);
}

#[test]
fn i1_private_parameters_that_are_not_ours_are_never_right() {
    for private in [
        json!(null),
        json!({}),
        json!({"customAuth": ""}),
        json!({"answer": "482913"}),
        json!("x"),
        json!([1]),
    ] {
        let world = World::new();
        let mut cognito = Cognito::of(&world, "ana");
        cognito.create(&Value::Null);
        cognito.open["privateChallengeParameters"] = private.clone();
        let code = json!(world.code());
        assert_eq!(decision(&cognito.answer(&code, &Value::Null)), PRESENT, "{private}");
        assert_eq!(world.audit.count(Occurrence::AnswerAccepted), 0);
    }
}

#[test]
fn i1_an_event_that_does_not_say_who_texts_nobody_and_signs_nobody_in() {
    let world = World::new();
    let mut cognito = Cognito::of(&world, "");
    assert_eq!(cognito.create(&Value::Null)["status"], json!("open"));
    assert_eq!(world.texts.count(), 0);
    let right = json!({"challengeName": "CUSTOM_CHALLENGE", "challengeResult": true, "challengeMetadata": cognito.open["challengeMetadata"]});
    cognito.session.push(right);
    assert_eq!(decision(&cognito.define(&Value::Null)), FAIL);
}

#[test]
fn every_other_trigger_comes_back_as_it_came() {
    let world = World::new();
    for source in
        ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp", "CustomMessage_SignUp", "Brand_New", ""]
    {
        let event =
            format!("{{ \"triggerSource\":\"{source}\",\"request\":{{\"a\":1e400}},\"response\":{{}} }}\n");
        let answered = world.run(world.engine().handle(event.as_bytes())).unwrap();
        assert_eq!(answered, event.as_bytes());
    }
}

#[test]
fn what_is_no_event_is_a_typed_error() {
    let world = World::new();
    for bytes in [&b""[..], b"null", b"[]", b"{", b"\"x\"", b"{}x", b"\xff{}"] {
        assert!(matches!(world.run(world.engine().handle(bytes)), Err(Error::Wire(_))), "{bytes:?}");
    }
}
