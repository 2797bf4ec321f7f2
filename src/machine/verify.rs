//! *Verify*: is this answer right?

use time::Duration;

use crate::types::{FlowTag, LiveChallenge, LiveRecord, LiveState, Timestamp};

/// How to treat an answer, as far as the ledger's record decides it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
#[allow(clippy::exhaustive_enums)] // complete: the cells of the table
pub enum CheckCourse {
    /// Charge the limits, then compare.
    ChargeAndCompare,
    /// This very flow redeemed it: compare without a charge, so that a repeated call hears the same.
    CompareAgain,
    /// It is not, or not any more, in its lifetime.
    Expired,
    /// Another challenge took its place, another flow redeemed it, or it is gone.
    Superseded,
}

/// What *verify* found. Everything but the two kinds of right is `answerCorrect: false` outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "an unread verdict authenticates nobody"]
#[non_exhaustive]
pub enum Verdict {
    /// Right, and this call redeemed the challenge.
    Right,
    /// Right, and this flow had redeemed the challenge before.
    RightAgain,
    /// Compared, and not the code.
    Wrong,
    /// Not in its lifetime.
    Expired,
    /// Superseded, or redeemed by another flow.
    Superseded,
    /// It could not be a code; nothing was charged or compared.
    Malformed,
    /// A limit refused; nothing was compared.
    Throttled,
    /// A resend was asked for; the answer was not looked at.
    NotLookedAt,
    /// The private parameters are not ours, or name a key that is not listed.
    Unreadable,
    /// A port failed or the deadline passed. What was charged stays charged.
    Unavailable,
}

impl Verdict {
    /// Whether Cognito is told `answerCorrect: true`.
    #[must_use]
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Right | Self::RightAgain)
    }
}

/// Decides how to treat an answer to `challenge` given in `flow`, when the ledger holds `held` for the person.
pub fn verify(
    held: Option<&LiveRecord>,
    challenge: &LiveChallenge,
    flow: FlowTag,
    skew: Duration,
    now: Timestamp,
) -> CheckCourse {
    if !challenge.counts_at(now, skew) {
        return CheckCourse::Expired;
    }
    match held {
        Some(record) if record.challenge == *challenge => match record.state {
            LiveState::Open => CheckCourse::ChargeAndCompare,
            LiveState::Redeemed { by, .. } if by == flow => CheckCourse::CompareAgain,
            LiveState::Redeemed { .. } => CheckCourse::Superseded,
        },
        Some(_) | None => CheckCourse::Superseded,
    }
}
