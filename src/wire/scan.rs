//! One walk over JSON text: checks the grammar (RFC 8259) of every byte, builds only what is asked for.
//!
//! It is ours, and not a deserializer's, for three reasons that each ask for it: the place of a value must be
//! known to the byte; a string nobody reads may hold half a surrogate pair, a number any magnitude, a value any
//! depth; and the walk is the cost of an event. Tests hold it against `serde_json`.

use std::{borrow::Cow, ops::Range};

use super::{
    WireError,
    nesting::{Bracket, Nesting},
    text::Text,
};

/// A place in JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// A value, as far as a reader of single values cares.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    /// `true`.
    True,
    /// A string.
    Text(Text<'a>),
    /// Anything else.
    Other,
}

/// What [`Scanner::object`] found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Members {
    /// An object with none.
    None,
    /// An object with at least one.
    Some,
    /// No object at all.
    NotAnObject,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, WireError> {
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, at: 0 }),
            Err(error) => Err(WireError::NotJson { at: error.valid_up_to() }),
        }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Reads an object, handing each name to `member`, which reads exactly the value. Members whose names no text
    /// can equal are skipped, and so is a value that is no object.
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), WireError>,
    ) -> Result<Members, WireError> {
        if !self.opens(b'{')? {
            return self.skip().map(|()| Members::NotAnObject);
        }
        if self.take(b'}')? {
            return Ok(Members::None);
        }
        loop {
            match self.name()?.read() {
                Some(name) => member(self, name)?,
                None => self.skip()?,
            }
            if !self.take(b',')? {
                return self.expect(b'}').map(|()| Members::Some);
            }
        }
    }

    /// Reads an array, calling `element` to read each; skips a value that is no array.
    pub(super) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        if !self.opens(b'[')? {
            return self.skip();
        }
        if self.take(b']')? {
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.take(b',')? {
                return self.expect(b']');
            }
        }
    }

    /// Reads any value.
    pub(super) fn scalar(&mut self) -> Result<Scalar<'a>, WireError> {
        match self.peek()? {
            b'"' => self.string().map(Scalar::Text),
            b't' => self.word("true").map(|()| Scalar::True),
            _ => self.skip().map(|()| Scalar::Other),
        }
    }

    /// Reads any value; what it says if it is a string.
    pub(super) fn text(&mut self) -> Result<Option<Cow<'a, str>>, WireError> {
        Ok(match self.scalar()? {
            Scalar::Text(text) => text.read(),
            Scalar::True | Scalar::Other => None,
        })
    }

    /// Skips any value; where it stands.
    pub(super) fn span(&mut self) -> Result<Range<usize>, WireError> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        Ok(start..self.at)
    }

    /// Skips any value, however deep, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), WireError> {
        let mut open = Nesting::default();
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' => {
                    self.at += 1;
                    if !self.take(b'}')? {
                        open.open(Bracket::Object);
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.take(b']')? {
                        open.open(Bracket::Array);
                        continue;
                    }
                }
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                _ => self.number()?,
            }
            // A value has ended, and with it perhaps the brackets around it.
            loop {
                let Some(bracket) = open.innermost() else { return Ok(()) };
                if self.take(b',')? {
                    if bracket == Bracket::Object {
                        self.name()?;
                    }
                    break;
                }
                self.expect(if bracket == Bracket::Object { b'}' } else { b']' })?;
                open.close();
            }
        }
    }

    /// Reads the white space after the last value; anything else there is an error.
    pub(super) fn finish(mut self) -> Result<(), WireError> {
        self.white();
        if self.at == self.text.len() { Ok(()) } else { Err(self.misfit()) }
    }

    /// A member's name and the colon.
    #[inline]
    fn name(&mut self) -> Result<Text<'a>, WireError> {
        self.peek()?;
        let name = self.string()?;
        self.expect(b':')?;
        Ok(name)
    }

    /// A string, from its opening quote.
    fn string(&mut self) -> Result<Text<'a>, WireError> {
        if self.byte() != Some(b'"') {
            return Err(self.misfit());
        }
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain(self.text.as_bytes().get(self.at..).unwrap_or_default());
            match self.byte() {
                Some(b'"') => {
                    // Both ends are beside ASCII quotes, so they are boundaries.
                    let raw = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Text::new(raw, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.misfit()),
            }
        }
    }

    /// An escape, from its backslash.
    fn escape(&mut self) -> Result<(), WireError> {
        self.at += 1;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.misfit());
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.misfit()),
        }
        Ok(())
    }

    /// A number of any size, by its grammar alone.
    fn number(&mut self) -> Result<(), WireError> {
        self.at += usize::from(self.byte() == Some(b'-'));
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), WireError> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.misfit()) }
    }

    fn word(&mut self, word: &str) -> Result<(), WireError> {
        if self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.misfit())
        }
    }

    /// Takes `bracket` if it comes next and there is more behind it.
    fn opens(&mut self, bracket: u8) -> Result<bool, WireError> {
        let opens = self.peek()? == bracket;
        self.at += usize::from(opens);
        Ok(opens)
    }

    /// Takes `byte` if it comes next.
    #[inline]
    fn take(&mut self, byte: u8) -> Result<bool, WireError> {
        let there = self.peek()? == byte;
        self.at += usize::from(there);
        Ok(there)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), WireError> {
        if self.take(byte)? { Ok(()) } else { Err(self.misfit()) }
    }

    /// The next byte that is no white space, without taking it.
    #[inline]
    fn peek(&mut self) -> Result<u8, WireError> {
        self.white();
        self.byte().ok_or_else(|| self.misfit())
    }

    #[inline]
    fn white(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    const fn misfit(&self) -> WireError {
        WireError::NotJson { at: self.at }
    }
}

/// How many bytes come before the next quote, backslash or control character. Eight at a time: strings are most
/// of an event.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return index * 8 + stops.trailing_zeros() as usize / 8;
        }
    }
    let stop = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    words.len() * 8 + tail.iter().position(stop).unwrap_or(tail.len())
}

/// The high bit of each byte that ends a plain run. Bytes above the lowest one marked may be marked wrongly, as
/// the subtractions borrow.
const fn stops(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * b' ' as u64) & !word;
    (below | (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash)) & HIGH
}
