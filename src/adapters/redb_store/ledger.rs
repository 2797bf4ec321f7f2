//! The ledger.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::{
    Inner,
    tables::{Entry, Failure, Key, Tables},
};
use crate::{
    limits::{Payer, millis},
    ports::{
        ActId, Admission, Charge, Ledger, MAX_CHARGES, OnlyIf, Put, StoreError, Subject, SubjectKind,
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
/// At how many entries a call looks for each that it adds, to drop them if they are dead: where as many come as die, about one in so many
/// is dead.
const LOOKED_AT: usize = 16;
/// At how many more a write looks once, if there is no room.
const LOOKED_AT_IF_FULL: usize = 1_000;
/// An entry is dropped no sooner than so many milliseconds after its death: a caller whose clock is behind by less finds it.
/// One whose clock is ahead by more drops what others still need, and their charges then count at the latest of those deaths.
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

    /// A record that is swapped for itself, which is how it is read, is seen without waiting for the disk: it is there already. So is one
    /// that stands where there is to be none, but for those that are named by chance: they are there only if something comes twice.
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
        let entry = Entry { dead_at: millis(dead_at), bytes: value.to_vec() };
        if is_worth_a_look(subject.kind, only_if, value) {
            let committed = self.inner.database.read(|committed| committed.entry(&key))?;
            if let Err(held) = allows(committed.as_ref(), only_if, now) {
                return Ok(Put::Held(held));
            }
            if committed.as_ref() == Some(&entry) && only_if == OnlyIf::Is(value) {
                return Ok(Put::Done);
            }
        }
        let old = match only_if {
            OnlyIf::Absent => None,
            OnlyIf::Is(old) => Some(old.to_vec()),
        };
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
            tables.set_entry(&key, &entry)?;
            Ok(Ok(Put::Done))
        };
        self.inner.writer.write(work).await
    }
}

/// Whether what was committed last may well be the answer.
fn is_worth_a_look(kind: SubjectKind, only_if: OnlyIf<'_>, value: &[u8]) -> bool {
    match only_if {
        OnlyIf::Absent => !matches!(kind, SubjectKind::Token | SubjectKind::TokenFamily),
        OnlyIf::Is(old) => old == value,
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
                tables.set_entry(&key, &entry)?;
            }
        }
        first += group.len();
    }
    Ok(Ok(admission))
}

/// Whether an entry can be added; drops a few dead ones on the way.
fn has_room(tables: &mut Tables<'_>, now: Timestamp, capacity: u64) -> Result<bool, Failure> {
    let time = millis(now).saturating_sub(GRACE);
    tables.drop_dead(time, LOOKED_AT)?;
    if tables.entries()? >= capacity && !tables.has_looked_far {
        tables.has_looked_far = true;
        tables.drop_dead(time, LOOKED_AT_IF_FULL)?;
    }
    Ok(tables.entries()? < capacity)
}

/// What one call touches lies together, since each page that is written costs: a phone and its series of failures have one name; what is
/// new is named by its second; and of what all others share there is little.
const fn shelf(kind: SubjectKind) -> u8 {
    match kind {
        SubjectKind::Phone
        | SubjectKind::Account
        | SubjectKind::Series
        | SubjectKind::Person
        | SubjectKind::PendingNumber => 0,
        SubjectKind::Prefix | SubjectKind::Destination | SubjectKind::Everybody | SubjectKind::Client => 1,
        SubjectKind::Challenge | SubjectKind::Token | SubjectKind::TokenFamily => 2,
    }
}

fn key(subject: Subject, lane: u8) -> Key {
    let mut key = Key::default();
    let [place, name @ .., kind] = &mut key;
    *place = shelf(subject.kind);
    *name = *subject.id.as_bytes();
    *kind = subject.kind.code() | lane;
    key
}

impl fmt::Debug for RedbLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbLedger").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
