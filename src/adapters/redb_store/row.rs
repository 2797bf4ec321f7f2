//! An account as it is written.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::{
    ports::{KeptPassword, Subscriber, UserStatus},
    types::{PasswordVerifier, Timestamp},
};

/// An account, and what is kept of its password.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Account {
    pub(super) subscriber: Subscriber,
    pub(super) password: Option<KeptPassword>,
}

/// Times are milliseconds since the epoch. A member that is added later has a default.
#[derive(Deserialize, Serialize)]
struct Row<'a> {
    phone: &'a str,
    #[serde(borrow)]
    status: std::borrow::Cow<'a, str>,
    phone_verified: bool,
    was_verified: bool,
    created_at: i64,
    last_success: Option<i64>,
    tokens_not_before: Option<i64>,
    /// Of a random one.
    password: Option<[u8; 32]>,
    /// Of one that somebody chose, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verifier: Option<String>,
}

/// Being switched off is no status of Cognito's own, so its name is ours.
const DISABLED: &str = "DISABLED";

impl Account {
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let Subscriber { phone, status, .. } = &self.subscriber;
        let (password, verifier) = match &self.password {
            None => (None, None),
            Some(KeptPassword::Random(kept)) => (Some(*kept), None),
            Some(KeptPassword::Chosen(kept)) => (None, Some(BASE64.encode(kept.as_bytes()))),
        };
        let row = Row {
            phone: phone.e164(),
            status: if *status == UserStatus::Disabled { DISABLED } else { status.as_cognito() }.into(),
            phone_verified: self.subscriber.phone_verified,
            was_verified: self.subscriber.was_verified,
            created_at: self.subscriber.created_at.as_unix_millis(),
            last_success: self.subscriber.last_success.map(Timestamp::as_unix_millis),
            tokens_not_before: self.subscriber.tokens_not_before.map(Timestamp::as_unix_millis),
            password,
            verifier,
        };
        serde_json::to_vec(&row).ok()
    }

    /// `None` for anything but what was written.
    pub(super) fn read(user_name: &str, bytes: &[u8]) -> Option<Self> {
        let row: Row<'_> = serde_json::from_slice(bytes).ok()?;
        let status = match &*row.status {
            DISABLED => UserStatus::Disabled,
            other => UserStatus::from_cognito(other),
        };
        let moment = Timestamp::from_unix_millis;
        let made =
            Subscriber::new(user_name.to_owned(), row.phone.parse().ok()?, status, moment(row.created_at));
        let subscriber = Subscriber {
            phone_verified: row.phone_verified,
            was_verified: row.was_verified,
            last_success: row.last_success.map(moment),
            tokens_not_before: row.tokens_not_before.map(moment),
            ..made
        };
        let chosen = match row.verifier {
            Some(text) => Some(PasswordVerifier::from_bytes(&BASE64.decode(text.as_bytes()).ok()?)?),
            None => None,
        };
        let password = chosen.map(KeptPassword::Chosen).or_else(|| row.password.map(KeptPassword::Random));
        Some(Self { subscriber, password })
    }
}
