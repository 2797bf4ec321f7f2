//! What the memory ledger costs: the charges of one create, bytes for each phone, the longest single call.
//!
//! `cargo bench --bench ledger` prints all of it. Bytes are what was asked of the allocator; counting them is in the
//! times as well.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // a bench may stop

use core::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::{
    alloc::System,
    time::{Duration as StdDuration, Instant},
};

use criterion::{BenchmarkId, Criterion};
use custom_auth::{
    ActId, Admission, Charge, Ledger, MemoryLedger, Pseudonym, Quota, QuotaName, Subject, SubjectKind,
    Timestamp, Window,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use time::Duration;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MILLION: u64 = 1_000_000;
const START: i64 = 1_790_000_000_000;
/// A phone comes back after so long, so that no log is ever full: 9.6 times in 24 hours.
const ROUND: u64 = 9_000_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for phones in [1_000, 10_000, 100_000, MILLION] {
        create(&mut criterion, phones);
    }
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        memory(MILLION);
        longest(MILLION);
    }
}

/// The charges of a create, from a phone that comes by chance.
fn create(criterion: &mut Criterion, phones: u64) {
    let bill = Bill::new();
    let ledger = MemoryLedger::with_capacity(4 << 20);
    fill(&ledger, &bill, phones);
    let mut act = phones;
    criterion.benchmark_group("ledger/create").bench_function(BenchmarkId::from_parameter(phones), |bench| {
        bench.iter(|| {
            act += 1;
            let now = Timestamp::from_unix_millis(START + i64::try_from(act * ROUND / phones).unwrap());
            let admission = charge(&ledger, act, &bill.create(act, act % phones), now);
            assert!(admission.refused().is_none(), "{admission:?}");
            black_box(admission)
        });
    });
}

fn memory(phones: u64) {
    let bill = Bill::new();
    let region = Region::new(ALLOCATOR);
    let ledger = MemoryLedger::with_capacity(2 << 20);
    fill(&ledger, &bill, phones);
    println!("ledger/memory/typical: {} bytes for each of {phones} phones", in_use(&region) / phones);
    for again in 1..20 {
        for phone in 0..phones {
            let hour = i64::try_from(again).unwrap() * 3_600_000;
            let now = Timestamp::from_unix_millis(START + hour);
            let both = bill.phone(phone);
            let charges = if again < 10 { &both[..] } else { &both[1..] };
            assert!(charge(&ledger, again * phones + phone, charges, now).refused().is_none());
        }
    }
    println!("ledger/memory/full: {} bytes for each of {phones} phones", in_use(&region) / phones);
}

/// Every entry dies at once, and calls go on. The same calls are made three times over and each counts with its
/// shortest time: what remains is the ledger's own, not the machine's other work.
fn longest(phones: u64) {
    let bill = Bill::new();
    let creates = phones / 4;
    for (name, capacity) in [("with room", 4 << 20), ("full", usize::try_from(phones).unwrap())] {
        let mut shortest = vec![StdDuration::MAX; usize::try_from(creates).unwrap()];
        for _ in 0..3 {
            let ledger = MemoryLedger::with_capacity(capacity);
            fill(&ledger, &bill, phones);
            for (act, shortest) in (phones..).zip(&mut shortest) {
                let charges = bill.create(act, act);
                // Ten thousand each second, two days later.
                let now = START + 48 * 3_600_000 + i64::try_from(act / 10).unwrap();
                let begin = Instant::now();
                let admission = charge(&ledger, act, &charges, Timestamp::from_unix_millis(now));
                *shortest = begin.elapsed().min(*shortest);
                assert!(admission.refused().is_none());
            }
        }
        shortest.sort_unstable();
        let at = |thousandths| shortest[shortest.len() * thousandths / 1_000];
        let last = shortest.last().unwrap();
        println!(
            "ledger/longest/{name}: {last:?} of {creates} creates after {phones} entries died (median {:?}, 99.9 % {:?})",
            at(500),
            at(999),
        );
    }
}

/// One text and one guess of every phone, in an order by chance.
fn fill(ledger: &MemoryLedger, bill: &Bill, phones: u64) {
    for phone in 0..phones {
        let now = Timestamp::from_unix_millis(START - 3_600_000);
        assert!(charge(ledger, phone, &bill.phone(phone), now).refused().is_none());
    }
}

/// The quotas of a default policy.
struct Bill {
    sends_of_a_challenge: Quota,
    tries: Quota,
    sends_of_a_phone: Quota,
    guesses: Quota,
    sends_of_many: Quota,
    money: Quota,
}

impl Bill {
    fn new() -> Self {
        let log = |name, windows: &[(u32, i64)]| {
            let window = |(capacity, minutes): &(u32, i64)| {
                Window::new(*capacity, Duration::minutes(*minutes)).unwrap()
            };
            Quota::log(name, &windows.iter().map(window).collect::<Vec<_>>()).unwrap()
        };
        let slots = |name| Quota::slots(name, u64::MAX, Duration::hours(24), 24).unwrap();
        Self {
            sends_of_a_challenge: log(QuotaName::Sends, &[(3, 10)]),
            tries: log(QuotaName::Tries, &[(3, 10)]),
            sends_of_a_phone: log(QuotaName::Sends, &[(3, 10), (5, 60), (10, 24 * 60)]),
            guesses: log(QuotaName::Guesses, &[(20, 24 * 60)]),
            sends_of_many: slots(QuotaName::Sends),
            money: slots(QuotaName::Money),
        }
    }

    fn phone(&self, phone: u64) -> [Charge; 2] {
        let subject = subject(SubjectKind::Phone, phone);
        [Charge::new(subject, self.sends_of_a_phone, 1), Charge::new(subject, self.guesses, 1)]
    }

    fn create(&self, challenge: u64, phone: u64) -> [Charge; 7] {
        let challenge = subject(SubjectKind::Challenge, challenge);
        let everybody = subject(SubjectKind::Everybody, 0);
        [
            Charge::new(challenge, self.sends_of_a_challenge, 1),
            Charge::new(challenge, self.tries, 0),
            Charge::new(subject(SubjectKind::Phone, phone), self.sends_of_a_phone, 1),
            Charge::new(subject(SubjectKind::Prefix, phone % 100), self.sends_of_many, 1),
            Charge::new(subject(SubjectKind::Destination, phone % 3), self.sends_of_many, 1),
            Charge::new(everybody, self.sends_of_many, 1),
            Charge::new(everybody, self.money, 45_000),
        ]
    }
}

/// A subject whose id looks drawn, as pseudonyms and nonces do (SplitMix64).
fn subject(kind: SubjectKind, number: u64) -> Subject {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&mix(number).to_be_bytes());
    id[8..].copy_from_slice(&mix(!number).to_be_bytes());
    Subject::new(kind, Pseudonym::from_bytes(id))
}

const fn mix(number: u64) -> u64 {
    let a = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

fn charge(ledger: &dyn Ledger, act: u64, charges: &[Charge], now: Timestamp) -> Admission {
    let act = ActId::from_bytes(u128::from(act).to_be_bytes());
    use core::future::Future as _;
    let answer = pin!(ledger.charge(act, charges, now)).poll(&mut Context::from_waker(Waker::noop()));
    match answer {
        Poll::Ready(admission) => admission.unwrap(),
        Poll::Pending => unreachable!("the memory ledger never waits"),
    }
}

fn in_use(region: &Region<'_, System>) -> u64 {
    let change = region.change();
    u64::try_from(change.bytes_allocated - change.bytes_deallocated).unwrap()
}
