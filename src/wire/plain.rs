//! Where a JSON string stops being plain text.

/// The bytes from the first quote, backslash or control character on; none if there is none. Eight at a time:
/// strings are most of an event. A function of its own: so small, it keeps to registers.
#[inline(never)]
pub(super) fn behind_plain(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return rest.get(stops.trailing_zeros() as usize / 8..).unwrap_or_default();
        }
        rest = after;
    }
    behind_last_plain(rest)
}

/// The same for the last seven bytes.
#[cold]
fn behind_last_plain(mut rest: &[u8]) -> &[u8] {
    while let [byte, after @ ..] = rest
        && *byte >= b' '
        && *byte != b'"'
        && *byte != b'\\'
    {
        rest = after;
    }
    rest
}

/// The high bit of each byte that ends a plain run. Bytes above the lowest one marked may be marked wrongly, as
/// the subtractions borrow.
const fn stops(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // With its second bit turned, a quote is a space, a space is not, and a control character still is one: one
    // comparison finds both.
    let below = (word ^ (ONES * 2)).wrapping_sub(ONES * (b' ' + 1) as u64);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (below | backslash) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_at_each_place_stops_or_does_not() {
        for byte in 0..=u8::MAX {
            let stops = byte < b' ' || byte == b'"' || byte == b'\\';
            for len in 0..20 {
                for place in 0..len {
                    // What is beside it must not matter: the byte before one that stops, after it, and the like.
                    for around in [b'a', b'!', b'#', b'[', b']', b' ', 0x7f, 0x80, 0xff] {
                        let mut text = vec![around; len];
                        text[place] = byte;
                        let plain = len - behind_plain(&text).len();
                        assert_eq!(plain, if stops { place } else { len }, "{byte} in {around}");
                    }
                }
            }
        }
    }
}
