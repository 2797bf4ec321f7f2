//! What a client is told when it is told an error: Cognito's type names and words.

use super::{Trigger, TriggerError};
use crate::ports::{BoxError, EntropyError, StoreError};

/// A request that was not carried out.
///
/// [`code`](Self::code) is Cognito's exception type and `Display` is Cognito's message, to the letter, full stops
/// included: clients compare them. Where no message of Cognito's is known, the variant says so. None repeats a phone
/// number, an answer or a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The pool was built without [`accounts`](super::UserPoolBuilder::accounts). The words are our own.
    #[error("This user pool has no accounts configured.")]
    AccountsNotConfigured,
    /// The number was proven for another account, and the call does not force it to move.
    #[error("An account with the given phone_number already exists.")]
    AliasExists,
    /// The code is not right.
    #[error("Invalid verification code provided, please try again.")]
    CodeMismatch,
    /// The account is switched off. Cognito's words are inferred.
    #[error("User is disabled.")]
    Disabled,
    /// A store or the source of randomness failed. Nothing was issued. The session token may have been used up.
    #[error("Internal error. Please try again.")]
    Internal(#[source] BoxError),
    /// There is no code to be answered any more; or, under `PreventUserExistenceErrors` ENABLED, nobody of this name signed up.
    #[error("Invalid code provided, please request a code again.")]
    ExpiredCode,
    /// A parameter is longer than Cognito takes. Its form is Cognito's validation message.
    #[error(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less \
         than or equal to {limit}"
    )]
    ParameterTooLong {
        /// Which.
        name: &'static str,
        /// The longest that is taken, in characters.
        limit: usize,
    },
    /// Too many answers or questions.
    #[error("Attempt limit exceeded, please try after some time.")]
    LimitExceeded,
    /// A required parameter is absent or empty.
    #[error("Missing required parameter {0}")]
    MissingParameter(&'static str),
    /// The sign-in failed: *define* said so, or the user is unknown, or *create* left the private parameters empty.
    #[error("Incorrect username or password.")]
    NotAuthorized,
    /// A sign-up of a number that could not be texted: its kind or its destination is not served. The words are our own.
    #[error("This phone number is not supported.")]
    NumberNotSupported,
    /// The sign-in that the access token comes from was ended since (Cognito's words).
    #[error("Access Token has been revoked")]
    AccessTokenRevoked,
    /// The refresh token has expired.
    #[error("Refresh Token has expired")]
    RefreshTokenExpired,
    /// Not a refresh token of this pool and client.
    #[error("Invalid Refresh Token")]
    RefreshTokenInvalid,
    /// A refresh token was used again after it was replaced: stolen, or its successor was. The sign-in is ended. The words are
    /// our own.
    #[error("Refresh token has been used already")]
    RefreshTokenReused,
    /// The sign-in that the refresh token comes from was ended.
    #[error("Refresh Token has been revoked")]
    RefreshTokenRevoked,
    /// The account's password is to be reset first, so it opens nothing. A code does: Cognito declares this error for sign-ins by
    /// code as well, but whether it gives it where no password is used is not on record. Its words are inferred.
    #[error("Password reset required for the user")]
    PasswordResetRequired,
    /// Too many passwords were tried for one account. A code opens it all the same.
    #[error("Password attempts exceeded")]
    PasswordAttemptsExceeded,
    /// A password for a new account is shorter than 8 characters, or longer than 256.
    #[error("Password did not conform with policy: Password must have 8 to 256 characters")]
    PasswordLength,
    /// *Define* asked for a password (`PASSWORD_VERIFIER`), and the pool looks at none, or the client sent no `SRP_A` with it. The words
    /// are our own.
    #[error("PASSWORD_VERIFIER is not supported by this user pool.")]
    PasswordVerifierUnsupported,
    /// The client's `SRP_A` is none.
    #[error("SRP_A must be a public value of SRP, in hexadecimal")]
    SrpInvalid,
    /// The session token is too old.
    #[error("Invalid session for the user, session is expired.")]
    SessionExpired,
    /// The session token is none of ours, or another user's.
    #[error("Invalid session for the user.")]
    SessionInvalid,
    /// The session token was used before.
    #[error("Invalid session for the user, session can only be used once.")]
    SessionUsed,
    /// A trigger failed with this message.
    #[error("{trigger} failed with error {message}.")]
    TriggerFailed {
        /// Which.
        trigger: Trigger,
        /// Its own words.
        message: String,
    },
    /// There is no such trigger.
    #[error("Custom auth lambda trigger is not configured for the user pool.")]
    TriggerNotConfigured,
    /// A trigger could not be invoked.
    #[error("{0} invocation failed due to error AccessDeniedException.")]
    TriggerNotInvokable(Trigger),
    /// A trigger's output is not JSON, or is `null`.
    #[error("Invalid lambda function output : Invalid JSON")]
    TriggerOutputInvalid,
    /// A trigger's output is JSON of another shape, or decides nothing that can be done.
    #[error("Unrecognizable lambda output")]
    TriggerOutputUnrecognizable,
    /// A trigger did not answer in time, three times. Cognito's words are not on record.
    #[error("{0} invocation failed due to error timeout.")]
    TriggerTimedOut(Trigger),
    /// *Define* issued tokens with no challenge answered, where a challenge was asked for
    /// ([`UserPool::sign_in`](super::UserPool::sign_in)). The words are our own.
    #[error("Unrecognizable lambda output: tokens before any challenge")]
    UnexpectedTokens,
    /// The account is confirmed, so there is no code to be sent.
    #[error("User is already confirmed.")]
    UserAlreadyConfirmed,
    /// The account cannot be confirmed, since it is not unconfirmed.
    #[error("User cannot be confirmed. Current status is {0}")]
    UserCannotBeConfirmed(String),
    /// The number is taken.
    #[error("An account with the given phone_number already exists.")]
    UsernameExists,
    /// The account was never confirmed.
    #[error("User is not confirmed.")]
    UserNotConfirmed,
    /// Nobody who signs in has this name. Told only under `PreventUserExistenceErrors` LEGACY.
    #[error("User does not exist.")]
    UserNotFound,
    /// Nobody of this name signed up: of the calls that confirm a sign-up. Told only under `PreventUserExistenceErrors` LEGACY.
    #[error("Username/client id combination not found.")]
    UsernameNotFound,
}

