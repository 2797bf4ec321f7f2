//! Secure Remote Password (SRP-6a, RFC 5054) as Cognito and its clients speak it: feature `passwords`.
//!
//! The group is RFC 5054's of 3072 bits; the hash is SHA-256; the session key comes of HKDF (RFC 5869). Where Cognito differs from the
//! RFC, clients are what counts (amazon-cognito-identity-js, `AuthenticationHelper`): numbers are hashed in their shortest form
//! with a leading zero byte if the highest bit is set, and what the RFC calls the user name is the pool's name and the user's, one after the
//! other. Arithmetic on secrets is crypto-bigint's, in constant time. Knows types alone.

mod group;
mod handshake;
mod verifier;

pub(crate) use handshake::{Claim, SessionKey, offer};
pub(crate) use verifier::{is_of, verifier_of};

/// The part of a pool's id that passwords are bound to: what stands behind `_`.
pub(crate) fn realm(pool_id: &str) -> &str {
    pool_id.rsplit_once('_').map_or(pool_id, |(_, name)| name)
}

#[cfg(any(test, feature = "testing"))]
pub(crate) mod client;
#[cfg(test)]
mod tests;
