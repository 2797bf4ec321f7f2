//! Invariant I10 beside a service that cannot ask and delete in one call. `other` is the adapter in another process, and acts at
//! exactly the points between two calls of ours.

use std::sync::Arc;

use custom_auth::{
    CognitoUsers, DeleteUser, NumberRule, StoreError, Subscriber, Timestamp, Unproven, UserStatus,
    UserStore as _, testing::ManualClock,
};
use time::Duration;

use super::{
    fake::{Fake, Trap},
    world::{RULES, START, done, made, phone, users},
};

/// What makes an account one that must be kept.
#[derive(Clone, Copy, Debug)]
enum Proof {
    Confirmed,
    Used,
    Verified,
}

const PROOFS: [(Proof, Unproven); 4] = [
    (Proof::Confirmed, Unproven::Unconfirmed),
    (Proof::Verified, Unproven::Unconfirmed),
    (Proof::Verified, Unproven::NeverUsed),
    (Proof::Used, Unproven::NeverUsed),
];

const fn status(way: Unproven) -> UserStatus {
    match way {
        Unproven::NeverUsed => UserStatus::Confirmed,
        Unproven::Unconfirmed => UserStatus::Unconfirmed,
    }
}

fn prove(other: &CognitoUsers, name: &str, proof: Proof) -> Option<Subscriber> {
    done(async {
        match proof {
            Proof::Confirmed => other.confirm(name).await,
            Proof::Used => other.note_success(name, START).await,
            Proof::Verified => other.mark_phone_verified(name, &phone(1)).await,
        }
    })
}

/// It is on, nothing of the deletion is left, and it is shown so.
fn assert_stands(fake: &Fake, store: &CognitoUsers, account: &Subscriber) {
    let user = fake.user(&account.user_name).expect("it is kept");
    assert!(user.enabled && user.value("custom:deleting").is_empty(), "{user:?}");
    assert_eq!(done(store.find_by_name(&account.user_name)).as_ref(), Some(account));
}

/// A pool, two processes, and one account that may be deleted in this way.
fn scene(rule: NumberRule, way: Unproven) -> (Fake, CognitoUsers, Arc<CognitoUsers>, String) {
    let fake = Fake::new(rule);
    let (store, other) = (users(&fake, rule), Arc::new(users(&fake, rule)));
    let name = made(&store, 1, status(way)).user_name;
    (fake, store, other, name)
}

fn deleted_while(point: &str, rule: NumberRule, proof: Proof, way: Unproven) {
    let (fake, store, other, name) = scene(rule, way);
    let (owner, account) = (Arc::clone(&other), name.clone());
    let act = move |_: &Fake| assert!(prove(&owner, &account, proof).is_some(), "the owner is heard");
    match point {
        "between the first reading and the mark" => fake.before("AdminUpdateUserAttributes", act),
        "between the mark and switching off" => fake.before("AdminDisableUser", act),
        _ => fake.trap("AdminDisableUser", Trap::After(Box::new(act))),
    }
    let DeleteUser::Kept(kept) = done(store.delete_if(&name, way)) else {
        panic!("{point}: {proof:?} and deleted as {way:?} under {rule:?}");
    };
    assert_ne!(kept.unproven(), Some(way));
    assert_stands(&fake, &other, &kept);
    assert!(!fake.calls().contains(&"AdminDeleteUser".to_owned()));
}

#[test]
fn i10_who_is_proven_before_the_last_reading_is_kept_and_switched_on_again() {
    for rule in RULES {
        for (proof, way) in PROOFS {
            for point in [
                "between the first reading and the mark",
                "between the mark and switching off",
                "between switching off and the last reading",
            ] {
                deleted_while(point, rule, proof, way);
            }
        }
    }
}

/// The window that remains, as the documents state it: no wider, and not closed either.
#[test]
fn i10_who_is_proven_and_read_back_between_the_last_reading_and_the_deletion_is_lost() {
    for rule in RULES {
        for (proof, way) in PROOFS {
            let (fake, store, other, name) = scene(rule, way);
            let account = name.clone();
            fake.before("AdminDeleteUser", move |_| assert!(prove(&other, &account, proof).is_some()));
            assert_eq!(done(store.delete_if(&name, way)), DeleteUser::Deleted);
            assert_eq!(fake.user(&name), None);
        }
    }
}

