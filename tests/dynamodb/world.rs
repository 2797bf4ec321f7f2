//! What all tests here pay, and when.

use custom_auth::{
    ActId, Admission, Charge, DynamoDbLedger, Ledger as _, OnlyIf, Pseudonym, Put, Quota, QuotaName,
    StoreError, Subject, SubjectKind, Timestamp, Window,
    testing::{ManualClock, run},
};
use time::Duration;

use crate::common::table::Table;

pub(crate) const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

thread_local! {
    /// Each test's own; it stands still but for those who wait.
    static CLOCK: ManualClock = ManualClock::new(NOW);
}

/// An empty table at the test's clock.
pub(crate) fn table() -> Table {
    CLOCK.with(|clock| Table::far_away(clock, Duration::ZERO))
}

pub(crate) fn subject(kind: SubjectKind) -> Subject {
    Subject::new(kind, Pseudonym::from_bytes([7; 16]))
}

/// Two in ten minutes.
pub(crate) fn one(kind: SubjectKind) -> Charge {
    let window = Window::new(2, Duration::minutes(10)).unwrap();
    Charge::new(subject(kind), Quota::log(QuotaName::Guesses, &[window]).unwrap(), 1)
}

/// A phone and an account: a transaction.
pub(crate) fn two() -> [Charge; 2] {
    [one(SubjectKind::Phone), one(SubjectKind::Account)]
}

pub(crate) fn act(number: u8) -> ActId {
    ActId::from_bytes([number; 16])
}

pub(crate) fn wait<T>(call: impl Future<Output = T>) -> T {
    CLOCK.with(|clock| run(clock, call))
}

pub(crate) fn pay(ledger: &DynamoDbLedger, number: u8, charges: &[Charge]) -> Result<Admission, StoreError> {
    wait(ledger.charge(act(number), charges, NOW))
}

/// What is left of each, as another process sees it.
pub(crate) fn left(ledger: &DynamoDbLedger, charges: &[Charge]) -> Vec<u64> {
    let asked: Vec<_> =
        charges.iter().map(|charge| Charge::new(charge.key.subject, charge.key.quota, 0)).collect();
    let told = pay(ledger, u8::MAX, &asked).expect("the table answers");
    (0..asked.len()).map(|place| told.standing(place).unwrap().remaining).collect()
}

pub(crate) fn put(ledger: &DynamoDbLedger, value: &[u8], only_if: OnlyIf<'_>) -> Result<Put, StoreError> {
    wait(ledger.put(subject(SubjectKind::Person), value, NOW + Duration::MINUTE, only_if, NOW))
}
