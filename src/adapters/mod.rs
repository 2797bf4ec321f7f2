//! What the ports meet: one technology each.
//!
//! Adapters know the ports, never each other.

mod memory_ledger;

pub use memory_ledger::MemoryLedger;
