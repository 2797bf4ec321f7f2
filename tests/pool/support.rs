//! Doubles: a clock that moves when nothing else can, a ledger, users, and triggers that are closures.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Clock, CreateUser, DeleteUser, Ledger, NewUser, OnlyIf, Password,
    PasswordVerifier, PhoneNumber, Put, StoreError, Subject, Subscriber, Timestamp, Unproven, UserPage,
    UserPool, UserStatus, UserStore,
    pool::{PoolError, PoolSettings, SealKey, TriggerError, Triggers, UserPoolBuilder},
};
use serde_json::{Value, json};
use time::Duration;

pub(crate) const POOL: &str = "ap-south-1_EXAMPLE01";
pub(crate) const CLIENT: &str = "1example23456789abcdefghij";
pub(crate) const ANA: &str = "0588acd1-0000-4000-8000-000000000001";
pub(crate) const PHONE: &str = "+919999900001";
pub(crate) const NOBODY: &str = "+919999900099";
pub(crate) const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

/// Time that stands still until [`run`] finds nothing else to do.
#[derive(Clone, Debug)]
pub(crate) struct ManualClock(Arc<Mutex<(Timestamp, BTreeSet<Timestamp>)>>);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new((START, BTreeSet::new()))))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut inner = self.0.lock().unwrap();
        inner.0 = inner.0 + by;
    }

    fn jump_to_next_bell(&self) -> bool {
        let mut inner = self.0.lock().unwrap();
        let next = inner.1.pop_first();
        if let Some(next) = next {
            inner.0 = inner.0.max(next);
        }
        next.is_some()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    async fn sleep_until(&self, moment: Timestamp) {
        poll_fn(|_| {
            let mut inner = self.0.lock().unwrap();
            if inner.0 >= moment {
                return Poll::Ready(());
            }
            inner.1.insert(moment);
            Poll::Pending
        })
        .await;
    }
}

/// Runs a future; when it waits, time jumps to the next bell.
pub(crate) fn run<F: Future>(clock: &ManualClock, future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        assert!(clock.jump_to_next_bell(), "nothing left to wait for");
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct MapLedger {
    /// What was put, and until when it is kept.
    pub(crate) records: Arc<Mutex<HashMap<Subject, Timestamp>>>,
    pub(crate) down: Arc<AtomicBool>,
}

#[async_trait]
impl Ledger for MapLedger {
    async fn charge(&self, _: ActId, _: &[Charge], _: Timestamp) -> Result<Admission, StoreError> {
        unreachable!("a pool charges nothing")
    }

    async fn put(
        &self,
        subject: Subject,
        _: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        assert_eq!(only_if, OnlyIf::Absent);
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("down".into()));
        }
        let mut records = self.records.lock().unwrap();
        if records.get(&subject).is_some_and(|dead_at| now < *dead_at) {
            return Ok(Put::Held(Some(Vec::new())));
        }
        records.insert(subject, dead_at);
        Ok(Put::Done)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct VecUsers {
    pub(crate) all: Arc<Mutex<Vec<Subscriber>>>,
    pub(crate) down: Arc<AtomicBool>,
    /// What was asked, in order.
    pub(crate) calls: Arc<Mutex<Vec<&'static str>>>,
    /// How long each look-up takes, by which clock.
    pub(crate) takes: Arc<Mutex<Option<(ManualClock, Duration)>>>,
}

impl VecUsers {
    fn find(
        &self,
        call: &'static str,
        by: impl Fn(&Subscriber) -> bool,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.calls.lock().unwrap().push(call);
        if let Some((clock, by)) = &*self.takes.lock().unwrap() {
            clock.advance(*by);
        }
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("down".into()));
        }
        Ok(self.all.lock().unwrap().iter().find(|user| by(user)).cloned())
    }

    pub(crate) fn set_status(&self, status: UserStatus) {
        self.all.lock().unwrap()[0].status = status;
    }
}

