//! Who calls the engine: one folder a technology, one feature each.

#[cfg(feature = "lambda")]
pub mod lambda;
