//! What must hold when many ask at once.

use super::{assert_both_ways, assert_gone, created, done, name, phone, unconfirmed};
use crate::{
    conformance::race::{RACERS, race},
    ports::{CreateUser, DeleteUnconfirmed, Subscriber, UserStatus, UserStore},
};

pub(super) fn one_wins_a_number(store: &impl UserStore) {
    let answers = race(RACERS, |n| done(store.create(unconfirmed(n, 1))));
    let winner = the_winner(&answers, "a number");
    assert_both_ways(store, winner, "the winner of a number");
    for n in (0..RACERS).filter(|n| name(*n) != winner.user_name) {
        assert!(done(store.find_by_name(&name(n))).is_none(), "who lost a number left a name behind");
    }
}

pub(super) fn one_wins_a_name(store: &impl UserStore) {
    let answers = race(RACERS, |n| done(store.create(unconfirmed(1, n))));
    let winner = the_winner(&answers, "a name");
    assert_both_ways(store, winner, "the winner of a name");
    for n in (0..RACERS).filter(|n| phone(*n) != winner.phone) {
        assert!(done(store.find_by_phone(&phone(n))).is_none(), "who lost a name left a number behind");
    }
}

pub(super) fn everybody_gets_a_number_of_their_own(store: &impl UserStore) {
    for account in race(RACERS, |n| created(store, unconfirmed(n, n))) {
        assert_both_ways(store, &account, "an account made beside many others");
    }
}

/// The race that the one conditional operation is for: the owner confirms while somebody else's recovery deletes.
pub(super) fn confirmed_or_deleted_and_never_both(store: &impl UserStore) {
    enum Answer {
        Confirm(Option<Subscriber>),
        Delete(DeleteUnconfirmed),
    }
    const EACH: usize = 8;

    let account = created(store, unconfirmed(1, 1));
    let answers = race(2 * EACH, |n| {
        if n % 2 == 0 {
            Answer::Confirm(done(store.confirm(&account.user_name)))
        } else {
            Answer::Delete(done(store.delete_if_unconfirmed(&account.user_name)))
        }
    });
    let confirmed = Subscriber { status: UserStatus::Confirmed, ..account };
    let (mut confirmations, mut deletions) = (0, 0);
    for answer in answers {
        match answer {
            Answer::Confirm(None) | Answer::Delete(DeleteUnconfirmed::NotFound) => {}
            Answer::Confirm(Some(found)) => {
                assert!(found == confirmed, "confirming must answer with the confirmed account");
                confirmations += 1;
            }
            Answer::Delete(DeleteUnconfirmed::Deleted) => deletions += 1,
            Answer::Delete(DeleteUnconfirmed::Kept(found)) => {
                assert!(found == confirmed, "an account was kept though it was unconfirmed");
            }
        }
    }
    assert!(
        confirmations == 0 || deletions == 0,
        "an account was confirmed and deleted: whoever confirmed it has lost it"
    );
    assert!(deletions < 2, "one account was deleted {deletions} times");
    if deletions == 1 {
        assert_gone(store, 1);
    } else {
        assert!(confirmations == EACH, "an account that nobody deleted was not there to be confirmed");
        assert_both_ways(store, &confirmed, "an account that was confirmed while others tried to delete it");
    }
}

/// Recovery frees a number, and the next account takes it, while the deletion of the first is still asked for.
pub(super) fn a_new_holder_outlives_the_old_ones_deletion(store: &impl UserStore) {
    let old = created(store, unconfirmed(0, 1));
    let answers = race(16, |n| {
        if n % 2 == 0 {
            drop(done(store.delete_if_unconfirmed(&old.user_name)));
            None
        } else {
            Some(done(store.create(unconfirmed(n, 1))))
        }
    });
    let made: Vec<Subscriber> = answers
        .into_iter()
        .flatten()
        .filter_map(|answer| match answer {
            CreateUser::Created(account) => Some(account),
            CreateUser::Exists(_) => None,
        })
        .collect();
    assert!(made.len() < 2, "a number that became free was given to {} accounts", made.len());
    assert!(
        done(store.find_by_name(&old.user_name)).is_none(),
        "a deleted account is still found by its name"
    );
    match made.first() {
        Some(account) => assert_both_ways(store, account, "the next holder of a number that became free"),
        None => assert_gone(store, 1),
    }
}

/// A store that reads an account, changes it and writes it back whole loses one of two changes.
pub(super) fn two_changes_of_one_account_both_stand(store: &impl UserStore) {
    let account = created(store, unconfirmed(1, 1));
    race(2, |n| {
        let changed = if n == 0 {
            done(store.confirm(&account.user_name))
        } else {
            done(store.mark_phone_verified(&account.user_name, &account.phone))
        };
        assert!(changed.is_some(), "an account that nobody deleted was not there to be changed");
    });
    let both = Subscriber { status: UserStatus::Confirmed, phone_verified: true, ..account };
    assert_both_ways(store, &both, "an account that was confirmed and verified at once");
}

fn the_winner<'a>(answers: &'a [CreateUser], what: &str) -> &'a Subscriber {
    let winners: Vec<&Subscriber> = answers
        .iter()
        .filter_map(|answer| match answer {
            CreateUser::Created(account) => Some(account),
            CreateUser::Exists(_) => None,
        })
        .collect();
    let [winner] = winners.as_slice() else {
        panic!("{what} that {RACERS} asked for at once was given {} times, not once", winners.len());
    };
    for answer in answers {
        let (CreateUser::Created(account) | CreateUser::Exists(account)) = answer;
        assert!(account == *winner, "who did not get {what} must hear which account has it");
    }
    winner
}
