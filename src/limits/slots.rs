//! The slot count: how much was paid in each slot of time, for what is wide.
//!
//! Slots are counted from 1970. A slot counts whole until it has left the window whole, so the count is stricter than
//! exact by at most one slot. Bytes: the number of slots (1), the slot length, the newest slot's number and the sum of all counts (1 or more
//! each), how many last payers follow (1), per payer the age of its slot then (1) and the payer (6), and per slot in
//! which anything was paid, newest first, its age then (1) and the count (1 or more). While the slot lasts, a payment
//! changes the front alone, and no slot is looked at.

use super::{
    bytes::{Reader, push_number},
    payer::Payer,
};

/// How many payers are remembered beside the last. An act that more than so many overtake pays twice: stricter.
const OTHER_PAYERS: usize = 5;
/// A payer's age and name.
const PAYER_BYTES: usize = 7;

/// The counts of one quota as they stand at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotCount<'a> {
    capacity: u64,
    slot_millis: u64,
    slots: u64,
    /// The later of now's slot and the newest that was paid in: time that goes backwards frees nothing.
    slot: u64,
    kept: Option<Kept<'a>>,
    /// What was paid in the window that ends with `slot`.
    sum: u64,
}

/// What the bytes hold.
#[derive(Clone, Copy, Debug)]
struct Kept<'a> {
    slots: u64,
    slot_millis: u64,
    newest: u64,
    /// What stands in front of the sum.
    head: &'a [u8],
    sum: u64,
    payers: &'a [[u8; PAYER_BYTES]],
    counts: Reader<'a>,
}

impl<'a> SlotCount<'a> {
    pub(crate) fn read(
        capacity: u64,
        slot_millis: u64,
        slots: u8,
        bytes: &'a [u8],
        now: u64,
    ) -> Option<Self> {
        let slot_millis = slot_millis.max(1);
        let kept = if bytes.is_empty() { None } else { Some(Kept::read(bytes)?) };
        let newest = kept.map_or(0, |kept| kept.slot_of(0, slot_millis));
        let slot = newest.max(now / slot_millis);
        let mut count = Self { capacity, slot_millis, slots: u64::from(slots), slot, kept, sum: 0 };
        count.sum = match kept {
            Some(kept) if count.is_current(&kept) => kept.sum,
            _ => count.add_up()?,
        };
        Some(count)
    }

    /// Whether `payer` is among the last payers, and paid within the window.
    pub(crate) fn has_paid(&self, payer: Payer) -> bool {
        self.kept.is_some_and(|kept| {
            kept.payers
                .iter()
                .any(|[age, name @ ..]| *name == payer.0 && self.counts(kept.slot_of(*age, self.slot_millis)))
        })
    }

    /// What could be paid now.
    pub(crate) const fn remaining(&self) -> u64 {
        self.capacity.saturating_sub(self.sum)
    }

    /// When `cost` can be paid, if not now, once `beside` has been paid now.
    pub(crate) fn wait(&self, cost: u64, beside: u64) -> Option<Option<u64>> {
        if self.remaining().checked_sub(beside).is_some_and(|room| room >= cost) {
            return Some(None);
        }
        if cost > self.capacity {
            return Some(Some(u64::MAX));
        }
        // The newest slot that does not fit beside the cost and what is newer must leave.
        let room = self.capacity - cost;
        let (mut newer, mut leaves) = (beside, (beside > room).then_some(self.slot));
        self.visit_counts(|slot, paid| {
            newer = newer.saturating_add(paid);
            if leaves.is_none() && newer > room {
                leaves = Some(slot);
            }
        })?;
        Some(Some(leaves.map_or(u64::MAX, |slot| self.dead_at(slot))))
    }

    /// Appends the counts that still count with the new payment; says when they are all dead.
    pub(crate) fn write_paid(&self, payer: Payer, cost: u64, out: &mut Vec<u8>) -> Option<u64> {
        match self.kept {
            Some(kept) if self.is_current(&kept) => self.write_at_the_front(&kept, payer, cost, out)?,
            _ => self.write_anew(payer, cost, out)?,
        }
        Some(self.dead_at(self.slot))
    }

