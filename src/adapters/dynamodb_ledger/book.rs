//! Adding up one call: what each of its subjects has, as far as it is known, and what it would have once paid.

use super::{
    item::{Item, Key},
    seen::Seen,
};
use crate::{
    limits::{Payer, millis},
    ports::{
        Admission, Charge, Key as Charged, StoreError, SubjectKind,
        counts::{Payment, Scratch, pay_all},
    },
    types::Timestamp,
};

/// One call's charges and the items they are kept in.
pub(super) struct Book<'c> {
    payer: Payer,
    /// Charges of one subject in a row, with the place of the first, and the page of the subject.
    groups: Vec<Group<'c>>,
    pages: Vec<Page>,
}

struct Group<'c> {
    first: usize,
    charges: Share<'c>,
    page: usize,
}

/// Charges as they were given, or those of one shard.
enum Share<'c> {
    Whole(&'c [Charge]),
    Part(Vec<Charge>),
}

/// One item.
struct Page {
    key: Key,
    before: Before,
    /// What it is to be.
    after: Option<Item>,
}

/// What an item is known to be.
enum Before {
    Unknown,
    /// As this process saw it last.
    Remembered(Option<Item>),
    /// As it was within this call.
    Read(Option<Item>),
}

impl<'c> Book<'c> {
    pub(super) fn new(payer: Payer, charges: &'c [Charge], shards: u8) -> Self {
        let mut book = Self { payer, groups: Vec::new(), pages: Vec::new() };
        let mut first = 0;
        for charges in charges.chunk_by(|one, next| one.key.subject == next.key.subject) {
            let Some(subject) = charges.first().map(|charge| charge.key.subject) else { break };
            let shards = if is_shared(subject.kind) { shards } else { 1 };
            let shard = shard(payer, shards);
            let page = book.page(Key::counts(subject, shard));
            let share = if shards > 1 {
                Share::Part(charges.iter().map(|charge| part(charge, shard, shards)).collect())
            } else {
                Share::Whole(charges)
            };
            book.groups.push(Group { first, charges: share, page });
            first += charges.len();
        }
        book
    }

    /// The place of the item's page, which is added if there is none.
    fn page(&mut self, key: Key) -> usize {
        let known = self.pages.iter().position(|page| page.key == key);
        known.unwrap_or_else(|| {
            self.pages.push(Page { key, before: Before::Unknown, after: None });
            self.pages.len() - 1
        })
    }

    /// Takes for known what this process saw last.
    pub(super) fn remember(&mut self, seen: &Seen) {
        for page in &mut self.pages {
            if let Some(item) = seen.get(page.key) {
                page.before = Before::Remembered(item);
            }
        }
    }

    pub(super) fn unknown(&self) -> Vec<Key> {
        let unknown = self.pages.iter().filter(|page| matches!(page.before, Before::Unknown));
        unknown.map(|page| page.key).collect()
    }

    pub(super) fn is_known(&self) -> bool {
        !self.pages.iter().any(|page| matches!(page.before, Before::Unknown))
    }

    pub(super) fn has_read(&mut self, key: Key, item: Option<Item>) {
        self.set(key, Before::Read(item));
    }

    pub(super) fn forget(&mut self, key: Key) {
        self.set(key, Before::Unknown);
    }

    fn set(&mut self, key: Key, before: Before) {
        if let Some(page) = self.pages.iter_mut().find(|page| page.key == key) {
            page.before = before;
        }
    }

    /// Pays in the order of the charges, up to what does not fit. `None` if the answer would rest on what is only remembered and is not
    /// going to be written, on a condition: that is to be read first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if what is kept are no counts.
    pub(super) fn add_up(&mut self, now: Timestamp) -> Result<Option<Admission>, StoreError> {
        for page in &mut self.pages {
            page.after = None;
        }
        let (mut admission, mut scratch) = (Admission::new(), Scratch::new());
        for group in &self.groups {
            let Some(page) = self.pages.get_mut(group.page) else { break };
            let before = page.latest().map_or((&[][..], 0), |item| (item.bytes.as_slice(), item.dead_at));
            let charges = (group.first, group.charges.as_slice());
            let time = (millis(now), now);
            match pay_all(before, self.payer, charges, time, &mut admission, &mut scratch)? {
                Payment::Refused => break,
                Payment::Nothing => {}
                Payment::Paid(dead_at) => page.after = Some(Item::new(scratch.paid().to_vec(), dead_at)),
            }
        }
        let mut is_certain = true;
        for page in &mut self.pages {
            if page.after.is_none() && matches!(page.before, Before::Remembered(_)) {
                page.before = Before::Unknown;
                is_certain = false;
            }
        }
        Ok(is_certain.then_some(admission))
    }

