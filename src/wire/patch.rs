//! New members in an object that came, every other byte of it as it was.

use std::ops::Range;

use super::{
    mark::Scanner,
    scan::Members,
    splice::{Json, Sink},
};

/// What becomes of one member.
pub(super) enum Patch<'p> {
    /// It holds this truth.
    Bool(bool),
    /// Absent, it holds this JSON text; there, it stays.
    IfAbsent(&'p str),
    /// These members of it are patched; it becomes an object if it is none.
    Members(&'p [(&'p str, Self)]),
    /// It holds this text.
    Text(&'p str),
}

/// The JSON text `old` as an object with the members patched. Where one comes twice, both are: no reader finds the old.
#[cold]
pub(super) fn patched(old: &str, members: &[(&str, Patch<'_>)]) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len() + 256);
    write(&mut new, old, members);
    new
}

fn write(new: &mut Vec<u8>, old: &str, members: &[(&str, Patch<'_>)]) {
    let Some(Found { brace, is_empty, places }) = find(old, members) else {
        new.raw(b"{");
        append(new, members.iter(), true);
        new.raw(b"}");
        return;
    };
    let slice = |range: Range<usize>| old.get(range).unwrap_or_default();
    let mut copied = 0;
    for (place, value) in &places {
        let Some((_, patch)) = members.get(*place) else { continue };
        let was = slice(value.clone());
        new.raw(slice(copied..value.start).as_bytes());
        write_value(new, Some(was), patch);
        copied = value.end;
    }
    new.raw(slice(copied..brace).as_bytes());
    let missing = members.iter().enumerate().filter(|(at, _)| !places.iter().any(|(place, _)| place == at));
    append(new, missing.map(|(_, member)| member), is_empty);
    new.raw(slice(brace..old.len()).as_bytes());
}

fn append<'p>(new: &mut Vec<u8>, members: impl Iterator<Item = &'p (&'p str, Patch<'p>)>, is_first: bool) {
    let mut is_first = is_first;
    for (name, patch) in members {
        new.raw(if is_first { b"" } else { b"," });
        is_first = false;
        new.string(name);
        new.raw(b":");
        write_value(new, None, patch);
    }
}

fn write_value(new: &mut Vec<u8>, was: Option<&str>, patch: &Patch<'_>) {
    match patch {
        Patch::Bool(true) => new.raw(b"true"),
        Patch::Bool(false) => new.raw(b"false"),
        Patch::IfAbsent(json) => new.raw(was.unwrap_or(json).as_bytes()),
        Patch::Members(members) => write(new, was.unwrap_or("null"), members),
        Patch::Text(text) => new.string(text),
    }
}

struct Found {
    /// Where the object's closing brace stands.
    brace: usize,
    is_empty: bool,
    /// Which members are there, and where their values stand.
    places: Vec<(usize, Range<usize>)>,
}

/// `None` if the text is no object.
fn find(old: &str, members: &[(&str, Patch<'_>)]) -> Option<Found> {
    let mut scanner = Scanner::new(old.as_bytes()).ok()?;
    let mut places = Vec::new();
    let kind = scanner.object(|scanner, name| {
        match members.iter().position(|(known, _)| known.as_bytes() == name) {
            Some(place) => places.push((place, scanner.span()?)),
            None => scanner.skip()?,
        }
        Ok(())
    });
    let is_empty = match kind {
        Ok(Members::None) => true,
        Ok(Members::Some) => false,
        Ok(Members::NotAnObject) | Err(_) => return None,
    };
    Some(Found { brace: scanner.at().checked_sub(1)?, is_empty, places })
}

/// JSON text that was written before.
impl Json for [u8] {
    fn write(&self, sink: &mut impl Sink) {
        sink.raw(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, members: &[(&str, Patch<'_>)], new: &str) {
        assert_eq!(String::from_utf8(patched(old, members)).unwrap(), new, "{old}");
    }

    #[test]
    fn a_member_that_is_there_is_replaced_where_it_stands() {
        let set = [("a", Patch::Bool(true)), ("b", Patch::Text("x\"y"))];
        check(r#"{ "b" : 1, "z":[1e400] ,"a": null }"#, &set, r#"{ "b" : "x\"y", "z":[1e400] ,"a": true }"#);
    }

    #[test]
    fn a_member_that_is_missing_comes_last() {
        let set = [("a", Patch::Bool(false))];
        check("{}", &set, r#"{"a":false}"#);
        check(r#"{"z":1}"#, &set, r#"{"z":1,"a":false}"#);
        check(r#"{"z":{"a":1}}"#, &set, r#"{"z":{"a":1},"a":false}"#);
    }

    #[test]
    fn what_is_no_object_becomes_one() {
        for old in ["null", "[]", "\"{}\"", "7", ""] {
            check(old, &[("a", Patch::Bool(true)), ("b", Patch::IfAbsent("[]"))], r#"{"a":true,"b":[]}"#);
        }
    }

    #[test]
    fn objects_are_patched_within_and_made_where_they_are_missing() {
        let inner = [("x", Patch::Text("1"))];
        let set = [("m", Patch::Members(&inner))];
        check(r#"{"m":{"k":"v"}}"#, &set, r#"{"m":{"k":"v","x":"1"}}"#);
        check(r#"{"m":null}"#, &set, r#"{"m":{"x":"1"}}"#);
        check("{}", &set, r#"{"m":{"x":"1"}}"#);
    }

    #[test]
    fn what_is_only_for_the_absent_leaves_even_a_null() {
        let set = [("g", Patch::IfAbsent("{}"))];
        check(r#"{"g":null}"#, &set, r#"{"g":null}"#);
        check("{}", &set, r#"{"g":{}}"#);
    }

    #[test]
    fn a_member_that_comes_twice_or_escaped_is_replaced_everywhere() {
        let set = [("a", Patch::Bool(true))];
        check(r#"{"a":1,"\u0061":2}"#, &set, r#"{"a":true,"\u0061":true}"#);
    }
}
