//! Calls that fail: what an error means, and what it shows.

use std::error::Error;

use custom_auth::{
    CognitoAttributes, NumberRule, Password, StoreError, Unproven, UserStatus, UserStore as _,
};

use super::{
    fake::{Fake, Trap},
    world::{RULES, START, asked, done, made, phone, tried, users, users_by},
};

/// Everything that an error shows, and what it stands on.
fn shown(error: &StoreError) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    text
}

const TEMPORARY: [(u16, &str); 8] = [
    (400, "TooManyRequestsException"),
    (400, "LimitExceededException"),
    (400, "ThrottlingException"),
    (500, "InternalErrorException"),
    (400, "UnexpectedLambdaException"),
    (400, "CodeDeliveryFailureException"),
    (503, "ServiceUnavailable"),
    (502, ""),
];

const FOR_GOOD: [(u16, &str); 6] = [
    (400, "InvalidParameterException"),
    (400, "NotAuthorizedException"),
    (400, "ResourceNotFoundException"),
    (400, "AccessDeniedException"),
    (400, "UserLambdaValidationException"),
    (400, "OfALaterYearException"),
];

/// The service repeats in its error everything that it was sent; none of it comes out.
#[test]
fn i7_i9_every_failure_has_its_meaning_and_shows_neither_number_nor_password() {
    for rule in RULES {
        let all =
            TEMPORARY.map(|error| (error, true)).into_iter().chain(FOR_GOOD.map(|error| (error, false)));
        for ((status, code), again) in all {
            let fake = Fake::new(rule);
            let store = users(&fake, rule);
            let account = made(&store, 1, UserStatus::Unconfirmed);
            let fails = |call: &str| fake.trap(call, Trap::Fails { done: false, status, code });
            let secret = Password::from_text("Aa0-sesame".to_owned());
            let mut errors = Vec::new();
            fails("AdminGetUser");
            errors.push(tried(store.find_by_phone(&phone(1))).expect_err(code));
            fails("SignUp");
            let new = asked(2, UserStatus::Unconfirmed).password(secret.clone());
            errors.push(tried(store.create(new)).expect_err(code));
            fails("AdminSetUserPassword");
            errors.push(tried(store.replace_password(&account.user_name, &secret)).expect_err(code));
            fails("AdminUpdateUserAttributes");
            errors.push(tried(store.mark_phone_verified(&account.user_name, &phone(1))).expect_err(code));
            fails("AdminDisableUser");
            errors.push(tried(store.delete_if(&account.user_name, Unproven::Unconfirmed)).expect_err(code));
            fails("ListUsers");
            errors.push(tried(store.list_unproven(Unproven::NeverUsed, START, None, 1)).expect_err(code));
            for error in errors {
                assert_eq!(error.is_retryable(), again, "{code}: {error:?}");
                let text = shown(&error);
                for secret in ["9999900", "sesame", account.user_name.as_str()] {
                    assert!(!text.contains(secret), "{code}: {text}");
                }
                assert!(text.contains(code), "an operator is told which: {text}");
            }
            let same = done(store.find_by_name(&account.user_name)).expect("kept");
            assert!(!same.phone_verified && same.unproven().is_some(), "nothing was done");
        }
    }
}

#[test]
fn an_account_that_is_gone_in_that_moment_is_none_and_no_failure() {
    for rule in RULES {
        for call in ["AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminUserGlobalSignOut"] {
            let fake = Fake::new(rule);
            let store = users(&fake, rule);
            let name = made(&store, 1, UserStatus::Unconfirmed).user_name;
            let gone = name.clone();
            fake.before(call, move |fake| drop(fake.pool().users.remove(&gone)));
            let answer = match call {
                "AdminConfirmSignUp" => done(store.confirm(&name)),
                "AdminUpdateUserAttributes" => done(store.mark_phone_verified(&name, &phone(1))),
                _ => done(store.revoke_tokens(&name, START)),
            };
            assert_eq!(answer, None, "{call}");
        }
    }
}

#[test]
fn the_sdk_asks_again_for_what_is_temporary() {
    for rule in RULES {
        let fake = Fake::new(rule);
        let account = made(&users(&fake, rule), 1, UserStatus::Unconfirmed);
        for (status, code) in [(400, "TooManyRequestsException"), (500, "InternalErrorException")] {
            fake.trap("AdminConfirmSignUp", Trap::Fails { done: false, status, code });
        }
        let confirmed = done(users_by(&fake, rule, 3).confirm(&account.user_name));
        assert!(confirmed.is_some_and(|account| account.status == UserStatus::Confirmed));
    }
}

/// Without its attributes the store cannot keep what I10 stands on, so it does nothing that needs them.
#[test]
fn i9_i10_a_pool_that_lacks_an_attribute_verifies_and_deletes_nobody() {
    for rule in RULES {
        let fake = Fake::new(rule);
        fake.pool().declared.clear();
        let store = users(&fake, rule);
        let account = made(&store, 1, UserStatus::Confirmed);
        let name = account.user_name.as_str();
        let refused = [
            tried(store.mark_phone_verified(name, &phone(1))).map(drop),
            tried(store.change_phone(name, &phone(1), &phone(2))).map(drop),
            tried(store.note_success(name, START)).map(drop),
            tried(store.revoke_tokens(name, START)).map(drop),
            tried(store.delete_if(name, Unproven::NeverUsed)).map(drop),
        ];
        for answer in refused {
            assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
        }
        assert_eq!(done(store.find_by_name(name)), Some(account.clone()), "reading goes on");
        assert!(fake.user(name).expect("kept").enabled);
    }
}

#[test]
fn attributes_go_by_the_names_that_the_pool_gave_them() {
    let rule = NumberRule::VerifiedHolds;
    let fake = Fake::new(rule);
    fake.pool().declared = ["custom:seen".to_owned()].into();
    let mut names = CognitoAttributes::default();
    names.last_success = "custom:seen".to_owned();
    let store = users(&fake, rule).attributes(names);
    let name = made(&store, 1, UserStatus::Confirmed).user_name;
    assert_eq!(done(store.note_success(&name, START)).expect("there").last_success, Some(START));
    assert_eq!(fake.user(&name).expect("there").value("custom:seen"), START.as_unix_millis().to_string());
}

#[test]
fn i7_the_debug_of_a_store_shows_the_pool_and_no_secret() {
    let store = users(&Fake::new(NumberRule::FirstHolds), NumberRule::FirstHolds);
    let shown = format!("{store:?}");
    assert_eq!(shown, r#"CognitoUsers { pool_id: "us-east-1_Fake", rule: FirstHolds, .. }"#);
}
