//! Sign-up codes of Cognito's own.

use custom_auth::{
    Accounts, CodeCheck, CodeKeys, Codes as _, CognitoCodes, MemoryLedger, NumberRule, Purpose, Recipient,
    StoreError, UserStatus, UserStore as _,
    accounts::{AccountError, Advice, Proven},
    testing::ManualClock,
};
use time::Duration;

use super::{
    client::client,
    fake::{Fake, Trap},
    world::{START, done, made, phone, tried, users},
};

fn codes(fake: &Fake) -> CognitoCodes {
    CognitoCodes::new(client(fake.clone(), 1), "client", Some("secret"))
}

fn to(user_name: &str) -> Recipient<'_> {
    let (purpose, claimant) = (Purpose::SignUp, custom_auth::Claimant::Known);
    Recipient { user_name, phone: phone(1), purpose, claimant }
}

#[test]
fn a_code_is_texted_again_and_confirms_the_sign_up() {
    let fake = Fake::new(NumberRule::FirstHolds);
    let (users, codes) = (users(&fake, NumberRule::FirstHolds), codes(&fake));
    let name = made(&users, 1, UserStatus::Unconfirmed).user_name;
    assert!(done(codes.send(&to(&name))).is_none());
    let code = fake.user(&name).unwrap().code;
    assert_eq!(done(codes.check(&to(&name), "000000")), CodeCheck::Wrong);
    assert_eq!(done(codes.check(&to(&name), &code)), CodeCheck::Right);
    assert_eq!(done(users.find_by_name(&name)).unwrap().status, UserStatus::Confirmed);
    assert_eq!(done(codes.check(&to(&name), &code)), CodeCheck::Expired);
}

#[test]
fn what_cannot_be_a_code_is_wrong_and_not_asked() {
    let fake = Fake::new(NumberRule::FirstHolds);
    for answer in ["", "482 913", "\n", &"1".repeat(2049)] {
        assert_eq!(done(codes(&fake).check(&to("somebody"), answer)), CodeCheck::Wrong);
    }
    assert_eq!(fake.calls(), [""; 0]);
}

#[test]
fn nobody_is_texted_who_does_not_exist_and_no_purpose_but_a_sign_up_is_served() {
    let fake = Fake::new(NumberRule::FirstHolds);
    let nobody = Recipient { claimant: custom_auth::Claimant::Unknown, ..to("nobody") };
    assert!(done(codes(&fake).send(&nobody)).is_none());
    assert_eq!(done(codes(&fake).check(&nobody, "482913")), CodeCheck::Wrong);
    let change = Recipient { purpose: Purpose::ChangeNumber, ..to("somebody") };
    assert!(matches!(tried(codes(&fake).send(&change)), Err(StoreError::Refused(_))));
    assert!(matches!(tried(codes(&fake).check(&change, "482913")), Err(StoreError::Refused(_))));
    assert_eq!(fake.calls(), [""; 0]);
}

#[test]
fn each_answer_of_the_service_has_its_meaning() {
    let fake = Fake::new(NumberRule::FirstHolds);
    let name = made(&users(&fake, NumberRule::FirstHolds), 1, UserStatus::Unconfirmed).user_name;
    for (code, expected) in [
        ("CodeMismatchException", Some(CodeCheck::Wrong)),
        ("ExpiredCodeException", Some(CodeCheck::Expired)),
        ("NotAuthorizedException", Some(CodeCheck::Expired)),
        ("UserNotFoundException", Some(CodeCheck::Expired)),
        ("LimitExceededException", Some(CodeCheck::Throttled)),
        ("TooManyFailedAttemptsException", Some(CodeCheck::Throttled)),
        ("TooManyRequestsException", Some(CodeCheck::Throttled)),
        ("InternalErrorException", None),
        ("AliasExistsException", None),
    ] {
        fake.trap("ConfirmSignUp", Trap::Fails { done: false, status: 400, code });
        assert_eq!(tried(codes(&fake).check(&to(&name), "482913")).ok(), expected, "{code}");
    }
    for (code, is_sent) in [("LimitExceededException", true), ("InternalErrorException", false)] {
        fake.trap("ResendConfirmationCode", Trap::Fails { done: false, status: 400, code });
        assert_eq!(tried(codes(&fake).send(&to(&name))).is_ok(), is_sent, "{code}");
    }
}

#[test]
fn i10_limbo_in_a_pool_that_texts_by_itself_is_left_by_its_own_code_and_the_strangers_password_is_dead() {
    let (fake, clock) = (Fake::new(NumberRule::FirstHolds), ManualClock::new(START));
    let users = std::sync::Arc::new(users(&fake, NumberRule::FirstHolds));
    let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let accounts = Accounts::builder(keys, std::sync::Arc::clone(&users), codes(&fake), MemoryLedger::new())
        .clock(clock.clone())
        .build()
        .unwrap();
    let name = made(&users, 1, UserStatus::Unconfirmed).user_name;
    let strangers = fake.user(&name).unwrap().password;
    clock.advance(Duration::hours(1));
    let Ok(Advice::Confirm { user_name, .. }) = tried(accounts.before_sign_up(&phone(1), None)) else {
        panic!("there is an account to confirm")
    };
    assert_eq!(user_name, name);
    let wrong = tried(accounts.confirm_sign_up(&name, "000000", None));
    assert!(matches!(wrong, Err(AccountError::CodeMismatch)));
    let code = fake.user(&name).unwrap().code;
    let account = tried(accounts.confirm_sign_up(&name, &code, None)).unwrap();
    assert_eq!((account.status, account.phone_verified), (UserStatus::Confirmed, true));
    let user = fake.user(&name).unwrap();
    assert!(user.password != strangers && user.sign_outs == 1);
}

#[test]
fn i10_a_confirmation_that_breaks_off_behind_cognitos_own_is_made_good_by_the_next_sign_in() {
    let fake = Fake::new(NumberRule::FirstHolds);
    let users = std::sync::Arc::new(users(&fake, NumberRule::FirstHolds));
    let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let accounts = Accounts::builder(keys, std::sync::Arc::clone(&users), codes(&fake), MemoryLedger::new())
        .clock(ManualClock::new(START))
        .build()
        .unwrap();
    let name = made(&users, 1, UserStatus::Unconfirmed).user_name;
    let strangers = fake.user(&name).unwrap().password;
    tried(accounts.resend_code(&name)).unwrap();
    fake.trap("AdminSetUserPassword", Trap::HangsUp { done: false });
    let code = fake.user(&name).unwrap().code;
    assert!(tried(accounts.confirm_sign_up(&name, &code, None)).is_err());
    let user = fake.user(&name).unwrap();
    assert_eq!((user.status.as_str(), &user.password), ("CONFIRMED", &strangers));
    let signed_in = tried(accounts.note_sign_in(&name, &phone(1), START));
    assert!(matches!(signed_in, Ok(Proven::SignedIn(_))));
    let user = fake.user(&name).unwrap();
    assert!(user.password != strangers && user.sign_outs == 1);
}
