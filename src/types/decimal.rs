//! Whole numbers as text, without the formatting machinery: every record and round holds several.

/// Appends `number` in decimal digits.
pub(super) fn push_number(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    let (mut digits, mut rest) = ([0; 19], number.unsigned_abs());
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        // A remainder of ten fits a byte.
        *digit = b'0' + (rest % 10) as u8;
        (start, rest) = (start - 1, rest / 10);
        if rest == 0 {
            break;
        }
    }
    text.push_str(
        digits.get(start..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default(),
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: i64) -> String {
        let mut text = String::new();
        push_number(&mut text, number);
        text
    }

    #[test]
    fn the_ends_of_the_range_are_written_whole() {
        assert_eq!(
            [i64::MIN, -1, 0, i64::MAX].map(written),
            [i64::MIN, -1, 0, i64::MAX].map(|n| n.to_string())
        );
    }

    proptest! {
        #[test]
        fn a_number_is_written_as_the_standard_library_does(number: i64) {
            prop_assert_eq!(written(number), number.to_string());
        }
    }
}
