//! An operator switches an account off beside a deletion of ours: what is theirs stays theirs, but for what the documents say.

use custom_auth::{
    CognitoUsers, NumberRule, StoreError, Timestamp, Unproven, UserStatus, UserStore as _,
    testing::ManualClock,
};
use time::Duration;

use super::{
    fake::{Fake, Trap},
    world::{RULES, START, done, made, phone, tried, users},
};

const MARK: &str = "custom:deleting";
const WAY: Unproven = Unproven::Unconfirmed;

/// A pool, this process, and an account that may be deleted.
fn scene(rule: NumberRule) -> (Fake, CognitoUsers, String) {
    let fake = Fake::new(rule);
    let store = users(&fake, rule);
    let name = made(&store, 1, UserStatus::Unconfirmed).user_name;
    (fake, store, name)
}

/// A process of that moment.
fn at(fake: &Fake, rule: NumberRule, moment: Timestamp) -> CognitoUsers {
    users(fake, rule).clock(ManualClock::new(moment))
}

/// On or off, marked or not.
fn state(fake: &Fake, name: &str) -> (bool, bool) {
    let user = fake.user(name).expect("kept");
    (user.enabled, !user.value(MARK).is_empty())
}

fn switch_off(fake: &Fake, name: &str) {
    fake.change(name, |user| user.enabled = false);
}

#[test]
fn i10_a_deletion_that_may_not_switch_off_takes_its_mark_away_at_once() {
    for rule in RULES {
        for code in ["AccessDeniedException", "NotAuthorizedException", "TooManyRequestsException"] {
            let (fake, store, name) = scene(rule);
            fake.trap("AdminDisableUser", Trap::Fails { done: false, status: 400, code });
            assert!(tried(store.delete_if(&name, WAY)).is_err());
            assert_eq!(state(&fake, &name), (true, false), "{code}");
            assert!(!fake.calls().contains(&"AdminEnableUser".to_owned()), "nothing was off");
            switch_off(&fake, &name);
            let found = done(at(&fake, rule, START + Duration::MINUTE).find_by_name(&name)).expect("kept");
            assert_eq!((found.status, state(&fake, &name)), (UserStatus::Disabled, (false, false)));
        }
    }
}

/// An attempt before the last may have done it: a client may ask more than once.
#[test]
fn i10_an_account_that_was_switched_off_though_the_service_said_no_is_switched_on_again() {
    let (fake, store, name) = scene(NumberRule::FirstHolds);
    fake.trap("AdminDisableUser", Trap::Fails { done: true, status: 400, code: "TooManyRequestsException" });
    assert!(tried(store.delete_if(&name, WAY)).is_err());
    assert_eq!(state(&fake, &name), (true, false));
}

/// Whoever took the mark away then could leave the account off for ever.
#[test]
fn i10_where_it_is_not_known_whether_the_account_is_off_the_mark_stays() {
    for it_is_done in [false, true] {
        let (fake, store, name) = scene(NumberRule::FirstHolds);
        fake.trap("AdminDisableUser", Trap::HangsUp { done: it_is_done });
        assert!(matches!(tried(store.delete_if(&name, WAY)), Err(StoreError::Unavailable(_))));
        assert_eq!(state(&fake, &name), (!it_is_done, true));
    }
}

#[test]
fn i10_a_deletion_that_is_late_before_it_switches_off_switches_nothing_off() {
    let (fake, store, name) = scene(NumberRule::FirstHolds);
    let clock = ManualClock::new(START);
    let store = store.clock(clock.clone());
    fake.before("AdminUpdateUserAttributes", move |_| clock.advance(Duration::seconds(30)));
    assert!(matches!(tried(store.delete_if(&name, WAY)), Err(StoreError::Unavailable(_))));
    assert_eq!(state(&fake, &name), (true, false));
    assert!(!fake.calls().contains(&"AdminDisableUser".to_owned()));
}

/// A mark that is a minute old, on an account that is on: nothing is to be undone but the mark.
#[test]
fn i10_an_old_mark_on_an_account_that_is_on_is_taken_away_and_the_operator_is_not_undone() {
    for rule in RULES {
        for off_before in ["AdminGetUser", "AdminUpdateUserAttributes", "nothing"] {
            let (fake, _, name) = scene(rule);
            let mark = START.as_unix_millis().to_string();
            fake.change(&name, |user| drop(user.attributes.insert(MARK.to_owned(), mark)));
            let account = name.clone();
            // Between the first reading and the second, or between that and the writing.
            let operator = move |fake: &Fake| switch_off(fake, &account);
            if off_before == "AdminGetUser" {
                fake.trap(off_before, Trap::After(Box::new(operator)));
            } else {
                fake.before(off_before, operator);
            }
            let found = done(at(&fake, rule, START + Duration::MINUTE).find_by_name(&name)).expect("kept");
            let is_off = off_before != "nothing";
            assert_eq!(state(&fake, &name), (!is_off, false), "{off_before}");
            assert!(!fake.calls().contains(&"AdminEnableUser".to_owned()));
            if off_before == "AdminGetUser" {
                assert_eq!(found.status, UserStatus::Disabled, "and is shown so");
            }
        }
    }
}

#[test]
fn i10_whoever_proves_a_marked_account_leaves_no_mark_that_an_operator_would_be_undone_by() {
    for rule in RULES {
        let (fake, store, name) = scene(rule);
        fake.trap("AdminDeleteUser", Trap::HangsUp { done: false });
        assert!(tried(store.delete_if(&name, WAY)).is_err());
        assert_eq!(state(&fake, &name), (false, true));
        drop(done(store.confirm(&name)).expect("it is there"));
        drop(done(store.mark_phone_verified(&name, &phone(1))).expect("it is there"));
        assert_eq!(state(&fake, &name), (true, false));
        switch_off(&fake, &name);
        let found = done(at(&fake, rule, START + Duration::MINUTE).find_by_name(&name)).expect("kept");
        assert_eq!((found.status, state(&fake, &name)), (UserStatus::Disabled, (false, false)));
    }
}

/// What remains, as the documents state it: an operator who acts while the mark is there is taken for the deletion.
#[test]
fn i10_an_account_that_an_operator_switched_off_while_it_was_marked_is_switched_on_a_minute_later() {
    for rule in RULES {
        let (fake, store, name) = scene(rule);
        fake.trap("AdminDisableUser", Trap::HangsUp { done: false });
        assert!(tried(store.delete_if(&name, WAY)).is_err());
        switch_off(&fake, &name);
        drop(done(at(&fake, rule, START + Duration::seconds(59)).find_by_name(&name)));
        assert_eq!(state(&fake, &name), (false, true));
        drop(done(at(&fake, rule, START + Duration::MINUTE).find_by_name(&name)));
        assert_eq!(state(&fake, &name), (true, false));
        switch_off(&fake, &name);
        drop(done(at(&fake, rule, START + Duration::HOUR).find_by_name(&name)));
        assert_eq!(state(&fake, &name), (false, false), "but once only");
    }
}
