//! Wiring: what must be there, must be there at compile time.

use std::sync::Arc;

use super::{CustomAuth, Engine, origin::Origin};
use crate::{
    limits::Quotas,
    policy::Policy,
    ports::{
        AnyNumber, AuditSink, Clock, Discard, Entropy, Ledger, NumberRules, OsEntropy, SmsSender, Step,
        SystemClock,
    },
    types::{CodeKeys, StepName},
};

/// A part that was not given yet. It is no port, so [`build`](CustomAuthBuilder::build) does not exist.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs)] // a unit
pub struct Missing;

/// Puts a [`CustomAuth`] together. Keys, policy, sender and ledger must be given; `build` is there once they are.
///
/// ```compile_fail
/// // No sender and no ledger: this does not compile.
/// # let keys = custom_auth::CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
/// # let policy = custom_auth::Policy::builder().build().unwrap();
/// custom_auth::CustomAuth::builder().keys(keys).policy(policy).build();
/// ```
#[derive(Debug)]
#[must_use]
pub struct CustomAuthBuilder<K, P, S, L> {
    keys: K,
    policy: P,
    sms: S,
    ledger: L,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    audit: Arc<dyn AuditSink>,
    steps: Vec<(StepName, Arc<dyn Step>)>,
    numbers: Arc<dyn NumberRules>,
}

/// Parts that do not fit together. Found when the program starts, by [`build`](CustomAuthBuilder::build).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The plan names a step that nobody supplied.
    #[error("the plan has the step {0:?}, which was not given")]
    StepMissing(StepName),
    /// A step was given twice, or under the built-in step's name.
    #[error("the step {0:?} was given twice")]
    StepTwice(StepName),
    /// The policy's numbers make no quota. Please report it: the policy should have refused them.
    #[error("the policy's numbers make no quota; please report this")]
    Quota,
}

impl CustomAuth {
    /// Begins with the operating system's clock and randomness, and an audit that is discarded.
    pub fn builder() -> CustomAuthBuilder<Missing, Missing, Missing, Missing> {
        CustomAuthBuilder {
            keys: Missing,
            policy: Missing,
            sms: Missing,
            ledger: Missing,
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(OsEntropy::new()),
            audit: Arc::new(Discard),
            steps: Vec::new(),
            numbers: Arc::new(AnyNumber),
        }
    }
}

impl<K, P, S, L> CustomAuthBuilder<K, P, S, L> {
    /// The keys codes are derived from. Required.
    pub fn keys(self, keys: CodeKeys) -> CustomAuthBuilder<CodeKeys, P, S, L> {
        let Self { policy, sms, ledger, clock, entropy, audit, steps, numbers, .. } = self;
        CustomAuthBuilder { keys, policy, sms, ledger, clock, entropy, audit, steps, numbers }
    }

    /// What the host has chosen: lengths, lifetimes, limits, destinations, the text and the plan. Required.
    pub fn policy(self, policy: Policy) -> CustomAuthBuilder<K, Policy, S, L> {
        let Self { keys, sms, ledger, clock, entropy, audit, steps, numbers, .. } = self;
        CustomAuthBuilder { keys, policy, sms, ledger, clock, entropy, audit, steps, numbers }
    }

    /// Who sends the texts. Required. Called by *create* only, once per text that every limit has admitted.
    pub fn sms(self, sender: impl SmsSender) -> CustomAuthBuilder<K, P, Arc<dyn SmsSender>, L> {
        let Self { keys, policy, ledger, clock, entropy, audit, steps, numbers, .. } = self;
        CustomAuthBuilder {
            keys,
            policy,
            sms: Arc::new(sender),
            ledger,
            clock,
            entropy,
            audit,
            steps,
            numbers,
        }
    }

    /// Where limits and live challenges are kept. Required. Every process of one app must share it.
    pub fn ledger(self, ledger: impl Ledger) -> CustomAuthBuilder<K, P, S, Arc<dyn Ledger>> {
        let Self { keys, policy, sms, clock, entropy, audit, steps, numbers, .. } = self;
        CustomAuthBuilder {
            keys,
            policy,
            sms,
            ledger: Arc::new(ledger),
            clock,
            entropy,
            audit,
            steps,
            numbers,
        }
    }

    /// Another clock. Default: the operating system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of randomness. Default: the operating system's.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Where events go; the outside hears none of them. Default: nowhere, which leaves an operator blind.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.audit = Arc::new(sink);
        self
    }

    /// What is known of numbers beyond their form, such as a `PhoneNumberReader` (feature `phonenumber`): whoever has one
    /// that does not fit is not texted, and cannot sign up. Default: the policy's destinations alone.
    pub fn numbers(mut self, rules: impl NumberRules) -> Self {
        self.numbers = Arc::new(rules);
        self
    }

    /// A step of the host's own, under the name that the policy's plan has for it.
    pub fn step(mut self, name: StepName, step: impl Step) -> Self {
        self.steps.push((name, Arc::new(step)));
        self
    }
}

impl CustomAuthBuilder<CodeKeys, Policy, Arc<dyn SmsSender>, Arc<dyn Ledger>> {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// [`BuildError`] if the plan and the given steps do not match.
    pub fn build(self) -> Result<CustomAuth, BuildError> {
        let Self { keys, policy, sms, ledger, clock, entropy, audit, steps, numbers } = self;
        let known = |wanted: &StepName| {
            steps.iter().any(|(name, _)| name == wanted) || *wanted == StepName::sms_code()
        };
        if let Some(missing) = policy.plan().steps().iter().find(|step| !known(step)) {
            return Err(BuildError::StepMissing(*missing));
        }
        for (place, (name, _)) in steps.iter().enumerate() {
            if *name == StepName::sms_code() || steps.iter().take(place).any(|(earlier, _)| earlier == name) {
                return Err(BuildError::StepTwice(*name));
            }
        }
        let quotas = Quotas::of(&policy).map_err(|_| BuildError::Quota)?;
        let (origin, accounts) = (Arc::new(Origin::new(&*entropy)), None);
        let engine = Engine {
            keys,
            policy,
            quotas,
            sms,
            ledger,
            clock,
            entropy,
            audit,
            steps,
            numbers,
            accounts,
            origin,
        };
        Ok(CustomAuth(Arc::new(engine)))
    }
}
