//! Whole numbers as text, without the formatting machinery: every record and round holds several.

/// 00 to 99: two digits at a time are half as many divisions, each of which waits for the one before.
const PAIRS: [[u8; 2]; 100] = pairs();

/// Appends `number` in decimal digits.
pub(crate) fn push_decimal(text: &mut Vec<u8>, number: u64) {
    if number < 10 {
        return text.push(b'0' + number as u8);
    }
    let (mut pairs, mut rest, mut start) = ([[0; 2]; 10], number, 20);
    for pair in pairs.iter_mut().rev() {
        *pair = PAIRS.get((rest % 100) as usize).copied().unwrap_or_default();
        start -= 2;
        if rest < 100 {
            start += usize::from(rest < 10);
            break;
        }
        rest /= 100;
    }
    text.extend_from_slice(pairs.as_flattened().get(start..).unwrap_or_default());
}

/// The same, with a sign before a number below zero.
pub(super) fn push_signed(text: &mut Vec<u8>, number: i64) {
    if number < 0 {
        text.push(b'-');
    }
    push_decimal(text, number.unsigned_abs());
}

/// How many digits a number has.
pub(crate) const fn decimal_len(number: u64) -> usize {
    match number.checked_ilog10() {
        Some(power) => power as usize + 1,
        None => 1,
    }
}

#[allow(clippy::indexing_slicing)] // evaluated when the crate is built
const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: i64) -> String {
        let mut text = Vec::new();
        push_signed(&mut text, number);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_ends_of_the_range_are_written_whole() {
        assert_eq!(
            [i64::MIN, -1, 0, i64::MAX].map(written),
            [i64::MIN, -1, 0, i64::MAX].map(|n| n.to_string())
        );
    }

    #[test]
    fn a_number_is_as_long_as_it_is_written() {
        for power in 0..20 {
            let round = 10_u64.pow(power);
            for number in [0, round - 1, round, round + 1, round.saturating_mul(9), u64::MAX] {
                let mut text = Vec::new();
                push_decimal(&mut text, number);
                assert_eq!(text, number.to_string().as_bytes());
                assert_eq!(decimal_len(number), text.len());
            }
        }
    }

    proptest! {
        #[test]
        fn a_number_is_written_as_the_standard_library_does(number: i64) {
            prop_assert_eq!(written(number), number.to_string());
        }
    }
}
