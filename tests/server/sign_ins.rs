//! Signing in, staying so, and being signed out.

use custom_auth::pool::RefreshTokenRotation;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use time::Duration;

use crate::world::{SECRET, World, world, world_with};

const PHONE: &str = "+15550100123";

fn refresh(token: &Value) -> Value {
    json!({"ClientId": "open", "RefreshToken": token})
}

#[tokio::test]
async fn a_wrong_code_is_no_error_and_the_right_one_signs_in() {
    let world = world().await;
    let first = world.start(PHONE).await;
    let code = world.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let second = world.respond(&first.text("/Session"), PHONE, wrong).await;
    assert_eq!((second.status, second.text("/ChallengeName").as_str()), (200, "CUSTOM_CHALLENGE"));
    assert_eq!(second.text("/ChallengeParameters/attemptsLeft"), "2");
    assert_ne!(first.text("/Session"), second.text("/Session"));
    let done = world.respond(&second.text("/Session"), PHONE, &code).await;
    assert_eq!(done.body["ChallengeParameters"], json!({}));
    assert_eq!(done.body["AuthenticationResult"]["TokenType"], "Bearer");
    assert_eq!(done.body["AuthenticationResult"]["ExpiresIn"], 3600);
    assert_eq!(world.texts.count(), 1, "one tap, one text");
}

#[tokio::test]
async fn i8_known_and_new_numbers_start_alike() {
    let world = world().await;
    world.signed_in(PHONE).await;
    world.clock.advance(Duration::minutes(10));
    let (known, new) = (world.start(PHONE).await, world.start("+15550100124").await);
    let shape = |answer: &crate::world::Answer| {
        let mut body = answer.body.clone();
        body["Session"] = body["Session"].as_str().unwrap().len().into();
        body["ChallengeParameters"]["USERNAME"] =
            body["ChallengeParameters"]["USERNAME"].as_str().unwrap().len().into();
        body
    };
    assert_eq!(shape(&known), shape(&new));
}

#[tokio::test]
async fn i2_of_two_answers_at_once_on_one_session_one_goes_on() {
    let world = world().await;
    let session = world.start(PHONE).await.text("/Session");
    let code = world.code(PHONE);
    let (one, other) =
        tokio::join!(world.respond(&session, PHONE, &code), world.respond(&session, PHONE, &code));
    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    assert!(won.body["AuthenticationResult"].is_object(), "{won:?}");
    assert_eq!(lost.message(), "Invalid session for the user, session can only be used once.");
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_until_the_sign_in_is_revoked() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    for _ in 0..2 {
        let fresh = world.call("GetTokensFromRefreshToken", refresh(&tokens["RefreshToken"])).await;
        assert!(fresh.body["AuthenticationResult"]["IdToken"].is_string(), "{fresh:?}");
        assert!(fresh.body["AuthenticationResult"].get("RefreshToken").is_none(), "it stays the same");
    }
    let old = json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "open", "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": null}});
    assert_eq!(world.call("InitiateAuth", old).await.status, 200);
    let revoked =
        world.call("RevokeToken", json!({"ClientId": "open", "Token": tokens["RefreshToken"]})).await;
    assert_eq!((revoked.status, revoked.body), (200, json!({})));
    let refused = world.call("GetTokensFromRefreshToken", refresh(&tokens["RefreshToken"])).await;
    assert_eq!(refused.message(), "Refresh Token has been revoked");
    let bearer = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
    assert_eq!(bearer.message(), "Access Token has been revoked");
}

#[tokio::test]
async fn a_refresh_token_that_was_replaced_and_comes_again_ends_the_sign_in() {
    let grace = Duration::seconds(10);
    let world =
        world_with(|_| {}, |settings| settings.refresh_token_rotation = RefreshTokenRotation::On { grace })
            .await;
    let tokens = world.signed_in(PHONE).await;
    let fresh = world.call("GetTokensFromRefreshToken", refresh(&tokens["RefreshToken"])).await;
    let next = &fresh.body["AuthenticationResult"]["RefreshToken"];
    assert!(next.is_string());
    world.clock.advance(Duration::seconds(11));
    let again = world.call("GetTokensFromRefreshToken", refresh(&tokens["RefreshToken"])).await;
    assert_eq!(again.code(), "RefreshTokenReuseException");
    let newest = world.call("GetTokensFromRefreshToken", refresh(next)).await;
    assert_eq!(newest.message(), "Refresh Token has been revoked");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_sign_in() {
    let world = world().await;
    let one = world.signed_in(PHONE).await;
    world.clock.advance(Duration::minutes(6));
    let other = world.signed_in(PHONE).await;
    assert_eq!(world.call("GlobalSignOut", json!({"AccessToken": one["AccessToken"]})).await.status, 200);
    for tokens in [&one, &other] {
        let told = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
        assert_eq!(told.message(), "Access Token has been revoked");
        assert_eq!(
            world.call("GetTokensFromRefreshToken", refresh(&tokens["RefreshToken"])).await.status,
            400
        );
    }
}

#[tokio::test]
async fn an_id_token_opens_nothing() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    assert_eq!(
        world.call("GetUser", json!({"AccessToken": tokens["IdToken"]})).await.message(),
        "Invalid Access Token"
    );
    assert_eq!(world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await.status, 200);
}

