//! A server on a port of its own, and a client that says exactly what a test says.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicI64, Ordering},
    sync::{Arc, LazyLock, Mutex},
};

use async_trait::async_trait;
use custom_auth::{
    Accounts, Clock, CodeKeys, CustomAuth, Destinations, Ledger, MemoryLedger, MemoryUsers, Plan, Policy,
    SystemClock, Timestamp, UserPool, UserStore,
    hosts::server::{AppClient, DoorLimits, Server, serve},
    pool::{PoolSettings, SealKey, TriggerError, Triggers},
    testing::{Faulty, RecordingSms},
    tokens::{TokenIssuer, TokenKeys},
};
use serde_json::{Value, json};
use time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// The system's clock, put forward by as much as a test likes: sleeps stay real.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.whole_milliseconds()).unwrap(), Ordering::SeqCst);
    }

    fn by(&self) -> Duration {
        Duration::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock::new().now() + self.by()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        SystemClock::new().sleep_until(moment - self.by()).await;
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Ahead,
    pub(crate) texts: RecordingSms,
    pub(crate) users: Arc<Faulty<Arc<dyn UserStore>>>,
    pub(crate) ledger: Arc<Faulty<Arc<dyn Ledger>>>,
    pub(crate) address: SocketAddr,
    pub(crate) operator: SocketAddr,
    pub(crate) keys: TokenKeys,
    pub(crate) says: Says,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

/// A host's own Pre Token Generation before the crate's triggers: says what a test says, and remembers what it was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Says {
    pub(crate) response: Arc<Mutex<Option<Result<Value, String>>>>,
    pub(crate) asked: Arc<Mutex<Vec<Value>>>,
}

#[derive(Debug)]
struct Claiming(Says, CustomAuth);

#[async_trait]
impl Triggers for Claiming {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let mut whole: Value = serde_json::from_slice(event).unwrap();
        if !whole["triggerSource"].as_str().unwrap().starts_with("TokenGeneration_") {
            return Triggers::invoke(&self.1, event).await;
        }
        self.0.asked.lock().unwrap().push(whole.clone());
        if let Some(response) = self.0.response.lock().unwrap().clone() {
            whole["response"] = response.map_err(TriggerError::Failed)?;
        }
        Ok(whole.to_string().into_bytes())
    }
}

/// What outlives a server: another may be made of it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) users: Arc<dyn UserStore>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) keys: TokenKeys,
    /// Where the server's own address is not to be.
    pub(crate) issuer: Option<&'static str>,
    pub(crate) plan: Plan,
    /// Whether accounts can be made.
    pub(crate) sign_up: bool,
    /// What stands before the triggers.
    pub(crate) wrap: fn(Arc<dyn Triggers>) -> Arc<dyn Triggers>,
}

impl Default for Site {
    fn default() -> Self {
        let (users, ledger) = (Arc::new(MemoryUsers::new()), Arc::new(MemoryLedger::new()));
        let (plan, wrap) = (Plan::default(), |triggers| triggers);
        Self { users, ledger, keys: token_keys(), issuer: None, plan, sign_up: true, wrap }
    }
}

pub(crate) const SECRET: &str = "a secret";

/// Two clients: `open`, and `closed` with a secret; and no limit at the door that a test would meet by accident.
pub(crate) async fn world() -> World {
    world_with(|_| {}, |_| {}).await
}

pub(crate) async fn world_with(
    limits: impl FnOnce(&mut DoorLimits),
    settings: impl FnOnce(&mut PoolSettings),
) -> World {
    world_on(Site::default(), limits, settings).await
}

