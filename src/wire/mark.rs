//! The marks of JSON text: names, strings, numbers, commas and what is between them.

use super::{WireError, plain::behind_plain};

/// A place in JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// The bytes of `text` that were not read yet.
    pub(super) rest: &'a [u8],
    /// The member that ended the walk by coming twice.
    twice: Option<&'static str>,
}

/// The walk cannot go on; [`Scanner::error`] tells why. It carries nothing, so that a step of the walk gives back
/// a register and not a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop;

/// Whether a string says something else than it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Escapes {
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
        self.twice.map_or_else(|| WireError::NotJson { at: self.at() }, WireError::Duplicate)
    }

    /// Stops at a member that is read and came twice.
    #[cold]
    pub(super) const fn twice(&mut self, name: &'static str) -> Stop {
        self.twice = Some(name);
        Stop
    }

    /// Reads the white space after the last value; anything else there is an error.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        self.white();
        if self.rest.is_empty() { Ok(()) } else { Err(Stop) }
    }

    /// The text from one place to another. Both are beside ASCII quotes, so they are boundaries.
    #[inline(always)]
    pub(super) fn between(&self, start: &[u8], stop: &[u8]) -> &'a str {
        let len = self.text.len();
        self.text.get(len - start.len()..len - stop.len()).unwrap_or_default()
    }

    /// Goes into the first name of an object, or behind its end: whether there is a name.
    #[inline(always)]
    pub(super) fn first_name(&mut self) -> Result<bool, Stop> {
        let next = self.peek()?;
        if next != b'"' && next != b'}' {
            return Err(Stop);
        }
        self.advance();
        Ok(next == b'"')
    }

    /// Goes from behind a member into the next name, or behind the object's end: whether there is a name.
    #[inline(always)]
    pub(super) fn next_name(&mut self) -> Result<bool, Stop> {
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
    pub(super) fn name(&mut self) -> Result<(&'a [u8], Escapes), Stop> {
        let start = self.rest;
        let stop = behind_plain(start);
        match (stop, start.get(..start.len() - stop.len())) {
            ([b'"', b':', rest @ ..], Some(name)) => {
                self.rest = rest;
                Ok((name, Escapes::None))
            }
            _ => self.odd_name(),
        }
    }

    /// The same, with escapes in it or white space behind it.
    #[cold]
    fn odd_name(&mut self) -> Result<(&'a [u8], Escapes), Stop> {
        let start = self.rest;
        let (escapes, stop) = self.close()?;
        let name = start.get(..start.len() - stop.len()).unwrap_or_default();
        self.take(b':')?;
        Ok((name, escapes))
    }

    /// Takes the comma behind a value, or the bracket that ends it all: whether it is the comma.
    #[inline]
    pub(super) fn goes_on(&mut self, bracket: u8) -> Result<bool, Stop> {
        let next = self.peek()?;
        if next != b',' && next != bracket {
            return Err(Stop);
        }
        self.advance();
        Ok(next == b',')
    }

    /// Goes behind the closing quote of a string, from behind the opening one; the text from the closing one on.
    #[inline(always)]
    pub(super) fn close(&mut self) -> Result<(Escapes, &'a [u8]), Stop> {
        let stop = behind_plain(self.rest);
        match stop {
            [b'"', rest @ ..] => {
                self.rest = rest;
                Ok((Escapes::None, stop))
            }
            _ => self.close_behind_escapes(stop).map(|stop| (Escapes::Some, stop)),
        }
    }

    /// The same, from the first byte that is not plain and does not end it.
    #[cold]
    fn close_behind_escapes(&mut self, stop: &'a [u8]) -> Result<&'a [u8], Stop> {
        self.rest = stop;
        loop {
            let stop = self.rest;
            match stop {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(stop);
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
    pub(super) fn bare(&mut self, first: u8) -> Result<(), Stop> {
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
    pub(super) fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
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
    pub(super) fn peek(&mut self) -> Result<u8, Stop> {
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
    pub(super) fn advance(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}
