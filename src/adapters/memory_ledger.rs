//! The ledger of one process, in its memory.

mod bytes;
mod key;
mod shard;
mod table;

use core::{cell::Cell, fmt};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::{
    key::{Key, Spread},
    shard::{Occupancy, Place, Shard},
};
use crate::{
    ActId, Admission, Charge, Ledger, MAX_CHARGES, OnlyIf, Put, StoreError, Subject, Timestamp,
    limits::Payer, ports::counts::Scratch,
};

/// A [`Ledger`] in the memory of one process, exact to the millisecond.
///
/// For tests, and for a server that is one process: what it counted is gone when the process ends, and n processes
/// admit n times as much. A Lambda function is many processes, each of which may end at any time; there it limits
/// nobody.
///
/// It holds a fixed number of entries; an entry is everything counted for one subject, or one record. When they are
/// taken, it looks at some in search of dead ones, then refuses with [`StoreError::Full`]. Whoever adds an
/// entry also looks at a few others and drops the dead ones, so there is no pause to sweep. Entries are kept in
/// many small tables, each of which grows alone: that takes a call about a tenth of a millisecond at most.
///
/// ```
/// use custom_auth::MemoryLedger;
///
/// let ledger = MemoryLedger::with_capacity(10_000);
/// assert_eq!(format!("{ledger:?}"), "MemoryLedger { entries: 0, capacity: 10000 }");
/// ```
pub struct MemoryLedger {
    /// A power of two of them.
    shards: Box<[Mutex<Shard>]>,
    occupancy: Occupancy,
    spread: Spread,
    /// Hashes act ids; drawn too, so that nobody can choose two with the same hash.
    payers: Spread,
}

thread_local! {
    /// The thread's own: whoever pays writes to memory that the processor has at hand.
    static SCRATCH: Cell<Scratch> = const { Cell::new(Scratch::new()) };
}

/// About a hundred megabytes of phones.
const DEFAULT_CAPACITY: usize = 1 << 20;
/// Locks enough for the callers of one process.
const MANY_SHARDS: usize = 256;
/// The most entries of a shard, which are moved when its table grows: a third of a megabyte.
const MAX_PER_SHARD: usize = 1 << 12;
/// The most locks, whatever the capacity.
const MAX_SHARDS: usize = 1 << 13;
/// The fewest entries worth a lock of their own.
const ENTRIES_PER_SHARD: usize = 1024;

impl MemoryLedger {
    /// An empty ledger of at most 2^20 entries.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// An empty ledger of at most `entries` entries. Memory is taken as it is needed: about 100 bytes for a phone with
    /// a text and a guess, 450 for one with every log full; three times as much for a person, with account and failures.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        let shards = (entries / ENTRIES_PER_SHARD).min(MANY_SHARDS).max(entries / MAX_PER_SHARD);
        let shards = shards.clamp(1, MAX_SHARDS).next_power_of_two();
        let spread = Spread::drawn();
        let shards = (0..shards).map(|_| Mutex::new(Shard::new(spread))).collect();
        Self { shards, occupancy: Occupancy::new(entries), spread, payers: Spread::drawn() }
    }

    /// The part that holds `key`, and where it is held there.
    fn shard(&self, key: Key) -> Result<(MutexGuard<'_, Shard>, Place), StoreError> {
        let hash = self.spread.hash(&key);
        let number = Spread::shard(hash) & (self.shards.len() - 1);
        let shard = self.shards.get(number).ok_or_else(|| StoreError::Corrupt("no such shard".into()))?;
        // A shard is whole at every moment, so a panic under its lock broke nothing.
        Ok((shard.lock().unwrap_or_else(PoisonError::into_inner), Place { key, hash }))
    }

    fn payer(&self, id: ActId) -> Payer {
        let [a, b, c, d, e, f, ..] = self.payers.hash(&Key::act(id)).to_le_bytes();
        Payer([a, b, c, d, e, f])
    }
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    /// # Errors
    /// [`StoreError::Full`]; [`StoreError::Corrupt`] for more than [`MAX_CHARGES`] charges, of which none is paid.
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        if charges.len() > MAX_CHARGES {
            return Err(StoreError::Corrupt("more charges than a call may carry".into()));
        }
        let payer = self.payer(id);
        // Where the thread is ending there is no cell any more, and a scratch of one's own does as well.
        let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let mut admission = Admission::new();
        let mut first = 0;
        for group in charges.chunk_by(|one, next| one.key.subject == next.key.subject) {
            let Some(subject) = group.first().map(|charge| charge.key.subject) else { break };
            let (mut shard, place) = self.shard(Key::counts(subject))?;
            let beside = (&self.occupancy, &mut admission, &mut scratch);
            if !shard.charge(place, payer, (first, group), now, beside)? {
                break;
            }
            first += group.len();
        }
        let _ = SCRATCH.try_with(|cell| cell.set(scratch));
        Ok(admission)
    }

    /// # Errors
    /// [`StoreError::Full`].
    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let (mut shard, place) = self.shard(Key::record(subject))?;
        shard.put(place, (value, dead_at), only_if, now, &self.occupancy)
    }
}

