//! A number between two processes: what a code proves, and whom the number leads to when a call breaks off.

use custom_auth::{NumberRule, StoreError, UserStatus, UserStore as _};

use super::{
    fake::{Fake, Trap},
    world::{RULES, START, done, made, phone, tried, users},
};

const UPDATE: &str = "AdminUpdateUserAttributes";

#[test]
fn i6_a_code_to_the_old_number_never_verifies_the_new_one() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let (store, other) = (users(&fake, rule), users(&fake, rule));
        let name = made(&store, 1, UserStatus::Confirmed).user_name;
        // An operator writes a number that nobody has proven, just before the proof of the old one is written.
        let account = name.clone();
        fake.before(UPDATE, move |fake| {
            fake.change(&account, |user| {
                user.attributes.insert("phone_number".to_owned(), phone(2).e164().to_owned());
                user.attributes.remove("phone_number_verified");
            });
        });
        let answer = done(store.mark_phone_verified(&name, &phone(1))).expect("there");
        assert_eq!((answer.phone, answer.phone_verified), (phone(1), true));
        assert_eq!(done(other.find_by_phone(&phone(2))), None);
    }
}

/// The window that remains: the later of two changes stands, and both were proven.
#[test]
fn of_two_changes_of_one_number_by_two_processes_the_later_stands() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let (store, other) = (users(&fake, rule), users(&fake, rule));
        let name = made(&store, 1, UserStatus::Confirmed).user_name;
        let account = name.clone();
        fake.before(UPDATE, move |_| {
            assert!(done(other.change_phone(&account, &phone(1), &phone(2))).is_some());
        });
        let last = done(store.change_phone(&name, &phone(1), &phone(3)));
        assert_eq!(done(store.find_by_phone(&phone(3))), last);
        for left in [1, 2] {
            assert_eq!(done(store.find_by_phone(&phone(left))), None);
        }
    }
}

#[test]
fn i10_a_number_whose_taking_breaks_off_leads_nowhere_until_it_is_proven_again() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule);
        let (old, new) = (made(&store, 1, UserStatus::Confirmed), made(&store, 2, UserStatus::Confirmed));
        drop(done(store.mark_phone_verified(&old.user_name, &phone(1))));
        // The holder is un-verified; the proof is not written.
        fake.trap(
            UPDATE,
            Trap::After(Box::new(|fake: &Fake| fake.trap(UPDATE, Trap::HangsUp { done: false }))),
        );
        assert!(tried(store.change_phone(&new.user_name, &phone(2), &phone(1))).is_err());
        assert_eq!(done(store.find_by_phone(&phone(1))), None);
        let robbed = done(store.find_by_name(&old.user_name)).expect("kept");
        assert_eq!((robbed.phone, robbed.phone_verified, robbed.was_verified), (phone(1), false, true));
        // By either.
        let back = done(store.mark_phone_verified(&old.user_name, &phone(1)));
        assert_eq!(done(store.find_by_phone(&phone(1))), back);
        let taken = done(store.change_phone(&new.user_name, &phone(2), &phone(1)));
        assert_eq!(done(store.find_by_phone(&phone(1))), taken);
    }
}

#[test]
fn a_number_that_another_process_takes_in_that_moment_is_taken_from_it() {
    let rule = NumberRule::FirstHolds;
    let fake = Fake::new(rule);
    let (store, other) = (users(&fake, rule), users(&fake, rule));
    let name = made(&store, 1, UserStatus::Confirmed).user_name;
    fake.before(UPDATE, move |_| drop(made(&other, 2, UserStatus::Unconfirmed)));
    let taken = done(store.change_phone(&name, &phone(1), &phone(2)));
    assert_eq!(done(store.find_by_phone(&phone(2))), taken);
    assert!(taken.is_some_and(|account| account.user_name == name && account.phone_verified));
}

#[test]
fn an_account_is_found_by_its_own_name_only() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule);
        let account = made(&store, 1, UserStatus::Confirmed);
        let proven = done(store.mark_phone_verified(&account.user_name, &phone(1)));
        assert_eq!(done(store.find_by_phone(&phone(1))), proven);
        let long = "a".repeat(129);
        for name in [phone(1).e164(), "", &long] {
            assert_eq!(done(store.find_by_name(name)), None);
            assert_eq!(done(store.confirm(name)), None);
            assert_eq!(done(store.note_success(name, START)), None);
            assert_eq!(done(store.change_phone(name, &phone(1), &phone(2))), None);
        }
    }
}

#[test]
fn a_number_that_cognito_verified_itself_was_verified() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule);
        let account = made(&store, 1, UserStatus::Confirmed);
        let verify = |value: &str| {
            let value = value.to_owned();
            fake.change(&account.user_name, |user| {
                user.attributes.insert("phone_number_verified".to_owned(), value);
            });
        };
        verify("true");
        let released = done(store.release_phone(&account.user_name, &phone(1), None)).expect("there");
        assert_eq!(
            (released.phone_verified, released.was_verified),
            (false, true),
            "it is kept in the same call"
        );
        assert_eq!(released.phone, phone(1));
    }
}

#[test]
fn a_release_that_fails_releases_nothing_or_all() {
    for rule in RULES {
        for it_is_done in [false, true] {
            let fake = Fake::new(rule);
            let store = users(&fake, rule);
            let account = made(&store, 1, UserStatus::Confirmed);
            let proven = done(store.mark_phone_verified(&account.user_name, &phone(1))).expect("there");
            fake.trap(UPDATE, Trap::HangsUp { done: it_is_done });
            let failed = tried(store.release_phone(&account.user_name, &phone(1), None));
            assert!(matches!(failed, Err(StoreError::Unavailable(_))));
            let leads = done(store.find_by_phone(&phone(1)));
            assert_eq!(leads, (!it_is_done).then_some(proven));
        }
    }
}
