//! What answers the events of a function: the engine, and what is learnt while events come.

use core::fmt;
use std::{
    io::Stdout,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use time::Duration;

use super::metrics::MetricLines;
use crate::{
    engine::{CustomAuth, within},
    error::Error,
    ports::{BoxError, Clock, SystemClock},
    types::{CodeKeys, Timestamp},
    wire::{Event, Trigger},
};

/// Where the keys of codes are kept: read when a process starts, and anew while it lives.
///
/// # Contract
///
/// Ends within a second, or is given up. Whatever fails, the keys that were read before stay; so they do if the entry `names` is
/// another, under which nobody's limits would be found.
#[async_trait]
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys as they are now.
    ///
    /// # Errors
    /// Anything; it is not shown to anybody.
    async fn read(&self) -> Result<CodeKeys, BoxError>;
}

/// The accounts of the pool that an event comes from.
pub(super) trait AccountsOf: fmt::Debug + Send + Sync + 'static {
    /// The engine with the accounts of this pool; `None` if they cannot be put together.
    fn with_accounts(&self, auth: &CustomAuth, pool_id: &str) -> Option<CustomAuth>;
}

/// Answers events: the engine, with keys that may be read anew.
///
/// ```
/// use custom_auth::{CodeKeys, BoxError, hosts::lambda::{Function, KeySource}};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// #[async_trait::async_trait]
/// impl KeySource for Vault {
///     async fn read(&self) -> Result<CodeKeys, BoxError> {
///         Ok("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".parse()?) // asks the vault
///     }
/// }
///
/// fn function(auth: custom_auth::CustomAuth) -> Function {
///     Function::new(auth).keys_from(Vault)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Function {
    current: Arc<Mutex<Current>>,
    source: Option<Arc<dyn KeySource>>,
    accounts: Option<Arc<dyn AccountsOf>>,
    lines: Option<Arc<MetricLines<Stdout>>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Current {
    auth: CustomAuth,
    /// When the source was asked last, whatever it answered.
    asked: Timestamp,
    /// When the keys were read.
    read: Timestamp,
    /// The pool whose accounts `auth` has.
    pool_id: Option<String>,
}

/// The source is asked no more often, whatever events name.
const ASKED_AT_MOST_EVERY: Duration = Duration::MINUTE;
/// Keys that are older are read anew, so that a key that was dropped does not go on signing.
const OLD: Duration = Duration::HOUR;

/// A read that takes longer is given up: a person waits for it.
const READ_WITHIN: Duration = Duration::SECOND;

impl Function {
    /// Answers with this engine, under the keys it has.
    #[must_use]
    pub fn new(auth: CustomAuth) -> Self {
        let clock = SystemClock::new();
        let now = clock.now();
        let current = Arc::new(Mutex::new(Current { auth, asked: now, read: now, pool_id: None }));
        Self { current, source: None, accounts: None, lines: None, clock: Arc::new(clock) }
    }

    /// Reads the keys anew from this source: when an event names a key that is not known, and when they are an hour old; at most once
    /// a minute. They are taken to have been read from it just now.
    #[must_use]
    pub fn keys_from(self, source: impl KeySource) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    /// By this clock keys grow old; the system's, if none is given.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        let now = clock.now();
        {
            let mut current = self.current();
            (current.asked, current.read) = (now, now);
        }
        Self { clock: Arc::new(clock), ..self }
    }

    /// Notes how long each trigger takes.
    pub(super) fn timed_by(self, lines: Option<Arc<MetricLines<Stdout>>>) -> Self {
        Self { lines, ..self }
    }

    #[cfg(feature = "aws")]
    pub(super) fn accounts_of(self, accounts: impl AccountsOf) -> Self {
        Self { accounts: Some(Arc::new(accounts)), ..self }
    }

    /// The engine as it is now, for what a host does beside the triggers.
    #[must_use]
    pub fn auth(&self) -> CustomAuth {
        self.current().auth.clone()
    }

    /// The engine that answers this event.
    async fn auth_for(&self, event: &Event<'_>) -> CustomAuth {
        self.find_accounts(event);
        let now = self.clock.now();
        let (auth, source) = {
            let mut current = self.current();
            let auth = current.auth.clone();
            let Some(source) = &self.source else { return auth };
            let is_old = current.read + OLD <= now;
            if current.asked + ASKED_AT_MOST_EVERY > now || !is_old && auth.knows_key_of(event) {
                return auth;
            }
            current.asked = now;
            (auth, Arc::clone(source))
        };
        let until = now + READ_WITHIN;
        let Some(Ok(keys)) = within(&*self.clock, until, source.read()).await else { return auth };
        // Under other names nobody's limits would be found: a slip of the pen, and not a rotation.
        if !keys.names_alike(auth.keys()) {
            return auth;
        }
        let mut current = self.current();
        current.auth = current.auth.with_keys(keys);
        current.read = now;
        current.auth.clone()
    }

    /// Answers one event that began at `started`.
    ///
    /// # Errors
    /// As [`CustomAuth::handle`].
    pub async fn answer(&self, event: &[u8], started: Timestamp) -> Result<Vec<u8>, Error> {
        let event = Event::parse(event)?;
        let answer = self.auth_for(&event).await.handle_event(&event, started).await;
        if let (Some(lines), Some(name)) = (&self.lines, name(&event)) {
            lines.took(name, started, self.clock.now());
        }
        answer
    }

    /// The first event around a sign-in says which pool's accounts they are: a function cannot be told by its settings, since the
    /// pool's own settings name the function.
    fn find_accounts(&self, event: &Event<'_>) {
        let Some(accounts) = &self.accounts else { return };
        let (Trigger::Account(_), pool_id) = (event.trigger(), event.user_pool_id()) else { return };
        let mut current = self.current();
        if current.pool_id.as_deref() == Some(pool_id) {
            return;
        }
        if let Some(auth) = accounts.with_accounts(&current.auth, pool_id) {
            current.auth = auth;
            current.pool_id = Some(pool_id.to_owned());
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the ledger make its connection before anybody waits for it.
    pub(super) async fn warm_up(&self) {
        self.auth().warm_up().await;
    }
}

/// What a trigger is called where its time is told; `None` for one that is none of ours.
fn name(event: &Event<'_>) -> Option<&'static str> {
    Some(match event.trigger() {
        Trigger::Define(_) => "define",
        Trigger::Create(_) => "create",
        Trigger::Verify(_) => "verify",
        Trigger::Account(_) => "account",
        Trigger::Other => return None,
    })
}

impl From<CustomAuth> for Function {
    fn from(auth: CustomAuth) -> Self {
        Self::new(auth)
    }
}

#[cfg(test)]
mod tests;
