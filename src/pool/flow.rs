//! What travels inside a session token: one sign-in between two calls.

use zeroize::Zeroizing;

use crate::types::{Claimant, Mark, Parameters, PhoneNumber, Timestamp};

/// A sign-in with an open challenge.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Flow {
    pub(super) token_id: [u8; 16],
    pub(super) expires_at: Timestamp,
    pub(super) claimant: Claimant,
    pub(super) user_name: String,
    /// The number that is being proven, where it is not an account that signs in.
    pub(super) phone: Option<PhoneNumber>,
    pub(super) results: Vec<RoundResult>,
    /// The private parameters of the open challenge.
    pub(super) private: Parameters,
    /// The metadata of the open challenge.
    pub(super) metadata: Option<String>,
}

/// One element of the `session` array. Unlike the machine's own it keeps any trigger's metadata as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RoundResult {
    pub(super) name: RoundName,
    pub(super) mark: Mark,
    pub(super) metadata: Option<String>,
}

/// The challenges that this driver knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RoundName {
    Custom,
    PasswordVerifier,
    SrpA,
}

impl RoundName {
    pub(super) const fn as_cognito(self) -> &'static str {
        match self {
            Self::Custom => "CUSTOM_CHALLENGE",
            Self::PasswordVerifier => "PASSWORD_VERIFIER",
            Self::SrpA => "SRP_A",
        }
    }
}

/// Lengths are rounded up to this many bytes, so that small differences do not show.
const BUCKET: usize = 256;
/// A user name takes a multiple of this many bytes, so that real and made-up ones weigh the same.
pub(super) const NAME_BUCKET: usize = 64;
/// A number takes as many bytes, with its length.
const PHONE: usize = 17;
const VERSION: u8 = 2;

impl Flow {
    /// The flow of an account in which nothing has happened yet.
    pub(super) fn new(token_id: [u8; 16], expires_at: Timestamp, user_name: &str) -> Self {
        Self {
            token_id,
            expires_at,
            claimant: Claimant::Known,
            user_name: user_name.to_owned(),
            phone: None,
            results: Vec::new(),
            private: Parameters::new(),
            metadata: None,
        }
    }

    /// Writes version, token id, expiry, claimant, user name, results, parameters and metadata, then zeros up to
    /// the next bucket. `None` if a part has 4 GiB.
    pub(super) fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut out = Writer(Zeroizing::new(Vec::with_capacity(4 * BUCKET)));
        out.byte(VERSION);
        out.bytes(&self.token_id);
        out.bytes(&self.expires_at.as_unix_millis().to_be_bytes());
        out.byte(u8::from(self.claimant == Claimant::Unknown));
        out.text(&self.user_name)?;
        out.pad(self.user_name.len(), NAME_BUCKET);
        let phone = self.phone.as_ref().map_or("", PhoneNumber::e164);
        out.text(phone)?;
        out.pad(phone.len() + 1, PHONE);
        out.number(self.results.len())?;
        for result in &self.results {
            let name: u8 = match result.name {
                RoundName::Custom => 0,
                RoundName::SrpA => 1,
                RoundName::PasswordVerifier => 2,
            };
            out.byte(name << 1 | u8::from(result.mark == Mark::Right));
            out.optional(result.metadata.as_deref())?;
        }
        out.number(self.private.len())?;
        for (key, value) in &self.private {
            out.text(key)?;
            out.text(value)?;
        }
        // A challenge often keeps the same text as metadata and as private parameter: it is written once.
        let metadata = self.metadata.as_deref();
        match metadata.and_then(|text| self.private.values().position(|value| value == text)) {
            Some(place) => {
                out.byte(SAME_AS);
                out.number(place)?;
            }
            None => out.optional(metadata)?,
        }
        let len = out.0.len();
        out.pad(len, BUCKET);
        Some(out.0)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub(super) fn decode(plain: &[u8]) -> Option<Self> {
        let mut rest = Reader(plain);
        if rest.byte()? != VERSION {
            return None;
        }
        let token_id = rest.array()?;
        let expires_at = rest.moment()?;
        let claimant = match rest.byte()? {
            0 => Claimant::Known,
            1 => Claimant::Unknown,
            _ => return None,
        };
        let user_name = rest.text()?;
        rest.padding(user_name.len(), NAME_BUCKET)?;
        let phone = rest.text()?;
        rest.padding(phone.len() + 1, PHONE)?;
        let phone = if phone.is_empty() { None } else { Some(phone.parse().ok()?) };
        let results = (0..rest.number()?).map(|_| rest.result()).collect::<Option<_>>()?;
        let private = (0..rest.number()?)
            .map(|_| Some((rest.text()?, rest.text()?)))
            .collect::<Option<Parameters>>()?;
        let metadata = match rest.byte()? {
            NONE => None,
            SAME_AS => Some(private.values().nth(rest.number()?)?.clone()),
            SOME => Some(rest.text()?),
            _ => return None,
        };
        rest.padding(plain.len() - rest.0.len(), BUCKET)?;
        let flow = Self { token_id, expires_at, claimant, user_name, phone, results, private, metadata };
        rest.0.is_empty().then_some(flow)
    }
}

