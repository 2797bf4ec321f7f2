//! The text of one message, and how many segments it takes on the air.

use core::fmt;

use zeroize::Zeroizing;

/// The text of a message. It holds a code: wiped when dropped, without `Clone`, `Display` or telling `Debug`.
///
/// ```
/// use custom_auth::{Encoding, SmsBody};
///
/// let body = SmsBody::new("123456 is your Example code.".to_owned());
/// assert_eq!((body.encoding(), body.segments()), (Encoding::Gsm7, 1));
/// assert_eq!(SmsBody::new("ваш код 123456".to_owned()).encoding(), Encoding::Ucs2);
/// ```
pub struct SmsBody(Zeroizing<String>);

/// How a message is coded on the air (3GPP TS 23.038).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: providers use these two for text
pub enum Encoding {
    /// The 7-bit default alphabet: 160 characters in one segment, 153 in each of several.
    Gsm7,
    /// UCS-2: 70 UTF-16 units in one segment, 67 in each of several. Twice the price or more.
    Ucs2,
}

impl SmsBody {
    /// Takes the text. From here on it is wiped when dropped; the caller's own copies are the caller's.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for the provider. Never log, store or return it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// The alphabet this text needs.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        if self.septets().is_some() { Encoding::Gsm7 } else { Encoding::Ucs2 }
    }

    /// How many segments are sent and paid for; an empty text takes one.
    #[must_use]
    pub fn segments(&self) -> usize {
        let (units, single, each) = match self.septets() {
            Some(septets) => (septets, 160, 153),
            None => (self.0.encode_utf16().count(), 70, 67),
        };
        if units <= single { 1 } else { units.div_ceil(each) }
    }

    /// Septets in the default alphabet (a character of the extension table takes two), or `None` if it does not fit.
    fn septets(&self) -> Option<usize> {
        self.0.chars().try_fold(0, |sum, character| Some(sum + septets(character)?))
    }
}

impl fmt::Debug for SmsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmsBody([redacted], {} segments)", self.segments())
    }
}

const fn septets(character: char) -> Option<usize> {
    match character {
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => Some(2),
        '`' => None,
        '\n' | '\r' | ' '..='_' | 'a'..='z' => Some(1),
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => Some(1),
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Æ' | 'æ' | 'ß' | 'É' => {
            Some(1)
        }
        '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(text: &str) -> (Encoding, usize) {
        let body = SmsBody::new(text.to_owned());
        (body.encoding(), body.segments())
    }

    #[test]
    fn the_default_alphabet_has_128_places_and_ten_more_by_escape() {
        let single = (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| septets(*c) == Some(1)).count();
        let double = (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| septets(*c) == Some(2)).count();
        assert_eq!((single, double), (127, 10), "128 places, one of which is the escape itself");
    }

    #[test]
    fn a_message_is_cut_where_the_standard_cuts_it() {
        assert_eq!(segments(&"a".repeat(160)), (Encoding::Gsm7, 1));
        assert_eq!(segments(&"a".repeat(161)), (Encoding::Gsm7, 2));
        assert_eq!(segments(&"a".repeat(306)), (Encoding::Gsm7, 2));
        assert_eq!(segments(&"a".repeat(307)), (Encoding::Gsm7, 3));
        assert_eq!(segments(&"€".repeat(80)), (Encoding::Gsm7, 1));
        assert_eq!(segments(&"€".repeat(81)), (Encoding::Gsm7, 2));
        assert_eq!(segments(&"я".repeat(70)), (Encoding::Ucs2, 1));
        assert_eq!(segments(&"я".repeat(71)), (Encoding::Ucs2, 2));
        assert_eq!(segments(&"😀".repeat(35)), (Encoding::Ucs2, 1));
        assert_eq!(segments("`"), (Encoding::Ucs2, 1));
        assert_eq!(segments(""), (Encoding::Gsm7, 1));
    }

    #[test]
    fn i7_debug_says_nothing() {
        assert_eq!(
            format!("{:?}", SmsBody::new("code 123456".to_owned())),
            "SmsBody([redacted], 1 segments)"
        );
    }
}
