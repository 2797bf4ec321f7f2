//! A few bytes in place, more of them on the heap.

use core::ops::Deref;

/// What fits beside an entry's key in one line of the processor's cache: two logs of one payment each. That is a phone
/// with a text and a guess, or a challenge with a text.
const IN_PLACE: usize = 38;

/// Bytes that are replaced as a whole.
pub(super) enum Bytes {
    InPlace { len: u8, bytes: [u8; IN_PLACE] },
    OnHeap(Box<[u8]>),
}

impl Bytes {
    /// Puts `bytes` in the place of what was there; without a new allocation where their number is the same.
    pub(super) fn set(&mut self, bytes: &[u8]) {
        if let Self::OnHeap(held) = self
            && held.len() == bytes.len()
        {
            held.copy_from_slice(bytes);
        } else {
            *self = Self::from(bytes);
        }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let mut place = [0; IN_PLACE];
        match (place.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(front), Ok(len)) => {
                front.copy_from_slice(bytes);
                Self::InPlace { len, bytes: place }
            }
            _ => Self::OnHeap(bytes.into()),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            // The length was taken from bytes that fitted.
            Self::InPlace { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::OnHeap(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_number_come_back_as_they_were_set() {
        let all: Vec<u8> = (0..=99).collect();
        let mut held = Bytes::from(&[][..]);
        for len in (0..=99).chain((0..=99).rev()).chain([99, 99, 3, 3]) {
            held.set(&all[100 - len..]);
            assert_eq!(&*held, &all[100 - len..]);
            assert_eq!(matches!(held, Bytes::InPlace { .. }), len <= IN_PLACE);
        }
    }
}
