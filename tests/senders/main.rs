//! Senders of AWS: requests as they go out, answers as the service's API reference has them, and a stub on loopback that is slow, silent
//! or gone.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod end_user_messaging;
mod sns;
mod stub;

use core::error::Error as _;

use custom_auth::{SendError, SendReceipt, SmsBody, SmsMessage, SmsSender};

/// A text that holds what form and JSON must escape.
const TEXT: &str = "482913 is your code & it expires in 5 min.\n@example.com #482913";
const US: &str = "+15550100123";
const INDIA: &str = "+919999900001";

fn message(to: &str) -> SmsMessage {
    SmsMessage::new(to.parse().unwrap(), SmsBody::new(TEXT.to_owned()))
}

/// Sends, waiting no longer than an engine would.
fn send(sender: &impl SmsSender, to: &str) -> Option<Result<SendReceipt, SendError>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let message = message(to);
    runtime.block_on(async {
        tokio::time::timeout(core::time::Duration::from_secs(3), sender.send(&message)).await.ok()
    })
}

/// What an error means, and what it shows.
fn told(outcome: Option<Result<SendReceipt, SendError>>) -> (&'static str, String) {
    let error = outcome.expect("it ends in time").expect_err("it fails");
    let shown = error.source().expect("a cause").to_string();
    for secret in ["482913", &US[2..], &INDIA[3..]] {
        assert!(
            !format!("{error} {error:?} {shown}").contains(secret),
            "an error that shows {secret}: {error:?}"
        );
    }
    let meaning = match error {
        SendError::Refused(_) => "refused",
        SendError::TryAnother(_) => "try another",
        SendError::Unknown(_) => "unknown",
        _ => "?",
    };
    (meaning, shown)
}
