//! The one live challenge of a person, and what the ledger holds of it.

use time::Duration;

use super::{
    CodeLength, FlowTag, KeyId, Nonce, Timestamp,
    decimal::{push_decimal, push_signed},
    fields::Fields,
};

/// What was promised when a challenge was made: everything but the code, which is derived from this, a key and
/// the [`Binding`](super::Binding) when it is needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LiveChallenge {
    /// The key the code is derived from.
    pub key_id: KeyId,
    /// What makes it different from every other challenge.
    pub nonce: Nonce,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The first moment at which it is dead.
    pub expires_at: Timestamp,
    /// How many digits its code has.
    pub code_length: CodeLength,
}

/// What the ledger holds for a person: the challenge, and whether it was redeemed. Immutable while open, replaced
/// as a whole when it is redeemed or gives way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LiveRecord {
    /// The challenge.
    pub challenge: LiveChallenge,
    /// Whether it still counts.
    pub state: LiveState,
}

/// Whether a live challenge still counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: a challenge counts or has been used
pub enum LiveState {
    /// Nobody has answered it rightly yet.
    Open,
    /// It was answered rightly, once.
    Redeemed {
        /// The one flow that did.
        by: FlowTag,
        /// When.
        at: Timestamp,
    },
}

impl LiveChallenge {
    /// A challenge made at `issued_at` that lives for `lifetime`.
    #[must_use]
    pub fn new(
        key_id: KeyId,
        nonce: Nonce,
        issued_at: Timestamp,
        lifetime: Duration,
        code_length: CodeLength,
    ) -> Self {
        Self { key_id, nonce, issued_at, expires_at: issued_at + lifetime, code_length }
    }

    /// Whether it counts at `now`: from `issued_at` less the allowed clock skew, until just before `expires_at` (I5).
    #[must_use]
    pub fn counts_at(&self, now: Timestamp, skew: Duration) -> bool {
        self.issued_at - skew <= now && now < self.expires_at
    }

    pub(super) fn write(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.key_id.as_str().as_bytes());
        text.push(b'.');
        self.nonce.write(text);
        for moment in [self.issued_at, self.expires_at] {
            text.push(b'.');
            push_signed(text, moment.as_unix_millis());
        }
        text.push(b'.');
        push_decimal(text, self.code_length.digits().into());
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            key_id: KeyId::parse(fields.text()?)?,
            nonce: Nonce::read(fields)?,
            issued_at: moment(fields)?,
            expires_at: moment(fields)?,
            code_length: CodeLength::from_record(fields.number()?)?,
        })
    }
}

impl LiveRecord {
    /// The record of a challenge that nobody has answered.
    #[must_use]
    pub const fn open(challenge: LiveChallenge) -> Self {
        Self { challenge, state: LiveState::Open }
    }

    /// The record of a challenge that `by` has just answered rightly.
    #[must_use]
    pub const fn redeemed(challenge: LiveChallenge, by: FlowTag, at: Timestamp) -> Self {
        Self { challenge, state: LiveState::Redeemed { by, at } }
    }

    /// Writes `1.kid.nonce.issued.expires.digits`, and `.flow.redeemed` if it was redeemed. Equal records write
    /// equal bytes, so that a store can compare them.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = Vec::with_capacity(128);
        text.extend_from_slice(b"1.");
        self.challenge.write(&mut text);
        if let LiveState::Redeemed { by, at } = &self.state {
            text.push(b'.');
            by.write(&mut text);
            text.push(b'.');
            push_signed(&mut text, at.as_unix_millis());
        }
        // Only ASCII was written.
        String::from_utf8(text).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes.strip_prefix(b"1.")?);
        let challenge = LiveChallenge::read(&mut fields)?;
        let state = if fields.is_at_end() {
            LiveState::Open
        } else {
            LiveState::Redeemed { by: FlowTag::read(&mut fields)?, at: moment(&mut fields)? }
        };
        fields.is_at_end().then_some(Self { challenge, state })
    }
}

fn moment(fields: &mut Fields<'_>) -> Option<Timestamp> {
    fields.number().map(Timestamp::from_unix_millis)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn any_challenge() -> impl Strategy<Value = LiveChallenge> {
        (any::<[u8; 16]>(), -(1_i64 << 60)..1 << 60, 1_i64..=600, 6_u8..=10, "[A-Za-z0-9_-]{1,16}").prop_map(
            |(nonce, issued, lifetime, digits, kid)| {
                LiveChallenge::new(
                    KeyId::parse(&kid).unwrap(),
                    Nonce::from_bytes(nonce),
                    Timestamp::from_unix_millis(issued),
                    Duration::seconds(lifetime),
                    CodeLength::new(digits).unwrap(),
                )
            },
        )
    }

    proptest! {
        #[test]
        fn a_record_reads_back_as_it_was_written(challenge in any_challenge(), flow: [u8; 16], at: i64) {
            let redeemed = LiveRecord::redeemed(challenge, FlowTag::from_bytes(flow), Timestamp::from_unix_millis(at));
            for record in [LiveRecord::open(challenge), redeemed] {
                prop_assert_eq!(LiveRecord::decode(record.encode().as_bytes()), Some(record));
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = LiveRecord::decode(&bytes);
        }

        #[test]
        fn i5_a_challenge_counts_from_its_issue_less_the_skew_until_just_before_its_expiry(challenge in any_challenge()) {
            let (skew, step) = (Duration::seconds(5), Duration::milliseconds(1));
            prop_assert!(challenge.counts_at(challenge.issued_at - skew, skew));
            prop_assert!(!challenge.counts_at(challenge.issued_at - skew - step, skew));
            prop_assert!(challenge.counts_at(challenge.expires_at - step, skew));
            prop_assert!(!challenge.counts_at(challenge.expires_at, skew));
        }
    }

    #[test]
    fn a_damaged_record_is_refused() {
        for text in [
            "",
            "1",
            "1.",
            "2.k1.AAAAAAAAAAAAAAAAAAAAAA.1.2.6",
            "1.k1.AAAA.1.2.6",
            "1.k1.AAAAAAAAAAAAAAAAAAAAAA.1.2.99",
            "1.k1.AAAAAAAAAAAAAAAAAAAAAA.1.2.6.x",
            "1.k1.AAAAAAAAAAAAAAAAAAAAAA.1.2.6.AAAAAAAAAAAAAAAAAAAAAA",
            "1.k1.AAAAAAAAAAAAAAAAAAAAAA.1.2.6.AAAAAAAAAAAAAAAAAAAAAA.3.4",
        ] {
            assert_eq!(LiveRecord::decode(text.as_bytes()), None, "{text}");
        }
    }
}