pub(crate) async fn world_on(
    site: Site,
    limits: impl FnOnce(&mut DoorLimits),
    settings: impl FnOnce(&mut PoolSettings),
) -> World {
    let Site { users, ledger, keys, issuer, plan, sign_up, wrap } = site;
    let (clock, texts, says) = (Ahead::default(), RecordingSms::new(), Says::default());
    let (users, ledger) = (Arc::new(Faulty::new(users)), Arc::new(Faulty::new(ledger)));
    let code_keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let auth = CustomAuth::builder()
        .keys(code_keys.clone())
        .policy(
            Policy::builder().destinations(Destinations::allow(["+91", "+1"])).plan(plan).build().unwrap(),
        )
        .sms(texts.clone())
        .ledger(ledger.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut chosen = PoolSettings::default();
    settings(&mut chosen);
    let client = |id: &str| {
        let accounts = Accounts::builder(
            code_keys.clone(),
            users.clone(),
            auth.codes("local_CustomAuth", id),
            ledger.clone(),
        );
        let pool = UserPool::builder()
            .triggers(wrap(Arc::new(Claiming(says.clone(), auth.clone()))))
            .users(users.clone())
            .ledger(ledger.clone())
            .seal_key(SealKey::from_bytes(&[9; 32]))
            .clock(clock.clone())
            .client_id(id)
            .settings(chosen);
        let pool = if sign_up { pool.accounts(accounts.clock(clock.clone()).build().unwrap()) } else { pool };
        let pool = pool.build().unwrap();
        let issuer = issuer.map_or_else(|| format!("http://{address}/local_CustomAuth"), str::to_owned);
        let issuer = TokenIssuer::new(issuer, id, keys.clone());
        AppClient::new(pool, issuer)
    };
    let mut door = DoorLimits::default();
    (door.burst, door.per_second) = (100_000, 1000);
    (door.texts_per_hour, door.passwords_per_hour) = (100_000, 100_000);
    limits(&mut door);
    let server = Server::new().client(client("open")).client(client("closed").secret(SECRET));
    let routers = server.limits(door.clone()).clock(clock.clone()).routers().unwrap();
    let operators = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let operator = operators.local_addr().unwrap();
    let limits = door.clone();
    tokio::spawn(async move { serve(operators, routers.operator, &limits, core::future::pending()).await });
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        serve(listener, routers.public, &door, async { drop(stopped.await) }).await.unwrap();
    });
    World {
        clock,
        texts,
        says,
        users,
        ledger,
        address,
        operator,
        keys,
        stop: Some(stop),
        served: Some(served),
    }
}

pub(crate) fn written(operation: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Made once: that takes a while.
pub(crate) fn token_keys() -> TokenKeys {
    static KEYS: LazyLock<TokenKeys> = LazyLock::new(|| TokenKeys::generate().unwrap());
    KEYS.clone()
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["__type"].as_str().unwrap_or("none")
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or("none")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.to_ascii_lowercase().starts_with(&format!("{name}:"));
        self.head.lines().find(|text| line(text)).map(|line| line[name.len() + 1..].trim())
    }

    pub(crate) fn text(&self, path: &str) -> String {
        self.body
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {path}: {self:?}"))
            .to_owned()
    }
}

impl World {
    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, body: impl Into<Value>) -> Answer {
        self.post(operation, body.into().to_string().as_bytes()).await
    }

    /// Calls an operation as the operator.
    pub(crate) async fn admin(&self, operation: &str, body: Value) -> Answer {
        let bytes = written(operation, body.to_string().as_bytes());
        Self::say_to(self.operator, &bytes).await.expect("an answer")
    }

    pub(crate) async fn post(&self, operation: &str, body: &[u8]) -> Answer {
        self.say(&written(operation, body)).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, headers: &str) -> Answer {
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\n\r\n", self.address);
        self.say(text.as_bytes()).await.expect("an answer")
    }

    /// Asks on the operator's listener.
    pub(crate) async fn ask_operator(&self, path: &str) -> Answer {
        let text = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Self::say_to(self.operator, text.as_bytes()).await.expect("an answer")
    }

    /// Sends bytes and reads until the server closes; `None` if it closed without a word.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Option<Answer> {
        Self::say_to(self.address, bytes).await
    }

    pub(crate) async fn say_to(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may answer, and close, before all is sent.
        let _ = stream.write_all(bytes).await;
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        answer(&heard)
    }

    /// Begins the one-step sign-in.
    pub(crate) async fn start(&self, phone: &str) -> Answer {
        let metadata = json!({"action": "start"});
        self.call(
            "InitiateAuth",
            json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "ClientMetadata": metadata,
            "AuthParameters": {"USERNAME": phone}}),
        )
        .await
    }

    pub(crate) async fn respond(&self, session: &str, phone: &str, typed: &str) -> Answer {
        self.call(
            "RespondToAuthChallenge",
            json!({"ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE",
            "Session": session, "ChallengeResponses": {"USERNAME": phone, "ANSWER": typed}}),
        )
        .await
    }

    pub(crate) fn code(&self, phone: &str) -> String {
        self.texts.last_code_to(&phone.parse().unwrap()).expect("a text")
    }

    /// Somebody who is signed in: what `AuthenticationResult` holds.
    pub(crate) async fn signed_in(&self, phone: &str) -> Value {
        let session = self.start(phone).await.text("/Session");
        let answer = self.respond(&session, phone, &self.code(phone)).await;
        answer.body.get("AuthenticationResult").unwrap_or_else(|| panic!("{answer:?}")).clone()
    }

    /// Tells the server to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        self.served.take().unwrap().await.unwrap();
    }
}

