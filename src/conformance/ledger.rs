//! The suite of the [`Ledger`] port.

mod capacity;
mod charges;
mod quotas;
mod races;
mod records;

use core::future::Future;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use time::Duration;

use crate::{
    ActId, Admission, Charge, Clock as _, Ledger, OnlyIf, Pseudonym, Put, Quota, QuotaName, Subject,
    SubjectKind, SystemClock, Timestamp, Window,
};

/// What an adapter is, beyond the contract. Start from [`new`](Self::new).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LedgerTraits {
    /// Whether a log forgets at the very millisecond, as it is by default. One that is not may forget later, by at
    /// most the length of its longest window.
    pub exact: bool,
    /// The hard capacity, in subjects, that `make` can give a ledger; 1 to 1,000. `None`, as it is by default, skips
    /// the cases that fill one.
    pub capacity: Option<usize>,
    /// Whether racers run on threads of their own, as they do by default. Without, they run side by side in the
    /// suite's own future: for adapters whose futures must be polled inside a runtime.
    pub threads: bool,
}

impl LedgerTraits {
    /// An exact ledger without a hard capacity, whose futures any thread may poll.
    #[must_use]
    pub const fn new() -> Self {
        Self { exact: true, capacity: None, threads: true }
    }

    /// An adapter that may forget late.
    #[must_use]
    pub const fn inexact(self) -> Self {
        Self { exact: false, ..self }
    }

    /// An adapter with a hard capacity, which `make` is asked for.
    #[must_use]
    pub const fn with_capacity(self, subjects: usize) -> Self {
        Self { capacity: Some(subjects), ..self }
    }

    /// An adapter whose futures must be polled inside a runtime.
    #[must_use]
    pub const fn without_threads(self) -> Self {
        Self { threads: false, ..self }
    }
}

impl Default for LedgerTraits {
    fn default() -> Self {
        Self::new()
    }
}

/// Panics unless the ledgers that `make` makes keep the contract of [`Ledger`].
///
/// `make` is called once per case and makes an empty ledger: of ordinary size for `None`, of so many subjects for
/// `Some`, which is asked only if [`LedgerTraits::capacity`] says so. The moments of a case begin with the system
/// clock's and lie up to a few days around it.
///
/// ```
/// use core::future::ready;
/// use custom_auth::{MemoryLedger, conformance::{LedgerTraits, ledger_conforms}};
///
/// let traits = LedgerTraits::new().with_capacity(100);
/// let suite = ledger_conforms(traits, |capacity| ready(MemoryLedger::with_capacity(capacity.unwrap_or(10_000))));
/// # struct Idle;
/// # impl std::task::Wake for Idle { fn wake(self: std::sync::Arc<Self>) {} }
/// # let mut suite = std::pin::pin!(suite);
/// # let waker = std::task::Waker::from(std::sync::Arc::new(Idle));
/// # while suite.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending() { std::thread::yield_now() }
/// ```
///
/// # Panics
/// With a sentence that says which promise was broken.
pub async fn ledger_conforms<L, F, Fut>(traits: LedgerTraits, make: F)
where
    L: Ledger,
    F: Fn(Option<usize>) -> Fut,
    Fut: Future<Output = L>,
{
    macro_rules! run {
        ($capacity:expr; $($module:ident::$case:ident),+ $(,)?) => { $(
            let name = concat!(stringify!($module), "::", stringify!($case));
            $module::$case(&Trial::new(name, traits, Arc::new(make($capacity).await))).await;
        )+ };
    }
    run!(None;
        quotas::a_log_admits_its_capacity_and_no_more_until_the_window_has_passed,
        quotas::several_windows_hold_at_once,
        quotas::a_coarse_quota_admits_its_capacity_and_no_more_until_the_window_has_passed,
        quotas::a_cost_of_several_pays_several,
        quotas::a_cost_of_nothing_is_never_refused_and_pays_nothing,
        quotas::time_that_goes_backwards_frees_nothing,
        quotas::the_same_act_pays_once,
        quotas::a_refused_act_has_not_paid,
        charges::charges_of_one_subject_are_paid_together_or_not_at_all,
        charges::earlier_subjects_stay_paid_and_later_ones_are_not_asked,
        charges::subjects_kinds_and_quotas_are_apart,
        charges::a_call_carries_eight_charges,
        charges::standings_say_what_is_left_and_when_there_is_more,
        records::a_record_is_written_once_if_absent,
        records::a_record_is_swapped_only_for_what_is_there,
        records::a_dead_record_is_absent,
        records::a_value_of_any_bytes_comes_back,
        records::records_and_quotas_of_a_subject_are_apart,
        races::of_many_callers_as_many_are_admitted_as_a_log_has_room_for,
        races::of_many_callers_as_many_are_admitted_as_a_coarse_quota_has_room_for,
        races::of_many_callers_with_two_charges_none_pays_one_alone,
        races::of_many_repeats_of_an_act_one_pays,
        races::of_many_writers_one_writes,
        races::of_many_swappers_one_swaps,
    );
    if let Some(capacity) = traits.capacity {
        run!(Some(capacity);
            capacity::a_full_ledger_refuses_and_forgets_nobody,
            capacity::what_is_dead_makes_room,
        );
    }
}

