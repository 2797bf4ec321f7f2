//! The umbrella error: what the engine cannot answer at all.

use crate::wire::WireError;

/// A trigger call that could not be answered.
///
/// Only what is not an event ends here. A wrong code, a limit, a store that is down are answers, not errors. It never
/// repeats what the event held.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not an event.
    #[error("the trigger event could not be read")]
    Wire(#[from] WireError),
}
