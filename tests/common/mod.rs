//! A small world for tests: one clock, one ledger, one sender, any number of engines and sign-ins.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at
#![allow(dead_code, unreachable_pub)] // each suite uses its own part

pub mod bill;
pub mod cases;
#[cfg(feature = "dynamodb")]
pub mod service;
pub mod spy;
pub mod steps;
#[cfg(feature = "dynamodb")]
pub mod table;

use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{
    Action, Challenge, ChallengeName, ChallengeResult, Claimant, ClientId, Clock, CodeKeys, CustomAuth,
    CustomAuthBuilder, Destinations, Ledger, Mark, MemoryLedger, PhoneNumber, Policy, PolicyBuilder,
    PublicChallengeParameters, Requester, Session, SmsSender, Timestamp, UserName, UserPoolId,
    machine::{Decision, Verdict},
    testing::{Faulty, ManualClock, RecordingAudit, RecordingSms, SeededEntropy, run},
};
use time::Duration;

pub const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
pub const POOL: &str = "ap-south-1_EXAMPLE01";
pub const CLIENT: &str = "1example23456789";

/// Everything that engines share.
#[derive(Clone, Debug)]
pub struct World {
    pub clock: ManualClock,
    pub ledger: Arc<Faulty<Arc<dyn Ledger>>>,
    pub sms: Arc<Faulty<RecordingSms>>,
    pub texts: RecordingSms,
    pub audit: RecordingAudit,
    pub entropy: SeededEntropy,
    pub policy: Policy,
    pub keys: CodeKeys,
}

pub fn policy() -> PolicyBuilder {
    Policy::builder().destinations(Destinations::allow(["+91", "+1"]).deny("+1876"))
}

pub fn strict() -> PolicyBuilder {
    Policy::nist().destinations(Destinations::allow(["+91", "+1"]))
}

/// An empty ledger: in memory, or with `CUSTOM_AUTH_LEDGER_UNDER_TEST=dynamodb` in a DynamoDB table that several processes share.
pub fn ledger(clock: &ManualClock) -> Arc<dyn Ledger> {
    match std::env::var("CUSTOM_AUTH_LEDGER_UNDER_TEST").as_deref() {
        Err(_) | Ok("memory") => {
            let _ = clock;
            Arc::new(MemoryLedger::new())
        }
        #[cfg(feature = "dynamodb")]
        Ok("dynamodb") => Arc::new(table::Processes::new(&table::Table::far_away(clock, Duration::ZERO), 3)),
        Ok(other) => panic!("no ledger is called {other}"),
    }
}

type Builder = CustomAuthBuilder<CodeKeys, Policy, Arc<dyn SmsSender>, Arc<dyn Ledger>>;

impl World {
    pub fn new() -> Self {
        Self::under(policy())
    }

    pub fn under(policy: PolicyBuilder) -> Self {
        let (texts, clock) = (RecordingSms::new(), ManualClock::new(START));
        Self {
            ledger: Arc::new(Faulty::new(ledger(&clock))),
            clock,
            sms: Arc::new(Faulty::new(texts.clone())),
            texts,
            audit: RecordingAudit::new(),
            entropy: SeededEntropy::new(1),
            policy: policy.build().unwrap(),
            keys: CodeKeys::from_bytes("k1", &[7; 32]).unwrap(),
        }
    }

    /// One more process.
    pub fn engine(&self) -> CustomAuth {
        self.engine_with(self.keys.clone())
    }

    pub fn engine_with(&self, keys: CodeKeys) -> CustomAuth {
        self.builder(keys).build().unwrap()
    }

    /// One more process, whose clock is ahead of the world's.
    pub fn engine_ahead(&self, by: Duration) -> CustomAuth {
        self.builder(self.keys.clone()).clock(Ahead { clock: self.clock.clone(), by }).build().unwrap()
    }

