//! A trigger that is late is invoked again, as Cognito does it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use custom_auth::{Clock, pool::TriggerError};
use serde_json::json;
use time::Duration;

use super::support::{Answer, PHONE, START, World, ordinary, source, told};

/// Create answers late on its first so many invocations; each says which one it was.
fn late_create(late: usize, by: Duration) -> World {
    let count = Arc::new(AtomicUsize::new(0));
    World::scripted(move |event| {
        if source(event) != "CreateAuthChallenge" {
            return ordinary(event);
        }
        let invocation = count.fetch_add(1, Ordering::SeqCst) + 1;
        let response = json!({
            "publicChallengeParameters": {"invocation": invocation.to_string()},
            "privateChallengeParameters": {"answer": invocation.to_string()},
        });
        if invocation <= late { Answer::Late(by, response) } else { Answer::Response(response) }
    })
}

fn creates(sources: &[String]) -> usize {
    sources.iter().filter(|text| text.contains("CreateAuthChallenge")).count()
}

#[test]
fn a_late_trigger_is_invoked_again_and_the_newest_answer_counts() {
    let world = late_create(2, Duration::seconds(7));
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(challenge.parameters()["invocation"], "3");
    assert_eq!(creates(&world.triggers.events.lock().unwrap()), 3);
    // The first finished at 7 s, while the second was awaited; its answer was not taken.
    assert_eq!(creates(&world.triggers.finished.lock().unwrap()), 2);
    assert_eq!(world.clock.now() - START, Duration::seconds(10));
}

#[test]
fn a_trigger_just_in_time_is_invoked_once() {
    let world = late_create(1, Duration::milliseconds(4_999));
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(challenge.parameters()["invocation"], "1");
    assert_eq!(creates(&world.triggers.events.lock().unwrap()), 1);
}

#[test]
fn a_trigger_late_three_times_ends_the_call() {
    let world = late_create(9, Duration::minutes(1));
    let (code, message) = told(world.run(world.pool.sign_in(PHONE)));
    assert_eq!(code, "UnexpectedLambdaException");
    assert_eq!(message, "CreateAuthChallenge invocation failed due to error timeout.");
    assert_eq!(creates(&world.triggers.events.lock().unwrap()), 3);
    assert_eq!(world.clock.now() - START, Duration::seconds(15));
}

#[test]
fn a_trigger_that_fails_is_not_invoked_again() {
    let world = World::scripted(|event| match source(event) {
        "CreateAuthChallenge" => Answer::Error(TriggerError::Failed("no".to_owned())),
        _ => ordinary(event),
    });
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))).1, "CreateAuthChallenge failed with error no.");
    assert_eq!(creates(&world.triggers.events.lock().unwrap()), 1);
}

#[test]
fn the_timeout_is_a_setting() {
    let mut settings = custom_auth::pool::PoolSettings::default();
    settings.trigger_timeout = Duration::seconds(1);
    let world =
        World::with(|_| Answer::Late(Duration::seconds(2), json!({})), |builder| builder.settings(settings));
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))).0, "UnexpectedLambdaException");
    assert_eq!(world.clock.now() - START, Duration::seconds(3));
}
