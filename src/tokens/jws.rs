//! JSON Web Signatures in compact form, RS256 alone (RFC 7515 section 3.1; RFC 7518 section 3.3).
//!
//! Written here and not taken from a JWT library: those read the private key anew for every signature, which makes one half as dear
//! again, or pick their cryptography for the whole process. What is left of the format is three base64url parts.

use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::{SigningKey, TokenError};

/// No token of ours is near it, and nothing longer is looked at.
const LONGEST: usize = 16_384;

/// Signs `claims`. Takes a quarter of a millisecond: not on a thread that many wait for.
pub(super) fn sign(key: &SigningKey, claims: &impl Serialize) -> Result<String, TokenError> {
    let claims = serde_json::to_vec(claims).map_err(|_| TokenError::Claims)?;
    let pair = key.pair();
    let mut signature = vec![0; pair.public_modulus_len()];
    let lengths = BASE64URL_NOPAD.encode_len(claims.len()) + BASE64URL_NOPAD.encode_len(signature.len());
    let mut token = String::with_capacity(key.head().len() + lengths + 1);
    token.push_str(key.head());
    BASE64URL_NOPAD.encode_append(&claims, &mut token);
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .map_err(|_| TokenError::Sign)?;
    token.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut token);
    Ok(token)
}

/// What a token of one of these keys says; `None` for anything else.
///
/// The header is compared to the one that each key writes, not read: there is no algorithm to choose, so none can be chosen wrongly (RFC
/// 8725 section 3.1).
pub(super) fn open(token: &str, keys: &[SigningKey]) -> Option<Vec<u8>> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (key, claims) = keys.iter().find_map(|key| Some((key, signed.strip_prefix(key.head())?)))?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    key.public().verify_sig(signed.as_bytes(), &signature).ok()?;
    BASE64URL_NOPAD.decode(claims.as_bytes()).ok()
}
