//! App clients, and what each is allowed.

use core::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::fault::Fault;
use crate::{pool::UserPool, tokens::TokenIssuer};

/// One app client of the pool (Cognito: `UserPoolClient`): the loop it signs people in by, and the tokens it gets.
///
/// The pool's settings are the client's own, such as
/// [`PreventUserExistenceErrors`](crate::pool::PreventUserExistenceErrors). All clients of a pool share its stores and its triggers.
#[derive(Clone)]
pub struct AppClient {
    pub(super) pool: UserPool,
    pub(super) issuer: TokenIssuer,
    secret: Option<Zeroizing<String>>,
}

impl AppClient {
    /// A public client: a page or an app, which cannot keep a secret.
    #[must_use]
    pub const fn new(pool: UserPool, issuer: TokenIssuer) -> Self {
        Self { pool, issuer, secret: None }
    }

    /// A client with a secret, which must come with every call that names it (Cognito: `SECRET_HASH`).
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Zeroizing::new(secret.into()));
        self
    }

    /// The client's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.pool.client_id()
    }

    /// Whether `hash` is Base64(HMAC-SHA-256(secret, user name + client id)) for one of these names (Developer Guide, "Computing
    /// secret hash values"): as it was typed, or the pool's own. A client without a secret needs none.
    pub(super) fn check_hash(&self, hash: Option<&str>, names: &[&str]) -> Result<(), Fault> {
        let Some(secret) = &self.secret else { return Ok(()) };
        let given = hash.and_then(|hash| BASE64.decode(hash.as_bytes()).ok()).unwrap_or_default();
        let matches = |name: &&str| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
            mac.update(name.as_bytes());
            mac.update(self.id().as_bytes());
            mac.verify_slice(&given).is_ok()
        };
        if names.iter().any(matches) { Ok(()) } else { Err(self.wrong_secret()) }
    }

    /// The same where the pool's own name is not at hand: it is looked for only if it is needed.
    pub(super) fn check_hash_or(
        &self,
        hash: Option<&str>,
        typed: &str,
        own: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        if self.secret.is_none() { Ok(()) } else { self.check_hash(hash, &[typed, &own()]) }
    }

    /// The same where a call carries the secret itself (`GetTokensFromRefreshToken`, `RevokeToken`).
    pub(super) fn check_secret(&self, given: Option<&str>) -> Result<(), Fault> {
        let Some(secret) = &self.secret else { return Ok(()) };
        if bool::from(given.unwrap_or_default().as_bytes().ct_eq(secret.as_bytes())) {
            Ok(())
        } else {
            Err(self.wrong_secret())
        }
    }

    fn wrong_secret(&self) -> Fault {
        Fault::new("NotAuthorizedException", format!("Unable to verify secret hash for client {}", self.id()))
    }
}

impl fmt::Debug for AppClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppClient").field("id", &self.id()).finish_non_exhaustive()
    }
}
