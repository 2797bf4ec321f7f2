//! What every [`UserStore`] must do, one call after another. The races are beside.

mod races;

use super::race::{RACERS, race};
use crate::{
    ports::{CreateUser, DeleteUnconfirmed, NewUser, StoreError, Subscriber, UserStatus, UserStore},
    testing::block_on,
    types::PhoneNumber,
};

/// Every [`UserStore`] must pass this. `make` gives a new, empty store every time, with room for 64 accounts.
///
/// Creating never touches an existing account; of 64 racers for one number exactly one wins; an account that was
/// confirmed is never deleted, whatever the interleaving; a number that became free is free, and its next account
/// inherits nothing; and the store's `Debug` shows no number.
///
/// # Panics
///
/// With a sentence, at the first of these that does not hold.
pub fn user_store_conforms<S: UserStore>(make: impl Fn() -> S) {
    nobody_is_found_in_an_empty_store(&make());
    a_new_account_is_found_as_it_was_made(&make());
    a_taken_number_is_left_to_its_holder(&make());
    a_taken_name_is_left_to_its_holder(&make());
    confirming_changes_unconfirmed_accounts_only(&make());
    a_phone_is_verified_if_it_is_the_accounts_own(&make());
    only_unconfirmed_accounts_are_deleted(&make());
    a_freed_number_starts_anew(&make());
    a_freed_name_leads_to_its_new_number_only(&make());
    races::one_wins_a_number(&make());
    races::one_wins_a_name(&make());
    races::everybody_gets_a_number_of_their_own(&make());
    for _ in 0..16 {
        races::confirmed_or_deleted_and_never_both(&make());
        races::a_new_holder_outlives_the_old_ones_deletion(&make());
        races::two_changes_of_one_account_both_stand(&make());
    }
}

/// Every [`UserStore`] that limits how many accounts it holds must pass this. `make` gives a new, empty store for that
/// many.
///
/// Of 64 racers exactly as many are taken in as there is room; a full store still knows its accounts and says so to
/// whoever asks for a taken number; a deletion makes room again.
///
/// # Panics
///
/// With a sentence, at the first of these that does not hold.
pub fn user_store_is_bounded<S: UserStore>(make: impl Fn(usize) -> S) {
    const ROOM: usize = 7;
    let store = make(ROOM);
    let made = race(RACERS, |n| match block_on(store.create(unconfirmed(n, n))) {
        Ok(CreateUser::Created(account)) => Some(account),
        Ok(CreateUser::Exists(_)) => panic!("a store said that a free number is taken"),
        Err(StoreError::Full) => None,
        Err(error) => panic!("a full store must refuse with `StoreError::Full`, not: {error}"),
    });
    let held: Vec<Subscriber> = made.into_iter().flatten().collect();
    assert!(held.len() == ROOM, "a store with room for {ROOM} took in {}", held.len());
    for account in &held {
        assert_both_ways(&store, account, "an account of a full store");
        let again = NewUser::new(name(99), account.phone, UserStatus::Unconfirmed);
        let answer = done(store.create(again));
        assert!(
            answer == CreateUser::Exists(account.clone()),
            "a full store must still say that a number is taken"
        );
    }
    let Some(first) = held.first() else { return };
    let deleted = done(store.delete_if_unconfirmed(&first.user_name));
    assert!(deleted == DeleteUnconfirmed::Deleted, "a full store must still delete");
    created(&store, unconfirmed(100, 100));
    let full = block_on(store.create(unconfirmed(101, 101)));
    assert!(matches!(full, Err(StoreError::Full)), "one deletion makes room for one account, not for more");
}

fn nobody_is_found_in_an_empty_store(store: &impl UserStore) {
    assert!(done(store.find_by_phone(&phone(1))).is_none(), "an empty store found a number");
    assert!(done(store.find_by_name(&name(1))).is_none(), "an empty store found a name");
    assert!(done(store.confirm(&name(1))).is_none(), "confirming nobody must answer `None`");
    assert!(
        done(store.mark_phone_verified(&name(1), &phone(1))).is_none(),
        "verifying the phone of nobody must answer `None`"
    );
    let deleted = done(store.delete_if_unconfirmed(&name(1)));
    assert!(deleted == DeleteUnconfirmed::NotFound, "deleting nobody must answer `NotFound`");
    assert!(done(store.find_by_name(&name(1))).is_none(), "asking about nobody made somebody");
}

