//! A full ledger refuses; it forgets nobody who counts.

use super::{MINUTE, Trial, log};
use crate::{Charge, OnlyIf, Pseudonym, Put, QuotaName, StoreError, Subject, SubjectKind};

/// So many times the capacity a stranger tries.
const FLOOD: u128 = 4;

pub(super) async fn a_full_ledger_refuses_and_forgets_nobody(t: &Trial) {
    let capacity = capacity(t);
    let quota = log(QuotaName::Guesses, 1);
    let one = |number| [Charge::new(phone(number), quota, 1)];
    let mut paid = Vec::new();
    let mut full = false;
    for number in 0..capacity * FLOOD {
        match t.ledger.charge(t.act(), &one(number), t.at(0)).await {
            Ok(answer) => {
                t.check_admitted(&answer, "an empty quota has room for 1");
                paid.push(number);
            }
            Err(StoreError::Full) => full = true,
            Err(error) => t.answered(Err(error)),
        }
    }
    t.check(!paid.is_empty(), "a ledger holds something before it is full");
    let record = t.ledger.put(phone(capacity * FLOOD), b"value", t.at(MINUTE), OnlyIf::Absent, t.at(0)).await;
    t.check(
        matches!(record, Ok(Put::Done) | Err(StoreError::Full)),
        "a full ledger writes a record, or refuses with `StoreError::Full`",
    );
    for number in paid {
        let answer = t.pay(&one(number), t.at(10 * MINUTE - 1)).await;
        t.check_refused(&answer, 0, "no live entry is evicted to make room");
    }
    t.check(full, "a full ledger refuses with `StoreError::Full`");
}

pub(super) async fn what_is_dead_makes_room(t: &Trial) {
    let capacity = capacity(t);
    let one = |number| [Charge::new(phone(number), log(QuotaName::Guesses, 1), 1)];
    for number in 0..capacity * FLOOD {
        let _ = t.ledger.charge(t.act(), &one(number), t.at(0)).await;
    }
    let mut admitted = 0;
    for number in 0..capacity * FLOOD {
        let answer = t.ledger.charge(t.act(), &one(capacity * FLOOD + number), t.at(30 * MINUTE)).await;
        admitted += u128::from(answer.is_ok_and(|answer| answer.refused().is_none()));
    }
    t.check(admitted > 0, "a ledger full of dead entries admits again");
}

fn capacity(t: &Trial) -> u128 {
    t.traits.capacity.and_then(|capacity| u128::try_from(capacity).ok()).unwrap_or(1)
}

fn phone(number: u128) -> Subject {
    Subject::new(SubjectKind::Phone, Pseudonym::from_bytes(number.to_be_bytes()))
}
