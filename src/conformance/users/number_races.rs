//! What must hold of one number when many ask at once.

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::{
    conformance::race::{RACERS, race},
    ports::{CreateUser, Subscriber, Unproven, UserStatus, UserStore},
};

/// Every racer changes the one account's number to one of its own.
pub(super) fn one_changes_from_a_number<S: UserStore>(t: &Trial<S>) {
    t.verified(1, 0);
    let answers = race(RACERS, |n| done(t.store.change_phone(&name(1), &phone(0), &phone(100 + n))));
    let changed: Vec<&Subscriber> = answers.iter().flatten().collect();
    let [winner] = changed.as_slice() else {
        panic!("{} of {RACERS} changed a phone from one number at once, not one", changed.len());
    };
    t.assert_found(winner, "an account whose phone many changed at once");
    t.assert_leads(&phone(0), None, "the number that an account was changed from");
    for n in (0..RACERS).filter(|n| phone(100 + n) != winner.phone) {
        t.assert_leads(&phone(100 + n), None, "a number that an account was not changed to");
    }
}

/// Every racer changes to one number.
pub(super) fn one_changes_to_a_number<S: UserStore>(t: &Trial<S>) {
    for n in 0..RACERS {
        t.created(unconfirmed(n, n));
    }
    let answers = race(RACERS, |n| done(t.store.change_phone(&name(n), &phone(n), &phone(100))));
    assert!(answers.iter().all(Option::is_some), "an account's own phone was not changed");
    assert_one_has(t, 100, 0..RACERS);
    for n in 0..RACERS {
        t.assert_leads(&phone(n), None, "a number whose account changed to another one");
    }
}

/// Every racer has one number, and proves it.
pub(super) fn one_of_all_who_prove_a_number_has_it<S: UserStore>(t: &Trial<S>) {
    for n in 0..RACERS {
        t.created(unconfirmed(n, n));
        t.changed(n, n, 100);
    }
    let answers = race(RACERS, |n| done(t.store.mark_phone_verified(&name(n), &phone(100))));
    assert!(answers.iter().all(Option::is_some), "an account's own phone was not verified");
    assert_one_has(t, 100, 0..RACERS);
}

pub(super) fn two_who_prove_a_number_do_not_both_have_it<S: UserStore>(t: &Trial<S>) {
    for n in [0, 1] {
        t.created(unconfirmed(n, n));
        t.changed(n, n, 100);
    }
    let answers = race(RACERS, |n| done(t.store.mark_phone_verified(&name(n % 2), &phone(100))));
    assert!(answers.iter().all(Option::is_some), "an account's own phone was not verified");
    assert_one_has(t, 100, 0..2);
}

/// One account proves its own number; every other changes to it.
pub(super) fn a_number_is_changed_to_and_verified_by_one<S: UserStore>(t: &Trial<S>) {
    for n in 0..RACERS / 2 {
        t.created(unconfirmed(n, n));
    }
    let answers = race(RACERS, |n| {
        if n % 2 == 0 {
            done(t.store.mark_phone_verified(&name(0), &phone(0)))
        } else {
            done(t.store.change_phone(&name(n / 2), &phone(n / 2), &phone(0)))
        }
    });
    assert!(answers.iter().all(Option::is_some), "an account's own phone was not verified or changed");
    assert_one_has(t, 0, 0..RACERS / 2);
}

/// Half of the racers change an account's number; half answer a code that was sent to the old one.
pub(super) fn a_code_to_the_old_number_never_verifies_the_new_one<S: UserStore>(t: &Trial<S>) {
    for n in 0..16 {
        let (old, new) = (phone(n), phone(100 + n));
        t.created(unconfirmed(n, n));
        let answers = race(RACERS, |racer| {
            if racer % 2 == 0 {
                done(t.store.mark_phone_verified(&name(n), &old))
            } else {
                done(t.store.change_phone(&name(n), &old, &new))
            }
        });
        for (racer, answer) in answers.iter().enumerate() {
            let proven = if racer % 2 == 0 { old } else { new };
            assert!(
                answer.as_ref().is_none_or(|account| account.phone == proven && account.phone_verified),
                "a proof of one number was noted of another"
            );
        }
        let changes = answers.iter().skip(1).step_by(2).flatten().count();
        assert!(changes == 1, "a phone was changed from one number {changes} times at once, not once");
        t.assert_leads(&old, None, "the number that an account was changed from");
        let found = t.named(n);
        t.assert_leads(&new, found.as_ref(), "the number that an account was changed to");
    }
}

