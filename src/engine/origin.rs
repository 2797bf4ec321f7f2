//! What tells one engine's flows from another's where randomness fails.

use core::sync::atomic::{AtomicU64, Ordering};
use std::process;

use crate::ports::Entropy;

/// A value that no other engine has, and how often it was asked for.
#[derive(Debug)]
pub(super) struct Origin {
    engine: [u8; 16],
    calls: AtomicU64,
}

impl Origin {
    /// Drawn while the engine is built: in containers the processes of many machines have the same number. Where
    /// randomness fails even then, the number of the process and of the engine in it must do.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(0);
        let nth = ENGINES.fetch_add(1, Ordering::Relaxed);
        let mut engine = [0; 16];
        if entropy.fill(&mut engine).is_err() {
            engine = (u128::from(process::id()) << 64 | u128::from(nth)).to_be_bytes();
        }
        Self { engine, calls: AtomicU64::new(0) }
    }

    /// The engine's value, and a number that it has not given before.
    pub(super) fn next(&self) -> ([u8; 16], [u8; 8]) {
        (self.engine, self.calls.fetch_add(1, Ordering::Relaxed).to_be_bytes())
    }
}
