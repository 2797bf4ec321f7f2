//! The table of `docs/sign-up.md`: every state of an account that a number leads to, and every call.

use custom_auth::{
    CreateUser, NewUser, NumberRule, Password, RecoveryStrategy, Subscriber, Unproven, UserStatus,
    UserStore as _,
    accounts::{AccountError, Advice},
    pool::{Outcome, PoolError, PresentedChallenge},
};
use time::Duration;

use super::{
    people::{K, N},
    world::{START, World, number},
};

const NAME: &str = "0588acd1-0000-4000-8000-000000000001";
const STRANGERS: &str = "the stranger's own 1!";
const STATES: [&str; 9] =
    ["none", "young", "old", "once proven", "never used", "proven", "dormant", "reset", "disabled"];

/// A world in which the number leads to an account in this state.
fn world(state: &str) -> World {
    let world = World::new(NumberRule::FirstHolds, RecoveryStrategy::DeleteAndSignUp);
    let (phone, password) = (number(N), Password::from_text(STRANGERS.to_owned()));
    let status = match state {
        "none" => return world,
        "young" | "old" | "once proven" => UserStatus::Unconfirmed,
        "reset" => UserStatus::ResetRequired,
        "disabled" => UserStatus::Disabled,
        _ => UserStatus::Confirmed,
    };
    let user = NewUser::new(NAME.to_owned(), phone, status, START).password(password);
    assert!(matches!(world.run(world.users.create(user)), Ok(CreateUser::Created(_))));
    let age = match state {
        "once proven" => {
            world.run(world.users.mark_phone_verified(NAME, &phone)).unwrap();
            world.run(world.users.release_phone(NAME, &phone, None)).unwrap();
            world.run(world.users.mark_phone_verified(NAME, &phone)).unwrap();
            Duration::HOUR
        }
        "proven" | "dormant" => {
            world.run(world.users.mark_phone_verified(NAME, &phone)).unwrap();
            world.run(world.users.note_success(NAME, START)).unwrap();
            if state == "dormant" { Duration::days(181) } else { Duration::HOUR }
        }
        "young" => Duration::MINUTE,
        _ => Duration::HOUR,
    };
    world.clock.advance(age);
    world
}

/// What a call says, in the table's words, and what became of the account.
fn cells(state: &str) -> [String; 10] {
    let said = |call: &dyn Fn(&World) -> String| {
        let world = world(state);
        let said = call(&world);
        let theirs = world.account(NAME).is_some_and(|account| {
            let known = Password::from_text(STRANGERS.to_owned());
            account.tokens_not_before.is_some()
                && !world.run(world.users.inner().has_password(NAME, &known)).unwrap()
        });
        if theirs { format!("{said}, theirs alone") } else { said }
    };
    let phone = number(N);
    [
        said(&|world| match world.run(world.accounts.before_sign_up(&phone, None)) {
            Ok(Advice::Confirm { .. }) => format!("confirm after {} text", world.texts.count()),
            Ok(advice) => format!("{advice:?}"),
            Err(error) => account_error(&error),
        }),
        said(&|world| {
            world.run(world.accounts.prepare(&phone, None)).unwrap();
            status(world.leads_to(N))
        }),
        said(&|world| match world.run(world.pool.sign_up(&phone)) {
            Ok(made) => format!("{}, {} text", status(Some(made.account)), world.texts.count()),
            Err(error) => error.code().to_owned(),
        }),
        said(&|world| match world.run(world.accounts.resend_code(NAME)) {
            Ok(_) => format!("{} text", world.texts.count()),
            Err(error) => account_error(&error),
        }),
        said(&|world| {
            let _ = world.run(world.accounts.resend_code(NAME));
            let code = world.texts.last_code().unwrap_or_default();
            match world.run(world.accounts.confirm_sign_up(NAME, &code, None)) {
                Ok(account) => status(Some(account)),
                Err(error) => account_error(&error),
            }
        }),
        said(&|world| outcome(world, world.run(world.pool.sign_in(N)))),
        said(&|world| outcome(world, world.run(world.pool.start(&phone)))),
        said(&|world| {
            let password = Password::from_text(STRANGERS.to_owned());
            match world.run(world.pool.sign_in_with_password(N, &password)) {
                Ok(_) => "in".to_owned(),
                Err(error) => error.to_string(),
            }
        }),
        said(&|world| match world.run(world.accounts.change_number(NAME, &number(K))) {
            Ok(_) => {
                format!("{} text", world.texts.sent().iter().filter(|text| text.to == number(K)).count())
            }
            Err(error) => account_error(&error),
        }),
        said(&|world| {
            world.clock.advance(Duration::days(8));
            for unproven in [Unproven::Unconfirmed, Unproven::NeverUsed] {
                let _ = world.run(world.accounts.sweep(unproven, None, 9)).unwrap();
            }
            if world.leads_to(N).is_some() { "kept" } else { "gone" }.to_owned()
        }),
    ]
}

fn status(account: Option<Subscriber>) -> String {
    account.map_or_else(|| "none".to_owned(), |account| format!("{:?}", account.status))
}

fn account_error(error: &AccountError) -> String {
    match error {
        AccountError::Status(_) => "refused".to_owned(),
        other => other.to_string(),
    }
}

/// The right code, answered.
fn outcome(world: &World, challenge: Result<PresentedChallenge, PoolError>) -> String {
    let challenge = match challenge {
        Ok(challenge) => challenge,
        Err(error) => return error.to_string(),
    };
    let Some(code) = world.texts.last_code() else { return "nothing to answer".to_owned() };
    match world.run(world.pool.answer(challenge.token(), &code)) {
        Ok(Outcome::SignedIn(_)) => "in".to_owned(),
        Ok(Outcome::Dormant(_)) => "dormant".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn i10_every_cell_of_the_documented_table_is_as_it_stands() {
    let (exists, no, closed) =
        ("UsernameExistsException", "Incorrect username or password.", "User is not confirmed.");
    let unknown = "there is no such account";
    let texts = "confirm after 1 text";
    let (ready, theirs, proven) = ("Confirmed", "Confirmed, theirs alone", "in, theirs alone");
    let table = [
        [
            "SignUp",
            ready,
            "Unconfirmed, 1 text",
            unknown,
            unknown,
            "nothing to answer",
            "in",
            no,
            unknown,
            "gone",
        ],
        [texts, theirs, exists, "1 text", theirs, closed, proven, closed, "refused", "gone"],
        ["SignUp", theirs, exists, "1 text", theirs, closed, proven, closed, "refused", "gone"],
        [texts, ready, exists, "1 text", theirs, closed, proven, closed, "1 text", "kept"],
        ["SignIn", ready, exists, "refused", "refused", proven, proven, no, "refused", "gone"],
        ["SignIn", ready, exists, "refused", "refused", "in", "in", "in", "1 text", "kept"],
        ["SignIn", ready, exists, "refused", "refused", "dormant", "dormant", "in", "1 text", "kept"],
        ["SignIn", "ResetRequired", exists, "refused", "refused", proven, proven, no, "refused", "kept"],
        ["refused", "Disabled", exists, "refused", "refused", OFF, OFF, no, "refused", "kept"],
    ];
    for (state, expected) in STATES.into_iter().zip(table) {
        assert_eq!(cells(state), expected, "{state}");
    }
}

const OFF: &str = "User is disabled.";
