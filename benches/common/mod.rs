//! Logins for benches: the engine over ports that cost next to nothing, and Cognito's events fed forward.

use core::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    task::{Context, Poll, Waker},
};
use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{
    AuditEvent, AuditSink, Binding, ChallengeMetadata, ClientId, Clock, CodeKeys, CustomAuth, Destination,
    Destinations, MemoryLedger, OsEntropy, Policy, Purpose, SendError, SendReceipt, SmsMessage, SmsSender,
    Timestamp, UserName, UserPoolId,
};

const POOL: &str = "ap-south-1_EXAMPLE01";
const CLIENT: &str = "1example23456789abcdefghij";

/// How many logins run side by side. Few, so that their events stay in the processor's cache, as one that has just
/// arrived would be.
pub(crate) const BATCH: u64 = 100;
/// Every example number +91 99999 00xxx comes back after so many logins, which is a day.
const PHONES: u64 = 1_000;
/// Every user comes back after so many logins. The ledger remembers a year's series of failures.
const USERS: u64 = 10_000;
/// Between two batches: ten of them are a day.
const STEP: i64 = 24 * 3_600_000 / 10 + 1;
const START: i64 = 1_795_000_000_000;

/// A clock that is set. Waiting for the equal time is over at once: the bench measures work, and a wait is none.
#[derive(Debug)]
struct SetClock(AtomicI64);

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Relaxed))
    }

    async fn sleep_until(&self, _: Timestamp) {}
}

/// Takes every message and does nothing with it.
#[derive(Debug)]
struct NoSender;

#[async_trait]
impl SmsSender for NoSender {
    async fn send(&self, _: &SmsMessage) -> Result<SendReceipt, SendError> {
        Ok(SendReceipt::default())
    }
}

/// Counts what it is told, so that no event is optimized away.
#[derive(Debug, Default)]
struct CountingAudit(AtomicU64);

impl AuditSink for CountingAudit {
    fn record(&self, _: &AuditEvent) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// The engine, and how far its people have come.
#[derive(Debug)]
pub(crate) struct World {
    auth: CustomAuth,
    keys: CodeKeys,
    audited: Arc<CountingAudit>,
    clock: Arc<SetClock>,
    logins: u64,
}

/// A trigger, in the order in which a login calls them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    FirstDefine,
    Create,
    Verify,
    LastDefine,
}

/// The four events of one login, and their answers.
#[derive(Debug, Default)]
pub(crate) struct Login {
    user: String,
    phone: String,
    pub(crate) events: [Vec<u8>; 4],
    pub(crate) round: String,
    pub(crate) answers: [Vec<u8>; 4],
}

impl World {
    /// The default policy with every quota on: a price, a daily cap and a budget. The prefix cap alone is raised,
    /// because all example numbers have one prefix.
    fn new() -> Self {
        let destinations = Destinations::default().allow_at("+91", Destination::new(2_780, Some(2_000)));
        let policy = Policy::builder()
            .destinations(destinations)
            .budget_per_day(Some(50_000_000))
            .sends_per_prefix_per_hour(200);
        let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap().with_names_key(&[8; 32]).unwrap();
        let (clock, audited) = (Arc::new(SetClock(AtomicI64::new(START))), Arc::<CountingAudit>::default());
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(policy.build().unwrap())
            .sms(NoSender)
            .ledger(MemoryLedger::with_capacity(2 << 20))
            .clock(clock.clone())
            .entropy(OsEntropy::new())
            .audit(audited.clone())
            .build()
            .unwrap();
        Self { auth, keys, audited, clock, logins: 0 }
    }

    /// How many events the audit was told.
    pub(crate) fn audited(&self) -> u64 {
        self.audited.0.load(Relaxed)
    }

    /// Every user has been here once.
    pub(crate) fn settled() -> Self {
        let mut world = Self::new();
        for _ in 0..USERS / BATCH {
            world.batch(|_, run| run());
        }
        world
    }

