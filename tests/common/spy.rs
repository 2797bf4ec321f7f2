//! Who looks on: what the ledger truly did, and what each call asked, heard, sent and noted, in one journal.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, AuditEvent, AuditSink, Charge, Clock as _, CustomAuth, Foresight, Ledger, LiveRecord,
    LiveState, Occurrence, OnlyIf, PhoneNumber, Put, SendError, SendReceipt, SmsMessage, SmsSender,
    StoreError, Subject, Timestamp,
    testing::{Fault, Faulty, ManualClock},
};

use super::World;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    pub at: Timestamp,
    /// Which call; none for what the ledger did.
    pub call: Option<usize>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// The ledger wrote a record of a person.
    Wrote { subject: Subject, value: Vec<u8>, over: Option<Vec<u8>> },
    /// The ledger answered a bill.
    Billed { id: ActId, charges: Vec<Charge>, refused: Option<usize> },
    /// A call heard that its bill was paid.
    HeardPaid { charges: Vec<Charge> },
    /// A call went to write that it redeemed a challenge: it had compared, and found the answer right.
    WentToRedeem,
    /// A call handed a text to the sender.
    Texted { to: PhoneNumber, body: String },
    /// A call made a note.
    Noted(Occurrence),
}

/// Everything, in the order in which it happened.
#[derive(Clone, Debug)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
    clock: ManualClock,
}

impl Journal {
    pub fn new(clock: &ManualClock) -> Self {
        Self { entries: Arc::default(), clock: clock.clone() }
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    pub fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn add(&self, call: Option<usize>, what: What) {
        let at = self.clock.now();
        self.entries.lock().unwrap().push(Entry { at, call, what });
    }
}

/// What the ledger truly did: stands between the store and everything that can go wrong on the way to it.
#[derive(Clone, Debug)]
pub struct Truth<L> {
    inner: L,
    journal: Journal,
}

/// One call's own view of the ports.
#[derive(Clone, Debug)]
struct Caller {
    call: usize,
    journal: Journal,
    ledger: Arc<Faulty<Truth<Arc<dyn Ledger>>>>,
    sms: Arc<dyn SmsSender>,
}

/// A world in which every call is a process of its own, and is looked at.
pub struct Watched {
    pub world: World,
    pub journal: Journal,
    pub ledger: Arc<Faulty<Truth<Arc<dyn Ledger>>>>,
}

impl Watched {
    pub fn new(world: World) -> Self {
        Self::failing(world, None)
    }

    /// The ledger fails as told: the n-th call, with this fault.
    pub fn failing(world: World, fault: Option<(u64, Fault)>) -> Self {
        let journal = Journal::new(&world.clock);
        let mut ledger = Faulty::new(Truth { inner: super::ledger(&world.clock), journal: journal.clone() });
        if let Some((nth, fault)) = fault {
            ledger = ledger.failing(nth, fault);
        }
        Self { world, journal, ledger: Arc::new(ledger) }
    }

    /// The ledger's `nth` call from now on (from 1) fails.
    pub fn fail(&self, nth: u64, fault: Fault) {
        let shares_the_plan = Faulty::clone(&self.ledger);
        drop(shares_the_plan.failing(self.ledger.calls() + nth, fault));
    }

    /// A process that serves one call.
    pub fn engine(&self, call: usize) -> CustomAuth {
        let sms = Arc::clone(&self.world.sms) as Arc<dyn SmsSender>;
        let caller = Caller { call, journal: self.journal.clone(), ledger: Arc::clone(&self.ledger), sms };
        CustomAuth::builder()
            .keys(self.world.keys.clone())
            .policy(self.world.policy.clone())
            .sms(caller.clone())
            .ledger(caller.clone())
            .clock(self.world.clock.clone())
            .entropy(self.world.entropy.clone())
            .audit(caller)
            .build()
            .unwrap()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

#[async_trait]
impl<L: Ledger> Ledger for Truth<L> {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        let answer = self.inner.charge(id, charges, now).await;
        if let Ok(admission) = &answer {
            let refused = admission.refused().map(|refusal| refusal.which);
            self.journal.add(None, What::Billed { id, charges: charges.to_vec(), refused });
        }
        answer
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let answer = self.inner.put(subject, value, dead_at, only_if, now).await;
        let over = match only_if {
            OnlyIf::Absent => None,
            OnlyIf::Is(old) => Some(old.to_vec()),
        };
        if matches!(answer, Ok(Put::Done)) && over.as_deref() != Some(value) {
            self.journal.add(None, What::Wrote { subject, value: value.to_vec(), over });
        }
        answer
    }

    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        self.inner.foresee(id, charges)
    }
}

#[async_trait]
impl Ledger for Caller {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        let answer = self.ledger.charge(id, charges, now).await;
        if matches!(&answer, Ok(admission) if admission.refused().is_none()) {
            self.journal.add(Some(self.call), What::HeardPaid { charges: charges.to_vec() });
        }
        answer
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        if matches!(LiveRecord::decode(value), Some(LiveRecord { state: LiveState::Redeemed { .. }, .. })) {
            self.journal.add(Some(self.call), What::WentToRedeem);
        }
        self.ledger.put(subject, value, dead_at, only_if, now).await
    }

    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        self.ledger.foresee(id, charges)
    }
}

#[async_trait]
impl SmsSender for Caller {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let body = message.body.expose_secret().to_owned();
        self.journal.add(Some(self.call), What::Texted { to: message.to, body });
        self.sms.send(message).await
    }
}

impl AuditSink for Caller {
    fn record(&self, event: &AuditEvent) {
        self.journal.add(Some(self.call), What::Noted(event.occurrence));
    }
}
