//! Randomness that a seed repeats.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::SplitMix64;
use crate::ports::{Entropy, EntropyError};

/// Bytes that look random and that a seed repeats; draws of 8 bytes or more never come twice. Clones draw from the same
/// sequence. **Never in a running service:** everybody who knows the seed knows every nonce.
///
/// ```
/// use custom_auth::Entropy as _;
/// use custom_auth::testing::SeededEntropy;
///
/// let entropy = SeededEntropy::new(1).failing(2);
/// let mut nonce = [0; 16];
/// assert!(entropy.fill(&mut nonce).is_ok());
/// assert!(entropy.fill(&mut nonce).is_err());
/// assert_eq!(entropy.draws(), 2);
/// ```
#[derive(Clone)]
pub struct SeededEntropy(Arc<Mutex<State>>);

struct State {
    prng: SplitMix64,
    draws: u64,
    fails: u64,
    down: bool,
}

impl SeededEntropy {
    /// The bytes of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State { prng: SplitMix64::new(seed), draws: 0, fails: 0, down: false })))
    }

    /// Fails the `nth` draw (from 1) and no other; 0 fails none.
    #[must_use]
    pub fn failing(self, nth: u64) -> Self {
        self.state().fails = nth;
        self
    }

    /// Whether every draw fails from now on.
    pub fn down(&self, down: bool) {
        self.state().down = down;
    }

    /// How many draws there were, failed ones too.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.state().draws
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededEntropy").field("draws", &self.draws()).finish_non_exhaustive()
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut state = self.state();
        state.draws += 1;
        if state.down || state.draws == state.fails {
            return Err(EntropyError::new("a test made it fail"));
        }
        for block in buffer.chunks_mut(8) {
            let bytes = state.prng.next().to_le_bytes();
            for (place, byte) in block.iter_mut().zip(bytes) {
                *place = byte;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn nonce(entropy: &SeededEntropy) -> Option<[u8; 16]> {
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce).ok().map(|()| nonce)
    }

    #[test]
    fn draws_differ_and_a_seed_repeats_them() {
        let (one, same, other) = (SeededEntropy::new(1), SeededEntropy::new(1), SeededEntropy::new(2));
        let draws: Vec<_> = (0..1_000).map(|_| nonce(&one)).collect();
        assert_eq!(draws.iter().collect::<BTreeSet<_>>().len(), 1_000);
        assert!(draws.iter().all(|draw| *draw == nonce(&same)));
        assert!(!draws.contains(&nonce(&other)));
    }

    #[test]
    fn exactly_the_named_draw_fails() {
        let entropy = SeededEntropy::new(1).failing(3);
        let ok: Vec<bool> = (0..5).map(|_| nonce(&entropy).is_some()).collect();
        assert_eq!(ok, [true, true, false, true, true]);
        entropy.down(true);
        assert_eq!((nonce(&entropy), nonce(&entropy.clone())), (None, None));
        entropy.down(false);
        assert!(nonce(&entropy).is_some());
        assert_eq!(entropy.draws(), 8);
    }

    #[test]
    fn i7_debug_shows_no_seed_and_no_bytes() {
        assert_eq!(format!("{:?}", SeededEntropy::new(424_242)), "SeededEntropy { draws: 0, .. }");
    }
}
