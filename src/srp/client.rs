//! The other side, as clients of Cognito have it: for tests, a host's own too.

use hmac::Mac as _;

use super::{
    group::{self, Element},
    handshake::{Claim, SessionKey, scrambler},
    verifier::secret,
};
use crate::types::Password;

pub(crate) fn public(secret: &[u8; 32]) -> Vec<u8> {
    group::bytes(&group::power_of_two(&group::exponent(secret))).to_vec()
}

/// The key that the client works out of the password and what it was told.
pub(crate) fn key(
    (realm, user_name, password): (&str, &str, &Password),
    own: &[u8; 32],
    (salt, b): (&[u8], &[u8; group::LEN]),
) -> Option<SessionKey> {
    let (u, x) = (scrambler(&public(own), b), secret(realm, user_name, password, salt));
    let base: Element = group::element(b) - group::multiplier() * group::power_of_two(&group::exponent(&x));
    let shared = base.pow(&group::exponent(own)) * base.pow(&group::exponent(&u)).pow(&group::exponent(&x));
    SessionKey::of(&group::bytes(&shared), &u)
}

pub(crate) fn sign(key: &SessionKey, claim: &Claim<'_>) -> Option<Vec<u8>> {
    Some(key.mac(claim)?.finalize().into_bytes().to_vec())
}
