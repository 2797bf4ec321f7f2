//! Accounts: sign-up, one-step start, and a way out of every state that an account can be in.
//!
//! An account is somebody's only once a number of it was proven. Until then it is whoever's who typed the number, which
//! may be a stranger: so the first proof of a number replaces the password and revokes every token **before** the number
//! is marked verified, and nothing that was ever proven is deleted here.
//!
//! [`recovery`] decides, purely; the rest carries out. Knows types, policy, limits and ports.

mod before;
mod builder;
mod error;
mod number;
mod operator;
mod password;
mod proof;
mod recovery;
mod sign_up;
mod sweep;
mod text;

use std::sync::Arc;

pub use before::Advice;
pub use builder::AccountsBuilder;
pub use error::AccountError;
pub(crate) use password::Knows;
pub use proof::{Dormant, Proven};
pub use recovery::{Recovery, recovery};
pub use sign_up::SignUp;
pub(crate) use sign_up::{Alias, Draft};
pub use sweep::Swept;

use crate::{
    limits::Quota,
    policy::AccountPolicy,
    ports::{
        ActId, AuditEvent, AuditSink, Charge, Clock, Codes, Entropy, Ledger, Occurrence, Recipient,
        Subscriber, UserStore,
    },
    types::{Claimant, CodeKeys, Password, PhoneNumber, Pseudonym, Purpose, Uuid},
};

/// Signs people up, brings them back out of limbo, and sweeps up what nobody proved.
///
/// Cheap to clone. Any number of them may share a store and a ledger. Made by [`Accounts::builder`].
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    keys: CodeKeys,
    users: Arc<dyn UserStore>,
    codes: Arc<dyn Codes>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    audit: Arc<dyn AuditSink>,
    policy: AccountPolicy,
    pool_id: String,
    per_number: Quota,
    per_client: Quota,
    new_accounts: Quota,
    passwords: Quota,
}

impl Accounts {
    /// The policy it keeps.
    #[must_use]
    pub fn policy(&self) -> &AccountPolicy {
        &self.0.policy
    }
}

impl Parts {
    /// A password that nobody knows.
    fn random_password(&self) -> Result<Password, AccountError> {
        let mut random = zeroize::Zeroizing::new([0; Password::RANDOM]);
        self.entropy.fill(&mut *random)?;
        Ok(Password::from_random(&random))
    }

    /// A name for a new account: a random UUID (RFC 9562, version 4), as Cognito's are.
    fn random_name(&self) -> Result<String, AccountError> {
        let mut random = [0; 16];
        self.entropy.fill(&mut random)?;
        Ok(Uuid::from_random(random).to_string())
    }

    fn recipient<'a>(account: &'a Subscriber, purpose: Purpose) -> Recipient<'a> {
        let (user_name, phone) = (account.user_name.as_str(), account.phone);
        Recipient { user_name, phone, purpose, claimant: Claimant::Known }
    }

    /// The ledger's and the audit's name for an account.
    fn account(&self, user_name: &str) -> Pseudonym {
        self.keys.pseudonym(b"account", &[self.pool_id.as_bytes(), user_name.as_bytes()])
    }

    /// Pays one charge, of an act of its own.
    async fn pay_one(&self, charge: Charge) -> Result<(), AccountError> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let paid = self.ledger.charge(ActId::from_bytes(id), &[charge], self.clock.now()).await?;
        if paid.refused().is_some() { Err(AccountError::Throttled) } else { Ok(()) }
    }

    fn note(&self, occurrence: Occurrence, user_name: Option<&str>, phone: &PhoneNumber) {
        let account = user_name.map(|name| self.account(name));
        let event = AuditEvent::new(self.clock.now(), occurrence, account, Some((*phone).into()), 0);
        self.audit.record(&event);
    }
}
