//! Who calls the engine: one folder a technology, one feature each.

pub mod lambda;
