//! What clients are told, to the letter.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use custom_auth::{
    Entropy, EntropyError, UserPool, UserStatus,
    pool::{
        BuildPoolError, InitiateAuth, Opening, PoolError, PoolSettings, Respond, SealKey, SessionToken,
        TriggerError,
    },
};
use serde_json::json;
use time::Duration;

use super::support::{Answer, MapLedger, NOBODY, PHONE, VecUsers, World, ordinary, source, told};

fn pair(code: &'static str, message: &str) -> (&'static str, String) {
    (code, message.to_owned())
}

#[test]
fn an_account_that_may_not_sign_in_is_told_before_any_trigger_runs() {
    let world = World::new();
    world.users.set_status(UserStatus::Unconfirmed);
    let unconfirmed = pair("UserNotConfirmedException", "User is not confirmed.");
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))), unconfirmed);
    world.users.set_status(UserStatus::Disabled);
    assert_eq!(
        told(world.run(world.pool.sign_in(PHONE))),
        pair("NotAuthorizedException", "User is disabled.")
    );
    assert!(world.take_events().is_empty());
}

#[test]
fn a_status_that_codes_do_not_open_is_refused_before_any_trigger_runs() {
    let refused = pair("NotAuthorizedException", "Incorrect username or password.");
    for status in [
        UserStatus::External,
        UserStatus::Other("ARCHIVED".to_owned()),
        UserStatus::Other("COMPROMISED".to_owned()),
    ] {
        let world = World::new();
        world.users.set_status(status.clone());
        assert_eq!(told(world.run(world.pool.sign_in(PHONE))), refused, "{status:?}");
        assert!(world.take_events().is_empty(), "{status:?}");
    }
}

#[test]
fn an_account_whose_password_must_be_changed_or_reset_signs_in_by_code_and_triggers_see_its_status() {
    for status in [UserStatus::ForceChangePassword, UserStatus::ResetRequired] {
        let world = World::new();
        world.users.set_status(status.clone());
        let _ = world.run(world.pool.sign_in(PHONE)).unwrap();
        let events = world.take_events();
        let seen = &events[0]["request"]["userAttributes"]["cognito:user_status"];
        assert_eq!(*seen, status.as_cognito());
    }
}

#[test]
fn a_parameter_that_is_missing_or_too_long_is_named_and_the_token_stays_good() {
    let world = World::new();
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    let missing =
        |name: &str| pair("InvalidParameterException", &format!("Missing required parameter {name}"));
    let long = |name: &str, limit: u32| {
        pair(
            "InvalidParameterException",
            &format!(
                "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to {limit}"
            ),
        )
    };
    assert_eq!(told(world.run(world.pool.sign_in(""))), missing("USERNAME"));
    assert_eq!(told(world.run(world.pool.sign_in(&"é".repeat(129)))), long("username", 128));
    assert!(world.run(world.pool.sign_in(&"é".repeat(128))).is_ok());
    assert_eq!(told(world.run(world.pool.answer(&SessionToken::from(""), "1"))), missing("Session"));
    let token = SessionToken::from("A".repeat(8193));
    assert_eq!(told(world.run(world.pool.answer(&token, "1"))), long("session", 8192));
    let request = Respond::new(challenge.token(), "1").username("");
    assert_eq!(told(world.run(world.pool.respond(request))), missing("USERNAME"));
    let answer = "1".repeat(131_073);
    let result = world.run(world.pool.answer(challenge.token(), &answer));
    assert_eq!(told(result), long("challengeResponses", 131_072));
    assert!(world.run(world.pool.answer(challenge.token(), "482913")).is_ok());
}

