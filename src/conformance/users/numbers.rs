//! Whoever proves a number has it, and nobody else.

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::ports::{Subscriber, UserStatus, UserStore};

pub(super) fn a_phone_is_verified_if_it_is_the_accounts_own<S: UserStore>(t: &Trial<S>) {
    for (n, status) in (0..).zip(t.traits.statuses()) {
        let account = t.created(user(n, n, status));
        let other = t.created(unconfirmed(100 + n, 100 + n));
        for wrong in [phone(100 + n), phone(200)] {
            assert!(
                done(t.store.mark_phone_verified(&name(n), &wrong)).is_none(),
                "a phone that is not the account's own must not be verified"
            );
            t.assert_found(&account, "an account for which another phone was verified");
        }
        let expected = Subscriber { phone_verified: true, was_verified: true, ..account };
        for _ in 0..2 {
            let answer = done(t.store.mark_phone_verified(&name(n), &phone(n)));
            assert!(
                answer.as_ref() == Some(&expected),
                "verifying an account's own phone must note that and nothing else"
            );
            t.assert_found(&expected, "an account whose phone was verified");
        }
        t.assert_found(&other, "an account beside one whose phone was verified");
    }
    let account = t.verified(50, 50);
    let expected = Subscriber { status: UserStatus::Confirmed, ..account };
    let answer = done(t.store.confirm(&name(50)));
    assert!(answer.as_ref() == Some(&expected), "confirming must keep what was verified");
}

/// Under either rule several accounts can come to have one number; each that proves it takes it from the one before.
pub(super) fn whoever_proves_a_number_takes_it<S: UserStore>(t: &Trial<S>) {
    let all = [1, 2, 3, 4];
    for n in all {
        t.created(unconfirmed(n, n));
        t.changed(n, n, 9);
    }
    for winner in [1, 2, 3, 4, 2, 2, 1] {
        let Some(proven) = done(t.store.mark_phone_verified(&name(winner), &phone(9))) else {
            panic!("an account's own phone was not verified");
        };
        assert!(
            proven.phone_verified && proven.user_name == name(winner),
            "verifying must answer with the account as it is afterwards"
        );
        t.assert_has_alone(&proven, &all);
    }
}

pub(super) fn whoever_changes_to_a_number_takes_it<S: UserStore>(t: &Trial<S>) {
    let holder = t.verified(1, 1);
    let other = t.created(user(2, 2, UserStatus::Confirmed));
    let taken = t.changed(2, 2, 1);
    let expected = Subscriber { phone: phone(1), phone_verified: true, was_verified: true, ..other };
    assert!(taken == expected, "changing the phone must write the new number, proven, and nothing else");
    let robbed = Subscriber { phone_verified: false, ..holder };
    t.assert_stands(&robbed, "the account that had the number before");
    t.assert_has_alone(&taken, &[1, 2]);
    if t.first_holds() {
        let what = "a number that was taken over must be answered with who has it now";
        t.assert_taken(unconfirmed(3, 1), &taken, what);
    }
}

pub(super) fn a_number_that_was_left_is_free<S: UserStore>(t: &Trial<S>) {
    t.verified(1, 1);
    t.changed(1, 1, 2);
    t.assert_leads(&phone(1), None, "a number whose holder changed to another one");
    let next = t.created(unconfirmed(2, 1));
    t.assert_found(&next, "the next account with a number that was left");
    // Who lost a number and then leaves it takes it from nobody.
    t.verified(3, 3);
    let taker = t.changed(1, 2, 3);
    t.changed(3, 3, 4);
    t.assert_has_alone(&taker, &[1, 2, 3]);
}

pub(super) fn a_phone_is_changed_from_the_accounts_own_only<S: UserStore>(t: &Trial<S>) {
    let account = t.verified(1, 1);
    let other = t.verified(2, 2);
    for (from, to) in [(2, 2), (3, 1), (2, 3), (3, 3)] {
        let answer = done(t.store.change_phone(&name(1), &phone(from), &phone(to)));
        assert!(
            answer.is_none(),
            "a phone must be changed from the number that the account has, and no other"
        );
        t.assert_found(&account, "an account whose phone was to be changed from another number");
        t.assert_found(&other, "an account beside it");
    }
    t.assert_leads(&phone(3), None, "a number that nobody changed to");
    let new = t.created(unconfirmed(4, 4));
    let proven = Subscriber { phone_verified: true, was_verified: true, ..new };
    for _ in 0..2 {
        assert!(t.changed(4, 4, 4) == proven, "changing to its own number must prove it and nothing else");
        t.assert_found(&proven, "an account that changed to its own number");
    }
}

