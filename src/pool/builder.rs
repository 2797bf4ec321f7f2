//! Putting a pool together.

use std::sync::Arc;

use super::{
    PoolSettings, SealKey, Triggers, UserPool,
    run::Parts,
    seal::Keyring,
    token::{self, Use},
};
use crate::{
    accounts::Accounts,
    ports::{Clock, Entropy, Ledger, OsEntropy, SystemClock, UserStore},
};

/// Builds a [`UserPool`]. Required: [`triggers`](Self::triggers), [`users`](Self::users), [`ledger`](Self::ledger) and
/// [`seal_key`](Self::seal_key).
#[must_use]
#[derive(Debug)]
pub struct UserPoolBuilder {
    triggers: Option<Arc<dyn Triggers>>,
    users: Option<Arc<dyn UserStore>>,
    ledger: Option<Arc<dyn Ledger>>,
    sealing: Option<SealKey>,
    opening: Vec<SealKey>,
    names: Option<SealKey>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: PoolSettings,
    accounts: Option<Accounts>,
    pool_id: String,
    client_id: String,
}

/// A pool that cannot be built. Found when the program starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildPoolError {
    /// The client's id is not 1 to 128 letters, digits, `_` or `+`.
    #[error("a client id has 1 to 128 letters, digits, `_` or `+`")]
    ClientId,
    /// A required part is missing.
    #[error("{0} is required")]
    Missing(&'static str),
    /// The pool's id is not of the form `region_name`, at most 55 characters.
    #[error("a pool id is a region, `_` and letters or digits; at most 55 characters")]
    PoolId,
    /// The grace of a rotation is not within 0 to 60 seconds.
    #[error("the grace of a refresh token's rotation must be 0 to 60 seconds")]
    RotationGrace,
    /// The validity of refresh tokens is not within an hour to 10 years.
    #[error("refresh token validity must be 1 hour to 10 years")]
    RefreshTokenValidity,
    /// The session validity is not within 3 to 15 minutes.
    #[error("session validity must be 3 to 15 minutes")]
    SessionValidity,
    /// The trigger timeout is not within 0 to 60 seconds.
    #[error("trigger timeout must be more than zero and at most 60 seconds")]
    TriggerTimeout,
}

impl UserPoolBuilder {
    pub(super) fn new() -> Self {
        Self {
            triggers: None,
            users: None,
            ledger: None,
            sealing: None,
            opening: Vec::new(),
            names: None,
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(OsEntropy::new()),
            settings: PoolSettings::default(),
            accounts: None,
            pool_id: "local_CustomAuth".to_owned(),
            client_id: "customauth".to_owned(),
        }
    }

    /// What answers trigger events: a [`CustomAuth`](crate::CustomAuth), or whatever answers Cognito. Required.
    pub fn triggers(mut self, triggers: impl Triggers) -> Self {
        self.triggers = Some(Arc::new(triggers));
        self
    }

    /// Where accounts are. Asked at the beginning of every call. Required.
    pub fn users(mut self, users: impl UserStore) -> Self {
        self.users = Some(Arc::new(users));
        self
    }

    /// Where used session tokens are remembered, for as long as they could be used again. **Every process that drives
    /// this pool shares it**: else a token is good for one answer in each.
    pub fn ledger(mut self, ledger: impl Ledger) -> Self {
        self.ledger = Some(Arc::new(ledger));
        self
    }

    /// The key that seals session tokens. Required.
    pub fn seal_key(mut self, key: SealKey) -> Self {
        self.sealing = Some(key);
        self
    }

    /// Adds a key that opens session tokens and seals none. To rotate: add the new key as this everywhere, then make it
    /// the [`seal_key`](Self::seal_key) and this the old one, then drop the old one when a session's validity has passed.
    pub fn opening_key(mut self, key: SealKey) -> Self {
        self.opening.push(key);
        self
    }

    /// The key that makes names for unknown users. It must stay the same while seal keys rotate: else every unknown
    /// user's name changes on that day and no real one's does. Default: the seal key.
    pub fn names_key(mut self, key: SealKey) -> Self {
        self.names = Some(key);
        self
    }

    /// What tells the time. Default: the operating system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where randomness comes from. Default: the operating system.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// What becomes of accounts: needed for everything but signing in to an account that is there, and then what a sign-in
    /// proves is noted. Over the same store. Default: none.
    pub fn accounts(mut self, accounts: Accounts) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// How Cognito's open questions are settled.
    pub const fn settings(mut self, settings: PoolSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The user pool's id, such as `ap-south-1_EXAMPLE01`; what stands before `_` is the region. Default
    /// `local_CustomAuth`. Session tokens are bound to it, and so are codes.
    pub fn pool_id(mut self, id: impl Into<String>) -> Self {
        self.pool_id = id.into();
        self
    }

    /// The app client's id. Default `customauth`. Session tokens are bound to it, and so are codes.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = id.into();
        self
    }

    /// Builds the pool.
    ///
    /// # Errors
    /// [`BuildPoolError`] if a required part is missing or a setting is out of range.
    pub fn build(self) -> Result<UserPool, BuildPoolError> {
        self.settings.check()?;
        check_pool_id(&self.pool_id)?;
        check_client_id(&self.client_id)?;
        let sealing = self.sealing.ok_or(BuildPoolError::Missing("seal_key"))?;
        Ok(UserPool::new(Parts {
            triggers: self.triggers.ok_or(BuildPoolError::Missing("triggers"))?,
            users: self.users.ok_or(BuildPoolError::Missing("users"))?,
            ledger: self.ledger.ok_or(BuildPoolError::Missing("ledger"))?,
            clock: self.clock,
            entropy: self.entropy,
            keys: Keyring { sealing, opening: self.opening, names: self.names },
            context: token::context(Use::Session, &self.pool_id, &self.client_id),
            continuation: token::context(Use::Continuation, &self.pool_id, &self.client_id),
            #[cfg(feature = "passwords")]
            password: token::context(Use::Password, &self.pool_id, &self.client_id),
            #[cfg(feature = "passwords")]
            computing: std::sync::OnceLock::new(),
            refresh: token::context(Use::Refresh, &self.pool_id, &self.client_id),
            sign_up: token::context(Use::SignUp, &self.pool_id, &self.client_id),
            accounts: self.accounts,
            settings: self.settings,
            pool_id: self.pool_id,
            client_id: self.client_id,
        }))
    }
}

/// Cognito's pattern is `[\w-]+_[0-9a-zA-Z]+`.
fn check_pool_id(id: &str) -> Result<(), BuildPoolError> {
    let (region, name) = id.rsplit_once('_').ok_or(BuildPoolError::PoolId)?;
    let region_fits = region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let name_fits = name.bytes().all(|b| b.is_ascii_alphanumeric());
    if id.len() > 55 || region.is_empty() || name.is_empty() || !region_fits || !name_fits {
        return Err(BuildPoolError::PoolId);
    }
    Ok(())
}

/// Cognito's pattern is `[\w+]+`.
fn check_client_id(id: &str) -> Result<(), BuildPoolError> {
    let fits = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'+');
    if id.is_empty() || id.len() > 128 || !fits {
        return Err(BuildPoolError::ClientId);
    }
    Ok(())
}
