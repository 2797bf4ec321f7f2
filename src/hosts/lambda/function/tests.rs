use core::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::{
    Action, Challenge, Claimant, ClientId, MemoryLedger, Parameters, Policy, Requester, Session, UserName,
    UserPoolId,
    policy::Destinations,
    testing::{ManualClock, RecordingSms, run},
};

/// Keys that change, and how often they were read.
#[derive(Clone, Debug)]
struct Kept {
    keys: Arc<Mutex<Option<CodeKeys>>>,
    read: Arc<AtomicU32>,
}

impl Kept {
    fn new() -> Self {
        Self { keys: Arc::default(), read: Arc::default() }
    }

    fn set(&self, keys: Option<CodeKeys>) {
        *self.keys.lock().unwrap() = keys;
    }

    fn reads(&self) -> u32 {
        self.read.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl KeySource for Kept {
    async fn read(&self) -> Result<CodeKeys, BoxError> {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.keys.lock().unwrap().clone().ok_or_else(|| "gone".into())
    }
}

fn keys(names: &[&str]) -> CodeKeys {
    let key = |name: &str| [name.as_bytes()[1]; 32];
    let (first, others) = names.split_first().unwrap();
    let first = CodeKeys::from_bytes(first, &key(first)).unwrap();
    others.iter().fold(first, |keys, name| keys.with_verifying(name, &key(name)).unwrap())
}

struct Stage {
    clock: ManualClock,
    texts: RecordingSms,
    ledger: Arc<MemoryLedger>,
}

impl Stage {
    fn new() -> Self {
        Self {
            clock: ManualClock::new(Timestamp::from_unix_millis(1_790_000_000_000)),
            texts: RecordingSms::new(),
            ledger: Arc::default(),
        }
    }

    /// A process with these keys, of those that share everything else.
    fn process(&self, keys: CodeKeys, kept: &Kept) -> Function {
        let policy = Policy::builder()
            .destinations(Destinations::allow(["+91"]))
            .send_window(Duration::ZERO)
            .sends_per_phone(vec![(100, 86_400)])
            .guesses_per_day(100);
        let auth = CustomAuth::builder()
            .keys(keys)
            .policy(policy.build().unwrap())
            .sms(self.texts.clone())
            .ledger(Arc::clone(&self.ledger))
            .clock(self.clock.clone());
        Function::new(auth.build().unwrap()).keys_from(kept.clone()).clock(self.clock.clone())
    }

    /// A challenge as this process makes it for somebody.
    fn challenge(&self, process: &Function, user: &str) -> Challenge {
        let auth = process.auth();
        let now = self.clock.now();
        run(&self.clock, auth.create(&who(user), &Session::new(), Action::Answer, now))
    }

    /// Whether this process takes the answer, event in and event out.
    fn takes(&self, process: &Function, user: &str, challenge: &Challenge, answer: &str) -> bool {
        let mut private = Parameters::new();
        private.insert("customAuth".to_owned(), challenge.private.round.encode());
        let event = serde_json::json!({
            "version": "1", "triggerSource": "VerifyAuthChallengeResponse_Authentication", "region": "us-east-1",
            "userPoolId": "us-east-1_EXAMPLE01", "userName": user, "callerContext": {"clientId": "client"},
            "request": {
                "userAttributes": {"phone_number": "+919999900001", "phone_number_verified": "true"},
                "privateChallengeParameters": private, "challengeAnswer": answer,
            },
            "response": {"answerCorrect": null},
        });
        let event = event.to_string();
        let answered = process.answer(event.as_bytes(), self.clock.now());
        let answered = run(&self.clock, answered).unwrap();
        let answered: serde_json::Value = serde_json::from_slice(&answered).unwrap();
        answered["response"]["answerCorrect"] == true
    }

    /// Signs somebody in: one process texts, another takes the answer.
    fn signs_in(&self, texting: &Function, answering: &Function, user: &str) -> bool {
        let challenge = self.challenge(texting, user);
        let code = self.texts.last_code().unwrap();
        self.takes(answering, user, &challenge, &code)
    }
}

fn who(user: &str) -> Requester<'_> {
    Requester {
        pool: UserPoolId::new("us-east-1_EXAMPLE01"),
        client: ClientId::new("client"),
        user: UserName::new(user),
        claimant: Claimant::Known,
        phone: Some("+919999900001".parse().unwrap()),
    }
}

#[test]
fn a_key_that_was_moved_first_elsewhere_is_read_when_its_challenge_is_answered() {
    let (stage, kept) = (Stage::new(), Kept::new());
    kept.set(Some(keys(&["k2", "k1"])));
    let (ahead, behind) = (stage.process(keys(&["k2", "k1"]), &kept), stage.process(keys(&["k1"]), &kept));
    stage.clock.advance(Duration::MINUTE);
    assert!(stage.signs_in(&ahead, &behind, "ana"));
    assert_eq!(kept.reads(), 1);
    // Known from now on.
    assert!(stage.signs_in(&ahead, &behind, "bob"));
    assert_eq!(kept.reads(), 1);
}

#[test]
fn keys_are_read_once_a_minute_at_most_whatever_events_name() {
    let (stage, kept) = (Stage::new(), Kept::new());
    let (other, process) = (stage.process(keys(&["k9"]), &kept), stage.process(keys(&["k1"]), &kept));
    kept.set(Some(keys(&["k1"])));
    let challenge = stage.challenge(&other, "ana");
    assert!(!stage.takes(&process, "ana", &challenge, "123456"));
    assert_eq!(kept.reads(), 0, "the keys were read when the process began");
    for minutes in 1..=3 {
        stage.clock.advance(Duration::MINUTE);
        for _ in 0..5 {
            assert!(!stage.takes(&process, "ana", &challenge, "123456"));
        }
        assert_eq!(kept.reads(), minutes);
    }
}

#[test]
fn keys_that_cannot_be_read_stay_as_they_are() {
    let (stage, kept) = (Stage::new(), Kept::new());
    let process = stage.process(keys(&["k1"]), &kept);
    stage.clock.advance(Duration::HOUR * 2);
    assert!(stage.signs_in(&process, &process, "ana"));
    assert_eq!(kept.reads(), 1);
}

#[test]
fn a_key_that_was_dropped_signs_no_longer_than_an_hour() {
    let (stage, kept) = (Stage::new(), Kept::new());
    let process = stage.process(keys(&["k1", "k2"]), &kept);
    kept.set(Some(keys(&["k2"])));
    stage.clock.advance(Duration::minutes(59));
    assert!(stage.signs_in(&process, &process, "ana"));
    stage.clock.advance(Duration::MINUTE);
    let challenge = stage.challenge(&process, "bob");
    assert_eq!(challenge.private.round.challenge.unwrap().key_id.as_str(), "k1", "nothing has come yet");
    let _ = stage.takes(&process, "bob", &challenge, "123456");
    assert_eq!(kept.reads(), 1);
    let challenge = stage.challenge(&process, "carol");
    assert_eq!(challenge.private.round.challenge.unwrap().key_id.as_str(), "k2");
}

#[test]
fn a_rotation_in_three_steps_fails_no_sign_in_that_is_under_way() {
    let (stage, kept) = (Stage::new(), Kept::new());
    kept.set(Some(keys(&["k1"])));
    let steps = [keys(&["k1"]), keys(&["k1", "k2"]), keys(&["k2", "k1"]), keys(&["k2"])];
    let mut processes = vec![stage.process(keys(&["k1"]), &kept)];
    for (number, step) in steps.into_iter().enumerate() {
        kept.set(Some(step.clone()));
        // Between the steps lies more than a challenge's life and a process's hour; all along people sign in, and new processes come up.
        for tenth in 0..7 {
            for (one, texting) in processes.iter().enumerate() {
                for (two, answering) in processes.iter().enumerate() {
                    let user = format!("user-{number}-{tenth}-{one}-{two}");
                    assert!(stage.signs_in(texting, answering, &user), "{user}");
                    stage.clock.advance(Duration::minutes(25));
                }
            }
        }
        processes.push(stage.process(step, &kept));
    }
    let last = stage.challenge(&processes[0], "last").private.round.challenge.unwrap();
    assert_eq!(last.key_id.as_str(), "k2");
}

#[test]
fn i3_keys_under_which_people_have_other_names_are_not_taken() {
    let (stage, kept) = (Stage::new(), Kept::new());
    let named = |names: &[&str]| keys(names).with_names_key(&[9; 32]).unwrap();
    let process = stage.process(named(&["k1"]), &kept);
    kept.set(Some(keys(&["k2", "k1"])));
    stage.clock.advance(Duration::HOUR);
    assert!(stage.signs_in(&process, &process, "ana"));
    assert_eq!(kept.reads(), 1);
    assert_eq!(process.auth().keys().signing_key_id().as_str(), "k1");
    kept.set(Some(named(&["k2", "k1"])));
    stage.clock.advance(Duration::HOUR);
    assert!(stage.signs_in(&process, &process, "bob"));
    assert_eq!(process.auth().keys().signing_key_id().as_str(), "k2");
}

/// A store that never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl KeySource for Silent {
    async fn read(&self) -> Result<CodeKeys, BoxError> {
        core::future::pending().await
    }
}

#[test]
fn a_store_of_keys_that_does_not_answer_is_waited_for_a_second() {
    let (stage, kept) = (Stage::new(), Kept::new());
    let process = stage.process(keys(&["k1"]), &kept).keys_from(Silent);
    stage.clock.advance(Duration::HOUR);
    let challenge = stage.challenge(&process, "ana");
    let before = stage.clock.now();
    let code = stage.texts.last_code().unwrap();
    assert!(stage.takes(&process, "ana", &challenge, &code), "the keys that were read before stay");
    assert_eq!(stage.clock.now() - before, Duration::SECOND);
}
