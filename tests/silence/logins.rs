//! Whole sign-ins, and a search through all that came out.

use std::sync::Arc;

use custom_auth::{
    ActId, Action, AuditSink as _, Binding, Challenge, Claimant, ClientId, Clock as _, CodeLength,
    CodeParameters, CustomAuth, Destinations, FlowTag, MemoryLedger, MemoryUsers, NewUser, Nonce, Odds,
    OneTimeCode, Parameters, PhoneNumber, Policy, Purpose, Quotas, Requester, Session, SmsMessage, Timestamp,
    UserName, UserPool, UserPoolId, UserStatus, UserStore as _, WorstBill,
    pool::{InitiateAuth, Outcome, PoolError, PresentedChallenge, Respond},
    testing::{Fault, Faulty, ManualClock, RecordingAudit, RecordingSms, SeededEntropy, run},
    wire::{Event, Trigger},
};
use serde_json::{Value, json};
use time::Duration;

use super::{
    secrets::{Canaries, PHONE, Secrets, Seen},
    tape::Tape,
};

pub(crate) const ANA: &str = "0588acd1-0000-4000-8000-000000000001";
/// Nobody's number, which is typed all the same.
pub(crate) const NOBODYS: &str = "+919999900099";
/// The number of an account, where no text may go.
pub(crate) const BLOCKED: &str = "+18765550100";

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) ledger: Arc<Faulty<Tape>>,
    pub(crate) sms: Arc<Faulty<RecordingSms>>,
    pub(crate) entropy: SeededEntropy,
    audit: RecordingAudit,
    pub(crate) users: Arc<Faulty<MemoryUsers>>,
    auth: CustomAuth,
    pool: UserPool,
    phone: String,
    canaries: Canaries,
    seen: Seen,
}

impl World {
    pub(crate) fn new(phone: &str) -> Self {
        Self::with(phone, Canaries::FIXED, 5)
    }

    pub(crate) fn with(phone: &str, canaries: Canaries, seed: u64) -> Self {
        let (keys, seal_key) = (|| canaries.keys(), || canaries.seal_key());
        let mut seen = Seen::default();
        let clock = ManualClock::new(Timestamp::from_unix_millis(1_790_000_000_000));
        let (ledger, entropy) = (Arc::new(Faulty::new(Tape::default())), SeededEntropy::new(seed));
        let (sms, audit) = (Arc::new(Faulty::new(RecordingSms::new())), RecordingAudit::new());
        let policy = Policy::builder()
            .code_length(CodeLength::new(10).unwrap())
            .destinations(Destinations::allow(["+91", "+1"]).deny("+1876"));
        let policy = policy.build().unwrap();
        let builder = CustomAuth::builder()
            .keys(keys())
            .policy(policy.clone())
            .sms(Arc::clone(&sms))
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .entropy(entropy.clone())
            .audit(audit.clone());
        seen.debug("the builder", &builder);
        let auth = builder.build().unwrap();
        let users = Arc::new(Faulty::new(MemoryUsers::new()));
        for (name, phone) in [(ANA, phone), ("blocked", BLOCKED)] {
            let user =
                NewUser::new(name.to_owned(), phone.parse().unwrap(), UserStatus::Confirmed, clock.now());
            seen.debug("a new user", &user);
            seen.debug("a subscriber", &run(&clock, users.create(user)));
        }
        let builder = UserPool::builder()
            .triggers(auth.clone())
            .users(Arc::clone(&users))
            .ledger(Arc::clone(&ledger))
            .seal_key(seal_key())
            .opening_key(seal_key())
            .names_key(seal_key())
            .clock(clock.clone())
            .entropy(entropy.clone());
        seen.debug("the pool's builder", &builder);
        let pool = builder.build().unwrap();
        seen.debug("the policy", &policy);
        seen.debug("the quotas", &Quotas::of(&policy));
        seen.debug("the odds", &(Odds::of(&policy), WorstBill::of(&policy)));
        seen.debug("the keys", &(keys(), seal_key()));
        let phone = phone.to_owned();
        Self { clock, ledger, sms, entropy, audit, users, auth, pool, phone, canaries, seen }
    }

