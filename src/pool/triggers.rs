//! The port to whatever answers trigger events.

use core::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

/// A trigger that the driver invokes, under the name that Cognito's error messages give it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Trigger {
    /// Makes a challenge.
    CreateAuthChallenge,
    /// Decides what comes next.
    DefineAuthChallenge,
    /// Is told that somebody is about to get tokens; may refuse. Off by default
    /// ([`PoolSettings::account_triggers`](super::PoolSettings::account_triggers)), like the next and Pre Sign-up.
    PostAuthentication,
    /// Is told that a sign-up was confirmed.
    PostConfirmation,
    /// May refuse a sign-up, or confirm it at once.
    PreSignUp,
    /// May refuse a sign-in before it begins; off by default
    /// ([`PoolSettings::pre_authentication`](super::PoolSettings::pre_authentication)).
    PreAuthentication,
    /// Says what tokens say beside what they always do; off by default
    /// ([`PoolSettings::token_generation`](super::PoolSettings::token_generation)).
    PreTokenGeneration,
    /// Judges an answer.
    VerifyAuthChallengeResponse,
}

impl Trigger {
    /// The name in error messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateAuthChallenge => "CreateAuthChallenge",
            Self::DefineAuthChallenge => "DefineAuthChallenge",
            Self::PostAuthentication => "PostAuthentication",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PreSignUp => "PreSignUp",
            Self::PreTokenGeneration => "PreTokenGeneration",
            Self::VerifyAuthChallengeResponse => "VerifyAuthChallengeResponse",
        }
    }

    /// The event's `triggerSource`; of those with several occasions, the first.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::CreateAuthChallenge => "CreateAuthChallenge_Authentication",
            Self::DefineAuthChallenge => "DefineAuthChallenge_Authentication",
            Self::PostAuthentication => "PostAuthentication_Authentication",
            Self::PostConfirmation => "PostConfirmation_ConfirmSignUp",
            Self::PreAuthentication => "PreAuthentication_Authentication",
            Self::PreSignUp => "PreSignUp_SignUp",
            Self::PreTokenGeneration => "TokenGeneration_Authentication",
            Self::VerifyAuthChallengeResponse => "VerifyAuthChallengeResponse_Authentication",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A trigger gave no event back. What it becomes for the client is [`PoolError`](super::PoolError)'s business.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TriggerError {
    /// The handler failed, with this error message. **Cognito shows it to the client**, and so does the driver: put
    /// no number, code or account in it.
    #[error("the trigger failed")]
    Failed(String),
    /// There is no such trigger.
    #[error("no such trigger is configured")]
    NotConfigured,
    /// The handler may not be invoked, or is gone.
    #[error("the trigger could not be invoked")]
    NotInvokable,
}

/// Answers trigger events.
///
/// # Contract
///
/// An event is invoked again when its answer is late, up to three times, and the earlier invocation may still finish:
/// as on Cognito. **An invocation that is repeated must not send twice or count twice.** A future that is dropped may
/// have done all, part or nothing of its work.
#[async_trait]
pub trait Triggers: Debug + Send + Sync + 'static {
    /// Takes the bytes of an event and gives back the bytes of the whole event, with `response` filled in.
    ///
    /// # Errors
    /// [`TriggerError`] if there is no answer. It is not tried again.
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: Triggers + ?Sized> Triggers for $pointer {
            async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
                (**self).invoke(event).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