    /// The newest slot lasts: its count is the first, nobody's age changes, and the other counts stay as they are.
    fn write_at_the_front(&self, kept: &Kept<'_>, payer: Payer, cost: u64, out: &mut Vec<u8>) -> Option<()> {
        let mut counts = kept.counts;
        counts.byte()?;
        let paid = counts.number()?;
        let others = kept.payers.get(..OTHER_PAYERS).unwrap_or(kept.payers);
        out.extend_from_slice(kept.head);
        push_number(out, self.sum.saturating_add(cost));
        push_payers(out, payer, others.len())?;
        out.extend_from_slice(others.as_flattened());
        self.push_count(out, self.slot, paid.saturating_add(cost));
        out.extend_from_slice(counts.rest());
        Some(())
    }

    fn write_anew(&self, payer: Payer, cost: u64, out: &mut Vec<u8>) -> Option<()> {
        out.push(u8::try_from(self.slots).ok()?);
        push_number(out, self.slot_millis);
        push_number(out, self.slot);
        push_number(out, self.sum.saturating_add(cost));
        let others = || self.payers().take(OTHER_PAYERS);
        push_payers(out, payer, others().count())?;
        for (slot, name) in others() {
            out.push(self.age(slot));
            out.extend_from_slice(&name);
        }
        // Slots of another length than today's may fall together.
        let mut open = (self.slot, cost);
        self.visit_counts(|slot, paid| {
            if slot == open.0 {
                open.1 = open.1.saturating_add(paid);
            } else {
                self.push_count(out, open.0, open.1);
                open = (slot, paid);
            }
        })?;
        self.push_count(out, open.0, open.1);
        Some(())
    }

    fn push_count(&self, out: &mut Vec<u8>, slot: u64, paid: u64) {
        out.push(self.age(slot));
        push_number(out, paid);
    }

    /// Whether nothing has left or changed its place since the counts were written.
    const fn is_current(&self, kept: &Kept<'_>) -> bool {
        kept.newest == self.slot && kept.slot_millis == self.slot_millis && kept.slots == self.slots
    }

    fn add_up(&self) -> Option<u64> {
        let mut sum: u64 = 0;
        self.visit_counts(|_, paid| sum = sum.saturating_add(paid))?;
        Some(sum)
    }

    /// The payers that are remembered from the window, and their slots, the newest first.
    fn payers(&self) -> impl Iterator<Item = (u64, [u8; 6])> {
        self.kept.into_iter().flat_map(move |kept| {
            kept.payers.iter().filter_map(move |[age, name @ ..]| {
                let slot = kept.slot_of(*age, self.slot_millis);
                self.counts(slot).then_some((slot, *name))
            })
        })
    }

    /// Shows every slot of the window in which anything was paid, the newest first.
    fn visit_counts(&self, mut see: impl FnMut(u64, u64)) -> Option<()> {
        let Some(kept) = self.kept else { return Some(()) };
        let mut rest = kept.counts;
        while !rest.is_empty() {
            let slot = kept.slot_of(rest.byte()?, self.slot_millis);
            let paid = rest.number()?;
            if self.counts(slot) {
                see(slot, paid);
            }
        }
        Some(())
    }

    /// Whether a part of `slot` may still be in the window.
    const fn counts(&self, slot: u64) -> bool {
        self.slot.saturating_sub(slot) <= self.slots
    }

    /// Slots that count are at most 255 old.
    fn age(&self, slot: u64) -> u8 {
        u8::try_from(self.slot.saturating_sub(slot)).unwrap_or(u8::MAX)
    }

    /// When the whole of `slot` has left the window.
    const fn dead_at(&self, slot: u64) -> u64 {
        slot.saturating_add(self.slots + 1).saturating_mul(self.slot_millis)
    }
}

impl<'a> Kept<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Reader::new(bytes);
        let slots = u64::from(rest.byte()?);
        let (slot_millis, newest) = (rest.number()?.max(1), rest.number()?);
        let head = bytes.get(..bytes.len() - rest.rest().len())?;
        let sum = rest.number()?;
        let payers = usize::from(rest.byte()?) * PAYER_BYTES;
        let (payers, _) = rest.take(payers)?.as_chunks();
        (!rest.is_empty()).then_some(Self { slots, slot_millis, newest, head, sum, payers, counts: rest })
    }

    /// Which slot of `slot_millis` the end of a kept slot falls in: the end, so that another length is only stricter.
    fn slot_of(&self, age: u8, slot_millis: u64) -> u64 {
        let slot = self.newest.saturating_sub(u64::from(age));
        if slot_millis == self.slot_millis {
            return slot;
        }
        (slot.saturating_add(1).saturating_mul(self.slot_millis) - 1) / slot_millis
    }
}

