//! Who paid, in few bytes.

/// Who paid: 48 bits of a keyed hash of the act's id. Two acts share them once in 2.8 × 10^14.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Payer(pub(crate) [u8; 6]);
