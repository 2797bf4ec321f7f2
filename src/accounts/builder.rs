//! Putting accounts together.

use std::sync::Arc;

use time::Duration;

use super::{Accounts, Parts};
use crate::{
    limits::{Quota, QuotaError, QuotaName, Window},
    policy::AccountPolicy,
    ports::{AuditSink, Clock, Codes, Discard, Entropy, Ledger, OsEntropy, SystemClock, UserStore},
    types::CodeKeys,
};

/// Puts [`Accounts`] together: begun by [`Accounts::builder`] with what must be given.
#[derive(Debug)]
#[must_use]
pub struct AccountsBuilder {
    keys: CodeKeys,
    users: Arc<dyn UserStore>,
    codes: Arc<dyn Codes>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    audit: Arc<dyn AuditSink>,
    policy: AccountPolicy,
    pool_id: String,
}

impl Accounts {
    /// Begins with the parts that must be given: the keys that name people in the ledger (the engine's own, so that the names
    /// are the same), the store, who texts and checks codes outside a sign-in
    /// ([`CustomAuth::codes`](crate::CustomAuth::codes)), and the ledger that every process shares.
    pub fn builder(
        keys: CodeKeys,
        users: impl UserStore,
        codes: impl Codes,
        ledger: impl Ledger,
    ) -> AccountsBuilder {
        AccountsBuilder {
            keys,
            users: Arc::new(users),
            codes: Arc::new(codes),
            ledger: Arc::new(ledger),
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(OsEntropy::new()),
            audit: Arc::new(Discard),
            policy: AccountPolicy::default(),
            pool_id: "local_CustomAuth".to_owned(),
        }
    }
}

impl AccountsBuilder {
    /// What becomes of accounts. Default: every default of [`AccountPolicy`].
    pub fn policy(mut self, policy: AccountPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Another clock. Default: the operating system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of randomness. Default: the operating system's.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Where events go. Default: nowhere.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.audit = Arc::new(sink);
        self
    }

    /// The user pool's id, which the names in the ledger depend on. Default `local_CustomAuth`, as a
    /// [`UserPool`](crate::UserPool)'s.
    pub fn pool_id(mut self, id: impl Into<String>) -> Self {
        self.pool_id = id.into();
        self
    }

    /// Puts them together.
    ///
    /// # Errors
    /// [`QuotaError`] if the policy's numbers make no quota; please report it: the policy should have refused them.
    pub fn build(self) -> Result<Accounts, QuotaError> {
        let policy = self.policy;
        let log = |most, window| Quota::log(QuotaName::Questions, &[Window::new(most, window)?]);
        let per_number = log(policy.questions_per_number(), Duration::DAY)?;
        let per_client = log(policy.questions_per_client(), Duration::HOUR)?;
        let passwords =
            Quota::log(QuotaName::Passwords, &[Window::new(policy.passwords_per_day(), Duration::DAY)?])?;
        let new_accounts = Quota::slots(
            QuotaName::NewAccounts,
            u64::from(policy.new_accounts_per_day()),
            Duration::DAY,
            24,
        )?;
        let Self { keys, users, codes, ledger, clock, entropy, audit, pool_id, .. } = self;
        Ok(Accounts(Arc::new(Parts {
            keys,
            users,
            codes,
            ledger,
            clock,
            entropy,
            audit,
            policy,
            pool_id,
            per_number,
            per_client,
            new_accounts,
            passwords,
        })))
    }
}
