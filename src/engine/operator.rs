//! What an operator may do.

use super::{CustomAuth, Requester, call::Call};
use crate::{
    ports::{BoxError, Occurrence, Put, StoreError},
    types::{Purpose, StepName},
};

impl CustomAuth {
    /// Starts new series of consecutive failures for somebody who has used one up (NIST SP 800-63B 5.2.2): at codes, and at
    /// every step of the plan that can be guessed.
    ///
    /// For an operator who has made sure of the owner by other means. It is audited. Daily limits stay as they are.
    /// `who` names the pool and the phone, and the user where the plan has steps of the host's own; the client does not matter. At
    /// codes the series is the number's, under whatever name it signs in.
    ///
    /// # Errors
    /// [`StoreError`] if the ledger failed, or a series changed at the same moment: ask again.
    /// [`Refused`](StoreError::Refused) if `who` names no phone, or one that is not texted: it has no series.
    pub async fn start_new_series(&self, who: &Requester<'_>) -> Result<(), StoreError> {
        let call = Call::new(&self.0, who, Purpose::SignIn, self.0.clock.now(), 0);
        if call.decoy.is_some() {
            return Err(StoreError::Refused("no number that is texted".into()));
        }
        let code = StepName::sms_code();
        let guessable = |step: &&StepName| self.0.step(**step).is_some_and(|step| step.guessable());
        for step in core::iter::once(&code).chain(self.0.policy.plan().steps().iter().filter(guessable)) {
            call.start_anew(*step).await?;
        }
        call.note(Occurrence::SeriesReset);
        Ok(())
    }
}

impl Call<'_> {
    async fn start_anew(&self, step: StepName) -> Result<(), StoreError> {
        let failed = |why: &str| StoreError::Unavailable(BoxError::from(why.to_owned()));
        let series = self.series(step).await.ok_or_else(|| failed("the series could not be read"))?;
        match self.start_series(&series, self.cap()).await {
            Some(Put::Done) => Ok(()),
            Some(Put::Held(_)) => Err(failed("the series changed at the same moment")),
            None => Err(failed("the series could not be written")),
        }
    }
}
