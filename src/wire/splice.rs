//! A new `response` in the place of the one that came, every other byte as it was.

use super::plain::behind_plain;

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
        whole.raw(name);
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
        sink.raw(self);
    }
}

/// Where JSON text goes.
pub(super) trait Sink {
    /// JSON text that is ready.
    fn raw(&mut self, text: &str);

    /// A JSON string.
    fn string(&mut self, text: &str) {
        self.raw("\"");
        let mut rest = text;
        while let escaped = behind_plain(rest.as_bytes()).len()
            && escaped > 0
        {
            let (plain, escaped) = rest.split_at_checked(rest.len() - escaped).unwrap_or((rest, ""));
            self.raw(plain);
            let mut letters = escaped.chars();
            match letters.next() {
                Some('"') => self.raw("\\\""),
                Some('\\') => self.raw("\\\\"),
                Some('\n') => self.raw("\\n"),
                Some(control) => {
                    let digits = "0123456789abcdef";
                    let low = control as usize & 0xf;
                    self.raw(if control < '\u{10}' { "\\u000" } else { "\\u001" });
                    self.raw(digits.get(low..=low).unwrap_or("0"));
                }
                None => {}
            }
            rest = letters.as_str();
        }
        self.raw(rest);
        self.raw("\"");
    }

    /// A number, as a JSON string: all parameters are.
    fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let (mut start, mut rest) = (digits.len(), number);
        for digit in digits.iter_mut().rev() {
            // A remainder of ten fits a byte.
            *digit = b'0' + (rest % 10) as u8;
            (start, rest) = (start - 1, rest / 10);
            if rest == 0 {
                break;
            }
        }
        self.raw("\"");
        self.raw(
            digits.get(start..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default(),
        );
        self.raw("\"");
    }
}

/// Counts, so that the one allocation is exact.
struct Count(usize);

impl Sink for Count {
    fn raw(&mut self, text: &str) {
        self.0 += text.len();
    }
}

impl Sink for Vec<u8> {
    fn raw(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}
