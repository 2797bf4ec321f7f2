//! Deleting what is unproven, with a service that cannot ask and delete in one call; and bringing back what a deletion that
//! broke off left behind.
//!
//! Mark, switch off, read again, delete. The mark comes first, so that whatever is off and not marked was switched off by an
//! operator; it is taken away last, right after switching on. In between an operator cannot be told from a deletion, so a mark
//! is there no longer than it must be.

use time::Duration;

use super::{Account, CognitoUsers, Failure, Meaning};
use crate::{
    ports::{DeleteUser, StoreError, Subscriber, Unproven, UserStatus},
    types::Timestamp,
};

/// A deletion that is older than this has broken off.
const BROKEN_OFF: Duration = Duration::MINUTE;
/// One that took longer than this gives up: well before anybody takes it to have broken off.
const TOO_LATE: Duration = Duration::seconds(30);

impl CognitoUsers {
    /// For its owner, or an operator: nothing is asked first.
    pub(super) async fn delete_whatever(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        let Some(account) = self.named(user_name).await? else { return Ok(None) };
        match self.api.delete(user_name).await {
            Err(failure) if failure.meaning == Meaning::NotFound => Ok(None),
            deleted => Ok(deleted.map(|()| Some(account.subscriber))?),
        }
    }

    pub(super) async fn delete_unproven(
        &self,
        user_name: &str,
        unproven: Unproven,
    ) -> Result<DeleteUser, StoreError> {
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
        if self.is_late(began) {
            // Nobody waits for it any more: off by now, it might stay off.
            self.unmark(user_name).await?;
            return Err(Failure::late("AdminDisableUser"));
        }
        if let Err(failure) = self.api.disable(user_name).await {
            // Else it may be off, or be switched off in a while: then only the mark brings it back.
            if failure.is_answer() {
                drop(self.give_up(user_name).await);
            }
            return Err(failure);
        }
        let Some(account) = self.named(user_name).await? else { return Ok(DeleteUser::NotFound) };
        // Without its mark somebody has brought it back, since this deletion stood still for too long.
        let still = account.deleting.is_some() && account.subscriber.unproven() == Some(unproven);
        if still && !self.is_late(began) {
            self.api.delete(user_name).await?;
            return Ok(DeleteUser::Deleted);
        }
        self.switch_on(user_name).await?;
        if still {
            return Err(Failure::late("AdminDeleteUser"));
        }
        let now = self.named(user_name).await?;
        Ok(now.map_or(DeleteUser::NotFound, |now| DeleteUser::Kept(now.subscriber)))
    }

    fn is_late(&self, began: Timestamp) -> bool {
        began + TOO_LATE <= self.clock.now()
    }

    /// The account could not be switched off. One of the attempts may have done it, though the last one did not.
    async fn give_up(&self, user_name: &str) -> Result<(), Failure> {
        match self.named(user_name).await? {
            Some(account) if account.enabled => self.unmark(user_name).await,
            Some(_) => self.switch_on(user_name).await,
            None => Ok(()),
        }
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
        if !broke_off {
            return Ok(Some(account.subscriber));
        }
        match self.bring_back(&account).await {
            Ok(status) => Ok(status.map(|status| Subscriber { status, ..account.subscriber })),
            // Then the number leads to nobody.
            Err(failure) if failure.meaning == Meaning::NotFound => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Its status then; `None` if it is gone.
    async fn bring_back(&self, found: &Account) -> Result<Option<UserStatus>, Failure> {
        let user_name = found.subscriber.user_name.as_str();
        let _held = self.lanes.hold(&[user_name]).await;
        let Some(now) = self.named(user_name).await? else { return Ok(None) };
        // Whoever was in the lane before may have done it: what an operator has switched off since stays off.
        if now.deleting != found.deleting {
            return Ok(Some(now.subscriber.status));
        }
        if !found.enabled && !now.enabled {
            self.switch_on(user_name).await?;
            return Ok(Some(now.subscriber.status));
        }
        // On at either look, it was not the deletion that switched it off.
        self.unmark(user_name).await?;
        Ok(Some(if now.enabled { now.subscriber.status } else { UserStatus::Disabled }))
    }

    /// Brings an account back that a deletion has switched off.
    pub(super) async fn switch_on(&self, user_name: &str) -> Result<(), Failure> {
        self.api.enable(user_name).await?;
        self.unmark(user_name).await
    }

    async fn unmark(&self, user_name: &str) -> Result<(), Failure> {
        self.api.update(user_name, &[(&self.api.names.deleting, "")]).await
    }
}
