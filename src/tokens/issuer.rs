//! Issuing tokens, and reading them again.

use core::fmt;

use time::Duration;

use super::{
    AccessClaims, Grant, TokenKeys,
    claims::{self, Parties, seconds},
    jws,
};
use crate::types::Timestamp;

/// Issues id and access tokens of one pool to one app client, and knows its own again.
///
/// ```
/// use custom_auth::{PhoneNumber, Timestamp};
/// use custom_auth::tokens::{Grant, TokenIssuer, TokenKeys};
///
/// let keys = TokenKeys::generate()?; // once; then kept
/// let issuer = TokenIssuer::new("https://auth.example.com/local_CustomAuth", "customauth", keys);
/// let (phone, now) = ("+919999900001".parse::<PhoneNumber>()?, Timestamp::from_unix_millis(1_790_000_000_000));
/// let grant = Grant::new("0588acd1-0000-4000-8000-000000000001", &phone, now, "origin", "event");
/// let tokens = issuer.issue(&grant, ["id's own", "access token's own"], now)?;
/// assert_eq!(issuer.open_access(tokens.access(), now).ok_or("not ours")?.user_name, grant.user_name);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenIssuer {
    issuer: String,
    client_id: String,
    keys: TokenKeys,
    lifetimes: TokenLifetimes,
}

/// How long tokens are good for: five minutes to a day, an hour unless said otherwise (Cognito: `IdTokenValidity`,
/// `AccessTokenValidity`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenLifetimes {
    id: Duration,
    access: Duration,
}

/// No token was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// What it should say cannot be written.
    #[error("the claims of a token cannot be written")]
    Claims,
    /// Not five minutes to a day.
    #[error("tokens are good for 5 minutes to 24 hours")]
    Lifetime,
    /// The signature failed.
    #[error("a token could not be signed")]
    Sign,
}

impl TokenLifetimes {
    /// Of id tokens, and of access tokens.
    ///
    /// # Errors
    /// [`TokenError::Lifetime`].
    pub fn new(id: Duration, access: Duration) -> Result<Self, TokenError> {
        let allowed = Duration::minutes(5)..=Duration::hours(24);
        if allowed.contains(&id) && allowed.contains(&access) {
            Ok(Self { id, access })
        } else {
            Err(TokenError::Lifetime)
        }
    }

    /// Of id tokens.
    #[must_use]
    pub const fn id(&self) -> Duration {
        self.id
    }

    /// Of access tokens.
    #[must_use]
    pub const fn access(&self) -> Duration {
        self.access
    }
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self { id: Duration::HOUR, access: Duration::HOUR }
    }
}

impl TokenIssuer {
    /// `issuer` is the address below which `/.well-known/jwks.json` is found; on Cognito
    /// `https://cognito-idp.{region}.amazonaws.com/{poolId}`.
    #[must_use]
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>, keys: TokenKeys) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            keys,
            lifetimes: TokenLifetimes::default(),
        }
    }

    /// With these lifetimes.
    #[must_use]
    pub const fn lifetimes(mut self, lifetimes: TokenLifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// Who issues (`iss`).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys.
    #[must_use]
    pub const fn keys(&self) -> &TokenKeys {
        &self.keys
    }

    /// Signs both tokens: two RSA signatures, half a millisecond, so not on a thread that many wait for. `jtis` are two UUIDs
    /// of their own, for the id and the access token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn issue(
        &self,
        grant: &Grant<'_>,
        [id, access]: [&str; 2],
        now: Timestamp,
    ) -> Result<IssuedTokens, TokenError> {
        let to = Parties { issuer: &self.issuer, client_id: &self.client_id };
        let [id_key, ..] = self.keys.id.as_slice() else { return Err(TokenError::Sign) };
        let [access_key, ..] = self.keys.access.as_slice() else { return Err(TokenError::Sign) };
        Ok(IssuedTokens {
            id: jws::sign(id_key, &claims::id(grant, &to, &self.lifetimes, id, now))?,
            access: jws::sign(access_key, &claims::access(grant, &to, &self.lifetimes, access, now))?,
            expires_in: self.lifetimes.access.whole_seconds(),
        })
    }

    /// Reads an access token of this issuer and client that has not expired; `None` for anything else, id tokens among it.
    #[must_use]
    pub fn open_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let claims: AccessClaims = serde_json::from_slice(&jws::open(token, &self.keys.access)?).ok()?;
        let ours = claims.iss == self.issuer && claims.client_id == self.client_id;
        (ours && claims.token_use == "access" && seconds(now) < claims.exp).then_some(claims)
    }
}

/// Two tokens. `Debug` does not show them: whoever has them is signed in.
#[derive(Clone)]
pub struct IssuedTokens {
    id: String,
    access: String,
    expires_in: i64,
}

impl IssuedTokens {
    /// The id token: who it is.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The access token: what they may do.
    #[must_use]
    pub fn access(&self) -> &str {
        &self.access
    }

    /// For how many seconds the access token is good.
    #[must_use]
    pub const fn expires_in(&self) -> i64 {
        self.expires_in
    }
}

impl fmt::Debug for IssuedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedTokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
