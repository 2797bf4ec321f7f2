//! The one-time code: a secret of a few digits.

use core::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize;

use super::ChallengeAnswer;

/// How many digits a code has: 6 to 10.
///
/// Six is the least that holds the 20 bits NIST SP 800-63B (5.1.3.2) asks for, as OWASP ASVS 6.5.4 counts
/// them; more than ten cannot be typed reliably.
///
/// ```
/// use custom_auth::CodeLength;
/// assert_eq!(CodeLength::new(8)?.digits(), 8);
/// assert!(CodeLength::new(4).is_err());
/// # Ok::<(), custom_auth::CodeLengthError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct CodeLength(u8);

/// The number of digits is not between 6 and 10.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a code has 6 to 10 digits")]
#[non_exhaustive]
pub struct CodeLengthError;

impl CodeLength {
    /// Six digits: a million codes. The default.
    pub const SIX: Self = Self(6);
    /// Eight digits: a hundred million codes.
    pub const EIGHT: Self = Self(8);

    /// A code of `digits` digits.
    ///
    /// # Errors
    /// [`CodeLengthError`] outside 6 to 10.
    pub const fn new(digits: u8) -> Result<Self, CodeLengthError> {
        if digits >= 6 && digits <= 10 { Ok(Self(digits)) } else { Err(CodeLengthError) }
    }

    /// Three digits: an attack can then be watched succeeding as often as its odds say.
    #[cfg(feature = "testing")]
    #[must_use]
    pub const fn danger_three_digits() -> Self {
        Self(3)
    }

    /// The number of digits, 6 to 10.
    #[must_use]
    pub const fn digits(self) -> u8 {
        self.0
    }

    /// How many different codes there are: 10 to the number of digits.
    #[must_use]
    pub const fn space(self) -> u64 {
        10_u64.pow(self.0 as u32)
    }

    /// Reads a length that a record carries. What was promised rides with the challenge.
    pub(crate) const fn from_record(digits: u8) -> Option<Self> {
        if digits >= 3 && digits <= 10 { Some(Self(digits)) } else { None }
    }
}

impl TryFrom<u8> for CodeLength {
    type Error = CodeLengthError;
    fn try_from(digits: u8) -> Result<Self, Self::Error> {
        Self::new(digits)
    }
}

impl From<CodeLength> for u8 {
    fn from(length: CodeLength) -> Self {
        length.0
    }
}

/// A one-time code: a secret, wiped when dropped, without `Clone`, `Display` or `Serialize`.
///
/// Made by [`CodeKeys::derive`](super::CodeKeys::derive) alone; it exists only while a text is written or
/// an answer compared.
pub struct OneTimeCode {
    digits: [u8; 10],
    length: CodeLength,
}

impl OneTimeCode {
    /// The last `length` decimal digits of `number`, leading zeros kept.
    pub(crate) fn from_number(number: u128, length: CodeLength) -> Self {
        let mut digits = [b'0'; 10];
        // The remainder fits: the modulus does.
        let mut number = (number % u128::from(length.space())) as u64;
        for place in digits.iter_mut().take(usize::from(length.digits())).rev() {
            *place = b'0'.wrapping_add(u8::try_from(number % 10).unwrap_or_default());
            number /= 10;
        }
        number.zeroize();
        Self { digits, length }
    }

    /// Whether `answer` is this code. The time taken depends on the lengths only.
    #[must_use]
    pub fn matches(&self, answer: &ChallengeAnswer) -> bool {
        self.expose_secret().as_bytes().ct_eq(answer.digits().as_bytes()).into()
    }

    /// The digits, for the text message. Never log, store or return them.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        let digits = self.digits.get(..usize::from(self.length.digits()));
        digits.and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

impl Drop for OneTimeCode {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(number: u128) -> OneTimeCode {
        OneTimeCode::from_number(number, CodeLength::SIX)
    }

    fn answer(text: &str) -> ChallengeAnswer {
        ChallengeAnswer::parse(text, CodeLength::SIX).unwrap()
    }

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(code(42).expose_secret(), "000042");
        assert_eq!(OneTimeCode::from_number(7, CodeLength::new(10).unwrap()).expose_secret(), "0000000007");
    }

    #[test]
    fn only_the_same_digits_match() {
        assert!(code(42).matches(&answer("000042")));
        assert!(!code(42).matches(&answer("000043")));
        assert!(!code(42).matches(&answer("420000")));
    }

    #[test]
    fn i7_debug_says_nothing() {
        assert_eq!(format!("{:?}", code(123_456)), "OneTimeCode([redacted])");
    }
}
