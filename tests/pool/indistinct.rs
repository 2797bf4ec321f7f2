//! A user who does not exist looks like one who does (invariant I8).

use std::sync::atomic::Ordering;

use custom_auth::{
    UserStatus,
    pool::{InitiateAuth, Outcome, PreventUserExistenceErrors, Respond},
};

use serde_json::json;

use super::support::{ANA, Answer, NOBODY, PHONE, World, ordinary, source, told};

/// What a client sees of a sign-in with wrong answers only, and what the stores and triggers were asked.
fn seen(world: &World, username: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut next = world.run(world.pool.sign_in(username)).map(Outcome::Challenge);
    loop {
        match next {
            Ok(Outcome::Challenge(challenge)) => {
                let name = &challenge.parameters()["USERNAME"];
                let members: Vec<_> = challenge.parameters().keys().cloned().collect();
                seen.push(format!("{members:?} {} {}", name.len(), challenge.token().as_str().len()));
                next = world.run(world.pool.respond(Respond::new(challenge.token(), "0").username(username)));
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                seen.push(format!("{} {error}", error.code()));
                break;
            }
        }
    }
    seen.extend(world.take_events().iter().map(|event| source(event).to_owned()));
    seen.extend(world.users.calls.lock().unwrap().drain(..).map(str::to_owned));
    seen
}

#[test]
fn i8_known_and_unknown_see_the_same_members_lengths_rounds_and_errors() {
    let world = World::new();
    let known = seen(&world, PHONE);
    assert_eq!(known, seen(&world, NOBODY));
    assert_eq!(known.iter().filter(|line| line.starts_with('[')).count(), 3);
    assert_eq!(known[3], "NotAuthorizedException Incorrect username or password.");
}

#[test]
fn i8_the_length_of_the_real_user_name_does_not_show_in_the_token() {
    // Metadata of every length in a bucket, so that some stand right before a boundary.
    for metadata in 0..256 {
        let world = World::scripted(move |event| match source(event) {
            "CreateAuthChallenge" => Answer::Response(json!({
                "privateChallengeParameters": {"k": "v"}, "challengeMetadata": "m".repeat(metadata),
            })),
            _ => ordinary(event),
        });
        let length = |username: &str| world.run(world.pool.sign_in(username)).unwrap().token().as_str().len();
        let usual = length(NOBODY);
        for len in [1, 8, 22, 36, 64] {
            world.users.all.lock().unwrap()[0].user_name = "a".repeat(len);
            assert_eq!(length(PHONE), usual, "name {len}, metadata {metadata}");
        }
    }
}

#[test]
fn i8_small_differences_between_challenges_do_not_show_in_the_token() {
    let lengths: Vec<_> = (0..64)
        .map(|metadata| {
            let world = World::scripted(move |event| match source(event) {
                "CreateAuthChallenge" => Answer::Response(json!({
                    "privateChallengeParameters": {"k": "v"}, "challengeMetadata": "m".repeat(metadata),
                })),
                _ => ordinary(event),
            });
            world.run(world.pool.sign_in(PHONE)).unwrap().token().as_str().len()
        })
        .collect();
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
}

#[test]
fn under_legacy_a_user_store_that_is_down_is_an_internal_error() {
    let world = World::settled(|settings| {
        settings.prevent_user_existence_errors = PreventUserExistenceErrors::Legacy
    });
    world.users.down.store(true, Ordering::SeqCst);
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))).0, "InternalErrorException");
}

#[test]
fn i8_a_made_up_name_is_the_same_each_time_and_differs_by_person() {
    let world = World::new();
    let name =
        |username: &str| world.run(world.pool.sign_in(username)).unwrap().parameters()["USERNAME"].clone();
    assert_eq!(name(NOBODY), name(NOBODY));
    assert_ne!(name(NOBODY), name("+919999900098"));
    assert_eq!(name(PHONE), ANA);
}

#[test]
fn i1_a_user_who_does_not_exist_is_never_signed_in_whatever_define_says() {
    let issue = |_: &_| Answer::Response(json!({"issueTokens": true}));
    let world = World::scripted(issue);
    let request = InitiateAuth::new(NOBODY);
    let (code, message) = told(world.run(world.pool.initiate_auth(request)));
    assert_eq!((code, message.as_str()), ("NotAuthorizedException", "Incorrect username or password."));
    let request = InitiateAuth::new(PHONE);
    let Ok(Outcome::SignedIn(person)) = world.run(world.pool.initiate_auth(request)) else { panic!() };
    assert_eq!((person.user_name(), person.phone().e164()), (ANA, PHONE));
}

#[test]
fn i8_when_the_user_store_is_down_everybody_is_unknown() {
    let world = World::new();
    world.users.down.store(true, Ordering::SeqCst);
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_ne!(challenge.parameters()["USERNAME"], ANA);
    assert_eq!(world.take_events()[0]["request"]["userNotFound"], true);
}

#[test]
fn under_legacy_an_unknown_user_is_told_so_and_no_trigger_runs() {
    let world = World::settled(|settings| {
        settings.prevent_user_existence_errors = PreventUserExistenceErrors::Legacy
    });
    let (code, message) = told(world.run(world.pool.sign_in(NOBODY)));
    assert_eq!((code, message.as_str()), ("UserNotFoundException", "User does not exist."));
    assert!(world.take_events().is_empty());
}

#[test]
fn a_user_is_found_by_phone_or_by_name_and_answers_under_either() {
    let world = World::new();
    for typed in [PHONE, ANA] {
        for username in [PHONE, ANA] {
            let challenge = world.run(world.pool.sign_in(typed)).unwrap();
            let request = Respond::new(challenge.token(), "482913").username(username);
            let Ok(Outcome::SignedIn(person)) = world.run(world.pool.respond(request)) else { panic!() };
            assert_eq!((person.user_name(), person.phone().e164()), (ANA, PHONE));
        }
    }
    let challenge = world.run(world.pool.sign_in(NOBODY)).unwrap();
    let made_up = challenge.parameters()["USERNAME"].clone();
    let request = Respond::new(challenge.token(), "482913").username(&made_up);
    assert!(matches!(world.run(world.pool.respond(request)), Ok(Outcome::Challenge(_))));
}

#[test]
fn i6_anybody_but_the_tokens_user_is_refused_and_the_token_stays_good() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.take_events();
    for other in [NOBODY, "0588acd1-0000-4000-8000-000000000002", "x"] {
        let result = world.run(world.pool.respond(Respond::new(challenge.token(), "482913").username(other)));
        assert_eq!(told(result), ("NotAuthorizedException", "Invalid session for the user.".to_owned()));
    }
    assert!(world.take_events().is_empty());
    assert!(matches!(world.run(world.pool.answer(challenge.token(), "482913")), Ok(Outcome::SignedIn(_))));
}

#[test]
fn an_account_that_is_switched_off_or_deleted_during_a_sign_in_goes_no_further() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    world.users.set_status(UserStatus::Disabled);
    assert_eq!(told(world.run(world.pool.answer(challenge.token(), "482913"))).1, "User is disabled.");
    world.users.all.lock().unwrap().clear();
    let (code, message) = told(world.run(world.pool.answer(challenge.token(), "482913")));
    assert_eq!((code, message.as_str()), ("NotAuthorizedException", "Incorrect username or password."));
}
