//! What a call to an AWS service failed with, and what of it may be told: for every adapter of one.

use core::fmt;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call that did not succeed. It keeps the name of the error and never its text, in which the service may repeat what it was
/// sent, nor the answer's bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct CallFailure {
    operation: &'static str,
    code: Option<String>,
    status: Option<u16>,
}

impl CallFailure {
    /// What the SDK says of a call.
    pub(super) fn of<E: ProvideErrorMetadata>(
        operation: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        Self::new(operation, code, status)
    }

    /// One with this name of the error and this HTTP status, if it has them.
    pub(super) fn new(operation: &'static str, code: Option<&str>, status: Option<u16>) -> Self {
        // A name is a short word; whatever else stands in its place is not repeated.
        let code = code
            .filter(|code| (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()));
        Self { operation, code: code.map(str::to_owned), status }
    }

    /// The name of the error, if the service gave one.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    pub(super) const fn status(&self) -> Option<u16> {
        self.status
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        match (&self.code, self.status) {
            (Some(code), _) => write!(f, ": {code}"),
            (None, Some(status)) => write!(f, ": HTTP {status}"),
            (None, None) => f.write_str(": not done"),
        }
    }
}

impl core::error::Error for CallFailure {}

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
