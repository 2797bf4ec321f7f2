//! One item of the table: what is kept under one name.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::table::{DEAD_AT, EXPIRES, SUBJECT, VALUE};
use crate::{
    limits::millis,
    ports::{StoreError, Subject},
    types::Timestamp,
};

/// An item as the service sends it.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The name of an item: 1 byte of the subject's kind, 16 of its id, 1 of the shard.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Key([u8; 18]);

/// Tells a record from counts. No kind has a code so high.
const RECORD: u8 = 0x80;
/// So long after its death an item may be removed, in milliseconds.
const GRACE: u64 = 3_600_000;

impl Key {
    pub(super) fn counts(subject: Subject, shard: u8) -> Self {
        Self::new(subject.kind.code(), subject, shard)
    }

    pub(super) fn record(subject: Subject) -> Self {
        Self::new(subject.kind.code() | RECORD, subject, 0)
    }

    fn new(kind: u8, subject: Subject, shard: u8) -> Self {
        let mut key = [0; 18];
        let [first, id @ .., last] = &mut key;
        *first = kind;
        *id = *subject.id.as_bytes();
        *last = shard;
        Self(key)
    }

    pub(super) fn attribute(self) -> AttributeValue {
        AttributeValue::B(Blob::new(self.0))
    }

    /// Whose item this is; `None` if it is none of ours.
    pub(super) fn of(item: &Attributes) -> Option<Self> {
        let blob = item.get(SUBJECT)?.as_b().ok()?;
        Some(Self(blob.as_ref().try_into().ok()?))
    }
}

/// What is kept under one name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Item {
    pub(super) bytes: Vec<u8>,
    /// In milliseconds.
    pub(super) dead_at: u64,
}

impl Item {
    pub(super) const fn new(bytes: Vec<u8>, dead_at: u64) -> Self {
        Self { bytes, dead_at }
    }

    /// # Errors
    /// [`StoreError::Corrupt`] if it is none of ours.
    pub(super) fn read(item: &Attributes) -> Result<Self, StoreError> {
        let read = || {
            let bytes = item.get(VALUE)?.as_b().ok()?.as_ref().to_vec();
            let dead_at = item.get(DEAD_AT)?.as_n().ok()?.parse().ok()?;
            Some(Self { bytes, dead_at })
        };
        read().ok_or_else(|| StoreError::Corrupt("an item of the table".into()))
    }

    pub(super) fn attributes(&self, key: Key) -> Attributes {
        let number = |number: u64| AttributeValue::N(number.to_string());
        let expires = self.dead_at.saturating_add(GRACE).div_ceil(1_000);
        HashMap::from([
            (SUBJECT.to_owned(), key.attribute()),
            (VALUE.to_owned(), AttributeValue::B(Blob::new(self.bytes.clone()))),
            (DEAD_AT.to_owned(), number(self.dead_at)),
            (EXPIRES.to_owned(), number(expires)),
        ])
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        millis(now) < self.dead_at
    }

    /// The bytes of a live record; a dead one is absent.
    pub(super) fn live_bytes(self, now: Timestamp) -> Option<Vec<u8>> {
        self.is_live(now).then_some(self.bytes)
    }
}
