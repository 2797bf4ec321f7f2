//! Taking away what nobody proved.

use super::{AccountError, Accounts};
use crate::ports::{DeleteUser, Occurrence, Unproven};

/// What one batch of a sweep did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use = "a sweep goes on where this one ended"]
#[non_exhaustive]
pub struct Swept {
    /// How many accounts were deleted.
    pub deleted: usize,
    /// How many were proven or deleted by somebody else meanwhile.
    pub kept: usize,
    /// How many could not be deleted because the store failed; the next sweep finds them again.
    pub failed: usize,
    /// Where to go on; `None` when the sweep is through.
    pub next: Option<String>,
}

impl Accounts {
    /// Deletes accounts of one kind that nobody proved for longer than the policy's `sweep_after`: one batch, at most so many,
    /// then says where to go on. Safe beside live traffic: an account that is proven at that moment is kept, since the store
    /// asks and deletes in one operation.
    ///
    /// Called by a schedule, with no `page` first and then what the last answer calls next. Broken off and begun anew, it finds
    /// what is left.
    ///
    /// # Errors
    /// [`AccountError::Store`] if the accounts could not be listed.
    pub async fn sweep(
        &self,
        unproven: Unproven,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<Swept, AccountError> {
        let parts = &*self.0;
        let before = parts.clock.now() - parts.policy.sweep_after();
        let page = parts.users.list_unproven(unproven, before, page, at_most).await?;
        let mut swept = Swept { next: page.next, ..Swept::default() };
        for account in page.accounts {
            match parts.users.delete_if(&account.user_name, unproven).await {
                Ok(DeleteUser::Deleted) => {
                    swept.deleted += 1;
                    parts.note(Occurrence::AccountDeleted, Some(&account.user_name), &account.phone);
                }
                Ok(DeleteUser::Kept(_) | DeleteUser::NotFound) => swept.kept += 1,
                Err(_) => swept.failed += 1,
            }
        }
        Ok(swept)
    }
}
