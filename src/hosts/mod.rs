//! Who calls the engine: one folder a technology, one feature each.

mod audit_line;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "server")]
pub mod server;
mod settings;

pub use settings::{SettingError, SettingErrors};
