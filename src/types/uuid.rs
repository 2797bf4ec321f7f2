//! Random UUIDs (RFC 9562, version 4), as Cognito names accounts, sign-ins and tokens.

use core::fmt;

/// 122 bits, random where nothing else is said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Uuid(u128);

const VERSION: u128 = 0xf << 76;
const VARIANT: u128 = 0x3 << 62;
const VERSION_4: u128 = 0x4 << 76;
const RFC_9562: u128 = 0x2 << 62;

impl Uuid {
    /// Takes random bytes, of which six bits are lost.
    pub(crate) const fn from_random(random: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(random) & !VERSION & !VARIANT | VERSION_4 | RFC_9562)
    }

    pub(crate) const fn as_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads what [`Display`](fmt::Display) writes, and nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits: String = text.split('-').collect();
        let bits = u128::from_str_radix(&digits, 16).ok()?;
        let uuid = Self::from_random(bits.to_be_bytes());
        (uuid.to_string() == text).then_some(uuid)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_version_4_and_reads_back() {
        for byte in 0..=255 {
            let uuid = Uuid::from_random([byte; 16]);
            let text = uuid.to_string();
            assert_eq!((&text[14..15], "89ab".contains(&text[19..20]), text.len()), ("4", true, 36));
            assert_eq!(Uuid::parse(&text), Some(uuid));
            assert_eq!(Uuid::from_random(uuid.as_bytes()), uuid);
        }
    }

    #[test]
    fn another_text_is_none() {
        let text = Uuid::from_random([0xab; 16]).to_string();
        for other in [
            "",
            "-",
            "origin",
            &text.to_uppercase(),
            &text.replace('-', ""),
            &text[..35],
            &format!("{text}0"),
        ] {
            assert_eq!(Uuid::parse(other), None, "{other}");
        }
        assert_eq!(Uuid::parse("00000000-0000-1000-8000-000000000000"), None, "another version");
        assert_eq!(Uuid::parse("+0000000-0000-4000-8000-000000000000"), None);
    }
}
