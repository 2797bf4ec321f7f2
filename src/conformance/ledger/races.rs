//! Many callers at once: exactly the promised number of winners.

use core::future::Future;

use super::{MINUTE, Trial, log, slots, subject};
use crate::{
    Charge, OnlyIf, Put, Quota, QuotaName, SubjectKind,
    conformance::race::{RACERS, race_futures, side_by_side},
};

/// How many of them fit.
const ROOM: u8 = 5;
/// How often each race is run, with other subjects.
const ROUNDS: u8 = 8;

pub(super) async fn of_many_callers_as_many_are_admitted_as_a_log_has_room_for(t: &Trial) {
    admits_as_many_as_it_has_room_for(t, log(QuotaName::Guesses, u32::from(ROOM))).await;
}

pub(super) async fn of_many_callers_as_many_are_admitted_as_a_coarse_quota_has_room_for(t: &Trial) {
    admits_as_many_as_it_has_room_for(t, slots(QuotaName::Guesses, u64::from(ROOM))).await;
}

async fn admits_as_many_as_it_has_room_for(t: &Trial, quota: Quota) {
    for round in 0..ROUNDS {
        let one = [Charge::new(subject(SubjectKind::Account, round), quota, 1)];
        let admitted =
            race(t, move |t: Trial, _| async move { t.pay(&one, t.at(0)).await.refused().is_none() }).await;
        t.check(winners(&admitted) <= ROOM, "racing callers are never admitted beyond the capacity");
        t.check(winners(&admitted) == ROOM, "as many racing callers are admitted as there is room for");
        t.check_refused(&t.pay(&one, t.at(0)).await, 0, "what racing callers paid is counted");
    }
}

pub(super) async fn of_many_callers_with_two_charges_none_pays_one_alone(t: &Trial) {
    for round in 0..ROUNDS {
        let subject = subject(SubjectKind::Everybody, round);
        let both = [
            Charge::new(subject, slots(QuotaName::Money, 1_000), 3),
            Charge::new(subject, log(QuotaName::Sends, u32::from(ROOM)), 1),
        ];
        let admitted =
            race(t, move |t: Trial, _| async move { t.pay(&both, t.at(0)).await.refused().is_none() }).await;
        t.check(
            winners(&admitted) == ROOM,
            "as many racing callers are admitted as both quotas have room for",
        );
        let left = t.left(&both, t.at(0)).await;
        t.check(left == [1_000 - 3 * u64::from(ROOM), 0], "no racing caller pays in one quota alone");
    }
}

pub(super) async fn of_many_repeats_of_an_act_one_pays(t: &Trial) {
    for (round, quota) in (0..).zip([log(QuotaName::Sends, 9), slots(QuotaName::Sends, 9)]) {
        let one = [Charge::new(subject(SubjectKind::Phone, round), quota, 1)];
        let act = t.act();
        let admitted =
            race(t, move |t: Trial, _| async move { t.pay_as(act, &one, t.at(0)).await.refused().is_none() })
                .await;
        t.check(admitted.iter().all(|admitted| *admitted), "every repeat of an act that paid counts as paid");
        t.check(t.left(&one, t.at(0)).await == [8], "racing repeats of an act pay once");
    }
}

pub(super) async fn of_many_writers_one_writes(t: &Trial) {
    for round in 0..ROUNDS {
        let person = subject(SubjectKind::Person, round);
        let written = race(t, move |t: Trial, racer| async move {
            t.put(person, &racer.to_be_bytes(), MINUTE, OnlyIf::Absent, 0).await == Put::Done
        });
        t.check(winners(&written.await) == 1, "of racing writers exactly one finds nothing there");
    }
}

pub(super) async fn of_many_swappers_one_swaps(t: &Trial) {
    for round in 0..ROUNDS {
        let person = subject(SubjectKind::Person, round);
        t.check(t.put(person, b"open", MINUTE, OnlyIf::Absent, 0).await == Put::Done, "a record is written");
        let swapped = race(t, move |t: Trial, racer| async move {
            t.put(person, &racer.to_be_bytes(), MINUTE, OnlyIf::Is(b"open"), 0).await == Put::Done
        });
        t.check(winners(&swapped.await) == 1, "of racing swappers exactly one finds what it expects");
    }
}

/// Runs the racers, and says which of them won.
async fn race<F, Fut>(t: &Trial, racer: F) -> Vec<bool>
where
    F: Fn(Trial, usize) -> Fut,
    Fut: Future<Output = bool> + Send + 'static,
{
    let racers = (0..RACERS).map(|number| racer(t.clone(), number));
    if t.traits.threads { race_futures(racers).await } else { side_by_side(racers).await }
}

fn winners(won: &[bool]) -> u8 {
    won.iter().map(|won| u8::from(*won)).sum()
}
