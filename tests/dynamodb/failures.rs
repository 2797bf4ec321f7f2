//! Calls that fail, answers that are lost, and what is counted then.

use custom_auth::{OnlyIf, Put, StoreError, SubjectKind};
use serde_json::json;

use crate::{
    common::table::Mishap,
    world::{left, one, pay, put, table, two},
};

/// Every way in which a call may end that is not an answer.
const MISHAPS: [Mishap; 6] = [
    Mishap::LostOnTheWay,
    Mishap::LostOnTheWayBack,
    Mishap::Throttled,
    Mishap::Broken,
    Mishap::Denied,
    Mishap::Page,
];

#[test]
fn i9_whichever_call_fails_nobody_is_admitted_on_it() {
    for bill in [&two()[..1], &two()] {
        for mishap in MISHAPS {
            for call in 0..2 {
                let table = table();
                table.befall((0..call).map(|_| None).chain([Some(mishap)]));
                let paid = pay(&table.ledger(1), 1, bill);
                // A transaction that is throttled did nothing, and is tried again.
                if mishap == Mishap::Throttled && call == 1 && bill.len() == 2 {
                    assert!(paid.unwrap().refused().is_none());
                    continue;
                }
                let retryable = paid.expect_err("the call failed").is_retryable();
                assert_eq!(retryable, mishap != Mishap::Denied, "{mishap:?}");
            }
        }
    }
}

#[test]
fn i3_a_charge_whose_answer_was_lost_counts_and_its_repetition_is_not_charged_again() {
    for bill in [&two()[..1], &two()] {
        let table = table();
        table.befall([None, Some(Mishap::LostOnTheWayBack)]);
        assert!(pay(&table.ledger(1), 1, bill).is_err());
        assert_eq!(left(&table.ledger(1), bill), vec![1; bill.len()]);
        assert!(pay(&table.ledger(1), 1, bill).unwrap().refused().is_none());
        assert_eq!(left(&table.ledger(1), bill), vec![1; bill.len()]);
    }
}

#[test]
fn i3_a_write_that_the_client_repeats_after_it_has_landed_is_charged_once() {
    for bill in [&two()[..1], &two()] {
        let table = table();
        table.befall([None, Some(Mishap::LostOnTheWayBack)]);
        assert!(pay(&table.ledger(3), 1, bill).unwrap().refused().is_none());
        assert_eq!(left(&table.ledger(1), bill), vec![1; bill.len()]);
    }
}

#[test]
fn i2_a_record_whose_answer_was_lost_is_there_and_the_client_that_repeats_finds_its_own() {
    let (table, another) = (table(), table());
    table.befall([Some(Mishap::LostOnTheWayBack)]);
    assert!(put(&table.ledger(1), b"mine", OnlyIf::Absent).is_err());
    assert_eq!(put(&table.ledger(1), b"other", OnlyIf::Absent).unwrap(), Put::Held(Some(b"mine".to_vec())));
    let table = another;
    table.befall([Some(Mishap::LostOnTheWayBack)]);
    let repeated = put(&table.ledger(2), b"mine", OnlyIf::Absent).unwrap();
    assert_eq!(repeated, Put::Held(Some(b"mine".to_vec())), "a caller that finds its own has succeeded");
}

#[test]
fn transactions_in_each_others_way_are_tried_again() {
    let table = table();
    table.befall([None, Some(Mishap::Conflict), None, Some(Mishap::Conflict)]);
    assert!(pay(&table.ledger(1), 1, &two()).unwrap().refused().is_none());
    assert_eq!(left(&table.ledger(1), &two()), [1, 1]);
    let one = [one(SubjectKind::Phone)];
    table.befall([None, Some(Mishap::Conflict)]);
    assert!(pay(&table.ledger(1), 2, &one).unwrap().refused().is_none());
    assert_eq!(left(&table.ledger(1), &two()), [0, 1]);
}

#[test]
fn i9_who_is_always_in_somebodys_way_gives_up_and_is_not_admitted() {
    let table = table();
    table.befall((0..1_000).map(|_| Some(Mishap::Conflict)));
    let given_up = pay(&table.ledger(1), 1, &two());
    assert!(matches!(given_up, Err(StoreError::Unavailable(_))), "{given_up:?}");
    table.befall([]);
    assert_eq!(left(&table.ledger(1), &two()), [2, 2]);
}

#[test]
fn i3_what_a_batch_leaves_out_is_asked_for_again_and_not_taken_for_nothing() {
    let table = table();
    for number in 1..=2 {
        pay(&table.ledger(1), number, &two())
            .unwrap()
            .refused()
            .is_none()
            .then_some(())
            .expect("there is room");
    }
    table.befall([Some(Mishap::LeftOut)]);
    let refused = pay(&table.ledger(1), 3, &two()).unwrap().refused().expect("all is used up");
    assert_eq!(refused.which, 0);
    table.befall([Some(Mishap::LeftOut)]);
    assert_eq!(left(&table.ledger(1), &two()), [0, 0], "nothing is known of it until it was read");
}

#[test]
fn i9_an_item_that_cannot_be_read_is_told_and_not_taken_for_nothing() {
    for (attribute, value) in [
        ("value", json!({"S": "text"})),
        ("value", json!({"B": "gA=="})),
        ("dead_at", json!({"N": "-1"})),
        ("dead_at", json!({"S": "soon"})),
    ] {
        for bill in [&two()[..1], &two()] {
            let table = table();
            pay(&table.ledger(1), 1, bill).map(drop).unwrap();
            table.overwrite(attribute, &value);
            let paid = pay(&table.ledger(1), 2, bill);
            assert!(matches!(paid, Err(StoreError::Corrupt(_))), "{attribute} {value}: {paid:?}");
        }
    }
}

#[test]
fn i7_what_a_failure_shows_is_the_call_and_the_name_of_the_error() {
    for (mishap, call, shown) in [
        (Mishap::Denied, 0, "BatchGetItem: AccessDeniedException"),
        (Mishap::Broken, 1, "TransactWriteItems: InternalServerError"),
        (Mishap::Page, 0, "BatchGetItem: HTTP 502"),
        (Mishap::LostOnTheWay, 1, "TransactWriteItems: not done"),
    ] {
        let table = table();
        table.befall((0..call).map(|_| None).chain([Some(mishap)]));
        let error = pay(&table.ledger(1), 1, &two()).expect_err("the call failed");
        let source = std::error::Error::source(&error).expect("a cause").to_string();
        assert_eq!(source, shown);
    }
}

#[test]
fn i7_the_table_holds_no_number_and_no_name() {
    let table = table();
    pay(&table.ledger(1), 1, &two()).map(drop).unwrap();
    put(&table.ledger(1), b"record", OnlyIf::Absent).map(drop).unwrap();
    for item in table.items() {
        let names: Vec<&String> = item.as_object().unwrap().keys().collect();
        assert_eq!(names, ["dead_at", "expires", "subject", "value"]);
    }
}

#[test]
fn i9_a_transaction_that_is_cancelled_for_no_reason_has_paid_nothing() {
    let table = table();
    table.befall([None, Some(Mishap::NoReason)]);
    let paid = pay(&table.ledger(1), 1, &two());
    assert!(matches!(paid, Err(StoreError::Unavailable(_))), "{paid:?}");
    assert_eq!(left(&table.ledger(1), &two()), [2, 2]);
}
