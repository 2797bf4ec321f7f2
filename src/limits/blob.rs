//! What one subject takes: all its quotas in one run of bytes, section after section.
//!
//! A section is the quota's tag, the length of its counts (1 or more bytes each) and the counts.

use super::{Quota, Reader, Shape, push_number};

/// Tells the quotas of a subject apart. The two ways of counting have different tags, as they cannot read each other.
pub(crate) const fn tag(quota: &Quota) -> u64 {
    let code = quota.name.code() as u64;
    match quota.shape {
        Shape::Log { .. } => code << 1,
        Shape::Slots { .. } => code << 1 | 1,
    }
}

/// A blob cut at the section of one tag.
pub(crate) struct Cut<'a> {
    /// The sections in front of it.
    pub(crate) front: &'a [u8],
    /// Its counts, empty if there are none.
    pub(crate) counts: &'a [u8],
    /// The sections behind it.
    pub(crate) back: &'a [u8],
}

/// Cuts `blob` at `tag`, or behind its last section if it has none of that tag; `None` if the bytes are no blob.
pub(crate) fn cut(blob: &[u8], tag: u64) -> Option<Cut<'_>> {
    let mut sections = Reader::new(blob);
    while !sections.is_empty() {
        let front = blob.len() - sections.rest().len();
        let other = sections.number()?;
        let len = usize::try_from(sections.number()?).ok()?;
        let counts = sections.take(len)?;
        if other == tag {
            return Some(Cut { front: blob.get(..front)?, counts, back: sections.rest() });
        }
    }
    Some(Cut { front: blob, counts: &[], back: &[] })
}

/// Appends a section with the counts that `write` appends.
pub(crate) fn push_section<T>(
    out: &mut Vec<u8>,
    tag: u64,
    write: impl FnOnce(&mut Vec<u8>) -> Option<T>,
) -> Option<T> {
    push_number(out, tag);
    // Most lengths take one byte; for a longer one the counts move.
    let place = out.len();
    out.push(0);
    let written = write(out)?;
    let len = out.len() - place - 1;
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => *out.get_mut(place)? = short,
        _ => {
            let mut long = Vec::new();
            push_number(&mut long, u64::try_from(len).ok()?);
            out.splice(place..=place, long);
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(blob: &[u8], tag: u64, counts: &[u8]) -> Vec<u8> {
        let cut = cut(blob, tag).unwrap();
        let mut out = cut.front.to_vec();
        push_section(&mut out, tag, |out| {
            out.extend_from_slice(counts);
            Some(())
        })
        .unwrap();
        out.extend_from_slice(cut.back);
        out
    }

    fn counts(blob: &[u8], tag: u64) -> Option<&[u8]> {
        cut(blob, tag).map(|cut| cut.counts)
    }

    #[test]
    fn counts_are_found_under_their_tag_and_others_stay() {
        for len in [0, 1, 127, 128, 300, 20_000] {
            let one = replaced(&[], 1, b"one");
            let two = replaced(&one, 0x202, &vec![7; len]);
            let three = replaced(&replaced(&two, 9, b"last"), 1, b"");
            assert_eq!(counts(&two, 1), Some(&b"one"[..]));
            assert_eq!(counts(&three, 1), Some(&b""[..]));
            assert_eq!(counts(&three, 0x202), Some(&*vec![7; len]));
            assert_eq!(counts(&three, 9), Some(&b"last"[..]));
            assert_eq!(counts(&three, 3), Some(&b""[..]));
        }
    }

    #[test]
    fn bytes_that_are_no_blob_are_not_read_as_an_empty_one() {
        assert_eq!(counts(&[1], 1), None);
        assert_eq!(counts(&[1, 9, 1], 1), None);
        assert_eq!(counts(&[0x80], 1), None);
    }
}
