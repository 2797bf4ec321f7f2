//! What a typed password is checked with.

use core::fmt;

use subtle::ConstantTimeEq as _;

/// What is kept of a password that somebody chose: a salt and SRP's verifier (RFC 5054, section 2.5.3), in Cognito's 3072-bit
/// group. It checks a password that is sent, and one that is only proven (`USER_SRP_AUTH`).
///
/// Whoever reads it cannot sign in with it, but can try passwords against it, at a modular exponentiation each: guard it like a
/// hash. Its `Debug` shows nothing. A store keeps its bytes as they are.
#[derive(Clone)]
pub struct PasswordVerifier {
    bytes: Box<[u8; Self::LEN]>,
}

impl PasswordVerifier {
    /// How many bytes it has.
    pub const LEN: usize = Self::SALT + Self::VALUE;
    /// How many of them are the salt, which comes first.
    pub(crate) const SALT: usize = 16;
    pub(crate) const VALUE: usize = 384;

    /// Reads the bytes of one; `None` if there are not [`LEN`](Self::LEN).
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::LEN] = bytes.try_into().ok()?;
        Some(Self { bytes: Box::new(bytes) })
    }

    /// Its bytes, for a store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.bytes
    }
}

#[cfg(feature = "passwords")]
impl PasswordVerifier {
    pub(crate) fn from_parts(salt: [u8; Self::SALT], value: [u8; Self::VALUE]) -> Self {
        let mut bytes = Box::new([0; Self::LEN]);
        for (to, from) in bytes.iter_mut().zip(salt.into_iter().chain(value)) {
            *to = from;
        }
        Self { bytes }
    }

    pub(crate) fn salt(&self) -> [u8; Self::SALT] {
        self.bytes.first_chunk().copied().unwrap_or([0; Self::SALT])
    }

    pub(crate) fn value(&self) -> [u8; Self::VALUE] {
        self.bytes.last_chunk().copied().unwrap_or([0; Self::VALUE])
    }
}

impl PartialEq for PasswordVerifier {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&*other.bytes).into()
    }
}

impl Eq for PasswordVerifier {}

impl fmt::Debug for PasswordVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordVerifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_from_its_bytes_and_from_no_others() {
        let bytes: Vec<u8> = (0..PasswordVerifier::LEN).map(|place| (place % 251) as u8).collect();
        let verifier = PasswordVerifier::from_bytes(&bytes).unwrap();
        assert_eq!(verifier.as_bytes().as_slice(), bytes);
        for len in [0, 1, PasswordVerifier::LEN - 1] {
            assert_eq!(PasswordVerifier::from_bytes(&bytes[..len]), None);
        }
        assert_eq!(PasswordVerifier::from_bytes(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn i7_it_shows_nothing() {
        let verifier = PasswordVerifier::from_bytes(&[65; PasswordVerifier::LEN]).unwrap();
        assert_eq!(format!("{verifier:?}"), "PasswordVerifier(…)");
    }
}