    /// An engine over this world's ports, for who adds to it.
    pub fn builder(&self, keys: CodeKeys) -> Builder {
        CustomAuth::builder()
            .keys(keys)
            .policy(self.policy.clone())
            .sms(Arc::clone(&self.sms))
            .ledger(Arc::clone(&self.ledger))
            .clock(self.clock.clone())
            .entropy(self.entropy.clone())
            .audit(self.audit.clone())
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    /// A sign-in that has got its first challenge.
    pub fn sign_in(&self, person: Person) -> SignIn {
        let mut sign_in = SignIn::new(self.engine(), person);
        self.run(sign_in.present(Action::Answer, self.clock.now()));
        sign_in
    }

    pub fn answer(&self, sign_in: &mut SignIn, answer: &str) -> Verdict {
        self.run(sign_in.respond(answer, Action::Answer, &self.clock))
    }

    pub fn resend(&self, sign_in: &mut SignIn) -> Verdict {
        self.run(sign_in.respond("resend", Action::Resend, &self.clock))
    }

    /// The code of the newest text.
    pub fn code(&self) -> String {
        self.texts.last_code().expect("a text was sent")
    }

    /// A code that is not the newest text's.
    pub fn wrong(&self, nth: u32) -> String {
        let right: u64 = self.texts.last_code().map_or(0, |code| code.parse().unwrap());
        format!("{:06}", (right + u64::from(nth)) % 1_000_000)
    }
}

/// The world's clock as a process sees that is ahead of it.
#[derive(Debug)]
struct Ahead {
    clock: ManualClock,
    by: Duration,
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.clock.now() + self.by
    }

    async fn sleep_until(&self, moment: Timestamp) {
        self.clock.sleep_until(moment - self.by).await;
    }
}

/// Who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub user: &'static str,
    pub client: &'static str,
    pub phone: Option<PhoneNumber>,
    pub claimant: Claimant,
}

impl Person {
    pub fn known(user: &'static str, phone: &str) -> Self {
        Self { user, client: CLIENT, phone: Some(phone.parse().unwrap()), claimant: Claimant::Known }
    }

    pub fn unknown(user: &'static str) -> Self {
        Self { user, client: CLIENT, phone: None, claimant: Claimant::Unknown }
    }

    pub fn requester(&self) -> Requester<'_> {
        Requester {
            pool: UserPoolId::new(POOL),
            client: ClientId::new(self.client),
            user: UserName::new(self.user),
            claimant: self.claimant,
            phone: self.phone,
        }
    }
}

pub fn ana() -> Person {
    Person::known("ana", "+919999900001")
}

pub fn bob() -> Person {
    Person::known("bob", "+919999900002")
}

/// One Cognito session, run as Cognito runs it.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub auth: CustomAuth,
    pub person: Person,
    pub session: Session,
    pub challenge: Option<Challenge>,
    pub end: Option<Decision>,
}

impl SignIn {
    pub fn new(auth: CustomAuth, person: Person) -> Self {
        Self { auth, person, session: Session::new(), challenge: None, end: None }
    }

    pub fn public(&self) -> &PublicChallengeParameters {
        &self.challenge.as_ref().expect("a challenge is open").public
    }

    pub fn metadata(&self) -> &custom_auth::ChallengeMetadata {
        self.challenge.as_ref().expect("a challenge is open").metadata()
    }

    pub fn nonce(&self) -> custom_auth::Nonce {
        self.challenge.as_ref().and_then(|c| c.metadata().challenge).expect("a code's round").nonce
    }

    pub fn signed_in(&self) -> bool {
        matches!(self.end, Some(Decision::IssueTokens(_)))
    }

    pub fn failed(&self) -> bool {
        matches!(self.end, Some(Decision::FailAuthentication(_)))
    }

    /// Define, and create if define says so.
    pub async fn present(&mut self, action: Action, started: Timestamp) {
        let person = self.person;
        match self.auth.define(&person.requester(), &self.session, action) {
            Decision::Present(_) => {
                self.challenge =
                    Some(self.auth.create(&person.requester(), &self.session, action, started).await);
            }
            end => (self.challenge, self.end) = (None, Some(end)),
        }
    }

    /// Verify, then define and create.
    pub async fn respond(&mut self, answer: &str, action: Action, clock: &ManualClock) -> Verdict {
        let verdict = self.verify(answer, action, clock.now()).await;
        self.push(verdict);
        self.present(action, clock.now()).await;
        verdict
    }

    /// Verify alone, as a service does that calls again.
    pub async fn verify(&self, answer: &str, action: Action, started: Timestamp) -> Verdict {
        let kept = &self.challenge.as_ref().expect("a challenge is open").private;
        let (round, extra) = (Some(&kept.round), &kept.extra);
        self.auth.verify(&self.person.requester(), round, extra, Some(answer), action, started).await
    }

    pub fn push(&mut self, verdict: Verdict) {
        let mark = if verdict.is_right() { Mark::Right } else { Mark::Wrong };
        let metadata = *self.challenge.as_ref().expect("a challenge is open").metadata();
        // As it travels: written and read back.
        let metadata = custom_auth::ChallengeMetadata::decode(&metadata.encode());
        self.session.push(ChallengeResult::new(ChallengeName::Custom, mark, metadata));
    }
}
