//! Functions behind an invoke URL, over real connections: a small Invoke API, and a pool that signs in through it.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use custom_auth::{
    Clock as _, MemoryLedger, MemoryUsers, NewUser, SystemClock, UserPool, UserStatus, UserStore as _,
    hosts::server::{LambdaTriggers, LambdaUrlError, Settings},
    pool::{Outcome, PoolError, PoolSettings, SealKey, Trigger, TriggerError, Triggers as _},
};
use serde_json::{Value, json};
use time::Duration;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

const PHONE: &str = "+15550100123";

/// What the function does with one event.
enum Does {
    Answers(u16, &'static str, Vec<u8>),
    Waits,
    /// Closes in the middle of the body.
    Breaks,
}

impl Does {
    fn gives(body: &Value) -> Self {
        Self::Answers(200, "", body.to_string().into_bytes())
    }
}

#[derive(Clone)]
struct Api {
    url: String,
    /// Path and event, in order.
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    connections: Arc<AtomicUsize>,
}

impl Api {
    fn count(&self, trigger: Trigger) -> usize {
        self.heard
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, event)| event["triggerSource"] == trigger.source())
            .count()
    }
}

async fn api(function: impl Fn(Value) -> Does + Send + Sync + 'static) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Api { url, heard: Arc::default(), connections: Arc::default() };
    let (served, function) = (api.clone(), Arc::new(function));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            served.connections.fetch_add(1, Ordering::SeqCst);
            let (api, function) = (served.clone(), Arc::clone(&function));
            tokio::spawn(async move { serve(BufReader::new(stream), &api, &*function).await });
        }
    });
    api
}

async fn serve(
    mut stream: BufReader<tokio::net::TcpStream>,
    api: &Api,
    function: &(impl Fn(Value) -> Does + Sync),
) {
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let lower = line.trim().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("POST ") {
                path = rest.split(' ').next().unwrap().to_owned();
            } else if let Some(rest) = lower.strip_prefix("content-length:") {
                length = rest.trim().parse().unwrap();
            } else if lower.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let event: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        api.heard.lock().unwrap().push((path, event.clone()));
        let (status, headers, body, length) = match function(event) {
            Does::Answers(status, headers, body) => (status, headers, body.clone(), body.len()),
            Does::Breaks => (200, "", b"{".to_vec(), 9),
            Does::Waits => return core::future::pending().await,
        };
        let head = format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: {length}\r\n\r\n");
        if stream.write_all(&[head.as_bytes(), &body].concat()).await.is_err() || body.len() < length {
            return;
        }
    }
}

