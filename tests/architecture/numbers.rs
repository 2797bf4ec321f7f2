//! Only numbers that are kept for examples stand in this repository: a text to any other may reach somebody.

use std::fs;

use super::checks::{files, root};

/// Where to look, and at which files.
const PLACES: &[&str] = &["src", "tests", "examples", "benches", "docs"];
const PAGES: &[&str] = &["README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"];
const ENDINGS: &[&str] = &["rs", "md", "json", "jsonl", "txt", "toml", "proptest-regressions"];

/// `+1 555 0100 xxx`, and the like in India; whole or cut short.
const EXAMPLES: &[&str] = &["15550100", "919999900"];
/// Nobody's: 555-0100 elsewhere, prefixes, digits that are cut off for tests of reading, and a code of ten digits.
const NOBODYS: &[&str] = &["18765550100", "1876555", "12345678", "9198765432", "6401322468"];

/// Digits behind a plus, spaces and dashes between them passed over; and bare ones that look like a number of India
/// or North America.
fn numbers(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let plus = bytes[at] == b'+' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let bare = bytes[at].is_ascii_digit()
            && (at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b"_.-+".contains(&bytes[at - 1])));
        if !plus && !bare {
            at += 1;
            continue;
        }
        let mut digits = String::new();
        let mut end = at + usize::from(plus);
        while let Some(byte) = bytes.get(end) {
            let between = plus && (*byte == b' ' || *byte == b'-');
            let more = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            match byte {
                b'0'..=b'9' => digits.push(char::from(*byte)),
                _ if between && more => {}
                _ => break,
            }
            end += 1;
        }
        at = end;
        if plus && digits.len() >= 7 || bare && looks_like_a_number(&digits) {
            found.push(digits);
        }
    }
    found
}

fn looks_like_a_number(digits: &str) -> bool {
    let at = |place: usize| digits.as_bytes()[place];
    match digits.len() {
        12 => digits.starts_with("91") && at(2) >= b'6',
        11 => at(0) == b'1' && at(1) >= b'2' && at(4) >= b'2',
        10 => at(0) >= b'6' && digits.bytes().collect::<std::collections::BTreeSet<_>>().len() > 1,
        _ => false,
    }
}

fn is_an_example(digits: &str) -> bool {
    let is_zeros = |rest: &str| rest.len() >= 7 && rest.bytes().all(|b| b == b'0');
    EXAMPLES.iter().any(|prefix| digits.strip_prefix(prefix).is_some_and(|rest| rest.len() <= 3))
        || EXAMPLES.iter().any(|prefix| prefix.starts_with(digits))
        || NOBODYS.contains(&digits)
        // A calling code, a few digits that say which network, and zeros to the end.
        || (2..=5).any(|code| digits.get(code..).is_some_and(is_zeros))
        || digits.starts_with('0')
        || digits.len() > 15
}

#[test]
fn only_numbers_that_are_kept_for_examples_stand_here() {
    let root = root();
    let mut all: Vec<_> = PLACES.iter().flat_map(|place| files(&root.join(place), ENDINGS)).collect();
    all.extend(PAGES.iter().map(|page| root.join(page)).filter(|page| page.exists()));
    assert!(all.len() > 100, "{} files", all.len());
    let mut strangers = Vec::new();
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let found = numbers(&text).into_iter().filter(|digits| !is_an_example(digits));
        strangers.extend(found.map(|digits| format!("{}: {digits}", path.display())));
    }
    assert!(strangers.is_empty(), "\n{}", strangers.join("\n"));
}

#[test]
fn a_number_that_may_be_somebodys_is_found_however_it_is_written() {
    // Put together here, so that they do not stand in this file.
    let (india, america) = (format!("98765{}", "43210"), format!("212{}", "5550123"));
    for text in [
        format!("+91{india}"),
        format!("+91 {} {}", &india[..5], &india[5..]),
        format!("\"91{india}\""),
        format!("call {india}."),
        format!("+1{america}"),
        format!("+1-{}-{}", &america[..3], &america[3..]),
        format!("1{america}"),
    ] {
        let found = numbers(&text);
        assert!(found.len() == 1 && !is_an_example(&found[0]), "{text}: {found:?}");
    }
    for text in ["+15550100123", "+91 99999 00001", "+919999900", "1790000000000", "+18765550100", "a + 1"] {
        assert!(numbers(text).iter().all(|digits| is_an_example(digits)), "{text}");
    }
}
