//! A step of a host's own: a captcha, a PIN, a device check.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::BoxError;
use crate::types::{Claimant, ClientId, Mark, Parameters, UserName, UserPoolId};

/// For whom a step is presented or checked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StepContext<'a> {
    /// The user pool.
    pub pool: UserPoolId<'a>,
    /// The app client.
    pub client: ClientId<'a>,
    /// The user; for an unknown one a made-up name, the same each time.
    pub user: UserName<'a>,
    /// Whether the pool knows the user. **Present and check alike for both**, or the outside can tell.
    pub claimant: Claimant,
    /// Which of our rounds in this sign-in it is, from 1.
    pub round: u8,
}

/// What a step shows the client and keeps for its check.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_structs)] // complete: shown and kept
pub struct Presentation {
    /// Added to the public parameters.
    pub public: Parameters,
    /// Added to the private parameters, which only the check sees.
    pub private: Parameters,
}

/// A step could not be presented or checked. The answer then counts as wrong.
#[derive(Debug, thiserror::Error)]
#[error("a step of the plan could not be carried out")]
pub struct StepError(#[source] BoxError);

impl StepError {
    /// Wraps the step's own error.
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

/// A step of a plan beside the built-in SMS code.
///
/// # Contract
///
/// `check` is called with what `present` kept, up to the policy's rounds per session; anybody can open sessions
/// without end. **A step with a secret that can be guessed says so by [`guessable`](Step::guessable)**, and its checks are
/// then charged to the account like a code's; a step that cannot be guessed (a captcha's signed token) need not be.
#[async_trait]
pub trait Step: Debug + Send + Sync + 'static {
    /// Whether an answer could be guessed, so that checks count against the account's limit.
    fn guessable(&self) -> bool;

    /// Makes what is shown and kept.
    ///
    /// # Errors
    /// [`StepError`]: the client then sees a challenge without the step's own parameters, which nothing answers.
    async fn present(&self, context: &StepContext<'_>) -> Result<Presentation, StepError>;

    /// Whether `answer` is right.
    ///
    /// # Errors
    /// [`StepError`]: the answer counts as wrong.
    async fn check(
        &self,
        context: &StepContext<'_>,
        kept: &Parameters,
        answer: &str,
    ) -> Result<Mark, StepError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: Step + ?Sized> Step for $pointer {
            fn guessable(&self) -> bool {
                (**self).guessable()
            }
            async fn present(&self, context: &StepContext<'_>) -> Result<Presentation, StepError> {
                (**self).present(context).await
            }
            async fn check(
                &self, context: &StepContext<'_>, kept: &Parameters, answer: &str,
            ) -> Result<Mark, StepError> {
                (**self).check(context, kept, answer).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
