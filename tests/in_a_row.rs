//! Failures in a row: whose they are, and which success forgives them.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there

mod common;

use common::{
    Person, World, ana, policy,
    steps::{Pin, name},
};
use custom_auth::{Destinations, Plan, Policy, StepName, machine::Verdict};

#[test]
fn i3_a_number_has_one_series_under_whatever_name_and_client_it_is_guessed() {
    let world = World::under(policy().consecutive_failures(6).sends_per_phone(vec![(100, 86_400)]));
    let mut wrong = 0;
    for user in ["u-1", "a name that start made up", "u-2"] {
        for client in ["client-1", "client-2"] {
            let mut sign_in = world.sign_in(Person { user, client, ..ana() });
            for nth in 1..=2 {
                wrong += usize::from(world.answer(&mut sign_in, &world.wrong(nth)) == Verdict::Wrong);
            }
            world.wait(301);
        }
    }
    assert_eq!(wrong, 6);
    let operator = Person { user: "operator", client: "operator", ..ana() };
    world.run(world.engine().start_new_series(&operator.requester())).unwrap();
    let mut sign_in = world.sign_in(ana());
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
}

#[test]
fn i3_a_right_answer_at_one_step_forgives_no_failure_at_another() {
    let plan = Plan::new([name("pin"), name("totp"), StepName::sms_code()]);
    let world = World::under(
        Policy::psd2()
            .destinations(Destinations::allow(["+91"]))
            .sends_per_phone(vec![(100, 86_400)])
            .guesses_per_day(100)
            .plan(plan),
    );
    let auth =
        world.builder(world.keys.clone()).step(name("pin"), Pin).step(name("totp"), Pin).build().unwrap();
    let mut wrong = 0;
    for nth in 0..40 {
        let mut sign_in = world.sign_in_through(&auth, ana());
        let _ = world.answer(&mut sign_in, "4711");
        if sign_in.metadata().step == name("totp") {
            wrong += u32::from(world.answer(&mut sign_in, &format!("{nth:04}")) == Verdict::Wrong);
        }
        world.wait(30);
    }
    assert!((1..=world.policy.consecutive_failures()).contains(&wrong), "{wrong} answers compared");
}
