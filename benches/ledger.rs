//! What the memory ledger costs: the charges of one create (its two bills, eight charges), bytes for each phone, the
//! longest single call.
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
    ActId, Admission, Charge, Destination, Destinations, Ledger, MemoryLedger, Policy, Pseudonym, Quota,
    Quotas, Subject, SubjectKind, Timestamp,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MILLION: u64 = 1_000_000;
const START: i64 = 1_790_000_000_000;
/// A phone comes back after so long, so that no log is ever full: 9.6 times in 24 hours.
const ROUND: u64 = 9_000_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for phones in [1_000, 10_000, 100_000, MILLION] {
        creates(&mut criterion, phones);
    }
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        memory(MILLION);
        growing(MILLION);
        dying(MILLION);
    }
}

/// The charges of a create, from a phone that comes by chance.
fn creates(criterion: &mut Criterion, phones: u64) {
    let bills = Bills::new();
    let ledger = MemoryLedger::with_capacity(4 << 20);
    fill(&ledger, &bills, phones);
    let mut act = phones;
    criterion.benchmark_group("ledger/create").bench_function(BenchmarkId::from_parameter(phones), |bench| {
        bench.iter(|| {
            act += 1;
            let now = Timestamp::from_unix_millis(START + i64::try_from(act * ROUND / phones).unwrap());
            let admissions = create(&ledger, &bills, (act, act % phones), now);
            assert!(admissions.iter().all(|admission| admission.refused().is_none()), "{admissions:?}");
            black_box(admissions)
        });
    });
}

fn memory(phones: u64) {
    let bills = Bills::new();
    let region = Region::new(ALLOCATOR);
    let ledger = MemoryLedger::with_capacity(4 << 20);
    fill(&ledger, &bills, phones);
    println!("ledger/memory/typical: {} bytes for each of {phones} phones", in_use(&region) / phones);
    let now = |hour| Timestamp::from_unix_millis(START + hour * 3_600_000);
    for account in 0..phones {
        assert!(charge(&ledger, account, &bills.account(account), now(0)).refused().is_none());
    }
    let person = in_use(&region) / phones;
    println!("ledger/memory/typical: {person} bytes for each of {phones} people with their accounts");
    drop(ledger);
    let ledger = MemoryLedger::with_capacity(4 << 20);
    fill(&ledger, &bills, phones);
    for again in 1..20 {
        for phone in 0..phones {
            let both = bills.phone(phone);
            let charges = if again < 10 { &both[..] } else { &both[1..] };
            let act = again * phones + phone;
            assert!(charge(&ledger, act, charges, now(i64::try_from(again).unwrap())).refused().is_none());
        }
    }
    println!("ledger/memory/full: {} bytes for each of {phones} phones", in_use(&region) / phones);
}

/// A ledger grows from nothing: the longest call of a run, the shortest of three runs.
fn growing(phones: u64) {
    let bills = Bills::new();
    let runs = (0..3).map(|_| {
        let ledger = MemoryLedger::with_capacity(4 << 20);
        let calls = (0..phones).map(|phone| {
            let charges = bills.phone(phone);
            let begin = Instant::now();
            let admission = charge(&ledger, phone, &charges, Timestamp::from_unix_millis(START));
            let taken = begin.elapsed();
            assert!(admission.refused().is_none());
            taken
        });
        calls.max().unwrap()
    });
    let longest = runs.min().unwrap();
    println!("ledger/longest/growing: {longest:?} of {phones} phones added to an empty ledger");
}

