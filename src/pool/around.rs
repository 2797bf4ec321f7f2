//! The triggers around the challenge, where the pool is to run them.

#[cfg(feature = "passwords")]
use super::SignUpPassword;
use super::{AccountTriggers, PoolError, RequestSignUp, Trigger, output, run::Parts, user::User};
#[cfg(feature = "passwords")]
use crate::types::Password;
use crate::{
    accounts::{Accounts, Draft, SignUp},
    ports::{Subscriber, UserStatus},
    types::Parameters,
};

impl Parts {
    /// Whether they run.
    fn asks_around(&self) -> bool {
        self.settings.account_triggers == AccountTriggers::Invoke
    }

    /// Makes an account, if Pre Sign-up lets it; confirmed at once, if it says so.
    pub(super) async fn sign_up(
        &self,
        accounts: &Accounts,
        request: RequestSignUp<'_>,
    ) -> Result<SignUp, PoolError> {
        #[cfg(feature = "passwords")]
        let chosen = self.chosen(&request)?;
        let draft = accounts.draft(&request.phone)?;
        let (auto_confirm, auto_verify) = self.pre_sign_up(&draft, &request).await?;
        #[cfg(feature = "passwords")]
        let draft = match chosen {
            Some(password) => {
                let verifier = self.compute(accounts.verifier_of(&draft, password)?).await?;
                draft.with_password(password, verifier)
            }
            None => draft,
        };
        if !auto_confirm {
            return Ok(accounts.carry_out(draft, UserStatus::Unconfirmed).await?);
        }
        let mut made = accounts.carry_out(draft, UserStatus::Confirmed).await?;
        if auto_verify {
            // As on Cognito, where it takes the number from whoever has it: the trigger has answered for that.
            let name = &made.account.user_name;
            let verified = self.users.mark_phone_verified(name, &made.account.phone).await?;
            made.account = verified.ok_or_else(|| PoolError::Internal("the account is gone".into()))?;
        }
        self.post_confirmation(&made.account, request.client_metadata).await?;
        Ok(made)
    }

    /// The password that comes with a sign-up, if any is looked at.
    #[cfg(feature = "passwords")]
    fn chosen<'a>(&self, request: &RequestSignUp<'a>) -> Result<Option<&'a Password>, PoolError> {
        let looked_at = self.settings.sign_up_password != SignUpPassword::Ignore;
        let chosen = request.password.filter(|_| looked_at);
        let fits = |password: &Password| (8..=256).contains(&password.expose_secret().chars().count());
        if chosen.is_some_and(|password| !fits(password)) {
            return Err(PoolError::PasswordLength);
        }
        Ok(chosen)
    }

    async fn pre_sign_up(
        &self,
        draft: &Draft,
        request: &RequestSignUp<'_>,
    ) -> Result<(bool, bool), PoolError> {
        if !self.asks_around() {
            return Ok((false, false));
        }
        let user = User::Holder { user_name: draft.user_name.clone(), phone: draft.phone };
        let (metadata, data) = (carried(request.client_metadata), carried(request.validation_data));
        let event = self.envelope(&user).pre_sign_up(metadata, data)?;
        output::pre_sign_up(&self.invoke(Trigger::PreSignUp, &event).await?)
    }

    /// Tells that an account was confirmed. It stays so whatever is answered, as on Cognito.
    pub(super) async fn post_confirmation(
        &self,
        account: &Subscriber,
        metadata: Option<&Parameters>,
    ) -> Result<(), PoolError> {
        if !self.asks_around() {
            return Ok(());
        }
        let user = User::Known(account.clone());
        let event = self.envelope(&user).post_confirmation(carried(metadata))?;
        output::told(&self.invoke(Trigger::PostConfirmation, &event).await?)
    }

    /// Tells that somebody is about to get tokens; there are none if it fails.
    pub(super) async fn post_authentication(
        &self,
        account: &Subscriber,
        metadata: Option<&Parameters>,
    ) -> Result<(), PoolError> {
        if !self.asks_around() {
            return Ok(());
        }
        let user = User::Known(account.clone());
        let event = self.envelope(&user).post_authentication(carried(metadata))?;
        output::told(&self.invoke(Trigger::PostAuthentication, &event).await?)
    }
}

/// Metadata that holds nothing is none: then the key is absent from events.
pub(super) fn carried(metadata: Option<&Parameters>) -> Option<&Parameters> {
    metadata.filter(|metadata| !metadata.is_empty())
}
