//! Two steps: sign up, then confirm by code.

use super::{AccountError, Accounts, Knows, Parts, proof::opens};
use crate::{
    ports::{CodeCheck, CreateUser, NewUser, Occurrence, Recipient, Subscriber, UserStatus},
    types::{Claimant, Password, PasswordVerifier, PhoneNumber, PublicChallengeParameters, Purpose},
};

/// An account that was just signed up, and waits for its code.
#[derive(Debug)]
#[must_use = "the password is told once"]
#[non_exhaustive]
pub struct SignUp {
    /// The account, unconfirmed.
    pub account: Subscriber,
    /// Its password, told once unless it was chosen. Whoever gives it back when confirming has shown that it was they who signed up; else it is
    /// replaced.
    pub password: Password,
    /// What the person may be shown of the code.
    pub code: Option<PublicChallengeParameters>,
}

/// A sign-up of which nothing was made yet.
pub(crate) struct Draft {
    pub(crate) user_name: String,
    pub(crate) phone: PhoneNumber,
    pub(super) password: Password,
    /// Of a chosen password.
    pub(super) verifier: Option<PasswordVerifier>,
}

/// What becomes of a number that another account has proven, when a sign-up of it is confirmed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alias {
    /// It stays there, and the sign-up stays unconfirmed.
    Leave,
    /// Whoever has just proven it takes it.
    Take,
}

impl Accounts {
    /// Signs a number up, with a password that nobody needs to remember, and texts the code that confirms it.
    ///
    /// **It tells who has an account**, as Cognito's `SignUp` does. Where that is a secret, use
    /// [`UserPool::start`](crate::UserPool::start), which needs no sign-up.
    ///
    /// # Errors
    /// [`AccountError::Throttled`] past a day's new accounts; [`NumberNotSupported`](AccountError::NumberNotSupported) if it could not be texted; [`Exists`](AccountError::Exists) if it is taken: ask [`before_sign_up`](Self::before_sign_up) what to do. After
    /// [`Store`](AccountError::Store) the account may have been made; then the next call says so.
    pub async fn sign_up(&self, phone: &PhoneNumber) -> Result<SignUp, AccountError> {
        self.carry_out(self.draft(phone)?, UserStatus::Unconfirmed).await
    }

    /// A sign-up of which nothing was made yet: what a trigger is asked about.
    pub(crate) fn draft(&self, phone: &PhoneNumber) -> Result<Draft, AccountError> {
        if !self.0.codes.reaches(phone) {
            self.0.note(Occurrence::SignUpBlocked, None, phone);
            return Err(AccountError::NumberNotSupported);
        }
        let (user_name, password) = (self.0.random_name()?, self.0.random_password()?);
        Ok(Draft { user_name, phone: *phone, password, verifier: None })
    }

    /// Makes the account, and texts its code if it is unconfirmed.
    pub(crate) async fn carry_out(&self, draft: Draft, status: UserStatus) -> Result<SignUp, AccountError> {
        let (parts, Draft { user_name, phone, password, verifier }) = (&*self.0, draft);
        let waits = status == UserStatus::Unconfirmed;
        parts.pay_new_account().await?;
        let mut user = NewUser::new(user_name, phone, status, parts.clock.now()).password(password.clone());
        user.verifier = verifier;
        let account = match parts.users.create(user).await? {
            CreateUser::Created(account) => account,
            CreateUser::Exists(_) => return Err(AccountError::Exists),
        };
        parts.note(Occurrence::SignedUp, Some(&account.user_name), &phone);
        let code = match waits {
            true => parts.codes.send(&Parts::recipient(&account, Purpose::SignUp)).await?,
            false => None,
        };
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
        self.0.text_sign_up(&account).await
    }

    /// The same steps for somebody who never signed up, who has this made-up name: they see what others see, and nobody is texted.
    pub(crate) async fn resend_to_nobody(
        &self,
        made_up: &str,
        phone: PhoneNumber,
    ) -> Result<Option<PublicChallengeParameters>, AccountError> {
        self.0.users.find_by_name(made_up).await?; // as for an account, whose status is looked at
        self.0.note_text(made_up).await?;
        let (purpose, claimant) = (Purpose::SignUp, Claimant::Unknown);
        Ok(self.0.codes.send(&Recipient { user_name: made_up, phone, purpose, claimant }).await?)
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
        self.confirm(user_name, code, kept.map_or(Knows::Nothing, Knows::ItsPassword), Alias::Take).await
    }

    /// The same; with [`Alias::Leave`] a number that another account has proven stays there.
    pub(crate) async fn confirm(
        &self,
        user_name: &str,
        code: &str,
        knows: Knows<'_>,
        alias: Alias,
    ) -> Result<Subscriber, AccountError> {
        let parts = &*self.0;
        let seen_at = parts.clock.now();
        let account = self.unconfirmed(user_name).await?;
        let phone = account.phone;
        match parts.codes.check(&Parts::recipient(&account, Purpose::SignUp), code).await? {
            CodeCheck::Right => {}
            CodeCheck::Expired => return Err(AccountError::ExpiredCode),
            CodeCheck::Throttled => return Err(AccountError::Throttled),
            CodeCheck::Wrong => return Err(AccountError::CodeMismatch),
        }
        // Asked once the code was right: before, the answer would tell a stranger that the number is taken.
        if alias == Alias::Leave
            && let Some(holder) = parts.users.find_by_phone(&phone).await?
            && holder.phone_verified
            && holder.user_name != account.user_name
        {
            return Err(AccountError::NumberTaken);
        }
        let now = parts.clock.now();
        parts.make_theirs(&account, knows, (now, seen_at)).await?.ok_or(AccountError::Changed)
    }

    pub(super) async fn unconfirmed(&self, user_name: &str) -> Result<Subscriber, AccountError> {
        let account = self.0.users.find_by_name(user_name).await?.ok_or(AccountError::NotFound)?;
        if account.status != UserStatus::Unconfirmed || !opens(&account.status) {
            return Err(AccountError::Status(account.status));
        }
        Ok(account)
    }
}
