//! The bytes that counts are kept in: small whole numbers, front to back.

use crate::types::Timestamp;

/// The latest moment that six bytes hold, in milliseconds: about the year 10,889.
pub(crate) const LAST_MILLI: u64 = (1 << 48) - 1;

/// A moment as counts keep it. Time before 1970 or behind [`LAST_MILLI`] stands still, which frees nothing.
pub(crate) fn millis(moment: Timestamp) -> u64 {
    u64::try_from(moment.as_unix_millis()).unwrap_or_default().min(LAST_MILLI)
}

/// The moment `millis` milliseconds after 1970 began.
pub(crate) fn moment(millis: u64) -> Timestamp {
    Timestamp::from_unix_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Appends the low six bytes of `millis`.
pub(crate) fn push_millis(out: &mut Vec<u8>, millis: u64) {
    let [a, b, c, d, e, f, ..] = millis.to_le_bytes();
    out.extend_from_slice(&[a, b, c, d, e, f]);
}

/// Appends a number in 1 to 10 bytes, seven bits in each, the lowest first (LEB128).
pub(crate) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80); // its lowest seven bits
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads front to back; `None` when the bytes end too soon or make no number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has not been read.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn millis(&mut self) -> Option<u64> {
        let [a, b, c, d, e, f] = self.array()?;
        Some(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
    }

    #[inline(always)]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        if *first < 0x80 { Some(u64::from(*first)) } else { self.longer_number(u64::from(*first & 0x7f)) }
    }

    /// The rest of a number whose lowest seven bits are read.
    fn longer_number(&mut self, mut number: u64) -> Option<u64> {
        let mut shift = 7;
        for (index, byte) in self.0.iter().enumerate() {
            // Of the tenth byte one bit is left, and it is the last.
            if shift == 63 && *byte > 1 {
                return None;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                self.0 = self.0.get(index + 1..)?;
                return Some(number);
            }
            shift += 7;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_end_too_soon_or_hold_too_much_are_no_number() {
        assert_eq!(Reader::new(&[0x80]).number(), None);
        assert_eq!(Reader::new(&[0xff; 10]).number(), None);
        assert_eq!(Reader::new(&[1, 2, 3, 4, 5]).millis(), None);
    }

    #[test]
    fn time_outside_six_bytes_stands_still() {
        assert_eq!(millis(Timestamp::from_unix_millis(-1)), 0);
        assert_eq!(millis(Timestamp::from_unix_millis(i64::MAX)), LAST_MILLI);
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(number: u64, time in 0..=LAST_MILLI) {
            let mut bytes = Vec::new();
            push_number(&mut bytes, number);
            push_millis(&mut bytes, time);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.millis(), Some(time));
            prop_assert!(reader.is_empty());
        }
    }
}
