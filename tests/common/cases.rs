//! How many random cases a test tries, and from where they begin.
//!
//! `CUSTOM_AUTH_CASES` sets the number for every random test, `CUSTOM_AUTH_SEED` the beginning; both are printed.
#![allow(dead_code, unreachable_pub)] // each suite uses its own part
#![allow(clippy::panic)] // a test ends there

use std::{any::type_name, env, str::FromStr};

use proptest::{prelude::ProptestConfig, test_runner::RngSeed};

/// A number from the environment. One that cannot be read ends the test: else it would quietly try fewer cases.
fn number<T: FromStr>(name: &str, default: T) -> T {
    let Ok(text) = env::var(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name}={text} is no {}", type_name::<T>()))
}

/// How many cases, and the seed: `default` and 1, unless the environment says otherwise.
fn chosen(default: u32) -> (u32, u64) {
    let (cases, seed) = (number("CUSTOM_AUTH_CASES", default), number("CUSTOM_AUTH_SEED", 1));
    println!("CUSTOM_AUTH_SEED={seed} CUSTOM_AUTH_CASES={cases}");
    (cases, seed)
}

/// For a property: the same cases in every run of one seed, after those that are kept in `tests/proptest-regressions`.
pub fn config(default: u32) -> ProptestConfig {
    let (cases, seed) = chosen(default);
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(seed), ..ProptestConfig::default() }
}

/// The same, and nothing is kept: for a suite whose cases change with every change of their grammar.
pub fn fresh(default: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..config(default) }
}

/// The seeds of as many random lives.
pub fn seeds(default: u32) -> impl Iterator<Item = u64> {
    let (cases, seed) = chosen(default);
    // Far apart, so that two beginnings share no life.
    let first = seed.wrapping_sub(1).wrapping_mul(10_000_000_000);
    (0..u64::from(cases)).map(move |nth| first.wrapping_add(nth))
}
