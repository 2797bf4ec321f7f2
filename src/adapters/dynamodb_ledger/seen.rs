//! What this process read or wrote last.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::item::{Item, Key};

/// Items as they were last seen; `None` where there was none. They need not be true any more: whoever pays from one writes on the
/// condition that it still is. It saves the reading where one call asks and the next pays, and where one process has a number's
/// text and its answer.
#[derive(Default)]
pub(super) struct Seen(Mutex<Generations>);

/// The young take the place of the old when there are many; so both are bounded, and what is used stays.
#[derive(Default)]
struct Generations {
    young: HashMap<Key, Option<Item>>,
    old: HashMap<Key, Option<Item>>,
}

/// The most that are young; a few hundred bytes each.
const MOST: usize = 1_024;

impl Seen {
    pub(super) fn get(&self, key: Key) -> Option<Option<Item>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.young.get(&key).or_else(|| seen.old.get(&key)).cloned()
    }

    pub(super) fn keep(&self, key: Key, item: Option<Item>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.young.len() >= MOST {
            seen.old = core::mem::take(&mut seen.young);
        }
        seen.young.insert(key, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pseudonym, Subject, SubjectKind};

    fn key(number: u32) -> Key {
        let id = Pseudonym::from_bytes(u128::from(number).to_be_bytes());
        Key::counts(Subject::new(SubjectKind::Phone, id), 0)
    }

    #[test]
    fn what_was_seen_last_is_remembered_and_old_things_are_forgotten() {
        let (seen, most) = (Seen::default(), u32::try_from(MOST).unwrap());
        let item = |number: u32| Some(Item::new(number.to_be_bytes().to_vec(), 1));
        assert_eq!(seen.get(key(0)), None);
        seen.keep(key(0), None);
        assert_eq!(seen.get(key(0)), Some(None));
        for number in 0..4 * most {
            seen.keep(key(number), item(number));
        }
        for number in 3 * most..4 * most {
            assert_eq!(seen.get(key(number)), Some(item(number)));
        }
        assert_eq!(seen.get(key(most)), None);
        let held = seen.0.lock().unwrap();
        assert!(held.young.len() + held.old.len() <= 2 * MOST);
    }
}
