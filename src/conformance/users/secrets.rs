//! Passwords, and the moments that only go forward.

use super::{Trial, done, moment, name, phone, unconfirmed};
use crate::{
    ports::{DeleteUser, Subscriber, Unproven, UserStore},
    types::{Password, PasswordVerifier},
};

pub(super) fn a_replaced_password_opens_nothing<S: UserStore>(t: &Trial<S>) {
    let account = t.created(unconfirmed(1, 1).password(password("first")));
    t.assert_password(1, "first", true, "an account must have the password that it was made with");
    let account = t.with_new_password(&account);
    for (before, after) in [("first", "second"), ("second", "third"), ("third", "first")] {
        let answer = done(t.store.replace_password(&name(1), &password(after)));
        assert!(answer.as_ref() == Some(&account), "replacing a password must change nothing that is shown");
        t.assert_password(1, after, true, "an account must have its new password");
        t.assert_password(1, before, false, "a replaced password must open nothing");
        t.assert_found(&account, "an account whose password was replaced");
    }
    let twice = done(t.store.replace_password(&name(1), &password("first")));
    assert!(twice.as_ref() == Some(&account), "a password can be replaced by itself");
    t.assert_password(1, "first", true, "a password that was replaced by itself must still open");
}

pub(super) fn an_account_without_a_password_has_none<S: UserStore>(t: &Trial<S>) {
    t.created(unconfirmed(1, 1));
    for wrong in ["", "first", &name(1)] {
        t.assert_password(1, wrong, false, "an account without a password must have none");
        t.assert_password(2, wrong, false, "nobody must have no password");
    }
    drop(done(t.store.replace_password(&name(1), &password("first"))));
    t.assert_password(1, "first", true, "an account that had no password must take one");
    for wrong in ["", "firs", "first ", "First", "firsu"] {
        t.assert_password(1, wrong, false, "a password must match as a whole");
    }
    let way = if t.traits.replacing_confirms { Unproven::NeverUsed } else { Unproven::Unconfirmed };
    drop(done(t.store.delete_if(&name(1), way)));
    t.assert_password(1, "first", false, "a deleted account must have no password");
    t.created(unconfirmed(1, 3));
    t.assert_password(1, "first", false, "a new account must not inherit a password");
}

pub(super) fn a_password_is_one_accounts_own<S: UserStore>(t: &Trial<S>) {
    t.created(unconfirmed(1, 1).password(password("ana's")));
    t.created(unconfirmed(2, 2).password(password("bob's")));
    t.assert_password(1, "bob's", false, "another account's password must open nothing");
    drop(done(t.store.replace_password(&name(1), &password("bob's"))));
    t.assert_password(1, "bob's", true, "two accounts may have one password");
    drop(done(t.store.replace_password(&name(1), &password("new"))));
    t.assert_password(2, "bob's", true, "replacing one account's password must leave another's");
    t.assert_password(2, "new", false, "replacing one account's password must leave another's");
    // Whoever takes a number takes no password with it, and leaves none behind.
    t.changed(2, 2, 1);
    t.assert_password(2, "new", false, "a password must not go with a number");
    t.assert_password(1, "bob's", false, "a password must not come with a number");
    t.assert_password(1, "new", true, "an account that lost its number must keep its password");
}

pub(super) fn of_a_chosen_password_its_verifier_is_kept_until_it_is_replaced<S: UserStore>(t: &Trial<S>) {
    let chosen = |n: usize, byte: u8| unconfirmed(n, n).password(password("chosen")).verifier(verifier(byte));
    for n in [1, 2] {
        t.created(chosen(n, if n == 1 { 7 } else { 8 }));
        t.assert_password(n, "chosen", false, "of a chosen password nothing but its verifier may be kept");
    }
    t.created(unconfirmed(3, 3).password(password("random")));
    let kept = |n: usize| done(t.store.password_verifier(&name(n)));
    let own = |byte: u8| t.traits.passwords.then(|| verifier(byte));
    for _ in 0..2 {
        assert!(
            kept(1) == own(7) && kept(2) == own(8),
            "a verifier must be kept as it is, and be one account's own"
        );
        assert!(kept(3).is_none() && kept(4).is_none(), "what has no chosen password must have no verifier");
        // Nor does anything else that befalls an account touch it.
        drop(done(t.store.confirm(&name(1))));
        drop(done(t.store.note_success(&name(1), moment(3))));
        drop(done(t.store.mark_phone_verified(&name(1), &phone(1))));
    }
    drop(done(t.store.replace_password(&name(1), &password("second"))));
    assert!(kept(1).is_none(), "an account whose password was replaced must have no verifier any more");
    assert!(kept(2) == own(8), "replacing one account's password must leave another's");
    t.assert_password(1, "second", true, "a password must replace a verifier");
    t.assert_password(1, "chosen", false, "a replaced password must open nothing");
}

fn verifier(byte: u8) -> PasswordVerifier {
    let bytes: Vec<u8> = (0..PasswordVerifier::LEN).map(|place| byte ^ (place % 256) as u8).collect();
    let Some(verifier) = PasswordVerifier::from_bytes(&bytes) else { panic!("as long as a verifier") };
    verifier
}

pub(super) fn moments_never_go_back<S: UserStore>(t: &Trial<S>) {
    let mut account = t.created(unconfirmed(1, 1));
    let beside = t.created(unconfirmed(2, 2));
    for n in [5, 3, 5, 8, 1, 8, 9] {
        let answer = done(t.store.note_success(&name(1), moment(n)));
        account.last_success = account.last_success.max(Some(moment(n)));
        assert!(
            answer.as_ref() == Some(&account),
            "the last success must never go back, and nothing else change"
        );
        t.assert_found(&account, "an account whose success was noted");
    }
    for n in [4, 2, 4, 7, 1] {
        let answer = done(t.store.revoke_tokens(&name(1), moment(n)));
        account.tokens_not_before = account.tokens_not_before.max(Some(moment(n)));
        assert!(
            answer.as_ref() == Some(&account),
            "revoked tokens must never live again, and nothing else change"
        );
        t.assert_found(&account, "an account whose tokens were revoked");
    }
    t.assert_found(&beside, "an account beside one that something was noted of");
    let proven = done(t.store.mark_phone_verified(&name(1), &phone(1)));
    let expected = Subscriber { phone_verified: true, was_verified: true, ..account };
    assert!(proven.as_ref() == Some(&expected), "proving a number must leave what was noted before");
    let kept = done(t.store.delete_if(&name(1), Unproven::Unconfirmed));
    assert!(kept == DeleteUser::Kept(expected), "an account that was verified must be kept, as it is");
}

fn password(text: &str) -> Password {
    Password::from_text(text.to_owned())
}

impl<S: UserStore> Trial<S> {
    /// Whether this is the account's password, which a store that does not check them never says.
    fn assert_password(&self, user: usize, text: &str, own: bool, what: &str) {
        let answer = done(self.store.has_password(&name(user), &password(text)));
        assert!(answer == (own && self.traits.passwords), "{what}");
    }
}
