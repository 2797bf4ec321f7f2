//! Records: one is written if what is there allows it.

use super::{MINUTE, Trial, log, subject};
use crate::{Charge, OnlyIf, Put, QuotaName, SubjectKind};

pub(super) async fn a_record_is_written_once_if_absent(t: &Trial) {
    let (one, two) = (subject(SubjectKind::Person, 1), subject(SubjectKind::Token, 1));
    let first = t.put(one, b"first", MINUTE, OnlyIf::Absent, 0).await;
    t.check(first == Put::Done, "nothing was there, so the value is written");
    for value in [&b"second"[..], b"first"] {
        let second = t.put(one, value, MINUTE, OnlyIf::Absent, 1).await;
        t.check(
            second == Put::Held(Some(b"first".to_vec())),
            "a live record is not written over, and is shown",
        );
    }
    let other = t.put(two, b"other", MINUTE, OnlyIf::Absent, 1).await;
    t.check(other == Put::Done, "a record of another kind of subject is another record");
}

pub(super) async fn a_record_is_swapped_only_for_what_is_there(t: &Trial) {
    let person = subject(SubjectKind::Person, 2);
    let nothing = t.put(person, b"new", MINUTE, OnlyIf::Is(b"old"), 0).await;
    t.check(nothing == Put::Held(None), "where nothing is, nothing is swapped");
    let nothing = t.put(person, b"new", MINUTE, OnlyIf::Is(b""), 0).await;
    t.check(nothing == Put::Held(None), "nothing is not the same as an empty value");
    t.check(t.put(person, b"open", MINUTE, OnlyIf::Absent, 0).await == Put::Done, "a record is written");
    for close in [&b"ope"[..], b"open ", b"opeN", b""] {
        let wrong = t.put(person, b"done", MINUTE, OnlyIf::Is(close), 0).await;
        t.check(wrong == Put::Held(Some(b"open".to_vec())), "only exactly the same bytes are swapped");
    }
    let same = t.put(person, b"open", MINUTE, OnlyIf::Is(b"open"), 0).await;
    t.check(same == Put::Done, "a value may be swapped for itself");
    t.check(t.put(person, b"done", MINUTE, OnlyIf::Is(b"open"), 0).await == Put::Done, "it is swapped");
    let late = t.put(person, b"done", MINUTE, OnlyIf::Is(b"open"), 0).await;
    t.check(late == Put::Held(Some(b"done".to_vec())), "what was swapped is gone");
}

pub(super) async fn a_dead_record_is_absent(t: &Trial) {
    let person = subject(SubjectKind::Person, 3);
    t.check(t.put(person, b"old", MINUTE, OnlyIf::Absent, 0).await == Put::Done, "a record is written");
    let live = t.put(person, b"new", MINUTE, OnlyIf::Absent, MINUTE - 1).await;
    t.check(live == Put::Held(Some(b"old".to_vec())), "a record lives until its very last millisecond");
    let dead = t.put(person, b"new", 2 * MINUTE, OnlyIf::Is(b"old"), MINUTE).await;
    t.check(dead == Put::Held(None), "a dead record is absent: it is not swapped, nor shown");
    let dead = t.put(person, b"new", 2 * MINUTE, OnlyIf::Absent, MINUTE).await;
    t.check(dead == Put::Done, "a dead record makes way");
    let longer = t.put(person, b"new", 4 * MINUTE, OnlyIf::Is(b"new"), MINUTE).await;
    t.check(longer == Put::Done, "a value is swapped for itself, to live longer");
    let live = t.put(person, b"newer", 4 * MINUTE, OnlyIf::Absent, 3 * MINUTE).await;
    t.check(live == Put::Held(Some(b"new".to_vec())), "it lives as long as the last write says");
}

pub(super) async fn a_value_of_any_bytes_comes_back(t: &Trial) {
    for (number, len) in [(4, 0_usize), (5, 1), (6, 255), (7, 256), (8, 1024)] {
        let person = subject(SubjectKind::Person, number);
        let value: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
        let written = t.put(person, &value, MINUTE, OnlyIf::Absent, 0).await;
        t.check(written == Put::Done, "a value of 0 to 1,024 bytes is written");
        let held = t.put(person, b"other", MINUTE, OnlyIf::Absent, 0).await;
        t.check(held == Put::Held(Some(value.clone())), "a value comes back byte for byte");
        let swapped = t.put(person, b"other", MINUTE, OnlyIf::Is(&value), 0).await;
        t.check(swapped == Put::Done, "a value is compared byte for byte");
    }
}

pub(super) async fn records_and_quotas_of_a_subject_are_apart(t: &Trial) {
    let subject = subject(SubjectKind::Challenge, 9);
    let one = [Charge::new(subject, log(QuotaName::Tries, 2), 1)];
    t.check_admitted(&t.pay(&one, t.at(0)).await, "the first of 2 fits");
    let written = t.put(subject, b"value", MINUTE, OnlyIf::Absent, 0).await;
    t.check(written == Put::Done, "a subject that paid has no record yet");
    t.check(t.left(&one, t.at(0)).await == [1], "writing a record frees nothing");
    t.check_admitted(&t.pay(&one, t.at(0)).await, "the second of 2 fits");
    let held = t.put(subject, b"other", MINUTE, OnlyIf::Absent, 0).await;
    t.check(held == Put::Held(Some(b"value".to_vec())), "paying changes no record");
}
