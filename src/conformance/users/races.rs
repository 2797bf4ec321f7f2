//! What must hold of one account when many ask at once.

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::{
    conformance::race::{RACERS, race},
    ports::{CreateUser, DeleteUser, Subscriber, Unproven, UserStatus, UserStore},
    types::Password,
};

pub(super) fn one_wins_a_number<S: UserStore>(t: &Trial<S>) {
    if !t.first_holds() {
        return;
    }
    let answers = race(RACERS, |n| done(t.store.create(unconfirmed(n, 1))));
    let winner = the_winner(&answers, "a number");
    t.assert_found(winner, "the winner of a number");
    for n in (0..RACERS).filter(|n| name(*n) != winner.user_name) {
        assert!(t.named(n).is_none(), "who lost a number left a name behind");
    }
}

pub(super) fn one_wins_a_name<S: UserStore>(t: &Trial<S>) {
    let answers = race(RACERS, |n| done(t.store.create(unconfirmed(1, n))));
    let winner = the_winner(&answers, "a name");
    t.assert_found(winner, "the winner of a name");
    for n in (0..RACERS).filter(|n| phone(*n) != winner.phone) {
        t.assert_leads(&phone(n), None, "the number of who lost a name");
    }
}

pub(super) fn everybody_gets_a_number_of_their_own<S: UserStore>(t: &Trial<S>) {
    for account in race(RACERS, |n| t.created(unconfirmed(n, n))) {
        t.assert_found(&account, "an account made beside many others");
    }
}

/// The race that the one conditional operation is for: the owner confirms while somebody else's recovery deletes.
pub(super) fn confirmed_or_deleted_and_never_both<S: UserStore>(t: &Trial<S>) {
    let account = t.created(unconfirmed(1, 1));
    let changed =
        changed_or_deleted(t, &account, Unproven::Unconfirmed, || done(t.store.confirm(&account.user_name)));
    let expected = Subscriber { status: UserStatus::Confirmed, ..account.clone() };
    assert!(changed.is_none_or(|changed| changed == expected), "confirming must answer with the account");
}

/// The same with the first proof of the number, under both ways of deletion.
pub(super) fn verified_or_deleted_and_never_both<S: UserStore>(t: &Trial<S>) {
    for (n, status, way) in
        [(1, UserStatus::Unconfirmed, Unproven::Unconfirmed), (2, UserStatus::Confirmed, Unproven::NeverUsed)]
    {
        let account = t.created(user(n, n, status));
        let changed = changed_or_deleted(t, &account, way, || {
            done(t.store.mark_phone_verified(&account.user_name, &account.phone))
        });
        let expected = Subscriber { phone_verified: true, was_verified: true, ..account.clone() };
        assert!(changed.is_none_or(|changed| changed == expected), "verifying must answer with the account");
    }
}

/// The same with the first sign-in.
pub(super) fn used_or_deleted_and_never_both<S: UserStore>(t: &Trial<S>) {
    let account = t.created(user(1, 1, UserStatus::Confirmed));
    let changed = changed_or_deleted(t, &account, Unproven::NeverUsed, || {
        done(t.store.note_success(&account.user_name, moment(1)))
    });
    let expected = Subscriber { last_success: Some(moment(1)), ..account.clone() };
    assert!(
        changed.is_none_or(|changed| changed == expected),
        "noting a success must answer with the account"
    );
}

/// Half of the racers change the account so that it must be kept, half delete it: all of one kind win. The account as it
/// was changed, if it was.
fn changed_or_deleted<S: UserStore>(
    t: &Trial<S>,
    account: &Subscriber,
    way: Unproven,
    change: impl Fn() -> Option<Subscriber> + Sync,
) -> Option<Subscriber> {
    enum Answer {
        Change(Option<Subscriber>),
        Delete(DeleteUser),
    }
    let answers = race(RACERS, |n| {
        if n % 2 == 0 {
            Answer::Change(change())
        } else {
            Answer::Delete(done(t.store.delete_if(&account.user_name, way)))
        }
    });
    let (mut changed, mut kept, mut deletions, mut missed) = (Vec::new(), Vec::new(), 0, 0);
    for answer in answers {
        match answer {
            Answer::Change(Some(found)) => changed.push(found),
            Answer::Change(None) => missed += 1,
            Answer::Delete(DeleteUser::Deleted) => deletions += 1,
            Answer::Delete(DeleteUser::Kept(found)) => kept.push(found),
            Answer::Delete(DeleteUser::NotFound) => {}
        }
    }
    assert!(
        changed.is_empty() || deletions == 0,
        "an account was proven and deleted: whoever proved it has lost it"
    );
    assert!(deletions < 2, "one account was deleted {deletions} times");
    assert!(
        kept.iter().all(|found| found.unproven() != Some(way)),
        "an account was kept though it was {way:?}"
    );
    if deletions == 1 {
        assert!(
            done(t.store.find_by_name(&account.user_name)).is_none(),
            "a deleted account is still found by its name"
        );
        t.assert_leads(&account.phone, None, "the number of a deleted account");
        return None;
    }
    assert!(missed == 0, "an account that nobody deleted was not there to be changed");
    let changed = changed.pop();
    if let Some(changed) = &changed {
        t.assert_found(changed, "an account that was proven while others tried to delete it");
    }
    changed
}

/// Recovery frees a number, and the next account takes it, while the deletion of the first is still asked for.
pub(super) fn a_new_holder_outlives_the_old_ones_deletion<S: UserStore>(t: &Trial<S>) {
    if !t.first_holds() {
        return;
    }
    let old = t.created(unconfirmed(0, 1));
    let answers = race(RACERS, |n| {
        if n % 2 == 0 {
            drop(done(t.store.delete_if(&old.user_name, Unproven::Unconfirmed)));
            None
        } else {
            Some(done(t.store.create(unconfirmed(n, 1))))
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
    assert!(t.named(0).is_none(), "a deleted account is still found by its name");
    match made.first() {
        Some(account) => t.assert_found(account, "the next holder of a number that became free"),
        None => t.assert_gone(1),
    }
}

/// A store that reads an account, changes it and writes it back whole loses changes.
pub(super) fn all_changes_of_one_account_stand<S: UserStore>(t: &Trial<S>) {
    let account = t.created(unconfirmed(1, 1));
    let (own, new) = (account.user_name.as_str(), Password::from_text("new".to_owned()));
    let answers = race(RACERS, |n| match n % 5 {
        0 => done(t.store.confirm(own)),
        1 => done(t.store.mark_phone_verified(own, &account.phone)),
        2 => done(t.store.note_success(own, moment(n))),
        3 => done(t.store.revoke_tokens(own, moment(n))),
        _ => done(t.store.replace_password(own, &new)),
    });
    assert!(
        answers.iter().all(Option::is_some),
        "an account that nobody deleted was not there to be changed"
    );
    let latest = |kind| (0..RACERS).rev().find(|n| n % 5 == kind).map(moment);
    let all = Subscriber {
        status: UserStatus::Confirmed,
        phone_verified: true,
        was_verified: true,
        last_success: latest(2),
        tokens_not_before: latest(3),
        ..account.clone()
    };
    t.assert_found(&all, "an account that was confirmed, verified and used at once");
    let known = done(t.store.has_password(own, &new));
    assert!(known == t.traits.passwords, "a password that was replaced beside other changes must stand");
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
