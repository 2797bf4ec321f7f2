//! Headers and documents.

use serde_json::json;

use crate::world::{world, world_with};

#[tokio::test]
async fn an_error_carries_its_type_and_words_in_headers_and_body() {
    let world = world().await;
    let answer = world.call("InitiateAuth", json!({"ClientId": "open", "AuthFlow": "CUSTOM_AUTH"})).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.body,
        json!({"__type": "InvalidParameterException", "message": "Missing required parameter USERNAME"})
    );
    assert_eq!(answer.header("x-amzn-errortype"), Some("InvalidParameterException:"));
    assert_eq!(answer.header("x-amzn-errormessage"), Some("Missing required parameter USERNAME"));
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_browser_is_told_that_it_may_call() {
    let world = world().await;
    let asked =
        "amz-sdk-invocation-id,amz-sdk-request,cache-control,content-type,x-amz-target,x-amz-user-agent";
    let preflight = format!(
        "OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: http://127.0.0.1:3000\r\nConnection: close\r\n\
        Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: {asked}\r\n\r\n"
    );
    let answer = world.say(preflight.as_bytes()).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-headers"), Some(asked));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    let called = world.call("GetUser", json!({"AccessToken": "x"})).await;
    assert!(called.header("access-control-expose-headers").unwrap().contains("x-amzn-ErrorType"));
}

#[tokio::test]
async fn the_issuer_publishes_its_keys_and_where_they_are() {
    let world = world().await;
    let document = world.get("/local_CustomAuth/.well-known/openid-configuration", "").await;
    let issuer = format!("http://{}/local_CustomAuth", world.address);
    assert_eq!(document.body["issuer"], issuer);
    assert_eq!(document.body["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
    let keys = world.get("/local_CustomAuth/.well-known/jwks.json", "").await;
    assert_eq!(keys.body.to_string(), world.keys.jwks());
    assert_eq!(keys.body["keys"].as_array().unwrap().len(), 2, "one for each kind of token");
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let world = world().await;
    for path in ["/", "/app.css", "/app.js", "/countries.js", "/icon.svg", "/protocol.js", "/typed.js"] {
        let answer = world.get(path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.header("content-security-policy").unwrap().starts_with("default-src 'self'; "),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    let config = world.get("/config.json", "").await;
    assert_eq!(config.body, json!({"poolId": "local_CustomAuth", "clientId": "open", "outbox": false}));
}

#[tokio::test]
async fn i7_without_an_outbox_no_texts_are_shown() {
    assert_eq!(world().await.get("/dev/outbox", "").await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_cannot_be_posted_to_is_not_allowed() {
    let world = world_with(|_| {}, |_| {}).await;
    assert_eq!(world.get("/no/such/thing", "").await.status, 404);
    let put = world
        .say(b"PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(put.status, 405);
}
