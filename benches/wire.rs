//! What reading and answering an event costs, against the least that a reader with `serde_json` pays.
//!
//! The floor is in `common/floor.rs`. Cognito sends compact JSON.

#![allow(missing_docs)] // criterion's macros make public functions without docs
#![allow(clippy::unwrap_used)] // a bench stops at the first surprise

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use custom_auth::{
    Challenge, ChallengeMetadata, CodeParameters, Mark, PrivateChallengeParameters,
    PublicChallengeParameters, Status, StepName,
    wire::{DefineAnswer, Event, Trigger},
};

#[path = "common/floor.rs"]
mod floor;

/// The round of a genuine challenge, as long as they are.
const ROUND: &str =
    "1.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open.k1.AAAAAAAAAAAAAAAAAAAAAA.1795000000000.1795000300000.6";

fn event(source: &str, request: &str, response: &str) -> Vec<u8> {
    let attributes = r#"{"sub":"0588acd1-0000-4000-8000-000000000001","cognito:user_status":"CONFIRMED","phone_number_verified":"true","phone_number":"+919999900123"}"#;
    let envelope = r#"{"version":"1","region":"ap-south-1","userPoolId":"ap-south-1_EXAMPLE01","userName":"0588acd1-0000-4000-8000-000000000001","callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"1example23456789abcdefghij"},"triggerSource":"#;
    format!(
        r#"{envelope}"{source}_Authentication","request":{{"userAttributes":{attributes},{request},"userNotFound":false}},"response":{response}}}"#
    )
    .into_bytes()
}

/// The four events of one login, as they come.
struct Login {
    first_define: Vec<u8>,
    create: Vec<u8>,
    verify: Vec<u8>,
    last_define: Vec<u8>,
}

impl Login {
    fn new() -> Self {
        let undefined = r#"{"challengeName":null,"issueTokens":null,"failAuthentication":null}"#;
        let uncreated = r#"{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}"#;
        let right = format!(
            r#""session":[{{"challengeName":"CUSTOM_CHALLENGE","challengeResult":true,"challengeMetadata":"{ROUND}"}}]"#
        );
        let answer =
            format!(r#""privateChallengeParameters":{{"customAuth":"{ROUND}"}},"challengeAnswer":"482913""#);
        Self {
            first_define: event("DefineAuthChallenge", r#""session":[]"#, undefined),
            create: event(
                "CreateAuthChallenge",
                r#""challengeName":"CUSTOM_CHALLENGE","session":[]"#,
                uncreated,
            ),
            verify: event("VerifyAuthChallengeResponse", &answer, r#"{"answerCorrect":null}"#),
            last_define: event("DefineAuthChallenge", &right, undefined),
        }
    }
}

fn challenge() -> Challenge {
    let mut public = PublicChallengeParameters::new(StepName::sms_code(), 3, Status::Open);
    public.code = Some(CodeParameters::new(6, 300, 30));
    Challenge::new(public, PrivateChallengeParameters::new(ChallengeMetadata::decode(ROUND).unwrap()))
}

/// The crate's way.
mod wire {
    use super::*;

    pub(super) fn define(bytes: &[u8], answer: DefineAnswer) -> Vec<u8> {
        let event = Event::parse(bytes).unwrap();
        assert!(matches!(event.trigger(), Trigger::Define(_)));
        event.answer_define(answer)
    }

    pub(super) fn create(bytes: &[u8], challenge: &Challenge) -> Vec<u8> {
        let event = Event::parse(bytes).unwrap();
        assert!(matches!(event.trigger(), Trigger::Create(_)));
        event.answer_create(challenge)
    }

    pub(super) fn verify(bytes: &[u8]) -> Vec<u8> {
        let event = Event::parse(bytes).unwrap();
        assert!(matches!(event.trigger(), Trigger::Verify(_)));
        event.answer_verify(Mark::Right)
    }
}

fn trigger(criterion: &mut Criterion) {
    let (login, challenge) = (Login::new(), challenge());
    let custom = Some("CUSTOM_CHALLENGE");
    // The floor is a fair one only if both print the same.
    assert_eq!(
        wire::define(&login.first_define, DefineAnswer::CustomChallenge),
        floor::define(&login.first_define, custom)
    );
    assert_eq!(wire::create(&login.create, &challenge), floor::create(&login.create, ROUND));
    assert_eq!(wire::verify(&login.verify), floor::verify(&login.verify));
    assert_eq!(
        wire::define(&login.last_define, DefineAnswer::IssueTokens),
        floor::define(&login.last_define, None)
    );

    let mut group = criterion.benchmark_group("wire/define");
    group.bench_function("event", |b| {
        b.iter(|| wire::define(black_box(&login.last_define), DefineAnswer::IssueTokens))
    });
    group.bench_function("floor", |b| b.iter(|| floor::define(black_box(&login.last_define), None)));
    group.finish();

    let mut group = criterion.benchmark_group("wire/create");
    group.bench_function("event", |b| {
        b.iter(|| wire::create(black_box(&login.create), black_box(&challenge)))
    });
    group.bench_function("floor", |b| b.iter(|| floor::create(black_box(&login.create), ROUND)));
    group.finish();

    let mut group = criterion.benchmark_group("wire/verify");
    group.bench_function("event", |b| b.iter(|| wire::verify(black_box(&login.verify))));
    group.bench_function("floor", |b| b.iter(|| floor::verify(black_box(&login.verify))));
    group.finish();

    let mut group = criterion.benchmark_group("wire/login");
    group.bench_function("events", |b| {
        b.iter(|| {
            black_box(wire::define(black_box(&login.first_define), DefineAnswer::CustomChallenge));
            black_box(wire::create(black_box(&login.create), black_box(&challenge)));
            black_box(wire::verify(black_box(&login.verify)));
            black_box(wire::define(black_box(&login.last_define), DefineAnswer::IssueTokens));
        })
    });
    group.bench_function("floor", |b| {
        b.iter(|| {
            black_box(floor::define(black_box(&login.first_define), custom));
            black_box(floor::create(black_box(&login.create), ROUND));
            black_box(floor::verify(black_box(&login.verify)));
            black_box(floor::define(black_box(&login.last_define), None));
        })
    });
    group.finish();
}

criterion_group!(benches, trigger);
criterion_main!(benches);
