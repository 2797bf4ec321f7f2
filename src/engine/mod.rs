//! `CustomAuth`: the three triggers over the ports.
//!
//! The machine decides; this module reads the clock, asks the ledger, sends and takes note, in one fixed order: *create* =
//! put, charge, send; *verify* = redeemed by me?, charge, compare, put. Each act reads the clock anew and is not begun
//! past the deadline. Whatever fails, fails closed and looks from outside like a genuine challenge.

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
mod series;
mod step;
mod verify;

use std::sync::Arc;

pub use builder::{BuildError, CustomAuthBuilder, Missing};
pub use call::Requester;
pub use codes::AuthCodes;

use crate::{
    limits::Quotas,
    policy::Policy,
    ports::{AuditSink, Clock, Entropy, Ledger, SmsSender, Step},
    types::{CodeKeys, StepName},
};

/// The challenge state machine over a host's ports: answers *define*, *create* and *verify*.
///
/// Cheap to clone. Any number of them, in any number of processes, may share one ledger; the limits then hold over all.
/// Made by [`CustomAuth::builder`].
#[derive(Clone, Debug)]
pub struct CustomAuth(Arc<Engine>);

#[derive(Debug)]
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
    origin: origin::Origin,
}

impl CustomAuth {
    /// The policy it keeps; for [`Odds`](crate::Odds), or for a host that shows its limits.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }
}

const _: () = {
    const fn check<T: Send + Sync>() {}
    check::<CustomAuth>();
};
