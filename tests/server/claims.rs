//! What a host's own trigger has tokens say: claims and groups.

use custom_auth::pool::{RefreshTokenRotation, TokenGeneration};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use time::Duration;

use crate::world::{World, world, world_with};

const PHONE: &str = "+15550100123";

async fn asking() -> World {
    world_with(|_| {}, |settings| settings.token_generation = TokenGeneration::Invoke).await
}

impl World {
    fn tokens_say(&self, response: Value) {
        *self.says.response.lock().unwrap() = Some(Ok(response));
    }

    fn asked(&self) -> Vec<Value> {
        core::mem::take(&mut *self.says.asked.lock().unwrap())
    }
}

fn claims(token: &Value) -> Value {
    let body = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap()
}

async fn refreshed(world: &World, tokens: &Value) -> crate::world::Answer {
    let body = json!({"ClientId": "open", "RefreshToken": tokens["RefreshToken"]});
    world.call("GetTokensFromRefreshToken", body).await
}

#[tokio::test]
async fn nobody_is_asked_by_default_and_tokens_have_no_groups() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    assert!(world.asked().is_empty());
    for token in ["IdToken", "AccessToken"] {
        assert!(claims(&tokens[token]).get("cognito:groups").is_none());
    }
}

#[tokio::test]
async fn a_host_adds_and_takes_away_claims_and_gives_groups_at_a_sign_in_and_at_each_refresh() {
    let world = asking().await;
    world.tokens_say(json!({"claimsOverrideDetails": {
        "claimsToAddOrOverride": {"plan": "gold", "both": "x", "sub": "somebody else", "iss": "https://example.com",
            "exp": "9999999999", "token_use": "access", "cognito:username": "root"},
        "claimsToSuppress": ["phone_number_verified", "both", "aud"],
        "groupOverrideDetails": {"groupsToOverride": ["admins", "staff"], "preferredRole": null}}}));
    let tokens = world.signed_in(PHONE).await;
    let (id, access) = (claims(&tokens["IdToken"]), claims(&tokens["AccessToken"]));
    assert_eq!(id["plan"], "gold");
    assert_eq!(
        (&id["cognito:groups"], &access["cognito:groups"]),
        (&json!(["admins", "staff"]), &json!(["admins", "staff"]))
    );
    assert!(id.get("phone_number_verified").is_none() && id.get("both").is_none(), "{id}");
    assert!(access.get("plan").is_none(), "the first form of the trigger is of the id token");
    // What nobody may change is as it was.
    assert_eq!((&id["sub"], &id["cognito:username"]), (&access["sub"], &access["username"]));
    assert_ne!(id["sub"], "somebody else");
    assert_eq!((&id["iss"], &id["token_use"], &id["aud"]), (&access["iss"], &json!("id"), &json!("open")));
    assert!(id["exp"].as_i64().unwrap() < 9_999_999_999);
    let told = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
    assert_eq!(told.body["Username"], id["sub"]);

    let asked = world.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0],
        json!({"version": "1", "region": "local", "userPoolId": "local_CustomAuth", "userName": id["sub"],
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "open"},
            "triggerSource": "TokenGeneration_Authentication",
            "request": {
                "userAttributes": {"sub": id["sub"], "cognito:user_status": "CONFIRMED",
                    "phone_number_verified": "true", "phone_number": PHONE},
                "groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null}},
            "response": {"claimsOverrideDetails": null}})
    );

    world.tokens_say(json!({"claimsOverrideDetails": {"groupOverrideDetails": null,
        "claimsToAddOrOverride": {"plan": "silver"}}}));
    let fresh = refreshed(&world, &tokens).await.body["AuthenticationResult"].clone();
    let id = claims(&fresh["IdToken"]);
    assert_eq!((&id["plan"], id.get("cognito:groups")), (&json!("silver"), None));
    assert_eq!(world.asked()[0]["triggerSource"], "TokenGeneration_RefreshTokens");
}

#[tokio::test]
async fn a_trigger_that_says_nothing_changes_nothing() {
    let world = asking().await;
    let plain = claims(&world.signed_in(PHONE).await["IdToken"]);
    assert_eq!(plain["phone_number"], PHONE);
    world.tokens_say(json!({}));
    world.clock.advance(Duration::minutes(10));
    let told = claims(&world.signed_in(PHONE).await["IdToken"]);
    let names = |claims: &Value| claims.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&plain), names(&told));
}

#[tokio::test]
async fn i9_where_the_trigger_fails_there_are_no_tokens_and_a_refresh_token_is_still_good() {
    let on = RefreshTokenRotation::On { grace: Duration::ZERO };
    let world = world_with(
        |_| {},
        |settings| {
            settings.token_generation = TokenGeneration::Invoke;
            settings.refresh_token_rotation = on;
        },
    )
    .await;
    let tokens = world.signed_in(PHONE).await;
    *world.says.response.lock().unwrap() = Some(Err("boom".to_owned()));
    let refused = refreshed(&world, &tokens).await;
    assert_eq!(
        (refused.status, refused.code(), refused.message()),
        (400, "UserLambdaValidationException", "PreTokenGeneration failed with error boom.")
    );
    world.clock.advance(Duration::minutes(10));
    let session = world.start(PHONE).await.text("/Session");
    let refused = world.respond(&session, PHONE, &world.code(PHONE)).await;
    assert_eq!(
        (refused.code(), refused.body.get("AuthenticationResult")),
        ("UserLambdaValidationException", None)
    );
    for odd in [
        json!([]),
        json!({"claimsOverrideDetails": "x"}),
        json!({"claimsOverrideDetails": {"claimsToAddOrOverride": {"a": 1}}}),
        json!({"claimsOverrideDetails": {"groupOverrideDetails": {"groupsToOverride": "admins"}}}),
    ] {
        world.tokens_say(odd.clone());
        let refused = refreshed(&world, &tokens).await;
        assert_eq!(
            (refused.code(), refused.message()),
            ("InvalidLambdaResponseException", "Unrecognizable lambda output"),
            "{odd}"
        );
    }
    world.tokens_say(json!({}));
    assert_eq!(refreshed(&world, &tokens).await.status, 200);
}
