//! One walk over JSON text: checks the grammar (RFC 8259) of every byte, builds only what is asked for.
//!
//! It is ours, and not a deserializer's, for three reasons that each ask for it: the place of a value must be
//! known to the byte; a string nobody reads may hold half a surrogate pair, a number any magnitude, a value any
//! depth; and the walk is the cost of an event. Tests hold it against `serde_json`.

use std::{borrow::Cow, ops::Range};

use super::{
    WireError,
    nesting::{Bracket, Nesting},
    plain::behind_plain,
    text::unescape,
};

/// A place in JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// The bytes of `text` that were not read yet.
    rest: &'a [u8],
    /// The member that ended the walk by coming twice.
    twice: Option<&'static str>,
}

/// The walk cannot go on; [`Scanner::error`] tells why. It carries nothing, so that a step of the walk gives back
/// a register and not a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop;

/// A value, as far as a reader of single values cares. No `Debug`: a text may be a code or a number.
pub(super) enum Scalar<'a> {
    /// `true`.
    True,
    /// A string, and what it says.
    Text(Option<Cow<'a, str>>),
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

/// Whether a string says something else than it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Escapes {
    None,
    Some,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, WireError> {
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, rest: bytes, twice: None }),
            Err(error) => Err(WireError::NotJson { at: error.valid_up_to() }),
        }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Why the walk stopped where it is.
    #[cold]
    pub(super) fn error(&self) -> WireError {
        self.twice.map_or(WireError::NotJson { at: self.at() }, WireError::Duplicate)
    }

    /// Stops at a member that is read and came twice.
    #[cold]
    pub(super) const fn twice(&mut self, name: &'static str) -> Stop {
        self.twice = Some(name);
        Stop
    }

    /// Reads an object, handing the bytes of each name to `member`, which reads exactly the value. Members whose
    /// names no text can equal are skipped, and so is a value that is no object.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), Stop>,
    ) -> Result<Members, Stop> {
        if self.peek()? != b'{' {
            return self.skip().map(|()| Members::NotAnObject);
        }
        self.advance();
        if !self.first_name()? {
            return Ok(Members::None);
        }
        loop {
            let (raw, escapes) = self.name()?;
            let said;
            let name = match escapes {
                Escapes::None => Some(raw),
                Escapes::Some => {
                    said = core::str::from_utf8(raw).ok().and_then(unescape);
                    said.as_deref().map(str::as_bytes)
                }
            };
            match name {
                Some(name) => member(self, name)?,
                None => self.skip()?,
            }
            if !self.next_name()? {
                return Ok(Members::Some);
            }
        }
    }

    /// Reads an array, calling `element` to read each; skips a value that is no array.
    pub(super) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.peek()? != b'[' {
            return self.skip();
        }
        self.advance();
        if self.peek()? == b']' {
            self.advance();
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// Reads any value.
    pub(super) fn scalar(&mut self) -> Result<Scalar<'a>, Stop> {
        match self.peek()? {
            b'"' => self.text().map(Scalar::Text),
            b't' => self.word(b"true").map(|()| Scalar::True),
            _ => self.skip().map(|()| Scalar::Other),
        }
    }

    /// Reads any value; what it says if it is a string. `None` for half a surrogate pair, which the grammar allows
    /// and no Unicode text can hold (RFC 8259, 8.2): such a string equals none of ours.
    pub(super) fn text(&mut self) -> Result<Option<Cow<'a, str>>, Stop> {
        if self.peek()? != b'"' {
            return self.skip().map(|()| None);
        }
        self.advance();
        let start = self.at();
        let escapes = self.close()?;
        // Both ends are beside ASCII quotes, so they are boundaries.
        let raw = self.text.get(start..self.at() - 1).unwrap_or_default();
        Ok(match escapes {
            Escapes::None => Some(Cow::Borrowed(raw)),
            Escapes::Some => unescape(raw).map(Cow::Owned),
        })
    }

    /// Skips any value; where it stands.
    pub(super) fn span(&mut self) -> Result<Range<usize>, Stop> {
        self.peek()?;
        let start = self.at();
        self.skip()?;
        Ok(start..self.at())
    }

    /// Skips any value, however deep, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            b'"' => {
                self.advance();
                self.close().map(|_| ())
            }
            b'{' | b'[' => self.brackets(),
            first => self.bare(first),
        }
    }

    /// Reads the white space after the last value; anything else there is an error.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        self.white();
        if self.rest.is_empty() { Ok(()) } else { Err(Stop) }
    }

    /// Skips an array or an object with all that is in it, from its bracket.
    fn brackets(&mut self) -> Result<(), Stop> {
        let mut open = Nesting::default();
        loop {
            let first = self.peek()?;
            match first {
                b'"' => {
                    self.advance();
                    self.close()?;
                }
                b'{' => {
                    self.advance();
                    if self.first_name()? {
                        open.open(Bracket::Object);
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.advance();
                    if self.peek()? != b']' {
                        open.open(Bracket::Array);
                        continue;
                    }
                    self.advance();
                }
                _ => self.bare(first)?,
            }
            // A value has ended, and with it perhaps the brackets around it.
            loop {
                let goes_on = match open.innermost() {
                    None => return Ok(()),
                    Some(Bracket::Array) => self.goes_on(b']')?,
                    Some(Bracket::Object) => self.next_name()? && self.name().map(|_| true)?,
                };
                if goes_on {
                    break;
                }
                open.close();
            }
        }
    }

    /// Goes into the first name of an object, or behind its end: whether there is a name.
    #[inline(always)]
    fn first_name(&mut self) -> Result<bool, Stop> {
        let next = self.peek()?;
        if next != b'"' && next != b'}' {
            return Err(Stop);
        }
        self.advance();
        Ok(next == b'"')
    }

    /// Goes from behind a member into the next name, or behind the object's end: whether there is a name.
    #[inline(always)]
    fn next_name(&mut self) -> Result<bool, Stop> {
        match self.rest {
            [b',', b'"', rest @ ..] => self.rest = rest,
            [b'}', rest @ ..] => {
                self.rest = rest;
                return Ok(false);
            }
            _ => return self.next_name_behind_white(),
        }
        Ok(true)
    }

    #[cold]
    fn next_name_behind_white(&mut self) -> Result<bool, Stop> {
        Ok(self.goes_on(b'}')? && self.take(b'"').map(|()| true)?)
    }

    /// A member's name, from behind its opening quote, and the colon: what stands between the quotes.
    #[inline(always)]
    fn name(&mut self) -> Result<(&'a [u8], Escapes), Stop> {
        let start = self.rest;
        let stop = behind_plain(start);
        let name = start.get(..start.len() - stop.len()).unwrap_or_default();
        self.rest = stop;
        let [b'"', b':', rest @ ..] = stop else { return self.odd_name(start) };
        self.rest = rest;
        Ok((name, Escapes::None))
    }

    /// The same, with escapes in it or white space behind it.
    #[cold]
    fn odd_name(&mut self, start: &'a [u8]) -> Result<(&'a [u8], Escapes), Stop> {
        let escapes = self.close()?;
        let name = start.get(..start.len() - self.rest.len() - 1).unwrap_or_default();
        self.take(b':')?;
        Ok((name, escapes))
    }

    /// Takes the comma behind a value, or the bracket that ends it all: whether it is the comma.
    #[inline]
    fn goes_on(&mut self, bracket: u8) -> Result<bool, Stop> {
        let next = self.peek()?;
        if next != b',' && next != bracket {
            return Err(Stop);
        }
        self.advance();
        Ok(next == b',')
    }

    /// Goes behind the closing quote of a string, from behind the opening one.
    #[inline(always)]
    fn close(&mut self) -> Result<Escapes, Stop> {
        self.rest = behind_plain(self.rest);
        let [b'"', rest @ ..] = self.rest else { return self.escapes() };
        self.rest = rest;
        Ok(Escapes::None)
    }

    /// The rest of a string, from the first byte that is not plain and does not end it.
    #[cold]
    fn escapes(&mut self) -> Result<Escapes, Stop> {
        loop {
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(Escapes::Some);
                }
                [b'\\', rest @ ..] => self.rest = rest,
                _ => return Err(Stop),
            }
            self.escape()?;
            self.rest = behind_plain(self.rest);
        }
    }

    /// An escape, from behind its backslash.
    fn escape(&mut self) -> Result<(), Stop> {
        match self.rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => self.rest = rest,
            [b'u', rest @ ..] => {
                self.rest = rest;
                for _ in 0..4 {
                    match self.rest {
                        [digit, rest @ ..] if digit.is_ascii_hexdigit() => self.rest = rest,
                        _ => return Err(Stop),
                    }
                }
            }
            _ => return Err(Stop),
        }
        Ok(())
    }

    /// A value without quotes or brackets around it.
    #[inline]
    fn bare(&mut self, first: u8) -> Result<(), Stop> {
        match first {
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// A number of any size, by its grammar alone.
    fn number(&mut self) -> Result<(), Stop> {
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.rest {
            [b'0', rest @ ..] => self.rest = rest,
            _ => self.digits()?,
        }
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        if let [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.rest;
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.len() < start.len() { Ok(()) } else { Err(Stop) }
    }

    #[inline]
    fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
        self.rest = self.rest.strip_prefix(word).ok_or(Stop)?;
        Ok(())
    }

    /// Takes `byte`, which must come next.
    #[inline(always)]
    fn take(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != byte {
            return Err(Stop);
        }
        self.advance();
        Ok(())
    }

    /// The next byte that is no white space, without taking it.
    #[inline(always)]
    fn peek(&mut self) -> Result<u8, Stop> {
        match self.rest {
            // Cognito sends compact text: nearly always there is none.
            [byte, ..] if *byte > b' ' => Ok(*byte),
            _ => self.peek_behind_white(),
        }
    }

    #[cold]
    fn peek_behind_white(&mut self) -> Result<u8, Stop> {
        self.white();
        self.rest.first().copied().ok_or(Stop)
    }

    fn white(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Takes the byte that comes next.
    #[inline(always)]
    fn advance(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}
