//! What an operator may do.

use super::{CustomAuth, Requester, call::Call};
use crate::{
    ports::{BoxError, Occurrence, Put, StoreError},
    types::Purpose,
};

impl CustomAuth {
    /// Starts a new series of consecutive failures for an account that has used its last one up (NIST SP 800-63B 5.2.2).
    ///
    /// For an operator who has made sure of the owner by other means. It is audited. Daily limits stay as they are.
    /// `who` need not name a phone.
    ///
    /// # Errors
    /// [`StoreError`] if the ledger failed, or the series changed at the same moment; ask again.
    pub async fn start_new_series(&self, who: &Requester<'_>) -> Result<(), StoreError> {
        let failed = |why: &str| StoreError::Unavailable(BoxError::from(why.to_owned()));
        let call = Call::new(&self.0, who, Purpose::SignIn, self.0.clock.now(), 0);
        let series = call.series().await.ok_or_else(|| failed("the series could not be read"))?;
        match call.start_series(&series, call.cap()).await {
            Some(Put::Done) => {
                call.note(Occurrence::SeriesReset);
                Ok(())
            }
            Some(Put::Held(_)) => Err(failed("the series changed at the same moment")),
            None => Err(failed("the series could not be written")),
        }
    }
}