#[async_trait]
impl UserStore for VecUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        self.find("phone", |user| user.phone == *phone)
    }
    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.find("name", |user| user.user_name == user_name)
    }
    async fn create(&self, _: NewUser) -> Result<CreateUser, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn confirm(&self, _: &str) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn mark_phone_verified(&self, _: &str, _: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn change_phone(
        &self,
        _: &str,
        _: &PhoneNumber,
        _: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn release_phone(
        &self,
        _: &str,
        _: &PhoneNumber,
        _: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn replace_password(&self, _: &str, _: &Password) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn has_password(&self, _: &str, _: &Password) -> Result<bool, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn password_verifier(&self, _: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn revoke_tokens(&self, _: &str, _: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn note_success(&self, _: &str, _: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn delete_if(&self, _: &str, _: Unproven) -> Result<DeleteUser, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn delete(&self, _: &str) -> Result<Option<Subscriber>, StoreError> {
        unreachable!("a pool only looks people up")
    }
    async fn list_unproven(
        &self,
        _: Unproven,
        _: Timestamp,
        _: Option<&str>,
        _: usize,
    ) -> Result<UserPage, StoreError> {
        unreachable!("a pool only looks people up")
    }
}

type Script = Box<dyn Fn(&Value) -> Answer + Send + Sync>;

/// What a script says to one event.
pub(crate) enum Answer {
    /// The event with this response.
    Response(Value),
    /// These bytes.
    Output(Vec<u8>),
    Error(TriggerError),
    /// The response, but only this much later.
    Late(Duration, Value),
}

/// Triggers that write down every event and answer from a closure.
#[derive(Clone)]
pub(crate) struct Scripted {
    script: Arc<Script>,
    pub(crate) events: Arc<Mutex<Vec<String>>>,
    /// The sources of the events that were answered in the end.
    pub(crate) finished: Arc<Mutex<Vec<String>>>,
    clock: ManualClock,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

#[async_trait]
impl Triggers for Scripted {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let text = std::str::from_utf8(event).unwrap().to_owned();
        let mut event: Value = serde_json::from_str(&text).unwrap();
        self.events.lock().unwrap().push(text);
        let response = match (self.script)(&event) {
            Answer::Response(response) => response,
            Answer::Output(bytes) => return Ok(bytes),
            Answer::Error(error) => return Err(error),
            Answer::Late(by, response) => {
                self.clock.sleep_until(self.clock.now() + by).await;
                response
            }
        };
        self.finished.lock().unwrap().push(source(&event).to_owned());
        event["response"] = response;
        Ok(event.to_string().into_bytes())
    }
}

pub(crate) fn source(event: &Value) -> &str {
    event["triggerSource"].as_str().unwrap().split('_').next().unwrap()
}

/// Three tries at 482913, as an ordinary custom flow has them.
pub(crate) fn ordinary(event: &Value) -> Answer {
    let request = &event["request"];
    Answer::Response(match source(event) {
        "DefineAuthChallenge" => {
            let session = request["session"].as_array().unwrap();
            let ours = session.iter().filter(|round| round["challengeName"] == "CUSTOM_CHALLENGE");
            let last_is_right =
                ours.clone().next_back().is_some_and(|round| round["challengeResult"] == true);
            if last_is_right {
                json!({"challengeName": null, "issueTokens": true, "failAuthentication": false})
            } else if ours.count() >= 3 {
                json!({"challengeName": null, "issueTokens": false, "failAuthentication": true})
            } else {
                json!({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": false, "failAuthentication": false})
            }
        }
        "CreateAuthChallenge" => json!({
            "publicChallengeParameters": {"codeLength": "6", "USERNAME": "mallory"},
            "privateChallengeParameters": {"answer": "482913"},
            "challengeMetadata": "CODE",
        }),
        "VerifyAuthChallengeResponse" => {
            let right = request["privateChallengeParameters"]["answer"] == request["challengeAnswer"];
            json!({"answerCorrect": right && request["userNotFound"] != true})
        }
        _ => json!({}),
    })
}

/// A pool over doubles, one known user in it.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) ledger: MapLedger,
    pub(crate) users: VecUsers,
    pub(crate) triggers: Scripted,
    pub(crate) pool: UserPool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(ordinary, |builder| builder)
    }

    pub(crate) fn scripted(script: impl Fn(&Value) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(script, |builder| builder)
    }

    pub(crate) fn settled(change: impl FnOnce(&mut PoolSettings)) -> Self {
        let mut settings = PoolSettings::default();
        change(&mut settings);
        Self::with(ordinary, |builder| builder.settings(settings))
    }

    pub(crate) fn with(
        script: impl Fn(&Value) -> Answer + Send + Sync + 'static,
        build: impl FnOnce(UserPoolBuilder) -> UserPoolBuilder,
    ) -> Self {
        let (clock, ledger, users) = (ManualClock::new(), MapLedger::default(), VecUsers::default());
        let mut ana = Subscriber::new(ANA.to_owned(), PHONE.parse().unwrap(), UserStatus::Confirmed, START);
        (ana.phone_verified, ana.was_verified) = (true, true);
        users.all.lock().unwrap().push(ana);
        let triggers = Scripted {
            script: Arc::new(Box::new(script)),
            events: Arc::default(),
            finished: Arc::default(),
            clock: clock.clone(),
        };
        let builder = UserPool::builder()
            .triggers(triggers.clone())
            .users(users.clone())
            .ledger(ledger.clone())
            .seal_key(SealKey::from_bytes(&[7; 32]))
            .clock(clock.clone())
            .pool_id(POOL)
            .client_id(CLIENT);
        Self { pool: build(builder).build().unwrap(), clock, ledger, users, triggers }
    }

    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        run(&self.clock, future)
    }

    /// Every event so far, as JSON; forgets them.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        let events = std::mem::take(&mut *self.triggers.events.lock().unwrap());
        events.iter().map(|event| serde_json::from_str(event).unwrap()).collect()
    }
}

/// What a client sees of an error.
pub(crate) fn told<T: fmt::Debug>(result: Result<T, PoolError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code(), error.to_string())
}
