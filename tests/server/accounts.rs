//! Signing up in two steps, going on without a second text, and another number.

use serde_json::{Value, json};
use time::Duration;

use crate::world::world;

const PHONE: &str = "+15550100123";
const OTHER: &str = "+15550100124";

fn named(username: &str) -> Value {
    json!({"ClientId": "open", "Username": username})
}

fn confirmation(username: &str, code: &str) -> Value {
    json!({"ClientId": "open", "Username": username, "ConfirmationCode": code, "ForceAliasCreation": null})
}

#[tokio::test]
async fn a_sign_up_is_confirmed_by_its_code_and_goes_on_without_a_second_text() {
    let world = world().await;
    let made = world
        .call(
            "SignUp",
            json!({"ClientId": "open", "Username": PHONE, "Password": "Passw0rd!", "ValidationData": null,
        "UserAttributes": [{"Name": "phone_number", "Value": PHONE}]}),
        )
        .await;
    assert_eq!(made.body["UserConfirmed"], false);
    let delivery =
        json!({"Destination": "+*******0123", "DeliveryMedium": "SMS", "AttributeName": "phone_number"});
    assert_eq!(made.body["CodeDeliveryDetails"], delivery);
    let wrong = world.call("ConfirmSignUp", confirmation(PHONE, "1")).await;
    assert_eq!(
        (wrong.code(), wrong.message()),
        ("CodeMismatchException", "Invalid verification code provided, please try again.")
    );
    let done = world.call("ConfirmSignUp", confirmation(PHONE, &world.code(PHONE))).await;
    let session = done.text("/Session");
    let go_on = |name: &str| json!({"AuthFlow": "USER_AUTH", "ClientId": "open", "Session": session, "AuthParameters": {"USERNAME": name}});
    let tokens = world.call("InitiateAuth", go_on(PHONE)).await;
    assert!(tokens.body["AuthenticationResult"]["IdToken"].is_string(), "{tokens:?}");
    assert_eq!(world.texts.count(), 1);
    let again = world.call("InitiateAuth", go_on(PHONE)).await;
    assert_eq!(again.message(), "Invalid session for the user, session can only be used once.");
}

#[tokio::test]
async fn i1_a_continuation_is_for_whoever_confirmed() {
    let world = world().await;
    world.call("SignUp", named(PHONE)).await;
    let session = world.call("ConfirmSignUp", confirmation(PHONE, &world.code(PHONE))).await.text("/Session");
    let body = json!({"AuthFlow": "USER_AUTH", "ClientId": "open", "Session": session, "AuthParameters": {"USERNAME": OTHER}});
    assert_eq!(world.call("InitiateAuth", body).await.message(), "Invalid session for the user.");
}

#[tokio::test]
async fn i10_a_number_in_limbo_is_confirmed_after_all() {
    let world = world().await;
    world.call("SignUp", named(PHONE)).await;
    world.clock.advance(Duration::hours(1));
    let taken = world.call("SignUp", named(PHONE)).await;
    assert_eq!(
        (taken.code(), taken.message()),
        ("UsernameExistsException", "An account with the given phone_number already exists.")
    );
    let begun = json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "AuthParameters": {"USERNAME": PHONE}});
    let told = world.call("InitiateAuth", begun.clone()).await;
    assert_eq!((told.code(), told.message()), ("UserNotConfirmedException", "User is not confirmed."));
    assert_eq!(world.call("ResendConfirmationCode", named(PHONE)).await.status, 200);
    assert_eq!(world.call("ConfirmSignUp", confirmation(PHONE, &world.code(PHONE))).await.status, 200);
    assert_eq!(world.call("InitiateAuth", begun).await.text("/ChallengeName"), "CUSTOM_CHALLENGE");
    let again = world.call("ConfirmSignUp", confirmation(PHONE, "123456")).await;
    assert_eq!(again.message(), "User cannot be confirmed. Current status is CONFIRMED");
    assert_eq!(
        world.call("ResendConfirmationCode", named(PHONE)).await.message(),
        "User is already confirmed."
    );
}

#[tokio::test]
async fn somebody_who_never_signed_up_is_answered_like_somebody_who_did() {
    let world = world().await;
    world.call("SignUp", named(PHONE)).await;
    world.clock.advance(Duration::hours(1));
    let (known, unknown) = (
        world.call("ResendConfirmationCode", named(PHONE)).await,
        world.call("ResendConfirmationCode", named("+15550100199")).await,
    );
    let shape = |answer: &crate::world::Answer| (answer.status, answer.body.to_string().len());
    assert_eq!(shape(&known), shape(&unknown));
}

