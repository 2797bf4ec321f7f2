//! One call: several charges to several subjects.

use super::{MINUTE, Trial, log, slots, subject};
use crate::{Charge, MAX_CHARGES, QuotaName, SubjectKind};

pub(super) async fn charges_of_one_subject_are_paid_together_or_not_at_all(t: &Trial) {
    let everybody = subject(SubjectKind::Everybody, 1);
    let (narrow, wide) = (log(QuotaName::Sends, 1), slots(QuotaName::Money, 100));
    for order in [false, true] {
        let subject = if order { everybody } else { subject(SubjectKind::Challenge, 1) };
        let mut both = [Charge::new(subject, wide, 40), Charge::new(subject, narrow, 1)];
        if order {
            both.reverse();
        }
        let full = usize::from(!order);
        t.check_admitted(&t.pay(&both, t.at(0)).await, "both quotas of a subject have room");
        let left = if order { [0, 60] } else { [60, 0] };
        t.check(t.left(&both, t.at(0)).await == left, "both quotas of a subject are paid");
        let act = t.act();
        t.check_refused(&t.pay_as(act, &both, t.at(1_000)).await, full, "one quota is full");
        t.check(t.left(&both, t.at(1_000)).await == left, "a refused subject has paid in none of its quotas");
        let other = [Charge::new(subject, wide, 40)];
        t.check_admitted(&t.pay_as(act, &other, t.at(1_000)).await, "a quota with room admits on its own");
        t.check(
            t.left(&other, t.at(1_000)).await == [20],
            "an act that was refused beside it had not paid in it",
        );
    }
}

pub(super) async fn earlier_subjects_stay_paid_and_later_ones_are_not_asked(t: &Trial) {
    let quota = log(QuotaName::Sends, 2);
    let [first, second, third] = [1, 2, 3].map(|n| Charge::new(subject(SubjectKind::Prefix, n), quota, 1));
    t.check_admitted(&t.pay(&[Charge { cost: 2, ..second }], t.at(0)).await, "the second subject is filled");
    let act = t.act();
    let answer = t.pay_as(act, &[first, second, third], t.at(1_000)).await;
    t.check_refused(&answer, 1, "the second subject is full");
    t.check(answer.standing(0).is_some(), "the answer holds the standings before the refused subject");
    t.check(answer.standing(1).is_some(), "the answer holds the refused subject's standing");
    t.check(answer.standing(2).is_none(), "the answer holds no standing behind the refused subject");
    let left = t.left(&[first, second, third], t.at(1_000)).await;
    t.check(left.first() == Some(&1), "what an earlier subject paid stays paid");
    t.check(left.last() == Some(&2), "a subject behind a refusal pays nothing");
    let again = t.pay_as(act, &[first, third], t.at(2_000)).await;
    t.check_admitted(&again, "the act may be repeated");
    let left = t.left(&[first, third], t.at(2_000)).await;
    t.check(left == [1, 1], "a repeated act pays only what it has not paid");
}

pub(super) async fn subjects_kinds_and_quotas_are_apart(t: &Trial) {
    let kinds = [
        SubjectKind::Challenge,
        SubjectKind::Phone,
        SubjectKind::Account,
        SubjectKind::Series,
        SubjectKind::Prefix,
        SubjectKind::Destination,
        SubjectKind::Everybody,
        SubjectKind::Person,
        SubjectKind::Token,
    ];
    let names = [QuotaName::Guesses, QuotaName::Sends, QuotaName::Own(0), QuotaName::Own(255)];
    for kind in kinds {
        for number in [7, 8] {
            for name in names {
                let one = [Charge::new(subject(kind, number), log(name, 1), 1)];
                let answer = t.pay(&one, t.at(0)).await;
                t.check_admitted(&answer, "subjects, kinds and quotas do not count for each other");
                t.check_refused(&t.pay(&one, t.at(0)).await, 0, "and each counts for itself");
            }
        }
    }
}

pub(super) async fn a_call_carries_eight_charges(t: &Trial) {
    let quota = |n| if n % 2 == 0 { log(QuotaName::Sends, 9) } else { slots(QuotaName::Sends, 9) };
    let numbers = core::array::from_fn::<u8, MAX_CHARGES, _>(|n| u8::try_from(n).unwrap_or_default());
    let all = numbers.map(|n| Charge::new(subject(SubjectKind::Destination, n), quota(n), u64::from(n)));
    let answer = t.pay(&all, t.at(0)).await;
    t.check_admitted(&answer, "every charge has room");
    for (place, charge) in all.iter().enumerate() {
        let left = answer.standing(place).map(|standing| standing.remaining);
        t.check(left == Some(9 - charge.cost), "every charge is paid and has its standing");
    }
    t.check_admitted(&t.pay(&[], t.at(0)).await, "no charge at all is paid");
}

pub(super) async fn standings_say_what_is_left_and_when_there_is_more(t: &Trial) {
    for (number, quota) in [(20, log(QuotaName::Tries, 3)), (21, slots(QuotaName::Tries, 3))] {
        let coarse = quota.windows().is_empty();
        let one = [Charge::new(subject(SubjectKind::Challenge, number), quota, 1)];
        for left in [2, 1] {
            let standing = t.pay(&one, t.at(0)).await.standing(0);
            t.check(
                standing.map(|s| s.remaining) == Some(left),
                "a standing says what is left after the call",
            );
            t.check(
                standing.is_some_and(|s| s.more_at <= t.at(0)),
                "there is more at once while any is left",
            );
        }
        let last = t.pay(&one, t.at(2_000)).await.standing(0);
        t.check(last.is_some_and(|s| s.remaining == 0), "the last payment leaves nothing");
        t.check(
            last.is_some_and(|s| s.more_at >= t.at(10 * MINUTE)),
            "there is no more before the window's end",
        );
        let late = if coarse { 11 * MINUTE } else { 10 * MINUTE };
        if t.traits.exact {
            t.check(
                last.is_some_and(|s| s.more_at <= t.at(late)),
                "there is more when the oldest payment leaves",
            );
        }
        let refused = t.pay(&one, t.at(3_000)).await;
        t.check(refused.standing(0) == last, "a refusal leaves the standing as it was");
        t.check(
            refused.refused().map(|r| r.retry_at) == last.map(|s| s.more_at),
            "a cost of 1 can be paid when there is more",
        );
        if let Some(standing) = last {
            t.check_admitted(&t.pay(&one, standing.more_at).await, "at `more_at` a cost of 1 is paid");
        }
    }
}
