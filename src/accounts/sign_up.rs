//! Two steps: sign up, then confirm by code.

use super::{AccountError, Accounts, Parts, proof::opens};
use crate::{
    ports::{CodeCheck, CreateUser, NewUser, Occurrence, Subscriber, UserStatus},
    types::{Password, PhoneNumber, PublicChallengeParameters, Purpose},
};

/// An account that was just signed up, and waits for its code.
#[derive(Debug)]
#[must_use = "the password is told once"]
#[non_exhaustive]
pub struct SignUp {
    /// The account, unconfirmed.
    pub account: Subscriber,
    /// Its password, told once. Whoever gives it back when confirming has shown that it was they who signed up; else it is
    /// replaced.
    pub password: Password,
    /// What the person may be shown of the code.
    pub code: Option<PublicChallengeParameters>,
}

impl Accounts {
    /// Signs a number up, with a password that nobody needs to remember, and texts the code that confirms it.
    ///
    /// **It tells who has an account**, as Cognito's `SignUp` does. Where that is a secret, use
    /// [`UserPool::start`](crate::UserPool::start), which needs no sign-up.
    ///
    /// # Errors
    /// [`AccountError::Exists`] if the number is taken: ask [`before_sign_up`](Self::before_sign_up) what to do. After
    /// [`Store`](AccountError::Store) the account may have been made; then the next call says so.
    pub async fn sign_up(&self, phone: &PhoneNumber) -> Result<SignUp, AccountError> {
        let parts = &*self.0;
        let (name, password) = (parts.random_name()?, parts.random_password()?);
        let user = NewUser::new(name, *phone, UserStatus::Unconfirmed, parts.clock.now());
        let account = match parts.users.create(user.password(password.clone())).await? {
            CreateUser::Created(account) => account,
            CreateUser::Exists(_) => return Err(AccountError::Exists),
        };
        parts.note(Occurrence::SignedUp, Some(&account.user_name), phone);
        let code = parts.codes.send(&Parts::recipient(&account, Purpose::SignUp)).await?;
        Ok(SignUp { account, password, code })
    }

    /// Texts the code of a sign-up again; the same code, and not before its gap has passed.
    ///
    /// # Errors
    /// [`AccountError::NotFound`]; [`Status`](AccountError::Status) if the account is not unconfirmed; a store's.
    pub async fn resend_code(
        &self,
        user_name: &str,
    ) -> Result<Option<PublicChallengeParameters>, AccountError> {
        let account = self.unconfirmed(user_name).await?;
        Ok(self.0.codes.send(&Parts::recipient(&account, Purpose::SignUp)).await?)
    }

    /// Confirms a sign-up by its code.
    ///
    /// `kept` is the password that [`sign_up`](Self::sign_up) gave out. Who has it as well as the code goes on using it; for
    /// anybody else it is replaced, since then a stranger may have signed the number up.
    ///
    /// # Errors
    /// [`AccountError::CodeMismatch`], [`ExpiredCode`](AccountError::ExpiredCode), [`Throttled`](AccountError::Throttled);
    /// [`NotFound`](AccountError::NotFound); [`Status`](AccountError::Status) if the account is not unconfirmed. After
    /// [`Store`](AccountError::Store) the code may be used up: ask for another.
    pub async fn confirm_sign_up(
        &self,
        user_name: &str,
        code: &str,
        kept: Option<&Password>,
    ) -> Result<Subscriber, AccountError> {
        let parts = &*self.0;
        let account = self.unconfirmed(user_name).await?;
        let phone = account.phone;
        match parts.codes.check(&Parts::recipient(&account, Purpose::SignUp), code).await? {
            CodeCheck::Right => {}
            CodeCheck::Expired => return Err(AccountError::ExpiredCode),
            CodeCheck::Throttled => return Err(AccountError::Throttled),
            CodeCheck::Wrong => return Err(AccountError::CodeMismatch),
        }
        let now = parts.clock.now();
        parts.make_theirs(&account, &phone, kept, now).await?.ok_or(AccountError::Changed)
    }

    async fn unconfirmed(&self, user_name: &str) -> Result<Subscriber, AccountError> {
        let account = self.0.users.find_by_name(user_name).await?.ok_or(AccountError::NotFound)?;
        if account.status != UserStatus::Unconfirmed || !opens(&account.status) {
            return Err(AccountError::Status(account.status));
        }
        Ok(account)
    }
}
