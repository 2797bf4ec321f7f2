//! What an operator asks, and whoever is signed in to an account of their own.

use super::{PoolError, UserPool};
use crate::{
    accounts::AccountError,
    ports::Subscriber,
    types::{Parameters, PhoneNumber},
};

impl UserPool {
    /// The account of a number or a name, for an operator.
    ///
    /// # Errors
    /// [`PoolError::UserNotFound`]; [`PoolError::Internal`].
    pub async fn account(&self, username: &str) -> Result<Subscriber, PoolError> {
        self.0.signed_up(username).await?.ok_or(PoolError::UserNotFound)
    }

    /// Deletes an account, for its owner, who is signed in (Cognito: `DeleteUser`), or for an operator (`AdminDeleteUser`). Tokens and
    /// sign-ins that are under way end with it.
    ///
    /// # Errors
    /// [`PoolError::UserNotFound`]; [`PoolError::Internal`], and then it may be gone.
    pub async fn delete_account(&self, user_name: &str) -> Result<(), PoolError> {
        self.0.accounts()?.delete(user_name).await.map_err(asked)
    }

    /// Confirms a sign-up without its code (Cognito: `AdminConfirmSignUp`); then Post Confirmation runs, where the triggers around the
    /// challenge do.
    ///
    /// # Errors
    /// [`PoolError::UserNotFound`]; [`UserCannotBeConfirmed`](PoolError::UserCannotBeConfirmed); those of Post Confirmation, after which the
    /// account is confirmed all the same.
    pub async fn confirm_unproven(
        &self,
        user_name: &str,
        client_metadata: Option<&Parameters>,
    ) -> Result<(), PoolError> {
        let account = match self.0.accounts()?.confirm_unproven(user_name).await {
            Err(AccountError::Status(status)) => {
                return Err(PoolError::UserCannotBeConfirmed(status.as_cognito().to_owned()));
            }
            done => done.map_err(asked)?,
        };
        self.0.post_confirmation(&account, client_metadata).await
    }

    /// Gives an account a number, proven on an operator's word (Cognito: `AdminUpdateUserAttributes` with `phone_number_verified`).
    ///
    /// # Errors
    /// [`PoolError::UserNotFound`]; [`PoolError::Internal`].
    pub async fn vouch_for_number(&self, user_name: &str, to: &PhoneNumber) -> Result<Subscriber, PoolError> {
        self.0.accounts()?.vouch_for_number(user_name, to).await.map_err(asked)
    }
}

/// Operators may know whether an account is there.
fn asked(error: AccountError) -> PoolError {
    if matches!(error, AccountError::Changed) {
        return PoolError::Internal(Box::new(error));
    }
    if matches!(error, AccountError::NotFound) { PoolError::UserNotFound } else { error.into() }
}