    /// Makes calls of the ledger until the next one is the nth of a sign-in, and fails that.
    fn fail_ledger(&mut self, nth: u64, fault: Fault) {
        while self.ledger.calls() + 1 < nth {
            let challenge = self.sign_in(PHONE).unwrap();
            let _ = self.answer(&challenge, "0000000000");
            self.clock.advance(Duration::seconds(17));
        }
        self.ledger.fail_next(fault);
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    fn code(&self) -> String {
        self.sms.inner().last_code().unwrap()
    }

    pub(crate) fn sign_in(&mut self, username: &str) -> Option<PresentedChallenge> {
        self.seen.debug("a request", &InitiateAuth::new(username));
        let result = self.run(self.pool.sign_in(username)).map(Outcome::Challenge);
        self.outcome(result)
    }

    pub(crate) fn answer(
        &mut self,
        challenge: &PresentedChallenge,
        answer: &str,
    ) -> Option<PresentedChallenge> {
        self.seen.debug("a request", &Respond::new(challenge.token(), answer).username(&self.phone));
        let result = self.run(self.pool.answer(challenge.token(), answer));
        self.outcome(result)
    }

    pub(crate) fn resend(&mut self, challenge: &PresentedChallenge) -> Option<PresentedChallenge> {
        let result = self.run(self.pool.resend(challenge.token()));
        self.outcome(result)
    }

    fn outcome(&mut self, result: Result<Outcome, PoolError>) -> Option<PresentedChallenge> {
        self.seen.debug("an outcome", &result);
        match result {
            Ok(Outcome::Challenge(challenge)) => {
                self.seen.bytes("public parameters", format!("{:?}", challenge.parameters()));
                self.seen.bytes("a session token", challenge.token().as_str());
                let sealed = data_encoding::BASE64URL_NOPAD.decode(challenge.token().as_str().as_bytes());
                self.seen.bytes("what a session token holds", sealed.unwrap());
                Some(challenge)
            }
            Err(error) => {
                self.seen.error("a pool's error", &error);
                None
            }
            Ok(_) => None,
        }
    }

    /// Looks at all that is left: ports, engine, audit, and every byte that reached the ledger.
    pub(crate) fn search(mut self) -> Seen {
        let mut secrets = Secrets::new(&self.canaries, self.phone.parse().unwrap());
        for other in [NOBODYS, BLOCKED] {
            secrets.add_phone(other.parse().unwrap());
        }
        for sent in self.sms.inner().sent() {
            secrets.add_code(sent.code().unwrap());
            self.seen.debug("a text that was sent", &sent);
            let message = SmsMessage::new(sent.to, custom_auth::SmsBody::new(sent.body.clone()));
            self.seen.debug("a message", &message);
        }
        self.seen.debug("the engine", &self.auth);
        self.seen.debug("the pool", &self.pool);
        self.seen.debug("the ledger", &self.ledger);
        self.seen.debug("the sender", &self.sms);
        self.seen.debug("the users", &self.users);
        self.seen.debug("the entropy and the clock", &(&self.entropy, &self.clock));
        self.seen.debug("the audit", &self.audit);
        for event in self.audit.events() {
            self.seen.debug("an audit event", &event);
            self.seen
                .bytes("a masked number", event.phone.map(|phone| phone.to_string()).unwrap_or_default());
        }
        for bytes in self.ledger.inner().kept().bytes() {
            self.seen.bytes("the ledger", bytes);
        }
        self.seen.assert_holds_no(&secrets);
        self.seen
    }
}

fn live(world: &mut World, phone: &str) {
    for username in [phone, ANA, NOBODYS, "nobody", BLOCKED] {
        for _ in 0..2 {
            let Some(mut challenge) = world.sign_in(username) else { continue };
            for answer in ["0000000000", "no code", phone] {
                challenge = world.answer(&challenge, answer).unwrap_or(challenge);
            }
            challenge = world.resend(&challenge).unwrap_or(challenge);
            world.clock.advance(Duration::seconds(31));
            challenge = world.resend(&challenge).unwrap_or(challenge);
            if world.sms.inner().count() > 0 {
                let code = world.code();
                let _ = world.answer(&challenge, &code);
            }
            let _ = world.answer(&challenge, "used before");
            world.clock.advance(Duration::seconds(400));
        }
    }
}

#[test]
fn i7_whole_sign_ins_show_neither_code_nor_key_nor_number() {
    let mut world = World::new(PHONE);
    live(&mut world, PHONE);
    assert!(world.sms.inner().count() >= 2);
    let seen = world.search();
    assert!(seen.count() > 500, "{}", seen.count());
}

/// The ledger keeps a number's first digits as they are; of the shortest numbers that must not be all.
#[test]
fn i7_the_shortest_number_does_not_reach_the_ledger_either() {
    let mut world = World::new("+1555010");
    live(&mut world, "+1555010");
    world.search();
}

#[test]
fn i7_nothing_shows_when_something_fails() {
    for nth in 1..=6 {
        for fault in [Fault::Error, Fault::DoneButReportedFailed] {
            let mut world = World::new(PHONE);
            world.fail_ledger(nth, fault);
            world.sms.fail_next(fault);
            world.users.down(nth == 4);
            world.entropy.down(nth == 5);
            live(&mut world, PHONE);
            world.search();
        }
    }
}

/// On a pool without aliases the user's own name may be the number.
fn requester(name: &str) -> Requester<'_> {
    Requester {
        pool: UserPoolId::new("ap-south-1_EXAMPLE01"),
        client: ClientId::new("1example23456789"),
        user: UserName::new(name),
        claimant: Claimant::Known,
        phone: PHONE.parse().ok(),
    }
}

