//! What a record or a round is written in: fields between dots, in letters, digits, `-` and `_`.

use core::str::FromStr;

/// What was not read yet of such a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    /// `None` behind the last field.
    rest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: Some(text) }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_none()
    }

    /// The next field.
    pub(super) fn field(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let len = rest.iter().position(|byte| *byte == b'.').unwrap_or(rest.len());
        self.cut(rest, len)
    }

    /// The next field, if it is text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.field()?).ok()
    }

    /// The next field, if it has `N` bytes: they need not be looked for.
    pub(super) fn exactly<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let rest = self.rest?;
        let field = rest.first_chunk()?;
        self.cut(rest, N)?;
        Some(field)
    }

    /// The next field, if it is a number as the standard library reads it.
    pub(super) fn number<T: FromStr + TryFrom<u64>>(&mut self) -> Option<T> {
        let text = self.rest?;
        let (mut number, mut rest) = (0_u64, text);
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            (number, rest) = (number.wrapping_mul(10).wrapping_add((digit - b'0').into()), after);
        }
        let len = text.len() - rest.len();
        // So many digits did not overflow; a sign or more digits are for the standard library.
        if (1..=19).contains(&len) && self.cut(text, len).is_some() {
            return T::try_from(number).ok();
        }
        self.text()?.parse().ok()
    }

    /// Takes `len` bytes and the dot behind them; `None`, and nothing taken, if something else is there.
    fn cut(&mut self, rest: &'a [u8], len: usize) -> Option<&'a [u8]> {
        let (field, behind) = rest.split_at_checked(len)?;
        self.rest = match behind {
            [] => None,
            [b'.', rest @ ..] => Some(rest),
            _ => return None,
        };
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read<T>(text: &str, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> Option<(T, usize)> {
        let mut fields = Fields::new(text.as_bytes());
        let value = read(&mut fields)?;
        Some((value, core::iter::from_fn(|| fields.field()).count()))
    }

    fn reads_as_the_standard_library<T>(text: &str) -> Result<(), TestCaseError>
    where
        T: core::fmt::Debug + FromStr + PartialEq + TryFrom<u64>,
    {
        let number = text.parse::<T>().ok();
        prop_assert_eq!(read(text, |fields| fields.number()), number.map(|number| (number, 0)));
        let number = text.parse::<T>().ok();
        prop_assert_eq!(
            read(&format!("{text}.a.b"), |fields| fields.number()),
            number.map(|number| (number, 2))
        );
        Ok(())
    }

    #[test]
    fn a_field_of_a_known_length_ends_there_or_is_none() {
        for (text, found) in
            [("ab", true), ("ab.", true), ("ab.c", true), ("abc", false), ("a", false), ("", false)]
        {
            assert_eq!(read(text, |fields| fields.exactly::<2>().copied()).is_some(), found, "{text}");
        }
    }

    #[test]
    fn numbers_at_the_ends_of_their_range_are_read_as_the_standard_library_reads_them() {
        let odd = ["", "+", "-", "+7", "-7", "-0", "007", "1e3", " 1", "0x1", "255", "256"];
        let mut texts = odd.map(str::to_owned).to_vec();
        texts.extend([i64::MIN.to_string(), i64::MAX.to_string(), u64::MAX.to_string()]);
        texts.extend(["9".repeat(19), "9".repeat(20)]);
        for text in texts {
            for text in [format!("0{text}"), text] {
                reads_as_the_standard_library::<u8>(&text).unwrap();
                reads_as_the_standard_library::<i64>(&text).unwrap();
            }
        }
    }

    proptest! {
        #[test]
        fn fields_are_what_stands_between_the_dots(text in "[a.]{0,12}") {
            let mut fields = Fields::new(text.as_bytes());
            for field in text.split('.') {
                prop_assert!(!fields.is_at_end());
                prop_assert_eq!(fields.field(), Some(field.as_bytes()));
            }
            prop_assert!(fields.is_at_end());
            prop_assert_eq!(fields.field(), None);
        }

        #[test]
        fn any_number_is_read_as_the_standard_library_reads_it(number: i64, text in "[+-]?[0-9]{0,22}a?") {
            for text in [number.to_string(), text] {
                reads_as_the_standard_library::<u8>(&text)?;
                reads_as_the_standard_library::<i64>(&text)?;
            }
        }
    }
}
