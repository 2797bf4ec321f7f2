//! Randomness.

use core::fmt::Debug;
use std::sync::Arc;

use rand::TryRng as _;

use super::BoxError;

/// Fills buffers with unpredictable bytes.
///
/// # Contract
///
/// Every byte comes from an approved random bit generator (NIST SP 800-90A; the operating system's is one). A
/// predictable nonce does not reveal a code, since codes are keyed, but lets two challenges be the same. On failure
/// nothing is issued; there is no fallback.
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills the whole of `buffer`.
    ///
    /// # Errors
    /// [`EntropyError`] if the source has none to give; `buffer` then holds nothing of use.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// Secure randomness is unavailable.
#[derive(Debug, thiserror::Error)]
#[error("secure randomness is unavailable")]
pub struct EntropyError(#[source] BoxError);

impl EntropyError {
    /// Wraps the source's own error.
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

/// The operating system's source, asked anew for every draw: a process that was frozen, copied and thawed (as Lambda
/// does) never repeats itself.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct OsEntropy;

impl OsEntropy {
    /// The operating system's source.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        rand::rngs::SysRng.try_fill_bytes(buffer).map_err(|error| EntropyError::new(error.to_string()))
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        impl<T: Entropy + ?Sized> Entropy for $pointer {
            fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
                (**self).fill(buffer)
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
