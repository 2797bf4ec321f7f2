//! Only what is unproven, in the very way that was named, is deleted.

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::ports::{DeleteUser, Subscriber, Unproven, UserStatus, UserStore};

/// What came of an account's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Proof {
    Never,
    /// Verified once, and let go since.
    Released,
    /// Verified once, and proven by another account since.
    Taken,
    Verified,
}

/// Who takes numbers away, and which one it begins with.
const TAKER: usize = 200;

/// Every state that an account of this status can be in, against both ways of deletion.
pub(super) fn only_what_is_unproven_so_is_deleted<S: UserStore>(t: &Trial<S>, status: &UserStatus) {
    t.created(unconfirmed(TAKER, TAKER));
    let mut n = 0;
    for proof in [Proof::Never, Proof::Released, Proof::Taken, Proof::Verified] {
        for last_success in [None, Some(moment(7))] {
            for way in [Unproven::NeverUsed, Unproven::Unconfirmed] {
                n += 1;
                let account = brought_to(t, user(n, n, status.clone()), proof, last_success);
                let what = format!("an account that is {status:?}, {proof:?}, last used {last_success:?}");
                let expected = match (proof, status, last_success) {
                    (Proof::Never, UserStatus::Unconfirmed, _) => Some(Unproven::Unconfirmed),
                    (Proof::Never, UserStatus::Confirmed, None) => Some(Unproven::NeverUsed),
                    _ => None,
                };
                let answer = done(t.store.delete_if(&name(n), way));
                if expected == Some(way) {
                    assert!(answer == DeleteUser::Deleted, "{what} must be deleted as {way:?}");
                    t.assert_deleted(n);
                } else {
                    let kept = DeleteUser::Kept(account.clone());
                    assert!(
                        answer == kept,
                        "{what} must be kept and shown when it is to be deleted as {way:?}"
                    );
                    t.assert_stands(&account, "an account that was kept");
                    let leads = account.phone_verified || (t.first_holds() && proof == Proof::Never);
                    if leads {
                        t.assert_leads(&phone(n), Some(&account), "the number of an account that was kept");
                    }
                }
            }
        }
    }
}

/// Makes an account and brings it there; checks that it came there.
fn brought_to<S: UserStore>(
    t: &Trial<S>,
    new: crate::ports::NewUser,
    proof: Proof,
    last_success: Option<crate::types::Timestamp>,
) -> Subscriber {
    let account = t.created(new);
    let (name_, phone_) = (account.user_name.as_str(), &account.phone);
    if let Some(at) = last_success {
        drop(done(t.store.note_success(name_, at)));
    }
    if proof != Proof::Never {
        drop(done(t.store.mark_phone_verified(name_, phone_)));
    }
    if proof == Proof::Released {
        drop(done(t.store.release_phone(name_, phone_, last_success)));
    }
    if proof == Proof::Taken {
        let Some(taker) = t.named(TAKER) else { panic!("an account vanished") };
        drop(done(t.store.change_phone(&taker.user_name, &taker.phone, phone_)));
    }
    let account = Subscriber {
        last_success,
        phone_verified: proof == Proof::Verified,
        was_verified: proof != Proof::Never,
        ..account
    };
    t.assert_stands(&account, "an account whose number was proven, taken or released");
    account
}

/// Who confirms an account takes it from the reach of one sweep into that of the other, until its owner signs in.
pub(super) fn a_confirmed_account_is_deleted_as_never_used_only<S: UserStore>(t: &Trial<S>) {
    for n in [1, 2] {
        let account = t.created(unconfirmed(n, n));
        drop(done(t.store.confirm(&name(n))));
        let confirmed = Subscriber { status: UserStatus::Confirmed, ..account };
        let answer = done(t.store.delete_if(&name(n), Unproven::Unconfirmed));
        assert!(
            answer == DeleteUser::Kept(confirmed),
            "an account that was confirmed must be kept and shown"
        );
    }
    drop(done(t.store.note_success(&name(2), moment(1))));
    let unused = done(t.store.delete_if(&name(1), Unproven::NeverUsed));
    assert!(unused == DeleteUser::Deleted, "an account that nobody used must be deleted");
    let used = done(t.store.delete_if(&name(2), Unproven::NeverUsed));
    assert!(matches!(used, DeleteUser::Kept(_)), "an account that was used must be kept");
    t.assert_deleted(1);
}

