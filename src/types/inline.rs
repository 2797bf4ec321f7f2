//! Short ASCII text held in place: no allocation on the path of a login.

use core::{fmt, hash};

/// At most `N` bytes of printable ASCII.
#[derive(Clone, Copy)]
pub(crate) struct Inline<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Inline<N> {
    /// Keeps `text` if it is `1..=N` bytes long and every byte is `allowed`.
    pub(crate) fn new(text: &str, allowed: impl Fn(u8) -> bool) -> Option<Self> {
        let len = u8::try_from(text.len()).ok().filter(|len| *len > 0)?;
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        text.bytes().all(|byte| byte.is_ascii_graphic() && allowed(byte)).then_some(Self { bytes, len })
    }

    /// A name written in this crate: graphic ASCII, at most `N` bytes; a longer one would be cut.
    pub(crate) fn literal(text: &'static str) -> Self {
        let mut bytes = [0; N];
        let mut len = 0;
        for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
            *place = byte;
            len += 1;
        }
        Self { bytes, len }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII is ever put in, so neither fallback is reachable.
        self.bytes.get(..usize::from(self.len)).and_then(|b| core::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

impl<const N: usize> PartialEq for Inline<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for Inline<N> {}

impl<const N: usize> hash::Hash for Inline<N> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<const N: usize> fmt::Debug for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