fn a_new_account_is_found_as_it_was_made(store: &impl UserStore) {
    for (n, status) in [(1, UserStatus::Unconfirmed), (2, UserStatus::Confirmed), (3, UserStatus::Disabled)] {
        let account = created(store, NewUser::new(name(n), phone(n), status));
        let expected = Subscriber::new(name(n), phone(n), status, false);
        assert!(account == expected, "a new account is not as it was asked for: {account:?}");
        assert_both_ways(store, &account, "a new account");
    }
    for shown in [format!("{store:?}"), format!("{store:#?}")] {
        let number = phone(1);
        assert!(!shown.contains(number.digits()), "the store's Debug shows a phone number (invariant I7)");
    }
}

fn a_taken_number_is_left_to_its_holder(store: &impl UserStore) {
    let holder = created(store, unconfirmed(1, 1));
    for status in [UserStatus::Unconfirmed, UserStatus::Confirmed, UserStatus::Disabled] {
        let answer = done(store.create(NewUser::new(name(2), phone(1), status)));
        assert!(
            answer == CreateUser::Exists(holder.clone()),
            "a taken number must be answered with the account that holds it, unchanged"
        );
        assert_both_ways(store, &holder, "the holder of a number that somebody else asked for");
        assert!(done(store.find_by_name(&name(2))).is_none(), "a refused account left its name behind");
    }
}

fn a_taken_name_is_left_to_its_holder(store: &impl UserStore) {
    let holder = created(store, unconfirmed(1, 1));
    let answer = done(store.create(NewUser::new(name(1), phone(2), UserStatus::Confirmed)));
    assert!(
        answer == CreateUser::Exists(holder.clone()),
        "a taken name must be answered with the account that holds it, unchanged"
    );
    assert_both_ways(store, &holder, "the holder of a name that somebody else asked for");
    assert!(done(store.find_by_phone(&phone(2))).is_none(), "a refused account left its number behind");
    created(store, unconfirmed(2, 2));
}

fn confirming_changes_unconfirmed_accounts_only(store: &impl UserStore) {
    for (n, before, after) in [
        (1, UserStatus::Unconfirmed, UserStatus::Confirmed),
        (2, UserStatus::Confirmed, UserStatus::Confirmed),
        (3, UserStatus::Disabled, UserStatus::Disabled),
    ] {
        created(store, NewUser::new(name(n), phone(n), before));
        for _ in 0..2 {
            let expected = Subscriber::new(name(n), phone(n), after, false);
            let answer = done(store.confirm(&name(n)));
            assert!(
                answer.as_ref() == Some(&expected),
                "confirming an account that is {before:?} must make it {after:?} and change nothing else"
            );
            assert_both_ways(store, &expected, "a confirmed account");
        }
    }
}

fn a_phone_is_verified_if_it_is_the_accounts_own(store: &impl UserStore) {
    let account = created(store, unconfirmed(1, 1));
    let other = created(store, unconfirmed(2, 2));
    for wrong in [phone(2), phone(3)] {
        assert!(
            done(store.mark_phone_verified(&name(1), &wrong)).is_none(),
            "a phone that is not the account's own must not be verified"
        );
        assert_both_ways(store, &account, "an account for which another phone was verified");
    }
    let expected = Subscriber { phone_verified: true, ..account };
    for _ in 0..2 {
        let answer = done(store.mark_phone_verified(&name(1), &phone(1)));
        assert!(
            answer.as_ref() == Some(&expected),
            "verifying an account's own phone must note that and nothing else"
        );
        assert_both_ways(store, &expected, "an account whose phone was verified");
    }
    assert_both_ways(store, &other, "an account beside one whose phone was verified");
    let expected = Subscriber { status: UserStatus::Confirmed, ..expected };
    assert!(
        done(store.confirm(&name(1))).as_ref() == Some(&expected),
        "confirming must keep what was verified"
    );
}

