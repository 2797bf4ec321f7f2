//! The ledger.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::{
    Inner,
    tables::{Entry, Failure, Tables, committed_entry},
};
use crate::{
    limits::{Payer, millis},
    ports::{
        ActId, Admission, Charge, Ledger, MAX_CHARGES, OnlyIf, Put, StoreError, Subject,
        counts::{Payment, Scratch, pay_all},
    },
    types::Timestamp,
};

/// A [`Ledger`] in the file of a [`RedbStore`](super::RedbStore): exact to the millisecond, and durable.
#[derive(Clone)]
pub struct RedbLedger {
    inner: Arc<Inner>,
    capacity: u64,
}

/// Tells a record from counts. No kind has a code so high.
const RECORD: u8 = 0x80;
/// How many dead entries a call drops at most; more than it adds.
const DROPPED: usize = 16;
/// An entry is dropped no sooner than so many milliseconds after its death: a caller whose clock is behind by less finds it.
const GRACE: u64 = 60_000;

impl RedbLedger {
    pub(super) const fn new(inner: Arc<Inner>, capacity: u64) -> Self {
        Self { inner, capacity }
    }

    /// Who pays: what is kept of an act's id.
    fn payer(&self, id: ActId) -> Payer {
        let mut hash = Sha256::new();
        for half in self.inner.database.salt() {
            hash.update(half.to_be_bytes());
        }
        hash.update(id.as_bytes());
        let full: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, e, f, ..] = full;
        Payer([a, b, c, d, e, f])
    }
}

#[async_trait]
impl Ledger for RedbLedger {
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] for more than [`MAX_CHARGES`] charges, of which none is paid.
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        if charges.len() > MAX_CHARGES {
            return Err(StoreError::Corrupt("more charges than a call may carry".into()));
        }
        let (payer, charges, capacity) = (self.payer(id), charges.to_vec(), self.capacity);
        self.inner.writer.write(move |tables| charge(tables, payer, &charges, now, capacity)).await
    }

    /// A record that stands in the way is seen without waiting for the disk: it is there already. So is one that is swapped for itself,
    /// which is how it is read.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let key = key(subject, RECORD);
        let committed = self.inner.database.read(|transaction| committed_entry(transaction, &key))?;
        if let Err(held) = allows(committed.as_ref(), only_if, now) {
            return Ok(Put::Held(held));
        }
        let old = match only_if {
            OnlyIf::Absent => None,
            OnlyIf::Is(old) => Some(old.to_vec()),
        };
        let entry = Entry { dead_at: millis(dead_at), bytes: value.to_vec() };
        if committed.as_ref() == Some(&entry) && only_if == OnlyIf::Is(value) {
            return Ok(Put::Done);
        }
        let capacity = self.capacity;
        let work = move |tables: &mut Tables<'_>| {
            let held = tables.entry(&key)?;
            let only_if = old.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
            if let Err(held) = allows(held.as_ref(), only_if, now) {
                return Ok(Ok(Put::Held(held)));
            }
            if held.is_none() && !has_room(tables, now, capacity)? {
                return Ok(Err(StoreError::Full));
            }
            tables.set_entry(&key, held.as_ref(), &entry)?;
            Ok(Ok(Put::Done))
        };
        self.inner.writer.write(work).await
    }
}

/// Whether a record may be written over what is held; else what is live of it.
fn allows(held: Option<&Entry>, only_if: OnlyIf<'_>, now: Timestamp) -> Result<(), Option<Vec<u8>>> {
    let live = held.filter(|held| millis(now) < held.dead_at).map(|held| held.bytes.as_slice());
    let allowed = match only_if {
        OnlyIf::Absent => live.is_none(),
        OnlyIf::Is(old) => live == Some(old),
    };
    if allowed { Ok(()) } else { Err(live.map(<[u8]>::to_vec)) }
}

fn charge(
    tables: &mut Tables<'_>,
    payer: Payer,
    charges: &[Charge],
    now: Timestamp,
    capacity: u64,
) -> Result<Result<Admission, StoreError>, Failure> {
    let (mut admission, mut scratch, mut first) = (Admission::new(), Scratch::new(), 0);
    for group in charges.chunk_by(|one, next| one.key.subject == next.key.subject) {
        let Some(subject) = group.first().map(|charge| charge.key.subject) else { break };
        let key = key(subject, 0);
        let held = tables.entry(&key)?;
        // No count is kept from a moment before what was dropped: a clock that goes back behind it is taken to have been there.
        let time = millis(now).max(tables.dropped()?);
        let before = held.as_ref().map_or((&[][..], 0), |held| (held.bytes.as_slice(), held.dead_at));
        let payment = match pay_all(before, payer, (first, group), (time, now), &mut admission, &mut scratch)
        {
            Ok(payment) => payment,
            Err(error) => return Ok(Err(error)),
        };
        match payment {
            Payment::Refused => break,
            Payment::Nothing => {}
            Payment::Paid(dead_at) => {
                if held.is_none() && !has_room(tables, now, capacity)? {
                    return Ok(Err(StoreError::Full));
                }
                let entry = Entry { dead_at, bytes: scratch.paid().to_vec() };
                tables.set_entry(&key, held.as_ref(), &entry)?;
            }
        }
        first += group.len();
    }
    Ok(Ok(admission))
}

/// Whether an entry can be added; drops a few dead ones on the way.
fn has_room(tables: &mut Tables<'_>, now: Timestamp, capacity: u64) -> Result<bool, Failure> {
    tables.drop_dead(millis(now).saturating_sub(GRACE), DROPPED)?;
    Ok(tables.entries()? < capacity)
}

fn key(subject: Subject, lane: u8) -> [u8; 17] {
    let mut key = [subject.kind.code() | lane; 17];
    if let Some(id) = key.last_chunk_mut::<16>() {
        *id = *subject.id.as_bytes();
    }
    key
}

impl fmt::Debug for RedbLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbLedger").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
