//! The keys that session tokens are sealed with.

use core::{fmt, str::FromStr};

use chacha20poly1305::{AeadInOut as _, KeyInit as _, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key that seals session tokens: 32 bytes, from the operating system's source, shared by every process that drives
/// the pool. Whoever holds it can read a token's history and forge one; keep it as you keep the code keys, but not the
/// same bytes.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; 32]>);

/// The text is not a key. It never repeats key material.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a seal key is 32 bytes, written in base64")]
#[non_exhaustive]
pub struct SealKeyError;

impl SealKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn from_bytes(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }

    fn mac(&self) -> Option<Hmac<Sha256>> {
        Hmac::new_from_slice(&*self.0).ok()
    }
}

impl FromStr for SealKey {
    type Err = SealKeyError;

    /// Reads standard base64 (RFC 4648 section 4).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim().as_bytes()).map_err(|_| SealKeyError)?);
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| SealKeyError)?;
        Ok(Self::from_bytes(key))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// Every key of a pool: one seals, all open, one makes names.
#[derive(Debug)]
pub(super) struct Keyring {
    pub(super) sealing: SealKey,
    pub(super) opening: Vec<SealKey>,
    pub(super) names: Option<SealKey>,
}

/// A nonce that is drawn at random needs XChaCha20-Poly1305's 192 bits: 2^-32 odds of a repeat after 2^80 tokens.
pub(super) const NONCE: usize = 24;
const TAG: usize = 16;

impl Keyring {
    /// Seals `plain` into nonce, ciphertext and tag. `None` cannot happen below 256 GiB.
    pub(super) fn seal(
        &self,
        nonce: [u8; NONCE],
        context: &[u8],
        plain: Zeroizing<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&plain);
        let body = sealed.get_mut(NONCE..)?;
        let tag =
            self.sealing.cipher().encrypt_inout_detached(&XNonce::from(nonce), context, body.into()).ok()?;
        sealed.extend_from_slice(&tag);
        Some(sealed)
    }

    /// Opens what a listed key sealed under the same context; `None` for anything else.
    pub(super) fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (body, tag) = rest.split_last_chunk::<TAG>()?;
        core::iter::once(&self.sealing).chain(&self.opening).find_map(|key| {
            let mut plain = Zeroizing::new(body.to_vec());
            let opened = key.cipher().decrypt_inout_detached(
                &XNonce::from(*nonce),
                context,
                plain.as_mut_slice().into(),
                tag.into(),
            );
            opened.is_ok().then_some(plain)
        })
    }

    /// 64 bits that stand for (`half`, `pool`, `name`), the same each time and unknown to whoever lacks the key.
    pub(super) fn made_up(&self, half: u8, pool: &str, name: &str) -> Option<u64> {
        let mut mac = self.names.as_ref().unwrap_or(&self.sealing).mac()?;
        mac.update(b"custom-auth/unknown-user/2");
        mac.update(&[half]);
        // Behind its length, so that no two pairs look the same.
        mac.update(&u64::try_from(pool.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(pool.as_bytes());
        mac.update(name.as_bytes());
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        full.first_chunk::<8>().map(|bits| u64::from_be_bytes(*bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(sealing: u8, opening: &[u8]) -> Keyring {
        let key = |byte: u8| SealKey::from_bytes(&[byte; 32]);
        Keyring { sealing: key(sealing), opening: opening.iter().copied().map(key).collect(), names: None }
    }

    #[test]
    fn what_is_sealed_opens_with_every_listed_key_in_the_same_context_only() {
        let plain = || Zeroizing::new(b"history".to_vec());
        let sealed = ring(1, &[]).seal([9; NONCE], b"here", plain()).unwrap();
        assert_eq!(ring(1, &[]).open(&sealed, b"here"), Some(plain()));
        assert_eq!(ring(2, &[3, 1]).open(&sealed, b"here"), Some(plain()));
        assert_eq!(ring(2, &[3]).open(&sealed, b"here"), None);
        assert_eq!(ring(1, &[]).open(&sealed, b"there"), None);
    }

    #[test]
    fn a_text_that_is_too_short_to_be_sealed_is_refused() {
        for len in 0..NONCE + TAG {
            assert_eq!(ring(1, &[]).open(&vec![0; len], b""), None);
        }
    }

    #[test]
    fn i7_a_key_shows_nothing() {
        assert_eq!(format!("{:?}", SealKey::from_bytes(&[65; 32])), "SealKey(…)");
        assert_eq!("QUFB".parse::<SealKey>().err(), Some(SealKeyError));
        assert!(BASE64.encode(&[65; 32]).parse::<SealKey>().is_ok());
    }
}