    /// The next logins. Each trigger is called for all of them in one go, which `measure` is given to run; what
    /// Cognito and the person do in between is not measured.
    pub(crate) fn batch(&mut self, mut measure: impl FnMut(Call, &mut dyn FnMut())) -> Vec<Login> {
        self.clock.0.fetch_add(STEP, Relaxed);
        let mut logins: Vec<Login> = (self.logins..self.logins + BATCH).map(Login::begin).collect();
        self.logins += BATCH;
        measure(Call::FirstDefine, &mut || self.each(&mut logins, 0));
        measure(Call::Create, &mut || self.each(&mut logins, 1));
        self.clock.0.fetch_add(9_000, Relaxed); // they read the text and type
        for login in &mut logins {
            login.answer(&self.keys);
        }
        measure(Call::Verify, &mut || self.each(&mut logins, 2));
        measure(Call::LastDefine, &mut || self.each(&mut logins, 3));
        for login in &logins {
            assert!(
                login.says(2, r#""answerCorrect":true"#) && login.says(3, r#""issueTokens":true"#),
                "{login:?}"
            );
        }
        logins
    }

    fn each(&self, logins: &mut [Login], place: usize) {
        for login in logins {
            login.answers[place] = ready(self.auth.handle(&login.events[place])).unwrap();
        }
    }
}

impl Login {
    fn begin(number: u64) -> Self {
        let user = format!("0588acd1-0000-4000-8000-{:012x}", number % USERS);
        let phone = format!("+919999900{:03}", number % PHONES);
        let event = |source, request, response| event((&user, &phone), source, request, response);
        Self {
            events: [
                event("DefineAuthChallenge", r#""session":[]"#, UNDEFINED),
                event("CreateAuthChallenge", r#""challengeName":"CUSTOM_CHALLENGE","session":[]"#, UNCREATED),
                Vec::new(),
                Vec::new(),
            ],
            user,
            phone,
            ..Self::default()
        }
    }

    /// What Cognito keeps of the create, and what the person types.
    fn answer(&mut self, keys: &CodeKeys) {
        let made = core::str::from_utf8(&self.answers[1]).unwrap();
        let (_, round) = made.split_once(r#""customAuth":""#).unwrap();
        self.round = round.split_once('"').unwrap().0.to_owned();
        let metadata = ChallengeMetadata::decode(&self.round).unwrap();
        let code = keys.derive(&metadata.challenge.unwrap(), &self.binding()).unwrap();
        let (who, round, code) = ((&*self.user, &*self.phone), &self.round, code.expose_secret());
        let answer =
            format!(r#""privateChallengeParameters":{{"customAuth":"{round}"}},"challengeAnswer":"{code}""#);
        let session = format!(
            r#""session":[{{"challengeName":"CUSTOM_CHALLENGE","challengeResult":true,"challengeMetadata":"{round}"}}]"#
        );
        self.events[2] = event(who, "VerifyAuthChallengeResponse", &answer, UNVERIFIED);
        self.events[3] = event(who, "DefineAuthChallenge", &session, UNDEFINED);
    }

    fn binding(&self) -> Binding<'_> {
        let (pool, client, user) = (UserPoolId::new(POOL), ClientId::new(CLIENT), UserName::new(&self.user));
        Binding { pool, client, user, phone: Some(self.phone.parse().unwrap()), purpose: Purpose::SignIn }
    }

    fn says(&self, place: usize, text: &str) -> bool {
        core::str::from_utf8(&self.answers[place]).unwrap().contains(text)
    }
}

const UNDEFINED: &str = r#"{"challengeName":null,"issueTokens":null,"failAuthentication":null}"#;
const UNCREATED: &str =
    r#"{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}"#;
const UNVERIFIED: &str = r#"{"answerCorrect":null}"#;

/// A trigger event as Cognito sends it: compact.
fn event((user, phone): (&str, &str), source: &str, request: &str, response: &str) -> Vec<u8> {
    let attributes = format!(
        r#"{{"sub":"{user}","cognito:user_status":"CONFIRMED","phone_number_verified":"true","phone_number":"{phone}"}}"#
    );
    let envelope = format!(
        r#"{{"version":"1","region":"ap-south-1","userPoolId":"{POOL}","userName":"{user}","callerContext":{{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{CLIENT}"}},"triggerSource":"{source}_Authentication","#
    );
    format!(
        r#"{envelope}"request":{{"userAttributes":{attributes},{request},"userNotFound":false}},"response":{response}}}"#
    )
    .into_bytes()
}

/// Every port here answers at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("no port of the bench waits"),
    }
}
