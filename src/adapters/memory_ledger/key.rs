//! Subjects as keys, and where they go.

use std::hash::{BuildHasher as _, RandomState};

use crate::{ActId, Subject};

/// Tells a record from counts. No kind has a code so high.
const RECORD: u8 = 0x80;

/// A subject's counts, or its record, in 17 bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) struct Key {
    id: [u8; 16],
    kind: u8,
}

/// Spreads keys over shards and over a table's places.
///
/// Ids are random or one-way already; a host's own may be small numbers. One multiplication spreads both. Its two
/// factors are drawn for each ledger, so that nobody can choose ids that fall together.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    low: u64,
    high: u64,
}

impl Key {
    /// What was paid for `subject`.
    pub(super) const fn counts(subject: Subject) -> Self {
        Self { id: *subject.id.as_bytes(), kind: subject.kind.code() }
    }

    /// The record under `subject`.
    pub(super) const fn record(subject: Subject) -> Self {
        Self { kind: subject.kind.code() | RECORD, ..Self::counts(subject) }
    }

    /// An act, which is kept in no table.
    pub(super) const fn act(id: ActId) -> Self {
        Self { id: *id.as_bytes(), kind: 0 }
    }
}

impl Spread {
    pub(super) fn drawn() -> Self {
        let drawn = RandomState::new();
        Self { low: drawn.hash_one(0), high: drawn.hash_one(1) }
    }

    /// The hash of `key`. A table looks at its low half, a shard is chosen by bits of the [high one](Self::shard).
    pub(super) fn hash(self, key: &Key) -> u64 {
        let [low, high] = halves(u128::from_ne_bytes(key.id));
        let product =
            u128::from(low ^ self.low) * u128::from(high ^ self.high.wrapping_add(u64::from(key.kind)));
        let [low, high] = halves(product);
        low ^ high
    }

    /// The bits of `hash` that choose a shard.
    pub(super) const fn shard(hash: u64) -> usize {
        ((hash >> 32) & 0xff_ffff) as usize
    }
}

const fn halves(number: u128) -> [u64; 2] {
    [number as u64, (number >> 64) as u64]
}