pub(crate) fn answer(heard: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(heard);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
    Some(Answer { status, head: head.to_owned(), body })
}

/// The operations, and a request of each that is whole.
pub(crate) fn requests() -> Vec<(&'static str, Value)> {
    vec![
        (
            "SignUp",
            json!({"ClientId": "open", "Username": "+15550100101", "Password": "Passw0rd!", "UserAttributes": [
            {"Name": "phone_number", "Value": "+15550100101"}], "ValidationData": [{"Name": "a", "Value": "b"}],
            "ClientMetadata": {"a": "b"}, "SecretHash": "h"}),
        ),
        (
            "ConfirmSignUp",
            json!({"ClientId": "open", "Username": "+15550100102", "ConfirmationCode": "123456",
            "SecretHash": "h", "ForceAliasCreation": true, "ClientMetadata": {"a": "b"}, "Session": "s"}),
        ),
        (
            "ResendConfirmationCode",
            json!({"ClientId": "open", "Username": "+15550100103", "SecretHash": "h",
            "ClientMetadata": {"a": "b"}}),
        ),
        (
            "InitiateAuth",
            json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "ClientMetadata": {"a": "b"},
            "AuthParameters": {"USERNAME": "+15550100104", "SECRET_HASH": "h"}, "Session": "s"}),
        ),
        (
            "RespondToAuthChallenge",
            json!({"ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE", "Session": "s",
            "ChallengeResponses": {"USERNAME": "+15550100105", "ANSWER": "123456"}, "ClientMetadata": {"a": "b"}}),
        ),
        (
            "GetTokensFromRefreshToken",
            json!({"ClientId": "open", "RefreshToken": "r", "ClientSecret": "c",
            "DeviceKey": "d", "ClientMetadata": {"a": "b"}}),
        ),
        (
            "InitiateAuth",
            json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "open",
            "AuthParameters": {"USERNAME": "+15550100107", "PASSWORD": "Passw0rd!"}}),
        ),
        (
            "InitiateAuth",
            json!({"AuthFlow": "USER_SRP_AUTH", "ClientId": "open",
            "AuthParameters": {"USERNAME": "+15550100108", "SRP_A": "abc"}}),
        ),
        (
            "RespondToAuthChallenge",
            json!({"ClientId": "open", "ChallengeName": "PASSWORD_VERIFIER", "Session": "s",
            "ChallengeResponses": {"USERNAME": "u", "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
            "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": "now"}}),
        ),
        ("DeleteUser", json!({"AccessToken": "a"})),
        ("GetUser", json!({"AccessToken": "a"})),
        ("GlobalSignOut", json!({"AccessToken": "a"})),
        ("RevokeToken", json!({"ClientId": "open", "Token": "t", "ClientSecret": "c"})),
        (
            "UpdateUserAttributes",
            json!({"AccessToken": "a", "UserAttributes": [
            {"Name": "phone_number", "Value": "+15550100106"}], "ClientMetadata": {"a": "b"}}),
        ),
        (
            "VerifyUserAttribute",
            json!({"AccessToken": "a", "AttributeName": "phone_number", "Code": "123456"}),
        ),
    ]
}

#[async_trait]
pub(crate) trait Silence {
    async fn closed_within(&mut self, seconds: u64) -> bool;
}

#[async_trait]
impl Silence for TcpStream {
    /// Whether the server closes, with or without a last word, in so many seconds.
    async fn closed_within(&mut self, seconds: u64) -> bool {
        let mut heard = Vec::new();
        let end = self.read_to_end(&mut heard);
        tokio::time::timeout(core::time::Duration::from_secs(seconds), end).await.is_ok()
    }
}
