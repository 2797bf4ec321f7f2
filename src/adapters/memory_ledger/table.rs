//! Entries by subject, in one row that is walked for the dead.

use hashbrown::HashTable;

use super::key::{Key, Spread};

/// A full row grows by one part in so many: little of it is ever empty.
const GROWTH: usize = 4;
/// The fewest entries that room is taken for.
const LEAST: usize = 8;

/// Entries by subject.
///
/// They stand in a row, in no order, and a hash table says where: a look-up touches one place of the table and one
/// entry, and whoever walks the row reads memory front to back. To grow or to shrink moves all entries of this one
/// table, which is why a ledger has many.
pub(super) struct Table<V> {
    row: Vec<Entry<V>>,
    /// Places in the row.
    places: HashTable<u32>,
    /// Where in the row the next walk begins.
    next: usize,
    spread: Spread,
}

struct Entry<V> {
    key: Key,
    value: V,
}

impl<V> Table<V> {
    pub(super) const fn new(spread: Spread) -> Self {
        Self { row: Vec::new(), places: HashTable::new(), next: 0, spread }
    }

    pub(super) const fn len(&self) -> usize {
        self.row.len()
    }

    pub(super) fn get_mut(&mut self, key: &Key, hash: u64) -> Option<&mut V> {
        let row = &mut self.row;
        let is_here = |place: &u32| row.get(*place as usize).is_some_and(|entry| entry.key == *key);
        let place = *self.places.find(hash, is_here)?;
        row.get_mut(place as usize).map(|entry| &mut entry.value)
    }

    /// Whether the row holds as many entries as there are places. No ledger that fits in memory comes so far.
    pub(super) fn is_full(&self) -> bool {
        u32::try_from(self.row.len()).is_err()
    }

    /// Adds an entry for `key`, which has none, to a table that [is not full](Self::is_full).
    pub(super) fn insert(&mut self, key: Key, hash: u64, value: V) {
        let len = self.row.len();
        if len == self.row.capacity() {
            self.row.reserve_exact((len / GROWTH).max(LEAST));
        }
        let (row, spread) = (&self.row, self.spread);
        self.places.insert_unique(hash, len as u32, |place| hash_at(row, spread, *place));
        self.row.push(Entry { key, value });
    }

    /// Looks at the next `looks` entries, going round, and drops the dead ones. Says how many those were.
    pub(super) fn sweep(&mut self, looks: usize, mut is_dead: impl FnMut(&V) -> bool) -> usize {
        let before = self.row.len();
        for _ in 0..looks.min(before) {
            if self.next >= self.row.len() {
                self.next = 0;
            }
            match self.row.get(self.next) {
                // The last of the row takes its place, and is looked at next.
                Some(entry) if is_dead(&entry.value) => self.remove(self.next),
                Some(_) => self.next += 1,
                None => break,
            }
        }
        before - self.row.len()
    }

    fn remove(&mut self, place: usize) {
        let last = self.row.len() - 1;
        for (from, to) in [(place, None), (last, Some(place))] {
            if to == Some(from) {
                break;
            }
            let Some(entry) = self.row.get(from) else { return };
            let Ok(found) = self.places.find_entry(self.spread.hash(&entry.key), |at| *at as usize == from)
            else {
                return;
            };
            match to {
                Some(to) => *found.into_mut() = to as u32,
                None => drop(found.remove()),
            }
        }
        self.row.swap_remove(place);
        if self.row.len() < self.row.capacity() / 4 && self.row.capacity() > LEAST * 4 {
            let room = self.row.capacity() / 2;
            self.row.shrink_to(room);
            let (row, spread) = (&self.row, self.spread);
            self.places.shrink_to(room, |place| hash_at(row, spread, *place));
        }
    }
}

fn hash_at<V>(row: &[Entry<V>], spread: Spread, place: u32) -> u64 {
    row.get(place as usize).map_or(0, |entry| spread.hash(&entry.key))
}
