//! Which brackets are open: one bit each, so that no depth of nesting costs call stack.

/// What an open bracket is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bracket {
    Array,
    Object,
}

/// A stack of brackets. The innermost 64 are in one word; only deeper nesting allocates.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    innermost: u64,
    depth: usize,
    outer: Vec<u64>,
}

impl Nesting {
    pub(super) fn open(&mut self, bracket: Bracket) {
        if self.depth > 0 && self.depth.is_multiple_of(WORD) {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(bracket == Bracket::Object);
        self.depth += 1;
    }

    pub(super) const fn innermost(&self) -> Option<Bracket> {
        match (self.depth, self.innermost & 1) {
            (0, _) => None,
            (_, 0) => Some(Bracket::Array),
            _ => Some(Bracket::Object),
        }
    }

    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.innermost >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(WORD) {
            self.innermost = self.outer.pop().unwrap_or_default();
        }
    }
}

const WORD: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn brackets_close_in_the_opposite_order(steps in prop::collection::vec(0_u8..5, 0..1_000)) {
            let (mut nesting, mut oracle) = (Nesting::default(), Vec::new());
            for step in steps {
                let bracket = if step % 2 == 0 { Bracket::Array } else { Bracket::Object };
                if step < 4 {
                    nesting.open(bracket);
                    oracle.push(bracket);
                } else if oracle.pop().is_some() {
                    nesting.close();
                }
                prop_assert_eq!(nesting.innermost(), oracle.last().copied());
            }
            while oracle.pop().is_some() {
                nesting.close();
                prop_assert_eq!(nesting.innermost(), oracle.last().copied());
            }
        }
    }
}
