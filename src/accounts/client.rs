//! Texts and passwords from one place.

use time::Duration;

use super::{AccountError, Accounts};
use crate::{
    limits::{Quota, QuotaName},
    ports::{ActId, Charge, StoreError, Subject, SubjectKind},
};

impl Accounts {
    /// Pays for one text that `client` asks for, an address or a device as the host names it: at most `per_hour` in any hour. Called by a
    /// host before the call that may text, whoever it is about, so that one place cannot use up the texts of all. Cognito's events do not
    /// say who asks, so a Lambda host has nothing to call this with. What a later answer of the same sign-in texts is not paid again.
    ///
    /// # Errors
    /// [`AccountError::Throttled`]; a store's, and then it counts as paid.
    pub async fn pay_text(&self, client: &str, per_hour: u32) -> Result<(), AccountError> {
        self.pay_as(client, QuotaName::Sends, per_hour).await
    }

    /// Pays for one password that `client` has compared, whoever's it is: at most `per_hour` in any hour.
    ///
    /// # Errors
    /// [`AccountError::Throttled`]; a store's, and then it counts as paid.
    pub async fn pay_password_try(&self, client: &str, per_hour: u32) -> Result<(), AccountError> {
        self.pay_as(client, QuotaName::Passwords, per_hour).await
    }

    async fn pay_as(&self, client: &str, what: QuotaName, per_hour: u32) -> Result<(), AccountError> {
        let parts = &*self.0;
        let mut id = [0; 16];
        parts.entropy.fill(&mut id)?;
        let quota = Quota::slots(what, u64::from(per_hour), Duration::HOUR, 12);
        let quota = quota.map_err(|error| StoreError::Refused(Box::new(error)))?;
        let name = parts.keys.pseudonym(b"client", &[parts.pool_id.as_bytes(), client.as_bytes()]);
        let bill = [Charge::new(Subject::new(SubjectKind::Client, name), quota, 1)];
        let paid = parts.ledger.charge(ActId::from_bytes(id), &bill, parts.clock.now()).await?;
        if paid.refused().is_some() { Err(AccountError::Throttled) } else { Ok(()) }
    }
}
