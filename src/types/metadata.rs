//! What one round remembers for the next.

use super::{FlowTag, LiveChallenge, StepName, decimal::push_decimal, fields::Fields};

/// Whether the pool knows the person who is signing in (Cognito: `userNotFound`).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: known or not
pub enum Claimant {
    /// There is such a user.
    Known,
    /// There is none, or none that may be texted; everything looks the same from outside.
    Unknown,
}

/// What the outside is told about a round, beside its numbers. Equal for real and decoy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// The challenge is open. On the first round of a sign-in.
    Open,
    /// The last challenge ran out or was used up; this is a fresh one, with a new code.
    Replaced,
    /// A resend was asked for and the same code is on its way again.
    Resent,
    /// No text was sent: ask again in `resendIn` seconds.
    Wait,
    /// The last answer was not right.
    Wrong,
}

impl Status {
    /// What clients see under `status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replaced => "replaced",
            Self::Resent => "resent",
            Self::Wait => "wait",
            Self::Wrong => "wrong",
        }
    }

    fn from_bytes(text: &[u8]) -> Option<Self> {
        Some(match text {
            b"open" => Self::Open,
            b"replaced" => Self::Replaced,
            b"resent" => Self::Resent,
            b"wait" => Self::Wait,
            b"wrong" => Self::Wrong,
            _ => return None,
        })
    }
}

/// One round of ours, as it travels in `challengeMetadata` (which later rounds' define and create see) and in the
/// private parameters (which verify sees). Under 250 bytes: the whole Cognito session has a hard size limit.
///
/// Written `1.claimant.step.flow.round.tries.status[.kid.nonce.issued.expires.digits]`. No code, number or user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ChallengeMetadata {
    /// For whom: a decoy's round can never be answered rightly.
    pub claimant: Claimant,
    /// The step of the plan.
    pub step: StepName,
    /// The sign-in it belongs to.
    pub flow: FlowTag,
    /// Which of our rounds in this sign-in it is, from 1.
    pub round: u8,
    /// How many answers may still be tried on this challenge, as the ledger said when the round was made.
    pub tries_left: u8,
    /// What the outside was told.
    pub status: Status,
    /// The live challenge, if the step has one.
    pub challenge: Option<LiveChallenge>,
}

impl ChallengeMetadata {
    /// One round; the members in the order of their declaration.
    #[must_use]
    pub const fn new(
        claimant: Claimant,
        step: StepName,
        flow: FlowTag,
        round: u8,
        tries_left: u8,
        status: Status,
        challenge: Option<LiveChallenge>,
    ) -> Self {
        Self { claimant, step, flow, round, tries_left, status, challenge }
    }

    /// The text that travels.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = Vec::with_capacity(192);
        text.extend_from_slice(match self.claimant {
            Claimant::Known => b"1.k.",
            Claimant::Unknown => b"1.u.",
        });
        text.extend_from_slice(self.step.as_bytes());
        text.push(b'.');
        self.flow.write(&mut text);
        for number in [self.round, self.tries_left] {
            text.push(b'.');
            push_decimal(&mut text, number.into());
        }
        text.push(b'.');
        text.extend_from_slice(self.status.as_str().as_bytes());
        if let Some(challenge) = &self.challenge {
            text.push(b'.');
            challenge.write(&mut text);
        }
        // Only ASCII was written.
        String::from_utf8(text).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else, which is then no round of ours.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut fields = Fields::new(text.as_bytes().strip_prefix(b"1.")?);
        let metadata = Self {
            claimant: match fields.exactly()? {
                b"k" => Claimant::Known,
                b"u" => Claimant::Unknown,
                _ => return None,
            },
            step: StepName::from_bytes(fields.field()?)?,
            flow: FlowTag::read(&mut fields)?,
            round: fields.number()?,
            tries_left: fields.number()?,
            status: Status::from_bytes(fields.field()?)?,
            challenge: if fields.is_at_end() { None } else { Some(LiveChallenge::read(&mut fields)?) },
        };
        fields.is_at_end().then_some(metadata)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::live::tests::any_challenge;
    use super::*;

    proptest! {
        #[test]
        fn metadata_reads_back_as_it_was_written_and_stays_under_250_bytes(
            challenge in proptest::option::of(any_challenge()), flow: [u8; 16], round: u8, tries_left: u8,
            step in "[a-z0-9_-]{1,16}", known: bool, status in 0_usize..5,
        ) {
            let metadata = ChallengeMetadata {
                claimant: if known { Claimant::Known } else { Claimant::Unknown },
                step: StepName::new(&step)?,
                flow: FlowTag::from_bytes(flow),
                status: [Status::Open, Status::Replaced, Status::Resent, Status::Wait, Status::Wrong][status],
                round, tries_left, challenge,
            };
            let text = metadata.encode();
            prop_assert!(text.len() < 250, "{}", text.len());
            prop_assert_eq!(ChallengeMetadata::decode(&text), Some(metadata));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            let _ = ChallengeMetadata::decode(&text);
            let _ = ChallengeMetadata::decode(&format!("1.k.sms_code.{text}"));
        }
    }

    #[test]
    fn what_others_wrote_is_not_ours() {
        for text in [
            "",
            "CODE-123456",
            "1.k.sms_code",
            "1.x.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open",
            "2.k.sms_code.AAAAAAAAAAAAAAAAAAAAAA.1.3.open",
        ] {
            assert_eq!(ChallengeMetadata::decode(text), None, "{text}");
        }
    }
}
