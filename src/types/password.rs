//! A password that nobody needs to know.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A password: wiped when dropped, compared in constant time, without `Display`, `Serialize` or telling `Debug`.
///
/// Cognito wants one for every account, though people who sign in by code never see it. Ours are random: 576 bits,
/// which nobody guesses and no store needs a slow hash for.
///
/// ```
/// use custom_auth::Password;
///
/// let password = Password::from_random(&[7; Password::RANDOM]);
/// assert_eq!(password.expose_secret().len(), 100);
/// assert_eq!(format!("{password:?}"), "Password(…)");
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// One of each class that a Cognito password policy can ask for.
const CLASSES: &str = "Aa0-";

impl Password {
    /// How many random bytes [`from_random`](Self::from_random) takes.
    pub const RANDOM: usize = 72;

    /// Writes random bytes as a password that satisfies every password policy of Cognito: 100 characters, where a policy may
    /// ask for at most 99 and the service takes at most 256, with a capital, a small letter, a digit and a symbol, and no
    /// space (Developer Guide, "Adding user pool password requirements").
    ///
    /// `random` comes from the operating system's source, is used for nothing else, and is wiped by the caller.
    #[must_use]
    pub fn from_random(random: &[u8; Self::RANDOM]) -> Self {
        // Room for all of it, so that no copy is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(CLASSES.len() + Self::RANDOM / 3 * 4));
        text.push_str(CLASSES);
        BASE64URL_NOPAD.encode_append(random, &mut text);
        Self(text)
    }

    /// Takes a password that somebody else made; whether it is a good one is not checked.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password. Never log, store or show it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl Password {
    /// What a store keeps to check it with, salted with the account's name. Quick: passwords of this crate cannot be guessed
    /// ([`from_random`](Self::from_random)), so a slow hash would protect nothing.
    pub(crate) fn verifier(&self, user_name: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(u64::try_from(user_name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(user_name);
        hash.update(self.expose_secret());
        hash.finalize().into()
    }
}

impl PartialEq for Password {
    /// In constant time for passwords of one length.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_password_satisfies_the_strictest_policy_that_cognito_can_have() {
        for byte in 0..=255 {
            let password = Password::from_random(&[byte; Password::RANDOM]);
            let text = password.expose_secret();
            assert!((99..=256).contains(&text.len()), "{}", text.len());
            assert!(text.bytes().all(|b| b.is_ascii_graphic()));
            for class in [
                |c: char| c.is_ascii_uppercase(),
                |c: char| c.is_ascii_lowercase(),
                |c: char| c.is_ascii_digit(),
                |c: char| "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+=".contains(c),
            ] {
                assert!(text.contains(class));
            }
        }
    }

    #[test]
    fn every_random_bit_changes_the_password() {
        let plain = Password::from_random(&[0; Password::RANDOM]);
        for bit in 0..Password::RANDOM * 8 {
            let mut random = [0; Password::RANDOM];
            random[bit / 8] = 1 << (bit % 8);
            assert!(Password::from_random(&random) != plain, "bit {bit}");
        }
        assert!(plain == Password::from_random(&[0; Password::RANDOM]));
    }

    #[test]
    fn i7_a_password_shows_nothing() {
        assert_eq!(format!("{:?}", Password::from_text("sesame".to_owned())), "Password(…)");
    }
}
