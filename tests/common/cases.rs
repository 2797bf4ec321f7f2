//! How many random cases a test tries, and from where they begin.
//!
//! `CUSTOM_AUTH_CASES` sets the number for every random test, `CUSTOM_AUTH_SEED` the beginning; both are printed.
#![allow(dead_code, unreachable_pub)] // each suite uses its own part

use std::env;

use proptest::{prelude::ProptestConfig, test_runner::RngSeed};

/// How many: `default`, unless `CUSTOM_AUTH_CASES` says otherwise.
pub fn cases(default: u32) -> u32 {
    env::var("CUSTOM_AUTH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    env::var("CUSTOM_AUTH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// For a property: the same cases in every run of one seed.
pub fn config(default: u32) -> ProptestConfig {
    let (cases, seed) = (cases(default), seed());
    println!("CUSTOM_AUTH_SEED={seed} CUSTOM_AUTH_CASES={cases}");
    let rng_seed = RngSeed::Fixed(seed);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// The seeds of as many random lives.
pub fn seeds(default: u32) -> impl Iterator<Item = u64> {
    let (cases, seed) = (cases(default), seed());
    println!("CUSTOM_AUTH_SEED={seed} CUSTOM_AUTH_CASES={cases}");
    // Far apart, so that two beginnings share no life.
    (0..u64::from(cases)).map(move |nth| (seed - 1) * 10_000_000 + nth)
}
