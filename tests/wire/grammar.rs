//! The grammar of JSON, held against `serde_json`'s.

use custom_auth::wire::{DefineAnswer, Event, WireError};
use proptest::prelude::*;

use super::{cases::config, fixtures, oracle};

/// Both must say the same of the text, as a whole and as an unread and as a read member.
fn agree(text: &[u8]) {
    for (before, after) in [("", ""), (r#"{"x":"#, "}"), (r#"{"request":"#, "}"), (r#"{"response":"#, "}")] {
        let bytes = [before.as_bytes(), text, after.as_bytes()].concat();
        let accepted = match Event::parse(&bytes) {
            Ok(_) | Err(WireError::NotAnObject) => true,
            Err(WireError::NotJson { at }) => {
                assert!(at <= bytes.len());
                false
            }
            // Found before the end was seen.
            Err(WireError::Duplicate(_)) => continue,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(accepted, oracle::is_json(&bytes), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_text_of_up_to_four_telling_characters_is_judged_as_the_oracle_judges_it() {
    let letters = br#"{}[]:,"\u0-1.eE+ a"#;
    let mut texts = vec![Vec::new()];
    for _ in 0..4 {
        let longer = texts.iter().flat_map(|text: &Vec<u8>| {
            letters.iter().map(move |letter| [text.as_slice(), &[*letter]].concat())
        });
        texts = longer.collect();
        texts.iter().for_each(|text| agree(text));
    }
}

#[test]
fn every_byte_at_every_place_of_a_string_is_judged_as_the_oracle_judges_it() {
    for len in [1, 7, 8, 9, 17] {
        for place in 0..len {
            for byte in 0..=u8::MAX {
                let mut text = vec![b'a'; len + 2];
                (text[0], text[len + 1], text[place + 1]) = (b'"', b'"', byte);
                agree(&text);
            }
        }
    }
}

#[test]
fn every_fixture_cut_short_anywhere_is_not_json() {
    for (name, bytes) in fixtures::all().iter().filter(|(_, bytes)| bytes.len() < 2_000) {
        let whole = bytes.trim_ascii_end().len();
        for len in 0..whole {
            let result = Event::parse(&bytes[..len]).map(|_| ());
            assert!(matches!(result, Err(WireError::NotJson { .. })), "{name} cut at {len}: {result:?}");
        }
    }
}

#[test]
fn no_depth_of_nesting_costs_the_stack() {
    let stack = std::thread::Builder::new().stack_size(128 * 1024);
    let deep = move || {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":["#, "]}]")] {
            let depth = 100_000;
            let inner = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for place in
                [r#"{"x":*}"#, r#"{"response":*}"#, r#"{"request":*}"#, r#"{"request":{"session":[*]}}"#]
            {
                let bytes = place.replace('*', &inner);
                let event = Event::parse(bytes.as_bytes()).unwrap();
                assert!(event.answer_define(DefineAnswer::IssueTokens).len() > 50);
                let open_only = place.replace('*', &open.repeat(depth));
                assert!(matches!(Event::parse(open_only.as_bytes()), Err(WireError::NotJson { .. })));
            }
        }
    };
    stack.spawn(deep).unwrap().join().unwrap();
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn any_bytes_are_judged_as_the_oracle_judges_them(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        agree(&bytes);
    }

    #[test]
    fn any_tokens_are_judged_as_the_oracle_judges_them(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..24)
    ) {
        agree(tokens.concat().as_bytes());
    }

    #[test]
    fn a_fixture_with_one_byte_changed_is_judged_as_the_oracle_judges_it(
        which: prop::sample::Index, place: prop::sample::Index, byte in prop::sample::select(&b"{}[]:,\"\\u0-1.e \n\x01\xc3"[..]),
        act in 0..3,
    ) {
        let all = fixtures::all();
        let mut bytes = which.get(all).1.clone();
        let place = place.index(bytes.len());
        match act {
            0 => bytes[place] = byte,
            1 => bytes.insert(place, byte),
            _ => drop(bytes.remove(place)),
        }
        agree(&bytes);
    }
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"a\"",
    "\"\\ud800\"",
    "\"\\n\"",
    "\"response\"",
    "\"request\"",
    "\"session\"",
    "0",
    "-1",
    "1.5",
    "1e400",
    "-",
    "true",
    "false",
    "null",
    " ",
    "\n",
    "\t",
    "\"",
    "\\",
    "é",
];
