//! What the operator may ask, and nobody else.

use core::time::Duration;

use custom_auth::testing::Fault;
use serde_json::json;

use crate::world::{World, world};

const PHONE: &str = "+15550100123";

#[tokio::test]
async fn an_operator_reads_an_account_by_name_and_by_number() {
    let world = world().await;
    world.call("SignUp", json!({"ClientId": "open", "Username": PHONE})).await;
    let told =
        world.admin("AdminGetUser", json!({"UserPoolId": "local_CustomAuth", "Username": PHONE})).await;
    assert_eq!((told.text("/UserStatus").as_str(), &told.body["Enabled"]), ("UNCONFIRMED", &json!(true)));
    assert!(told.body["UserCreateDate"].is_f64());
    let name = told.text("/Username");
    let by_name =
        world.admin("AdminGetUser", json!({"UserPoolId": "local_CustomAuth", "Username": name})).await;
    assert_eq!(by_name.body, told.body);
    let unknown =
        world.admin("AdminGetUser", json!({"UserPoolId": "local_CustomAuth", "Username": "nobody"})).await;
    assert_eq!((unknown.code(), unknown.message()), ("UserNotFoundException", "User does not exist."));
    let other = world.admin("AdminGetUser", json!({"UserPoolId": "other_Pool", "Username": PHONE})).await;
    assert_eq!(other.code(), "ResourceNotFoundException");
}

#[tokio::test]
async fn an_operator_signs_somebody_in_by_code_and_out_everywhere() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    let begun = world
        .admin(
            "AdminInitiateAuth",
            json!({"UserPoolId": "local_CustomAuth", "ClientId": "open",
        "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": PHONE}}),
        )
        .await;
    let body = json!({"UserPoolId": "local_CustomAuth", "ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": begun.text("/Session"), "ChallengeResponses": {"USERNAME": PHONE, "ANSWER": world.code(PHONE)}});
    let done = world.admin("AdminRespondToAuthChallenge", body).await;
    assert!(done.body["AuthenticationResult"].is_object(), "{done:?}");
    let whom = json!({"UserPoolId": "local_CustomAuth", "Username": PHONE});
    assert_eq!(world.admin("AdminUserGlobalSignOut", whom).await.body, json!({}));
    let told = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
    assert_eq!(told.message(), "Access Token has been revoked");
}

