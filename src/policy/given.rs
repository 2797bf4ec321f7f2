//! Members of a policy in JSON that may be left out.

use serde::{Deserialize, Deserializer};

/// A member's value, `None` if it was left out. That is not `null`, which says something where a choice may be none, and is
/// a mistake elsewhere.
pub(super) struct Given<T>(pub(super) Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}
