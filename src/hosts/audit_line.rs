//! One event, as hosts write it for whoever runs them.

use data_encoding::HEXLOWER;

use crate::ports::AuditEvent;

/// The members of an event: it names nobody, as the event does not.
pub(super) fn line(event: &AuditEvent) -> serde_json::Value {
    serde_json::json!({
        "at": event.at.as_unix_millis(),
        "what": format!("{:?}", event.occurrence),
        "account": event.account.map(|account| HEXLOWER.encode(account.as_bytes())),
        "phone": event.phone.map(|phone| phone.to_string()),
        "round": event.round,
    })
}
