//! A ledger that writes down everything that reaches it.
#![allow(dead_code, unreachable_pub)] // each suite uses its own part

use std::sync::Mutex;

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Ledger, MemoryLedger, OnlyIf, Put, StoreError, Subject, SubjectKind, Timestamp,
};

/// A [`MemoryLedger`] and the bytes of every call on it, in order.
#[derive(Debug, Default)]
pub struct Tape {
    ledger: MemoryLedger,
    kept: Mutex<Kept>,
}

#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Every charge, with its act.
    pub charges: Vec<(ActId, Charge)>,
    /// Every record: whose, what is to be written, what is expected there.
    pub records: Vec<(Subject, Vec<u8>, Option<Vec<u8>>)>,
}

impl Kept {
    /// How often a subject of this kind was charged or asked about.
    pub fn charged(&self, kind: SubjectKind) -> usize {
        self.charges.iter().filter(|(_, charge)| charge.key.subject.kind == kind).count()
    }

    /// Every byte string that a store would keep: ids of acts and subjects, and the records.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for (act, charge) in &self.charges {
            all.push(act.as_bytes().to_vec());
            all.push(charge.key.subject.id.as_bytes().to_vec());
        }
        for (subject, value, expected) in &self.records {
            all.push(subject.id.as_bytes().to_vec());
            all.push(value.clone());
            all.extend(expected.clone());
        }
        all
    }
}

impl Tape {
    pub fn kept(&self) -> Kept {
        self.kept.lock().unwrap().clone()
    }
}

#[async_trait]
impl Ledger for Tape {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        self.kept.lock().unwrap().charges.extend(charges.iter().map(|charge| (id, *charge)));
        self.ledger.charge(id, charges, now).await
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let expected = match only_if {
            OnlyIf::Absent => None,
            OnlyIf::Is(bytes) => Some(bytes.to_vec()),
        };
        self.kept.lock().unwrap().records.push((subject, value.to_vec(), expected));
        self.ledger.put(subject, value, dead_at, only_if, now).await
    }
}
