//! Every recorded and documented event, as in `tests/fixtures/events`.

use std::{fs, path::PathBuf, sync::LazyLock};

use custom_auth::{
    Mark,
    wire::{DefineAnswer, Event, Trigger},
};

use serde_json::{Value, json};

use super::oracle;

/// Every fixture's path below `events`, and its bytes; and the same without white space.
pub(crate) fn all() -> &'static [(String, Vec<u8>)] {
    static ALL: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    let mut found = Vec::new();
    for folder in fs::read_dir(root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let name =
                format!("{}/{}", folder.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            let bytes = fs::read(file.path()).unwrap();
            found.push((format!("{name}, compact"), compact(&bytes)));
            found.push((name, bytes));
        }
    }
    assert!(found.len() >= 2 * 88, "fixtures are missing: {}", found.len());
    found
}

/// As Cognito sends it: no white space between tokens.
fn compact(bytes: &[u8]) -> Vec<u8> {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        let keep = in_string || !byte.is_ascii_whitespace();
        in_string ^= *byte == b'"' && !escaped;
        escaped = in_string && *byte == b'\\' && !escaped;
        keep
    };
    bytes.iter().copied().filter(keep).collect()
}

const DEFINE: [(DefineAnswer, &str); 4] = [
    (
        DefineAnswer::CustomChallenge,
        r#"{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}"#,
    ),
    (
        DefineAnswer::FailAuthentication,
        r#"{"challengeName":null,"issueTokens":false,"failAuthentication":true}"#,
    ),
    (DefineAnswer::IssueTokens, r#"{"challengeName":null,"issueTokens":true,"failAuthentication":false}"#),
    (
        DefineAnswer::PasswordVerifier,
        r#"{"challengeName":"PASSWORD_VERIFIER","issueTokens":false,"failAuthentication":false}"#,
    ),
];

#[test]
fn i11_every_byte_outside_the_response_of_every_fixture_comes_back() {
    for (name, bytes) in all() {
        let event = Event::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.untouched(), bytes.as_slice(), "{name}");
        for (answer, json) in DEFINE {
            comes_back(name, bytes, &event.answer_define(answer), json);
        }
        comes_back(name, bytes, &event.answer_verify(Mark::Right), r#"{"answerCorrect":true}"#);
        comes_back(name, bytes, &event.answer_verify(Mark::Wrong), r#"{"answerCorrect":false}"#);
        patches_come_back(name, bytes, &event);
    }
}

/// The answers that set single members of `response`: every other member of it stays, and every byte outside.
pub(crate) fn patches_come_back(name: &str, came: &[u8], event: &Event<'_>) {
    let old = oracle::read(came).unwrap().response.map_or(Value::Null, |place| value(&came[place]));
    let set = |members: &[(&str, Value)]| {
        let mut new = if old.is_object() { old.clone() } else { json!({}) };
        members.iter().for_each(|(name, value)| new[name] = value.clone());
        new
    };
    for (went, expected) in [
        (
            event.answer_pre_sign_up(true, false),
            set(&[("autoConfirmUser", json!(true)), ("autoVerifyPhone", json!(false))]),
        ),
        (event.answer_custom_message("a \"b\" {####}"), set(&[("smsMessage", json!("a \"b\" {####}"))])),
    ] {
        let response = went[oracle::read(&went).unwrap().response.unwrap()].to_vec();
        assert_eq!(value(&response), expected, "{name}");
        comes_back(name, came, &went, std::str::from_utf8(&response).unwrap());
    }
}

fn value(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

/// Holds the answer against what came, by an independent reading of where `response` is.
pub(crate) fn comes_back(name: &str, came: &[u8], went: &[u8], response: &str) {
    assert!(oracle::is_json(went), "{name}: {}", String::from_utf8_lossy(went));
    let (old, new) = (oracle::read(came).unwrap(), oracle::read(went).unwrap());
    let new = new.response.unwrap();
    assert_eq!(&went[new.clone()], response.as_bytes(), "{name}");
    if let Some(old) = old.response {
        assert_eq!(&went[..new.start], &came[..old.start], "{name}");
        assert_eq!(&went[new.end..], &came[old.end..], "{name}");
        return;
    }
    // It was put in, and it is the last member: only white space and the brace follow.
    let brace = came.iter().rposition(|byte| *byte == b'}').unwrap();
    let empty = came[..brace].trim_ascii() == b"{";
    let (place, comma) = if empty { (brace, "") } else { (came[..brace].trim_ascii_end().len(), ",") };
    let (head, tail) = came.split_at(place);
    let expected = [head, comma.as_bytes(), br#""response":"#, response.as_bytes(), tail].concat();
    assert_eq!(went, expected, "{name}");
}

#[test]
fn every_fixture_is_read_as_the_oracle_reads_it() {
    for (name, bytes) in all() {
        let reading = oracle::read(bytes).unwrap();
        agrees(name, &Event::parse(bytes).unwrap(), &reading);
    }
}

/// Holds what was read against the oracle's reading.
pub(crate) fn agrees(name: &str, event: &Event<'_>, oracle: &oracle::Reading) {
    assert_eq!(event.user_pool_id(), oracle.user_pool_id, "{name}");
    assert_eq!(event.client_id(), oracle.client_id, "{name}");
    assert_eq!(event.user_name(), oracle.user_name, "{name}");
    match (event.trigger(), oracle.source.as_deref()) {
        (Trigger::Define(define), Some("DefineAuthChallenge_Authentication")) => {
            assert_eq!(define.session.results(), oracle.session, "{name}");
            assert_eq!((define.claimant, define.action), (oracle.claimant(), oracle.action()), "{name}");
        }
        (Trigger::Create(create), Some("CreateAuthChallenge_Authentication")) => {
            assert_eq!(create.session.results(), oracle.session, "{name}");
            assert_eq!((create.claimant, create.action), (oracle.claimant(), oracle.action()), "{name}");
            assert_eq!(create.challenge_name, oracle.challenge_name, "{name}");
            assert_eq!(create.phone_number.as_deref(), oracle.phone_number.as_deref(), "{name}");
        }
        (Trigger::Verify(verify), Some("VerifyAuthChallengeResponse_Authentication")) => {
            assert_eq!((verify.claimant, verify.action), (oracle.claimant(), oracle.action()), "{name}");
            assert_eq!(verify.round.as_deref(), oracle.round.as_deref(), "{name}");
            assert_eq!(verify.extra, oracle.extra, "{name}");
            assert_eq!(verify.answer.as_deref(), oracle.answer.as_deref(), "{name}");
            assert_eq!(verify.phone_number.as_deref(), oracle.phone_number.as_deref(), "{name}");
        }
        (Trigger::Account(account), Some(source)) if oracle::AROUND.contains(&source) => {
            let name_of = format!("{:?}_", account.trigger);
            assert!(source.starts_with(&name_of), "{name}: {name_of} for {source}");
            assert_eq!(account.phone_number.as_deref(), oracle.phone_number.as_deref(), "{name}");
            assert_eq!(account.phone_number_verified, oracle.verified, "{name}");
            assert_eq!(account.code_parameter.as_deref(), oracle.code_parameter.as_deref(), "{name}");
        }
        (Trigger::Other, source) => {
            assert!(!source.is_some_and(|source| oracle::AROUND.contains(&source)), "{name}: {source:?}");
            let ours = ["Define", "Create"].map(|name| format!("{name}AuthChallenge_Authentication"));
            let source = source.unwrap_or_default();
            assert!(!ours.iter().any(|ours| ours == source), "{name}: {source}");
            assert_ne!(source, "VerifyAuthChallengeResponse_Authentication", "{name}");
        }
        (trigger, source) => panic!("{name}: {trigger:?} for {source:?}"),
    }
}
