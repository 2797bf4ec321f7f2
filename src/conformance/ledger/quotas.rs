//! One quota: how much it admits, and when again.

use super::{MINUTE, Trial, log, slots, subject, windows};
use crate::{Charge, QuotaName, SubjectKind};

pub(super) async fn a_log_admits_its_capacity_and_no_more_until_the_window_has_passed(t: &Trial) {
    let one = [Charge::new(subject(SubjectKind::Phone, 1), log(QuotaName::Sends, 3), 1)];
    for second in 0..3 {
        t.check_admitted(&t.pay(&one, t.at(second * 1_000)).await, "a log admits its capacity");
    }
    let refused = t.pay(&one, t.at(3_000)).await;
    t.check_refused(&refused, 0, "a log admits no more than its capacity");
    let retry_at = refused.refused().map(|refused| refused.retry_at);
    t.check(retry_at >= Some(t.at(10 * MINUTE)), "a refusal's `retry_at` is when the oldest payment leaves");
    let answer = t.pay(&one, t.at(10 * MINUTE - 1)).await;
    t.check_refused(&answer, 0, "a payment counts until the window has passed");
    if t.traits.exact {
        t.check(retry_at == Some(t.at(10 * MINUTE)), "an exact log's `retry_at` is exact");
        t.check_admitted(&t.pay(&one, t.at(10 * MINUTE)).await, "a window is over at its very millisecond");
        let answer = t.pay(&one, t.at(10 * MINUTE)).await;
        t.check_refused(&answer, 0, "what left makes room for as much as left, though others paid later");
    } else {
        t.check_admitted(&t.pay(&one, t.at(20 * MINUTE)).await, "a log forgets within two windows");
    }
}

pub(super) async fn several_windows_hold_at_once(t: &Trial) {
    let quota = windows(QuotaName::Sends, &[(2, MINUTE), (3, 10 * MINUTE)]);
    let one = [Charge::new(subject(SubjectKind::Phone, 2), quota, 1)];
    for _ in 0..2 {
        t.check_admitted(&t.pay(&one, t.at(0)).await, "two fit the short window");
    }
    t.check_refused(&t.pay(&one, t.at(MINUTE - 1)).await, 0, "the short window holds");
    t.check_admitted(&t.pay(&one, t.at(2 * MINUTE)).await, "a third fits when the short window has passed");
    let refused = t.pay(&one, t.at(4 * MINUTE)).await;
    t.check_refused(&refused, 0, "the long window holds beside the short one");
    let retry_at = refused.refused().map(|refused| refused.retry_at);
    t.check(retry_at >= Some(t.at(10 * MINUTE)), "a refusal's `retry_at` is the fullest window's");
}

pub(super) async fn a_coarse_quota_admits_its_capacity_and_no_more_until_the_window_has_passed(t: &Trial) {
    let ten = [Charge::new(subject(SubjectKind::Everybody, 3), slots(QuotaName::Sends, 100), 10)];
    for paid in 0..10 {
        t.check_admitted(&t.pay(&ten, t.at(paid * 1_000)).await, "a coarse quota admits its capacity");
    }
    let refused = t.pay(&ten, t.at(10_000)).await;
    t.check_refused(&refused, 0, "a coarse quota admits no more than its capacity");
    let retry_at = refused.refused().map(|refused| refused.retry_at);
    t.check(
        retry_at >= Some(t.at(10 * MINUTE)),
        "a coarse quota's `retry_at` is not before the window's end",
    );
    t.check_refused(
        &t.pay(&ten, t.at(10 * MINUTE - 1)).await,
        0,
        "a coarse quota counts a payment until the window has passed",
    );
    let late = if t.traits.exact { 11 * MINUTE + 10_000 } else { 22 * MINUTE };
    t.check_admitted(&t.pay(&ten, t.at(late)).await, "a coarse quota is late by at most one slot");
}

pub(super) async fn a_cost_of_several_pays_several(t: &Trial) {
    for (number, quota) in [(4, log(QuotaName::Own(1), 5)), (5, slots(QuotaName::Own(1), 5))] {
        let cost = |cost| [Charge::new(subject(SubjectKind::Prefix, number), quota, cost)];
        t.check_refused(&t.pay(&cost(6), t.at(0)).await, 0, "a cost above the capacity never fits");
        t.check_admitted(&t.pay(&cost(3), t.at(0)).await, "a cost of 3 fits in 5");
        t.check_refused(&t.pay(&cost(3), t.at(0)).await, 0, "a second cost of 3 does not fit in 5");
        t.check_admitted(&t.pay(&cost(2), t.at(0)).await, "a cost of 2 fits beside a cost of 3 in 5");
        t.check(t.left(&cost(0), t.at(0)).await == [0], "3 and 2 of 5 leave nothing");
        let end = t.pay(&cost(u64::MAX), t.at(0)).await;
        t.check_refused(&end, 0, "the greatest cost overflows nothing");
    }
}

