//! Entries by subject, in one row that is walked for the dead.

use super::{
    bytes::Bytes,
    key::{Key, Spread},
    places::Places,
};
use crate::limits::LAST_MILLI;

/// A full row grows by one part in so many: little of it is ever empty.
const GROWTH: usize = 4;
/// The fewest entries that room is taken for.
const LEAST: usize = 8;

/// Entries by subject.
///
/// They stand in a row, in no order, and [`Places`] say where: a look-up touches one line of those and one entry, and whoever walks the row reads memory front to back. To grow or to shrink moves all entries of this one
/// table, which is why a ledger has many.
pub(super) struct Table {
    row: Vec<Entry>,
    places: Places,
    /// Where in the row the next walk begins.
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

const _: () = assert!(size_of::<Entry>() == 64, "an entry is one line");

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
        Self { row: Vec::new(), places: Places::new(), next: 0, spread }
    }

    pub(super) const fn len(&self) -> usize {
        self.row.len()
    }

    pub(super) fn get_mut(&mut self, key: &Key, hash: u64) -> Option<&mut Entry> {
        let is_it = |place| self.row.get(place as usize).is_some_and(|entry| entry.key == *key);
        let place = self.places.find(hash, is_it)?;
        self.row.get_mut(place as usize)
    }

    /// Whether the row holds as many entries as there are places. No ledger that fits in memory comes so far.
    pub(super) const fn is_full(&self) -> bool {
        self.row.len() >= u32::MAX as usize
    }

    /// Adds an entry for a key that has none, to a table that [is not full](Self::is_full).
    pub(super) fn insert(&mut self, hash: u64, entry: Entry) {
        let len = self.row.len();
        if len == self.row.capacity() {
            self.row.reserve_exact((len / GROWTH).max(LEAST));
        }
        self.places.insert(hash, len as u32);
        self.row.push(entry);
    }

    /// Looks at the next `looks` entries, going round, and drops the dead ones. Says how many those were.
    pub(super) fn sweep(&mut self, looks: usize, mut is_dead: impl FnMut(&Entry) -> bool) -> usize {
        let before = self.row.len();
        for _ in 0..looks.min(before) {
            if self.next >= self.row.len() {
                self.next = 0;
            }
            match self.row.get(self.next) {
                // The last of the row takes its place, and is looked at next.
                Some(entry) if is_dead(entry) => self.remove(self.next),
                Some(_) => self.next += 1,
                None => break,
            }
        }
        before - self.row.len()
    }

    /// Takes an entry out; the last of the row takes its place.
    fn remove(&mut self, place: usize) {
        let hash = |row: &[Entry], at| row.get(at).map_or(0, |entry: &Entry| self.spread.hash(&entry.key));
        let last = self.row.len() - 1;
        self.places.remove(hash(&self.row, place), place as u32);
        if last != place {
            self.places.replace(hash(&self.row, last), last as u32, place as u32);
        }
        self.row.swap_remove(place);
        self.places.shrink();
        if self.row.len() < self.row.capacity() / 4 && self.row.capacity() > LEAST * 4 {
            self.row.shrink_to(self.row.capacity() / 2);
        }
    }
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
    fn a_round_of_sweeps_looks_at_every_entry_once() {
        let (mut table, mut seen) = (table(0..100), Vec::new());
        for _ in 0..25 {
            table.sweep(4, |entry| {
                seen.push(number(entry));
                number(entry).is_multiple_of(3)
            });
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        assert_eq!(table.len(), 66);
    }

    #[test]
    fn room_is_given_back() {
        let mut table = table(0..10_000);
        assert!(table.row.capacity() < 13_000, "{}", table.row.capacity());
        table.sweep(10_000, |entry| number(entry) >= 10);
        assert!(table.row.capacity() <= 8 * LEAST, "{}", table.row.capacity());
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
