//! Another number for an account.

use super::{AccountError, Accounts, Knows, proof::opens};
use crate::{
    ports::{CodeCheck, Occurrence, Recipient, Subscriber},
    types::{Claimant, PhoneNumber, PublicChallengeParameters, Purpose},
};

impl Accounts {
    /// Texts a code to the number that an account is to have. Nothing is changed yet, and nothing is kept: the account goes on
    /// with the number it has. Called for somebody who is signed in to the account.
    ///
    /// # Errors
    /// [`AccountError::NotFound`]; [`Status`](AccountError::Status); a store's.
    pub async fn change_number(
        &self,
        user_name: &str,
        to: &PhoneNumber,
    ) -> Result<Option<PublicChallengeParameters>, AccountError> {
        self.usable(user_name).await?;
        Ok(self.0.codes.send(&recipient(user_name, to)).await?)
    }

    /// Gives the account the number, if `code` is what was texted to it. Challenges that were open for the old number are
    /// dead from then on, since codes are bound to a number (I6); and the number is taken from every other account, by
    /// un-verifying it there.
    ///
    /// # Errors
    /// [`AccountError::CodeMismatch`], [`ExpiredCode`](AccountError::ExpiredCode), [`Throttled`](AccountError::Throttled);
    /// [`NotFound`](AccountError::NotFound); [`Status`](AccountError::Status); [`Changed`](AccountError::Changed) if the
    /// account got yet another number meanwhile. After [`Store`](AccountError::Store) the code may be used up.
    pub async fn confirm_number(
        &self,
        user_name: &str,
        to: &PhoneNumber,
        code: &str,
    ) -> Result<Subscriber, AccountError> {
        let seen_at = self.0.clock.now();
        let account = self.usable(user_name).await?;
        match self.0.codes.check(&recipient(user_name, to), code).await? {
            CodeCheck::Right => {}
            CodeCheck::Expired => return Err(AccountError::ExpiredCode),
            CodeCheck::Throttled => return Err(AccountError::Throttled),
            CodeCheck::Wrong => return Err(AccountError::CodeMismatch),
        }
        if account.last_success.is_none() {
            // The first proof's work broke off, or somebody else's code marked the number verified: a stranger who signed it up may
            // still know the password, and the success noted below would pass for work that was done.
            self.0.make_worthless(user_name, Knows::Nothing, seen_at).await?.ok_or(AccountError::Changed)?;
        }
        let changed = self.0.users.change_phone(user_name, &account.phone, to).await?;
        changed.ok_or(AccountError::Changed)?;
        // It was used: a code to the new number opens it for as long as after a sign-in.
        let changed = self.0.users.note_success(user_name, self.0.clock.now()).await?;
        let changed = changed.ok_or(AccountError::Changed)?;
        self.0.note(Occurrence::PhoneChanged, Some(user_name), to);
        Ok(changed)
    }

    /// An account that somebody can be signed in to: proven, and of a status that codes open.
    async fn usable(&self, user_name: &str) -> Result<Subscriber, AccountError> {
        let account = self.0.users.find_by_name(user_name).await?.ok_or(AccountError::NotFound)?;
        if !opens(&account.status) || !account.was_verified {
            return Err(AccountError::Status(account.status));
        }
        Ok(account)
    }
}

const fn recipient<'a>(user_name: &'a str, to: &PhoneNumber) -> Recipient<'a> {
    Recipient { user_name, phone: *to, purpose: Purpose::ChangeNumber, claimant: Claimant::Known }
}
