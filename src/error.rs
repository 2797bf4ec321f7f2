//! The umbrella error: what the engine cannot answer at all, and what it will not.

use crate::wire::WireError;

/// A trigger call without an answer.
///
/// Only what is not an event ends here, and what Cognito lets a trigger refuse in no other way. A wrong code, a limit, a store
/// that is down are answers, not errors. It never repeats what the event held.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The trigger refuses. Cognito hands the text on to the client (`UserLambdaValidationException`, "PreSignUp failed with error
    /// …."), so a host lets it through.
    #[error("{0}")]
    Refused(#[from] TriggerRefusal),
    /// The bytes are not an event.
    #[error("the trigger event could not be read")]
    Wire(#[from] WireError),
}

/// Why a trigger refuses. The texts are for clients to tell apart, and stay as they are.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TriggerRefusal {
    /// Post Authentication: nobody has used the account for so long that its number may be somebody else's by now.
    #[error("account is dormant")]
    AccountDormant,
    /// Post Authentication: codes do not open an account of this status.
    #[error("account is closed")]
    AccountClosed,
    /// Pre Sign-up: the policy names no such destination, or its numbers of this kind are not texted.
    #[error("phone number is not supported")]
    NumberNotSupported,
    /// Pre Sign-up: there is no phone number, or none that exists.
    #[error("phone number is invalid")]
    NumberInvalid,
    /// Post Authentication: the number was proven for another account, so it opens this one no more.
    #[error("phone number belongs to another account")]
    NumberLost,
    /// Pre Sign-up: the number, or everybody, has been signed up too often.
    #[error("too many sign-ups")]
    TooManySignUps,
    /// Pre Sign-up: it could not be found out whether it may; nothing was done.
    #[error("try again later")]
    Unavailable,
}
