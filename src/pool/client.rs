//! Texts and passwords from one place.

use time::Duration;

use super::{PoolError, UserPool};
use crate::{
    limits::{Quota, QuotaName},
    ports::{ActId, Charge, SubjectKind},
};

impl UserPool {
    /// Pays for one text that `client` asks for, an address or a device as the host names it: at most `per_hour` in any hour. Called by a
    /// host before the call that may text, whoever it is about, so that one place cannot use up the texts of all. What a later answer of the
    /// same sign-in texts is not paid again.
    ///
    /// # Errors
    /// [`PoolError::LimitExceeded`]; [`PoolError::Internal`], and then it may have been paid.
    pub async fn pay_text(&self, client: &str, per_hour: u32) -> Result<(), PoolError> {
        self.pay(client, QuotaName::Sends, per_hour, PoolError::LimitExceeded).await
    }

    /// Pays for one password that `client` sends or begins to prove, whoever's it is: at most `per_hour` in any hour.
    ///
    /// # Errors
    /// [`PoolError::PasswordAttemptsExceeded`]; [`PoolError::Internal`], and then it may have been paid.
    pub async fn pay_password_try(&self, client: &str, per_hour: u32) -> Result<(), PoolError> {
        self.pay(client, QuotaName::Passwords, per_hour, PoolError::PasswordAttemptsExceeded).await
    }

    async fn pay(
        &self,
        client: &str,
        what: QuotaName,
        per_hour: u32,
        exceeded: PoolError,
    ) -> Result<(), PoolError> {
        let pool = &*self.0;
        let mut id = [0; 16];
        pool.entropy.fill(&mut id)?;
        let quota = Quota::slots(what, u64::from(per_hour), Duration::HOUR, 12);
        let quota = quota.map_err(|error| PoolError::Internal(Box::new(error)))?;
        let whose = pool.made_up_subject(SubjectKind::Client, [5, 6], &pool.pool_id, client)?;
        let bill = [Charge::new(whose, quota, 1)];
        let paid = pool.ledger.charge(ActId::from_bytes(id), &bill, pool.clock.now()).await?;
        if paid.refused().is_some() { Err(exceeded) } else { Ok(()) }
    }
}
