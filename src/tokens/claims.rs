//! What tokens say.

use core::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::TokenLifetimes;
use crate::types::{PhoneNumber, Timestamp};

/// Who is signed in, since when and by which sign-in: what id and access token have in common, now and after each refresh.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Grant<'a> {
    /// The account's name; `sub` too, as in a pool where people sign in by number.
    pub user_name: &'a str,
    /// Its number.
    pub phone: &'a PhoneNumber,
    /// Whether the number is proven.
    pub phone_verified: bool,
    /// Its groups (`cognito:groups`); none are not mentioned.
    pub groups: &'a [String],
    /// When the sign-in was; stays through refreshes.
    pub auth_time: Timestamp,
    /// Which sign-in it was (`origin_jti`): a UUID that all its tokens share, so that they can be revoked together.
    pub origin: &'a str,
    /// Which call this is (`event_id`): a UUID.
    pub event: &'a str,
    /// What a trigger adds and takes away.
    pub changes: Option<&'a ClaimsOverride>,
}

impl<'a> Grant<'a> {
    /// Somebody without groups whose number is proven.
    #[must_use]
    pub const fn new(
        user_name: &'a str,
        phone: &'a PhoneNumber,
        auth_time: Timestamp,
        origin: &'a str,
        event: &'a str,
    ) -> Self {
        Self { user_name, phone, phone_verified: true, groups: &[], auth_time, origin, event, changes: None }
    }
}

// A user name may be a phone number.
impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What Pre Token Generation wants changed, for both tokens.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClaimsOverride {
    /// Of the id token.
    pub id: ClaimsChange,
    /// Of the access token.
    pub access: ClaimsChange,
    /// The groups in place of those of the [`Grant`].
    pub groups: Option<Vec<String>>,
}

/// What is changed in one token.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClaimsChange {
    /// Added, or put in the place of what is there.
    pub add: Map<String, Value>,
    /// Taken away; stronger than `add`.
    pub suppress: Vec<String>,
    /// Scopes to add; of the access token alone.
    pub scopes_to_add: Vec<String>,
    /// Scopes to take away; of the access token alone.
    pub scopes_to_suppress: Vec<String>,
}

/// What no trigger may change (Developer Guide, "Pre token generation Lambda trigger").
const FIXED: [&str; 23] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "client_id",
    "cognito:username",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
    "version",
];

/// What the service lets its own API do with an access token.
const SCOPE: &str = "aws.cognito.signin.user.admin";

/// An access token that was issued here and has not expired. Whether its sign-in was revoked since is not in it.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct AccessClaims {
    /// The account's name.
    #[serde(rename = "username")]
    pub user_name: String,
    /// Which sign-in it comes from.
    #[serde(rename = "origin_jti")]
    pub origin: String,
    /// When that was, in seconds since the epoch.
    pub auth_time: i64,
    /// What it allows, apart by spaces.
    pub scope: String,
    pub(super) client_id: String,
    pub(super) exp: i64,
    pub(super) iss: String,
    pub(super) token_use: String,
}

impl AccessClaims {
    /// Whether it allows its bearer to read and change its own account.
    #[must_use]
    pub fn is_for_self_service(&self) -> bool {
        self.scope.split(' ').any(|scope| scope == SCOPE)
    }
}

impl fmt::Debug for AccessClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessClaims").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Who issues, to whom.
pub(super) struct Parties<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
}

pub(super) fn id(
    grant: &Grant<'_>,
    to: &Parties<'_>,
    lives: &TokenLifetimes,
    jti: &str,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims = common(grant, to, "id", jti, now, now + lives.id());
    let change = grant.changes.map(|changes| &changes.id);
    claims.insert("phone_number".to_owned(), grant.phone.e164().into());
    claims.insert("phone_number_verified".to_owned(), grant.phone_verified.into());
    override_with(&mut claims, change);
    claims.insert("aud".to_owned(), to.client_id.into());
    claims.insert("cognito:username".to_owned(), grant.user_name.into());
    claims
}

pub(super) fn access(
    grant: &Grant<'_>,
    to: &Parties<'_>,
    lives: &TokenLifetimes,
    jti: &str,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims = common(grant, to, "access", jti, now, now + lives.access());
    let change = grant.changes.map(|changes| &changes.access);
    override_with(&mut claims, change);
    claims.insert("client_id".to_owned(), to.client_id.into());
    claims.insert("username".to_owned(), grant.user_name.into());
    claims.insert("scope".to_owned(), scope(change).into());
    claims
}

/// Both tokens' members, in which no trigger has a say but for the groups.
fn common(
    grant: &Grant<'_>,
    to: &Parties<'_>,
    token_use: &str,
    jti: &str,
    now: Timestamp,
    until: Timestamp,
) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    say("sub", grant.user_name.into());
    let groups = grant.changes.and_then(|changes| changes.groups.as_deref()).unwrap_or(grant.groups);
    if !groups.is_empty() {
        say("cognito:groups", groups.into());
    }
    say("iss", to.issuer.into());
    say("origin_jti", grant.origin.into());
    say("event_id", grant.event.into());
    say("token_use", token_use.into());
    say("auth_time", seconds(grant.auth_time).into());
    say("exp", seconds(until).into());
    say("iat", seconds(now).into());
    say("jti", jti.into());
    claims
}

fn override_with(claims: &mut Map<String, Value>, change: Option<&ClaimsChange>) {
    let Some(change) = change else { return };
    let free = |name: &&String| !FIXED.contains(&name.as_str());
    for (name, value) in change.add.iter().filter(|(name, _)| free(name)) {
        claims.insert(name.clone(), value.clone());
    }
    for name in change.suppress.iter().filter(free) {
        claims.remove(name);
    }
}

fn scope(change: Option<&ClaimsChange>) -> String {
    let Some(change) = change else { return SCOPE.to_owned() };
    let all = core::iter::once(SCOPE).chain(change.scopes_to_add.iter().map(String::as_str));
    let kept = all.filter(|scope| !change.scopes_to_suppress.iter().any(|gone| gone == scope));
    kept.collect::<Vec<_>>().join(" ")
}

/// Whole seconds since the epoch, which is what tokens count in (RFC 7519, NumericDate).
pub(super) const fn seconds(moment: Timestamp) -> i64 {
    moment.as_unix_millis().div_euclid(1000)
}
