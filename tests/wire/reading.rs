//! What odd members are read as.

use custom_auth::{
    Action, ChallengeMetadata, ChallengeName, Claimant, Mark,
    wire::{CreateEvent, DefineEvent, Event, Trigger, VerifyEvent},
};

const ROUND: &str = "1.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open";

fn bytes(source: &str, request: &str) -> Vec<u8> {
    format!(r#"{{"triggerSource":"{source}","request":{request},"response":null}}"#).into_bytes()
}

fn define<T>(request: &str, look: impl Fn(&DefineEvent) -> T) -> T {
    match Event::parse(&bytes("DefineAuthChallenge_Authentication", request)).unwrap().trigger() {
        Trigger::Define(event) => look(event),
        other => panic!("{other:?}"),
    }
}

fn create<T>(request: &str, look: impl Fn(&CreateEvent<'_>) -> T) -> T {
    match Event::parse(&bytes("CreateAuthChallenge_Authentication", request)).unwrap().trigger() {
        Trigger::Create(event) => look(event),
        other => panic!("{other:?}"),
    }
}

fn verify<T>(request: &str, look: impl Fn(&VerifyEvent<'_>) -> T) -> T {
    match Event::parse(&bytes("VerifyAuthChallengeResponse_Authentication", request)).unwrap().trigger() {
        Trigger::Verify(event) => look(event),
        other => panic!("{other:?}"),
    }
}

/// Values of every type, none of them the one that is asked for in the tests below.
const ODD: [&str; 9] = ["null", "true", "false", "0", "1e400", "{}", "[]", r#"{"a":[1]}"#, r#"[[{"a":1}]]"#];

#[test]
fn a_request_of_another_type_is_read_as_nothing() {
    for odd in ODD.iter().chain(&[r#""text""#]) {
        assert!(define(odd, |event| event.session.results().is_empty()), "{odd}");
        assert_eq!(create(odd, |event| event.challenge_name.to_string()), "", "{odd}");
        assert_eq!(
            verify(odd, |event| (event.answer.is_none(), event.round.is_none())),
            (true, true),
            "{odd}"
        );
    }
}

#[test]
fn a_session_that_is_no_array_is_empty() {
    for odd in ["null", "true", "0", "{}", r#""x""#, "[]", r#"{"challengeResult":true}"#] {
        let request = format!(r#"{{"session":{odd}}}"#);
        assert_eq!(define(&request, |event| event.session.results().len()), 0, "{odd}");
    }
    assert_eq!(define("{}", |event| event.session.results().len()), 0);
}

#[test]
fn an_element_that_is_no_object_keeps_its_place_and_proves_nothing() {
    let right = r#"{"challengeName":"CUSTOM_CHALLENGE","challengeResult":true}"#;
    for odd in ODD.iter().chain(&[r#""CUSTOM_CHALLENGE""#]) {
        let results =
            define(&format!(r#"{{"session":[{odd},{right}]}}"#), |event| event.session.results().to_vec());
        let read: Vec<_> = results.iter().map(|result| (result.name, result.mark, result.metadata)).collect();
        let expected =
            [(ChallengeName::Other, Mark::Wrong, None), (ChallengeName::Custom, Mark::Right, None)];
        assert_eq!(read, expected, "{odd}");
    }
}

#[test]
fn only_the_boolean_true_is_right() {
    let mark = |result: &str| {
        let request =
            format!(r#"{{"session":[{{"challengeName":"CUSTOM_CHALLENGE","challengeResult":{result}}}]}}"#);
        define(&request, |event| event.session.results()[0].mark)
    };
    assert_eq!(mark("true"), Mark::Right);
    for wrong in ["false", "null", "1", r#""true""#, "[true]", r#"{"true":true}"#, "{}"] {
        assert_eq!(mark(wrong), Mark::Wrong, "{wrong}");
    }
    let absent = r#"{"session":[{"challengeName":"CUSTOM_CHALLENGE"}]}"#;
    assert_eq!(define(absent, |event| event.session.results()[0].mark), Mark::Wrong);
}

#[test]
fn metadata_is_read_in_both_spellings_and_the_live_one_wins() {
    let metadata = |members: &str| {
        define(&format!(r#"{{"session":[{{{members}}}]}}"#), |event| event.session.results()[0].metadata)
    };
    let round = ChallengeMetadata::decode(ROUND);
    assert!(round.is_some());
    assert_eq!(metadata(&format!(r#""challengeMetadata":"{ROUND}""#)), round);
    assert_eq!(metadata(&format!(r#""challengeMetaData":"{ROUND}""#)), round);
    assert_eq!(metadata(&format!(r#""challengeMetaData":"x","challengeMetadata":"{ROUND}""#)), round);
    assert_eq!(metadata(&format!(r#""challengeMetadata":null,"challengeMetaData":"{ROUND}""#)), None);
    for odd in ODD.iter().chain(&[r#""CODE-482913""#, r#""""#]) {
        assert_eq!(metadata(&format!(r#""challengeMetadata":{odd}"#)), None, "{odd}");
    }
}

#[test]
fn user_not_found_is_true_or_the_word_true() {
    let claimant = |value: &str| define(&format!(r#"{{"userNotFound":{value}}}"#), |event| event.claimant);
    for unknown in ["true", r#""true""#, r#""True""#, r#""TRUE""#, r#""tr\u0075e""#] {
        assert_eq!(claimant(unknown), Claimant::Unknown, "{unknown}");
    }
    for known in ["false", "null", "1", r#""false""#, r#""""#, r#"" true""#, "[]", "{}"] {
        assert_eq!(claimant(known), Claimant::Known, "{known}");
    }
    assert_eq!(define("{}", |event| event.claimant), Claimant::Known);
    assert_eq!(create(r#"{"userNotFound":true}"#, |event| event.claimant), Claimant::Unknown);
    assert_eq!(verify(r#"{"userNotFound":true}"#, |event| event.claimant), Claimant::Unknown);
}

#[test]
fn only_the_action_resend_asks_for_a_resend() {
    let action = |value: &str| define(&format!(r#"{{"clientMetadata":{value}}}"#), |event| event.action);
    for resend in [r#"{"action":"resend"}"#, r#"{"a":1,"\u0061ction":"resen\u0064","b":[]}"#] {
        assert_eq!(action(resend), Action::Resend, "{resend}");
    }
    for answer in [r#"{"action":"Resend"}"#, r#"{"action":true}"#, r#"{"action":["resend"]}"#, r#""resend""#]
    {
        assert_eq!(action(answer), Action::Answer, "{answer}");
    }
    for odd in ODD {
        assert_eq!(action(odd), Action::Answer, "{odd}");
    }
    let request = r#"{"clientMetadata":{"action":"resend"}}"#;
    assert_eq!(create(request, |event| event.action), Action::Resend);
    assert_eq!(verify(request, |event| event.action), Action::Resend);
}

#[test]
fn the_phone_number_is_read_if_it_is_a_string() {
    let number = |value: &str| {
        let request = format!(r#"{{"userAttributes":{value}}}"#);
        let created = create(&request, |event| event.phone_number.as_deref().map(str::to_owned));
        let verified = verify(&request, |event| event.phone_number.as_deref().map(str::to_owned));
        assert_eq!(created, verified);
        created
    };
    let there = r#"{"email_verified":true,"phone_number":"+15550100123"}"#;
    assert_eq!(number(there).as_deref(), Some("+15550100123"));
    assert_eq!(number(r#"{"phone_number":"\u002b15550100123"}"#).as_deref(), Some("+15550100123"));
    assert_eq!(number(r#"{"phone_number":""}"#).as_deref(), Some(""));
    for odd in ODD {
        assert_eq!(number(odd), None, "{odd}");
        assert_eq!(number(&format!(r#"{{"phone_number":{odd}}}"#)), None, "{odd}");
    }
}

#[test]
fn the_answer_is_read_if_it_is_a_string() {
    let answer = |value: &str| {
        verify(&format!(r#"{{"challengeAnswer":{value}}}"#), |event| {
            event.answer.as_deref().map(str::to_owned)
        })
    };
    for (json, text) in [
        (r#""482913""#, "482913"),
        (r#""""#, ""),
        (r#"" 482 913 ""#, " 482 913 "),
        (r#""\u0034\"\\\/\b\f\n\r\t""#, "4\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\ud83d\ude00é""#, "😀é"),
        (r#""\udbff\udfff\ud800\udc00\ud7ff\ue000""#, "\u{10ffff}\u{10000}\u{d7ff}\u{e000}"),
        (r#""\u0000""#, "\0"),
    ] {
        assert_eq!(answer(json).as_deref(), Some(text), "{json}");
    }
    for odd in
        ODD.iter().chain(&["482913", r#""\ud83d""#, r#""\ude00\ud83d""#, r#""\ud83d\u0041""#, r#""\ud83dx""#])
    {
        assert_eq!(answer(odd), None, "{odd}");
    }
}

#[test]
fn the_round_and_what_a_step_kept_are_told_apart() {
    let private = |value: &str| {
        verify(&format!(r#"{{"privateChallengeParameters":{value}}}"#), |event| {
            (event.round.as_deref().map(str::to_owned), event.extra.clone())
        })
    };
    let (round, extra) = private(r#"{"z":"1","customAuth":"r","a":"2","n":3,"\ud800":"4"}"#);
    assert_eq!(round.as_deref(), Some("r"));
    assert_eq!(extra, [("a", "2"), ("z", "1")].map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    for odd in ODD {
        assert_eq!(private(odd), (None, Default::default()), "{odd}");
        assert_eq!(private(&format!(r#"{{"customAuth":{odd}}}"#)), (None, Default::default()), "{odd}");
    }
}

#[test]
fn names_are_empty_unless_they_are_strings() {
    let whole = br#"{"userPoolId":"p\u006f","userName":"u","callerContext":{"x":[],"clientId":"c"}}"#;
    let event = Event::parse(whole).unwrap();
    assert_eq!((event.user_pool_id(), event.user_name(), event.client_id()), ("po", "u", "c"));
    for odd in ODD {
        let bytes =
            format!(r#"{{"userPoolId":{odd},"userName":{odd},"callerContext":{{"clientId":{odd}}}}}"#);
        let event = Event::parse(bytes.as_bytes()).unwrap();
        assert_eq!((event.user_pool_id(), event.user_name(), event.client_id()), ("", "", ""), "{odd}");
        let bytes = format!(r#"{{"callerContext":{odd}}}"#);
        assert_eq!(Event::parse(bytes.as_bytes()).unwrap().client_id(), "", "{odd}");
    }
}

#[test]
fn a_source_that_is_not_ours_is_other() {
    for odd in ODD.iter().chain(&[
        r#""""#,
        r#""DefineAuthChallenge_authentication""#,
        r#""DefineAuthChallenge_Authentication ""#,
        r#""DefineAuthChallenge""#,
        r#""InboundFederation_ExternalProvider""#,
        r#""\ud800""#,
    ]) {
        let bytes = format!(r#"{{"triggerSource":{odd},"request":{{"session":7}}}}"#);
        assert!(matches!(Event::parse(bytes.as_bytes()).unwrap().trigger(), Trigger::Other), "{odd}");
    }
    assert!(matches!(Event::parse(b"{}").unwrap().trigger(), Trigger::Other));
    let escaped = br#"{"trigger\u0053ource":"\u0044efineAuthChallenge_Authentication"}"#;
    assert!(matches!(Event::parse(escaped).unwrap().trigger(), Trigger::Define(_)));
}

#[test]
fn a_response_that_came_filled_in_is_not_read() {
    let bytes = br#"{"response":{"triggerSource":"DefineAuthChallenge_Authentication","issueTokens":true,
        "request":{"session":[{"challengeResult":true}]},"answerCorrect":true},
        "triggerSource":"VerifyAuthChallengeResponse_Authentication"}"#;
    let event = Event::parse(bytes).unwrap();
    assert!(matches!(event.trigger(), Trigger::Verify(_)));
    let went = event.answer_verify(Mark::Wrong);
    assert!(went.starts_with(br#"{"response":{"answerCorrect":false},"#));
}

#[test]
fn the_order_of_members_does_not_matter() {
    let last = br#"{"response":null,"request":{"challengeAnswer":"1","userAttributes":{"phone_number":"+15550100123"}},
        "triggerSource":"VerifyAuthChallengeResponse_Authentication"}"#;
    match Event::parse(last).unwrap().trigger() {
        Trigger::Verify(event) => {
            assert_eq!(event.answer.as_deref(), Some("1"));
            assert_eq!(event.phone_number.as_deref(), Some("+15550100123"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn i7_debug_shows_no_answer_no_number_and_no_name() {
    for source in ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"] {
        let bytes = format!(
            r#"{{"userName":"+15550100123","triggerSource":"{source}_Authentication","request":{{"challengeAnswer":"482913",
            "userAttributes":{{"phone_number":"+15550100123"}},"privateChallengeParameters":{{"pin":"739"}}}}}}"#
        );
        let event = Event::parse(bytes.as_bytes()).unwrap();
        let shown = format!("{event:?} {:?}", event.trigger());
        for secret in ["482913", "15550100123", "739"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