impl fmt::Debug for MemoryLedger {
    /// Counts only: who is in it is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entries, capacity) = self.occupancy.counts();
        f.debug_struct("MemoryLedger").field("entries", &entries).field("capacity", &capacity).finish()
    }
}

#[cfg(test)]
mod tests {
    use core::{
        future::Future as _,
        pin::pin,
        task::{Context, Poll, Waker},
    };
    use std::{
        collections::HashMap,
        panic::{AssertUnwindSafe, catch_unwind},
    };

    use proptest::{collection::vec, prelude::*};
    use time::Duration;

    use super::*;
    use crate::{Pseudonym, Quota, QuotaName, SubjectKind, Window};

    const HOUR: i64 = 3_600_000;
    const MINUTE: i64 = 60_000;

    fn quota(capacity: u32) -> Quota {
        Quota::log(QuotaName::Guesses, &[Window::new(capacity, Duration::hours(1)).unwrap()]).unwrap()
    }

    fn phone(number: u128) -> Subject {
        Subject::new(SubjectKind::Phone, Pseudonym::from_bytes(number.to_be_bytes()))
    }

    /// Whether the phone has room for 1 in an hour.
    fn admits(ledger: &MemoryLedger, act: u128, number: u128, now: i64) -> bool {
        let (act, charges) =
            (ActId::from_bytes(act.to_be_bytes()), [Charge::new(phone(number), quota(1), 1)]);
        let now = Timestamp::from_unix_millis(now);
        match pin!(ledger.charge(act, &charges, now)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.unwrap().refused().is_none(),
            Poll::Pending => unreachable!("it never waits"),
        }
    }

    fn entries(ledger: &MemoryLedger) -> usize {
        ledger.occupancy.counts().0
    }

    #[test]
    fn a_call_drops_a_few_dead_entries_at_most_and_calls_drop_them_all() {
        let ledger = MemoryLedger::with_capacity(100_000);
        for number in 0..50_000 {
            assert!(admits(&ledger, number, number, 0));
        }
        let mut before = entries(&ledger);
        for number in 50_000..130_000 {
            assert!(admits(&ledger, number, number, HOUR + MINUTE));
            let after = entries(&ledger);
            assert!(before <= after + 48, "{before} to {after}");
            before = after;
        }
        assert_eq!(before, 80_000, "only the living are left");
    }

    #[test]
    fn i3_a_clock_that_is_behind_by_less_than_a_minute_finds_what_still_counts() {
        let ledger = MemoryLedger::with_capacity(100);
        assert!(admits(&ledger, 0, 0, 1));
        for number in 1..10 {
            assert!(admits(&ledger, number, number, HOUR + MINUTE));
        }
        assert!(!admits(&ledger, 10, 0, HOUR));
    }

