//! Phone numbers in E.164 form.

use core::{fmt, str::FromStr};

use super::inline::Inline;

/// A phone number in strict E.164 form: `+`, then 7 to 15 digits of which the first is not 0
/// (ITU-T E.164, 6.2.1).
///
/// Letters, spaces, dashes, extensions and digits of other scripts are refused, never cut off or
/// translated: a library that reads `+9198765432a0` as some number would text a stranger. National forms, spaces and
/// dashes belong before this type: `PhoneNumberReader`, with feature `phonenumber`, reads what people type.
///
/// `Debug` and `Display` are always masked; [`e164`](Self::e164) is the one door to the digits.
///
/// ```
/// use custom_auth::PhoneNumber;
///
/// let phone: PhoneNumber = "+919999900001".parse()?;
/// assert_eq!(phone.to_string(), "+91***01");
/// assert_eq!(phone.calling_code(), "91");
/// assert!("+91 99999 00001".parse::<PhoneNumber>().is_err());
/// # Ok::<(), custom_auth::ParsePhoneNumberError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct PhoneNumber(Inline<16>);

/// The text is not a phone number in E.164 form. It does not say why or repeat the text, which may be
/// somebody's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("phone number is not in E.164 form: `+` and 7 to 15 digits")]
#[non_exhaustive]
pub struct ParsePhoneNumberError;

impl PhoneNumber {
    /// The number itself, `+` and digits. Handle it as personal data.
    #[must_use]
    pub fn e164(&self) -> &str {
        self.0.as_str()
    }

    /// The country calling code without `+`: 1 to 3 digits (ITU-T E.164, annex D).
    #[must_use]
    pub fn calling_code(&self) -> &str {
        let digits = self.digits();
        let len = match digits.as_bytes() {
            [b'1' | b'7', ..] => 1,
            [b'2', b'0' | b'7', ..]
            | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
            | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
            | [b'5', b'1'..=b'8', ..]
            | [b'6', b'0'..=b'6', ..]
            | [b'8', b'1' | b'2' | b'4' | b'6', ..]
            | [b'9', b'0'..=b'5' | b'8', ..] => 2,
            _ => 3,
        };
        digits.get(..len).unwrap_or(digits)
    }

    /// The digits without `+`.
    pub(crate) fn digits(&self) -> &str {
        self.e164().get(1..).unwrap_or_default()
    }
}

impl FromStr for PhoneNumber {
    type Err = ParsePhoneNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(ParsePhoneNumberError)?;
        if !(7..=15).contains(&digits.len())
            || digits.starts_with('0')
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(ParsePhoneNumberError);
        }
        Inline::new(text, |_| true).map(Self).ok_or(ParsePhoneNumberError)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let last = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
        write!(f, "+{}***{last}", self.calling_code())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

/// What may be shown of a phone number: the calling code and the last two digits. The rest cannot be taken out.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct MaskedNumber(PhoneNumber);

impl From<PhoneNumber> for MaskedNumber {
    fn from(phone: PhoneNumber) -> Self {
        Self(phone)
    }
}

impl fmt::Display for MaskedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for MaskedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskedNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_strict_e164_is_refused() {
        for text in [
            "",
            "+",
            "+1",
            "+155501",
            "155501000100",
            "+0155501001",
            "+1555010010000000",
            "+1 555 0100",
            "+1-5550100",
            "+9198765432a0",
            "+15550100x5",
            "+15550100;ext=5",
            "tel:+15550100",
            "+1555010\u{0660}",
            "\u{ff0b}15550100",
            " +15550100",
            "+15550100 ",
            "+15550100\n",
            "++15550100",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(ParsePhoneNumberError), "{text:?}");
        }
    }

    #[test]
    fn a_calling_code_is_found_for_every_zone() {
        for code in [
            "1", "7", "20", "27", "34", "39", "44", "49", "58", "66", "86", "91", "98", "211", "234", "299",
            "351", "380", "420", "599", "678", "852", "971", "998",
        ] {
            // A calling code and zeros: nobody's number.
            let phone: PhoneNumber = format!("+{code}0000000").parse().unwrap();
            assert_eq!(phone.calling_code(), code);
        }
    }

    proptest! {
        #[test]
        fn i7_a_printed_number_shows_its_calling_code_and_two_digits_only(digits in "[1-9][0-9]{9,14}") {
            let phone: PhoneNumber = format!("+{digits}").parse()?;
            prop_assert_eq!(phone.e164(), format!("+{digits}"));
            for shown in [phone.to_string(), format!("{phone:?}")] {
                let visible = shown.bytes().filter(u8::is_ascii_digit).count();
                prop_assert!(visible <= phone.calling_code().len() + 2);
            }
        }

        #[test]
        fn any_text_is_taken_whole_or_refused(text in "\\PC{0,20}") {
            if let Ok(phone) = text.parse::<PhoneNumber>() {
                prop_assert_eq!(phone.e164(), text);
            }
        }
    }
}
