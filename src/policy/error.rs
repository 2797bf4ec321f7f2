//! What makes a policy unusable.

/// A policy that cannot be used, and the field to look at. Values are never adjusted to fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No destination is allowed, so nobody could ever be texted.
    #[error("destinations: name at least one allowed prefix, such as +91")]
    NoDestination,
    /// A destination's prefix is not `+` and 1 to 7 digits, the first not 0.
    #[error("destinations: a prefix is `+` and 1 to 7 digits, such as +91")]
    Prefix,
    /// A number is outside its range. The field's documentation gives range and reason.
    #[error("{field}: must be {range}")]
    Range {
        /// The field.
        field: &'static str,
        /// Its range, in words.
        range: &'static str,
    },
    /// The text of the message cannot hold its parts.
    #[error("message: {0}")]
    Message(&'static str),
    /// The plan has no steps, a step twice, or more than eight.
    #[error("plan: 1 to 8 steps, each once")]
    Plan,
}
