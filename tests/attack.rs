//! The attack in miniature: codes of three digits, so that luck can be counted. Whatever the attacker does, no account
//! falls more often than the policy's arithmetic says; and against a ledger that forgets, the same attacker wins often.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod common;

use core::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use common::{Person, SignIn, World, policy, strict};
use custom_auth::{
    ActId, Action, Admission, Charge, Clock as _, CodeLength, CustomAuth, Ledger, MemoryLedger, Occurrence,
    OnlyIf, PolicyBuilder, Put, QuotaName, Standing, StoreError, Subject, Timestamp,
    machine::Verdict,
    testing::{Interleaving, ManualClock, RecordingAudit, RecordingSms, SeededEntropy, SplitMix64},
};
use time::Duration;

const SPACE: f64 = 1_000.0;
const TRIALS: u32 = 250;
/// Less the minute that the last burst takes, so that one day's window holds it all.
const DAY: Duration = Duration::minutes(24 * 60 - 1);

/// A ledger that keeps records and forgets every charge.
#[derive(Debug)]
struct Forgetful(MemoryLedger);

#[async_trait]
impl Ledger for Forgetful {
    async fn charge(&self, _: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        let mut admission = Admission::new();
        for (place, charge) in charges.iter().enumerate() {
            // Every challenge looks texted, and nothing else looks paid.
            let texted = charge.key.quota.name == QuotaName::Texted;
            admission.note(place, Standing::new(if texted { 0 } else { 3 }, now));
        }
        Ok(admission)
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.0.put(subject, value, dead_at, only_if, now).await
    }
}

/// What came of many days of attack, each on an account of its own.
#[derive(Debug)]
struct Outcome {
    takeovers: u32,
    most_compared: usize,
    compared: usize,
}

/// Attacks one account for a day from many sessions at several clients. Whether it fell, and how many answers were
/// compared.
fn a_day_of_attack(
    auth: &CustomAuth,
    clock: &ManualClock,
    audit: &RecordingAudit,
    seed: u64,
) -> (bool, usize) {
    let mut prng = SplitMix64::new(seed);
    let end = clock.now() + DAY;
    let mut guess = prng.below(1_000);
    let mut fell = false;
    while clock.now() < end && !fell {
        let clients = ["a", "b", "c"];
        let mut sessions: Vec<SignIn> = (0..3)
            .map(|_| {
                let client = clients[prng.below(clients.len())];
                SignIn::new(auth.clone(), Person { client, ..Person::known("victim", "+919999900001") })
            })
            .collect();
        let now = clock.now();
        let starts = sessions.iter_mut().map(|one| Box::pin(one.present(Action::Answer, now)) as _).collect();
        Interleaving::new(clock, prng.next()).run::<()>(starts);
        // Every session answers several times at once: with guesses that are never repeated, or sprayed at random.
        type Task<'a> = Pin<Box<dyn Future<Output = Verdict> + 'a>>;
        let spray = prng.one_in(4);
        let (now, mut answers) = (clock.now(), Vec::new());
        for _ in 0..6 {
            guess = if spray { prng.below(1_000) } else { (guess + 1) % 1_000 };
            let answer = (prng.below(sessions.len()), format!("{guess:03}"));
            // The same answer in the same round is one act: paid once, however often it is asked about.
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        let tasks: Vec<Task<'_>> = answers
            .iter()
            .map(|(place, answer)| Box::pin(sessions[*place].verify(answer, Action::Answer, now)) as Task<'_>)
            .collect();
        let verdicts = Interleaving::new(clock, prng.next()).run(tasks);
        fell = verdicts.iter().flatten().any(|verdict| verdict.is_right());
        // One asks for the code again, which must not mean fresh tries.
        if let Some(one) = sessions.first_mut().filter(|_| prng.one_in(2)) {
            one.push(Verdict::NotLookedAt);
            let began = clock.now();
            custom_auth::testing::run(clock, one.present(Action::Resend, began));
        }
        let minutes = i64::try_from(prng.below(60)).unwrap();
        clock.advance(Duration::minutes(minutes + 5));
    }
    (fell, audit.count(Occurrence::AnswerWrong) + audit.count(Occurrence::AnswerAccepted))
}

fn attack(policy: &PolicyBuilder, forgets: bool) -> Outcome {
    let mut outcome = Outcome { takeovers: 0, most_compared: 0, compared: 0 };
    for trial in 0..TRIALS {
        let world = World::under(policy.clone().code_length(CodeLength::danger_three_digits()));
        let ledger: Arc<dyn Ledger> =
            if forgets { Arc::new(Forgetful(MemoryLedger::new())) } else { Arc::new(MemoryLedger::new()) };
        let auth = CustomAuth::builder()
            .keys(world.keys.clone())
            .policy(world.policy.clone())
            .sms(RecordingSms::new())
            .ledger(ledger)
            .clock(world.clock.clone())
            .entropy(SeededEntropy::new(u64::from(trial)))
            .audit(world.audit.clone())
            .build()
            .unwrap();
        let (fell, compared) = a_day_of_attack(&auth, &world.clock, &world.audit, u64::from(trial));
        outcome.takeovers += u32::from(fell);
        outcome.compared += compared;
        // Whoever got in may compare what it knows again.
        if !fell {
            outcome.most_compared = outcome.most_compared.max(compared);
        }
    }
    outcome
}

/// Binomial: the expectation and four standard deviations, which chance passes once in 30,000.
fn bound(guesses: u32) -> f64 {
    let (trials, odds) = (f64::from(TRIALS), f64::from(guesses) / SPACE);
    trials * odds + 4.0 * (trials * odds * (1.0 - odds)).sqrt()
}

fn holds(policy: &PolicyBuilder) {
    let guesses = policy.clone().build().unwrap().guesses_per_day();
    let outcome = attack(policy, false);
    println!("{outcome:?} of {TRIALS} days, seeds 0..{TRIALS}, bound {:.1}", bound(guesses));
    assert!(f64::from(outcome.takeovers) <= bound(guesses), "{outcome:?}, seeds 0..{TRIALS}");
    assert!(outcome.most_compared <= guesses as usize, "I3: {outcome:?}");
    assert!(outcome.compared >= TRIALS as usize, "the attack got through to the comparison: {outcome:?}");
}

#[test]
fn i3_a_day_of_attack_under_the_default_policy_succeeds_no_oftener_than_its_odds() {
    holds(&policy());
}

#[test]
fn i3_a_day_of_attack_under_a_strict_policy_succeeds_no_oftener_than_its_odds() {
    holds(&strict().guesses_per_day(10));
}

#[test]
fn i3_a_day_of_attack_with_one_try_a_challenge_succeeds_no_oftener_than_its_odds() {
    holds(&policy().tries_per_challenge(1).guesses_per_day(5));
}

#[test]
fn i3_a_day_of_attack_with_many_texts_succeeds_no_oftener_than_its_odds() {
    holds(&policy().tries_per_challenge(5).sends_per_phone(vec![(100, 86_400)]).guesses_per_day(40));
}

#[test]
fn against_a_ledger_that_forgets_the_same_attack_takes_many_more_accounts() {
    let outcome = attack(&policy(), true);
    println!("{outcome:?} of {TRIALS} days, without limits");
    assert!(f64::from(outcome.takeovers) > 2.0 * bound(20), "{outcome:?}");
}
