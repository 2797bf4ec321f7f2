//! `UserPool`: the loop that Cognito runs, in process, for servers and tests.
//!
//! ```text
//! initiate_auth ─► who is it? ─► Define ─┬─ failAuthentication ─► NotAuthorizedException
//!                                ▲       ├─ issueTokens ────────► SignedIn
//!                                │       └─ CUSTOM_CHALLENGE ──► Create ─► challenge, sealed session token
//!                                │                                                  │
//!                        push ChallengeResult ◄── Verify ◄── check and burn ◄── respond
//! ```
//!
//! The driver keeps what Cognito keeps and nothing else: the results so far and the private parameters of the open
//! challenge. Both travel inside the session token, sealed; the ledger remembers only which tokens were used. Triggers
//! are asked through [`Triggers`], event in and event out, so whatever answers Cognito answers here.
//!
//! Everything that Cognito's pages leave open is a setting in [`PoolSettings`], with what is known about it.
//! Of passwords only those that come with a sign-up are known (feature `passwords`); devices and multi-factor authentication are
//! not driven. No HTTP, and no tokens but those that renew a
//! sign-in: id and access tokens are a server's (feature `tokens`).
//! Knows types, ports and the engine, whose [`CustomAuth`](crate::CustomAuth) is one set of triggers.

mod around;
mod builder;
mod claims;
mod client;
#[cfg(feature = "passwords")]
pub(crate) mod computing;
mod custom_auth;
mod error;
mod event;
mod family;
mod flow;
mod health;
mod invoke;
mod number;
mod operator;
mod output;
mod password;
mod refresh;
mod request;
mod rounds;
mod run;
mod seal;
mod settings;
mod sign_up;
#[cfg(feature = "passwords")]
mod srp;
mod token;
mod triggers;
mod user;

pub use builder::{BuildPoolError, UserPoolBuilder};
pub use claims::TokenChanges;
pub use error::PoolError;
pub use refresh::{OngoingSignIn, RefreshToken, RefreshTokenRotation};
pub use request::{
    ConfirmSignUp, InitiateAuth, Opening, Outcome, PresentedChallenge, RequestSignUp, Respond, SignedIn,
};
pub use run::UserPool;
pub use seal::{SealKey, SealKeyError};
pub use settings::{
    AccountTriggers, CreateMetadata, ParameterCoercion, PoolSettings, PreAuthentication,
    PreventUserExistenceErrors, SignUpPassword, SingleProof, TokenGeneration, UnconfirmedGate,
};
pub use sign_up::Started;
#[cfg(feature = "passwords")]
pub use srp::ProvePassword;
pub use token::SessionToken;
pub use triggers::{Trigger, TriggerError, Triggers};
