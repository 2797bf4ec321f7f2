//! The documents keep up with the code: what they name is there, and what they say of a policy is so.

use std::{collections::BTreeMap, fs, path::Path};

use custom_auth::{PolicyBuilder, PolicyError};
use serde_json::{Value, json};

use super::checks::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The files and tests that a page names in `code font`: `file`, `file::test`, and `…::test` of the file before.
fn named(page: &str) -> Vec<(String, Option<String>)> {
    let (mut found, mut file) = (Vec::new(), String::new());
    for code in page.split('`').skip(1).step_by(2) {
        let (path, test) = code.split_once("::").map_or((code, None), |(path, test)| (path, Some(test)));
        match path {
            "…" => {}
            _ if path.contains('/') && !path.contains(' ') => file = path.to_owned(),
            _ => continue,
        }
        found.push((file.clone(), test.map(str::to_owned)));
    }
    found
}

/// Files of the library are named without `src/`, suites without `.rs`, folders sometimes with a star.
fn lines_of(file: &str) -> Option<String> {
    let file = file.trim_end_matches("/*");
    let places = [file.to_owned(), format!("{file}.rs"), format!("src/{file}")];
    let path = places.iter().map(|place| root().join(place)).find(|path| path.exists())?;
    Some(if path.is_file() { fs::read_to_string(path).unwrap() } else { String::new() })
}

fn missing(page: &str) -> Vec<String> {
    let is_there = |(file, test): &(String, Option<String>)| {
        lines_of(file)
            .is_some_and(|text| test.as_ref().is_none_or(|test| text.contains(&format!("fn {test}("))))
    };
    let lost = named(page).into_iter().filter(|one| !is_there(one));
    lost.map(|(file, test)| format!("{file}::{}", test.unwrap_or_default())).collect()
}

#[test]
fn every_file_and_test_that_the_threat_model_names_is_there() {
    let page = read("docs/threat-model.md");
    let tests = named(&page).into_iter().filter(|(_, test)| test.is_some()).count();
    assert!(tests > 60, "{tests} tests are named");
    assert_eq!(missing(&page), Vec::<String>::new());
}

#[test]
fn a_file_or_test_that_is_not_there_is_found() {
    let there = "`tests/one_tap.rs`, `tests/model`, `engine/*`, `machine/define.rs`, `Ledger`, `1 / 2`";
    assert_eq!((named(there).len(), missing(there)), (4, vec![]));
    let tests = "`tests/one_tap.rs::i3_a_verify_that_the_service_calls_again_is_paid_once`, `…::gone` \
                 `tests/gone.rs`, `gone/define.rs`";
    assert_eq!(missing(tests), ["tests/one_tap.rs::gone", "tests/gone.rs::", "gone/define.rs::"]);
}

/// What the documentation says of each choice of a policy, by its name.
fn choices() -> BTreeMap<String, String> {
    let text = read("src/policy/builder.rs");
    let rows = text.split("\nchoices! {\n").nth(1).unwrap().split("\n}\n").next().unwrap();
    let (mut found, mut said) = (BTreeMap::new(), String::new());
    for line in rows.lines().map(str::trim) {
        if let Some(more) = line.strip_prefix("/// ") {
            said = format!("{said} {more}");
        } else if let Some((name, _)) = line.split_once(": ").filter(|_| !line.starts_with('#')) {
            found.insert(name.to_owned(), core::mem::take(&mut said));
        }
    }
    found
}

/// A default as the documentation writes it: thousands apart, no quotes.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("`None`".to_owned()),
        Value::Number(number) if number.as_u64().is_some_and(|number| number >= 1_000) => {
            let digits = number.to_string();
            let (thousands, rest) = digits.split_at(digits.len() - 3);
            Some(format!("{thousands},{rest}"))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) => Some(value.to_string().replace(',', ", ")),
        Value::Bool(_) | Value::Object(_) | Value::String(_) => None,
    }
}

#[test]
fn every_choice_of_a_policy_says_its_default_its_range_and_why() {
    let choices = choices();
    let defaults = serde_json::to_value(PolicyBuilder::default()).unwrap();
    let defaults = defaults.as_object().unwrap();
    assert!(defaults.keys().eq(choices.keys()), "{:?}\n{:?}", defaults.keys(), choices.keys());
    let mut ranges = 0;
    for (name, said) in &choices {
        let (before, why) = said.split_once(" Why: ").unwrap_or_else(|| panic!("{name} says no why"));
        let (before, range) = before.split_once(" Range: ").unwrap_or_else(|| panic!("{name} says no range"));
        let (what, default) = before.split_once(" Default: ").unwrap_or_else(|| panic!("{name}: no default"));
        assert!(!what.is_empty() && !why.is_empty(), "{name}");
        if let Some(written) = written(&defaults[name]) {
            let rest = default.trim_start_matches('`').strip_prefix(written.trim_matches('`'));
            let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
            assert!(rest.is_some_and(is_whole), "{name}: {written} is the default, not {default}");
        }
        for wrong in [json!(0), json!(1_000), json!([])] {
            let policy = json!({"destinations": {"+91": {"allow": {}}}, name.as_str(): wrong});
            let Ok(builder) = serde_json::from_value::<PolicyBuilder>(policy) else { continue };
            if let Err(PolicyError::Range { field, range: told }) = builder.build()
                && field == name
            {
                let told = told.replace("null", "`None`");
                assert!(range.starts_with(&told), "{name}: the range is {told}, not {range}");
                ranges += 1;
            }
        }
    }
    assert!(ranges > 14, "{ranges} ranges were looked at");
}

#[test]
fn every_page_of_the_documentation_is_compiled_with_it() {
    let guide = read("src/guide.rs");
    for page in fs::read_dir(root().join("docs")).unwrap() {
        let page = page.unwrap().path();
        if page.extension().is_some_and(|ending| ending == "png" || ending == "yaml") {
            continue;
        }
        let name = Path::new(&page).file_name().unwrap().to_string_lossy().into_owned();
        assert!(guide.contains(&format!("include_str!(\"../docs/{name}\")")), "{name}");
    }
}
