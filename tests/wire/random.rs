//! Random events: odd members in any order, with white space and escapes anywhere, held against the oracle.
//!
//! `CUSTOM_AUTH_CASES` sets how many events are tried (default 3,000).

use std::cell::Cell;

use custom_auth::{
    Mark,
    wire::{DefineAnswer, Event, WireError},
};
use proptest::prelude::*;

use super::{cases::fresh, fixtures, oracle};

const TOP: &[&str] = &[
    "version",
    "triggerSource",
    "request",
    "response",
    "userPoolId",
    "userName",
    "callerContext",
    "new",
    "",
];
const REQUEST: &[&str] = &[
    "session",
    "challengeName",
    "challengeAnswer",
    "privateChallengeParameters",
    "userNotFound",
    "userAttributes",
    "clientMetadata",
    "codeParameter",
    "groupConfiguration",
    "new",
];
const ELEMENT: &[&str] =
    &["challengeName", "challengeResult", "challengeMetadata", "challengeMetaData", "new"];
const ATTRIBUTES: &[&str] = &["phone_number", "phone_number_verified", "sub", "cognito:user_status"];
const METADATA: &[&str] = &["action", "channel"];
const PRIVATE: &[&str] = &["customAuth", "pin", "\\ud800", "other"];
const CALLER: &[&str] = &["clientId", "awsSdkVersion"];
const SOURCES: &[&str] = &[
    "\"DefineAuthChallenge_Authentication\"",
    "\"CreateAuthChallenge_Authentication\"",
    "\"VerifyAuthChallengeResponse_Authentication\"",
    "\"PreSignUp_SignUp\"",
    "\"CustomMessage_SignUp\"",
    "\"PostConfirmation_ConfirmSignUp\"",
    "\"TokenGeneration_Authentication\"",
    "null",
];
const SCALARS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1.5e+10",
    "1e400",
    "\"\"",
    "\"true\"",
    "\"resend\"",
    "\"+15550100123\"",
    "\"482913\"",
    "\"CUSTOM_CHALLENGE\"",
    "\"SRP_A\"",
    "\"1.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"q\\\"b\\\\n\\n\"",
    "\"é\u{202e}😀\"",
    "\"{\\\"response\\\":1}\"",
    "\"}\"",
];

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 1 => prop::sample::select(&[" ", "\n", "\r\n\t", "    "][..])]
}

fn scalar() -> impl Strategy<Value = String> {
    prop::sample::select(SCALARS).prop_map(str::to_owned)
}

/// A value that nobody asked for.
fn odd() -> impl Strategy<Value = String> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            list("[", prop::collection::vec(inner.clone(), 0..4), "]"),
            object(TOP, inner.clone()),
            object(REQUEST, inner),
        ]
    })
}

fn list(
    open: &'static str,
    items: impl Strategy<Value = Vec<String>>,
    close: &'static str,
) -> impl Strategy<Value = String> {
    (items, space(), space()).prop_map(move |(items, before, after)| {
        format!("{open}{before}{}{after}{close}", items.join(&format!("{after},{before}")))
    })
}

/// Members in any order, some of them escaped; now and then one of them twice.
fn object<V: Clone + Strategy<Value = String>>(
    names: &'static [&'static str],
    value: V,
) -> impl Strategy<Value = String> {
    let some = prop::sample::subsequence(names, 0..=names.len()).prop_shuffle();
    let twice = prop_oneof![15 => Just(None), 1 => prop::sample::select(names).prop_map(Some)];
    let members = (some, twice).prop_flat_map(move |(mut names, twice)| {
        names.extend(twice);
        let member = |name: &str| {
            let name = name.to_owned();
            (value_of(&name), value.clone(), space(), 0_u8..8, 0_u8..4).prop_map(
                move |(fit, other, gap, escape, pick)| {
                    let value = if pick > 0 { fit } else { None }.unwrap_or(other);
                    let shown = match name.chars().next() {
                        Some(first) if escape == 0 && first != '\\' => {
                            format!("\\u{:04x}{}", first as u32, &name[1..])
                        }
                        _ => name.clone(),
                    };
                    format!("\"{shown}\"{gap}:{gap}{value}")
                },
            )
        };
        names.into_iter().map(member).collect::<Vec<_>>()
    });
    list("{", members, "}")
}

/// A value of the shape that belongs to the name, `None` if any will do.
fn value_of(name: &str) -> BoxedStrategy<Option<String>> {
    let fit = match name {
        "triggerSource" => prop::sample::select(SOURCES).prop_map(str::to_owned).boxed(),
        "request" => object(REQUEST, scalar().boxed()).boxed(),
        "callerContext" => object(CALLER, scalar().boxed()).boxed(),
        "userAttributes" => object(ATTRIBUTES, scalar().boxed()).boxed(),
        "clientMetadata" => object(METADATA, scalar().boxed()).boxed(),
        "privateChallengeParameters" => object(PRIVATE, scalar().boxed()).boxed(),
        "session" => {
            let element = prop_oneof![6 => object(ELEMENT, scalar().boxed()), 1 => scalar()];
            list("[", prop::collection::vec(element, 0..4), "]").boxed()
        }
        _ => return Just(None).boxed(),
    };
    fit.prop_map(Some).boxed()
}

#[test]
fn i11_random_events_are_read_as_the_oracle_reads_them_and_come_back() {
    let (read, doubled) = (Cell::new(0_u32), Cell::new(0_u32));
    let events = (object(TOP, odd().boxed()), space(), space()).prop_map(|(e, a, b)| format!("{a}{e}{b}"));
    let config = fresh(3_000);
    let cases = config.cases;
    proptest::test_runner::TestRunner::new(config)
        .run(&events, |text| {
            let bytes = text.as_bytes();
            prop_assert!(oracle::is_json(bytes), "the generator wrote {}", text);
            let Ok(reading) = oracle::read(bytes) else {
                doubled.set(doubled.get() + 1);
                let refused = Event::parse(bytes).map(|_| ());
                prop_assert!(matches!(refused, Err(WireError::Duplicate(_))), "{}: {:?}", text, refused);
                return Ok(());
            };
            read.set(read.get() + 1);
            let event =
                Event::parse(bytes).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            fixtures::agrees(&text, &event, &reading);
            fixtures::comes_back(
                &text,
                bytes,
                &event.answer_verify(Mark::Right),
                r#"{"answerCorrect":true}"#,
            );
            let failed = r#"{"challengeName":null,"issueTokens":false,"failAuthentication":true}"#;
            fixtures::comes_back(
                &text,
                bytes,
                &event.answer_define(DefineAnswer::FailAuthentication),
                failed,
            );
            Ok(())
        })
        .unwrap();
    // Most of the default's 3,000 are read, a hundred or more have a double.
    assert!(
        read.get() > cases / 3 && doubled.get() >= cases / 60,
        "{} read, {} with doubles",
        read.get(),
        doubled.get()
    );
}
