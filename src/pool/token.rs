//! Cognito's opaque `Session` string.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;

use super::{
    flow::Flow,
    seal::{Keyring, NONCE},
};

/// What a client hands back with its answer (Cognito: `Session`): opaque, good for one answer, one user, one pool and
/// one client, for a few minutes.
///
/// It carries the results so far and the private parameters of the open challenge, sealed with XChaCha20-Poly1305 and
/// bound to pool and client. It is never shorter than 20 characters, which SDKs demand. Its length is rounded up, so
/// that it is the same for known and unknown users in equal rounds.
#[derive(Clone, Eq, PartialEq)]
pub struct SessionToken(String);

impl SessionToken {
    /// The text, as it travels. Whoever has it can answer in its owner's place.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn seal(flow: &Flow, keys: &Keyring, nonce: [u8; NONCE], context: &[u8]) -> Option<Self> {
        keys.seal(nonce, context, flow.encode()?).map(|sealed| Self::of(&sealed))
    }

    pub(super) fn of(sealed: &[u8]) -> Self {
        Self(BASE64URL_NOPAD.encode(sealed))
    }

    pub(super) fn open(&self, keys: &Keyring, context: &[u8]) -> Option<Flow> {
        let sealed = BASE64URL_NOPAD.decode(self.0.as_bytes()).ok()?;
        Flow::decode(&keys.open(&sealed, context)?)
    }
}

impl From<String> for SessionToken {
    /// Takes what a client sent; whether it is a token shows when it is answered.
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for SessionToken {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionToken({} characters)", self.0.len())
    }
}

/// What a token is for. One for the one is none for the other.
#[derive(Clone, Copy)]
pub(super) enum Use {
    /// Answering a challenge.
    Session,
    /// Signing in after a sign-up was confirmed.
    Continuation,
    /// Proving a password.
    #[cfg(feature = "passwords")]
    Password,
    /// Renewing tokens.
    Refresh,
    /// Confirming a sign-up, as whoever signed up.
    SignUp,
}

/// What a token is bound to beside its key.
pub(super) fn context(of: Use, pool: &str, client: &str) -> Vec<u8> {
    let mut context = match of {
        Use::Session => b"custom-auth/session/2".to_vec(),
        Use::Continuation => b"custom-auth/continuation/1".to_vec(),
        #[cfg(feature = "passwords")]
        Use::Password => b"custom-auth/password/1".to_vec(),
        Use::Refresh => b"custom-auth/refresh/1".to_vec(),
        Use::SignUp => b"custom-auth/sign-up/1".to_vec(),
    };
    for part in [pool, client] {
        context.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.extend_from_slice(part.as_bytes());
    }
    context
}
