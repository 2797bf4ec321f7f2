//! Making a verifier, and checking a password that was sent against one.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::group;
use crate::types::{Password, PasswordVerifier};

/// What is kept of this user's password. `salt` is random, and new for each password.
pub(crate) fn verifier_of(
    realm: &str,
    user_name: &str,
    password: &Password,
    salt: [u8; PasswordVerifier::SALT],
) -> PasswordVerifier {
    let secret = secret(realm, user_name, password, &salt);
    let value = group::power_of_two(&group::exponent(&secret));
    PasswordVerifier::from_parts(salt, group::bytes(&value))
}

/// Whether the verifier is this password's: one exponentiation, whatever the answer.
pub(crate) fn is_of(verifier: &PasswordVerifier, realm: &str, user_name: &str, password: &Password) -> bool {
    verifier_of(realm, user_name, password, verifier.salt()) == *verifier
}

/// What only whoever knows the password can work out: *x* in the RFC.
pub(super) fn secret(realm: &str, user_name: &str, password: &Password, salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut inner = Sha256::new();
    for part in [realm, user_name, ":", password.expose_secret()] {
        inner.update(part);
    }
    let inner: Zeroizing<[u8; 32]> = Zeroizing::new(inner.finalize().into());
    let mut outer = Sha256::new();
    group::shortest(salt, |part| outer.update(part));
    outer.update(*inner);
    Zeroizing::new(outer.finalize().into())
}
