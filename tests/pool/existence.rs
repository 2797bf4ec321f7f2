//! What the calls around a sign-up tell of somebody unknown, and of an account whose password is to be reset.

use custom_auth::{
    Clock as _, NewUser, NumberRule, Password, UserStatus, UserStore as _,
    pool::{Outcome, PoolError, PoolSettings, PreventUserExistenceErrors},
};
use time::Duration;

use super::{
    sign_up::{World, phone},
    support::{NOBODY, PHONE, START, told},
};

const NOBODY_BY_NAME: &str = "0588acd1-0000-4000-8000-00000000dead";
const NO_ACCOUNT: [&str; 2] = [NOBODY, NOBODY_BY_NAME];

fn world(existence: PreventUserExistenceErrors) -> World {
    let mut settings = PoolSettings::default();
    settings.prevent_user_existence_errors = existence;
    World::under(NumberRule::FirstHolds, settings)
}

#[test]
fn under_legacy_a_sign_up_of_somebody_unknown_is_told_so_in_cognitos_words() {
    let world = world(PreventUserExistenceErrors::Legacy);
    let unknown = ("UserNotFoundException", "Username/client id combination not found.".to_owned());
    for username in NO_ACCOUNT {
        assert_eq!(told(world.run(world.pool.confirm_sign_up(username, "482913", None))), unknown);
        assert_eq!(told(world.run(world.pool.resend_confirmation_code(username))), unknown);
    }
    assert_eq!(world.sms.count(), 0);
}

#[test]
fn i8_under_enabled_a_code_of_somebody_unknown_has_expired() {
    let world = world(PreventUserExistenceErrors::Enabled);
    let expired = "Invalid code provided, please request a code again.";
    for username in NO_ACCOUNT {
        let refused = world.run(world.pool.confirm_sign_up(username, "482913", None));
        assert_eq!(told(refused), ("ExpiredCodeException", expired.to_owned()));
    }
}

#[test]
fn i8_under_enabled_a_code_is_texted_again_to_somebody_unknown_for_all_that_shows() {
    for username in [PHONE, NOBODY_BY_NAME] {
        let seen = |is_known: bool| {
            let world = world(PreventUserExistenceErrors::Enabled);
            let mut username = username.to_owned();
            if is_known {
                let account = world.run(world.pool.sign_up(&phone())).unwrap().account;
                username = if username == PHONE { username } else { account.user_name };
                world.clock.advance(Duration::days(2));
            }
            let texts = world.sms.count();
            let seen = [0, 10, 31, 0, 45, 600, 0, 86_400].map(|seconds| {
                world.clock.advance(Duration::seconds(seconds));
                let before = world.clock.now();
                let shown = world.run(world.pool.resend_confirmation_code(&username)).unwrap();
                (shown.expect("something is shown"), world.clock.now() - before)
            });
            (seen, world.sms.count() - texts)
        };
        let ((known, texts), (unknown, none)) = (seen(true), seen(false));
        assert_eq!(known, unknown);
        assert!(texts > 1 && none == 0, "{texts} {none}");
    }
}

#[test]
fn i8_what_is_shown_of_one_unknown_name_says_nothing_of_another() {
    let world = world(PreventUserExistenceErrors::Enabled);
    let shown = |username: &str| world.run(world.pool.resend_confirmation_code(username)).unwrap();
    let first = NO_ACCOUNT.map(|username| {
        let first = shown(username);
        world.clock.advance(Duration::seconds(10));
        assert_ne!(first, shown(username), "its gap runs");
        first
    });
    assert_eq!(first[0], first[1], "and is its own");
    assert_eq!(world.sms.count(), 0);
}

#[test]
fn i10_an_account_whose_password_is_to_be_reset_is_opened_by_a_code_and_not_by_that_password() {
    let world = world(PreventUserExistenceErrors::Enabled);
    let (name, password) = ("somebody", Password::from_text("forgotten, or leaked 1!".to_owned()));
    let user = NewUser::new(name.to_owned(), phone(), UserStatus::ResetRequired, START);
    let _ = world.run(world.users.create(user.password(password.clone()))).unwrap();
    world.run(world.users.mark_phone_verified(name, &phone())).unwrap().unwrap();
    world.run(world.users.note_success(name, START)).unwrap().unwrap();

    let refused = world.run(world.pool.sign_in_with_password(PHONE, &password));
    let words = "Password reset required for the user";
    assert_eq!(told(refused), ("PasswordResetRequiredException", words.to_owned()));
    let other = Password::from_text("a guess 1!".to_owned());
    let wrong = world.run(world.pool.sign_in_with_password(PHONE, &other));
    assert!(matches!(wrong, Err(PoolError::NotAuthorized)), "only who knows it is told: {wrong:?}");

    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let outcome = world.run(world.pool.answer(challenge.token(), &world.code())).unwrap();
    let Outcome::SignedIn(person) = outcome else { panic!("{outcome:?}") };
    assert_eq!(person.user_name(), name);
}
