//! What *create* writes, and where an answer goes when no `response` came.

use custom_auth::{
    Challenge, ChallengeMetadata, CodeParameters, Mark, PrivateChallengeParameters,
    PublicChallengeParameters, Status, StepName,
    wire::{DefineAnswer, Event},
};
use proptest::prelude::*;

use super::{cases::config, fixtures, oracle};

const ROUND: &str = "1.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open";

fn challenge() -> Challenge {
    let mut public = PublicChallengeParameters::new(StepName::sms_code(), 3, Status::Open);
    public.code = Some(CodeParameters::new(6, 300, 30));
    Challenge::new(public, PrivateChallengeParameters::new(ChallengeMetadata::decode(ROUND).unwrap()))
}

fn response(challenge: &Challenge) -> String {
    let answer = Event::parse(br#"{"response":0}"#).unwrap().answer_create(challenge);
    let answer = String::from_utf8(answer).unwrap();
    answer.strip_prefix(r#"{"response":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

#[test]
fn create_writes_the_documented_parameters_in_their_order() {
    let expected = concat!(
        r#"{"publicChallengeParameters":{"challenge":"sms_code","codeLength":"6","expiresIn":"300","resendIn":"30","#,
        r#""attemptsLeft":"3","status":"open"},"privateChallengeParameters":{"customAuth":"ROUND"},"#,
        r#""challengeMetadata":"ROUND"}"#
    );
    assert_eq!(response(&challenge()), expected.replace("ROUND", ROUND));
}

#[test]
fn a_step_without_a_code_writes_no_numbers_of_one() {
    let mut challenge = challenge();
    challenge.public.code = None;
    challenge.public.extra.insert("image".into(), "a\"b\\c\n\u{1}\u{1f}é".into());
    challenge.private.extra.insert("pin".into(), "482".into());
    let expected = concat!(
        r#"{"publicChallengeParameters":{"challenge":"sms_code","attemptsLeft":"3","status":"open","#,
        r#""image":"a\"b\\c\n\u0001\u001fé"},"privateChallengeParameters":{"customAuth":"ROUND","pin":"482"},"#,
        r#""challengeMetadata":"ROUND"}"#
    );
    assert_eq!(response(&challenge), expected.replace("ROUND", ROUND));
}

#[test]
fn a_step_cannot_write_over_what_is_ours_or_cognitos() {
    let plain = [challenge(), {
        let mut c = challenge();
        c.public.code = None;
        c
    }];
    for plain in plain {
        let mut forged = plain.clone();
        for name in ["USERNAME", "challenge", "codeLength", "expiresIn", "resendIn", "attemptsLeft", "status"]
        {
            forged.public.extra.insert(name.into(), "forged".into());
        }
        forged.private.extra.insert("customAuth".into(), "forged".into());
        assert_eq!(response(&forged), response(&plain));
    }
}

#[test]
fn i11_every_fixture_comes_back_around_a_challenge() {
    let challenge = challenge();
    for (name, bytes) in fixtures::all() {
        let answer = Event::parse(bytes).unwrap().answer_create(&challenge);
        fixtures::comes_back(name, bytes, &answer, &response(&challenge));
    }
}

#[test]
fn i11_where_no_response_came_it_is_put_in_last() {
    for (came, went) in [
        ("{}", r#"{"response":{"answerCorrect":true}}"#),
        (" { } ", r#" { "response":{"answerCorrect":true}} "#),
        (r#"{"a":1}"#, r#"{"a":1,"response":{"answerCorrect":true}}"#),
        ("{\"a\":{}\n}\n", "{\"a\":{},\"response\":{\"answerCorrect\":true}\n}\n"),
        (r#"{"\ud800":1}"#, r#"{"\ud800":1,"response":{"answerCorrect":true}}"#),
        (r#"{"re\u0073ponse" : [1, {"response":2}] }"#, r#"{"re\u0073ponse" : {"answerCorrect":true} }"#),
        (r#"{"a":{"response":1}}"#, r#"{"a":{"response":1},"response":{"answerCorrect":true}}"#),
        (r#"{"response":"x","b":1e400}"#, r#"{"response":{"answerCorrect":true},"b":1e400}"#),
    ] {
        let answer = Event::parse(came.as_bytes()).unwrap().answer_verify(Mark::Right);
        assert_eq!(String::from_utf8(answer).unwrap(), went);
    }
}

#[test]
fn an_answer_is_one_allocation_of_its_size() {
    let event = Event::parse(br#"{"request":{}}"#).unwrap();
    for answer in [
        event.answer_create(&challenge()),
        event.answer_define(DefineAnswer::IssueTokens),
        event.answer_verify(Mark::Wrong),
    ] {
        assert_eq!(answer.capacity(), answer.len());
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn any_parameters_read_back_as_they_were_written(
        extra in prop::collection::btree_map(any::<String>(), any::<String>(), 0..6),
        code_length: u8, expires_in: u64, resend_in: u64, attempts_left: u8,
    ) {
        let mut challenge = challenge();
        challenge.public.code = Some(CodeParameters::new(code_length, expires_in, resend_in));
        challenge.public.attempts_left = attempts_left;
        challenge.public.extra.clone_from(&extra);
        challenge.private.extra.clone_from(&extra);
        let json = response(&challenge);
        prop_assert!(oracle::is_json(json.as_bytes()), "{}", json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let mut public = extra.clone();
        public.extend([
            ("challenge".into(), "sms_code".into()),
            ("codeLength".into(), code_length.to_string()),
            ("expiresIn".into(), expires_in.to_string()),
            ("resendIn".into(), resend_in.to_string()),
            ("attemptsLeft".into(), attempts_left.to_string()),
            ("status".into(), "open".into()),
        ]);
        let mut private = extra;
        private.insert("customAuth".into(), ROUND.into());
        prop_assert_eq!(&read["publicChallengeParameters"], &serde_json::to_value(&public).unwrap());
        prop_assert_eq!(&read["privateChallengeParameters"], &serde_json::to_value(&private).unwrap());
        prop_assert_eq!(&read["challengeMetadata"], ROUND);
    }
}
