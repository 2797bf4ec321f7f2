//! Why an event cannot be read.

/// The most bytes an event may have: 6 MiB, just above the 6 MB that Lambda lets an invocation carry (Lambda
/// quotas: "Invocation payload").
pub const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// The bytes are no event that one could answer. It repeats nothing of what they say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A member that is read occurs twice, so another parser may have read the other one.
    #[error("the member {0} occurs twice in the trigger event")]
    Duplicate(&'static str),
    /// The bytes are JSON, but no object.
    #[error("the trigger event is not a JSON object")]
    NotAnObject,
    /// The bytes are not JSON (RFC 8259), or not UTF-8.
    #[error("the trigger event is not JSON from byte {at} on")]
    NotJson {
        /// The place of the first byte that does not fit; the length, if the text just stops.
        at: usize,
    },
    /// More than [`MAX_EVENT_BYTES`].
    #[error("the trigger event is larger than {MAX_EVENT_BYTES} bytes")]
    TooLarge,
}
