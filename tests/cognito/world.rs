//! What the tests begin with.

use custom_auth::{
    CognitoUsers, CreateUser, NewUser, NumberRule, PhoneNumber, StoreError, Subscriber, Timestamp,
    UserStatus, UserStore as _,
    testing::{ManualClock, run},
};

use super::{client::client, fake::Fake};

pub(crate) const RULES: [NumberRule; 2] = [NumberRule::FirstHolds, NumberRule::VerifiedHolds];
pub(crate) const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

/// The adapter over this pool, with a client that asks each thing once: one process of many.
pub(crate) fn users(fake: &Fake, rule: NumberRule) -> CognitoUsers {
    users_by(fake, rule, 1)
}

pub(crate) fn users_by(fake: &Fake, rule: NumberRule, attempts: u32) -> CognitoUsers {
    CognitoUsers::new(client(fake.clone(), attempts), "us-east-1_Fake", rule)
        .sign_up_through("client", Some("secret"))
        .clock(ManualClock::new(START))
}

pub(crate) fn phone(n: usize) -> PhoneNumber {
    format!("+919999900{n:03}").parse().expect("a number")
}

pub(crate) fn asked(number: usize, status: UserStatus) -> NewUser {
    NewUser::new(format!("{number:08x}-0000-4000-8000-000000000000"), phone(number), status, START)
}

pub(crate) fn made(users: &CognitoUsers, number: usize, status: UserStatus) -> Subscriber {
    match done(users.create(asked(number, status))) {
        CreateUser::Created(account) => account,
        CreateUser::Exists(_) => panic!("the number is free"),
    }
}

pub(crate) fn done<T>(call: impl Future<Output = Result<T, StoreError>>) -> T {
    run(&ManualClock::new(START), call).expect("the pool is in good order")
}

pub(crate) fn tried<T>(call: impl Future<Output = T>) -> T {
    run(&ManualClock::new(START), call)
}