#[tokio::test]
async fn nobody_elses_listener_takes_an_operators_calls_nor_the_operators_anybody_elses() {
    let world = world().await;
    for operation in [
        "AdminConfirmSignUp",
        "AdminDeleteUser",
        "AdminGetUser",
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut",
    ] {
        assert_eq!(world.call(operation, json!({})).await.code(), "UnknownOperationException", "{operation}");
        let asked = world.admin(operation, json!({})).await;
        assert_eq!((asked.status, asked.code()), (400, "InvalidParameterException"), "{operation}");
    }
    assert_eq!(world.admin("SignUp", json!({})).await.code(), "UnknownOperationException");
    for path in ["/metrics", "/healthz"] {
        assert_eq!(world.get(path, "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn i7_counts_say_what_came_of_requests_and_of_nobodys() {
    let world = world().await;
    world.signed_in(PHONE).await;
    world.call("Nonsense", json!({})).await;
    world.call("GetUser", json!({"AccessToken": "x"})).await;
    let counts = world.ask_operator("/metrics").await;
    let text = counts.body.as_str().unwrap();
    for line in [
        "custom_auth_requests_total{operation=\"InitiateAuth\",outcome=\"ok\"} 1",
        "custom_auth_requests_total{operation=\"RespondToAuthChallenge\",outcome=\"ok\"} 1",
        "custom_auth_requests_total{operation=\"GetUser\",outcome=\"NotAuthorizedException\"} 1",
        "custom_auth_requests_total{operation=\"other\",outcome=\"UnknownOperationException\"} 1",
        "custom_auth_requests_in_flight 0",
    ] {
        assert!(text.lines().any(|there| there == line), "{line}\n{text}");
    }
    assert!(!text.contains("5550100"), "{text}");
}

#[tokio::test]
async fn health_is_what_the_stores_are_at_that_moment() {
    let world = world().await;
    let well = async || {
        let told = world.ask_operator("/healthz").await;
        assert_eq!(told.header("cache-control"), Some("no-store"));
        match told.status {
            200 => assert_eq!(told.body, json!({"status": "ok"})),
            _ => assert_eq!(
                (told.status, &told.body),
                (503, &json!({"status": "failing", "reason": "the store is unavailable"}))
            ),
        }
        told.status == 200
    };
    assert!(well().await);
    world.ledger.down(true);
    assert!(!well().await);
    world.ledger.down(false);
    assert!(well().await);
    world.users.down(true);
    assert!(!well().await);
    world.users.down(false);
    assert!(well().await);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_well_and_nobody_waits_for_it_long() {
    let world = world().await;
    world.ledger.fail_next(Fault::NotDoneAndTimedOut);
    let asked = tokio::time::timeout(Duration::from_secs(10), world.ask_operator("/healthz"));
    let told = asked.await.expect("an answer in time");
    assert_eq!((told.status, told.text("/reason").as_str()), (503, "a store does not answer"));
    assert_eq!(world.ask_operator("/healthz").await.status, 200);
}

#[tokio::test]
async fn no_page_in_a_browser_asks_in_an_operators_place() {
    let world = world().await;
    world.call("SignUp", json!({"ClientId": "open", "Username": PHONE})).await;
    let body = json!({"UserPoolId": "local_CustomAuth", "Username": PHONE}).to_string();
    let ask = |origin: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{origin}\
             X-Amz-Target: AWSCognitoIdentityProviderService.AdminGetUser\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let sdk = World::say_to(world.operator, ask("").as_bytes()).await.unwrap();
    assert_eq!(sdk.status, 200);
    let page = World::say_to(world.operator, ask("Origin: http://x\r\n").as_bytes()).await.unwrap();
    assert_eq!((page.status, page.body), (403, json!({})));
}

fn whom(username: &str) -> serde_json::Value {
    json!({"UserPoolId": "local_CustomAuth", "Username": username})
}

#[tokio::test]
async fn an_operator_confirms_a_sign_up_and_the_first_code_still_takes_it_from_whoever_signed_up() {
    let world = world().await;
    let body = json!({"ClientId": "open", "Username": PHONE, "Password": "correct Horse 7"});
    world.call("SignUp", body).await;
    assert_eq!(world.admin("AdminConfirmSignUp", whom(PHONE)).await.body, json!({}));
    assert_eq!(world.admin("AdminGetUser", whom(PHONE)).await.text("/UserStatus"), "CONFIRMED");
    let again = world.admin("AdminConfirmSignUp", whom(PHONE)).await;
    let words = "User cannot be confirmed. Current status is CONFIRMED";
    assert_eq!((again.code(), again.message()), ("NotAuthorizedException", words));
    let password = || {
        json!({"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "ClientId": "open", "UserPoolId": "local_CustomAuth",
        "AuthParameters": {"USERNAME": PHONE, "PASSWORD": "correct Horse 7"}})
    };
    assert_eq!(world.admin("AdminInitiateAuth", password()).await.code(), "NotAuthorizedException");
    world.signed_in(PHONE).await;
    assert_eq!(world.admin("AdminInitiateAuth", password()).await.code(), "NotAuthorizedException");
    assert_eq!(world.admin("AdminConfirmSignUp", whom("+15550100199")).await.code(), "UserNotFoundException");
}

#[tokio::test]
async fn an_operator_deletes_an_account_and_its_tokens_open_nothing() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    assert_eq!(world.admin("AdminDeleteUser", whom(PHONE)).await.body, json!({}));
    assert_eq!(world.admin("AdminDeleteUser", whom(PHONE)).await.code(), "UserNotFoundException");
    let told = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
    assert_eq!((told.status, told.code()), (400, "NotAuthorizedException"));
}

#[tokio::test]
async fn an_operator_gives_an_account_a_number_and_only_with_the_word_that_it_is_proven() {
    let world = world().await;
    world.signed_in(PHONE).await;
    let name = world.admin("AdminGetUser", whom(PHONE)).await.text("/Username");
    let to = |number: &str, verified: Option<&str>| {
        let mut attributes = vec![json!({"Name": "phone_number", "Value": number})];
        attributes.extend(verified.map(|value| json!({"Name": "phone_number_verified", "Value": value})));
        json!({"UserPoolId": "local_CustomAuth", "Username": name, "UserAttributes": attributes})
    };
    for verified in [None, Some("false"), Some("")] {
        let told = world.admin("AdminUpdateUserAttributes", to("+15550100124", verified)).await;
        assert_eq!(told.code(), "InvalidParameterException");
    }
    assert_eq!(
        world.admin("AdminUpdateUserAttributes", to("+15550100124", Some("true"))).await.body,
        json!({})
    );
    assert_eq!(world.admin("AdminGetUser", whom("+15550100124")).await.text("/Username"), name);
    assert_eq!(world.admin("AdminGetUser", whom(PHONE)).await.code(), "UserNotFoundException");
    let junk = world.admin("AdminUpdateUserAttributes", to("12", Some("true"))).await;
    assert_eq!(junk.code(), "InvalidParameterException");
}
