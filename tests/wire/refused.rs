//! What is refused, and with which error.

use custom_auth::wire::{Event, MAX_EVENT_BYTES, WireError};

fn error(bytes: &[u8]) -> WireError {
    Event::parse(bytes).expect_err(&String::from_utf8_lossy(bytes))
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (bytes, at) in [
        ("", 0),
        ("  ", 2),
        ("nul", 0),
        ("{", 1),
        ("{}x", 2),
        ("{} {}", 3),
        ("\u{feff}{}", 0),
        (r#"{"a":1,}"#, 7),
        (r#"{"a" 1}"#, 5),
        (r#"{"a":01}"#, 6),
        (r#"{"a":"\x"}"#, 7),
        (r#"{"a":"\u12g4"}"#, 10),
        ("{\"a\":\"\n\"}", 6),
        (r#"{"a":[1 2]}"#, 8),
        (r#"{"a":[}]}"#, 6),
        (r#"{'a':1}"#, 1),
        (r#"{"response":{"a":tru}}"#, 17),
    ] {
        assert_eq!(error(bytes.as_bytes()), WireError::NotJson { at }, "{bytes}");
    }
}

#[test]
fn what_is_not_utf8_is_not_json_wherever_it_stands() {
    for bytes in [&b"{\"a\":\"\xff\"}"[..], b"{\"\xc3\":1}", b"{} \x80", b"{\"a\":\"\xed\xa0\x80\"}"] {
        assert!(matches!(error(bytes), WireError::NotJson { .. }));
    }
}

#[test]
fn json_that_is_no_object_is_told_apart_from_what_is_no_json() {
    for bytes in ["null", " [] ", "0", "\"{}\"", "true", r#"[{"request":{}}]"#] {
        assert_eq!(error(bytes.as_bytes()), WireError::NotAnObject, "{bytes}");
    }
    assert_eq!(error(b"[] x"), WireError::NotJson { at: 3 });
}

#[test]
fn i11_a_member_that_is_read_may_not_be_there_twice() {
    for (name, shape) in [
        ("triggerSource", "{*}"),
        ("userPoolId", "{*}"),
        ("userName", "{*}"),
        ("callerContext", "{*}"),
        ("request", "{*}"),
        ("response", "{*}"),
        ("clientId", r#"{"callerContext":{*}}"#),
        ("session", r#"{"request":{*}}"#),
        ("challengeName", r#"{"request":{*}}"#),
        ("challengeAnswer", r#"{"request":{*}}"#),
        ("privateChallengeParameters", r#"{"request":{*}}"#),
        ("userNotFound", r#"{"request":{*}}"#),
        ("userAttributes", r#"{"request":{*}}"#),
        ("clientMetadata", r#"{"request":{*}}"#),
        ("phone_number", r#"{"request":{"userAttributes":{*}}}"#),
        ("action", r#"{"request":{"clientMetadata":{*}}}"#),
        ("customAuth", r#"{"request":{"privateChallengeParameters":{*}}}"#),
        ("challengeName", r#"{"request":{"session":[null,{*}]}}"#),
        ("challengeResult", r#"{"request":{"session":[null,{*}]}}"#),
        ("challengeMetadata", r#"{"request":{"session":[null,{*}]}}"#),
        ("challengeMetaData", r#"{"request":{"session":[null,{*}]}}"#),
    ] {
        let first = name.chars().next().unwrap();
        let escaped = format!("\\u{:04x}{}", first as u32, &name[1..]);
        for (one, other) in [("1", "2"), ("null", "null"), ("{}", "\"x\""), ("true", "false")] {
            for second in [name, escaped.as_str()] {
                let twice = format!(r#""{name}":{one},"other":0,"{second}":{other}"#);
                assert_eq!(
                    error(shape.replace('*', &twice).as_bytes()),
                    WireError::Duplicate(name),
                    "{twice}"
                );
            }
            let once = format!(r#""{escaped}":{one},"other":0"#);
            Event::parse(shape.replace('*', &once).as_bytes()).unwrap();
        }
    }
    for (one, other) in [(r#""1""#, r#""2""#), ("1", r#""2""#), (r#""1""#, "2")] {
        let kept = format!(r#"{{"request":{{"privateChallengeParameters":{{"pin":{one},"pin":{other}}}}}}}"#);
        assert_eq!(error(kept.as_bytes()), WireError::Duplicate("privateChallengeParameters.*"));
    }
}

#[test]
fn what_nobody_reads_may_be_there_twice() {
    let bytes = br#"{"x":1,"x":2,"request":{"y":1,"y":2,"userAttributes":{"sub":"","sub":""}},"Response":1,"Response":2}"#;
    Event::parse(bytes).unwrap();
}

#[test]
fn an_event_has_at_most_six_mebibytes() {
    let mut bytes = br#"{"request":{}}"#.to_vec();
    bytes.resize(MAX_EVENT_BYTES, b' ');
    Event::parse(&bytes).unwrap();
    bytes.push(b' ');
    assert_eq!(error(&bytes), WireError::TooLarge);
}

#[test]
fn i7_errors_repeat_nothing_of_the_event() {
    let shown = format!("{:?} {}", error(br#"{"a":"482913""#), error(br#"{"a":"482913""#));
    assert!(!shown.contains("482913"), "{shown}");
}
