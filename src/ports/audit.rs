//! What happened, for the operator.

use core::fmt::Debug;
use std::sync::Arc;

use crate::types::{MaskedNumber, Pseudonym, Timestamp};

/// What happened. Precise, for operators; the outside hears none of it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Occurrence {
    /// *verify*: the answer was right and redeemed the challenge.
    AnswerAccepted,
    /// *verify*: the same flow asked again about an answer that was right.
    AnswerAcceptedAgain,
    /// *verify*: the flow that had redeemed the challenge gave another answer; there is nothing left to win.
    AnswerAfterRedemption,
    /// *verify*: it could not be a code; nothing was charged or compared.
    AnswerMalformed,
    /// *verify*: a limit refused; nothing was compared.
    AnswerThrottled,
    /// *verify*: no text of the challenge was ever admitted, so nobody can know its code; it was not compared.
    AnswerUntexted,
    /// *verify*: it was compared and is not the code.
    AnswerWrong,
    /// *verify*: a step of the host's own said so.
    StepAnswered,
    /// *verify*: the challenge had expired, or was not yet valid.
    ChallengeExpired,
    /// *verify* or *create*: another challenge has taken this one's place, or it was redeemed by another flow.
    ChallengeSuperseded,
    /// *verify* or *create*: the challenge's key is not listed any more.
    KeyUnknown,
    /// *verify*: the private parameters are not ours.
    ParametersUnreadable,
    /// *verify*: a resend was asked for; the answer was not looked at.
    ResendAsked,
    /// *create*: the live challenge was presented without a text.
    ChallengeJoined,
    /// *create*: a text was handed to the sender.
    CodeSent,
    /// *create*: no text, since the person is unknown or has no number.
    SendSkippedUnknown,
    /// *create*: no text, since the policy does not allow the destination.
    SendBlocked,
    /// *create*: no text, since a limit of this phone refused.
    SendThrottled,
    /// *create*: no text, since a limit over many phones, or the budget, refused.
    SendThrottledWide,
    /// *create*: the sender refused for good.
    SendRefused,
    /// *create*: the sender did not take it.
    SendFailed,
    /// *create*: nobody knows whether it was sent; it counts as sent.
    SendUnknown,
    /// The ledger failed; nothing was sent, compared or issued.
    LedgerFailed,
    /// Randomness failed; nothing was issued.
    EntropyFailed,
    /// A step of the host's own failed.
    StepFailed,
    /// The deadline passed before the act; it was not begun.
    DeadlinePassed,
    /// *define*: every step was answered rightly.
    TokensIssued,
    /// *define*: the sign-in was ended without tokens.
    AuthenticationFailed,
    /// *verify*: after a right answer the failures of the account could not be set back to none.
    SeriesNotReset,
    /// An account that nobody had proven was given a new password.
    AccountAdopted,
    /// An account that nobody had proven was deleted.
    AccountDeleted,
    /// A number was proven whose account has not been used for too long.
    AccountDormant,
    /// An account has another number, proven.
    PhoneChanged,
    /// A number was proven for the first time, or anew after another account had it.
    PhoneVerified,
    /// Too many questions about a number, or from a client.
    QuestionThrottled,
    /// A number was signed up.
    SignedUp,
    /// Pre Sign-up: refused, since the number is not one that is texted.
    SignUpBlocked,
    /// Pre Sign-up: refused, since there is no such number.
    SignUpNumberInvalid,
    /// Pre Sign-up: refused by a limit.
    SignUpThrottled,
    /// Post Authentication: the sign-in was refused, since codes do not open an account of this status.
    AccountClosed,
    /// Post Authentication: the sign-in was refused, since the number was proven for another account.
    NumberLost,
    /// Post Authentication or Post Confirmation: what a proof changes about the account could not be done; the sign-in went on, and
    /// the next one does it.
    AccountWorkFailed,
    /// An operator started a new series of consecutive failures.
    SeriesReset,
}

/// One thing that happened, redacted by construction: a pseudonym and a masked number, no code and no user name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub occurrence: Occurrence,
    /// Whose account: the ledger's name for it.
    pub account: Option<Pseudonym>,
    /// Which phone: calling code and last two digits.
    pub phone: Option<MaskedNumber>,
    /// Which of our rounds of the sign-in, from 1; 0 if not known.
    pub round: u8,
}

impl AuditEvent {
    /// One thing that happened.
    #[must_use]
    pub const fn new(
        at: Timestamp,
        occurrence: Occurrence,
        account: Option<Pseudonym>,
        phone: Option<MaskedNumber>,
        round: u8,
    ) -> Self {
        Self { at, occurrence, account, phone, round }
    }
}

/// Takes note of what happens.
///
/// # Contract
///
/// Returns at once and never fails: a sink that cannot keep up drops and counts. Events hold no code, key or full
/// number, but they do say what the outside must not learn; keep them inside.
pub trait AuditSink: Debug + Send + Sync + 'static {
    /// Takes note of `event`.
    fn record(&self, event: &AuditEvent);
}

/// Takes no note.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs)] // a unit
pub struct Discard;

impl AuditSink for Discard {
    fn record(&self, _: &AuditEvent) {}
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        impl<T: AuditSink + ?Sized> AuditSink for $pointer {
            fn record(&self, event: &AuditEvent) {
                (**self).record(event);
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
