//! The server's side: a public value for the client's, and the key that both then have.

use core::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::group;
use crate::types::PasswordVerifier;

/// What the client is told, and what it must show to know.
pub(crate) struct Offer {
    /// The server's public value: *B*, in hexadecimal.
    pub(crate) srp_b: String,
    /// The user's salt, in hexadecimal.
    pub(crate) salt: String,
    pub(crate) key: SessionKey,
}

/// The key that client and server share if the client knows the password.
#[derive(Clone)]
pub(crate) struct SessionKey(Zeroizing<[u8; Self::LEN]>);

/// What a client says to show that it has the key.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) realm: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) secret_block: &'a [u8],
    /// When, in the client's words; both sign the same.
    pub(crate) timestamp: &'a str,
    pub(crate) signature: &'a [u8],
}

/// Answers the client's public value *A*, in hexadecimal. `secret` is random, and new each time: *b*. `None` if *A* is no such value:
/// none at all, too long, or a multiple of the prime, which would fix the key whatever the password is (RFC 5054, section 2.5.4).
pub(crate) fn offer(srp_a: &str, verifier: &PasswordVerifier, secret: &Zeroizing<[u8; 32]>) -> Option<Offer> {
    let a = number(srp_a)?;
    let public = group::element(&a);
    if group::bytes(&public) == [0; group::LEN] {
        return None;
    }
    let (secret, value) = (group::exponent(secret), group::element(&verifier.value()));
    let b = group::bytes(&(group::multiplier() * value + group::power_of_two(&secret)));
    let scrambler = scrambler(&a, &b);
    let shared = (public * value.pow(&group::exponent(&scrambler))).pow(&secret);
    Some(Offer {
        srp_b: HEXLOWER.encode(&b),
        salt: HEXLOWER.encode(&verifier.salt()),
        key: SessionKey::of(&Zeroizing::new(group::bytes(&shared)), &scrambler)?,
    })
}

/// The hash that ties the key to both public values: *u*.
pub(super) fn scrambler(a: &[u8], b: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [a, b] {
        group::shortest(part, |part| hash.update(part));
    }
    hash.finalize().into()
}

/// Clients write a number without leading zeros, so its digits may be odd in number.
fn number(hex: &str) -> Option<[u8; group::LEN]> {
    // One more zero in front says of some clients' numbers that they are not negative.
    let hex = if hex.len() > 2 * group::LEN { hex.trim_start_matches('0') } else { hex };
    if hex.is_empty() || hex.len() > 2 * group::LEN {
        return None;
    }
    let padded = format!("{hex:0>width$}", width = 2 * group::LEN);
    HEXLOWER_PERMISSIVE.decode(padded.as_bytes()).ok()?.try_into().ok()
}

impl SessionKey {
    /// How many bytes it has.
    pub(crate) const LEN: usize = 16;

    /// HKDF (RFC 5869) over the shared secret, salted with the scrambler; the first block is all that is needed.
    pub(super) fn of(shared: &[u8; group::LEN], scrambler: &[u8; 32]) -> Option<Self> {
        let mut salt = Vec::with_capacity(scrambler.len() + 1);
        group::shortest(scrambler, |part| salt.extend_from_slice(part));
        let mut extract = Hmac::<Sha256>::new_from_slice(&salt).ok()?;
        group::shortest(shared, |part| extract.update(part));
        let pseudorandom: Zeroizing<[u8; 32]> = Zeroizing::new(extract.finalize().into_bytes().into());
        let mut expand = Hmac::<Sha256>::new_from_slice(&*pseudorandom).ok()?;
        expand.update(b"Caldera Derived Key");
        expand.update(&[1]);
        let block: Zeroizing<[u8; 32]> = Zeroizing::new(expand.finalize().into_bytes().into());
        block.first_chunk().map(|key| Self(Zeroizing::new(*key)))
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Whether whoever claims has the key. Compared in constant time.
    pub(crate) fn signed(&self, claim: &Claim<'_>) -> bool {
        self.mac(claim).is_some_and(|mac| mac.verify_slice(claim.signature).is_ok())
    }

    pub(super) fn mac(&self, claim: &Claim<'_>) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.as_bytes()).ok()?;
        mac.update(claim.realm.as_bytes());
        mac.update(claim.user_name.as_bytes());
        mac.update(claim.secret_block);
        mac.update(claim.timestamp.as_bytes());
        Some(mac)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}
