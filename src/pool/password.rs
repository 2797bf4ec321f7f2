//! Signing in with the password that came with a sign-up, where it is sent.

use super::{PoolError, SignUpPassword, SignedIn, SingleProof, UserPool, run::Parts, user::User};
use crate::{
    accounts::AccountError,
    ports::{Subscriber, UserStatus},
    types::{Parameters, Password},
};
#[cfg(feature = "passwords")]
use crate::{srp, types::PasswordVerifier};

impl UserPool {
    /// Signs in with the password that a sign-up gave out or took, and its owner kept (Cognito: `USER_PASSWORD_AUTH`).
    ///
    /// # Errors
    /// [`PoolError::NotAuthorized`] for whoever has no such password, and for an account whose number nobody proved: until
    /// then it may be a stranger's. [`PasswordAttemptsExceeded`](PoolError::PasswordAttemptsExceeded), also if it is right, and also
    /// for nobody. Told only to whoever knows the password: [`Disabled`](PoolError::Disabled);
    /// [`UserNotConfirmed`](PoolError::UserNotConfirmed); [`PasswordResetRequired`](PoolError::PasswordResetRequired), though a code
    /// opens the account all the same.
    pub async fn sign_in_with_password(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<SignedIn, PoolError> {
        let pool = &*self.0;
        let accounts = pool.accounts()?;
        if pool.settings.single_proof == SingleProof::Refuse {
            return Err(PoolError::NotAuthorized);
        }
        let user = pool.find(username).await?;
        pool.before_authentication(&user, None).await?;
        accounts.pay_password(user.name()).await.map_err(tried)?;
        // Compared for nobody too, with what nobody's password matches.
        let is_right = pool.is_password(user.name(), password).await?;
        let User::Known(account) = user else { return Err(PoolError::NotAuthorized) };
        if !is_right {
            return Err(PoolError::NotAuthorized);
        }
        pool.let_in_by_password(account, None).await
    }
}

impl Parts {
    /// Signs in whoever has shown to know the account's password.
    pub(super) async fn let_in_by_password(
        &self,
        account: Subscriber,
        metadata: Option<&Parameters>,
    ) -> Result<SignedIn, PoolError> {
        if self.settings.sign_up_password == SignUpPassword::Ignore {
            return Err(PoolError::NotAuthorized);
        }
        if account.status == UserStatus::Unconfirmed {
            return Err(PoolError::UserNotConfirmed);
        }
        // Verified without a success of its owner's, the number was so marked by somebody else's code, and the password may still be
        // that of whoever signed it up.
        if !account.phone_verified || account.last_success.is_none() {
            return Err(PoolError::NotAuthorized);
        }
        if account.status == UserStatus::ResetRequired {
            return Err(PoolError::PasswordResetRequired);
        }
        User::Known(account.clone()).gate()?;
        self.post_authentication(&account, metadata).await?;
        self.accounts()?.note_sign_in_without_proof(&account.user_name).await?;
        Ok(self.evidence(&account))
    }

    #[cfg(feature = "passwords")]
    async fn is_password(&self, user_name: &str, password: &Password) -> Result<bool, PoolError> {
        let (kept, verifier) = self.verifier(user_name).await?;
        // Both, whichever it has, so that how long it takes does not tell.
        let (pool_id, name, typed) = (self.pool_id.clone(), user_name.to_owned(), password.clone());
        let is_chosen =
            self.compute(move || srp::is_of(&verifier, srp::realm(&pool_id), &name, &typed)).await?;
        let is_random = self.users.has_password(user_name, password).await?;
        Ok(kept && is_chosen || is_random)
    }

    #[cfg(not(feature = "passwords"))]
    async fn is_password(&self, user_name: &str, password: &Password) -> Result<bool, PoolError> {
        Ok(self.users.has_password(user_name, password).await?)
    }

    /// What this person's password is checked with, and whether it is one that was kept: nobody's, and that of whoever chose none, is
    /// made up, the same each time.
    #[cfg(feature = "passwords")]
    pub(super) async fn verifier(&self, user_name: &str) -> Result<(bool, PasswordVerifier), PoolError> {
        let kept = self.users.password_verifier(user_name).await?;
        let made_up = self.made_up_verifier(user_name)?;
        Ok((kept.is_some(), kept.unwrap_or(made_up)))
    }

    #[cfg(feature = "passwords")]
    fn made_up_verifier(&self, user_name: &str) -> Result<PasswordVerifier, PoolError> {
        let words = (0..PasswordVerifier::LEN / 8).map(|word| {
            let label = u8::try_from(word).ok()?.checked_add(16)?; // others make names
            self.keys.made_up(label, &self.pool_id, user_name).map(u64::to_be_bytes)
        });
        let bytes: Option<Vec<[u8; 8]>> = words.collect();
        bytes
            .and_then(|bytes| PasswordVerifier::from_bytes(bytes.as_flattened()))
            .ok_or_else(|| PoolError::Internal("no verifier could be made up".into()))
    }
}

/// What is said of too many passwords.
pub(super) fn tried(error: AccountError) -> PoolError {
    if matches!(error, AccountError::Throttled) { PoolError::PasswordAttemptsExceeded } else { error.into() }
}
