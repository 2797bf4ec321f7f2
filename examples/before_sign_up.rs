//! What a client asks before it signs a number up: a Lambda function behind a function URL.
//!
//! ```sh
//! cargo build --release --example before_sign_up --features lambda   # runs in Lambda only
//! ```
//!
//! `POST /` with `{"phone":"+919999900001"}` is answered `{"next":"sign_up"}`, `{"next":"confirm","userName":…}` (a code was texted
//! again) or `{"next":"sign_in"}`. **That tells who has an account**, so it is limited for each number and each address.
//! `POST /prepare` is its silent sibling: it makes sure that a sign-in asks for a code, and only ever answers
//! `{"next":"enter_code"}`. The client:
//!
//! ```js
//! const ask = async (path, phone) =>
//!   (await fetch(url + path, { method: 'POST', body: JSON.stringify({ phone }) })).json();
//! const { next, userName, error } = await ask('/', '+919999900001');
//! if (next === 'sign_up') await signUp({ username: phone, password: crypto.randomUUID() + 'Aa1!' });
//! if (next === 'confirm') showCodeField(userName);   // confirmSignUp({ username: userName, confirmationCode })
//! if (next === 'sign_in') await signIn({ username: phone, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } });
//! ```
//!
//! Settings as those of `examples/lambda.rs`. Accounts are kept in memory here, to be tried: `docs/sign-up.md` has the lines that put a
//! Cognito user pool in their place.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use custom_auth::{
    Accounts, MemoryLedger, MemoryUsers, PhoneNumber,
    accounts::{AccountError, Advice},
    hosts::lambda::Settings,
};
use data_encoding::BASE64;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is read of a function URL's event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    raw_path: String,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env()?;
    let keys = settings.keys.clone();
    let codes = settings.build()?.codes("local_CustomAuth", "customauth");
    let (users, ledger) = (Arc::new(MemoryUsers::new()), Arc::new(MemoryLedger::new()));
    let accounts = Accounts::builder(keys, users, codes, ledger).build()?;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Request>| {
        let accounts = accounts.clone();
        async move {
            let (status, answer) = respond(&accounts, &event.payload).await;
            let headers = json!({"content-type": "application/json", "cache-control": "no-store"});
            Ok::<Value, Error>(json!({"statusCode": status, "headers": headers, "body": answer.to_string()}))
        }
    }))
    .await
}

async fn respond(accounts: &Accounts, request: &Request) -> (u16, Value) {
    if request.request_context.http.method != "POST" {
        return (405, json!({"error": "method"}));
    }
    let Some(phone) = phone(request) else { return (400, json!({"error": "phone"})) };
    let client = client(&request.request_context.http.source_ip);
    let done = match request.raw_path.as_str() {
        "/" => accounts.before_sign_up(&phone, Some(&client)).await.map(|advice| told(&advice)),
        "/prepare" => accounts.prepare(&phone, Some(&client)).await.map(|()| json!({"next": "enter_code"})),
        _ => return (404, json!({"error": "path"})),
    };
    match done {
        Ok(next) => (200, next),
        Err(AccountError::Throttled) => (429, json!({"error": "too_many"})),
        Err(AccountError::Status(_)) => (403, json!({"error": "closed"})),
        Err(_) => (503, json!({"error": "try_again"})),
    }
}

fn told(advice: &Advice) -> Value {
    if let Advice::Confirm { user_name, .. } = advice {
        return json!({"next": "confirm", "userName": user_name});
    }
    json!({"next": if matches!(advice, Advice::SignIn) { "sign_in" } else { "sign_up" }})
}

/// The number in the body; anything but an object with one in E.164 form is none.
fn phone(request: &Request) -> Option<PhoneNumber> {
    let body = request.body.as_deref()?.as_bytes();
    let body = if request.is_base64_encoded { BASE64.decode(body).ok()?.into() } else { Cow::from(body) };
    let body: Value = serde_json::from_slice(&body).ok()?;
    body.get("phone")?.as_str()?.parse().ok()
}

/// Whom the question counts against: one address, or the network of 2^64 that one household has.
fn client(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("{:x}/64", address.to_bits() >> 64),
        _ => address.to_owned(),
    }
}
