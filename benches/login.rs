//! What a whole login costs: four events in, four answers out, the default policy with every quota and every audit
//! event on, the memory ledger with ten thousand users in it, the operating system's randomness.
//!
//! The floor is what any implementation with these promises pays: the same four events read into minimal borrowed
//! structs with `serde_json` and the same bytes printed; the draw of randomness for a challenge (32 bytes); and its HMACs:
//! two over the code's message (one to text the code, one to compare it), and those of the names under which a store keeps
//! a person, since no store may see a number: account, phone and person for *create* and again for *verify*, which are two
//! processes' work, the answer's name, and the account for the last *define*'s audit. It has no limits, no store, no audit
//! and no message. A second floor leaves the names out, as one would that stores numbers as they are.
//!
//! `cargo bench --bench login` prints each trigger, the login and both floors, then their ratio over paired rounds
//! that alternate, so that whatever else the machine does befalls both.

#![allow(missing_docs)] // a bench is read, not called
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a bench stops at the first surprise

use core::hint::black_box;
use std::time::{Duration, Instant};

use common::{BATCH, Call, Login, World};
use criterion::Criterion;
use custom_auth::{Entropy as _, OsEntropy};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

mod common;
#[path = "common/floor.rs"]
mod floor;

const ROUNDS: usize = 30;
const LOGINS_PER_ROUND: u64 = 2_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut world = World::settled();
    let floor = Floor::new();
    floor.prints_the_same(&world.batch(|_, run| run()));
    let mut group = criterion.benchmark_group("login");
    let triggers = [
        ("define", &[Call::FirstDefine][..]),
        ("create", &[Call::Create]),
        ("verify", &[Call::Verify]),
        ("define after a right answer", &[Call::LastDefine]),
        ("whole", &[Call::FirstDefine, Call::Create, Call::Verify, Call::LastDefine]),
    ];
    for (name, calls) in triggers {
        group.bench_function(name, |bench| {
            bench.iter_custom(|count| batches(count, || timed(&mut world, calls).1));
        });
    }
    let (logins, _) = timed(&mut world, &[]);
    for (name, names) in [("floor", &NAMES[..]), ("floor without names", &[])] {
        group.bench_function(name, |bench| {
            bench.iter_custom(|count| batches(count, || floor.time(&logins, names)));
        });
    }
    group.finish();
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        paired(&mut world, &floor);
    }
}

/// The next logins, and the time of those `calls`.
fn timed(world: &mut World, calls: &[Call]) -> (Vec<Login>, Duration) {
    let mut taken = Duration::ZERO;
    let logins = world.batch(|call, run| {
        let begin = Instant::now();
        run();
        taken += if calls.contains(&call) { begin.elapsed() } else { Duration::ZERO };
    });
    (logins, taken)
}

/// The time of `count` logins, from whole batches.
fn batches(count: u64, mut batch: impl FnMut() -> Duration) -> Duration {
    let batches = count.div_ceil(BATCH);
    let taken: Duration = (0..batches).map(|_| batch()).sum();
    taken.mul_f64(count as f64 / (batches * BATCH) as f64)
}

/// Login and floor by turns, over the same events.
fn paired(world: &mut World, floor: &Floor) {
    let told = world.audited();
    let mut rounds: Vec<[f64; 3]> = (0..ROUNDS)
        .map(|_| {
            let mut sums = [Duration::ZERO; 3];
            for _ in 0..LOGINS_PER_ROUND / BATCH {
                let (logins, taken) =
                    timed(world, &[Call::FirstDefine, Call::Create, Call::Verify, Call::LastDefine]);
                sums[0] += taken;
                sums[1] += floor.time(&logins, &NAMES);
                sums[2] += floor.time(&logins, &[]);
            }
            sums.map(|sum| sum.as_secs_f64() * 1e6 / LOGINS_PER_ROUND as f64)
        })
        .collect();
    for (name, value) in [
        ("login, µs", (|round| round[0]) as fn(&[f64; 3]) -> f64),
        ("floor, µs", |round| round[1]),
        ("floor without names, µs", |round| round[2]),
        ("login / floor", |round| round[0] / round[1]),
        ("login / floor without names", |round| round[0] / round[2]),
    ] {
        rounds.sort_by(|one, other| value(one).total_cmp(&value(other)));
        let [least, median, most] = [0, ROUNDS / 2, ROUNDS - 1].map(|place| value(&rounds[place]));
        println!(
            "login/paired/{name}: min {least:.3} median {median:.3} max {most:.3} ({ROUNDS} rounds of {LOGINS_PER_ROUND})"
        );
    }
    let (logins, told) = (ROUNDS as u64 * LOGINS_PER_ROUND, world.audited() - told);
    println!("login/paired/audit events of one login: {}", told / logins);
}

/// Bytes in the message of each name: a label and what is named, each behind its length.
const NAMES: [usize; 8] = [66, 41, 76, 66, 41, 76, 52, 66];

struct Floor {
    code: Hmac<Sha256>,
    message: Vec<u8>,
}

impl Floor {
    fn new() -> Self {
        // As long as what a code is derived from: purpose, pool, client, user, phone, nonce and times.
        Self { code: Hmac::new_from_slice(&[7; 32]).unwrap(), message: vec![7; 159] }
    }

    fn time(&self, logins: &[Login], names: &[usize]) -> Duration {
        let begin = Instant::now();
        for login in logins {
            black_box(floor::define(black_box(&login.events[0]), Some("CUSTOM_CHALLENGE")));
            self.draw();
            self.mac(self.message.len());
            black_box(floor::create(black_box(&login.events[1]), black_box(&login.round)));
            self.mac(self.message.len());
            black_box(floor::verify(black_box(&login.events[2])));
            for len in names {
                self.mac(*len);
            }
            black_box(floor::define(black_box(&login.events[3]), None));
        }
        begin.elapsed()
    }

    fn draw(&self) {
        let mut bytes = [0; 32];
        OsEntropy::new().fill(&mut bytes).unwrap();
        black_box(bytes);
    }

    fn mac(&self, len: usize) {
        let mut mac = self.code.clone();
        mac.update(black_box(&self.message[..len]));
        black_box(mac.finalize());
    }

    /// The floor is a fair one only if it prints what the login did.
    fn prints_the_same(&self, logins: &[Login]) {
        for login in logins {
            assert_eq!(floor::define(&login.events[0], Some("CUSTOM_CHALLENGE")), login.answers[0]);
            assert_eq!(floor::create(&login.events[1], &login.round), login.answers[1]);
            assert_eq!(floor::verify(&login.events[2]), login.answers[2]);
            assert_eq!(floor::define(&login.events[3], None), login.answers[3]);
        }
    }
}