pub(super) fn a_freed_number_starts_anew<S: UserStore>(t: &Trial<S>) {
    t.created(unconfirmed(1, 1));
    t.deleted(1);
    let next = t.created(unconfirmed(2, 1));
    t.assert_found(&next, "the next holder of a number");
    assert!(
        done(t.store.confirm(&name(1))).is_none(),
        "the last holder's name must not lead to the next one"
    );
    t.assert_found(&next, "the next holder of a number");
}

pub(super) fn a_freed_name_leads_to_its_new_number_only<S: UserStore>(t: &Trial<S>) {
    let old = t.created(unconfirmed(1, 1));
    drop(done(t.store.note_success(&name(1), moment(1))));
    drop(done(t.store.revoke_tokens(&name(1), moment(1))));
    t.deleted(1);
    let next = t.created(unconfirmed(1, 2));
    let expected = Subscriber { phone: phone(2), ..old };
    assert!(next == expected, "a new account must inherit nothing from the last one of its name");
    t.assert_found(&next, "the next holder of a name");
    t.assert_leads(&phone(1), None, "the number of a deleted account whose name is used again");
}

/// Two accounts have one number; the one that it does not lead to goes.
pub(super) fn a_deletion_leaves_a_number_to_its_holder<S: UserStore>(t: &Trial<S>) {
    t.created(unconfirmed(1, 1));
    t.created(unconfirmed(2, 2));
    let holder = t.changed(2, 2, 1);
    t.deleted(1);
    t.assert_found(&holder, "the holder of a number, after another account that had it was deleted");
    // The same with a holder who has only signed it up.
    t.created(unconfirmed(3, 3));
    drop(done(t.store.release_phone(&name(3), &phone(3), None)));
    let holder = t.created(unconfirmed(4, 3));
    t.deleted(3);
    t.assert_found(&holder, "the next holder of a number, after the one that let it go was deleted");
}

/// For owners and operators.
pub(super) fn whoever_may_ask_deletes_an_account_however_it_stands<S: UserStore>(t: &Trial<S>) {
    let statuses = [UserStatus::Unconfirmed, UserStatus::Confirmed, UserStatus::Disabled];
    t.created(unconfirmed(TAKER, TAKER));
    let mut n = 0;
    for status in statuses {
        for proof in [Proof::Never, Proof::Released, Proof::Taken, Proof::Verified] {
            n += 1;
            let account = brought_to(t, user(n, n, status.clone()), proof, Some(moment(3)));
            let holder = done(t.store.find_by_phone(&phone(n)));
            let answer = done(t.store.delete(&name(n)));
            assert!(
                answer.as_ref() == Some(&account),
                "an account must be answered as it was when it is deleted"
            );
            assert!(
                t.named(n).is_none(),
                "an account must be deleted when its owner asks, however it stands"
            );
            let held = holder.filter(|holder| holder.user_name != name(n));
            t.assert_leads(&phone(n), held.as_ref(), "the number of a deleted account");
            assert!(done(t.store.delete(&name(n))).is_none(), "an account can be deleted once");
            if proof != Proof::Taken {
                t.assert_deleted(n);
            }
        }
    }
    assert!(done(t.store.delete(&name(199))).is_none(), "nobody can not be deleted");
}

impl<S: UserStore> Trial<S> {
    fn deleted(&self, n: usize) {
        let answer = done(self.store.delete_if(&name(n), Unproven::Unconfirmed));
        assert!(answer == DeleteUser::Deleted, "an unconfirmed account must be deleted");
        assert!(self.named(n).is_none(), "a deleted account is still found by its name");
    }

    /// It is gone for every operation, and none brings it back.
    fn assert_deleted(&self, n: usize) {
        self.assert_gone(n);
        for way in [Unproven::NeverUsed, Unproven::Unconfirmed] {
            let again = done(self.store.delete_if(&name(n), way));
            assert!(again == DeleteUser::NotFound, "an account can be deleted once");
        }
        let answers = [
            done(self.store.confirm(&name(n))),
            done(self.store.mark_phone_verified(&name(n), &phone(n))),
            done(self.store.change_phone(&name(n), &phone(n), &phone(n))),
            done(self.store.release_phone(&name(n), &phone(n), None)),
            done(self.store.note_success(&name(n), moment(9))),
            done(self.store.revoke_tokens(&name(n), moment(9))),
        ];
        assert!(answers.iter().all(Option::is_none), "a deleted account must not be changed");
        self.assert_gone(n);
    }
}
