//! Entries by subject: a hash table that is walked for the dead.

use core::iter;

use super::{
    bytes::Bytes,
    key::{Key, Spread},
};
use crate::limits::LAST_MILLI;

/// A full table grows by one part in so many: little of it is ever empty.
const GROWTH: usize = 4;
/// The fewest slots that room is taken for.
const LEAST: usize = 16;

/// Entries by subject, each in the first free slot from where its hash points to (linear probing). At most three slots in
/// four are taken.
///
/// An entry lies in the table itself, and each is a line of the processor's cache: whoever looks one up, adds it or drops it
/// reads one stretch of memory, and whoever walks the table reads it front to back. To grow or to shrink moves all entries of
/// this one table, which is why a ledger has many.
pub(super) struct Table {
    slots: Box<[Option<Entry>]>,
    taken: usize,
    /// Where the next walk begins.
    next: usize,
    spread: Spread,
}

/// What is kept for one key: one line of the processor's cache, so that to find it, to see whether it is dead and to
/// read it costs one look at memory.
#[repr(align(64))]
pub(super) struct Entry {
    key: Key,
    dead_at: [u8; 6],
    pub(super) bytes: Bytes,
}

const _: () = assert!(size_of::<Option<Entry>>() == 64, "a slot is one line");

impl Entry {
    /// An entry that is dead from `dead_at` on, in milliseconds.
    pub(super) fn new(key: Key, bytes: &[u8], dead_at: u64) -> Self {
        let mut entry = Self { key, dead_at: [0; 6], bytes: Bytes::from(bytes) };
        entry.die_at(dead_at);
        entry
    }

    /// When it is dead, in milliseconds.
    pub(super) const fn dead_at(&self) -> u64 {
        let [a, b, c, d, e, f] = self.dead_at;
        u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
    }

    pub(super) fn die_at(&mut self, dead_at: u64) {
        let [a, b, c, d, e, f, ..] = dead_at.min(LAST_MILLI).to_le_bytes();
        self.dead_at = [a, b, c, d, e, f];
    }
}

impl Table {
    pub(super) fn new(spread: Spread) -> Self {
        Self { slots: Box::default(), taken: 0, next: 0, spread }
    }

    pub(super) const fn len(&self) -> usize {
        self.taken
    }

    pub(super) fn get_mut(&mut self, key: &Key, hash: u64) -> Option<&mut Entry> {
        let mut at = home(&self.slots, hash);
        loop {
            // There is always a free slot to end at, and in a table without slots no slot at all.
            if self.slots.get(at)?.as_ref()?.key == *key {
                return self.slots.get_mut(at)?.as_mut();
            }
            at = behind(&self.slots, at);
        }
    }

    /// Whether there are as many entries as half a hash tells apart. No ledger that fits in memory comes so far.
    pub(super) const fn is_full(&self) -> bool {
        self.taken >= 1 << 31
    }

    /// Adds an entry for a key that has none, to a table that [is not full](Self::is_full).
    pub(super) fn insert(&mut self, hash: u64, entry: Entry) {
        let slots = self.slots.len();
        if (self.taken + 1) * 4 > slots * 3 {
            self.resize((slots + slots / GROWTH).max(LEAST));
        }
        put(&mut self.slots, hash, entry);
        self.taken += 1;
    }

    /// Looks at the next `looks` slots, going round, and drops the dead entries. Says how many those were.
    pub(super) fn sweep(&mut self, looks: usize, mut is_dead: impl FnMut(&Entry) -> bool) -> usize {
        let before = self.taken;
        for _ in 0..looks.min(self.slots.len()) {
            if self.next >= self.slots.len() {
                self.next = 0;
            }
            match self.slots.get(self.next) {
                // Another may have moved up into its slot, and is looked at next.
                Some(Some(entry)) if is_dead(entry) => self.remove(self.next),
                _ => self.next += 1,
            }
        }
        before - self.taken
    }

    /// Drops the entry at `hole`, and moves up whoever stands behind it and may stand there, so that no search ends too soon.
    fn remove(&mut self, mut hole: usize) {
        self.set(hole, None);
        self.taken -= 1;
        let mut at = behind(&self.slots, hole);
        while let Some(entry) = self.slots.get(at).and_then(Option::as_ref) {
            let home = home(&self.slots, self.spread.hash(&entry.key));
            if steps(&self.slots, home, at) >= steps(&self.slots, hole, at) {
                let entry = self.slots.get_mut(at).and_then(Option::take);
                self.set(hole, entry);
                hole = at;
            }
            at = behind(&self.slots, at);
        }
        if self.taken * 4 < self.slots.len() && self.slots.len() > LEAST * 4 {
            self.resize(self.slots.len() / 2);
        }
    }

