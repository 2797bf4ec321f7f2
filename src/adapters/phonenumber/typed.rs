//! What a person typed, as digits that can be dialled.
//!
//! Nothing but digits and `+` goes on from here, so that no library gets to guess: ports of libphonenumber read the letter
//! in `+9198765432a0` as a key or cut the number there, and either would text a stranger.

use crate::types::{decimal_digit, is_separator};

use super::NumberError;

/// Longer texts are refused unread: 15 digits of four bytes, and room for marks between them.
const LONGEST: usize = 128;

/// ASCII digits, behind a `+` if there was one.
pub(super) fn dialled(typed: &str) -> Result<String, NumberError> {
    if typed.len() > LONGEST {
        return Err(NumberError::Length);
    }
    let mut dialled = String::with_capacity(typed.len());
    for character in typed.trim().chars() {
        if is_plus(character) {
            if !dialled.is_empty() {
                return Err(NumberError::Plus);
            }
            dialled.push('+');
        } else if let Some(digit) = decimal_digit(character) {
            dialled.push(char::from(b'0' + digit));
        } else if !is_between(character) {
            return Err(NumberError::Character);
        }
    }
    Ok(dialled)
}

fn is_plus(character: char) -> bool {
    matches!(character, '+' | '\u{ff0b}')
}

/// What stands between digits and says nothing: spaces, dashes, full stops and brackets, and the invisible marks that
/// come with a number copied from a list of contacts. No line end: two lines may be two numbers.
fn is_between(character: char) -> bool {
    let is_line_end = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    let is_mark = matches!(character, '.' | '(' | ')' | '\u{ff0e}' | '\u{ff08}' | '\u{ff09}');
    is_mark || is_separator(character) && !is_line_end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_of_any_script_become_ascii_and_marks_between_them_go() {
        for typed in [
            "+919999900001",
            " +91 99999 00001\n",
            "(+91) 99999-00001",
            "+91.99999.00001",
            "+91\u{a0}99999\u{2011}00001",
            "\u{202a}+91 99999 00001\u{202c}",
            "\u{ff0b}\u{ff19}\u{ff11}\u{3000}\u{ff08}99999\u{ff09}\u{ff0d}00001",
            "+٩١ ٩٩٩٩٩ ٠٠٠٠١",
            "+۹۱ ۹۹۹۹۹ ۰۰۰۰۱",
            "+९१ ९९९९९ ००००१",
        ] {
            assert_eq!(dialled(typed).as_deref(), Ok("+919999900001"), "{typed}");
        }
    }

    #[test]
    fn what_is_no_digit_and_no_mark_is_refused() {
        for typed in [
            "+9198765432a0",
            "tel:+919999900001",
            "+919999900001x5",
            "+919999900001 ext. 5",
            "+919999900001;ext=5",
            "+919999900001#5",
            "*31#+919999900001",
            "+919999900001,5",
            "+919999900001p5",
            "99999/00001",
            "~919999900001",
            "+91\n99999\n00001",
            "+91\t99999",
            "+91\u{2028}99999",
            "+91\u{0}99999",
            "+91 99999 0000O",
            "+91 ½9999",
            "+91 九9999",
            "call me",
            "\u{e0031}",
        ] {
            assert_eq!(dialled(typed), Err(NumberError::Character), "{typed:?}");
        }
    }

    #[test]
    fn there_is_one_plus_and_it_begins_the_number() {
        for typed in
            ["++919999900001", "+ +919999900001", "9199999+00001", "919999900001+", "+91\u{ff0b}99999 00001"]
        {
            assert_eq!(dialled(typed), Err(NumberError::Plus), "{typed}");
        }
    }

    #[test]
    fn a_long_text_is_refused_unread() {
        assert_eq!(dialled(&format!("+91{}", " ".repeat(LONGEST))), Err(NumberError::Length));
        assert_eq!(dialled(&"a".repeat(LONGEST + 1)), Err(NumberError::Length));
    }

    proptest! {
        #[test]
        fn digits_and_a_plus_before_them_are_all_that_goes_on(typed: String) {
            if let Ok(dialled) = dialled(&typed) {
                let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
                prop_assert!(digits.bytes().all(|b| b.is_ascii_digit()));
                let plus = typed.chars().filter(|c| is_plus(*c)).count();
                let typed = typed.chars().filter(|c| decimal_digit(*c).is_some()).count();
                prop_assert_eq!((plus, typed), (dialled.len() - digits.len(), digits.len()), "no digit is lost");
            }
        }
    }
}
