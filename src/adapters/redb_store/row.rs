//! An account as it is written.

use serde::{Deserialize, Serialize};

use crate::{
    ports::{Subscriber, UserStatus},
    types::Timestamp,
};

/// An account, and what its password is checked with.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) subscriber: Subscriber,
    pub(super) password: Option<[u8; 32]>,
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
    password: Option<[u8; 32]>,
}

/// Being switched off is no status of Cognito's own, so its name is ours.
const DISABLED: &str = "DISABLED";

impl Account {
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let Subscriber { phone, status, .. } = &self.subscriber;
        let row = Row {
            phone: phone.e164(),
            status: if *status == UserStatus::Disabled { DISABLED } else { status.as_cognito() }.into(),
            phone_verified: self.subscriber.phone_verified,
            was_verified: self.subscriber.was_verified,
            created_at: self.subscriber.created_at.as_unix_millis(),
            last_success: self.subscriber.last_success.map(Timestamp::as_unix_millis),
            tokens_not_before: self.subscriber.tokens_not_before.map(Timestamp::as_unix_millis),
            password: self.password,
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
        Some(Self { subscriber, password: row.password })
    }
}