impl PoolError {
    /// Cognito's exception type, as in `__type`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AliasExists => "AliasExistsException",
            Self::CodeMismatch => "CodeMismatchException",
            Self::AccessTokenRevoked
            | Self::Disabled
            | Self::NotAuthorized
            | Self::PasswordAttemptsExceeded
            | Self::RefreshTokenExpired
            | Self::RefreshTokenInvalid
            | Self::RefreshTokenRevoked
            | Self::SessionExpired
            | Self::SessionInvalid
            | Self::SessionUsed
            | Self::UserCannotBeConfirmed(_) => "NotAuthorizedException",
            Self::ExpiredCode => "ExpiredCodeException",
            Self::Internal(_) => "InternalErrorException",
            Self::LimitExceeded => "LimitExceededException",
            Self::AccountsNotConfigured
            | Self::MissingParameter(_)
            | Self::NumberNotSupported
            | Self::ParameterTooLong { .. }
            | Self::PasswordVerifierUnsupported
            | Self::SrpInvalid
            | Self::TriggerNotConfigured
            | Self::UserAlreadyConfirmed => "InvalidParameterException",
            Self::PasswordLength => "InvalidPasswordException",
            Self::PasswordResetRequired => "PasswordResetRequiredException",
            Self::RefreshTokenReused => "RefreshTokenReuseException",
            Self::TriggerFailed { .. } => "UserLambdaValidationException",
            Self::TriggerNotInvokable(_) | Self::TriggerTimedOut(_) => "UnexpectedLambdaException",
            Self::TriggerOutputInvalid | Self::TriggerOutputUnrecognizable | Self::UnexpectedTokens => {
                "InvalidLambdaResponseException"
            }
            Self::UsernameExists => "UsernameExistsException",
            Self::UserNotConfirmed => "UserNotConfirmedException",
            Self::UserNotFound | Self::UsernameNotFound => "UserNotFoundException",
        }
    }

    pub(super) fn trigger(trigger: Trigger, error: TriggerError) -> Self {
        match error {
            TriggerError::Failed(message) => Self::TriggerFailed { trigger, message },
            TriggerError::NotConfigured => Self::TriggerNotConfigured,
            TriggerError::NotInvokable => Self::TriggerNotInvokable(trigger),
        }
    }
}

impl From<StoreError> for PoolError {
    fn from(error: StoreError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<EntropyError> for PoolError {
    fn from(error: EntropyError) -> Self {
        Self::Internal(Box::new(error))
    }
}
