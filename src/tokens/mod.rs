//! What a server gives to somebody who is signed in: id and access tokens as Cognito writes them.
//!
//! ```text
//! SignedIn ─► Grant ─► claims ─► JWS, RS256 ─► id token, access token
//!                                    ▲
//!                                TokenKeys ─► jwks.json
//! ```
//!
//! Pure: no clock, no randomness but that of new keys, no store. Refresh tokens are the pool's. Knows types alone.

mod claims;
mod issuer;
mod jws;
mod keys;
#[cfg(test)]
mod tests;

pub use claims::{AccessClaims, ClaimsChange, ClaimsOverride, Grant};
pub use issuer::{IssuedTokens, TokenError, TokenIssuer, TokenLifetimes};
pub use keys::{SigningKey, TokenKeys, TokenKeysError};
