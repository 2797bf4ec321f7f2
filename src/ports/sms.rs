//! Text messages.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::BoxError;
use crate::types::{PhoneNumber, SmsBody};

/// One message to one phone, made by the engine for one call of [`SmsSender::send`].
#[derive(Debug)]
#[non_exhaustive]
pub struct SmsMessage {
    /// To whom.
    pub to: PhoneNumber,
    /// The text. It holds the code.
    pub body: SmsBody,
}

impl SmsMessage {
    /// One message.
    #[must_use]
    pub const fn new(to: PhoneNumber, body: SmsBody) -> Self {
        Self { to, body }
    }
}

/// The provider took the message. Whether it arrives is another matter, and not waited for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SendReceipt {
    /// The provider's own id of the message, for its delivery reports.
    pub provider_id: Option<String>,
}

impl SendReceipt {
    /// A receipt with the provider's id of the message, if it gave one.
    #[must_use]
    pub const fn new(provider_id: Option<String>) -> Self {
        Self { provider_id }
    }
}

/// The provider did not take the message, or nobody knows. Never repeats the number or the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Refused for good: no sender will do better (no such number, opted out).
    #[error("the sms provider refused the message for good")]
    Refused(#[source] BoxError),
    /// Certainly not sent; another sender may do better.
    #[error("the sms provider did not take the message")]
    TryAnother(#[source] BoxError),
    /// It may have been sent. Counts as sent and is not tried again in the same act.
    #[error("the sms provider did not say whether it took the message")]
    Unknown(#[source] BoxError),
}

/// Delivers a text message (NIST SP 800-63B: the secondary channel).
///
/// # Contract
///
/// One call, at most one message: no retry inside that could send twice. A failure after the request has left is
/// [`SendError::Unknown`]. Never log or keep the body, and log the number masked only: whoever reads the body can
/// sign in. Dropping the future may leave the message sent or not: the engine waits at most the policy's `send_window`, 1.5 s
/// by default, connection included, and then counts it as sent. Keep a client's own time-out below that.
#[async_trait]
pub trait SmsSender: Debug + Send + Sync + 'static {
    /// Hands `message` to the provider.
    ///
    /// # Errors
    /// [`SendError`], which says whether it may have been sent.
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: SmsSender + ?Sized> SmsSender for $pointer {
            async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
                (**self).send(message).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
