//! `CustomAuth`: the three triggers over the ports.
//!
//! The machine decides; this module reads the clock, asks the ledger, sends and takes note, in one fixed order: *create* =
//! put, charge, send; *verify* = redeemed by me?, charge, compare, put. Each act reads the clock anew and is not begun
//! past the deadline. Whatever fails, fails closed and looks from outside like a genuine challenge.

mod account;
mod bill;
mod builder;
mod call;
mod codes;
mod create;
mod deadline;
mod define;
mod deliver;
mod face;
mod handle;
mod operator;
mod origin;
mod rotation;
mod series;
mod step;
mod verify;

use std::sync::Arc;

pub use builder::{BuildError, CustomAuthBuilder, Missing};
pub use call::Requester;
pub use codes::AuthCodes;
#[cfg(feature = "lambda")]
pub(crate) use deadline::within;

use crate::{
    accounts::Accounts,
    limits::Quotas,
    policy::Policy,
    ports::{AuditSink, Clock, Entropy, Ledger, NumberRules, SmsSender, Step},
    types::{CodeKeys, StepName},
};

/// The challenge state machine over a host's ports: answers *define*, *create* and *verify*.
///
/// Cheap to clone. Any number of them, in any number of processes, may share one ledger; the limits then hold over all.
/// Made by [`CustomAuth::builder`].
#[derive(Clone, Debug)]
pub struct CustomAuth(Arc<Engine>);

#[derive(Clone, Debug)]
struct Engine {
    keys: CodeKeys,
    policy: Policy,
    quotas: Quotas,
    sms: Arc<dyn SmsSender>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    audit: Arc<dyn AuditSink>,
    steps: Vec<(StepName, Arc<dyn Step>)>,
    numbers: Arc<dyn NumberRules>,
    accounts: Option<Accounts>,
    /// Shared by every form of one engine: its flows stay apart.
    origin: Arc<origin::Origin>,
}

impl CustomAuth {
    /// The policy it keeps; for [`Odds`](crate::Odds), or for a host that shows its limits.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The keys it derives codes with and names people under; for [`Accounts`], whose names in the ledger must be the same.
    #[must_use]
    pub fn keys(&self) -> &CodeKeys {
        &self.0.keys
    }

    /// The same with accounts: Post Confirmation and Post Authentication then do the first proof's work, and refuse what the
    /// accounts decide against. Without them those events go back untouched. Given once it is built, since accounts have their
    /// [`codes`](Self::codes) from it; their [`pool_id`](crate::accounts::AccountsBuilder::pool_id) is the pool's whose
    /// events come.
    #[must_use]
    pub fn with_accounts(&self, accounts: Accounts) -> Self {
        Self(Arc::new(Engine { accounts: Some(accounts), ..Engine::clone(&self.0) }))
    }
}

const _: () = {
    const fn check<T: Send + Sync>() {}
    check::<CustomAuth>();
};
