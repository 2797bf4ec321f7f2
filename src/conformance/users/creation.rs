//! Accounts are made, and nothing that was there is touched.

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::{
    ports::{DeleteUser, NewUser, Subscriber, Unproven, UserStatus, UserStore},
    types::Password,
};

pub(super) fn nobody_is_found_in_an_empty_store<S: UserStore>(t: &Trial<S>) {
    let (store, password) = (&t.store, Password::from_text("sesame".to_owned()));
    assert!(done(store.find_by_phone(&phone(1))).is_none(), "an empty store found a number");
    assert!(done(store.find_by_name(&name(1))).is_none(), "an empty store found a name");
    let changes = [
        ("confirming", done(store.confirm(&name(1)))),
        ("verifying the phone of", done(store.mark_phone_verified(&name(1), &phone(1)))),
        ("changing the phone of", done(store.change_phone(&name(1), &phone(1), &phone(2)))),
        ("releasing the phone of", done(store.release_phone(&name(1), &phone(1), None))),
        ("replacing the password of", done(store.replace_password(&name(1), &password))),
        ("revoking the tokens of", done(store.revoke_tokens(&name(1), moment(1)))),
        ("noting a success of", done(store.note_success(&name(1), moment(1)))),
    ];
    for (what, answer) in changes {
        assert!(answer.is_none(), "{what} nobody must answer `None`");
    }
    assert!(!done(store.has_password(&name(1), &password)), "nobody must have no password");
    for unproven in [Unproven::NeverUsed, Unproven::Unconfirmed] {
        let deleted = done(store.delete_if(&name(1), unproven));
        assert!(deleted == DeleteUser::NotFound, "deleting nobody must answer `NotFound`");
        let page = done(store.list_unproven(unproven, moment(100), None, 10));
        assert!(page.accounts.is_empty(), "an empty store lists somebody");
    }
    for n in [1, 2] {
        assert!(done(store.find_by_phone(&phone(n))).is_none(), "asking about nobody made somebody");
    }
    assert!(done(store.find_by_name(&name(1))).is_none(), "asking about nobody made somebody");
}

pub(super) fn a_new_account_is_found_as_it_was_made<S: UserStore>(t: &Trial<S>) {
    let secret = "an open sesame of its own";
    for (n, status) in (0..).zip(t.traits.statuses()) {
        for with_password in [false, true] {
            let n = 2 * n + usize::from(with_password);
            let new = user(n, n, status.clone());
            let new = if with_password { new.password(Password::from_text(secret.to_owned())) } else { new };
            let account = t.created(new);
            t.assert_found(&account, "a new account");
        }
    }
    for shown in [format!("{:?}", t.store), format!("{:#?}", t.store)] {
        let number = phone(1);
        assert!(!shown.contains(number.digits()), "the store's Debug shows a phone number (invariant I7)");
        assert!(!shown.contains(secret), "the store's Debug shows a password (invariant I7)");
    }
}

pub(super) fn a_taken_number_is_left_to_its_holder<S: UserStore>(t: &Trial<S>) {
    let holder = t.created(unconfirmed(1, 1));
    for (n, status) in (2..).zip(t.traits.statuses()) {
        let other = user(n, 1, status).password(Password::from_text("mallory's".to_owned()));
        if t.first_holds() {
            let what = "a taken number must be answered with the account that holds it, unchanged";
            t.assert_taken(other, &holder, what);
            assert!(t.named(n).is_none(), "a refused account left its name behind");
        } else {
            let other = t.created(other);
            t.assert_found(&other, "an account with a number that is not verified");
            t.assert_found(&holder, "an account whose number another was made with");
        }
    }
    let known = done(t.store.has_password(&name(1), &Password::from_text("mallory's".to_owned())));
    assert!(!known, "the password of a refused account opens the one that is there");
}

pub(super) fn a_taken_name_is_left_to_its_holder<S: UserStore>(t: &Trial<S>) {
    let holder = t.created(unconfirmed(1, 1));
    let other = || NewUser::new(name(1), phone(2), UserStatus::Confirmed, moment(9));
    let stolen = Password::from_text("mallory's".to_owned());
    let what = "a taken name must be answered with the account that holds it, unchanged";
    t.assert_taken(other().password(stolen.clone()), &holder, what);
    assert!(done(t.store.find_by_phone(&phone(2))).is_none(), "a refused account left its number behind");
    let known = done(t.store.has_password(&name(1), &stolen));
    assert!(!known, "the password of a refused account opens the one that is there");
    let next = t.created(unconfirmed(2, 2));
    t.assert_found(&next, "an account with a number that a refused one asked for");
}

pub(super) fn confirming_changes_unconfirmed_accounts_only<S: UserStore>(t: &Trial<S>) {
    for (n, before) in (0..).zip(t.traits.statuses()) {
        let after = if before == UserStatus::Unconfirmed { UserStatus::Confirmed } else { before.clone() };
        let account = t.created(user(n, n, before.clone()));
        for _ in 0..2 {
            let expected = Subscriber { status: after.clone(), ..account.clone() };
            let answer = done(t.store.confirm(&name(n)));
            assert!(
                answer.as_ref() == Some(&expected),
                "confirming an account that is {before:?} must make it {after:?} and change nothing else"
            );
            t.assert_found(&expected, "a confirmed account");
        }
    }
}