/// Appends how many payers there are, and the one who paid just now; `others` are to follow.
fn push_payers(out: &mut Vec<u8>, payer: Payer, others: usize) -> Option<()> {
    let [a, b, c, d, e, f] = payer.0;
    out.extend_from_slice(&[u8::try_from(others + 1).ok()?, 0, a, b, c, d, e, f]);
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{
        bytes::moment,
        reference::{Act, Naive, acts},
        tally::{Answer, Room, Tally},
    };
    use super::*;
    use crate::{Quota, QuotaName, Window, limits::quota::Shape};

    fn quota(capacity: u64, slot_millis: u64, slots: u8) -> Quota {
        let window = time::Duration::milliseconds(i64::try_from(slot_millis).unwrap() * i64::from(slots));
        let quota = Quota::slots(QuotaName::Sends, capacity, window, slots).unwrap();
        assert_eq!(quota.shape, Shape::Slots { capacity, slot_millis, slots });
        quota
    }

    fn pay(quota: &Quota, bytes: &mut Vec<u8>, act: &Act) -> Answer {
        let tally = Tally::read(quota, bytes, act.now).unwrap();
        let answer = tally.ask(act.payer, act.cost).unwrap();
        if answer == Answer::Fits {
            let mut paid = Vec::new();
            tally.write_paid(act.payer, act.cost, &mut paid).unwrap();
            let then = Tally::read(quota, &paid, act.now).unwrap();
            assert_eq!(tally.room_beside(act.cost), then.room_beside(0), "told before and read after");
            *bytes = paid;
        }
        answer
    }

    fn act(now: u64, cost: u64, payer: u8) -> Act {
        Act { now, cost, payer: Payer([payer; 6]) }
    }

    #[test]
    fn a_slot_counts_until_it_has_left_the_window_whole() {
        let (quota, mut bytes) = (quota(10, 100, 6), Vec::new());
        assert_eq!(pay(&quota, &mut bytes, &act(150, 10, 0)), Answer::Fits);
        // Slot 1 ends at 200, and the window is 600 long.
        assert_eq!(pay(&quota, &mut bytes, &act(799, 1, 1)), Answer::Wait(moment(800)));
        assert_eq!(pay(&quota, &mut bytes, &act(800, 10, 1)), Answer::Fits);
    }

    #[test]
    fn the_last_six_payers_pay_once_until_they_left_the_window() {
        let (quota, mut bytes) = (quota(100, 100, 6), Vec::new());
        for payer in 0..7 {
            assert_eq!(pay(&quota, &mut bytes, &act(0, 1, payer)), Answer::Fits);
        }
        for payer in 1..7 {
            assert_eq!(pay(&quota, &mut bytes, &act(699, 1, payer)), Answer::Settled);
        }
        assert_eq!(pay(&quota, &mut bytes, &act(0, 1, 0)), Answer::Fits);
        assert_eq!(pay(&quota, &mut bytes, &act(700, 1, 1)), Answer::Fits);
    }

    #[test]
    fn empty_slots_take_no_bytes() {
        let (quota, mut bytes) = (quota(1_000, 100, 255), Vec::new());
        pay(&quota, &mut bytes, &act(0, 1, 0));
        let one = bytes.len();
        pay(&quota, &mut bytes, &act(25_000, 1, 1));
        assert_eq!(bytes.len(), one + 7 + 2 + 1, "a payer, a count, and a longer slot number");
    }

    #[test]
    fn another_slot_length_keeps_what_was_counted() {
        let mut bytes = Vec::new();
        let (coarse, fine) = (quota(10, 600, 1), quota(10, 100, 6));
        for (payer, now) in [(0, 0), (1, 700)] {
            assert_eq!(pay(&coarse, &mut bytes, &act(now, 4, payer)), Answer::Fits);
        }
        let full = Answer::Wait(moment(1_200));
        assert_eq!(
            pay(&fine, &mut bytes, &act(1_100, 3, 2)),
            full,
            "the first 4 ended in slot 5, before 600"
        );
        assert_eq!(pay(&fine, &mut bytes, &act(1_100, 2, 2)), Answer::Fits);
        assert_eq!(Tally::read(&coarse, &bytes, 1_100).unwrap().room_beside(0).unwrap().remaining, 0);
    }

    #[test]
    fn i4_the_largest_capacity_that_is_used_up_shows_when_more_can_be_paid() {
        let (quota, mut bytes) = (quota(u64::MAX, 100, 6), Vec::new());
        assert_eq!(pay(&quota, &mut bytes, &act(150, u64::MAX - 1, 0)), Answer::Fits);
        assert_eq!(Tally::read(&quota, &bytes, 150).unwrap().room_beside(0).unwrap().more_at, None);
        assert_eq!(pay(&quota, &mut bytes, &act(150, 1, 1)), Answer::Fits);
        assert_eq!(pay(&quota, &mut bytes, &act(799, 1, 2)), Answer::Wait(moment(800)));
        // Told before it is paid, in one payment.
        let room = Tally::read(&quota, &[], 150).unwrap().room_beside(u64::MAX).unwrap();
        assert_eq!(room, Room { remaining: 0, more_at: Some(moment(800)) });
        assert_eq!(pay(&quota, &mut Vec::new(), &act(150, u64::MAX, 0)), Answer::Fits);
    }

    #[test]
    fn bytes_that_are_no_count_are_not_read_as_an_empty_one() {
        let (quota, mut bytes) = (quota(10, 600, 1), Vec::new());
        pay(&quota, &mut bytes, &act(0, 1, 0));
        for len in 1..bytes.len() {
            assert!(Tally::read(&quota, &bytes[..len], 600).is_none(), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn i3_i4_slots_are_stricter_than_exact_by_at_most_one_slot(
            capacity in 1_u64..40, slot_millis in 1_u64..300, slots in 1_u8..12, acts in acts(1..80),
        ) {
            let quota = quota(capacity, slot_millis, slots);
            let longer = |slots| {
                let length = u32::try_from(slot_millis * slots).unwrap();
                [Window { capacity: u32::try_from(capacity).unwrap(), length_millis: length }]
            };
            let (exact, whole) = (longer(u64::from(slots)), longer(u64::from(slots) + 1));
            let (mut exact, mut whole) = (Naive::new(&exact), Naive::new(&whole));
            let mut bytes = Vec::new();
            for (number, act) in acts.iter().enumerate() {
                // Every act is another: a slot count remembers only the last few.
                let number = u32::try_from(number).unwrap().to_le_bytes();
                let act = Act { payer: Payer([0, 0, number[0], number[1], number[2], number[3]]), ..*act };
                let (lax, strict) = (exact.ask(&act), whole.ask(&act));
                let answer = pay(&quota, &mut bytes, &act);
                match answer {
                    Answer::Fits => {
                        prop_assert_eq!(lax, Answer::Fits);
                        exact.record(&act);
                        whole.record(&act);
                    }
                    Answer::Settled => prop_assert_eq!(act.cost, 0),
                    Answer::Wait(at) => {
                        prop_assert!(matches!(strict, Answer::Wait(_)));
                        let at = u64::try_from(at.as_unix_millis()).unwrap();
                        let then = |now| Tally::read(&quota, &bytes, now).unwrap().ask(act.payer, act.cost).unwrap();
                        prop_assert!(act.cost > capacity || then(at) == Answer::Fits);
                        prop_assert!(at == 0 || then(at - 1) != Answer::Fits);
                    }
                }
                let Room { remaining, more_at } = Tally::read(&quota, &bytes, act.now).unwrap().room_beside(0).unwrap();
                prop_assert!(remaining <= exact.room(act.now).remaining);
                prop_assert!(remaining >= whole.room(act.now).remaining);
                prop_assert_eq!(more_at.is_some(), remaining == 0);
            }
            prop_assert_eq!(exact.fullest_excess(), 0);
        }
    }
}
