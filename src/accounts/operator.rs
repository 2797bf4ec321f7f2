//! What is done to an account for its owner's or an operator's word alone.

use super::{AccountError, Accounts};
use crate::{
    ports::{Occurrence, Subscriber, UserStatus},
    types::PhoneNumber,
};

impl Accounts {
    /// Deletes an account, whatever it has proven. Called for its owner, who is signed in, and for an operator. Its number is free
    /// then; what was counted against the number stays counted.
    ///
    /// # Errors
    /// [`AccountError::NotFound`]; a store's, and then it may be gone.
    pub async fn delete(&self, user_name: &str) -> Result<(), AccountError> {
        let account = self.0.users.delete(user_name).await?.ok_or(AccountError::NotFound)?;
        self.0.note(Occurrence::AccountDeleted, Some(user_name), &account.phone);
        Ok(())
    }

    /// Confirms a sign-up without its code, on an operator's word. No number is proven by that: the first code that is answered still takes
    /// the account from whoever signed it up.
    ///
    /// # Errors
    /// [`AccountError::NotFound`]; [`Status`](AccountError::Status) if the account is not unconfirmed; a store's.
    pub async fn confirm_unproven(&self, user_name: &str) -> Result<Subscriber, AccountError> {
        self.unconfirmed(user_name).await?;
        let confirmed = self.0.users.confirm(user_name).await?.ok_or(AccountError::NotFound)?;
        if confirmed.status == UserStatus::Confirmed {
            Ok(confirmed)
        } else {
            Err(AccountError::Status(confirmed.status))
        }
    }

    /// Gives an account a number, proven, on an operator's word, and takes it from every other account. It may be the one that the account
    /// has.
    ///
    /// # Errors
    /// [`AccountError::NotFound`]; [`Changed`](AccountError::Changed) if the account got yet another number meanwhile, again and again; a store's.
    pub async fn vouch_for_number(
        &self,
        user_name: &str,
        to: &PhoneNumber,
    ) -> Result<Subscriber, AccountError> {
        let users = &self.0.users;
        // Whatever number it has by now: an operator's word is the last.
        for _ in 0..4 {
            let account = users.find_by_name(user_name).await?.ok_or(AccountError::NotFound)?;
            if let Some(changed) = users.change_phone(user_name, &account.phone, to).await? {
                self.0.note(Occurrence::PhoneChanged, Some(user_name), to);
                return Ok(changed);
            }
        }
        Err(AccountError::Changed)
    }
}
