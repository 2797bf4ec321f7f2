//! Choices that a seed repeats.

/// A small generator for tests: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). The same seed gives the same numbers
/// on every machine and in every release.
///
/// Never a source of secrets: anybody who sees one number knows all of them.
///
/// ```
/// use custom_auth::testing::SplitMix64;
/// assert_eq!(SplitMix64::new(0).next(), 0xe220_a839_7b1d_cdaf);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The generator of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number. None comes twice within 2^64.
    #[allow(clippy::should_implement_trait)] // endless: an iterator's `Option` would be noise
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0. The bias is below `bound` / 2^64.
    #[must_use]
    pub const fn below(&mut self, bound: usize) -> usize {
        // The upper half of the product: no division, and no more than `bound` values.
        ((self.next() as u128 * bound as u128) >> 64) as usize
    }

    /// Whether an event that happens once in `n` happens now; never if `n` is 0.
    #[must_use]
    pub const fn one_in(&mut self, n: u32) -> bool {
        n != 0 && self.below(n as usize) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut prng = SplitMix64::new(1_234_567);
        assert_eq!(
            [prng.next(), prng.next(), prng.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn a_bounded_choice_takes_every_value_and_no_other() {
        let mut prng = SplitMix64::new(1);
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            seen[prng.below(7)] += 1;
        }
        assert!(seen.iter().all(|times| (800..1_200).contains(times)), "{seen:?}");
        assert_eq!(prng.below(0), 0);
        assert!(!prng.one_in(0));
        assert!(prng.one_in(1));
    }
}