/// Half of the racers let the number of a dormant account go; half note that its owner is back.
pub(super) fn released_or_used_and_nothing_is_lost<S: UserStore>(t: &Trial<S>) {
    let account = t.verified(1, 1);
    let answers = race(RACERS, |n| {
        if n % 2 == 0 {
            done(t.store.release_phone(&name(1), &phone(1), None))
        } else {
            done(t.store.note_success(&name(1), moment(1)))
        }
    });
    let released: Vec<&Subscriber> = answers.iter().step_by(2).flatten().collect();
    assert!(
        released.iter().all(|account| account.last_success.is_none() && !account.phone_verified),
        "a number was released though the account was used meanwhile"
    );
    assert!(answers.iter().skip(1).step_by(2).all(Option::is_some), "a success was not noted");
    let phone_verified = released.is_empty();
    let expected = Subscriber { last_success: Some(moment(1)), phone_verified, ..account };
    t.assert_stands(&expected, "an account whose number was released while its owner came back");
    let leads = phone_verified.then_some(&expected);
    t.assert_leads(&phone(1), leads, "a number that was released while its account's owner came back");
}

/// Everything that a number takes part in, all at once among four accounts and two numbers.
pub(super) fn whatever_happens_at_once_a_number_leads_to_its_prover<S: UserStore>(t: &Trial<S>) {
    const ACCOUNTS: usize = 4;
    for n in 0..ACCOUNTS {
        t.created(user(n, n, UserStatus::Confirmed));
        t.changed(n, n, n % 2);
    }
    race(RACERS, |n| {
        let (own, here, there) = (name(n % ACCOUNTS), phone(n % 2), phone((n + 1) % 2));
        match n / ACCOUNTS % 8 {
            0 | 1 => drop(done(t.store.mark_phone_verified(&own, &here))),
            2 => drop(done(t.store.mark_phone_verified(&own, &there))),
            3 => drop(done(t.store.change_phone(&own, &here, &there))),
            4 => drop(done(t.store.change_phone(&own, &there, &here))),
            5 => drop(done(t.store.release_phone(&own, &here, None))),
            6 => drop(done(t.store.delete_if(&own, Unproven::NeverUsed))),
            _ => match done(t.store.create(unconfirmed(100 + n, n % 2))) {
                CreateUser::Created(account) | CreateUser::Exists(account) => {
                    drop(done(t.store.note_success(&account.user_name, moment(n))));
                }
            },
        }
    });
    for number in [0, 1] {
        let verified: Vec<Subscriber> = (0..ACCOUNTS)
            .map(|n| t.named(n).unwrap_or_else(|| panic!("an account that was ever verified was deleted")))
            .filter(|account| account.phone == phone(number) && account.phone_verified)
            .collect();
        assert!(verified.len() < 2, "a number is verified in {} accounts at once", verified.len());
        if let Some(prover) = verified.first() {
            t.assert_leads(&phone(number), Some(prover), "a number that was proven");
        } else if let Some(holder) = done(t.store.find_by_phone(&phone(number))) {
            assert!(
                holder.phone == phone(number) && !holder.phone_verified && t.first_holds(),
                "a number leads to an account that neither proved it nor was first with it"
            );
        }
    }
}

/// Of these accounts, which all have proven the number, exactly one has it verified still, and the number leads there.
fn assert_one_has<S: UserStore>(t: &Trial<S>, number: usize, mut all: impl Iterator<Item = usize>) {
    let verified: Vec<Subscriber> =
        all.by_ref().filter_map(|n| t.named(n)).filter(|account| account.phone_verified).collect();
    let [one] = verified.as_slice() else {
        panic!("a number that many proved at once is verified in {} accounts, not in one", verified.len());
    };
    assert!(one.phone == phone(number), "an account was verified with a number that nobody proved");
    t.assert_leads(&phone(number), Some(one), "a number that many proved at once");
}
