//! What is no request, or half of one: told so in the protocol's form, and never a 500.

use serde_json::{Value, json};

use crate::world::{Answer, requests, world};

/// Answered in the protocol's form, and not with a failure of the server's.
fn is_told(answer: &Answer, what: &str) {
    assert!((200..500).contains(&answer.status), "{what}: {answer:?}");
    if answer.status >= 400 {
        let code = answer.body["__type"].as_str().unwrap_or_else(|| panic!("{what}: {answer:?}"));
        assert_eq!(answer.header("x-amzn-errortype"), Some(format!("{code}:").as_str()), "{what}");
        assert!(answer.body["message"].is_string(), "{what}: {answer:?}");
    }
}

/// Every place of a value in `body`, as a JSON pointer.
fn places(body: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match body {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in children {
        let here = format!("{at}/{name}");
        places(value, &here, found);
        found.push(here);
    }
}

fn without(body: &Value, place: &str) -> Value {
    let mut body = body.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => panic!("{place}"),
    }
    body
}

#[tokio::test]
async fn every_operation_with_every_member_missing_null_or_of_another_type_is_answered_in_form() {
    let world = world().await;
    let others = [
        Value::Null,
        json!(7),
        json!(-1.5e300),
        json!(true),
        json!(""),
        json!([]),
        json!({}),
        json!(["x"]),
        json!({"x": {"y": 1}}),
    ];
    let mut asked = 0;
    for (operation, whole) in requests() {
        let mut found = Vec::new();
        places(&whole, "", &mut found);
        for place in &found {
            is_told(
                &world.call(operation, without(&whole, place)).await,
                &format!("{operation} without {place}"),
            );
            for other in &others {
                let mut changed = whole.clone();
                *changed.pointer_mut(place).unwrap() = other.clone();
                is_told(&world.call(operation, changed).await, &format!("{operation} {place} = {other}"));
                asked += 1;
            }
        }
    }
    assert!(asked > 400, "{asked}");
}

#[tokio::test]
async fn a_body_that_is_no_object_is_no_request() {
    let world = world().await;
    for (operation, _) in requests() {
        for body in [
            &b""[..],
            b"[]",
            b"null",
            b"7",
            b"\"x\"",
            b"{",
            b"{}{}",
            b"\xff\xfe",
            b"{\"ClientId\":\"a\",\"ClientId\":\"b\"",
            b"not json",
        ] {
            let answer = world.post(operation, body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (400, "SerializationException"),
                "{operation} {body:?}"
            );
        }
        let deep = "[".repeat(20_000);
        is_told(&world.post(operation, deep.as_bytes()).await, operation);
    }
}

#[tokio::test]
async fn an_operation_that_is_not_known_is_told_so() {
    let world = world().await;
    for operation in
        ["", "Foo", "signup", "AdminGetUser", "DeleteUserPool", "SignUp SignUp", "ForgotPassword"]
    {
        let answer = world.call(operation, json!({})).await;
        assert_eq!((answer.status, answer.code()), (400, "UnknownOperationException"), "{operation}");
    }
    let bare = world
        .say(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        .await
        .unwrap();
    assert_eq!(bare.code(), "UnknownOperationException");
}

#[tokio::test]
async fn long_names_and_odd_ones_are_refused_or_unknown() {
    let world = world().await;
    for name in [
        "x".repeat(129),
        "\u{0}".to_owned(),
        "é".repeat(128),
        "+1".to_owned(),
        "+999999999999999999".to_owned(),
    ] {
        for operation in ["SignUp", "ResendConfirmationCode"] {
            is_told(&world.call(operation, json!({"ClientId": "open", "Username": name})).await, &name);
        }
        let begun =
            json!({"ClientId": "open", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": name}});
        is_told(&world.call("InitiateAuth", begun).await, &name);
    }
    let id = "no such client\r\nX-Evil: 1".repeat(10);
    let answer = world.call("SignUp", json!({"ClientId": id, "Username": "+15550100107"})).await;
    assert_eq!((answer.status, answer.code()), (400, "ResourceNotFoundException"));
    assert_eq!(answer.header("x-evil"), None);
}

#[tokio::test]
async fn junk_bytes_end_the_connection_or_are_a_bad_request() {
    let world = world().await;
    for junk in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        if let Some(answer) = world.say(junk).await {
            assert!((400..500).contains(&answer.status) || answer.status == 505, "{answer:?}");
        }
    }
    assert_eq!(world.get("/config.json", "").await.status, 200, "and the server goes on");
}
