//! One trigger call: who it is for, when it began, and what may be noted about it.

use core::future::Future;

use time::Duration;

use super::{
    Engine,
    deadline::{both, within},
};
use crate::{
    policy::Destination,
    ports::{
        ActId, Admission, AuditEvent, Charge, NumberFit, Occurrence, OnlyIf, Put, StoreError, Subject,
        SubjectKind,
    },
    types::{
        Binding, Claimant, ClientId, LiveChallenge, PhoneNumber, Pseudonyms, Purpose, Timestamp, UserName,
        UserPoolId,
    },
};

/// For whom a trigger was called, as the event says.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs)] // complete: what Cognito's event tells of a person
pub struct Requester<'a> {
    /// The user pool.
    pub pool: UserPoolId<'a>,
    /// The app client.
    pub client: ClientId<'a>,
    /// The user's own name in the pool.
    pub user: UserName<'a>,
    /// Whether the pool knows the user.
    pub claimant: Claimant,
    /// The user's phone number, if there is a sound one.
    pub phone: Option<PhoneNumber>,
}

/// Why nobody is texted. The outside cannot tell it from a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Decoy {
    Blocked,
    Unknown,
}

/// One call in progress.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) engine: &'a Engine,
    /// What codes are bound to. A decoy's is bound to no phone.
    pub(super) binding: Binding<'a>,
    pub(super) names: Pseudonyms,
    /// Set if this is a decoy: every answer to it is wrong.
    pub(super) decoy: Option<Decoy>,
    /// The rule that lets the phone be texted, and its terms; `None` for a decoy.
    pub(super) destination: Option<(&'a str, Destination)>,
    pub(super) started: Timestamp,
    /// When the call reached the engine: on a cold start later than `started`.
    entered: Timestamp,
    pub(super) deadline: Timestamp,
    pub(super) round: u8,
}

impl Engine {
    /// The rule that lets this number be texted, and its terms; `None` if none does, or it is of a kind that is not texted.
    pub(super) fn reaches(&self, phone: &PhoneNumber) -> Option<(&str, Destination)> {
        let fits = self.numbers.check(phone) == NumberFit::Fits;
        if fits { self.policy.destinations().find(phone) } else { None }
    }
}

impl<'a> Call<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        who: &Requester<'a>,
        purpose: Purpose,
        started: Timestamp,
        round: u8,
    ) -> Self {
        let known = who.phone.filter(|_| who.claimant == Claimant::Known);
        let destination = known.and_then(|phone| engine.reaches(&phone));
        let (phone, decoy) = match (known, destination) {
            (None, _) => (None, Some(Decoy::Unknown)),
            (Some(_), None) => (None, Some(Decoy::Blocked)),
            (Some(phone), Some(_)) => (Some(phone), None),
        };
        let (pool, client, user) = (who.pool, who.client, who.user);
        let binding = Binding { pool, client, user, phone, purpose };
        let names = engine.keys.pseudonyms(&binding);
        let deadline = started + engine.policy.trigger_deadline();
        let entered = engine.clock.now();
        Self { engine, binding, names, decoy, destination, started, entered, deadline, round }
    }

    /// Reads the clock anew; `None` once no act may be begun any more.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let now = self.engine.clock.now();
        if now < self.deadline {
            Some(now)
        } else {
            self.note(Occurrence::DeadlinePassed);
            None
        }
    }

    /// The record of the person's live challenge.
    pub(super) const fn person(&self) -> Subject {
        Subject::new(SubjectKind::Person, self.names.person)
    }

    pub(super) const fn phone(&self) -> Subject {
        Subject::new(SubjectKind::Phone, self.names.phone)
    }

    pub(super) const fn account(&self) -> Subject {
        Subject::new(SubjectKind::Account, self.names.account)
    }

    /// When a call that may have sent is answered, so that it takes the same time whether it did or not. Counted from when
    /// the engine could begin: a cold start must not eat the sender's time.
    pub(super) fn equal_time(&self) -> Timestamp {
        (self.entered + self.engine.policy.send_window()).min(self.deadline)
    }

    /// Until when a text may be on its way to the sender: it must not make the answer later than a decoy's.
    pub(super) fn send_until(&self) -> Timestamp {
        if self.engine.policy.send_window().is_zero() { self.deadline } else { self.equal_time() }
    }

    /// Writes the person's record of `live`, kept until no clock within the skew and no call begun before its expiry could
    /// still care.
    pub(super) async fn put_record(
        &self,
        value: &[u8],
        live: &LiveChallenge,
        only_if: OnlyIf<'_>,
    ) -> Option<Put> {
        let policy = &self.engine.policy;
        let dead_at = live.expires_at + policy.clock_skew() + policy.trigger_deadline();
        self.put(self.person(), value, dead_at, only_if).await
    }

    /// Writes a record, or learns what is there. `None` if that failed or came too late.
    pub(super) async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
    ) -> Option<Put> {
        let put = self.engine.ledger.put(subject, value, dead_at, only_if, self.now()?);
        self.answer(within(&*self.engine.clock, self.deadline, put).await)
    }

    /// Pays a bill, or learns what would not pay. `None` if that failed or came too late: then nothing was admitted.
    pub(super) async fn charge(&self, id: ActId, bill: &[Charge], until: Timestamp) -> Option<Admission> {
        let charge = self.engine.ledger.charge(id, bill, self.now()?);
        self.answer(within(&*self.engine.clock, until, charge).await)
    }

    /// Does `act`, and meanwhile lets the ledger look at what is going to be paid.
    pub(super) async fn foreseeing<F: Future>(&self, id: ActId, bill: &[Charge], act: F) -> F::Output {
        /// A look that takes longer saves nothing, and must not hold up what it stands beside.
        const PATIENCE: Duration = Duration::milliseconds(250);
        let Some(look) = self.engine.ledger.foresee(id, bill) else { return act.await };
        let until = self.deadline.min(self.engine.clock.now() + PATIENCE);
        both(act, within(&*self.engine.clock, until, look)).await.0
    }

    /// A port's answer; failures and late answers are noted and closed.
    fn answer<T>(&self, answer: Option<Result<T, StoreError>>) -> Option<T> {
        match answer {
            Some(Ok(value)) => Some(value),
            Some(Err(_)) | None => {
                self.note(Occurrence::LedgerFailed);
                None
            }
        }
    }

    pub(super) fn note(&self, occurrence: Occurrence) {
        let phone = self.binding.phone.map(Into::into);
        let event =
            AuditEvent::new(self.engine.clock.now(), occurrence, Some(self.names.account), phone, self.round);
        self.engine.audit.record(&event);
    }
}