#[tokio::test]
async fn a_name_that_is_no_number_and_attributes_that_are_not_kept_are_refused() {
    let world = world().await;
    for (body, words) in [
        (named("ana"), "Username should be a phone number."),
        (named("+12"), "Invalid phone number format."),
        (
            json!({"ClientId": "open", "Username": PHONE, "UserAttributes": [{"Name": "phone_number", "Value": OTHER}]}),
            "Username and phone_number must be the same.",
        ),
        (
            json!({"ClientId": "open", "Username": PHONE, "UserAttributes": [{"Name": "email", "Value": "a@example.com"}]}),
            "Attributes did not conform to the schema: only phone_number exists in the schema.",
        ),
    ] {
        let told = world.call("SignUp", body).await;
        assert_eq!((told.code(), told.message()), ("InvalidParameterException", words));
    }
    assert_eq!(world.texts.count(), 0);
}

#[tokio::test]
async fn a_new_number_is_the_accounts_once_its_code_was_typed() {
    let world = world().await;
    let token = world.signed_in(PHONE).await["AccessToken"].clone();
    let verify = |code: &str| json!({"AccessToken": token, "AttributeName": "phone_number", "Code": code});
    assert_eq!(
        world.call("VerifyUserAttribute", verify("123456")).await.code(),
        "ExpiredCodeException",
        "none was asked for"
    );
    let change = json!({"AccessToken": token, "UserAttributes": [{"Name": "phone_number", "Value": OTHER}]});
    let asked = world.call("UpdateUserAttributes", change).await;
    assert_eq!(asked.text("/CodeDeliveryDetailsList/0/AttributeName"), "phone_number");
    let number = async || {
        let user = world.call("GetUser", json!({"AccessToken": token})).await;
        user.body["UserAttributes"].as_array().unwrap().iter().find(|a| a["Name"] == "phone_number").unwrap()
            ["Value"]
            .clone()
    };
    assert_eq!(number().await, PHONE, "not yet");
    assert_eq!(world.call("VerifyUserAttribute", verify("1")).await.code(), "CodeMismatchException");
    assert_eq!(world.call("VerifyUserAttribute", verify(&world.code(OTHER))).await.body, json!({}));
    assert_eq!(number().await, OTHER);
    assert_eq!(world.call("VerifyUserAttribute", verify(&world.code(OTHER))).await.status, 400, "used up");
}

#[tokio::test]
async fn of_two_new_numbers_the_newest_is_verified() {
    let world = world().await;
    let token = world.signed_in(PHONE).await["AccessToken"].clone();
    for number in [OTHER, "+15550100125"] {
        let change =
            json!({"AccessToken": token, "UserAttributes": [{"Name": "phone_number", "Value": number}]});
        assert_eq!(world.call("UpdateUserAttributes", change).await.status, 200);
    }
    let verify = |code: &str| json!({"AccessToken": token, "AttributeName": "phone_number", "Code": code});
    assert_eq!(
        world.call("VerifyUserAttribute", verify(&world.code(OTHER))).await.code(),
        "CodeMismatchException",
        "I6"
    );
    assert_eq!(world.call("VerifyUserAttribute", verify(&world.code("+15550100125"))).await.status, 200);
}

#[tokio::test]
async fn whoever_deletes_their_account_is_signed_out_and_the_number_is_free() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    let bearer = json!({"AccessToken": tokens["AccessToken"]});
    let before = world.call("GetUser", bearer.clone()).await.text("/Username");
    assert_eq!(world.call("DeleteUser", bearer.clone()).await.body, json!({}));
    for operation in ["GetUser", "DeleteUser", "GlobalSignOut"] {
        let told = world.call(operation, bearer.clone()).await;
        assert_eq!((told.status, told.code()), (400, "NotAuthorizedException"), "{operation}");
    }
    let body = json!({"ClientId": "open", "RefreshToken": tokens["RefreshToken"]});
    assert_eq!(world.call("GetTokensFromRefreshToken", body).await.code(), "NotAuthorizedException");
    let tokens = world.signed_in(PHONE).await;
    let after = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await.text("/Username");
    assert_ne!(before, after);
}
