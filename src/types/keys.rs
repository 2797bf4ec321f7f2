//! The keys that codes are derived from.

use core::{fmt, str::FromStr};

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::inline::Inline;

/// The name of a key: 1 to 16 characters of `A-Z`, `a-z`, `0-9`, `-` and `_`. Not a secret; it rides in records.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct KeyId(Inline<16>);

impl KeyId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Inline::new(text, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_').map(Self)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}

/// The secret keys that one-time codes are derived from, and the key that names people in stores.
///
/// The first key listed signs, every listed key verifies. To rotate: list the new key last everywhere, then
/// move it first everywhere, then drop the old one when the longest code lifetime has passed.
///
/// The entry named `names` is apart: it signs nothing, but turns phone numbers and users into the pseudonyms
/// under which limits are kept, so it must stay the same while other keys rotate. Without it the pseudonyms
/// are plain hashes, which whoever holds the store can undo by trying every number.
///
/// ```
/// use custom_auth::CodeKeys;
///
/// let keys: CodeKeys = "k2:bmV3IGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE=,k1:b2xkIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE=".parse()?;
/// assert_eq!(keys.signing_key_id().as_str(), "k2");
/// let one = CodeKeys::from_bytes("k1", &[7; 32])?;
/// assert_eq!(format!("{one:?}"), "CodeKeys([k1])");
/// # Ok::<(), custom_auth::CodeKeysError>(())
/// ```
#[derive(Clone)]
pub struct CodeKeys {
    signing: (KeyId, Hmac<Sha256>),
    verifying: Vec<(KeyId, Hmac<Sha256>)>,
    names: Hmac<Sha256>,
}

/// A list of keys that cannot be used. It never repeats key material.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeKeysError {
    /// A key is not valid base64 (RFC 4648 section 4).
    #[error("a key is not base64")]
    Base64,
    /// Two keys have the same name.
    #[error("two keys have the same name")]
    Duplicate,
    /// There is no key to sign with.
    #[error("there is no key to sign with")]
    Empty,
    /// A key's name is not 1 to 16 characters of `A-Z a-z 0-9 - _`, or an entry has no name.
    #[error("each key is written name:base64, the name 1 to 16 characters of A-Z a-z 0-9 - _")]
    Name,
    /// A key is shorter than 32 bytes, which is HMAC-SHA-256's strength (RFC 2104 section 3).
    #[error("a key has fewer than 32 bytes")]
    Short,
}

/// The reserved name of the key that makes pseudonyms.
const NAMES: &str = "names";
/// Stands in for an absent `names` key: no secret, so pseudonyms are then plain hashes.
const NO_NAMES_KEY: &[u8; 32] = b"custom-auth/names-without-a-key/";

impl CodeKeys {
    /// One key, which signs and verifies, from raw bytes.
    ///
    /// # Errors
    /// [`CodeKeysError::Name`] or [`CodeKeysError::Short`].
    pub fn from_bytes(name: &str, key: &[u8]) -> Result<Self, CodeKeysError> {
        let signing = (key_id(name)?, hmac(key)?);
        Ok(Self { signing, verifying: Vec::new(), names: hmac(NO_NAMES_KEY)? })
    }

    /// Adds a key that verifies only.
    ///
    /// # Errors
    /// [`CodeKeysError::Name`], [`CodeKeysError::Short`] or [`CodeKeysError::Duplicate`].
    pub fn with_verifying(mut self, name: &str, key: &[u8]) -> Result<Self, CodeKeysError> {
        let id = key_id(name)?;
        if self.find(id).is_some() {
            return Err(CodeKeysError::Duplicate);
        }
        self.verifying.push((id, hmac(key)?));
        Ok(self)
    }