    fn set(&mut self, at: usize, entry: Option<Entry>) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = entry;
        }
    }

    fn resize(&mut self, slots: usize) {
        let mut resized: Box<[_]> = iter::repeat_with(|| None).take(slots).collect();
        for entry in core::mem::take(&mut self.slots).into_iter().flatten() {
            put(&mut resized, self.spread.hash(&entry.key), entry);
        }
        self.slots = resized;
    }
}

/// Puts `entry` in the first free slot, of which there is one.
fn put(slots: &mut [Option<Entry>], hash: u64, entry: Entry) {
    let mut at = home(slots, hash);
    while let Some(Some(_)) = slots.get(at) {
        at = behind(slots, at);
    }
    if let Some(slot) = slots.get_mut(at) {
        *slot = Some(entry);
    }
}

/// Where the low half of `hash` points to; the high half chooses the shard.
const fn home(slots: &[Option<Entry>], hash: u64) -> usize {
    (((hash & 0xffff_ffff) * slots.len() as u64) >> 32) as usize
}

const fn behind(slots: &[Option<Entry>], at: usize) -> usize {
    if at + 1 < slots.len() { at + 1 } else { 0 }
}

/// How many steps it is from one slot to another, going round.
const fn steps(slots: &[Option<Entry>], from: usize, to: usize) -> usize {
    if to >= from { to - from } else { to + slots.len() - from }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{Pseudonym, Subject, SubjectKind};

    fn key(number: u128) -> Key {
        Key::counts(Subject::new(SubjectKind::Phone, Pseudonym::from_bytes(number.to_be_bytes())))
    }

    fn insert(table: &mut Table, number: u128) {
        let entry = Entry::new(key(number), &number.to_be_bytes(), 0);
        table.insert(table.spread.hash(&key(number)), entry);
    }

    fn table(numbers: impl IntoIterator<Item = u128>) -> Table {
        let mut table = Table::new(Spread::drawn());
        numbers.into_iter().for_each(|number| insert(&mut table, number));
        table
    }

    fn number(entry: &Entry) -> u128 {
        u128::from_be_bytes(entry.bytes.as_ref().try_into().unwrap())
    }

    fn get(table: &mut Table, wanted: u128) -> Option<u128> {
        let hash = table.spread.hash(&key(wanted));
        table.get_mut(&key(wanted), hash).map(|entry| number(entry))
    }

    #[test]
    fn an_entry_dies_when_it_was_told_to() {
        for dead_at in [0, 1, 1_790_000_000_000, LAST_MILLI] {
            assert_eq!(Entry::new(key(1), &[], dead_at).dead_at(), dead_at);
        }
        assert_eq!(Entry::new(key(1), &[], u64::MAX).dead_at(), LAST_MILLI);
    }

    #[test]
    fn a_round_of_sweeps_looks_at_every_entry() {
        let (mut table, mut seen) = (table(0..100), Vec::new());
        let slots = table.slots.len();
        // Whoever moved up was seen in the stead of a slot.
        for _ in 0..(slots + 34).div_ceil(4) {
            table.sweep(4, |entry| {
                seen.push(number(entry));
                number(entry).is_multiple_of(3)
            });
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        assert_eq!(table.len(), 66);
    }

    #[test]
    fn room_is_given_back() {
        let mut table = table(0..10_000);
        assert!(table.slots.len() < 17_000, "{}", table.slots.len());
        for _ in 0..20 {
            table.sweep(10_000, |entry| number(entry) >= 10);
        }
        assert!(table.slots.len() <= 4 * LEAST, "{}", table.slots.len());
        assert!((0..10).all(|number| get(&mut table, number) == Some(number)));
    }

    proptest! {
        #[test]
        fn what_was_inserted_and_did_not_die_is_found_and_nothing_else(
            numbers in vec(0_u128..300, 0..600), dying in 1_u128..7, looks in 1_usize..9, shift in 0..120_u32,
        ) {
            let (mut table, mut model) = (table([]), BTreeSet::new());
            for small in numbers {
                if model.insert(small << shift) {
                    insert(&mut table, small << shift);
                }
                let before = table.len();
                let dead = table.sweep(looks, |entry| {
                    let is_dead = (number(entry) >> shift).is_multiple_of(dying);
                    if is_dead {
                        model.remove(&number(entry));
                    }
                    is_dead
                });
                prop_assert_eq!(table.len() + dead, before);
                prop_assert_eq!(table.len(), model.len());
            }
            for number in (0..300).map(|number| number << shift) {
                prop_assert_eq!(get(&mut table, number), model.contains(&number).then_some(number));
            }
        }
    }
}
