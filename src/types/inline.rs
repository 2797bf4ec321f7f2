//! Short ASCII text held in place: no allocation on the path of a login.

use core::fmt;

/// At most `N` bytes of printable ASCII.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(crate) struct Inline<const N: usize> {
    /// Zeros behind the text.
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Inline<N> {
    /// Keeps `text` if it is `1..=N` bytes long and every byte is `allowed`.
    pub(crate) fn new(text: &str, allowed: impl Fn(u8) -> bool) -> Option<Self> {
        Self::from_bytes(text.as_bytes(), allowed)
    }

    /// The same, of a text's bytes.
    pub(crate) fn from_bytes(text: &[u8], allowed: impl Fn(u8) -> bool) -> Option<Self> {
        let len = u8::try_from(text.len()).ok().filter(|len| *len > 0)?;
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        text.iter().all(|byte| byte.is_ascii_graphic() && allowed(*byte)).then_some(Self { bytes, len })
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

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII is ever put in, so the fallback is not reachable.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Debug for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
