//! What a call to an AWS service failed with, and what of it may be told: for every adapter of one.

use core::fmt;
#[cfg(any(feature = "end-user-messaging", feature = "sns"))]
use std::io;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

#[cfg(any(feature = "end-user-messaging", feature = "sns"))]
use crate::ports::SendError;

/// A call that did not succeed. It keeps the name of the error and never its text, in which the service may repeat what it was
/// sent, nor the answer's bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CallFailure {
    operation: &'static str,
    code: Option<String>,
    reason: Option<String>,
    status: Option<u16>,
}

impl CallFailure {
    /// What the SDK says of a call.
    pub(crate) fn of<E: ProvideErrorMetadata>(
        operation: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        Self::new(operation, code, status)
    }

    /// One with this name of the error and this HTTP status, if it has them.
    pub(crate) fn new(operation: &'static str, code: Option<&str>, status: Option<u16>) -> Self {
        Self { operation, code: code.and_then(word), reason: None, status }
    }

    /// With what the service gives as the reason, a word of its own.
    #[cfg(feature = "end-user-messaging")]
    pub(crate) fn because(self, reason: Option<&str>) -> Self {
        Self { reason: reason.and_then(word), ..self }
    }

    /// The name of the error, if the service gave one.
    #[cfg(any(feature = "cognito", feature = "dynamodb"))]
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    #[cfg(any(feature = "cognito", feature = "dynamodb"))]
    pub(crate) const fn status(&self) -> Option<u16> {
        self.status
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        match (&self.code, self.status) {
            (Some(code), _) => write!(f, ": {code}")?,
            (None, Some(status)) => write!(f, ": HTTP {status}")?,
            (None, None) => f.write_str(": not done")?,
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}

impl core::error::Error for CallFailure {}

/// A name is a short word; whatever else stands in its place is not repeated.
fn word(text: &str) -> Option<String> {
    let is_word =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_word.then(|| text.to_owned())
}

/// What a text message that was handed to a service has come to, `is_for_good` being what the service answered if it was asked.
///
/// Where an answer is missing the message may have been sent. Where the service says no, or was never reached, it was not.
#[cfg(any(feature = "end-user-messaging", feature = "sns"))]
pub(crate) fn send_failed<E>(
    error: &SdkError<E, HttpResponse>,
    failure: CallFailure,
    is_for_good: bool,
) -> SendError {
    let source = Box::new(failure);
    if let SdkError::ServiceError(answer) = error
        && answer.raw().status().is_client_error()
    {
        return if is_for_good { SendError::Refused(source) } else { SendError::TryAnother(source) };
    }
    let never_left = if let SdkError::DispatchFailure(failed) = error {
        failed.as_connector_error().is_some_and(|error| was_never_there(error))
    } else {
        matches!(error, SdkError::ConstructionFailure(_))
    };
    if never_left { SendError::TryAnother(source) } else { SendError::Unknown(source) }
}

/// Whether the operating system says that there was nobody to talk to. A name that is not found is not among its words, and a
/// connection that takes too long looks like an answer that does: both are taken for messages that may have been sent.
#[cfg(any(feature = "end-user-messaging", feature = "sns"))]
fn was_never_there(error: &(dyn core::error::Error + 'static)) -> bool {
    let here = error.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::AddrNotAvailable
        )
    });
    here || error.source().is_some_and(was_never_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_what_stands_in_the_place_of_a_name_and_is_none_is_not_repeated() {
        for code in ["+919999900001 is no number", &"A".repeat(65), "Ünknown", ""] {
            let shown = CallFailure::new("PutItem", Some(code), Some(400)).to_string();
            assert_eq!(shown, "PutItem: HTTP 400");
        }
        assert_eq!(CallFailure::new("PutItem", Some("Throttled"), None).to_string(), "PutItem: Throttled");
        assert_eq!(CallFailure::new("PutItem", None, None).to_string(), "PutItem: not done");
    }
}
