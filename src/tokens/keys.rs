//! The keys that id and access tokens are signed with.

use core::{fmt, str::FromStr};
use std::{collections::BTreeSet, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// One RSA key: signs, and is published.
///
/// Its name (`kid`) is its thumbprint (RFC 7638), so the same key has the same name in every process and after every start.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    pair: KeyPair,
    public: ParsedPublicKey,
    jwk: Jwk,
    /// `{"kid":…,"alg":"RS256"}` in base64url, with the point behind it: what every token of this key begins with.
    head: String,
}

/// A key as `jwks.json` shows it, in Cognito's order.
#[derive(Clone, Serialize)]
pub(super) struct Jwk {
    alg: &'static str,
    e: String,
    pub(super) kid: String,
    kty: &'static str,
    n: String,
    #[serde(rename = "use")]
    purpose: &'static str,
}

/// A key, or a list of them, that cannot be used. It never repeats key material.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenKeysError {
    /// A key is not valid base64 (RFC 4648 section 4).
    #[error("a token key is not base64")]
    Base64,
    /// One key is there twice: each purpose has keys of its own.
    #[error("a token key is there twice")]
    Duplicate,
    /// The operating system's randomness failed.
    #[error("no token key could be made")]
    Generate,
    /// Not the PKCS#8 form of an RSA key of 2048 to 8192 bits.
    #[error("a token key is no RSA key in PKCS#8 form")]
    Key,
    /// There are not two lists of keys.
    #[error("token keys are written id=base64[,base64…];access=base64[,base64…]")]
    Lists,
}

impl SigningKey {
    /// Makes a key of 2048 bits from the operating system's randomness. Takes some 100 ms: call it when a server is set up, and
    /// keep what [`to_pkcs8`](Self::to_pkcs8) gives.
    ///
    /// # Errors
    /// [`TokenKeysError::Generate`].
    pub fn generate() -> Result<Self, TokenKeysError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| TokenKeysError::Generate)?;
        Self::new(pair)
    }

    /// Reads a private key in PKCS#8 form (RFC 5208, DER).
    ///
    /// # Errors
    /// [`TokenKeysError::Key`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, TokenKeysError> {
        Self::new(KeyPair::from_pkcs8(der).map_err(|_| TokenKeysError::Key)?)
    }

    /// The private key in PKCS#8 form. Keep it as you keep the code keys.
    ///
    /// # Errors
    /// [`TokenKeysError::Key`], which does not happen to a key that was read or made.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, TokenKeysError> {
        let der: Pkcs8V1Der<'_> = self.0.pair.as_der().map_err(|_| TokenKeysError::Key)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    fn new(pair: KeyPair) -> Result<Self, TokenKeysError> {
        let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let public =
            parts.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).map_err(|_| TokenKeysError::Key)?;
        let (e, n) = (BASE64URL_NOPAD.encode(&parts.e), BASE64URL_NOPAD.encode(&parts.n));
        let kid = thumbprint(&e, &n);
        let head = BASE64URL_NOPAD.encode(format!(r#"{{"kid":"{kid}","alg":"RS256"}}"#).as_bytes()) + ".";
        let jwk = Jwk { alg: "RS256", e, kid, kty: "RSA", n, purpose: "sig" };
        Ok(Self(Arc::new(Inner { pair, public, jwk, head })))
    }

    /// The name that tokens of this key carry.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.jwk.kid
    }

    pub(super) fn pair(&self) -> &KeyPair {
        &self.0.pair
    }

    pub(super) fn public(&self) -> &ParsedPublicKey {
        &self.0.public
    }

    pub(super) fn head(&self) -> &str {
        &self.0.head
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.kid() == other.kid()
    }
}

impl Eq for SigningKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

/// The keys of a pool: some for id tokens, some for access tokens, as Cognito has them, so that neither passes for the other.
///
/// Of each kind the first signs and all are published and accepted. To rotate: list the new key last everywhere, wait until
/// every verifier has read it (they keep `jwks.json` for a while: a day is enough), move it first everywhere, and drop the old
/// one when the longest token lifetime has passed.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    pub(super) id: Vec<SigningKey>,
    pub(super) access: Vec<SigningKey>,
}

impl TokenKeys {
    /// Makes one key for each kind; see [`SigningKey::generate`].
    ///
    /// # Errors
    /// [`TokenKeysError::Generate`].
    pub fn generate() -> Result<Self, TokenKeysError> {
        Self::new(vec![SigningKey::generate()?], vec![SigningKey::generate()?])
    }

    /// Takes the keys for id tokens and those for access tokens, the signing one first.
    ///
    /// # Errors
    /// [`TokenKeysError::Lists`] if one is empty; [`TokenKeysError::Duplicate`].
    pub fn new(id: Vec<SigningKey>, access: Vec<SigningKey>) -> Result<Self, TokenKeysError> {
        if id.is_empty() || access.is_empty() {
            return Err(TokenKeysError::Lists);
        }
        let keys = Self { id, access };
        let kids: BTreeSet<_> = keys.all().map(SigningKey::kid).collect();
        if kids.len() < keys.all().count() {
            return Err(TokenKeysError::Duplicate);
        }
        Ok(keys)
    }

    /// What verifiers read at `/{poolId}/.well-known/jwks.json` (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> String {
        #[derive(Serialize)]
        struct Jwks<'a> {
            keys: Vec<&'a Jwk>,
        }
        let keys = self.all().map(|key| &key.0.jwk).collect();
        serde_json::to_string(&Jwks { keys }).unwrap_or_default()
    }

    /// The keys as text that [`FromStr`] reads: secret, to be kept in a file that only its owner may read.
    ///
    /// # Errors
    /// As [`SigningKey::to_pkcs8`].
    pub fn to_text(&self) -> Result<Zeroizing<String>, TokenKeysError> {
        let mut text = Zeroizing::new(String::new());
        for (name, keys) in [("id=", &self.id), (";access=", &self.access)] {
            text.push_str(name);
            for (place, key) in keys.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                BASE64.encode_append(&key.to_pkcs8()?, &mut text);
            }
        }
        Ok(text)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &SigningKey> {
        self.id.iter().chain(&self.access)
    }
}

impl FromStr for TokenKeys {
    type Err = TokenKeysError;

    /// Reads `id=base64[,base64…];access=base64[,base64…]`, each key in PKCS#8 form.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, access) = text.trim().split_once(';').ok_or(TokenKeysError::Lists)?;
        Self::new(list(id, "id=")?, list(access, "access=")?)
    }
}

/// RFC 7638 section 3: required members only, in this order, without white space.
pub(super) fn thumbprint(e: &str, n: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)))
}

fn list(text: &str, name: &str) -> Result<Vec<SigningKey>, TokenKeysError> {
    let keys = text.trim().strip_prefix(name).ok_or(TokenKeysError::Lists)?;
    let read = |key: &str| {
        let der = BASE64.decode(key.trim().as_bytes()).map_err(|_| TokenKeysError::Base64)?;
        SigningKey::from_pkcs8(&Zeroizing::new(der))
    };
    keys.split(',').map(read).collect()
}
