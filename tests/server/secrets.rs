//! A client with a secret: nothing is done for whoever does not show it.

use serde_json::{Value, json};

use crate::{
    sign_ins,
    world::{requests, world},
};

const WORDS: &str = "Unable to verify secret hash for client closed";

fn hash(name: &str) -> Value {
    sign_ins::hash(name, "closed").into()
}

/// Every call that a client makes in its own name, and where the hash is in it.
fn calls() -> Vec<(&'static str, Value, &'static str)> {
    let go_on = json!({"AuthFlow": "USER_AUTH", "ClientId": "open", "Session": "s",
        "AuthParameters": {"USERNAME": "+15550100109"}});
    let all = requests()
        .into_iter()
        .chain([("InitiateAuth", go_on)])
        .filter(|(_, body)| body["ClientId"].is_string());
    let places = all.filter_map(|(operation, body)| {
        let place = match operation {
            "InitiateAuth" => "/AuthParameters/SECRET_HASH",
            "RespondToAuthChallenge" => "/ChallengeResponses/SECRET_HASH",
            "SignUp" | "ConfirmSignUp" | "ResendConfirmationCode" => "/SecretHash",
            // They show the secret itself.
            _ => return None,
        };
        Some((operation, body, place))
    });
    places.collect()
}

fn with(mut body: Value, place: &str, hash: Option<Value>) -> Value {
    body["ClientId"] = "closed".into();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let members = body.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
    members.remove(name);
    members.extend(hash.map(|hash| (name.to_owned(), hash)));
    body
}

#[tokio::test]
async fn a_call_of_a_client_with_a_secret_is_refused_without_its_hash_and_texts_nobody() {
    let world = world().await;
    for (operation, body, place) in calls() {
        for wrong in [None, Some(json!("")), Some(json!("h")), Some(hash("+15550100199"))] {
            let told = world.call(operation, with(body.clone(), place, wrong)).await;
            assert_eq!(
                (told.code(), told.message()),
                ("NotAuthorizedException", WORDS),
                "{operation} {body}"
            );
        }
    }
    assert_eq!(world.texts.count(), 0);
}

#[tokio::test]
async fn a_call_of_a_client_with_a_secret_gets_further_with_its_hash() {
    let world = world().await;
    for (operation, body, place) in calls() {
        let parent =
            if place == "/SecretHash" { "/Username" } else { &place.replace("SECRET_HASH", "USERNAME") };
        let name = body.pointer(parent).and_then(Value::as_str).unwrap().to_owned();
        let told = world.call(operation, with(body.clone(), place, Some(hash(&name)))).await;
        assert_ne!(told.message(), WORDS, "{operation} {body}");
    }
}
