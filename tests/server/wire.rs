//! Exchanges with Cognito as its clients have them (`tests/fixtures/wire`), replayed: the same request, header for header, is
//! answered in the same form. Names, codes, sessions and tokens in it are put in place of the fixture's.

use std::{fs, path::Path, sync::Arc};

use async_trait::async_trait;
use custom_auth::{
    Plan,
    pool::{TriggerError, Triggers},
};
use serde_json::{Value, json};
use time::Duration;

use crate::world::{Answer, Site, World, world, world_on};

/// The fixtures' own.
const PHONE: &str = "+919999900123";
const NAME: &str = "0588acd1-0000-4000-8000-000000000001";
const CODE: &str = "482913";

/// An exchange, and what stands in the place of the fixture's texts.
struct Exchange {
    request: Value,
    response: Value,
}

impl Exchange {
    fn read(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire").join(format!("{name}.json"));
        let mut both: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        Self { request: both["request"].take(), response: both["response"].take() }
    }

    /// With this text in the place of the fixture's, wherever it stands in the request.
    fn with(mut self, theirs: &str, ours: &str) -> Self {
        replace(&mut self.request["body"], &|text| (text == theirs).then(|| ours.to_owned()));
        self
    }

    fn with_session(mut self, session: &str) -> Self {
        self.request["body"]["Session"] = session.into();
        self
    }

    async fn replay(&self, world: &World) -> Answer {
        let mut body = self.request["body"].clone();
        replace(&mut body, &|text| match text {
            "1example23456789abcdefghij" => Some("open".to_owned()),
            "ap-south-1_EXAMPLE01" => Some("local_CustomAuth".to_owned()),
            _ => None,
        });
        let body = body.to_string();
        let headers = self.request["headers"].as_object().unwrap();
        let mut bytes =
            format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
        }
        bytes.push_str("\r\n");
        bytes.push_str(&body);
        let is_admin = headers["x-amz-target"].as_str().unwrap().contains(".Admin");
        let address = if is_admin { world.operator } else { world.address };
        let answer = World::say_to(address, bytes.as_bytes()).await.expect("an answer");
        self.is_like(&answer);
        answer
    }

    fn is_like(&self, answer: &Answer) {
        assert_eq!(u64::from(answer.status), self.response["status"].as_u64().unwrap(), "{answer:?}");
        for (name, value) in self.response["headers"].as_object().unwrap() {
            let ours = answer.header(name).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
            assert!(name == "x-amzn-requestid" || ours == value.as_str().unwrap(), "{name}: {ours}");
        }
        alike("", &self.response["body"], &answer.body);
    }
}

fn replace(value: &mut Value, by: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => *text = by(text).unwrap_or_else(|| text.clone()),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, by)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, by)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Members that differ each time: what matters is that there is such a text or number.
const OWN: [&str; 15] = [
    "AccessToken",
    "Destination",
    "IdToken",
    "RefreshToken",
    "SALT",
    "SECRET_BLOCK",
    "SRP_B",
    "Session",
    "USERNAME",
    "USER_ID_FOR_SRP",
    "UserCreateDate",
    "UserLastModifiedDate",
    "UserSub",
    "Username",
    "Value",
];
/// What the fixture's own triggers have added.
const THEIRS: [&str; 1] = ["phone_hint"];

/// Every member that is there is here, of the same kind, and says the same where it is not each one's own.
fn alike(at: &str, theirs: &Value, ours: &Value) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs.iter().filter(|(name, _)| !THEIRS.contains(&name.as_str())) {
                let here = ours.get(name).unwrap_or_else(|| panic!("{at}/{name} is missing in {ours:?}"));
                if OWN.contains(&name.as_str()) {
                    let same_kind =
                        value.is_string() == here.is_string() && value.is_number() == here.is_number();
                    assert!(same_kind && here.as_str() != Some(""), "{at}/{name}: {here}");
                } else {
                    alike(&format!("{at}/{name}"), value, here);
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            for item in theirs {
                let same = ours.iter().find(|other| other["Name"] == item["Name"]);
                alike(&format!("{at}/{}", item["Name"]), item, same.expect("an attribute of that name"));
            }
        }
        (theirs, ours) => assert_eq!(theirs, ours, "{at}"),
    }
}

impl World {
    /// Somebody with the fixtures' number, confirmed, and the name that the account has.
    async fn confirmed_one(&self) -> String {
        let made = self.call("SignUp", json!({"ClientId": "open", "Username": PHONE})).await;
        let code = self.code(PHONE);
        let body = json!({"ClientId": "open", "Username": PHONE, "ConfirmationCode": code});
        assert_eq!(self.call("ConfirmSignUp", body).await.status, 200);
        made.text("/UserSub")
    }

    /// A session of theirs to be answered.
    async fn session(&self) -> String {
        self.begin().await.text("/Session")
    }

    async fn begin(&self) -> Answer {
        let parameters = json!({"USERNAME": PHONE});
        self.call(
            "InitiateAuth",
            json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "AuthParameters": parameters}),
        )
        .await
    }
}