/// Every entry dies at once, and calls go on: the longest call of a run, the shortest of three runs. Each ledger spreads its
/// entries anew, so no call of one run is the same as one of another.
fn dying(phones: u64) {
    let bills = Bills::new();
    let creates = phones / 4;
    for (name, capacity) in [("with room", 4 << 20), ("full", usize::try_from(phones).unwrap())] {
        let runs = (0..3).map(|_| {
            let ledger = MemoryLedger::with_capacity(capacity);
            fill(&ledger, &bills, phones);
            let calls = (phones..phones + creates).map(|act| {
                // Ten thousand each second, two days later.
                let now = START + 48 * 3_600_000 + i64::try_from(act / 10).unwrap();
                let begin = Instant::now();
                let admissions = create(&ledger, &bills, (act, act), Timestamp::from_unix_millis(now));
                let taken = begin.elapsed();
                assert!(admissions.iter().all(|admission| admission.refused().is_none()));
                taken
            });
            let mut calls: Vec<StdDuration> = calls.collect();
            calls.sort_unstable();
            [calls[calls.len() - 1], calls[calls.len() / 2], calls[calls.len() / 1_000 * 999]]
        });
        let [longest, median, most] = runs.min().unwrap();
        println!(
            "ledger/longest/{name}: {longest:?} of {creates} creates after {phones} entries died (median {median:?}, 99.9 % {most:?})"
        );
    }
}

/// One text and one guess of every phone, in an order by chance.
fn fill(ledger: &MemoryLedger, bills: &Bills, phones: u64) {
    for phone in 0..phones {
        let now = Timestamp::from_unix_millis(START - 3_600_000);
        assert!(charge(ledger, phone, &bills.phone(phone), now).refused().is_none());
    }
}

/// The bills of a default policy with every quota on, as the engine writes them; the wide ones never full.
struct Bills {
    quotas: Quotas,
    destination: Quota,
}

impl Bills {
    fn new() -> Self {
        let terms = Destination::new(2_780, Some(u32::MAX));
        let policy = Policy::builder()
            .destinations(Destinations::default().allow_at("+91", terms))
            .sends_per_prefix_per_hour(u32::MAX)
            .sends_per_day(u32::MAX)
            .budget_per_day(Some(u64::MAX))
            .build()
            .unwrap();
        let destination = Quotas::destination_sends(terms).unwrap();
        Self { quotas: Quotas::of(&policy).unwrap(), destination }
    }

    /// What stays of a phone: a text and a guess.
    fn phone(&self, phone: u64) -> [Charge; 2] {
        let subject = subject(SubjectKind::Phone, phone);
        [Charge::new(subject, self.quotas.phone_sends, 1), Charge::new(subject, self.quotas.guesses, 1)]
    }

    /// What stays of a person beside the phone: a guess of the account, and of its series of failures.
    fn account(&self, account: u64) -> [Charge; 2] {
        let (account, series) =
            (subject(SubjectKind::Account, account), subject(SubjectKind::Series, account));
        [Charge::new(account, self.quotas.guesses, 1), Charge::new(series, self.quotas.failures, 1)]
    }

    /// A create's first bill: the challenge and the phone.
    fn narrow(&self, challenge: u64, phone: u64) -> [Charge; 3] {
        let challenge = subject(SubjectKind::Challenge, challenge);
        [
            Charge::new(challenge, self.quotas.tries, 0),
            Charge::new(challenge, self.quotas.challenge_sends, 1),
            Charge::new(subject(SubjectKind::Phone, phone), self.quotas.phone_sends, 1),
        ]
    }

    /// A create's second bill: what others pay too, and that the challenge was texted.
    fn wide(&self, challenge: u64, phone: u64) -> [Charge; 5] {
        let everybody = subject(SubjectKind::Everybody, 0);
        [
            Charge::new(subject(SubjectKind::Prefix, phone % 100), self.quotas.prefix_sends, 1),
            Charge::new(subject(SubjectKind::Destination, 0), self.destination, 1),
            Charge::new(everybody, self.quotas.all_sends, 1),
            Charge::new(everybody, self.quotas.money.unwrap(), 2_780),
            Charge::new(subject(SubjectKind::Challenge, challenge), self.quotas.texted, 1),
        ]
    }
}

/// Both bills of one create.
fn create(ledger: &MemoryLedger, bills: &Bills, (act, phone): (u64, u64), now: Timestamp) -> [Admission; 2] {
    [charge(ledger, act, &bills.narrow(act, phone), now), charge(ledger, act, &bills.wide(act, phone), now)]
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
