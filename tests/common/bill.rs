//! What must have been paid before anything is done.
#![allow(dead_code, unreachable_pub)] // each suite uses its own part

use custom_auth::{Charge, QuotaName, SubjectKind};

/// What every text must have paid, beside what only some policies ask for.
pub const OF_A_TEXT: [(SubjectKind, QuotaName); 5] = [
    (SubjectKind::Challenge, QuotaName::Sends),
    (SubjectKind::Challenge, QuotaName::Texted),
    (SubjectKind::Phone, QuotaName::Sends),
    (SubjectKind::Prefix, QuotaName::Sends),
    (SubjectKind::Everybody, QuotaName::Sends),
];

/// Whose quota of this kind and name a bill paid, if it did.
pub fn paid(bill: &[Charge], kind: SubjectKind, name: QuotaName) -> Option<Vec<u8>> {
    let one = |charge: &&Charge| charge.key.subject.kind == kind && charge.key.quota.name == name;
    bill.iter().filter(|charge| charge.cost > 0).find(one).map(|c| c.key.subject.id.as_bytes().to_vec())
}