#[test]
fn a_trigger_that_fails_is_told_as_cognito_tells_it() {
    let failures = [
        (
            TriggerError::Failed("'challengeMetaData'".to_owned()),
            "UserLambdaValidationException",
            "{} failed with error 'challengeMetaData'.",
        ),
        (
            TriggerError::Failed("Apikey non valida!".to_owned()),
            "UserLambdaValidationException",
            "{} failed with error Apikey non valida!.",
        ),
        (
            TriggerError::NotInvokable,
            "UnexpectedLambdaException",
            "{} invocation failed due to error AccessDeniedException.",
        ),
        (
            TriggerError::NotConfigured,
            "InvalidParameterException",
            "Custom auth lambda trigger is not configured for the user pool.",
        ),
    ];
    for trigger in ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"] {
        for (error, code, message) in failures.clone() {
            let world = World::scripted(move |event| {
                if source(event) == trigger { Answer::Error(error.clone()) } else { ordinary(event) }
            });
            let result = world.run(async {
                let challenge = world.pool.sign_in(PHONE).await?;
                world.pool.answer(challenge.token(), "482913").await
            });
            assert_eq!(told(result), pair(code, &message.replace("{}", trigger)));
        }
    }
}

#[test]
fn a_trigger_that_answers_nonsense_is_told_as_cognito_tells_it_in_every_trigger() {
    let outputs: [(&[u8], &str); 7] = [
        (b"", "Invalid lambda function output : Invalid JSON"),
        (b"null", "Invalid lambda function output : Invalid JSON"),
        (b"oops", "Invalid lambda function output : Invalid JSON"),
        (b"\"\"", "Unrecognizable lambda output"),
        (b"{}", "Unrecognizable lambda output"),
        (b"{\"response\":null}", "Unrecognizable lambda output"),
        (
            b"{\"response\":{\"challengeName\":1,\"privateChallengeParameters\":1,\"answerCorrect\":1}}",
            "Unrecognizable lambda output",
        ),
    ];
    for trigger in ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"] {
        for (output, message) in outputs {
            let world = World::scripted(move |event| {
                if source(event) == trigger { Answer::Output(output.to_vec()) } else { ordinary(event) }
            });
            let result = world.run(async {
                let challenge = world.pool.sign_in(PHONE).await?;
                world.pool.answer(challenge.token(), "482913").await
            });
            assert_eq!(told(result), pair("InvalidLambdaResponseException", message), "{trigger} {output:?}");
        }
    }
}

#[test]
fn private_parameters_that_are_empty_end_the_sign_in() {
    let world = World::scripted(|event| match source(event) {
        "CreateAuthChallenge" => Answer::Response(json!({"privateChallengeParameters": {}})),
        _ => ordinary(event),
    });
    let expected = pair("NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))), expected);
}

#[test]
fn the_third_wrong_answer_fails_and_the_session_is_dead() {
    let world = World::new();
    let mut token = world.run(world.pool.sign_in(PHONE)).unwrap().token().clone();
    for _ in 0..2 {
        let custom_auth::pool::Outcome::Challenge(next) = world.run(world.pool.answer(&token, "1")).unwrap()
        else {
            panic!()
        };
        token = next.token().clone();
    }
    let expected = pair("NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(told(world.run(world.pool.answer(&token, "1"))), expected);
    assert!(
        told(world.run(world.pool.answer(&token, "482913"))).1.ends_with("session can only be used once.")
    );
}

#[test]
fn a_round_that_fails_uses_the_token_up() {
    let world = World::scripted(|event| match source(event) {
        "VerifyAuthChallengeResponse" => Answer::Error(TriggerError::Failed("no".to_owned())),
        _ => ordinary(event),
    });
    let challenge = world.run(world.pool.sign_in(PHONE)).unwrap();
    assert_eq!(told(world.run(world.pool.answer(challenge.token(), "1"))).0, "UserLambdaValidationException");
    assert!(matches!(world.run(world.pool.answer(challenge.token(), "1")), Err(PoolError::SessionUsed)));
}

#[test]
fn a_password_is_not_checked_here_and_never_without_srp() {
    let world = World::scripted(|_| Answer::Response(json!({"challengeName": "PASSWORD_VERIFIER"})));
    let request = InitiateAuth::new(PHONE).opening(Opening::SrpA);
    let result = world.run(world.pool.initiate_auth(request));
    assert!(matches!(result, Err(PoolError::PasswordVerifierUnsupported)), "{result:?}");
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))).0, "InvalidLambdaResponseException");
}

