//! Whether the stores answer, for an operator's probe.

use time::Duration;

use super::UserPool;
use crate::{
    limits::{Quota, QuotaName, Window},
    ports::{ActId, Charge, StoreError, Subject, SubjectKind},
    types::Pseudonym,
};

impl UserPool {
    /// Asks both stores for something that costs and changes nothing, by the ways that a sign-in goes: an account that there is not,
    /// and a charge of 0. Cheap enough to be asked every second, and never answered from memory of an earlier answer.
    ///
    /// A store that does not answer is waited for: give the call a deadline.
    ///
    /// # Errors
    /// [`StoreError`] of the first that does not do what it is asked.
    pub async fn ask_stores(&self) -> Result<(), StoreError> {
        self.0.users.find_by_name("").await?;
        let nobody = Subject::new(SubjectKind::Client, Pseudonym::from_bytes([0; 16]));
        let window = Window::new(1, Duration::SECOND);
        let quota = window.and_then(|window| Quota::log(QuotaName::Questions, &[window]));
        let charges = quota.map(|quota| [Charge::new(nobody, quota, 0)]);
        // The numbers make a quota; if ever they did not, what answers is asked all the same.
        let charges = charges.as_ref().map_or(&[][..], |charges| charges);
        let _ = self.0.ledger.charge(ActId::from_bytes([0; 16]), charges, self.0.clock.now()).await?;
        Ok(())
    }
}