#[test]
fn i10_nobody_is_told_of_an_account_that_was_deleted_before_it_was_read_back() {
    for rule in RULES {
        for (proof, way) in PROOFS {
            let (fake, _, other, name) = scene(rule, way);
            let account = name.clone();
            let deletion = move |fake: &Fake| drop(fake.pool().users.remove(&account));
            let written = match proof {
                Proof::Confirmed => "AdminConfirmSignUp",
                Proof::Used | Proof::Verified => "AdminUpdateUserAttributes",
            };
            fake.trap(written, Trap::After(Box::new(deletion)));
            assert_eq!(prove(&other, &name, proof), None);
        }
    }
}

#[test]
fn i10_cognito_lets_nobody_in_between_the_last_reading_and_the_deletion() {
    let (fake, store, _, name) = scene(NumberRule::FirstHolds, Unproven::NeverUsed);
    assert!(fake.signs_in(phone(1).e164()));
    fake.before("AdminDeleteUser", |fake| assert!(!fake.signs_in(phone(1).e164()), "it is off"));
    assert_eq!(done(store.delete_if(&name, Unproven::NeverUsed)), DeleteUser::Deleted);
}

#[test]
fn i10_whom_an_operator_switched_off_is_kept_off() {
    for rule in RULES {
        let (fake, store, _, name) = scene(rule, Unproven::Unconfirmed);
        fake.change(&name, |user| user.enabled = false);
        let DeleteUser::Kept(kept) = done(store.delete_if(&name, Unproven::Unconfirmed)) else {
            panic!("deleted");
        };
        assert_eq!(kept.status, UserStatus::Disabled);
        drop(done(store.confirm(&name)));
        drop(done(store.mark_phone_verified(&name, &phone(1))));
        drop(done(store.find_by_name(&name)));
        assert!(!fake.user(&name).expect("kept").enabled);
    }
}

/// Every call of a deletion fails, done or not: then nobody is in limbo.
#[test]
fn i10_a_deletion_that_breaks_off_anywhere_leaves_nobody_in_limbo() {
    for rule in RULES {
        for way in [Unproven::NeverUsed, Unproven::Unconfirmed] {
            for call in ["AdminUpdateUserAttributes", "AdminDisableUser", "AdminGetUser", "AdminDeleteUser"] {
                for it_is_done in [false, true] {
                    broken_off(rule, way, call, it_is_done);
                }
            }
        }
    }
}

fn broken_off(rule: NumberRule, way: Unproven, call: &'static str, it_is_done: bool) {
    let begin = || {
        let (fake, store, _, name) = scene(rule, way);
        let account = done(store.find_by_name(&name)).expect("made");
        if call == "AdminGetUser" {
            // The last reading, not the first.
            let trap = move |fake: &Fake| fake.trap(call, Trap::HangsUp { done: it_is_done });
            fake.trap("AdminDisableUser", Trap::After(Box::new(trap)));
        } else {
            fake.trap(call, Trap::HangsUp { done: it_is_done });
        }
        let broke_off = super::world::tried(store.delete_if(&name, way));
        assert!(matches!(broke_off, Err(StoreError::Unavailable(_))), "{broke_off:?}");
        (fake, store, account)
    };
    let gone = call == "AdminDeleteUser" && it_is_done;

    // Another process sweeps: it sees the account as it stood, and deletes it.
    let (fake, store, account) = begin();
    let listed = done(store.list_unproven(way, START + Duration::SECOND, None, 9)).accounts;
    assert_eq!(listed, if gone { vec![] } else { vec![account.clone()] }, "{call} {it_is_done}");
    let again = done(users(&fake, rule).delete_if(&account.user_name, way));
    assert_eq!(again, if gone { DeleteUser::NotFound } else { DeleteUser::Deleted });

    // Its owner comes: not at once, since the deletion may be under way, but a minute later.
    for by_number in [false, true] {
        let (fake, _, account) = begin();
        let at = |moment: Timestamp| users(&fake, rule).clock(ManualClock::new(moment));
        let found = |store: CognitoUsers| match (by_number, rule) {
            (true, NumberRule::FirstHolds) => done(store.find_by_phone(&account.phone)),
            _ => done(store.find_by_name(&account.user_name)),
        };
        let expected = (!gone).then_some(&account);
        let on = || fake.user(&account.user_name).is_some_and(|user| user.enabled);
        let was_on = on();
        assert_eq!(found(at(START + Duration::seconds(59))).as_ref(), expected);
        assert_eq!(on(), was_on, "a deletion that may be under way is left alone");
        let store = at(START + Duration::MINUTE);
        assert_eq!(found(at(START + Duration::MINUTE)).as_ref(), expected);
        if !gone {
            assert_stands(&fake, &store, &account);
            drop(done(store.confirm(&account.user_name)));
            assert!(done(store.mark_phone_verified(&account.user_name, &account.phone)).is_some());
            assert!(fake.signs_in(account.phone.e164()), "its owner ends signed in");
        }
    }
}

