//! One part of the store, behind one lock.

use super::{
    blob,
    key::{Key, Spread},
    table::Table,
};
use crate::{
    Admission, Charge, OnlyIf, Put, Standing, StoreError, Timestamp,
    limits::{Answer, Payer, Room, Tally, millis},
};
use core::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

/// How many entries are looked at for each one that is added, in search of dead ones. More than one, so that the dead
/// are found faster than others take their place. A call that adds nothing looks at none.
const LOOKS: usize = 3;
/// How often that is done before a call is refused for want of room.
const LAST_LOOKS: usize = 22;
/// An entry is dropped no sooner than so many milliseconds after its death: a caller whose clock is behind by less, or
/// went back by less, finds it.
const GRACE: u64 = 60_000;

/// A subject as a key, and its hash.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) key: Key,
    pub(super) hash: u64,
}

/// How many entries there are, and may be.
#[derive(Debug)]
pub(super) struct Occupancy {
    entries: AtomicUsize,
    capacity: usize,
}

/// A part of the subjects' counts and of the records.
///
/// Every change is made in `scratch` first and put in place by one assignment: a panic leaves what was there.
pub(super) struct Shard {
    counts: Table<Counts>,
    records: Table<Record>,
    /// The latest death among the counts that were dropped. No count is kept from an earlier moment: a clock that goes
    /// back behind it is taken to have been there.
    dropped: u64,
    scratch: Scratch,
}

/// All that was paid for one subject.
struct Counts {
    blob: Box<[u8]>,
    /// When all of it is dead, in milliseconds. Beside the bytes, so that looking for the dead does not fetch them.
    dead_at: u64,
}

struct Record {
    value: Box<[u8]>,
    dead_at: Timestamp,
}

#[derive(Default)]
struct Scratch {
    counts: Vec<u8>,
    blob: Vec<u8>,
    next: Vec<u8>,
}

impl Shard {
    pub(super) fn new(spread: Spread) -> Self {
        let (counts, records) = (Table::new(spread), Table::new(spread));
        Self { counts, records, dropped: 0, scratch: Scratch::default() }
    }

    /// Pays the charges of one subject, of which the first is the call's charge number `first`, together or not at
    /// all. Says whether they were paid.
    pub(super) fn charge(
        &mut self,
        place: Place,
        payer: Payer,
        (first, charges): (usize, &[Charge]),
        now: Timestamp,
        (occupancy, admission): (&Occupancy, &mut Admission),
    ) -> Result<bool, StoreError> {
        let time = millis(now).max(self.dropped);
        let held = self.counts.get_mut(&place.key, place.hash);
        let before: &[u8] = held.as_ref().map_or(&[], |held| &held.blob);
        let mut dead_at = held.as_ref().map_or(0, |held| held.dead_at);
        let scratch = &mut self.scratch;
        let (mut refused, mut paid) = (false, false);
        for (number, charge) in (first..).zip(charges) {
            let blob = if paid { &scratch.blob } else { before };
            let (answer, room, dies_at) =
                pay(charge, payer, blob, time, (&mut scratch.counts, &mut scratch.next))
                    .ok_or_else(unreadable)?;
            admission.note(number, standing(room, now));
            match answer {
                Answer::Settled => {}
                Answer::Fits => {
                    dead_at = dead_at.max(dies_at);
                    core::mem::swap(&mut scratch.blob, &mut scratch.next);
                    paid = true;
                }
                Answer::Wait(retry_at) => {
                    admission.refuse(number, retry_at);
                    refused = true;
                    break;
                }
            }
        }
        if refused || names_one_quota_twice(charges) {
            // What was noted is not how they stand after the call.
            let after = if refused || !paid { before } else { &scratch.blob };
            for (number, charge) in (first..).zip(charges) {
                let counts = blob::find(after, blob::tag(&charge.key.quota));
                let room = counts.and_then(|counts| Tally::read(&charge.key.quota, counts, time)?.room());
                admission.note(number, standing(room.ok_or_else(unreadable)?, now));
            }
        }
        if refused || !paid {
            return Ok(!refused);
        }
        match held {
            Some(held) if held.blob.len() == scratch.blob.len() => {
                held.blob.copy_from_slice(&scratch.blob);
                held.dead_at = dead_at;
            }
            Some(held) => *held = Counts { blob: scratch.blob.as_slice().into(), dead_at },
            None => {
                let counts = Counts { blob: scratch.blob.as_slice().into(), dead_at };
                self.sweep_counts(now, occupancy);
                if self.counts.is_full() {
                    return Err(StoreError::Full);
                }
                self.make_room(now, occupancy)?;
                self.counts.insert(place.key, place.hash, counts);
            }
        }
        Ok(true)
    }

