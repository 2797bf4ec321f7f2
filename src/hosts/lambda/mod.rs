//! The Lambda host: one function that answers every trigger of a Cognito user pool.
//!
//! [`Settings`] reads what the function is told by its environment, [`run`] answers Lambda until it stops the process.
//! `examples/lambda.rs` is the whole program.
//!
//! The function answers *define*, *create* and *verify*, so a pool's `LambdaConfig` names it three times:
//! `DefineAuthChallenge`, `CreateAuthChallenge` and `VerifyAuthChallengeResponse`. The same function stands behind the
//! triggers around them, such as `PreSignUp`, if the policy asks for it ([`crate::guide::cognito`]). Give it at least Cognito's own five
//! seconds as its timeout, and memory enough that a cold start is short; Cognito counts the cold start too.
//!
//! Its runtime library can print whole events, which hold numbers and typed answers: install no log subscriber that
//! takes its `TRACE` level.

#[cfg(feature = "aws")]
mod aws;
mod function;
mod metrics;
mod run;
mod settings;

pub use super::{SettingError, SettingErrors};
pub use function::{Function, KeySource};
pub use metrics::MetricLines;
pub use run::run;
pub use settings::{KeysSetting, LedgerSetting, SenderSetting, Settings, TextSettings};