const NONE: u8 = 0;
const SOME: u8 = 1;
const SAME_AS: u8 = 2;

pub(super) struct Writer(pub(super) Zeroizing<Vec<u8>>);

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Seven bits a byte, lowest first; all but the last have the high bit.
    fn number(&mut self, number: usize) -> Option<()> {
        let mut left = u32::try_from(number).ok()?;
        while left > 0x7f {
            self.byte((left & 0x7f) as u8 | 0x80);
            left >>= 7;
        }
        self.byte(left as u8);
        Some(())
    }

    pub(super) fn text(&mut self, text: &str) -> Option<()> {
        self.number(text.len())?;
        self.bytes(text.as_bytes());
        Some(())
    }

    fn optional(&mut self, text: Option<&str>) -> Option<()> {
        match text {
            None => self.byte(NONE),
            Some(text) => {
                self.byte(SOME);
                self.text(text)?;
            }
        }
        Some(())
    }

    pub(super) fn pad(&mut self, len: usize, bucket: usize) {
        let padded = self.0.len() + missing(len, bucket);
        self.0.resize(padded, 0);
    }
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(super) fn moment(&mut self) -> Option<Timestamp> {
        Some(Timestamp::from_unix_millis(i64::from_be_bytes(self.array()?)))
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let len = self.number()?;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        core::str::from_utf8(text).ok().map(str::to_owned)
    }

    fn result(&mut self) -> Option<RoundResult> {
        let kind = self.byte()?;
        let metadata = match self.byte()? {
            NONE => None,
            SOME => Some(self.text()?),
            _ => return None,
        };
        Some(RoundResult {
            name: match kind >> 1 {
                0 => RoundName::Custom,
                1 => RoundName::SrpA,
                2 => RoundName::PasswordVerifier,
                _ => return None,
            },
            mark: if kind & 1 == 0 { Mark::Wrong } else { Mark::Right },
            metadata,
        })
    }

    pub(super) fn padding(&mut self, len: usize, bucket: usize) -> Option<()> {
        let (zeros, rest) = self.0.split_at_checked(missing(len, bucket))?;
        self.0 = rest;
        zeros.iter().all(|byte| *byte == 0).then_some(())
    }
}

/// How many bytes `len` lacks to a multiple of `bucket`.
const fn missing(len: usize, bucket: usize) -> usize {
    len.next_multiple_of(bucket) - len
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_flow() -> impl Strategy<Value = Flow> {
        let text = || "\\PC{0,40}";
        let name =
            prop::sample::select(vec![RoundName::Custom, RoundName::PasswordVerifier, RoundName::SrpA]);
        let result =
            (name, any::<bool>(), proptest::option::of(text())).prop_map(|(name, right, metadata)| {
                RoundResult { name, mark: if right { Mark::Right } else { Mark::Wrong }, metadata }
            });
        (
            any::<([u8; 16], i64, bool)>(),
            "\\PC{0,130}",
            proptest::collection::vec(result, 0..12),
            proptest::collection::btree_map(text(), "\\PC{0,300}", 0..4),
            proptest::option::of(text()),
            (any::<bool>(), proptest::option::of("\\+[1-9][0-9]{6,14}")),
        )
            .prop_map(
                |((token_id, expiry, known), user_name, results, private, metadata, (same, phone))| Flow {
                    token_id,
                    expires_at: Timestamp::from_unix_millis(expiry),
                    claimant: if known { Claimant::Known } else { Claimant::Unknown },
                    user_name,
                    phone: phone.and_then(|phone| phone.parse().ok()),
                    results,
                    metadata: if same { private.values().last().cloned() } else { metadata },
                    private,
                },
            )
    }

    proptest! {
        #[test]
        fn a_flow_reads_back_as_it_was_written_and_fills_its_bucket(flow in any_flow()) {
            let plain = flow.encode().unwrap();
            prop_assert_eq!(plain.len() % BUCKET, 0);
            prop_assert_eq!(Flow::decode(&plain), Some(flow));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, flow in any_flow(), place: prop::sample::Index, to: u8) {
            let _ = Flow::decode(&bytes);
            let mut plain = flow.encode().unwrap();
            let place = place.index(plain.len());
            plain[place] = to;
            let _ = Flow::decode(&plain);
            prop_assert_eq!(Flow::decode(&plain[..place]), None);
        }
    }
}
