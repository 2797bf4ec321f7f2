//! A new `response` in the place of the one that came, every other byte as it was.

use super::plain::behind_plain;
use crate::types::{decimal_len, push_decimal};

/// Where the new `response` goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Splice {
    /// In the place of the value that came.
    Replace { start: usize, end: usize },
    /// There was none: behind the last member.
    Append { brace: usize },
    /// There was no member at all.
    Only { brace: usize },
}

impl Splice {
    /// The event with `response` put in, in one allocation of the exact size.
    pub(super) fn put(self, event: &[u8], response: impl Json) -> Vec<u8> {
        let (start, end, name) = match self {
            Self::Replace { start, end } => (start, end, ""),
            Self::Append { brace } => {
                // Before the white space in front of the brace, where the next member would have stood.
                let last = event.get(..brace).unwrap_or_default().trim_ascii_end().len();
                (last, last, r#","response":"#)
            }
            Self::Only { brace } => (brace, brace, r#""response":"#),
        };
        let (before, after) = (event.get(..start).unwrap_or_default(), event.get(end..).unwrap_or_default());
        let mut count = Count(before.len() + name.len() + after.len());
        response.write(&mut count);
        let mut whole = Vec::with_capacity(count.0);
        whole.extend_from_slice(before);
        whole.raw(name.as_bytes());
        response.write(&mut whole);
        whole.extend_from_slice(after);
        whole
    }
}

/// Something that writes itself as JSON, the same each time.
pub(super) trait Json {
    fn write(&self, sink: &mut impl Sink);
}

impl<T: Json + ?Sized> Json for &T {
    fn write(&self, sink: &mut impl Sink) {
        (**self).write(sink);
    }
}

/// JSON text that is ready.
impl Json for str {
    fn write(&self, sink: &mut impl Sink) {
        sink.raw(self.as_bytes());
    }
}

/// Where JSON text goes.
pub(super) trait Sink {
    /// JSON text that is ready.
    fn raw(&mut self, text: &[u8]);

    /// A JSON string.
    fn string(&mut self, text: &str) {
        self.raw(b"\"");
        let mut rest = text.as_bytes();
        loop {
            let odd = behind_plain(rest);
            self.raw(rest.get(..rest.len() - odd.len()).unwrap_or_default());
            let [byte, behind @ ..] = odd else { break };
            match byte {
                b'"' => self.raw(b"\\\""),
                b'\\' => self.raw(b"\\\\"),
                b'\n' => self.raw(b"\\n"),
                control => {
                    let low = usize::from(control & 0xf);
                    self.raw(if *control < 0x10 { b"\\u000" } else { b"\\u001" });
                    self.raw(b"0123456789abcdef".get(low..=low).unwrap_or_default());
                }
            }
            rest = behind;
        }
        self.raw(b"\"");
    }

    /// A JSON string of letters none of which needs an escape.
    #[inline]
    fn plain(&mut self, text: &[u8]) {
        self.raw(b"\"");
        self.raw(text);
        self.raw(b"\"");
    }

    /// A number, as a JSON string: all parameters are.
    fn number(&mut self, number: u64);
}

/// Counts, so that the one allocation is exact.
struct Count(usize);

impl Sink for Count {
    #[inline]
    fn raw(&mut self, text: &[u8]) {
        self.0 += text.len();
    }

    fn number(&mut self, number: u64) {
        self.0 += decimal_len(number) + 2;
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn raw(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }

    fn number(&mut self, number: u64) {
        self.push(b'"');
        push_decimal(self, number);
        self.push(b'"');
    }
}