#[test]
fn i10_a_proof_does_not_wait_for_a_deletion_that_broke_off() {
    for rule in RULES {
        for (proof, way) in PROOFS {
            let (fake, store, other, name) = scene(rule, way);
            fake.trap("AdminDeleteUser", Trap::HangsUp { done: false });
            drop(super::world::tried(store.delete_if(&name, way)));
            assert!(!fake.user(&name).expect("kept").enabled);
            let proven = prove(&other, &name, proof).expect("it is there");
            // Whoever is verified and still to be confirmed is confirmed next, and then it is on.
            let proven = match proven.status {
                UserStatus::Unconfirmed => prove(&other, &name, Proof::Confirmed).expect("it is there"),
                _ => proven,
            };
            assert_eq!(proven.status, UserStatus::Confirmed);
            assert_stands(&fake, &other, &proven);
        }
    }
}

#[test]
fn i10_a_deletion_that_stood_still_for_too_long_gives_up() {
    for rule in RULES {
        let (fake, store, _, name) = scene(rule, Unproven::Unconfirmed);
        let clock = ManualClock::new(START);
        let store = store.clock(clock.clone());
        fake.before("AdminDisableUser", move |_| clock.advance(Duration::seconds(30)));
        let late = super::world::tried(store.delete_if(&name, Unproven::Unconfirmed));
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
        let user = fake.user(&name).expect("kept");
        assert!(user.enabled && user.value("custom:deleting").is_empty());
    }
}

#[test]
fn i10_whoever_was_brought_back_meanwhile_is_kept() {
    for rule in RULES {
        let (fake, store, other, name) = scene(rule, Unproven::Unconfirmed);
        let account = name.clone();
        let later = Arc::into_inner(other).expect("ours").clock(ManualClock::new(START + Duration::MINUTE));
        let act = move |_: &Fake| drop(done(later.find_by_name(&account)));
        fake.trap("AdminDisableUser", Trap::After(Box::new(act)));
        let answer = done(store.delete_if(&name, Unproven::Unconfirmed));
        assert!(matches!(answer, DeleteUser::Kept(_)), "{answer:?}");
        assert!(fake.user(&name).expect("kept").enabled);
    }
}

#[test]
fn two_processes_that_delete_one_account_delete_it_once() {
    for point in ["AdminUpdateUserAttributes", "AdminDisableUser", "AdminDeleteUser"] {
        let (fake, store, other, name) = scene(NumberRule::FirstHolds, Unproven::Unconfirmed);
        let account = name.clone();
        fake.before(point, move |_| {
            assert_eq!(done(other.delete_if(&account, Unproven::Unconfirmed)), DeleteUser::Deleted);
        });
        assert_eq!(done(store.delete_if(&name, Unproven::Unconfirmed)), DeleteUser::NotFound, "{point}");
    }
}
