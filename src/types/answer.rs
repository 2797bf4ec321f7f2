//! What a person typed.

use core::fmt;

use zeroize::Zeroize;

use super::CodeLength;

/// An answer that could be a code: exactly as many digits as were asked for.
///
/// Spaces and dashes around and between the digits are dropped (people paste `123-456`), and decimal
/// digits of any script (Unicode `Nd`) become ASCII. Everything else is refused *before* any limit is
/// charged, so that nonsense costs nobody a try. Wiped when dropped.
///
/// ```
/// use custom_auth::{ChallengeAnswer, CodeLength};
/// assert!(ChallengeAnswer::parse(" 482-913 ", CodeLength::SIX).is_ok());
/// assert!(ChallengeAnswer::parse("٤٨٢٩١٣", CodeLength::SIX).is_ok());
/// assert!(ChallengeAnswer::parse("48291", CodeLength::SIX).is_err());
/// ```
pub struct ChallengeAnswer {
    digits: [u8; 10],
    len: u8,
}

/// The answer cannot be a code. It does not repeat the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the answer is not a code of the expected length")]
#[non_exhaustive]
pub struct AnswerShapeError;

/// Longer texts are refused unread: ten digits of four bytes, and room for separators.
const LONGEST: usize = 128;

impl ChallengeAnswer {
    /// Reads what was typed as a code of `length` digits.
    ///
    /// # Errors
    /// [`AnswerShapeError`] if it holds anything but digits, spaces and dashes, or another number of digits.
    pub fn parse(text: &str, length: CodeLength) -> Result<Self, AnswerShapeError> {
        if text.len() > LONGEST {
            return Err(AnswerShapeError);
        }
        let mut answer = Self { digits: [0; 10], len: 0 };
        for character in text.chars() {
            if is_separator(character) {
                continue;
            }
            let digit = decimal_digit(character).ok_or(AnswerShapeError)?;
            let place = answer.digits.get_mut(usize::from(answer.len)).ok_or(AnswerShapeError)?;
            *place = b'0' + digit;
            answer.len += 1;
        }
        if answer.len == length.digits() { Ok(answer) } else { Err(AnswerShapeError) }
    }

    pub(crate) fn digits(&self) -> &str {
        let digits = self.digits.get(..usize::from(self.len));
        digits.and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

impl Drop for ChallengeAnswer {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}

impl fmt::Debug for ChallengeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeAnswer([redacted])")
    }
}

/// White space, the dashes people and keyboards make, and the invisible marks that right-to-left text brings.
pub(crate) fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The value of a decimal digit of any script. Unicode keeps each script's ten digits in a row
/// (Unicode Standard, 4.6), so the rows' zeros are all that is needed.
pub(crate) fn decimal_digit(character: char) -> Option<u8> {
    let point = u32::from(character);
    if character.is_ascii_digit() {
        return u8::try_from(point - 0x30).ok();
    }
    let row = ZEROS.partition_point(|zero| *zero <= point).checked_sub(1)?;
    let value = point.checked_sub(*ZEROS.get(row)?)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

/// The zero of every row of decimal digits (general category Nd), Unicode 16.0, ascending.
const ZEROS: [u32; 75] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0,
    0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60,
    0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0,
    0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str) -> Option<String> {
        ChallengeAnswer::parse(text, CodeLength::SIX).ok().map(|answer| answer.digits().to_owned())
    }

    #[test]
    fn separators_are_dropped_wherever_they_stand() {
        for text in [
            "482913",
            " 482913\n",
            "482 913",
            "482-913",
            "4 8 2 9 1 3",
            "482\u{2013}913",
            "\u{200e}482913\u{a0}",
        ] {
            assert_eq!(digits(text).as_deref(), Some("482913"), "{text:?}");
        }
    }

    #[test]
    fn the_rows_of_digits_ascend_and_every_tenth_digit_is_nine() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            assert_eq!(decimal_digit(char::from_u32(zero).unwrap()), Some(0));
            assert_eq!(decimal_digit(char::from_u32(zero + 9).unwrap()), Some(9));
            assert!(char::from_u32(zero).unwrap().is_numeric(), "{zero:x}");
        }
    }

    #[test]
    fn digits_of_other_scripts_are_read() {
        for text in ["٠٤٢٩١٣", "۰۴۲۹۱۳", "०४२९१३", "０４２９１３"] {
            assert_eq!(digits(text).as_deref(), Some("042913"), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " ",
            "48291",
            "4829133",
            "48291a",
            "482.913",
            "+482913",
            "48291\u{0}",
            "½82913",
            "四82913",
            "²82913",
        ] {
            assert_eq!(digits(text), None, "{text:?}");
        }
        assert_eq!(digits(&format!("482913{}", " ".repeat(200))), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_yields_digits_only(text in "\\PC{0,40}") {
            if let Some(digits) = digits(&text) {
                prop_assert!(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
