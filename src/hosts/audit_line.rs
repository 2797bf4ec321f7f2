//! One event, as hosts write it for whoever runs them.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use crate::ports::AuditEvent;

/// The members of an event: it names nobody, as the event does not.
pub(super) fn line(event: &AuditEvent) -> Map<String, Value> {
    let account = event.account.map(|account| HEXLOWER.encode(account.as_bytes()));
    let members = [
        ("at", event.at.as_unix_millis().into()),
        ("what", format!("{:?}", event.occurrence).into()),
        ("account", account.into()),
        ("phone", event.phone.map(|phone| phone.to_string()).into()),
        ("round", event.round.into()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