#[tokio::test]
async fn signing_up_and_confirming_are_answered_as_cognito_answers() {
    let world = world().await;
    let made = Exchange::read("sign_up.amplify6").replay(&world).await;
    assert_eq!(made.text("/CodeDeliveryDetails/Destination"), "+********0123");
    Exchange::read("error.user_not_confirmed").replay(&world).await;
    let sent = Exchange::read("resend_confirmation_code").replay(&world).await;
    assert_eq!(sent.text("/CodeDeliveryDetails/Destination"), "+********0123");
    Exchange::read("admin_get_user").replay(&world).await;
    Exchange::read("confirm_sign_up").with(CODE, &world.code(PHONE)).replay(&world).await;
    Exchange::read("admin_delete_user").replay(&world).await;
    let made = Exchange::read("sign_up.amplify6").replay(&world).await;
    let confirm = Exchange::read("confirm_sign_up.user_auth_session").with_session(&made.text("/Session"));
    world.clock.advance(Duration::minutes(1));
    confirm.with(CODE, &world.code(PHONE)).replay(&world).await;
}

#[tokio::test]
async fn signing_in_is_answered_as_cognito_answers_and_so_is_what_follows() {
    let world = world().await;
    let name = world.confirmed_one().await;
    let begun = Exchange::read("initiate_auth.custom.amplify6").replay(&world).await;
    let wrong = Exchange::read("respond.custom.wrong_but_retry").with(NAME, &name);
    let wrong = wrong.with_session(&begun.text("/Session")).replay(&world).await;
    let right =
        Exchange::read("respond.custom.amplify6_right").with(NAME, &name).with(CODE, &world.code(PHONE));
    let tokens = right.with_session(&wrong.text("/Session")).replay(&world).await;
    let (access, refresh) =
        (tokens.text("/AuthenticationResult/AccessToken"), tokens.text("/AuthenticationResult/RefreshToken"));
    Exchange::read("get_user").with("hdr.access.sig", &access).replay(&world).await;
    let renewed = Exchange::read("refresh.amplify6").with("hdr.refresh.sig", &refresh).replay(&world).await;
    assert!(renewed.body["AuthenticationResult"]["RefreshToken"].is_null(), "absent without rotation");
    Exchange::read("revoke_token").with("hdr.refresh.sig", &refresh).replay(&world).await;
    let begun = Exchange::read("initiate_auth.custom.identity_js").replay(&world).await;
    let right =
        Exchange::read("respond.custom.amplify6_right").with(NAME, &name).with(CODE, &world.code(PHONE));
    let tokens = right.with_session(&begun.text("/Session")).replay(&world).await;
    let access = tokens.text("/AuthenticationResult/AccessToken");
    Exchange::read("global_sign_out").with("hdr.access.sig", &access).replay(&world).await;
}

#[tokio::test]
async fn a_sign_in_that_ends_is_told_as_cognito_tells_it() {
    let world = world().await;
    let name = world.confirmed_one().await;
    let mut session = world.session().await;
    for _ in 0..2 {
        let wrong = Exchange::read("respond.custom.wrong_but_retry").with(NAME, &name);
        session = wrong.with_session(&session).replay(&world).await.text("/Session");
    }
    Exchange::read("respond.custom.failed").with(NAME, &name).with_session(&session).replay(&world).await;
    let session = world.session().await;
    world.clock.advance(Duration::minutes(5));
    Exchange::read("respond.custom.session_expired")
        .with(NAME, &name)
        .with_session(&session)
        .replay(&world)
        .await;
}

#[tokio::test]
async fn a_password_is_asked_for_as_cognito_asks() {
    let site = Site { plan: Plan::default().after_password(), ..Site::default() };
    let world = world_on(site, |_| {}, |_| {}).await;
    Exchange::read("initiate_auth.custom_srp").replay(&world).await;
}

/// Triggers of somebody's own, whose *create* throws from the second round on.
#[derive(Debug)]
struct Throws(Arc<dyn Triggers>);

#[async_trait]
impl Triggers for Throws {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let read: Value = serde_json::from_slice(event).unwrap();
        let rounds = read["request"]["session"].as_array().map_or(0, Vec::len);
        if read["triggerSource"] == "CreateAuthChallenge_Authentication" && rounds > 0 {
            return Err(TriggerError::Failed("Too many codes".to_owned()));
        }
        self.0.invoke(event).await
    }
}

#[tokio::test]
async fn what_a_trigger_throws_is_told_as_cognito_tells_it() {
    let site = Site { wrap: |triggers| Arc::new(Throws(triggers)), ..Site::default() };
    let world = world_on(site, |_| {}, |_| {}).await;
    let name = world.confirmed_one().await;
    let session = world.session().await;
    let threw = Exchange::read("respond.custom.lambda_threw").with(NAME, &name).with(CODE, "000000");
    threw.with_session(&session).replay(&world).await;
}

#[test]
fn every_exchange_is_replayed() {
    let tests = include_str!("wire.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(tests.contains(&format!("read(\"{name}\")")), "{name}");
        count += 1;
    }
    assert_eq!(count, 19);
}
