//! What one subject takes: all its quotas in one run of bytes.
//!
//! Per quota its tag (2 bytes), the length of its counts (1 or more) and the counts.

use crate::{
    Quota, Shape,
    limits::{Reader, push_number},
};

/// Tells the quotas of a subject apart. The two ways of counting have different tags, as they cannot read each other.
pub(super) const fn tag(quota: &Quota) -> u16 {
    match quota.shape {
        Shape::Log { .. } => quota.name.code(),
        Shape::Slots { .. } => quota.name.code() | 0x8000,
    }
}

/// The counts under `tag`, empty if there are none; `None` if the bytes are no blob.
pub(super) fn find(blob: &[u8], tag: u16) -> Option<&[u8]> {
    let mut sections = Reader::new(blob);
    while !sections.is_empty() {
        let (other, counts) = section(&mut sections)?;
        if other == tag {
            return Some(counts);
        }
    }
    Some(&[])
}

/// Writes into `out` what `blob` holds, with `counts` in the place of those under `tag`; `None` if it is no blob.
pub(super) fn replace(blob: &[u8], tag: u16, counts: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.clear();
    let (mut sections, mut replaced) = (Reader::new(blob), false);
    while !sections.is_empty() {
        let (other, kept) = section(&mut sections)?;
        replaced |= other == tag;
        push_section(out, other, if other == tag { counts } else { kept });
    }
    if !replaced {
        push_section(out, tag, counts);
    }
    Some(())
}

fn section<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    let tag = u16::from_le_bytes(reader.array()?);
    let len = usize::try_from(reader.number()?).ok()?;
    Some((tag, reader.take(len)?))
}

fn push_section(out: &mut Vec<u8>, tag: u16, counts: &[u8]) {
    out.extend_from_slice(&tag.to_le_bytes());
    push_number(out, u64::try_from(counts.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(counts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_under_their_tag_and_others_stay() {
        let (mut one, mut two, mut three) = (Vec::new(), Vec::new(), Vec::new());
        replace(&[], 1, b"one", &mut one).unwrap();
        replace(&one, 2, &[7; 300], &mut two).unwrap();
        replace(&two, 1, b"", &mut three).unwrap();
        assert_eq!(find(&two, 1), Some(&b"one"[..]));
        assert_eq!(find(&three, 1), Some(&b""[..]));
        assert_eq!(find(&three, 2), Some(&[7; 300][..]));
        assert_eq!(find(&three, 3), Some(&b""[..]));
    }

    #[test]
    fn bytes_that_are_no_blob_are_not_read_as_an_empty_one() {
        assert_eq!(find(&[1], 1), None);
        assert_eq!(find(&[1, 0, 9, 1], 1), None);
    }
}