#[test]
fn i7_the_engines_values_show_nothing_even_if_the_users_name_is_the_number() {
    let mut world = World::new(PHONE);
    let who = requester(PHONE);
    let mut session = Session::new();
    let now = world.clock.now();
    let challenge: Challenge = world.run(world.auth.create(&who, &session, Action::Answer, now));
    let code = world.code();
    for answer in [code.as_str(), "0000000000", "x"] {
        let round = Some(challenge.metadata());
        let none = Parameters::new();
        let now = world.clock.now();
        let verdict = world.run(world.auth.verify(&who, round, &none, Some(answer), Action::Answer, now));
        world.seen.debug("a verdict", &verdict);
    }
    let metadata = Some(*challenge.metadata());
    session.push(custom_auth::ChallengeResult::new(
        custom_auth::ChallengeName::Custom,
        custom_auth::Mark::Right,
        metadata,
    ));
    let decision = world.auth.define(&who, &session, Action::Answer);
    world.seen.debug("who asks", &who);
    world.seen.debug("a decision", &decision);
    world.seen.debug("a session", &session);
    world.seen.debug("a challenge", &challenge);
    world.seen.bytes("metadata", challenge.metadata().encode());
    let binding = Binding {
        pool: who.pool,
        client: who.client,
        user: who.user,
        phone: who.phone,
        purpose: Purpose::SignIn,
    };
    world.seen.debug("a binding", &binding);
    world.seen.debug("its pseudonyms", &Canaries::FIXED.keys().pseudonyms(&binding));
    let live = challenge.metadata().challenge.unwrap();
    let derived: OneTimeCode = Canaries::FIXED.keys().derive(&live, &binding).unwrap();
    assert_eq!(derived.expose_secret(), code);
    world.seen.debug("a code", &derived);
    world.seen.debug("an answer", &custom_auth::ChallengeAnswer::parse(&code, live.code_length));
    world.seen.debug("a record", &custom_auth::LiveRecord::open(live));
    world.seen.debug(
        "ids",
        &(Nonce::from_bytes([1; 16]), FlowTag::from_bytes([2; 16]), ActId::from_bytes([3; 16])),
    );
    world.seen.debug("numbers", &(CodeParameters::new(10, 1, 1), MemoryLedger::new()));
    let phone: PhoneNumber = PHONE.parse().unwrap();
    world.seen.debug("a number", &phone);
    world.seen.bytes("a number", phone.to_string());
    world.audit.record(&world.audit.events()[0]);
    world.search();
}

#[test]
fn i7_responses_to_events_and_what_is_read_of_them_show_nothing() {
    let mut world = World::new(PHONE);
    let event = |trigger: &str, request: Value| {
        let mut request = request;
        request["userAttributes"] = json!({"phone_number": PHONE, "sub": ANA});
        request["userNotFound"] = json!(false);
        let caller = json!({"clientId": "1example23456789"});
        let source = format!("{trigger}_Authentication");
        json!({"userPoolId": "ap-south-1_EXAMPLE01", "userName": PHONE, "callerContext": caller,
               "triggerSource": source, "request": request, "response": {}})
        .to_string()
    };
    let create = event("CreateAuthChallenge", json!({"session": [], "challengeName": "CUSTOM_CHALLENGE"}));
    let made = world.run(world.auth.handle(create.as_bytes())).unwrap();
    let made: Value = serde_json::from_slice(&made).unwrap();
    let private = made["response"]["privateChallengeParameters"].clone();
    let code = world.code();
    let session = json!([{"challengeName": "CUSTOM_CHALLENGE", "challengeResult": false,
                          "challengeMetadata": made["response"]["challengeMetadata"]}]);
    let verify = event(
        "VerifyAuthChallengeResponse",
        json!({"privateChallengeParameters": private, "challengeAnswer": code}),
    );
    for text in [create, verify, event("DefineAuthChallenge", json!({"session": session}))] {
        let read = Event::parse(text.as_bytes()).unwrap();
        world.seen.debug("an event", &read);
        world.seen.debug("a trigger", read.trigger());
        match read.trigger() {
            Trigger::Create(create) => world.seen.debug("create's", create),
            Trigger::Verify(verify) => world.seen.debug("verify's", verify),
            Trigger::Define(define) => world.seen.debug("define's", define),
            _ => panic!("it is one of ours"),
        }
        let answered = world.run(world.auth.handle(text.as_bytes())).unwrap();
        let answered: Value = serde_json::from_slice(&answered).unwrap();
        world.seen.bytes("a response", answered["response"].to_string());
        // Cut off, or with a member twice: refused, and not repeated.
        for bad in [text[..text.len() - 1].to_owned(), text.replace("\"response\"", "\"request\"")] {
            let error = world.run(world.auth.handle(bad.as_bytes())).unwrap_err();
            world.seen.error("a malformed event", &error);
        }
    }
    world.search();
}