    pub(super) fn put(
        &mut self,
        place: Place,
        (value, dead_at): (&[u8], Timestamp),
        only_if: OnlyIf<'_>,
        now: Timestamp,
        occupancy: &Occupancy,
    ) -> Result<Put, StoreError> {
        let held = self.records.get_mut(&place.key, place.hash);
        let live = held.as_ref().filter(|record| now < record.dead_at).map(|record| &*record.value);
        let allowed = match only_if {
            OnlyIf::Absent => live.is_none(),
            OnlyIf::Is(old) => live == Some(old),
        };
        if !allowed {
            return Ok(Put::Held(live.map(<[u8]>::to_vec)));
        }
        match held {
            Some(held) if held.value.len() == value.len() => {
                held.value.copy_from_slice(value);
                held.dead_at = dead_at;
            }
            Some(held) => *held = Record { value: value.into(), dead_at },
            None => {
                let record = Record { value: value.into(), dead_at };
                self.sweep_records(now, occupancy);
                if self.records.is_full() {
                    return Err(StoreError::Full);
                }
                self.make_room(now, occupancy)?;
                self.records.insert(place.key, place.hash, record);
            }
        }
        Ok(Put::Done)
    }

    /// Looks at the next few subjects and drops the dead ones.
    fn sweep_counts(&mut self, now: Timestamp, occupancy: &Occupancy) {
        let time = millis(now).max(self.dropped);
        let mut latest = self.dropped;
        let dead = self.counts.sweep(LOOKS, |counts| {
            let is_dead = counts.dead_at.saturating_add(GRACE) <= time;
            if is_dead {
                latest = latest.max(counts.dead_at);
            }
            is_dead
        });
        occupancy.give_back(dead);
        self.dropped = latest;
    }

    /// Looks at the next few records and drops the dead ones.
    fn sweep_records(&mut self, now: Timestamp, occupancy: &Occupancy) {
        let is_dead = |record: &Record| record.dead_at.until(now).as_millis() >= u128::from(GRACE);
        occupancy.give_back(self.records.sweep(LOOKS, is_dead));
    }

    /// Takes room for one more entry. If there is none, looks for dead ones, but not without end.
    fn make_room(&mut self, now: Timestamp, occupancy: &Occupancy) -> Result<(), StoreError> {
        for _ in 0..LAST_LOOKS {
            if occupancy.take() {
                return Ok(());
            }
            self.sweep_counts(now, occupancy);
            self.sweep_records(now, occupancy);
        }
        if occupancy.take() { Ok(()) } else { Err(StoreError::Full) }
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subjects, records) = (self.counts.len(), self.records.len());
        f.debug_struct("Shard")
            .field("subjects", &subjects)
            .field("records", &records)
            .finish_non_exhaustive()
    }
}

impl Occupancy {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { entries: AtomicUsize::new(0), capacity }
    }

    /// How many entries there are, and may be.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.entries.load(Ordering::Relaxed), self.capacity)
    }

    fn take(&self) -> bool {
        let more = |entries| (entries < self.capacity).then_some(entries + 1);
        self.entries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, entries: usize) {
        if entries > 0 {
            self.entries.fetch_sub(entries, Ordering::Relaxed);
        }
    }
}

/// Whether `charge` can be paid, what is then left, and when it is dead; if it can, `next` is the blob with it paid.
/// `None` if the blob is unreadable.
fn pay(
    charge: &Charge,
    payer: Payer,
    blob: &[u8],
    time: u64,
    (counts, next): (&mut Vec<u8>, &mut Vec<u8>),
) -> Option<(Answer, Room, u64)> {
    let tag = blob::tag(&charge.key.quota);
    let tally = Tally::read(&charge.key.quota, blob::find(blob, tag)?, time)?;
    let answer = tally.ask(payer, charge.cost)?;
    if answer != Answer::Fits {
        return Some((answer, tally.room()?, 0));
    }
    counts.clear();
    let dead_at = tally.write_paid(payer, charge.cost, counts)?;
    blob::replace(blob, tag, counts, next)?;
    let room = match tally.room_beside(charge.cost) {
        Some(room) => room,
        None => Tally::read(&charge.key.quota, counts, time)?.room()?,
    };
    Some((answer, room, dead_at))
}

fn standing(room: Room, now: Timestamp) -> Standing {
    Standing::new(room.remaining, room.more_at.unwrap_or(now))
}

fn names_one_quota_twice(charges: &[Charge]) -> bool {
    let tag = |charge: &Charge| blob::tag(&charge.key.quota);
    charges
        .iter()
        .enumerate()
        .any(|(n, charge)| charges.iter().skip(n + 1).any(|other| tag(charge) == tag(other)))
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("the counts of a subject".into())
}
