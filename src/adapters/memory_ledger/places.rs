//! Where in a table's row the entries stand: a hash table with linear probing.
//!
//! A place stands beside the hash that leads to it, so that a look-up reads one line of the processor's cache, and to
//! grow reads no entry at all. That is what a general hash table cannot know of its values.

/// The fewest slots that are ever taken.
const LEAST: usize = 16;

/// Places by hash. At most three slots in four are taken.
pub(super) struct Places {
    /// None, or a power of two of them.
    slots: Box<[Slot]>,
    taken: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    /// `u32::MAX` in an empty slot.
    place: u32,
}

const EMPTY: Slot = Slot { hash: 0, place: u32::MAX };

impl Slot {
    const fn is_empty(self) -> bool {
        self.place == EMPTY.place
    }
}

impl Places {
    pub(super) fn new() -> Self {
        Self { slots: Box::default(), taken: 0 }
    }

    /// The place under `hash` that `is_it`.
    pub(super) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.probe(low(hash))
            .map(|(_, slot)| slot)
            .find(|slot| slot.hash == low(hash) && is_it(slot.place))
            .map(|slot| slot.place)
    }

    /// Adds `place`, which is not there yet and is not `u32::MAX`.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        if (self.taken + 1) * 4 > self.slots.len() * 3 {
            self.resize((self.slots.len() * 2).max(LEAST));
        }
        self.taken += 1;
        put(&mut self.slots, Slot { hash: low(hash), place });
    }

    /// Replaces the place `from` by `to`.
    pub(super) fn replace(&mut self, hash: u64, from: u32, to: u32) {
        let at = self.at(hash, from);
        if let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
            slot.place = to;
        }
    }

    /// Takes `place` out.
    pub(super) fn remove(&mut self, hash: u64, place: u32) {
        let Some(mut hole) = self.at(hash, place) else { return };
        self.taken -= 1;
        let mask = self.slots.len() - 1;
        // Whoever stands behind the hole and may stand in it moves up, so that no probe ends too soon.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots.get(at).copied().unwrap_or(EMPTY);
            if slot.is_empty() {
                break;
            }
            let (from_home, from_hole) =
                (at.wrapping_sub(slot.hash as usize) & mask, at.wrapping_sub(hole) & mask);
            if from_home >= from_hole {
                self.set(hole, slot);
                hole = at;
            }
        }
        self.set(hole, EMPTY);
    }

    /// Gives room back, where little of it is taken.
    pub(super) fn shrink(&mut self) {
        if self.slots.len() > LEAST && self.taken * 8 < self.slots.len() {
            self.resize(self.slots.len() / 2);
        }
    }

    fn resize(&mut self, slots: usize) {
        let mut resized = vec![EMPTY; slots].into_boxed_slice();
        for slot in self.slots.iter().filter(|slot| !slot.is_empty()) {
            put(&mut resized, *slot);
        }
        self.slots = resized;
    }

    /// The slots that may hold what `hash` leads to, and where they are.
    fn probe(&self, hash: u32) -> impl Iterator<Item = (usize, Slot)> {
        let mask = self.slots.len().wrapping_sub(1);
        (0..self.slots.len())
            .map(move |step| (hash as usize).wrapping_add(step) & mask)
            .map_while(|at| self.slots.get(at).filter(|slot| !slot.is_empty()).map(|slot| (at, *slot)))
    }

    fn at(&self, hash: u64, place: u32) -> Option<usize> {
        self.probe(low(hash)).find(|(_, slot)| slot.place == place).map(|(at, _)| at)
    }

    fn set(&mut self, at: usize, slot: Slot) {
        if let Some(there) = self.slots.get_mut(at) {
            *there = slot;
        }
    }
}

/// Puts `slot` in the first empty place that its hash leads to.
fn put(slots: &mut [Slot], slot: Slot) {
    let mask = slots.len().wrapping_sub(1);
    for step in 0..slots.len() {
        match slots.get_mut((slot.hash as usize).wrapping_add(step) & mask) {
            Some(there) if there.is_empty() => {
                *there = slot;
                return;
            }
            _ => {}
        }
    }
}

/// The half of a hash that a table looks at; the other chooses the shard.
const fn low(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn places_are_found_under_their_hash_however_many_share_it(
            steps in vec((0_u64..40, 0_u32..200, any::<bool>()), 0..500), spread in 0_u32..8,
        ) {
            let (mut places, mut model) = (Places::new(), BTreeMap::<u32, u64>::new());
            for (hash, place, add) in steps {
                // Hashes near the end of the table, so that probes go round.
                let hash = hash << spread | 0xffff_ff00;
                match model.get(&place).copied() {
                    None if add => {
                        places.insert(hash, place);
                        model.insert(place, hash);
                    }
                    Some(hash) if add => {
                        places.replace(hash, place, place + 1_000);
                        prop_assert_eq!(places.find(hash, |other| other == place), None);
                        places.replace(hash, place + 1_000, place);
                    }
                    Some(hash) => {
                        places.remove(hash, place);
                        places.shrink();
                        model.remove(&place);
                        prop_assert_eq!(places.find(hash, |other| other == place), None);
                    }
                    None => {}
                }
                prop_assert_eq!(places.taken, model.len());
                prop_assert!(places.taken * 4 <= places.slots.len() * 3);
            }
            for (place, hash) in model {
                prop_assert_eq!(places.find(hash, |other| other == place), Some(place));
            }
        }
    }

    #[test]
    fn room_is_given_back() {
        let mut places = Places::new();
        for place in 0..10_000 {
            places.insert(u64::from(place) * 7, place);
        }
        for place in 10..10_000 {
            places.remove(u64::from(place) * 7, place);
            places.shrink();
        }
        assert!(places.slots.len() <= 8 * LEAST, "{}", places.slots.len());
        assert!(
            (0..10).all(|place| places.find(u64::from(place) * 7, |other| other == place) == Some(place))
        );
    }
}
