//! What a client is told when it is told an error: a type, words, a status.

use std::borrow::Cow;

use crate::{pool::PoolError, tokens::TokenError};

/// A request that was not carried out, as the protocol says it: `{"__type": …, "message": …}`.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
    /// In how many seconds to ask again, where that is known.
    pub(super) retry_after: Option<u64>,
}

/// The longest part of a client's own text that is repeated to it.
const MOST_REPEATED: usize = 128;

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 400, code, message: message.into(), retry_after: None }
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn not_authorized(message: &'static str) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    /// A required member is absent, null or empty: in the service's words.
    pub(super) fn absent(member: &str) -> Self {
        Self::invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    }

    pub(super) fn flow_not_enabled(flow: &str) -> Self {
        Self::invalid(format!("{flow} flow not enabled for this client"))
    }

    /// A member of another type, or no JSON object at all. What was sent is not repeated.
    pub(super) fn serialization() -> Self {
        Self::new("SerializationException", "The request is not of the form that this operation takes.")
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "This operation is not known here.")
    }

    pub(super) fn unknown_client(id: &str) -> Self {
        let id: String = id.chars().filter(|c| c.is_ascii_graphic()).take(MOST_REPEATED).collect();
        Self::new("ResourceNotFoundException", format!("User pool client {id} does not exist."))
    }

    /// Another attempt may do better; what went wrong is the operator's business.
    pub(super) fn internal() -> Self {
        Self { status: 500, ..Self::new("InternalErrorException", "Internal error. Please try again.") }
    }

    pub(super) fn too_large() -> Self {
        Self { status: 413, ..Self::new("RequestTooLargeException", "The request is too large.") }
    }

    pub(super) fn too_slow() -> Self {
        Self { status: 408, ..Self::new("RequestTimeoutException", "The request took too long to arrive.") }
    }

    pub(super) fn too_many(retry_after: u64) -> Self {
        let fault = Self::new("TooManyRequestsException", "Too many requests");
        Self { status: 429, retry_after: Some(retry_after), ..fault }
    }

    pub(super) fn busy() -> Self {
        let fault = Self::new("ServiceUnavailableException", "The service is busy. Please try again.");
        Self { status: 503, retry_after: Some(1), ..fault }
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        if matches!(error, PoolError::Internal(_)) {
            return Self::internal();
        }
        Self::new(error.code(), error.to_string())
    }
}

impl From<TokenError> for Fault {
    fn from(_: TokenError) -> Self {
        Self::internal()
    }
}
