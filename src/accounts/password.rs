//! Passwords: whose stays, and how often one may be tried.

#[cfg(feature = "passwords")]
use super::Draft;
use super::{AccountError, Accounts, Parts};
use crate::{
    ports::{Charge, Subject, SubjectKind},
    types::Password,
};
#[cfg(feature = "passwords")]
use crate::{srp, types::PasswordVerifier};

/// What whoever proves a number has shown to know of the account that was signed up with it. Whoever knows it signed it up, and
/// keeps the password; from anybody else it is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Knows<'a> {
    Nothing,
    ItsPassword(&'a Password),
    /// By the session that the sign-up gave out.
    ItsSignUp,
}

impl Accounts {
    /// Pays for one comparison of a password with this account's, before it is made; likewise for nobody, under a made-up name.
    pub(crate) async fn pay_password(&self, user_name: &str) -> Result<(), AccountError> {
        let parts = &*self.0;
        let whose = Subject::new(SubjectKind::Account, parts.account(user_name));
        parts.pay_one(Charge::new(whose, parts.passwords, 1)).await
    }
}

#[cfg(feature = "passwords")]
impl Accounts {
    /// Works out, when it is called, what is kept of a password that somebody chose for this account.
    pub(crate) fn verifier_of(
        &self,
        draft: &Draft,
        chosen: &Password,
    ) -> Result<impl FnOnce() -> PasswordVerifier + Send + use<>, AccountError> {
        let mut salt = [0; 16];
        self.0.entropy.fill(&mut salt)?;
        let (pool_id, name, chosen) = (self.0.pool_id.clone(), draft.user_name.clone(), chosen.clone());
        Ok(move || srp::verifier_of(srp::realm(&pool_id), &name, &chosen, salt))
    }
}

#[cfg(feature = "passwords")]
impl Draft {
    /// A sign-up with a password that somebody chose, in place of the random one.
    pub(crate) fn with_password(self, chosen: &Password, verifier: PasswordVerifier) -> Self {
        Self { password: chosen.clone(), verifier: Some(verifier), ..self }
    }
}

impl Parts {
    pub(super) async fn keeps(&self, user_name: &str, knows: Knows<'_>) -> Result<bool, AccountError> {
        match knows {
            Knows::Nothing => Ok(false),
            Knows::ItsSignUp => Ok(true),
            Knows::ItsPassword(password) => self.is_password(user_name, password).await,
        }
    }

    /// Whether it is the account's, chosen or random.
    async fn is_password(&self, user_name: &str, password: &Password) -> Result<bool, AccountError> {
        #[cfg(feature = "passwords")]
        if let Some(verifier) = self.users.password_verifier(user_name).await? {
            return Ok(srp::is_of(&verifier, srp::realm(&self.pool_id), user_name, password));
        }
        Ok(self.users.has_password(user_name, password).await?)
    }
}
