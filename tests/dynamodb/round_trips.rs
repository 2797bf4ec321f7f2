//! How often the service is asked.

use custom_auth::{Charge, OnlyIf, SubjectKind};

use crate::{
    common::table::Table,
    world::{one, pay, put, table, two},
};

fn calls(table: &Table, act: impl FnOnce()) -> Vec<String> {
    table.calls();
    act();
    table.calls()
}

#[test]
fn a_record_is_put_in_one_call_and_read_in_one() {
    let table = table();
    let ledger = table.ledger(1);
    assert_eq!(calls(&table, || drop(put(&ledger, b"a", OnlyIf::Absent))), ["PutItem"]);
    assert_eq!(calls(&table, || drop(put(&ledger, b"b", OnlyIf::Absent))), ["PutItem"]);
    assert_eq!(calls(&table, || drop(put(&ledger, b"b", OnlyIf::Is(b"a")))), ["PutItem"]);
    assert_eq!(calls(&table, || drop(put(&ledger, b"", OnlyIf::Is(b"")))), ["GetItem"]);
    assert_eq!(calls(&table, || drop(put(&ledger, b"b", OnlyIf::Is(b"b")))), ["GetItem"]);
}

#[test]
fn who_was_not_seen_is_read_and_paid_in_two_calls_however_many_they_are() {
    let table = table();
    let three = [one(SubjectKind::Phone), one(SubjectKind::Account), one(SubjectKind::Everybody)];
    assert_eq!(calls(&table, || drop(pay(&table.ledger(1), 1, &three[..1]))), ["GetItem", "PutItem"]);
    assert_eq!(
        calls(&table, || drop(pay(&table.ledger(1), 2, &three))),
        ["BatchGetItem", "TransactWriteItems"]
    );
}

#[test]
fn who_was_asked_about_is_paid_in_one_call() {
    let (table, bill) = (table(), two());
    let ledger = table.ledger(1);
    let asked = bill.map(|charge| Charge::new(charge.key.subject, charge.key.quota, 0));
    assert_eq!(calls(&table, || drop(pay(&ledger, 1, &asked))), ["BatchGetItem"]);
    assert_eq!(calls(&table, || drop(pay(&ledger, 1, &bill))), ["TransactWriteItems"]);
    assert_eq!(calls(&table, || drop(pay(&ledger, 2, &bill))), ["TransactWriteItems"]);
    // Used up: told by what is there now.
    assert_eq!(calls(&table, || drop(pay(&ledger, 3, &bill))), ["BatchGetItem"]);
}

#[test]
fn who_was_seen_before_somebody_else_paid_is_paid_in_two_calls() {
    let (table, bill) = (table(), two());
    let (ledger, other) = (table.ledger(1), table.ledger(1));
    pay(&ledger, 1, &bill).map(drop).unwrap();
    pay(&other, 2, &bill[1..]).map(drop).unwrap();
    let paid = calls(&table, || assert!(pay(&ledger, 3, &bill[..1]).unwrap().refused().is_none()));
    assert_eq!(paid, ["PutItem"], "the phone is as it was");
    let refused =
        calls(&table, || assert_eq!(pay(&ledger, 4, &bill[1..]).unwrap().refused().unwrap().which, 0));
    assert_eq!(refused, ["PutItem"], "what is there is in the answer");
}
