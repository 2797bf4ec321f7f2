//! Which steps a sign-in consists of.

use serde::{Deserialize, Serialize};

use super::object::Object;
use crate::types::StepName;

/// What must come before our own steps.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Opening {
    /// Nothing. A client that opens with `SRP_A` all the same goes straight to the first step (iOS and Android SDKs
    /// long sent it without a password).
    #[default]
    Any,
    /// A password by SRP: `SRP_A`, then `PASSWORD_VERIFIER`. A sign-in that opens otherwise fails.
    Password,
}

/// The steps of a sign-in, in order. Tokens are issued when every one was answered rightly in the same flow.
///
/// ```
/// use custom_auth::{Plan, StepName};
///
/// let plan = Plan::new([StepName::new("captcha")?, StepName::sms_code()]);
/// assert_eq!(plan.steps().len(), 2);
/// assert_eq!(Plan::default(), Plan::new([StepName::sms_code()]));
/// # Ok::<(), custom_auth::StepNameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Object<Written>")]
pub struct Plan {
    opening: Opening,
    steps: Vec<StepName>,
}

/// As it is written in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    opening: Opening,
    steps: Vec<StepName>,
}

impl From<Object<Written>> for Plan {
    fn from(Object(Written { opening, steps }): Object<Written>) -> Self {
        Self { opening, steps }
    }
}

impl Plan {
    /// These steps, each once, 1 to 8 of them (checked when the policy is built). The same step
    /// twice would be no second proof, and each is at least one of `rounds_per_session`.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = StepName>) -> Self {
        Self { opening: Opening::Any, steps: steps.into_iter().collect() }
    }

    /// The same steps behind a password, proven by SRP: Cognito checks it, and so does a [`UserPool`](crate::UserPool) with feature
    /// `passwords`.
    #[must_use]
    pub const fn after_password(mut self) -> Self {
        self.opening = Opening::Password;
        self
    }

    /// What must come first, before any step of ours.
    #[must_use]
    pub const fn opening(&self) -> Opening {
        self.opening
    }

    /// Our own steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[StepName] {
        &self.steps
    }

    pub(super) fn is_sound(&self) -> bool {
        let fresh =
            |(place, step): (usize, &StepName)| !self.steps.iter().take(place).any(|earlier| earlier == step);
        (1..=8).contains(&self.steps.len()) && self.steps.iter().enumerate().all(fresh)
    }
}

impl Default for Plan {
    /// One step: a code by SMS.
    fn default() -> Self {
        Self::new([StepName::sms_code()])
    }
}
