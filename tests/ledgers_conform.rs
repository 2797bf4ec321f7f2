//! Every ledger keeps the port's contract, and the suite sees when one does not.
#![allow(clippy::unwrap_used)] // all of this file is test

use core::future::ready;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Ledger, MemoryLedger, OnlyIf, Put, Standing, StoreError, Subject, Timestamp,
    conformance::{LedgerTraits, ledger_conforms},
};

const SMALL: usize = 200;

fn memory(capacity: Option<usize>) -> MemoryLedger {
    capacity.map_or_else(MemoryLedger::new, MemoryLedger::with_capacity)
}

#[tokio::test]
async fn the_memory_ledger_conforms() {
    let traits = LedgerTraits::new().with_capacity(SMALL);
    ledger_conforms(traits, |capacity| ready(memory(capacity))).await;
}

#[tokio::test]
async fn the_memory_ledger_conforms_behind_a_box() {
    let traits = LedgerTraits::new().with_capacity(SMALL).without_threads();
    ledger_conforms(traits, |capacity| ready(Box::new(memory(capacity)) as Box<dyn Ledger>)).await;
}

#[tokio::test]
async fn the_memory_ledger_conforms_behind_an_arc() {
    let traits = LedgerTraits::new().with_capacity(SMALL);
    ledger_conforms(traits, |capacity| ready(Arc::new(memory(capacity)) as Arc<dyn Ledger>)).await;
}

/// Which promise to break.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Counts by the clock's ten minutes: twice the capacity around their edge.
    FixedWindow,
    /// Takes every call for another act.
    ForgetsActs,
    /// Believes the clock when it goes backwards.
    ForgetsTheFuture,
    /// Asks first and pays later.
    ReadsThenWrites,
    /// Pays charge by charge.
    PaysApart,
    /// Writes over what is there.
    WritesOver,
    /// Drops everything when it is full.
    Evicts,
}

/// A memory ledger with one fault.
#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: Mutex<Arc<MemoryLedger>>,
    acts: AtomicU64,
    newest: Mutex<HashMap<Subject, Timestamp>>,
}

impl Faulty {
    fn new(fault: Fault, capacity: Option<usize>) -> Self {
        let inner = Mutex::new(Arc::new(memory(capacity)));
        Self { fault, inner, acts: AtomicU64::new(0), newest: Mutex::default() }
    }

    fn inner(&self) -> Arc<MemoryLedger> {
        Arc::clone(&self.inner.lock().unwrap())
    }

    fn fresh_act(&self) -> ActId {
        ActId::from_bytes(u128::from(self.acts.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
    }
}

#[async_trait]
impl Ledger for Faulty {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        match self.fault {
            Fault::FixedWindow => {
                let millis = now.as_unix_millis();
                let floor = Timestamp::from_unix_millis(millis - millis.rem_euclid(600_000));
                self.inner().charge(id, charges, floor).await
            }
            Fault::ForgetsActs => self.inner().charge(self.fresh_act(), charges, now).await,
            Fault::ForgetsTheFuture => {
                let subject = charges.first().map(|charge| charge.key.subject);
                let newest = subject.and_then(|subject| self.newest.lock().unwrap().insert(subject, now));
                if newest.is_some_and(|newest| newest > now) {
                    *self.inner.lock().unwrap() = Arc::default();
                }
                self.inner().charge(id, charges, now).await
            }
            Fault::ReadsThenWrites => {
                let asked: Vec<_> =
                    charges.iter().map(|c| Charge::new(c.key.subject, c.key.quota, 0)).collect();
                let inner = self.inner();
                let before = inner.charge(id, &asked, now).await?;
                std::thread::yield_now();
                tokio::task::yield_now().await;
                let room = |place: usize| before.standing(place).map_or(0, |s| s.remaining);
                let fits = (0..).zip(charges).all(|(place, charge)| room(place) >= charge.cost);
                let answer = inner.charge(id, charges, now).await?;
                if fits && answer.refused().is_some() {
                    // What was read says that it fits, so it is written, whatever has been paid since.
                    let mut admission = Admission::new();
                    admission.note(0, Standing::new(0, now));
                    return Ok(admission);
                }
                Ok(answer)
            }
            Fault::PaysApart => {
                let mut admission = Admission::new();
                for (place, charge) in charges.iter().enumerate() {
                    let one = self.inner().charge(id, core::slice::from_ref(charge), now).await?;
                    if let Some(standing) = one.standing(0) {
                        admission.note(place, standing);
                    }
                    if let Some(refusal) = one.refused() {
                        admission.refuse(place, refusal.retry_at);
                        break;
                    }
                }
                Ok(admission)
            }
            Fault::Evicts => match self.inner().charge(id, charges, now).await {
                Err(StoreError::Full) => {
                    *self.inner.lock().unwrap() = Arc::new(MemoryLedger::with_capacity(SMALL));
                    self.inner().charge(id, charges, now).await
                }
                answer => answer,
            },
            Fault::WritesOver => self.inner().charge(id, charges, now).await,
        }
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let answer = self.inner().put(subject, value, dead_at, only_if, now).await?;
        Ok(if self.fault == Fault::WritesOver { Put::Done } else { answer })
    }
}

async fn suite(fault: Fault) {
    let traits = LedgerTraits::new().with_capacity(SMALL);
    ledger_conforms(traits, |capacity| ready(Faulty::new(fault, capacity))).await;
}

macro_rules! caught {
    ($($name:ident: $fault:ident, $sentence:literal;)+) => { $(
        #[tokio::test]
        #[should_panic(expected = $sentence)]
        async fn $name() {
            suite(Fault::$fault).await;
        }
    )+ };
}
caught! {
    a_fixed_window_is_caught: FixedWindow, "a_log_admits_its_capacity_and_no_more";
    a_ledger_that_charges_an_act_twice_is_caught: ForgetsActs, "the same act pays once";
    a_ledger_that_lets_time_go_backwards_is_caught: ForgetsTheFuture, "a payment counts from the later of now";
    a_ledger_that_reads_then_writes_is_caught: ReadsThenWrites, "never admitted beyond the capacity";
    a_ledger_that_pays_one_charge_of_two_is_caught: PaysApart, "has paid in none of its quotas";
    a_ledger_that_writes_over_a_record_is_caught: WritesOver, "a live record is not written over";
    a_ledger_that_evicts_the_living_is_caught: Evicts, "no live entry is evicted";
}

#[tokio::test]
#[should_panic(expected = "never admitted beyond the capacity")]
async fn a_ledger_that_reads_then_writes_is_caught_without_threads() {
    let traits = LedgerTraits::new().without_threads();
    ledger_conforms(traits, |capacity| ready(Faulty::new(Fault::ReadsThenWrites, capacity))).await;
}