#[tokio::test]
async fn i6_a_session_of_one_client_is_none_of_anothers() {
    let world = world().await;
    let session = world.start(PHONE).await.text("/Session");
    let body = json!({"ClientId": "closed", "ChallengeName": "CUSTOM_CHALLENGE", "Session": session, "ChallengeResponses":
        {"USERNAME": PHONE, "ANSWER": world.code(PHONE), "SECRET_HASH": hash(PHONE, "closed")}});
    assert_eq!(world.call("RespondToAuthChallenge", body).await.message(), "Invalid session for the user.");
}

pub(crate) fn hash(name: &str, client: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{name}{client}").as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

async fn begin(world: &World, hash: Option<String>) -> crate::world::Answer {
    let parameters = json!({"USERNAME": PHONE, "SECRET_HASH": hash});
    let body = json!({"ClientId": "closed", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": parameters, "ClientMetadata": {"action": "start"}});
    world.call("InitiateAuth", body).await
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it_with_every_call() {
    let world = world().await;
    let words = "Unable to verify secret hash for client closed";
    for wrong in [None, Some(String::new()), Some(hash("+15550100124", "closed")), Some(hash(PHONE, "open"))]
    {
        let told = begin(&world, wrong).await;
        assert_eq!((told.code(), told.message()), ("NotAuthorizedException", words));
    }
    assert_eq!(world.texts.count(), 0);
    let begun = begin(&world, Some(hash(PHONE, "closed"))).await;
    // The answer is hashed with the name that the challenge gave, as SDKs do.
    let name = begun.text("/ChallengeParameters/USERNAME");
    let body = json!({"ClientId": "closed", "ChallengeName": "CUSTOM_CHALLENGE", "Session": begun.text("/Session"), "ChallengeResponses":
        {"USERNAME": name, "ANSWER": world.code(PHONE), "SECRET_HASH": hash(&name, "closed")}});
    let tokens = world.call("RespondToAuthChallenge", body).await.body["AuthenticationResult"].clone();
    assert!(tokens.is_object(), "{tokens}");
    let renewed = |secret: Value| json!({"ClientId": "closed", "RefreshToken": tokens["RefreshToken"], "ClientSecret": secret});
    assert_eq!(world.call("GetTokensFromRefreshToken", renewed(json!("wrong"))).await.message(), words);
    assert_eq!(world.call("GetTokensFromRefreshToken", renewed(Value::Null)).await.message(), words);
    assert_eq!(world.call("GetTokensFromRefreshToken", renewed(json!(SECRET))).await.status, 200);
    // On refresh no name is sent: the hash is of the account's own.
    let user = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await.text("/Username");
    let old = |hash: String| json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "closed", "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"], "SECRET_HASH": hash}});
    assert_eq!(world.call("InitiateAuth", old(hash(PHONE, "closed"))).await.message(), words);
    assert_eq!(world.call("InitiateAuth", old(hash(&user, "closed"))).await.status, 200);
}

#[tokio::test]
async fn i9_a_ledger_that_is_down_signs_nobody_in_and_the_server_goes_on() {
    let world = world().await;
    let session = world.start(PHONE).await.text("/Session");
    let code = world.code(PHONE);
    world.ledger.down(true);
    let refused = world.respond(&session, PHONE, &code).await;
    assert_eq!((refused.status, refused.code()), (500, "InternalErrorException"));
    world.ledger.down(false);
    let again = world.respond(&session, PHONE, &code).await;
    assert!(again.body["AuthenticationResult"].is_object() || again.status == 400, "{again:?}");
    world.clock.advance(Duration::minutes(6));
    assert!(world.signed_in(PHONE).await["IdToken"].is_string());
}

#[tokio::test]
async fn an_answer_under_the_number_is_hashed_with_the_pools_own_name() {
    let world = world().await;
    let begun = begin(&world, Some(hash(PHONE, "closed"))).await;
    let name = begun.text("/ChallengeParameters/USERNAME");
    let body = json!({"ClientId": "closed", "ChallengeName": "CUSTOM_CHALLENGE", "Session": begun.text("/Session"),
        "ChallengeResponses": {"USERNAME": PHONE, "ANSWER": world.code(PHONE), "SECRET_HASH": hash(&name, "closed")}});
    let done = world.call("RespondToAuthChallenge", body).await;
    assert!(done.body["AuthenticationResult"].is_object(), "{done:?}");
}