/// One case: a fresh ledger, and names nobody else uses.
#[derive(Clone, Debug)]
struct Trial {
    name: &'static str,
    traits: LedgerTraits,
    ledger: Arc<dyn Ledger>,
    start: Timestamp,
    acts: Arc<AtomicU64>,
}

impl Trial {
    fn new(name: &'static str, traits: LedgerTraits, ledger: Arc<dyn Ledger>) -> Self {
        Self { name, traits, ledger, start: SystemClock::new().now(), acts: Arc::default() }
    }

    /// So many milliseconds after the case began; before, if negative.
    fn at(&self, millis: i64) -> Timestamp {
        self.start + Duration::milliseconds(millis)
    }

    /// An act that nobody else has.
    fn act(&self) -> ActId {
        let number = u128::from(self.acts.fetch_add(1, Ordering::Relaxed)) + 1;
        ActId::from_bytes(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes())
    }

    /// Pays as a new act.
    async fn pay(&self, charges: &[Charge], now: Timestamp) -> Admission {
        self.pay_as(self.act(), charges, now).await
    }

    async fn pay_as(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Admission {
        self.answered(self.ledger.charge(id, charges, now).await)
    }

    async fn put(&self, subject: Subject, value: &[u8], dead_at: i64, only_if: OnlyIf<'_>, now: i64) -> Put {
        self.answered(self.ledger.put(subject, value, self.at(dead_at), only_if, self.at(now)).await)
    }

    fn answered<T>(&self, answer: Result<T, crate::StoreError>) -> T {
        #[allow(clippy::panic)] // a suite's verdict
        answer.unwrap_or_else(|error| panic!("{}: the ledger failed: {error:?}", self.name))
    }

    /// What is left in the quotas, without paying.
    async fn left(&self, charges: &[Charge], now: Timestamp) -> Vec<u64> {
        let asked: Vec<Charge> = charges.iter().map(|c| Charge { cost: 0, ..*c }).collect();
        let answer = self.pay(&asked, now).await;
        (0..charges.len()).map(|place| answer.standing(place).map_or(u64::MAX, |s| s.remaining)).collect()
    }

    #[track_caller]
    fn check(&self, holds: bool, promise: &str) {
        assert!(holds, "{}: {promise}", self.name);
    }

    #[track_caller]
    fn check_admitted(&self, answer: &Admission, promise: &str) {
        assert!(answer.refused().is_none(), "{}: {promise}, but it was refused: {answer:?}", self.name);
    }

    #[track_caller]
    fn check_refused(&self, answer: &Admission, which: usize, promise: &str) {
        let refused = answer.refused().map(|refused| refused.which);
        assert!(
            refused == Some(which),
            "{}: {promise}: charge {which} must be refused: {answer:?}",
            self.name
        );
    }
}

/// A subject by its number.
fn subject(kind: SubjectKind, number: u8) -> Subject {
    Subject::new(kind, Pseudonym::from_bytes([number; 16]))
}

/// So many in ten minutes.
fn log(name: QuotaName, capacity: u32) -> Quota {
    windows(name, &[(capacity, 10 * MINUTE)])
}

fn windows(name: QuotaName, windows: &[(u32, i64)]) -> Quota {
    let window = |(capacity, length): &(u32, i64)| Window::new(*capacity, Duration::milliseconds(*length));
    let windows: Result<Vec<_>, _> = windows.iter().map(window).collect();
    #[allow(clippy::expect_used)] // the suite's own numbers
    windows.and_then(|windows| Quota::log(name, &windows)).expect("the suite's windows are windows")
}

/// So many in ten minutes, counted by the minute.
fn slots(name: QuotaName, capacity: u64) -> Quota {
    #[allow(clippy::expect_used)] // the suite's own numbers
    Quota::slots(name, capacity, Duration::minutes(10), 10).expect("the suite's slots are slots")
}

const MINUTE: i64 = 60_000;