fn only_unconfirmed_accounts_are_deleted(store: &impl UserStore) {
    for (n, status) in [(1, UserStatus::Confirmed), (2, UserStatus::Disabled)] {
        let account = created(store, NewUser::new(name(n), phone(n), status));
        let answer = done(store.delete_if_unconfirmed(&name(n)));
        assert!(
            answer == DeleteUnconfirmed::Kept(account.clone()),
            "an account that is {status:?} must be kept and named"
        );
        assert_both_ways(store, &account, "an account that was kept");
    }
    let beside = created(store, unconfirmed(3, 3));
    created(store, unconfirmed(4, 4));
    let answer = done(store.delete_if_unconfirmed(&name(4)));
    assert!(answer == DeleteUnconfirmed::Deleted, "an unconfirmed account must be deleted");
    assert_gone(store, 4);
    assert_both_ways(store, &beside, "an account beside one that was deleted");
    let answer = done(store.delete_if_unconfirmed(&name(4)));
    assert!(answer == DeleteUnconfirmed::NotFound, "an account can be deleted once");
    assert!(done(store.confirm(&name(4))).is_none(), "a deleted account must not be confirmed");
    assert!(
        done(store.mark_phone_verified(&name(4), &phone(4))).is_none(),
        "the phone of a deleted account must not be verified"
    );
    assert_gone(store, 4);
}

fn a_freed_number_starts_anew(store: &impl UserStore) {
    created(store, unconfirmed(1, 1));
    let verified = done(store.mark_phone_verified(&name(1), &phone(1)));
    assert!(verified.is_some(), "an account's own phone can be verified");
    let deleted = done(store.delete_if_unconfirmed(&name(1)));
    assert!(deleted == DeleteUnconfirmed::Deleted, "an unconfirmed account must be deleted");
    let next = created(store, unconfirmed(2, 1));
    assert!(!next.phone_verified, "a new account must not inherit what the number's last holder verified");
    assert_both_ways(store, &next, "the next holder of a number");
    assert!(done(store.confirm(&name(1))).is_none(), "the last holder's name must not lead to the next one");
}

fn a_freed_name_leads_to_its_new_number_only(store: &impl UserStore) {
    created(store, unconfirmed(1, 1));
    let deleted = done(store.delete_if_unconfirmed(&name(1)));
    assert!(deleted == DeleteUnconfirmed::Deleted, "an unconfirmed account must be deleted");
    let next = created(store, unconfirmed(1, 2));
    assert_both_ways(store, &next, "the next holder of a name");
    assert!(
        done(store.find_by_phone(&phone(1))).is_none(),
        "a number that became free must not lead to the next holder of its old account's name"
    );
}

fn phone(n: usize) -> PhoneNumber {
    match format!("+919999900{n:03}").parse() {
        Ok(phone) => phone,
        Err(_) => panic!("the suite's own numbers are in E.164 form"),
    }
}

fn name(n: usize) -> String {
    format!("{n:032x}")
}

fn unconfirmed(user: usize, number: usize) -> NewUser {
    NewUser::new(name(user), phone(number), UserStatus::Unconfirmed)
}

fn done<T>(call: impl Future<Output = Result<T, StoreError>>) -> T {
    match block_on(call) {
        Ok(answer) => answer,
        Err(error) => panic!("a store in good order failed: {error}"),
    }
}

fn created(store: &impl UserStore, user: NewUser) -> Subscriber {
    match done(store.create(user)) {
        CreateUser::Created(account) => account,
        CreateUser::Exists(_) => panic!("a store said that a free number or name is taken"),
    }
}

fn assert_both_ways(store: &impl UserStore, account: &Subscriber, what: &str) {
    let by_phone = done(store.find_by_phone(&account.phone));
    assert!(by_phone.as_ref() == Some(account), "{what} is not found by its number as it should be");
    let by_name = done(store.find_by_name(&account.user_name));
    assert!(by_name.as_ref() == Some(account), "{what} is not found by its name as it should be");
}

fn assert_gone(store: &impl UserStore, n: usize) {
    assert!(done(store.find_by_phone(&phone(n))).is_none(), "a deleted account is still found by its number");
    assert!(done(store.find_by_name(&name(n))).is_none(), "a deleted account is still found by its name");
}

#[cfg(test)]
mod tests;
