//! What comes of making an account, and of making it twice.

use custom_auth::{
    CreateUser, NumberRule, Password, StoreError, Timestamp, Unproven, UserStatus, UserStore as _,
    testing::ManualClock,
};
use time::Duration;

use super::{
    client::client,
    fake::{Fake, Trap},
    world::{RULES, START, asked, done, made, phone, tried, users, users_by},
};

#[test]
fn an_account_is_made_by_the_calls_that_its_status_takes() {
    for rule in RULES {
        for (status, calls) in [
            (UserStatus::Unconfirmed, &["SignUp", "AdminGetUser"][..]),
            (UserStatus::Confirmed, &["AdminCreateUser", "AdminSetUserPassword", "AdminGetUser"][..]),
            (UserStatus::ForceChangePassword, &["AdminCreateUser", "AdminGetUser"][..]),
            (UserStatus::Disabled, &["AdminCreateUser", "AdminDisableUser", "AdminGetUser"][..]),
        ] {
            let fake = Fake::new(rule);
            let password = Password::from_text("Aa0-of-its-own".to_owned());
            let new = asked(1, status.clone()).password(password);
            let CreateUser::Created(account) = done(users(&fake, rule).create(new.clone())) else {
                panic!("the number is free");
            };
            assert_eq!((account.status, account.phone_verified), (status, false));
            assert_eq!(fake.calls(), calls);
            assert_eq!(account.user_name == new.user_name, rule == NumberRule::VerifiedHolds);
            let user = fake.user(&account.user_name).expect("made");
            assert_eq!(user.password, "Aa0-of-its-own");
        }
    }
}

#[test]
fn an_account_without_a_password_has_one_that_nobody_knows() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule);
        let passwords = [1, 2].map(|n| {
            let name = made(&store, n, UserStatus::Unconfirmed).user_name;
            fake.user(&name).expect("made").password
        });
        assert_ne!(passwords[0], passwords[1]);
        assert!(passwords.iter().all(|password| password.len() == 100));
    }
}

#[test]
fn what_cognito_makes_for_nobody_is_refused_and_nothing_is_made() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let refused =
            [UserStatus::External, UserStatus::ResetRequired, UserStatus::Other("ARCHIVED".to_owned())];
        for status in refused {
            let answer = tried(users(&fake, rule).create(asked(1, status)));
            assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
        }
        let alone = custom_auth::CognitoUsers::new(client(fake.clone(), 1), "us-east-1_Fake", rule);
        let answer = tried(alone.create(asked(1, UserStatus::Unconfirmed)));
        assert!(matches!(answer, Err(StoreError::Refused(_))), "without an app client: {answer:?}");
        assert!(fake.calls().is_empty());
    }
}

#[test]
fn a_trigger_that_confirms_is_told_and_one_that_verifies_verifies_nothing() {
    for rule in RULES {
        let fake = Fake::new(rule);
        fake.pool().auto_confirms = true;
        fake.pool().auto_verifies = true;
        let store = users(&fake, rule);
        let account = made(&store, 1, UserStatus::Unconfirmed);
        assert_eq!(account.unproven(), Some(Unproven::NeverUsed));
        assert_eq!(done(store.find_by_name(&account.user_name)), Some(account));
    }
}

/// The SDK asks again when it does not know what came of a call.
#[test]
fn a_retry_that_meets_its_own_account_says_that_it_exists_and_touches_nobody() {
    for rule in RULES {
        for (status, call) in
            [(UserStatus::Unconfirmed, "SignUp"), (UserStatus::Confirmed, "AdminCreateUser")]
        {
            let fake = Fake::new(rule);
            let before = made(&users(&fake, rule), 2, UserStatus::Unconfirmed);
            fake.trap(call, Trap::HangsUp { done: true });
            let answer = done(users_by(&fake, rule, 3).create(asked(1, status.clone())));
            let CreateUser::Exists(own) = answer else { panic!("{answer:?}") };
            assert_eq!((own.phone, own.phone_verified, own.was_verified), (phone(1), false, false));
            assert_eq!(fake.pool().users.len(), 2);
            assert_eq!(done(users(&fake, rule).find_by_name(&before.user_name)), Some(before));
        }
    }
}

#[test]
fn i10_a_confirmed_account_that_was_half_made_opens_by_code() {
    let rule = NumberRule::FirstHolds;
    let fake = Fake::new(rule);
    fake.trap("AdminSetUserPassword", Trap::HangsUp { done: false });
    let store = users(&fake, rule);
    assert!(tried(store.create(asked(1, UserStatus::Confirmed))).is_err());
    assert!(fake.signs_in(phone(1).e164()));
    let CreateUser::Exists(half) = done(store.create(asked(1, UserStatus::Confirmed))) else {
        panic!("it holds its number");
    };
    assert_eq!(half.status, UserStatus::ForceChangePassword);
    assert_eq!(half.unproven(), None);
}

#[test]
fn a_replaced_password_confirms_and_proves_nothing() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule);
        let account = made(&store, 1, UserStatus::Unconfirmed);
        let password = Password::from_text("Aa0-another".to_owned());
        let now = done(store.replace_password(&account.user_name, &password)).expect("it is there");
        assert_eq!((now.status.clone(), now.unproven()), (UserStatus::Confirmed, Some(Unproven::NeverUsed)));
        assert_eq!(fake.user(&account.user_name).expect("there").password, "Aa0-another");
        assert!(!done(store.has_password(&account.user_name, &password)));
    }
}

#[test]
fn a_confirmation_that_another_process_was_quicker_with_is_one() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let (store, other) = (users(&fake, rule), users(&fake, rule));
        let name = made(&store, 1, UserStatus::Unconfirmed).user_name;
        let account = name.clone();
        fake.before("AdminConfirmSignUp", move |_| assert!(done(other.confirm(&account)).is_some()));
        assert_eq!(done(store.confirm(&name)).expect("there").status, UserStatus::Confirmed);
    }
}

#[test]
fn revoking_signs_out_whatever_moment_is_named() {
    let rule = NumberRule::VerifiedHolds;
    let fake = Fake::new(rule);
    let store = users(&fake, rule);
    let name = made(&store, 1, UserStatus::Confirmed).user_name;
    for (moment, noted) in [(START, START), (START - Duration::HOUR, START)] {
        let account = done(store.revoke_tokens(&name, moment)).expect("there");
        assert_eq!(account.tokens_not_before, Some(noted));
    }
    assert_eq!(fake.user(&name).expect("there").sign_outs, 2);
}

/// By Cognito's own moments, which the suite's do not show.
#[test]
fn a_listing_is_of_the_accounts_that_cognito_made_before() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let store = users(&fake, rule).clock(ManualClock::new(Timestamp::UNIX_EPOCH));
        for n in 0..130 {
            fake.pool().now = 1_790_000_000_000 + i64::try_from(n).expect("small") * 1_000;
            made(&store, n, UserStatus::Unconfirmed);
        }
        for before in [0, 1, 100, 130] {
            let moment = START + Duration::SECOND * u32::try_from(before).expect("small");
            let (mut listed, mut page) = (0, None);
            loop {
                let one = done(store.list_unproven(Unproven::Unconfirmed, moment, page.as_deref(), 1_000));
                assert!(one.accounts.iter().all(|account| account.created_at < moment));
                listed += one.accounts.len();
                page = one.next;
                if page.is_none() {
                    break;
                }
            }
            assert_eq!(listed, before);
        }
        let strange = tried(store.list_unproven(Unproven::Unconfirmed, START, Some("of another store"), 9));
        assert!(matches!(strange, Err(StoreError::Refused(_))), "{strange:?}");
    }
}