/// The function of the documentation, with a code that is always 4711.
fn ordinary(mut event: Value) -> Value {
    let request = event["request"].clone();
    event["response"] = match event["triggerSource"].as_str().unwrap().split('_').next().unwrap() {
        "DefineAuthChallenge" => {
            let rounds = request["session"].as_array().unwrap();
            let right = rounds.last().is_some_and(|round| round["challengeResult"] == true);
            if right { json!({"issueTokens": true}) } else { json!({"challengeName": "CUSTOM_CHALLENGE"}) }
        }
        "CreateAuthChallenge" => json!({"publicChallengeParameters": {"delivery": "SMS"},
            "privateChallengeParameters": {"answer": "4711"}}),
        _ => {
            json!({"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]})
        }
    };
    event
}

/// The ordinary function, but for one trigger.
fn but(
    trigger: Trigger,
    does: impl Fn() -> Does + Send + Sync + 'static,
) -> impl Fn(Value) -> Does + Send + Sync {
    move |event| {
        if event["triggerSource"] == trigger.source() { does() } else { Does::gives(&ordinary(event)) }
    }
}

async fn pool(triggers: LambdaTriggers) -> UserPool {
    let users = MemoryUsers::new();
    let now = SystemClock::new().now();
    let ana = NewUser::new("ana".to_owned(), PHONE.parse().unwrap(), UserStatus::Confirmed, now);
    let _ = users.create(ana).await.unwrap();
    let mut settings = PoolSettings::default();
    settings.trigger_timeout = Duration::milliseconds(300);
    UserPool::builder()
        .triggers(triggers)
        .users(users)
        .ledger(MemoryLedger::new())
        .seal_key(SealKey::from_bytes(&[9; 32]))
        .settings(settings)
        .build()
        .unwrap()
}

/// What a client is told when *create* does this.
async fn told(does: impl Fn() -> Does + Send + Sync + 'static) -> (&'static str, String, usize) {
    let api = api(but(Trigger::CreateAuthChallenge, does)).await;
    let pool = pool(LambdaTriggers::new(&api.url).unwrap()).await;
    let error = pool.sign_in(PHONE).await.unwrap_err();
    (error.code(), error.to_string(), api.count(Trigger::CreateAuthChallenge))
}

#[tokio::test]
async fn somebody_signs_in_through_a_function_over_one_connection() {
    let api = api(|event| Does::gives(&ordinary(event))).await;
    let pool = pool(LambdaTriggers::new(&api.url).unwrap()).await;
    let challenge = pool.sign_in(PHONE).await.unwrap();
    assert_eq!(challenge.parameters()["delivery"], "SMS");
    let Outcome::Challenge(challenge) = pool.answer(challenge.token(), "0000").await.unwrap() else {
        panic!()
    };
    let Outcome::SignedIn(person) = pool.answer(challenge.token(), "4711").await.unwrap() else { panic!() };
    assert_eq!(person.user_name(), "ana");
    let heard = api.heard.lock().unwrap();
    assert_eq!(heard.len(), 2 + 3 + 2);
    assert!(heard.iter().all(|(path, _)| path == "/2015-03-31/functions/function/invocations"));
    assert_eq!(api.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn each_trigger_has_a_function_of_its_own_where_it_was_given_one() {
    let (all, create) =
        (api(|event| Does::gives(&ordinary(event))).await, api(|event| Does::gives(&ordinary(event))).await);
    let own = format!("{}/x/2015-03-31/functions/create:live/invocations?Qualifier=1", create.url);
    let triggers = LambdaTriggers::new(&format!("{}/base/", all.url)).unwrap();
    let pool = pool(triggers.trigger(Trigger::CreateAuthChallenge, &own).unwrap()).await;
    pool.sign_in(PHONE).await.unwrap();
    assert_eq!((all.heard.lock().unwrap().len(), create.heard.lock().unwrap().len()), (1, 1));
    assert_eq!((all.count(Trigger::DefineAuthChallenge), create.count(Trigger::CreateAuthChallenge)), (1, 1));
    assert_eq!(all.heard.lock().unwrap()[0].0, "/base/2015-03-31/functions/function/invocations");
    assert_eq!(
        create.heard.lock().unwrap()[0].0,
        "/x/2015-03-31/functions/create:live/invocations?Qualifier=1"
    );
}

#[tokio::test]
async fn what_a_function_fails_with_is_told_to_the_client() {
    const HEADER: &str = "X-Amz-Function-Error: Unhandled\r\n";
    for (header, body, words) in [
        (HEADER, r#"{"errorMessage": "boom", "errorType": "Error"}"#, "boom"),
        (HEADER, r#"{"errorType": "Error", "response": {}}"#, "Error"),
        (HEADER, "junk", "Unhandled"),
        // As the Runtime Interface Emulator has it.
        ("", r#"{"errorMessage": "boom", "errorType": "Error", "trace": []}"#, "boom"),
    ] {
        let message = format!("CreateAuthChallenge failed with error {words}.");
        let does = move || Does::Answers(200, header, body.as_bytes().to_vec());
        assert_eq!(told(does).await, ("UserLambdaValidationException", message, 1), "{header}{body}");
    }
}

#[tokio::test]
async fn a_function_that_is_late_is_invoked_three_times() {
    let message = "CreateAuthChallenge invocation failed due to error timeout.".to_owned();
    assert_eq!(told(|| Does::Waits).await, ("UnexpectedLambdaException", message, 3));
}

#[tokio::test]
async fn a_function_that_cannot_be_invoked_is_not_invoked_again() {
    let message = "CreateAuthChallenge invocation failed due to error AccessDeniedException.";
    for status in [202, 302, 400, 403, 404, 429, 500, 502, 504] {
        let told = told(move || Does::Answers(status, "", b"{}".to_vec())).await;
        assert_eq!(told, ("UnexpectedLambdaException", message.to_owned(), 1), "{status}");
    }
    assert_eq!(told(|| Does::Breaks).await, ("UnexpectedLambdaException", message.to_owned(), 1));
}

#[tokio::test]
async fn nobody_at_the_url_is_told_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let pool = pool(LambdaTriggers::new(&format!("http://{free}")).unwrap()).await;
    let error = pool.sign_in(PHONE).await.unwrap_err();
    assert!(matches!(error, PoolError::TriggerNotInvokable(Trigger::DefineAuthChallenge)), "{error:?}");
}

#[tokio::test]
async fn a_body_that_is_no_event_is_an_invalid_response() {
    let (invalid, other) = ("Invalid lambda function output : Invalid JSON", "Unrecognizable lambda output");
    for (body, message) in [
        ("", invalid),
        ("null", invalid),
        ("<html>", invalid),
        ("\"text\"", other),
        ("{}", other),
        (r#"{"errorMessage": "only"}"#, other),
    ] {
        let told = told(move || Does::Answers(200, "", body.as_bytes().to_vec())).await;
        assert_eq!(told, ("InvalidLambdaResponseException", message.to_owned(), 1), "{body}");
    }
}

#[tokio::test]
async fn a_body_larger_than_lambdas_is_refused() {
    const MOST: usize = 6_291_556;
    let padded = |length: usize| {
        let mut body = br#"{"response":{}}"#.to_vec();
        body.resize(length, b' ');
        body
    };
    for (length, is_taken) in [(MOST, true), (MOST + 1, false)] {
        let body = padded(length);
        let api = api(move |_| Does::Answers(200, "", body.clone())).await;
        let answer = LambdaTriggers::new(&api.url).unwrap().invoke(b"{}").await;
        match answer {
            Ok(body) => assert!(is_taken && body.len() == MOST),
            Err(error) => {
                let words = "Response payload size exceeded maximum allowed payload size (6291556 bytes)";
                assert!(!is_taken && error == TriggerError::Failed(words.to_owned()), "{error:?}");
            }
        }
    }
}

#[test]
fn a_url_that_nothing_can_be_invoked_at_is_told_when_it_is_given() {
    for (url, error) in [
        ("https://127.0.0.1:9000", LambdaUrlError::Https),
        ("http://a:b@127.0.0.1", LambdaUrlError::Credentials),
        ("http://127.0.0.1/?Qualifier=1", LambdaUrlError::Query),
        ("http://127.0.0.1:port", LambdaUrlError::Invalid),
        ("127.0.0.1:9000", LambdaUrlError::Invalid),
        ("/2015-03-31/functions/f/invocations", LambdaUrlError::Invalid),
        ("ftp://127.0.0.1", LambdaUrlError::Invalid),
        ("http://", LambdaUrlError::Invalid),
        ("", LambdaUrlError::Invalid),
    ] {
        assert_eq!(LambdaTriggers::new(url).unwrap_err(), error, "{url}");
        let triggers = LambdaTriggers::new("http://localhost").unwrap();
        assert_eq!(triggers.trigger(Trigger::DefineAuthChallenge, url).unwrap_err(), error, "{url}");
    }
}

#[test]
fn the_setting_is_read() {
    let read = |url: &'static str| {
        Settings::read(move |name| (name == "CUSTOM_AUTH_LAMBDA").then(|| url.to_owned()))
    };
    assert!(read("").unwrap().lambda.is_none());
    let text = format!("{:?}", read("http://127.0.0.1:9000").unwrap().lambda.unwrap());
    assert!(text.contains("http://127.0.0.1:9000/2015-03-31/functions/function/invocations"), "{text}");
    let errors = read("https://127.0.0.1").unwrap_err().to_string();
    assert!(errors.starts_with("CUSTOM_AUTH_LAMBDA: ") && errors.contains("local proxy"), "{errors}");
}

#[tokio::test]
async fn whether_something_listens_at_every_url_is_found_out() {
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let at = |address| LambdaTriggers::new(&format!("http://{address}")).unwrap();
    let there = at(held.local_addr().unwrap());
    assert!(there.is_listened_to().await);
    assert!(!at(gone).is_listened_to().await);
    let half = there.trigger(Trigger::DefineAuthChallenge, &format!("http://{gone}")).unwrap();
    assert!(!half.is_listened_to().await);
}