    /// Sets the key that makes pseudonyms. Keep it for as long as the ledger's records.
    ///
    /// ```
    /// use custom_auth::CodeKeys;
    ///
    /// // Two secrets of their own: from a secrets manager, not from the source.
    /// let (code_key, names_key) = ([7; 32], [8; 32]);
    /// let keys = CodeKeys::from_bytes("k1", &code_key)?.with_names_key(&names_key)?;
    /// assert_eq!(format!("{keys:?}"), "CodeKeys([k1])"); // it signs nothing, so it is not listed
    ///
    /// // A new code key beside the old one; the names key stays, so that limits go on counting.
    /// let rotated = CodeKeys::from_bytes("k2", &[9; 32])?.with_verifying("k1", &code_key)?.with_names_key(&names_key)?;
    /// assert_eq!(rotated.signing_key_id().as_str(), "k2");
    /// # Ok::<(), custom_auth::CodeKeysError>(())
    /// ```
    ///
    /// # Errors
    /// [`CodeKeysError::Short`].
    pub fn with_names_key(mut self, key: &[u8]) -> Result<Self, CodeKeysError> {
        self.names = hmac(key)?;
        Ok(self)
    }

    /// The name of the key that signs.
    #[must_use]
    pub const fn signing_key_id(&self) -> KeyId {
        self.signing.0
    }

    /// Whether people have the same names in stores under both.
    #[cfg(feature = "lambda")]
    pub(crate) fn names_alike(&self, other: &Self) -> bool {
        let name = |keys: &Self| keys.pseudonym(b"names", &[]);
        name(self) == name(other)
    }

    pub(crate) fn find(&self, id: KeyId) -> Option<&Hmac<Sha256>> {
        core::iter::once(&self.signing)
            .chain(&self.verifying)
            .find(|(known, _)| *known == id)
            .map(|(_, key)| key)
    }

    pub(super) const fn names(&self) -> &Hmac<Sha256> {
        &self.names
    }
}

impl FromStr for CodeKeys {
    type Err = CodeKeysError;

    /// Reads `name:base64[,name:base64…]`, the form of `CUSTOM_AUTH_KEYS`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys: Option<Self> = None;
        let mut names: Option<Zeroizing<Vec<u8>>> = None;
        for entry in text.split(',') {
            let (name, encoded) = entry.trim().split_once(':').ok_or(CodeKeysError::Name)?;
            let key = Zeroizing::new(BASE64.decode(encoded.as_bytes()).map_err(|_| CodeKeysError::Base64)?);
            if name == NAMES {
                if names.replace(key).is_some() {
                    return Err(CodeKeysError::Duplicate);
                }
                continue;
            }
            keys = Some(match keys {
                None => Self::from_bytes(name, &key)?,
                Some(keys) => keys.with_verifying(name, &key)?,
            });
        }
        let keys = keys.ok_or(CodeKeysError::Empty)?;
        names.map_or_else(|| Ok(keys.clone()), |key| keys.clone().with_names_key(&key))
    }
}

impl fmt::Debug for CodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeKeys([{}", self.signing.0.as_str())?;
        for (id, _) in &self.verifying {
            write!(f, ", {}", id.as_str())?;
        }
        f.write_str("])")
    }
}

fn key_id(name: &str) -> Result<KeyId, CodeKeysError> {
    KeyId::parse(name).filter(|id| id.as_str() != NAMES).ok_or(CodeKeysError::Name)
}

fn hmac(key: &[u8]) -> Result<Hmac<Sha256>, CodeKeysError> {
    if key.len() < 32 {
        return Err(CodeKeysError::Short);
    }
    Hmac::new_from_slice(key).map_err(|_| CodeKeysError::Short)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn a_list_that_cannot_be_used_says_what_is_wrong() {
        for (text, error) in [
            (String::new(), CodeKeysError::Name),
            ("k1".to_owned(), CodeKeysError::Name),
            (format!(":{KEY}"), CodeKeysError::Name),
            (format!("k 1:{KEY}"), CodeKeysError::Name),
            ("k1:!".to_owned(), CodeKeysError::Base64),
            ("k1:AAAA".to_owned(), CodeKeysError::Short),
            (format!("k1:{KEY},k1:{KEY}"), CodeKeysError::Duplicate),
            (format!("names:{KEY}"), CodeKeysError::Empty),
            (format!("k1:{KEY},names:{KEY},names:{KEY}"), CodeKeysError::Duplicate),
        ] {
            assert_eq!(text.parse::<CodeKeys>().err(), Some(error), "{text}");
        }
    }

    #[test]
    fn i7_debug_names_keys_and_shows_none() {
        let keys: CodeKeys = format!("k2:{KEY},k1:{KEY},names:{KEY}").parse().unwrap();
        assert_eq!(format!("{keys:?}"), "CodeKeys([k2, k1])");
    }
}
