//! Sixteen bytes as 22 characters of base64url without padding (RFC 4648, 5): every record and round holds some.
//! For this one length nothing is to be counted, checked as it goes or allocated.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// What no character stands for: a bit beside the six.
const NO_VALUE: u8 = 0x80;
const VALUES: [u8; 256] = values();

pub(super) fn encode(bytes: &[u8; 16]) -> [u8; 22] {
    let mut text = [0; 22];
    let ((threes, one), (fours, two)) = (bytes.as_chunks::<3>(), text.as_chunks_mut::<4>());
    for (four, [a, b, c]) in fours.iter_mut().zip(threes) {
        let bits = u32::from_be_bytes([0, *a, *b, *c]);
        *four = [18, 12, 6, 0].map(|shift| letter(bits >> shift));
    }
    for (place, bits) in two.iter_mut().zip(one.iter().flat_map(|last| [last >> 2, last << 4])) {
        *place = letter(bits.into());
    }
    text
}

/// `None` for what [`encode`] does not write: another character, or a last one with one of its low four bits set,
/// which stand for nothing.
pub(super) fn decode(text: &[u8; 22]) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let mut all = 0;
    let ((threes, one), (fours, two)) = (bytes.as_chunks_mut::<3>(), text.as_chunks::<4>());
    for (three, four) in threes.iter_mut().zip(fours) {
        let [a, b, c, d] = four.map(value);
        all |= a | b | c | d;
        let bits = u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d);
        let [_, bytes @ ..] = bits.to_be_bytes();
        *three = bytes;
    }
    let ([last], [a, b]) = (one, two) else { return None };
    let (a, b) = (value(*a), value(*b));
    *last = a << 2 | b >> 4;
    ((all | a | b) & NO_VALUE == 0 && b & 0xf == 0).then_some(bytes)
}

fn letter(bits: u32) -> u8 {
    ALPHABET.get(bits as usize % 64).copied().unwrap_or_default()
}

fn value(letter: u8) -> u8 {
    VALUES.get(usize::from(letter)).copied().unwrap_or(NO_VALUE)
}

#[allow(clippy::indexing_slicing)] // evaluated when the crate is built
const fn values() -> [u8; 256] {
    let mut values = [NO_VALUE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    use super::*;

    fn oracle(text: &[u8]) -> Option<Vec<u8>> {
        BASE64URL_NOPAD.decode(text).ok()
    }

    #[test]
    fn every_byte_at_every_place_is_judged_as_the_oracle_judges_it() {
        for place in 0..22 {
            for byte in 0..=u8::MAX {
                let mut text = *b"q83vASNFZ4mrze8BI0VniQ";
                text[place] = byte;
                assert_eq!(decode(&text).map(Vec::from), oracle(&text), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_written_as_the_oracle_writes_them_and_read_back(bytes: [u8; 16]) {
            let text = encode(&bytes);
            prop_assert_eq!(text.to_vec(), BASE64URL_NOPAD.encode(&bytes).into_bytes());
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }
}
