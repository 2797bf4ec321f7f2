//! What Cognito lets an app client choose, and what its pages leave open.

use time::Duration;

use super::{BuildPoolError, RefreshTokenRotation};

/// How the driver behaves where Cognito has a setting, or where the sources about it are silent or disagree.
///
/// Settled without a switch, because any other way is less safe: *define* that says both `failAuthentication` and
/// `issueTokens` fails; *define* that says nothing is an `InvalidLambdaResponseException`; `answerCorrect` that is
/// null or absent is wrong; a trigger that fails (rather than being late) is not invoked again.
///
/// ```
/// use custom_auth::pool::{PoolSettings, PreventUserExistenceErrors};
///
/// let mut settings = PoolSettings::default();
/// settings.prevent_user_existence_errors = PreventUserExistenceErrors::Legacy;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PoolSettings {
    /// Whether the triggers around the challenge run: Pre Sign-up, Post Confirmation, Post Authentication. Default: they do not,
    /// since [`Accounts`](crate::Accounts) do their work in process.
    pub account_triggers: AccountTriggers,
    /// What becomes of the client metadata of an answer when *create* runs. Default: it is passed.
    pub create_metadata: CreateMetadata,
    /// What becomes of parameters that are not strings. Default: they are made strings.
    pub parameter_coercion: ParameterCoercion,
    /// Whether the Pre Authentication trigger runs. Default: it does not.
    pub pre_authentication: PreAuthentication,
    /// Whether clients can tell that a user does not exist. Default: they cannot.
    pub prevent_user_existence_errors: PreventUserExistenceErrors,
    /// Whether a refresh token is replaced when it is used. Default: it is not.
    pub refresh_token_rotation: RefreshTokenRotation,
    /// How long somebody stays signed in: 1 hour to 10 years, as on Cognito. Default 30 days. Rotation does not lengthen it.
    pub refresh_token_validity: Duration,
    /// Whether one proof signs in that is no step of the triggers' plan. Default: it does.
    pub single_proof: SingleProof,
    /// What becomes of a password that whoever signs up has chosen. Default: it stays if whoever confirms has the sign-up's session.
    pub sign_up_password: SignUpPassword,
    /// The longest session token that is taken, in characters. Default 8,192, the limit seen on the live service; its
    /// model says 2,048. Like the live service, the driver may issue a longer one, which the next call then refuses:
    /// keep private parameters and metadata small.
    pub session_limit: usize,
    /// How long a session token can be answered: 3 to 15 minutes (Cognito: `AuthSessionValidity`, default 3), and not
    /// below the code's lifetime, or the last codes cannot be used. Default 5 minutes. It starts anew with each
    /// challenge.
    pub session_validity: Duration,
    /// Whether Pre Token Generation is asked what tokens say. Default: it is not.
    pub token_generation: TokenGeneration,
    /// How long one invocation of a trigger may take before it is invoked again, at most three times. More than zero,
    /// at most 60 s. Default 5 s, which Cognito does not let anybody change.
    pub trigger_timeout: Duration,
    /// When an account that was never confirmed is turned away. Default: before *define*.
    pub unconfirmed_gate: UnconfirmedGate,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            account_triggers: AccountTriggers::default(),
            create_metadata: CreateMetadata::default(),
            parameter_coercion: ParameterCoercion::default(),
            pre_authentication: PreAuthentication::default(),
            prevent_user_existence_errors: PreventUserExistenceErrors::default(),
            refresh_token_rotation: RefreshTokenRotation::default(),
            refresh_token_validity: Duration::days(30),
            single_proof: SingleProof::default(),
            sign_up_password: SignUpPassword::default(),
            session_limit: 8192,
            session_validity: Duration::minutes(5),
            token_generation: TokenGeneration::default(),
            trigger_timeout: Duration::seconds(5),
            unconfirmed_gate: UnconfirmedGate::default(),
        }
    }
}

