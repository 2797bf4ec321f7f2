//! Deleting what is unproven, with a service that cannot ask and delete in one call; and bringing back what a deletion that
//! broke off left behind.
//!
//! Mark, switch off, read again, delete. The mark comes first, so that whatever is off and not marked was switched off by an
//! operator; it is taken away last, after switching on.

use time::Duration;

use super::{Account, CognitoUsers, Failure, Meaning};
use crate::ports::{DeleteUser, StoreError, Subscriber, Unproven};

/// A deletion that is older than this has broken off.
const BROKEN_OFF: Duration = Duration::MINUTE;
/// One that took longer than this gives up: well before anybody takes it to have broken off.
const TOO_LATE: Duration = Duration::seconds(30);

impl CognitoUsers {
    pub(super) async fn delete(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        let Some(account) = self.named(user_name).await? else { return Ok(DeleteUser::NotFound) };
        if account.subscriber.unproven() != Some(unproven) {
            return Ok(DeleteUser::Kept(account.subscriber));
        }
        let deleted = self.mark_and_delete(user_name, unproven).await;
        match deleted {
            Err(failure) if failure.meaning == Meaning::NotFound => Ok(DeleteUser::NotFound),
            deleted => Ok(deleted?),
        }
    }

    async fn mark_and_delete(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, Failure> {
        let began = self.clock.now();
        self.note(user_name, &self.api.names.deleting, began).await?;
        self.api.disable(user_name).await?;
        let Some(account) = self.named(user_name).await? else { return Ok(DeleteUser::NotFound) };
        // Without its mark somebody has brought it back, since this deletion stood still for too long.
        let still = account.deleting.is_some() && account.subscriber.unproven() == Some(unproven);
        if still && self.clock.now() < began + TOO_LATE {
            self.api.delete(user_name).await?;
            return Ok(DeleteUser::Deleted);
        }
        self.api.enable(user_name).await?;
        self.unmark(user_name).await?;
        if still {
            return Err(Failure::late("AdminDeleteUser"));
        }
        let now = self.named(user_name).await?;
        Ok(now.map_or(DeleteUser::NotFound, |now| DeleteUser::Kept(now.subscriber)))
    }

    /// What was found; if its deletion broke off, after it was switched on again.
    pub(super) async fn brought_back(
        &self,
        found: Option<Account>,
    ) -> Result<Option<Subscriber>, StoreError> {
        let Some(account) = found else { return Ok(None) };
        let now = self.clock.now();
        let broke_off =
            account.deleting.is_some_and(|began| began + BROKEN_OFF <= now || now + BROKEN_OFF <= began);
        if broke_off {
            let name = account.subscriber.user_name.as_str();
            match self.bring_back(name).await {
                Ok(()) => {}
                // Then the number leads to nobody.
                Err(failure) if failure.meaning == Meaning::NotFound => return Ok(None),
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(Some(account.subscriber))
    }

    async fn bring_back(&self, user_name: &str) -> Result<(), Failure> {
        let _held = self.lanes.hold(&[user_name]).await;
        // Whoever was in the lane before may have done it: what an operator has switched off since stays off.
        if self.named(user_name).await?.is_some_and(|account| account.deleting.is_some()) {
            self.api.enable(user_name).await?;
            self.unmark(user_name).await?;
        }
        Ok(())
    }

    async fn unmark(&self, user_name: &str) -> Result<(), Failure> {
        self.api.update(user_name, &[(&self.api.names.deleting, "")]).await
    }
}
