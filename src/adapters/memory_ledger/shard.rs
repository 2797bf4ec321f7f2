//! One part of the store, behind one lock.

use super::{
    key::{Key, Spread},
    table::{Entry, Table},
};
use crate::{
    Admission, Charge, OnlyIf, Put, StoreError, Timestamp,
    limits::{Payer, millis},
    ports::counts::{Payment, Scratch, pay_all},
};
use core::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

/// After so many entries were added to a shard, some are looked at in search of dead ones. A call that adds nothing looks
/// at none.
const ADDED: usize = 8;
/// How many slots then: side by side in memory, and several for each entry that was added, so that the dead are found faster
/// than others take their place.
const LOOKS: usize = 6 * ADDED;
/// How often that is done before a call is refused for want of room.
const LAST_LOOKS: usize = 2;
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
/// Every change is made in a [`Scratch`] first and put in place by one assignment: a panic leaves what was there.
pub(super) struct Shard {
    table: Table,
    /// The latest death among the entries that were dropped. No count is kept from an earlier moment: a clock that goes
    /// back behind it is taken to have been there.
    dropped: u64,
    /// How many entries were added since the last look for dead ones.
    added: usize,
}

impl Shard {
    pub(super) fn new(spread: Spread) -> Self {
        Self { table: Table::new(spread), dropped: 0, added: 0 }
    }

    /// Pays the charges of one subject, of which the first is the call's charge number `first`, together or not at
    /// all. Says whether they were paid.
    pub(super) fn charge(
        &mut self,
        place: Place,
        payer: Payer,
        (first, charges): (usize, &[Charge]),
        now: Timestamp,
        (occupancy, admission, scratch): (&Occupancy, &mut Admission, &mut Scratch),
    ) -> Result<bool, StoreError> {
        let time = millis(now).max(self.dropped);
        let held = self.table.get_mut(&place.key, place.hash);
        let before: &[u8] = held.as_ref().map_or(&[], |held| &held.bytes);
        let mut dead_at = held.as_ref().map_or(0, |held| held.dead_at());
        let payment = pay_all((before, dead_at), payer, (first, charges), (time, now), admission, scratch)?;
        match payment {
            Payment::Refused => return Ok(false),
            Payment::Nothing => return Ok(true),
            Payment::Paid(until) => dead_at = until,
        }
        match held {
            Some(held) => {
                held.bytes.set(scratch.paid());
                held.die_at(dead_at);
            }
            None => {
                let entry = Entry::new(place.key, scratch.paid(), dead_at);
                self.add(place.hash, entry, now, occupancy)?;
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
        let held = self.table.get_mut(&place.key, place.hash);
        let live: Option<&[u8]> =
            held.as_ref().filter(|held| millis(now) < held.dead_at()).map(|held| &*held.bytes);
        let allowed = match only_if {
            OnlyIf::Absent => live.is_none(),
            OnlyIf::Is(old) => live == Some(old),
        };
        if !allowed {
            return Ok(Put::Held(live.map(<[u8]>::to_vec)));
        }
        match held {
            Some(held) => {
                held.bytes.set(value);
                held.die_at(millis(dead_at));
            }
            None => self.add(place.hash, Entry::new(place.key, value, millis(dead_at)), now, occupancy)?,
        }
        Ok(Put::Done)
    }

    /// Adds an entry for a key that has none, if there is room.
    fn add(
        &mut self,
        hash: u64,
        entry: Entry,
        now: Timestamp,
        occupancy: &Occupancy,
    ) -> Result<(), StoreError> {
        self.added += 1;
        if self.added >= ADDED {
            self.sweep(now, occupancy);
        }
        if self.table.is_full() {
            return Err(StoreError::Full);
        }
        self.make_room(now, occupancy)?;
        self.table.insert(hash, entry);
        Ok(())
    }

    /// Looks at the next few entries and drops the dead ones.
    fn sweep(&mut self, now: Timestamp, occupancy: &Occupancy) {
        self.added = 0;
        let time = millis(now).max(self.dropped);
        let mut latest = self.dropped;
        let dead = self.table.sweep(LOOKS, |entry| {
            let is_dead = entry.dead_at().saturating_add(GRACE) <= time;
            if is_dead {
                latest = latest.max(entry.dead_at());
            }
            is_dead
        });
        occupancy.give_back(dead);
        self.dropped = latest;
    }

    /// Takes room for one more entry. If there is none, looks for dead ones, but not without end.
    fn make_room(&mut self, now: Timestamp, occupancy: &Occupancy) -> Result<(), StoreError> {
        for _ in 0..LAST_LOOKS {
            if occupancy.take() {
                return Ok(());
            }
            self.sweep(now, occupancy);
        }
        if occupancy.take() { Ok(()) } else { Err(StoreError::Full) }
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard").field("entries", &self.table.len()).finish_non_exhaustive()
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
