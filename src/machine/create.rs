//! *Create*: join the live challenge, or make a fresh one?

use crate::{
    policy::Policy,
    types::{Action, ChallengeMetadata, LiveChallenge, LiveRecord, LiveState, Session, Timestamp},
};

/// Why *create* was called: the three columns of its table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: the columns of the table
pub enum Approach {
    /// The first round of a sign-in.
    Arriving,
    /// A round after a wrong answer.
    Resuming,
    /// A round in which the client asked for the code again.
    Resending,
}

impl Approach {
    /// Reads it off the session and the action. `step_is_open` says whether the newest round was of the step that is
    /// to be presented; if not, the step is new to the person, and they arrive.
    #[must_use]
    pub fn of(session: &Session, action: Action, step_is_open: bool) -> Self {
        match (action, step_is_open && session.last_round().is_some()) {
            (_, false) => Self::Arriving,
            (Action::Answer, true) => Self::Resuming,
            (Action::Resend, true) => Self::Resending,
        }
    }
}

/// What to do about the challenge that the ledger holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
#[allow(clippy::exhaustive_enums)] // complete: the cells of the table
pub enum Course {
    /// The same challenge; a text if the gap has passed and the limits allow.
    Join,
    /// The same challenge, without a text.
    Present,
    /// A fresh challenge in its place, if the limits allow a text.
    Replace,
    /// Nothing that can be answered, and no text.
    Stale,
}

impl Course {
    /// The course once the ledger has told how many tries are left: a challenge that is used up gives way.
    pub const fn with_tries(self, tries_left: u64) -> Self {
        match self {
            Self::Join | Self::Present if tries_left == 0 => Self::Replace,
            Self::Join | Self::Present | Self::Replace | Self::Stale => self,
        }
    }
}

/// Decides about the record that is held for the person.
///
/// `own` is the challenge of this flow's newest round. `started` is when this call began: a record redeemed after that
/// means that this call was overtaken by the person's own success, and must not text.
pub fn create(
    held: &LiveRecord,
    approach: Approach,
    own: Option<&ChallengeMetadata>,
    policy: &Policy,
    started: Timestamp,
    now: Timestamp,
) -> Course {
    let live = &held.challenge;
    if let LiveState::Redeemed { at, .. } = held.state {
        return match approach {
            _ if at > started => Course::Stale,
            Approach::Resuming => Course::Stale,
            Approach::Arriving | Approach::Resending => Course::Replace,
        };
    }
    if !live.counts_at(now, policy.clock_skew()) {
        return Course::Replace;
    }
    match (approach, is_joinable(live, own, policy, now)) {
        (Approach::Resuming, _) if is_own(live, own) => Course::Present,
        (Approach::Resuming, true) => Course::Present,
        (Approach::Resuming, false) => Course::Stale,
        (Approach::Arriving | Approach::Resending, true) => Course::Join,
        (Approach::Arriving | Approach::Resending, false) => Course::Replace,
    }
}

/// Whether a challenge that is joined may be texted once more; else a fresh one takes its place when a text is due.
///
/// Only if it can still be joined a whole gap later: a call that is repeated then finds it and texts nothing (I4). Of a
/// challenge that grew too old between the two calls, one tap would be two texts.
#[must_use]
pub fn may_be_texted_again(
    live: &LiveChallenge,
    own: Option<&ChallengeMetadata>,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    is_joinable(live, own, policy, now + policy.resend_gap())
}

/// Whether a challenge that should give way may be tried meanwhile: it is open and in its lifetime, and this flow's own or
/// young enough for another.
#[must_use]
pub fn may_still_be_tried(
    held: &LiveRecord,
    own: Option<&ChallengeMetadata>,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    let live = &held.challenge;
    held.state == LiveState::Open
        && live.counts_at(now, policy.clock_skew())
        && (is_own(live, own) || now - live.issued_at <= policy.joinable_for())
}

/// Whether it has more than enough of its life left, and is this flow's own or young enough for another.
fn is_joinable(
    live: &LiveChallenge,
    own: Option<&ChallengeMetadata>,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    live.expires_at - now > policy.min_left_to_join()
        && (is_own(live, own) || now - live.issued_at <= policy.joinable_for())
}

/// Whether a challenge is this flow's own: the one of its newest round.
#[must_use]
pub fn is_own(live: &LiveChallenge, own: Option<&ChallengeMetadata>) -> bool {
    own.and_then(|round| round.challenge).is_some_and(|challenge| challenge.nonce == live.nonce)
}
