//! One walk over JSON text: checks the grammar (RFC 8259) of every byte, builds only what is asked for.
//!
//! It is ours, and not a deserializer's, for three reasons that each ask for it: the place of a value must be
//! known to the byte; a string nobody reads may hold half a surrogate pair, a number any magnitude, a value any
//! depth; and the walk is the cost of an event. Tests hold it against `serde_json`.

use std::{borrow::Cow, ops::Range};

use super::{
    mark::{Escapes, Scanner, Stop},
    nesting::{Bracket, Nesting},
    plain::behind_plain,
    text::unescape,
};

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

impl<'a> Scanner<'a> {
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
    #[inline(always)]
    pub(super) fn text(&mut self) -> Result<Option<Cow<'a, str>>, Stop> {
        if let [b'"', start @ ..] = self.rest
            && let stop = behind_plain(start)
            && let [b'"', rest @ ..] = stop
        {
            let raw = self.between(start, stop);
            self.rest = rest;
            return Ok(Some(Cow::Borrowed(raw)));
        }
        self.odd_text()
    }

    /// The same, with white space before it or escapes in it, or no string at all.
    #[cold]
    fn odd_text(&mut self) -> Result<Option<Cow<'a, str>>, Stop> {
        if self.peek()? != b'"' {
            return self.skip().map(|()| None);
        }
        self.advance();
        let start = self.rest;
        let (escapes, stop) = self.close()?;
        let raw = self.between(start, stop);
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
        if let [b'"', start @ ..] = self.rest
            && let [b'"', rest @ ..] = behind_plain(start)
        {
            self.rest = rest;
            return Ok(());
        }
        self.odd_skip()
    }

    /// The same, with white space before it or escapes in it, or no string at all.
    fn odd_skip(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            b'"' => {
                self.advance();
                self.close().map(|_| ())
            }
            b'{' | b'[' => self.brackets(),
            first => self.bare(first),
        }
    }

    /// Skips an array or an object with all that is in it, from its bracket.
    #[inline(never)]
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
}
