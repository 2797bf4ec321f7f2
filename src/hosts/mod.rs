//! Who calls the engine: one folder a technology, one feature each.

#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "server")]
pub mod server;
mod settings;

pub use settings::{SettingError, SettingErrors};