pub(super) async fn a_cost_of_nothing_is_never_refused_and_pays_nothing(t: &Trial) {
    for (number, quota) in [(6, log(QuotaName::Guesses, 1)), (7, slots(QuotaName::Guesses, 1))] {
        let cost = |cost| [Charge::new(subject(SubjectKind::Account, number), quota, cost)];
        let act = t.act();
        for _ in 0..3 {
            let answer = t.pay_as(act, &cost(0), t.at(0)).await;
            t.check_admitted(&answer, "a cost of 0 is never refused");
        }
        t.check_admitted(&t.pay_as(act, &cost(1), t.at(0)).await, "a cost of 0 pays nothing");
        t.check(t.left(&cost(1), t.at(0)).await == [0], "an act that asked before still pays");
        t.check_admitted(&t.pay(&cost(0), t.at(0)).await, "a full quota does not refuse a cost of 0");
    }
}

pub(super) async fn time_that_goes_backwards_frees_nothing(t: &Trial) {
    for (number, quota) in [(8, log(QuotaName::Guesses, 2)), (9, slots(QuotaName::Guesses, 2))] {
        let one = [Charge::new(subject(SubjectKind::Account, number), quota, 1)];
        t.check_admitted(&t.pay(&one, t.at(60 * MINUTE)).await, "the first of 2 fits");
        t.check_admitted(&t.pay(&one, t.at(0)).await, "a second of 2 fits, an hour back");
        for back in [0, -60 * MINUTE, -24 * 60 * MINUTE, 20 * MINUTE, 60 * MINUTE, 70 * MINUTE - 1] {
            let answer = t.pay(&one, t.at(back)).await;
            t.check_refused(&answer, 0, "a payment counts from the later of now and the newest payment");
        }
        let late = if t.traits.exact { 71 * MINUTE } else { 90 * MINUTE };
        t.check_admitted(&t.pay(&one, t.at(late)).await, "time that went on frees what it should");
    }
}

pub(super) async fn the_same_act_pays_once(t: &Trial) {
    for (number, quota) in [(10, log(QuotaName::Sends, 2)), (11, slots(QuotaName::Sends, 2))] {
        let one = [Charge::new(subject(SubjectKind::Phone, number), quota, 1)];
        let act = t.act();
        for again in 0..4 {
            let answer = t.pay_as(act, &one, t.at(again * 1_000)).await;
            t.check_admitted(&answer, "an act that paid counts as paid, however often it is repeated");
            let left = answer.standing(0).map(|standing| standing.remaining);
            t.check(left == Some(1), "the same act pays once");
        }
        t.check_admitted(&t.pay(&one, t.at(4_000)).await, "another act pays beside it");
        let act = t.act();
        t.check_refused(&t.pay_as(act, &one, t.at(5_000)).await, 0, "a third does not fit");
    }
    let quota = log(QuotaName::Sends, 2);
    let one = [Charge::new(subject(SubjectKind::Phone, 12), quota, 1)];
    let first = t.act();
    t.check_admitted(&t.pay_as(first, &one, t.at(0)).await, "the first of 2 fits");
    let late = 9 * MINUTE;
    t.check_admitted(&t.pay(&one, t.at(late)).await, "the second of 2 fits");
    let again = t.pay_as(first, &one, t.at(late + 1_000)).await;
    t.check_admitted(&again, "an act that paid is not refused when the quota is full");
    if t.traits.exact {
        t.check_admitted(&t.pay_as(first, &one, t.at(15 * MINUTE)).await, "there is room for 1 again");
        t.check(
            t.left(&one, t.at(15 * MINUTE)).await == [0],
            "an act whose payment left the window pays again",
        );
    }
}

pub(super) async fn a_refused_act_has_not_paid(t: &Trial) {
    for (number, quota) in [(13, log(QuotaName::Sends, 1)), (14, slots(QuotaName::Sends, 1))] {
        let one = [Charge::new(subject(SubjectKind::Phone, number), quota, 1)];
        t.check_admitted(&t.pay(&one, t.at(0)).await, "the first fits");
        let act = t.act();
        for _ in 0..2 {
            let answer = t.pay_as(act, &one, t.at(1_000)).await;
            t.check_refused(&answer, 0, "an act that was refused has not paid, and is refused again");
        }
        t.check_admitted(&t.pay_as(act, &one, t.at(30 * MINUTE)).await, "it may pay later");
        t.check(t.left(&one, t.at(30 * MINUTE)).await == [0], "and then it pays");
    }
}
