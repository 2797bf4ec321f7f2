//! What a store can fail with.

/// Any error, boxed: the cause that an adapter hands along. It may be logged, so it shows no number, code or key.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A store could not do what it was asked. Nothing is sent, compared or issued on it (invariant I9).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the store holds cannot be read.
    #[error("the store holds something unreadable")]
    Corrupt(#[source] BoxError),
    /// The store is full. A live entry is never evicted to make room.
    #[error("the store is full")]
    Full,
    /// The store said no: it, or the caller's right to use it, is not set up for this. Nothing was changed by the call that it
    /// refused; those before it, where an operation takes several, may have landed.
    #[error("the store refused")]
    Refused(#[source] BoxError),
    /// The store did not answer. The write may or may not have landed.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Corrupt(_) | Self::Refused(_) => false,
            Self::Full | Self::Unavailable(_) => true,
        }
    }
}