#[test]
fn tokens_before_any_challenge_are_no_sign_in_by_the_short_door() {
    let world = World::scripted(|_| Answer::Response(json!({"issueTokens": true})));
    assert!(matches!(world.run(world.pool.sign_in(PHONE)), Err(PoolError::UnexpectedTokens)));
    assert!(matches!(world.run(world.pool.sign_in(NOBODY)), Err(PoolError::NotAuthorized)));
}

#[derive(Debug)]
struct Dry;
impl Entropy for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::new("dry"))
    }
}

#[test]
fn i9_without_randomness_create_does_not_run() {
    let creates = Arc::new(AtomicUsize::new(0));
    let count = creates.clone();
    let script = move |event: &serde_json::Value| {
        count.fetch_add(usize::from(source(event) == "CreateAuthChallenge"), Ordering::SeqCst);
        ordinary(event)
    };
    let world = World::with(script, |builder| builder.entropy(Dry));
    assert_eq!(told(world.run(world.pool.sign_in(PHONE))).0, "InternalErrorException");
    assert_eq!(creates.load(Ordering::SeqCst), 0);
}

#[test]
fn a_pool_with_a_part_missing_or_a_setting_out_of_range_is_not_built() {
    let world = World::new();
    let whole = || {
        UserPool::builder()
            .triggers(world.triggers.clone())
            .users(VecUsers::default())
            .ledger(MapLedger::default())
            .seal_key(SealKey::from_bytes(&[1; 32]))
    };
    assert!(whole().build().is_ok());
    assert_eq!(UserPool::builder().build().unwrap_err(), BuildPoolError::Missing("seal_key"));
    for id in ["", "pool", "_x", "local_", "lo cal_x", &format!("{}_x", "a".repeat(54))] {
        assert_eq!(whole().pool_id(id).build().unwrap_err(), BuildPoolError::PoolId, "{id}");
    }
    for id in ["", "a b", &"a".repeat(129)] {
        assert_eq!(whole().client_id(id).build().unwrap_err(), BuildPoolError::ClientId, "{id}");
    }
    let with = |change: fn(&mut PoolSettings)| {
        let mut settings = PoolSettings::default();
        change(&mut settings);
        whole().settings(settings).build().map(|_| ())
    };
    assert_eq!(with(|s| s.session_validity = Duration::minutes(3)), Ok(()));
    assert_eq!(with(|s| s.session_validity = Duration::minutes(15)), Ok(()));
    let short = with(|s| s.session_validity = Duration::minutes(3) - Duration::MILLISECOND);
    assert_eq!(short, Err(BuildPoolError::SessionValidity));
    assert_eq!(with(|s| s.session_validity = Duration::minutes(16)), Err(BuildPoolError::SessionValidity));
    assert_eq!(with(|s| s.trigger_timeout = Duration::ZERO), Err(BuildPoolError::TriggerTimeout));
    assert_eq!(with(|s| s.trigger_timeout = Duration::seconds(61)), Err(BuildPoolError::TriggerTimeout));
}

#[test]
fn a_pool_takes_triggers_behind_a_pointer_and_its_calls_can_be_sent_to_another_thread() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let world = World::new();
    let triggers: Arc<dyn custom_auth::pool::Triggers> = Arc::new(world.triggers.clone());
    let other = World::with(ordinary, |builder| builder.triggers(triggers));
    let challenge = other.run(sent(other.pool.sign_in(PHONE))).unwrap();
    assert_eq!(world.take_events().len(), 2);
    let answer = other.run(sent(other.pool.clone().answer(challenge.token(), "482913"))).unwrap();
    assert!(matches!(answer, custom_auth::pool::Outcome::SignedIn(_)));
}