pub(super) fn a_number_is_released_on_both_conditions<S: UserStore>(t: &Trial<S>) {
    let release = |number, last_success| done(t.store.release_phone(&name(1), &phone(number), last_success));
    t.verified(1, 1);
    let Some(account) = done(t.store.note_success(&name(1), moment(5))) else {
        panic!("a success of an account that is there was not noted");
    };
    let other = t.verified(2, 2);
    for (number, last) in [(2, Some(5)), (3, Some(5)), (1, None), (1, Some(4)), (1, Some(6))] {
        assert!(
            release(number, last.map(moment)).is_none(),
            "a number must be released only if it is the account's and the account was not used meanwhile"
        );
        t.assert_found(&account, "an account whose number was not to be released");
        t.assert_found(&other, "an account beside it");
    }
    let released = Subscriber { phone_verified: false, ..account };
    for _ in 0..2 {
        let answer = release(1, Some(moment(5)));
        assert!(
            answer.as_ref() == Some(&released),
            "releasing must un-verify the number and change nothing else"
        );
        t.assert_stands(&released, "an account whose number was released");
        t.assert_leads(&phone(1), None, "a number that was released");
    }
    t.assert_found(&other, "an account beside it");
}

pub(super) fn a_released_number_is_free<S: UserStore>(t: &Trial<S>) {
    // One that was never verified is released like any other.
    for (n, verified) in [(1, true), (2, false)] {
        let old = if verified { t.verified(n, n) } else { t.created(unconfirmed(n, n)) };
        let released = done(t.store.release_phone(&name(n), &phone(n), None));
        let expected = Subscriber { phone_verified: false, ..old };
        assert!(released.as_ref() == Some(&expected), "the number of a dormant account must be released");
        t.assert_leads(&phone(n), None, "a number that was released");
        let next = t.created(unconfirmed(10 + n, n));
        t.assert_found(&next, "the next account with a number that was released");
        // Releasing what leads to somebody else by now takes nothing away.
        let again = || done(t.store.release_phone(&name(n), &phone(n), None));
        assert!(again().as_ref() == Some(&expected), "releasing twice must change nothing");
        t.assert_found(&next, "the next account, after the number was released once more");
        drop(done(t.store.mark_phone_verified(&next.user_name, &phone(n))));
        let next = Subscriber { phone_verified: true, was_verified: true, ..next };
        assert!(again().as_ref() == Some(&expected), "releasing twice must change nothing");
        t.assert_found(&next, "the next account, after the number was released once more");
        // And its owner can come back with proof.
        let back = done(t.store.mark_phone_verified(&name(n), &phone(n)));
        let proven = Subscriber { phone_verified: true, was_verified: true, ..expected };
        assert!(
            back.as_ref() == Some(&proven),
            "an account must be able to prove again a number that it let go"
        );
        t.assert_has_alone(&proven, &[n, 10 + n]);
    }
}

pub(super) fn once_verified_is_once_verified_for_good<S: UserStore>(t: &Trial<S>) {
    let still = |what: &str| {
        assert!(
            t.named(1).is_some_and(|account| account.was_verified),
            "that an account was ever verified must never be forgotten, not {what}"
        );
    };
    t.verified(1, 1);
    t.created(unconfirmed(2, 2));
    t.changed(2, 2, 1);
    still("when another account takes its number");
    drop(done(t.store.confirm(&name(1))));
    still("when it is confirmed");
    t.changed(1, 1, 3);
    drop(done(t.store.release_phone(&name(1), &phone(3), None)));
    still("when its number is released");
    drop(done(t.store.revoke_tokens(&name(1), moment(1))));
    drop(done(t.store.note_success(&name(1), moment(1))));
    still("when something else is noted");
}

impl<S: UserStore> Trial<S> {
    /// This one stands so, its number leads to it, and it is verified in no other of these.
    pub(super) fn assert_has_alone(&self, account: &Subscriber, all: &[usize]) {
        self.assert_stands(account, "an account that proved a number");
        self.assert_leads(&account.phone, Some(account), "a number that was proven");
        for other in all.iter().filter_map(|n| self.named(*n)) {
            assert!(
                other.user_name == account.user_name || other.phone != account.phone || !other.phone_verified,
                "a number that one account has proven is still verified in another"
            );
        }
    }
}