impl PoolSettings {
    pub(super) fn check(&self) -> Result<(), BuildPoolError> {
        if !(Duration::minutes(3)..=Duration::minutes(15)).contains(&self.session_validity) {
            return Err(BuildPoolError::SessionValidity);
        }
        let graces = Duration::ZERO..=Duration::MINUTE;
        if matches!(self.refresh_token_rotation, RefreshTokenRotation::On { grace } if !graces.contains(&grace))
        {
            return Err(BuildPoolError::RotationGrace);
        }
        if !(Duration::HOUR..=Duration::days(3_653)).contains(&self.refresh_token_validity) {
            return Err(BuildPoolError::RefreshTokenValidity);
        }
        if self.trigger_timeout <= Duration::ZERO || self.trigger_timeout > Duration::MINUTE {
            return Err(BuildPoolError::TriggerTimeout);
        }
        Ok(())
    }
}

/// Whether the triggers around the challenge run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AccountTriggers {
    /// They do, as on Cognito: Pre Sign-up before an account is made, Post Confirmation once it is confirmed, Post
    /// Authentication before a sign-in ends well. What one of the last two refuses is not undone.
    Invoke,
    /// They do not.
    #[default]
    Skip,
}

/// Whether client metadata of an answer reaches *create* from the second round on.
///
/// The Create Auth Challenge page says so and AWS's own passwordless sample depends on it; one report could not get it
/// delivered, but ran *create* on `InitiateAuth` only, where all agree that there is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CreateMetadata {
    /// It does.
    #[default]
    Pass,
    /// It does not.
    Withhold,
}

/// What becomes of challenge parameters whose value is not a string.
///
/// The pages say string to string; a template of AWS's own gives a boolean and works.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ParameterCoercion {
    /// Such an output is refused: `InvalidLambdaResponseException`.
    Reject,
    /// Booleans and numbers become strings, nulls fall away; objects and arrays are refused.
    #[default]
    Stringify,
}

/// Whether the Pre Authentication trigger runs in a custom flow.
///
/// The service's model says `InitiateAuth` runs it; AWS support and the Amplify maintainers (2020) say that it does not
/// in `CUSTOM_AUTH`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum PreAuthentication {
    /// It runs after the status is checked and before *define*, with the call's client metadata as `validationData`.
    Invoke,
    /// It does not.
    #[default]
    Skip,
}

/// Cognito's app client setting of the same name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: Cognito's two values
pub enum PreventUserExistenceErrors {
    /// `ENABLED`: an unknown user goes through a simulated sign-in that cannot succeed.
    #[default]
    Enabled,
    /// `LEGACY`: an unknown user is answered `UserNotFoundException`, and no trigger runs.
    Legacy,
}

/// Whether Pre Token Generation runs, in its first form (V1): before each sign-in's tokens, and before each refresh's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenGeneration {
    /// It does. Where it fails there are no tokens, as on Cognito.
    Invoke,
    /// It does not.
    #[default]
    Skip,
}

/// When an account that was never confirmed is answered `UserNotConfirmedException`.
///
/// It comes on `InitiateAuth`, before any answer; no source states the order of it and *define*.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnconfirmedGate {
    /// *Define* runs first and may fail the sign-in; nothing else runs.
    AfterDefine,
    /// No trigger runs.
    #[default]
    BeforeDefine,
}

/// What becomes of a password that whoever signs up has chosen, once somebody confirms the sign-up by its code.
///
/// Whoever signs a stranger's number up knows a password, and the stranger may well answer the code. Cognito keeps the password
/// then, and with it a way in for somebody else.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SignUpPassword {
    /// It stays, as on Cognito. **Whoever signed the number up has a way into the account of whoever confirms it.** For clients that send no
    /// session when they confirm: Amplify does not.
    DangerKeep,
    /// Sign-ups get a random one, and passwords open nothing.
    Ignore,
    /// It stays if whoever confirms shows the sign-up's session too, or the password; else it is replaced by a random one.
    #[default]
    KeepWithSession,
}

/// Whether one proof signs in by itself, past *define*: a password alone ([`sign_in_with_password`](super::UserPool::sign_in_with_password),
/// `USER_SRP_AUTH`), or the code that has just confirmed a sign-up ([`continue_sign_in`](super::UserPool::continue_sign_in)).
///
/// (Cognito: `ExplicitAuthFlows`.)
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SingleProof {
    /// It does not: every sign-in goes through *define*. **For plans of more than the code**, which are worth nothing otherwise.
    Refuse,
    /// It does.
    #[default]
    SignsIn,
}
