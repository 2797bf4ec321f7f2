//! One ledger behind two doors that can fail apart: what everybody pays, and what only a real text pays.

use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Ledger, OnlyIf, Put, QuotaName, StoreError, Subject, SubjectKind, Timestamp,
    testing::Faulty,
};

use super::tape::Tape;

#[derive(Debug)]
pub(crate) struct Routes {
    /// Challenges, phones, accounts, records.
    pub(crate) narrow: Faulty<Arc<Tape>>,
    /// Prefixes, destinations, everybody, money.
    pub(crate) wide: Faulty<Arc<Tape>>,
    pub(crate) tape: Arc<Tape>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        let tape = Arc::new(Tape::default());
        Self { narrow: Faulty::new(Arc::clone(&tape)), wide: Faulty::new(Arc::clone(&tape)), tape }
    }
}

#[async_trait]
impl Ledger for Routes {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        let wide = |charge: &Charge| {
            let kind = charge.key.subject.kind;
            [SubjectKind::Prefix, SubjectKind::Destination, SubjectKind::Everybody].contains(&kind)
        };
        if charges.iter().any(wide) {
            let texted = |charge: &Charge| charge.key.quota.name == QuotaName::Texted;
            let apart = charges.iter().all(|charge| wide(charge) || texted(charge));
            assert!(apart, "what decoys pay and what they do not are paid apart");
            return self.wide.charge(id, charges, now).await;
        }
        self.narrow.charge(id, charges, now).await
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.narrow.put(subject, value, dead_at, only_if, now).await
    }
}
