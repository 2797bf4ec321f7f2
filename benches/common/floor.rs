//! The least that a reader with `serde_json` pays for an event: parse it into borrowed structs that hold only what
//! must be printed again (`userAttributes` as raw text, not even looked into), set the response, print the same bytes
//! into a buffer that need not grow. Its metadata comes ready.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a, Request, Response> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    region: &'a str,
    user_pool_id: &'a str,
    user_name: &'a str,
    #[serde(borrow)]
    caller_context: Caller<'a>,
    trigger_source: &'a str,
    request: Request,
    response: Response,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Caller<'a> {
    aws_sdk_version: &'a str,
    client_id: &'a str,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct DefineRequest<'a> {
    #[serde(borrow)]
    user_attributes: &'a RawValue,
    #[serde(borrow)]
    session: Vec<Result<'a>>,
    user_not_found: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    challenge_name: &'a str,
    challenge_result: bool,
    challenge_metadata: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateRequest<'a> {
    #[serde(borrow)]
    user_attributes: &'a RawValue,
    challenge_name: &'a str,
    #[serde(borrow)]
    session: Vec<Result<'a>>,
    user_not_found: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyRequest<'a> {
    #[serde(borrow)]
    user_attributes: &'a RawValue,
    #[serde(borrow)]
    private_challenge_parameters: Private<'a>,
    challenge_answer: &'a str,
    user_not_found: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Private<'a> {
    custom_auth: &'a str,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct DefineResponse<'a> {
    challenge_name: Option<&'a str>,
    issue_tokens: Option<bool>,
    fail_authentication: Option<bool>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateResponse<'a> {
    #[serde(borrow)]
    public_challenge_parameters: Option<Public<'a>>,
    #[serde(borrow)]
    private_challenge_parameters: Option<Private<'a>>,
    challenge_metadata: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Public<'a> {
    challenge: &'a str,
    code_length: &'a str,
    expires_in: &'a str,
    resend_in: &'a str,
    attempts_left: &'a str,
    status: &'a str,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyResponse {
    answer_correct: Option<bool>,
}

pub(crate) fn define(bytes: &[u8], challenge: Option<&str>) -> Vec<u8> {
    let mut event: Envelope<'_, DefineRequest<'_>, DefineResponse<'_>> =
        serde_json::from_slice(bytes).unwrap();
    event.response = DefineResponse {
        challenge_name: challenge,
        issue_tokens: Some(challenge.is_none()),
        fail_authentication: Some(false),
    };
    print(&event, bytes)
}

pub(crate) fn create(bytes: &[u8], round: &str) -> Vec<u8> {
    let mut event: Envelope<'_, CreateRequest<'_>, CreateResponse<'_>> =
        serde_json::from_slice(bytes).unwrap();
    event.response = CreateResponse {
        public_challenge_parameters: Some(Public {
            challenge: "sms_code",
            code_length: "6",
            expires_in: "300",
            resend_in: "30",
            attempts_left: "3",
            status: "open",
        }),
        private_challenge_parameters: Some(Private { custom_auth: round }),
        challenge_metadata: Some(round),
    };
    print(&event, bytes)
}

pub(crate) fn verify(bytes: &[u8]) -> Vec<u8> {
    let mut event: Envelope<'_, VerifyRequest<'_>, VerifyResponse> = serde_json::from_slice(bytes).unwrap();
    event.response = VerifyResponse { answer_correct: Some(true) };
    print(&event, bytes)
}

/// The buffer is taken once, with room for the largest response beside what came.
fn print(event: &impl Serialize, came: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(came.len() + RESPONSE);
    let room = out.capacity();
    serde_json::to_writer(&mut out, event).unwrap();
    debug_assert_eq!(out.capacity(), room, "it grew");
    out
}

/// As long as a *create*'s response, or more.
const RESPONSE: usize = 512;