    /// What is to be written: the item's name, what it is to be, and the bytes that it must have now.
    pub(super) fn changes(&self) -> Vec<(Key, &Item, Option<&[u8]>)> {
        self.pages
            .iter()
            .filter_map(|page| {
                let before = page.before.item().map(|item| item.bytes.as_slice());
                Some((page.key, page.after.as_ref()?, before))
            })
            .collect()
    }

    /// Notes what all items are now.
    pub(super) fn keep(self, seen: &Seen) {
        for page in self.pages {
            match (page.after, page.before) {
                (Some(item), _) => seen.keep(page.key, Some(item)),
                (None, Before::Read(item)) => seen.keep(page.key, item),
                (None, Before::Remembered(_) | Before::Unknown) => {}
            }
        }
    }
}

impl Page {
    fn latest(&self) -> Option<&Item> {
        self.after.as_ref().or_else(|| self.before.item())
    }
}

impl Before {
    const fn item(&self) -> Option<&Item> {
        match self {
            Self::Remembered(item) | Self::Read(item) => item.as_ref(),
            Self::Unknown => None,
        }
    }
}

impl Share<'_> {
    fn as_slice(&self) -> &[Charge] {
        match self {
            Self::Whole(charges) => charges,
            Self::Part(charges) => charges,
        }
    }
}

/// Whether everybody's acts are charged to the same subject.
const fn is_shared(kind: SubjectKind) -> bool {
    matches!(kind, SubjectKind::Destination | SubjectKind::Everybody)
}

/// The shard that an act is charged to: always the same one, so that a repeated act finds what it has paid.
fn shard(payer: Payer, shards: u8) -> u8 {
    let Payer([.., high, low]) = payer;
    u8::try_from(u16::from_be_bytes([high, low]) % u16::from(shards.max(1))).unwrap_or_default()
}

/// The charge with the shard's part of the capacity.
fn part(charge: &Charge, shard: u8, shards: u8) -> Charge {
    let Charged { subject, quota } = charge.key;
    Charge::new(subject, quota.part(shard, shards), charge.cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pseudonym, Quota, QuotaName, Subject};

    fn everybody(capacity: u64) -> Charge {
        let quota = Quota::slots(QuotaName::Sends, capacity, time::Duration::DAY, 24).unwrap();
        Charge::new(Subject::new(SubjectKind::Everybody, Pseudonym::from_bytes([1; 16])), quota, 1)
    }

    #[test]
    fn i4_the_shares_of_the_shards_add_up_to_the_capacity_and_no_more() {
        for capacity in [1_u64, 2, 7, 8, 9, 1_000, 10_000, u64::MAX] {
            for shards in [1_u8, 2, 3, 8, 255] {
                let share = |shard| match part(&everybody(capacity), shard, shards).key.quota.shape {
                    crate::Shape::Slots { capacity, .. } => u128::from(capacity),
                    crate::Shape::Log { .. } => unreachable!("it was one of slots"),
                };
                let all: u128 = (0..shards).map(share).sum();
                assert_eq!(all, u128::from(capacity), "{capacity} over {shards}");
            }
        }
    }

    #[test]
    fn an_act_is_charged_to_one_shard_and_acts_to_all_of_them() {
        let mut seen = [0_u32; 8];
        for number in 0..10_000_u64 {
            let [.., a, b, c, d, e, f] = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            let payer = Payer([a, b, c, d, e, f]);
            let place = shard(payer, 8);
            assert_eq!(place, shard(payer, 8));
            seen[usize::from(place)] += 1;
        }
        assert!(seen.iter().all(|acts| (1_000..1_500).contains(acts)), "{seen:?}");
    }

    #[test]
    fn what_is_only_remembered_answers_nobody_who_does_not_pay_it() {
        let seen = Seen::default();
        let (one, payer) = ([everybody(1)], Payer([1; 6]));
        let mut book = Book::new(payer, &one, 1);
        let key = book.unknown()[0];
        seen.keep(key, None);
        book.remember(&seen);
        assert!(book.is_known());
        assert!(
            book.add_up(Timestamp::from_unix_millis(0)).unwrap().is_some(),
            "it is written on a condition"
        );
        // Used up, as it was seen: a refusal is told of what is there now.
        let paid = book.changes()[0].1.clone();
        seen.keep(key, Some(paid.clone()));
        let other = Payer([2; 6]);
        let mut book = Book::new(other, &one, 1);
        book.remember(&seen);
        assert!(book.add_up(Timestamp::from_unix_millis(0)).unwrap().is_none());
        assert_eq!(book.unknown(), [key]);
        book.has_read(key, Some(paid));
        let told = book.add_up(Timestamp::from_unix_millis(0)).unwrap().unwrap();
        assert!(told.refused().is_some());
    }
}
