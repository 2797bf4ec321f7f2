//! What a client asks before it signs a number up: a Lambda function behind a function URL.
//!
//! ```sh
//! cargo build --release --example before_sign_up --features lambda   # runs in Lambda only
//! ```
//!
//! `POST /` with `{"phone":"+919999900001"}` is answered `{"next":"sign_up"}`, `{"next":"confirm","userName":…}` (a code was texted
//! again) or `{"next":"sign_in"}`. **That tells who has an account**, so it is limited for each number and each address.
//! `POST /confirm` with `{"userName":…,"code":…}` takes that code, which Cognito's own `ConfirmSignUp` does not know:
//! `{"next":"sign_in"}` (its code is a second text), or 400 `{"error":"code"}`.
//! `POST /prepare` is the silent sibling of `/`: it makes sure that a sign-in asks for a code, and only ever answers
//! `{"next":"enter_code"}`. The client, of a pool whose Pre Sign-up confirms:
//!
//! ```js
//! const ask = async (path, body) => (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).json();
//! const phone = '+919999900001';
//! let { next, userName } = await ask('/', { phone });
//! if (next === 'confirm') ({ next } = await ask('/confirm', { userName, code: await typedCode() }));
//! if (next === 'sign_up') await signUp({ username: phone, password: crypto.randomUUID() + 'Aa1!' });
//! if (next) await signIn({ username: phone, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } });   // else an error
//! ```
//!
//! Settings as those of `examples/lambda.rs`. Accounts are kept in memory here, to be tried: `docs/sign-up.md` has the lines that put a
//! Cognito user pool in their place.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use custom_auth::{
    Accounts, MemoryLedger, MemoryUsers, PhoneNumber,
    accounts::{AccountError as E, Advice},
    hosts::lambda::Settings,
};
use data_encoding::BASE64;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let auth = Settings::from_env()?.build().await?.auth();
    let codes = auth.codes("local_CustomAuth", "customauth");
    let (users, ledger) = (Arc::new(MemoryUsers::new()), Arc::new(MemoryLedger::new()));
    let accounts = Accounts::builder(auth.keys().clone(), users, codes, ledger).build()?;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let accounts = accounts.clone();
        async move {
            let (status, answer) = respond(&accounts, &event.payload).await;
            let headers = json!({"content-type": "application/json", "cache-control": "no-store"});
            Ok::<Value, Error>(json!({"statusCode": status, "headers": headers, "body": answer.to_string()}))
        }
    }))
    .await
}

/// Answers the event of a function URL.
async fn respond(accounts: &Accounts, request: &Value) -> (u16, Value) {
    if text(request, "/requestContext/http/method") != "POST" {
        return (405, json!({"error": "method"}));
    }
    let body = body(request).unwrap_or_default();
    let client = client(text(request, "/requestContext/http/sourceIp"));
    let done = match (text(request, "/rawPath"), text(&body, "/phone").parse::<PhoneNumber>()) {
        ("/", Ok(phone)) => accounts.before_sign_up(&phone, Some(&client)).await.map(|advice| told(&advice)),
        ("/prepare", Ok(phone)) => {
            accounts.prepare(&phone, Some(&client)).await.map(|()| json!({"next": "enter_code"}))
        }
        ("/" | "/prepare", Err(_)) => return (400, json!({"error": "phone"})),
        ("/confirm", _) => {
            let (user_name, code) = (text(&body, "/userName"), text(&body, "/code"));
            match accounts.confirm_sign_up(user_name, code, None).await {
                // Which of them it is would tell whether there is such an account.
                Err(E::CodeMismatch | E::ExpiredCode | E::NotFound | E::Status(_)) => {
                    return (400, json!({"error": "code"}));
                }
                done => done.map(|_| json!({"next": "sign_in"})),
            }
        }
        _ => return (404, json!({"error": "path"})),
    };
    match done {
        Ok(next) => (200, next),
        Err(E::Throttled) => (429, json!({"error": "too_many"})),
        Err(E::Status(_)) => (403, json!({"error": "closed"})),
        Err(_) => (503, json!({"error": "try_again"})),
    }
}

fn told(advice: &Advice) -> Value {
    if let Advice::Confirm { user_name, .. } = advice {
        return json!({"next": "confirm", "userName": user_name});
    }
    json!({"next": if matches!(advice, Advice::SignIn) { "sign_in" } else { "sign_up" }})
}

/// A string in an event or a body, or an empty one.
fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// The body, if it is JSON.
fn body(request: &Value) -> Option<Value> {
    let body = text(request, "/body").as_bytes();
    let is_base64 = request.get("isBase64Encoded") == Some(&Value::Bool(true));
    let body = if is_base64 { BASE64.decode(body).ok()?.into() } else { Cow::from(body) };
    serde_json::from_slice(&body).ok()
}

/// Whom the question counts against: one address, or the network of 2^64 that one household has.
fn client(address: &str) -> String {
    match address.parse().map(|address: IpAddr| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}/64", address.to_bits() >> 64),
        _ => address.to_owned(),
    }
}
