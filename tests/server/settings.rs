//! What the environment tells the server, and that it is kept.

use std::collections::BTreeMap;

use custom_auth::{
    hosts::server::{DoorLimits, Settings, serve},
    pool::TokenGeneration,
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::world::{World, token_keys, written};

fn read(set: &[(&str, &str)]) -> Result<Settings, String> {
    let set: BTreeMap<String, String> =
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::read(move |name| set.get(name).cloned()).map_err(|errors| errors.to_string())
}

#[test]
fn every_limit_at_the_door_is_set_by_one_variable() {
    assert_eq!(read(&[]).unwrap().limits, DoorLimits::default());
    let settings = read(&[("CUSTOM_AUTH_DOOR", r#"{"burst": 3, "body_timeout": 0.25}"#)]).unwrap();
    let mut limits = DoorLimits::default();
    (limits.burst, limits.body_timeout) = (3, core::time::Duration::from_millis(250));
    assert_eq!(settings.limits, limits);
}

#[test]
fn a_mistake_in_a_limit_is_told_with_all_others_and_no_lone_value_is_repeated() {
    let told =
        read(&[("CUSTOM_AUTH_DOOR", r#"{"connections": 0}"#), ("CUSTOM_AUTH_STORE", "paper")]).unwrap_err();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].starts_with("CUSTOM_AUTH_STORE: "), "{told}");
    assert!(lines[1].starts_with("CUSTOM_AUTH_DOOR: a limit is out of its range, 1 to 1000000"), "{told}");
    for secret in ["c2VjcmV0", "\"c2VjcmV0\"", "[\"c2VjcmV0\"]"] {
        assert_eq!(
            read(&[("CUSTOM_AUTH_DOOR", secret)]).unwrap_err(),
            "CUSTOM_AUTH_DOOR: is not a JSON object"
        );
    }
}

#[test]
fn a_function_says_what_tokens_say_only_where_it_is_told_to() {
    let with = |url: &'static str, tokens: &'static str| {
        read(&[("CUSTOM_AUTH_LAMBDA", url), ("CUSTOM_AUTH_LAMBDA_TOKENS", tokens)])
            .map(|settings| settings.token_generation)
    };
    let url = "http://127.0.0.1:9000";
    assert_eq!(with(url, ""), Ok(TokenGeneration::Skip));
    assert_eq!(with(url, "on"), Ok(TokenGeneration::Invoke));
    assert_eq!(with(url, "yes").unwrap_err(), "CUSTOM_AUTH_LAMBDA_TOKENS: must be on or off");
    assert_eq!(with("", "on").unwrap_err(), "CUSTOM_AUTH_LAMBDA_TOKENS: needs CUSTOM_AUTH_LAMBDA");
}

#[test]
fn a_value_that_is_near_is_told_what_is_meant() {
    let told = |name: &'static str, value: &'static str| read(&[(name, value)]).unwrap_err();
    let address = "must be an IP address and a port, such as 127.0.0.1:8080";
    assert_eq!(told("CUSTOM_AUTH_ADDR", "localhost:8080"), format!("CUSTOM_AUTH_ADDR: {address}"));
    assert_eq!(told("CUSTOM_AUTH_ADMIN_ADDR", "8081"), format!("CUSTOM_AUTH_ADMIN_ADDR: {address}"));
    assert_eq!(
        told("CUSTOM_AUTH_ISSUER", "example.com"),
        "CUSTOM_AUTH_ISSUER: must be a URL, https://HOST/PATH"
    );
    assert_eq!(told("CUSTOM_AUTH_AUDIT", "stdout"), "CUSTOM_AUTH_AUDIT: must be stderr or off");
    assert!(read(&[]).unwrap().audit && !read(&[("CUSTOM_AUTH_AUDIT", "off")]).unwrap().audit);
}

#[test]
fn help_names_every_variable_that_is_read() {
    let asked = std::sync::Mutex::new(Vec::new());
    Settings::read(|name| {
        asked.lock().unwrap().push(name.to_owned());
        None
    })
    .unwrap();
    let asked = asked.into_inner().unwrap();
    assert!(asked.len() > 12, "{asked:?}");
    for name in asked {
        assert!(Settings::HELP.lines().any(|line| line.split(' ').next() == Some(&name)), "{name}");
    }
}

#[test]
fn a_variable_that_is_mistyped_is_told_and_no_other() {
    let names =
        ["CUSTOM_AUTH_POLCY", "CUSTOM_AUTH_POLICY", "CUSTOM_AUTH_", "PATH", "CUSTOM_AUTH_SIGN_UP_PASSWORD"];
    let told = Settings::mistyped(names.map(str::to_owned));
    assert_eq!(told, ["CUSTOM_AUTH_POLCY", "CUSTOM_AUTH_"]);
}

#[test]
fn i1_one_proof_of_two_is_never_made_enough_by_a_variable() {
    let plan = ("CUSTOM_AUTH_POLICY", r#"{"plan": {"opening": "password", "steps": ["sms_code"]}}"#);
    let refused = read(&[plan, ("CUSTOM_AUTH_SINGLE_PROOF", "on"), ("CUSTOM_AUTH_STORE", "memory"), data()])
        .and_then(|settings| settings.build().map_err(|errors| errors.to_string()));
    let words = "CUSTOM_AUTH_SINGLE_PROOF: must be off: the policy's plan has more steps than the code";
    assert_eq!(refused.unwrap_err(), words);
    assert_eq!(
        read(&[("CUSTOM_AUTH_SINGLE_PROOF", "yes")]).unwrap_err(),
        "CUSTOM_AUTH_SINGLE_PROOF: must be on or off"
    );
}

/// A folder of this process's own.
fn data() -> (&'static str, &'static str) {
    let path = std::env::temp_dir().join(format!("custom-auth-settings-{}", std::process::id()));
    ("CUSTOM_AUTH_DATA", path.to_str().unwrap().to_owned().leak())
}

#[tokio::test]
async fn i1_with_a_function_neither_a_password_nor_a_confirmation_signs_in_unless_it_is_said_to_be_enough() {
    let keys = token_keys().to_text().unwrap();
    let lambda = ("CUSTOM_AUTH_LAMBDA", "http://127.0.0.1:9");
    let token_key = ("CUSTOM_AUTH_TOKEN_KEY", &**keys);
    let cases = [
        (None, Some(lambda), false),
        (Some("on"), Some(lambda), true),
        (None, None, true),
        (Some("off"), None, false),
    ];
    for (said, lambda, is_enough) in cases {
        let mut set = vec![data(), ("CUSTOM_AUTH_STORE", "memory"), token_key];
        set.extend(lambda);
        set.extend(said.map(|said| ("CUSTOM_AUTH_SINGLE_PROOF", said)));
        let running = read(&set).unwrap().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(async move {
            serve(listener, running.router, &running.limits, core::future::pending()).await.unwrap();
        });
        for flow in ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"] {
            let parameters = json!({"USERNAME": "+15550100123", "PASSWORD": "Passw0rd!", "SRP_A": "1234"});
            let body = json!({"AuthFlow": flow, "ClientId": "customauth", "Session": "s", "AuthParameters": parameters});
            let told =
                World::say_to(address, &written("InitiateAuth", body.to_string().as_bytes())).await.unwrap();
            let is_refused = told.message().contains("not enabled");
            assert_eq!(is_refused, !is_enough, "{said:?} {lambda:?} {flow}: {told:?}");
        }
        served.abort();
    }
}

#[tokio::test]
async fn a_server_made_of_settings_keeps_their_limits() {
    let data = std::env::temp_dir().join(format!("custom-auth-door-{}", std::process::id()));
    let keys = token_keys().to_text().unwrap();
    let settings = [
        ("CUSTOM_AUTH_DATA", data.to_str().unwrap()),
        ("CUSTOM_AUTH_STORE", "memory"),
        ("CUSTOM_AUTH_TOKEN_KEY", &*keys),
        ("CUSTOM_AUTH_DOOR", r#"{"body": 1024}"#),
    ];
    let running = read(&settings).unwrap().build().unwrap();
    assert_eq!(running.limits.body, 1024);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        serve(listener, running.router, &running.limits, core::future::pending()).await.unwrap();
    });
    let post = async |length: usize| {
        let body = json!({"x": "y".repeat(length)}).to_string();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        World::say_to(address, &[head.as_bytes(), body.as_bytes()].concat()).await.unwrap().status
    };
    assert_eq!((post(900).await, post(1100).await), (400, 413));
    std::fs::remove_dir_all(data).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_may_only_be_read_ends_the_start_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;

    let data = std::env::temp_dir().join(format!("custom-auth-read-only-{}", std::process::id()));
    let keys = token_keys().to_text().unwrap();
    let settings =
        || read(&[("CUSTOM_AUTH_DATA", data.to_str().unwrap()), ("CUSTOM_AUTH_TOKEN_KEY", &*keys)]).unwrap();
    drop(settings().build().unwrap());
    let store = data.join("store.redb");
    std::fs::set_permissions(&store, std::fs::Permissions::from_mode(0o400)).unwrap();
    // A superuser may write all the same.
    if std::fs::OpenOptions::new().write(true).open(&store).is_err() {
        let told = settings().build().unwrap_err().to_string();
        assert_eq!(told, "CUSTOM_AUTH_STORE: the store cannot be opened: permission denied");
    }
    std::fs::set_permissions(&store, std::fs::Permissions::from_mode(0o600)).unwrap();
    drop(settings().build().unwrap());
    // What is no file is told in the same way, whoever asks.
    std::fs::remove_file(&store).unwrap();
    std::fs::create_dir(&store).unwrap();
    let told = settings().build().unwrap_err().to_string();
    assert_eq!(told, "CUSTOM_AUTH_STORE: the store cannot be opened: is a directory");
    std::fs::remove_dir_all(data).unwrap();
}