    #[test]
    fn i3_a_clock_that_goes_back_behind_what_was_dropped_counts_from_there() {
        let ledger = MemoryLedger::with_capacity(100);
        assert!(admits(&ledger, 0, 0, 0));
        for number in 1..10 {
            assert!(admits(&ledger, number, number, HOUR + MINUTE));
        }
        assert_eq!(entries(&ledger), 9, "the first is dropped");
        assert!(admits(&ledger, 10, 0, 5));
        assert!(!admits(&ledger, 11, 0, 2 * HOUR - 1), "it was paid at the first one's death");
        assert!(admits(&ledger, 11, 0, 2 * HOUR));
    }

    #[test]
    fn a_subject_is_kept_for_as_long_as_the_longest_of_its_quotas() {
        let ledger = MemoryLedger::with_capacity(100);
        let window = Window::new(1, Duration::minutes(1)).unwrap();
        let short = Quota::log(QuotaName::Sends, &[window]).unwrap();
        assert!(admits(&ledger, 0, 0, 0));
        let charges = [Charge::new(phone(0), short, 1)];
        let mut call = pin!(ledger.charge(ActId::from_bytes([1; 16]), &charges, Timestamp::UNIX_EPOCH));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        for number in 1..10 {
            assert!(admits(&ledger, number, number, 30 * MINUTE));
        }
        assert!(!admits(&ledger, 10, 0, 30 * MINUTE));
    }

    #[test]
    fn i9_no_more_entries_are_kept_than_the_capacity() {
        let ledger = MemoryLedger::with_capacity(3);
        assert!((0..3).all(|number| admits(&ledger, number, number, 0)));
        let charges = [Charge::new(phone(3), quota(1), 1)];
        let mut call = pin!(ledger.charge(ActId::from_bytes([1; 16]), &charges, Timestamp::UNIX_EPOCH));
        let answer = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(answer, Poll::Ready(Err(StoreError::Full))), "{answer:?}");
        assert_eq!(entries(&ledger), 3);
    }

    #[test]
    fn a_panic_under_a_lock_breaks_nothing() {
        let ledger = MemoryLedger::with_capacity(100);
        assert!(admits(&ledger, 0, 0, 0));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _shard = ledger.shard(Key::counts(phone(0))).unwrap();
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        assert!(!admits(&ledger, 1, 0, 0));
    }

    #[test]
    fn more_charges_than_a_call_may_carry_are_refused_whole() {
        let ledger = MemoryLedger::with_capacity(100);
        let charges = [Charge::new(phone(1), quota(1), 1); MAX_CHARGES + 1];
        let mut call = pin!(ledger.charge(ActId::from_bytes([0; 16]), &charges, Timestamp::UNIX_EPOCH));
        let answer = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(answer, Poll::Ready(Err(StoreError::Corrupt(_)))));
        assert_eq!(entries(&ledger), 0);
    }

    #[test]
    fn i7_the_debug_text_counts_and_names_nobody() {
        let ledger = MemoryLedger::with_capacity(100);
        assert!(admits(&ledger, 0, u128::MAX / 3, 0));
        assert_eq!(format!("{ledger:?}"), "MemoryLedger { entries: 1, capacity: 100 }");
    }

    proptest! {
        #[test]
        fn i3_no_phone_is_admitted_twice_in_a_window_by_callers_whose_clocks_differ(
            calls in vec((0_u128..12, 0..HOUR / 4, 0..MINUTE), 1..200),
        ) {
            let ledger = MemoryLedger::with_capacity(100);
            let (mut latest, mut admitted) = (100 * HOUR, HashMap::<u128, i64>::new());
            for (act, (number, step, behind)) in (0..).zip(calls) {
                latest += step;
                let now = latest - behind;
                if admits(&ledger, act, number, now)
                    && let Some(before) = admitted.insert(number, now)
                {
                    prop_assert!(now >= before + HOUR, "paid at {before} and at {now}");
                }
            }
        }
    }
}
