//! Ways in for people who may have no account yet.

use time::Duration;

use super::{
    ConfirmSignUp, Outcome, PoolError, PresentedChallenge, PreventUserExistenceErrors, RequestSignUp,
    SessionToken, SignUpPassword, SignedIn, SingleProof, UserPool, flow::Flow, run::Parts, user::User,
};
use crate::{
    accounts::{AccountError, Accounts, Alias, Knows, SignUp},
    ports::{Subscriber, UserStatus},
    types::{Password, PhoneNumber, PublicChallengeParameters, Timestamp},
};

/// A sign-up that was confirmed, and how to go on without a second text.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "else the person is texted a second code"]
pub struct Started {
    token: SessionToken,
    expires_at: Timestamp,
}

impl Started {
    /// What [`UserPool::continue_sign_in`] takes: good once, for a few minutes.
    #[must_use]
    pub const fn token(&self) -> &SessionToken {
        &self.token
    }

    /// The first moment at which it is no longer taken.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Stands for the number of whoever is unknown by a name; reserved for fiction, and never texted.
const NOBODYS_NUMBER: &str = "+15550100";

/// Longer than any code of a sign-up lives, and texting it again takes.
const SIGN_UP_SESSION: Duration = Duration::HOUR;

impl UserPool {
    /// Begins a sign-in for whoever has this number, with or without an account: the one-step way in.
    ///
    /// **No account is asked for**, so there is nothing that could tell whether one exists: known and new people are texted,
    /// see the same, and wait as long. Only the right answer leads to the account of the number, and makes one if there is
    /// none. Whoever walks away leaves nothing behind.
    ///
    /// # Errors
    /// [`PoolError`]; [`AccountsNotConfigured`](PoolError::AccountsNotConfigured).
    pub async fn start(&self, phone: &PhoneNumber) -> Result<PresentedChallenge, PoolError> {
        self.0.accounts()?;
        // Not the name that an unknown number has in a sign-in: a known one has another there, so the two together would tell.
        let user_name = self.0.made_up_name(&format!("start {}", phone.e164()))?;
        match self.0.advance(&User::Holder { user_name, phone: *phone }, Vec::new(), None).await? {
            Outcome::Challenge(challenge) => Ok(challenge),
            Outcome::Dormant(_) | Outcome::SignedIn(_) => Err(PoolError::UnexpectedTokens),
        }
    }

    /// Signs a number up and texts the code that confirms it: the first of two steps (Cognito: `SignUp`).
    ///
    /// # Errors
    /// [`PoolError::UsernameExists`] if the number is taken, which tells who has an account, as on Cognito.
    pub async fn sign_up(&self, phone: &PhoneNumber) -> Result<SignUp, PoolError> {
        self.request_sign_up(RequestSignUp::new(*phone)).await
    }

    /// The same with all that the call may say. Where the triggers around the challenge run
    /// ([`AccountTriggers`](super::AccountTriggers)), Pre Sign-up is asked first: it may refuse, or have the account confirmed at
    /// once, and then no code is texted.
    ///
    /// # Errors
    /// As [`sign_up`](Self::sign_up), and those of the triggers. After one of Post Confirmation the account is there.
    pub async fn request_sign_up(&self, request: RequestSignUp<'_>) -> Result<SignUp, PoolError> {
        self.0.sign_up(self.0.accounts()?, request).await
    }

    /// Texts the code of a sign-up again (Cognito: `ResendConfirmationCode`).
    ///
    /// Somebody who never signed up is answered as if a text went out, as on Cognito: the same steps, and nobody is texted.
    ///
    /// # Errors
    /// [`PoolError::UserAlreadyConfirmed`], which tells who has an account; under `PreventUserExistenceErrors` LEGACY
    /// [`UsernameNotFound`](PoolError::UsernameNotFound) if nobody of this name signed up.
    pub async fn resend_confirmation_code(
        &self,
        username: &str,
    ) -> Result<Option<PublicChallengeParameters>, PoolError> {
        let (pool, accounts) = (&*self.0, self.0.accounts()?);
        let made_up = pool.made_up_name(username)?;
        let resent = match pool.signed_up(username).await? {
            Some(account) => accounts.resend_code(&account.user_name).await,
            None => Err(AccountError::NotFound),
        };
        match (resent, pool.settings.prevent_user_existence_errors) {
            (Err(AccountError::NotFound), PreventUserExistenceErrors::Enabled) => {
                let number = username.parse().or_else(|_| NOBODYS_NUMBER.parse());
                let number = number.map_err(|error| PoolError::Internal(Box::new(error)))?;
                Ok(accounts.resend_to_nobody(&made_up, number).await?)
            }
            (Err(AccountError::NotFound), PreventUserExistenceErrors::Legacy) => {
                Err(PoolError::UsernameNotFound)
            }
            (Err(AccountError::Status(_)), _) => Err(PoolError::UserAlreadyConfirmed),
            (done, _) => Ok(done?),
        }
    }

    /// Confirms a sign-up by its code: the second of two steps. `kept` is the password that [`sign_up`](Self::sign_up) gave out, if the
    /// client still has it: else it is replaced. Whoever has the code takes the number, also from an account that has
    /// proven it.
    ///
    /// # Errors
    /// [`PoolError::CodeMismatch`]; [`ExpiredCode`](PoolError::ExpiredCode), also for a number that nobody signed up
    /// ([`UsernameNotFound`](PoolError::UsernameNotFound) under `PreventUserExistenceErrors` LEGACY);
    /// [`UserCannotBeConfirmed`](PoolError::UserCannotBeConfirmed), which tells who has an account;
    /// [`LimitExceeded`](PoolError::LimitExceeded).
    pub async fn confirm_sign_up(
        &self,
        username: &str,
        code: &str,
        kept: Option<&Password>,
    ) -> Result<Started, PoolError> {
        let request = ConfirmSignUp { kept, ..ConfirmSignUp::new(username, code).force_alias_creation(true) };
        self.request_confirm_sign_up(request).await
    }

    /// The same with all that the call may say (Cognito: `ConfirmSignUp`).
    ///
    /// # Errors
    /// As [`confirm_sign_up`](Self::confirm_sign_up); [`AliasExists`](PoolError::AliasExists) if the code is right, but another
    /// account has proven the number and its moving is not forced; those of Post Confirmation, after which the account is
    /// confirmed all the same.
    pub async fn request_confirm_sign_up(&self, request: ConfirmSignUp<'_>) -> Result<Started, PoolError> {
        let ConfirmSignUp { username, code, .. } = request;
        let alias = if request.force_alias_creation { Alias::Take } else { Alias::Leave };
        let (pool, accounts) = (&*self.0, self.0.accounts()?);
        // Drawn first: without randomness there is no token, and then no code may be used up either.
        let (token_id, nonce) = pool.draw()?;
        // Opened first: else a session that is none would tell who has signed up.
        let shown = request.session.map(|session| pool.open_sign_up(session)).transpose()?;
        let account = pool.signed_up(username).await?.ok_or_else(|| pool.no_sign_up())?;
        let knows = pool.knows(&account, shown.as_ref(), request.kept)?;
        let account = match accounts.confirm(&account.user_name, code, knows, alias).await {
            Err(AccountError::NotFound) => return Err(pool.no_sign_up()),
            Err(AccountError::Changed) => return Err(PoolError::ExpiredCode),
            Err(AccountError::Status(status)) => {
                return Err(PoolError::UserCannotBeConfirmed(status.as_cognito().to_owned()));
            }
            done => done?,
        };
        pool.post_confirmation(&account, request.client_metadata).await?;
        let expires_at = pool.clock.now() + accounts.policy().continuation();
        let flow = Flow { phone: Some(account.phone), ..Flow::new(token_id, expires_at, &account.user_name) };
        Ok(Started { token: pool.seal(&flow, nonce, &pool.continuation)?, expires_at })
    }

    /// Signs in whoever has just confirmed a sign-up, without a second text: on the continuation of the proof that was given
    /// then (Cognito: `InitiateAuth` with the session of `ConfirmSignUp`).
    ///
    /// # Errors
    /// [`PoolError::SessionExpired`], [`SessionInvalid`](PoolError::SessionInvalid), [`SessionUsed`](PoolError::SessionUsed);
    /// [`NotAuthorized`](PoolError::NotAuthorized) if the account has another number by now.
    pub async fn continue_sign_in(&self, token: &SessionToken) -> Result<SignedIn, PoolError> {
        let (pool, accounts) = (&*self.0, self.0.accounts()?);
        if pool.settings.single_proof == SingleProof::Refuse {
            return Err(PoolError::NotAuthorized);
        }
        let flow = token.open(&pool.keys, &pool.continuation).ok_or(PoolError::SessionInvalid)?;
        pool.check_alive(&flow)?;
        let account = pool.users.find_by_name(&flow.user_name).await?;
        let account = account.filter(|account| account.phone_verified && Some(account.phone) == flow.phone);
        let account = account.ok_or(PoolError::NotAuthorized)?;
        let begun = flow.expires_at - accounts.policy().continuation();
        if account.tokens_not_before.is_some_and(|not_before| begun < not_before) {
            return Err(PoolError::NotAuthorized);
        }
        User::Known(account.clone()).gate()?;
        pool.burn(&flow).await?;
        pool.post_authentication(&account, None).await?;
        let evidence = pool.evidence(&account);
        // Not older than the proof it goes on from, should the clock have gone back: that proof's own work revoked what is older.
        Ok(SignedIn { at: evidence.at.max(begun), ..evidence })
    }

    /// A session for whoever has just signed up: shown when the sign-up is confirmed, it says that it was they
    /// ([`ConfirmSignUp::session`]). Good for an hour, for that account.
    ///
    /// # Errors
    /// [`PoolError::Internal`] without randomness.
    pub fn sign_up_session(&self, made: &SignUp) -> Result<SessionToken, PoolError> {
        let pool = &*self.0;
        let (token_id, nonce) = pool.draw()?;
        let flow = Flow {
            phone: Some(made.account.phone),
            ..Flow::new(token_id, pool.clock.now() + SIGN_UP_SESSION, &made.account.user_name)
        };
        pool.seal(&flow, nonce, &pool.sign_up)
    }
}

impl Parts {
    pub(super) fn accounts(&self) -> Result<&Accounts, PoolError> {
        self.accounts.as_ref().ok_or(PoolError::AccountsNotConfigured)
    }

    fn open_sign_up(&self, session: &SessionToken) -> Result<Flow, PoolError> {
        let flow = session.open(&self.keys, &self.sign_up).ok_or(PoolError::SessionInvalid)?;
        self.check_alive(&flow)?;
        Ok(flow)
    }

    /// What whoever confirms a sign-up of this account shows to know of it. A session that says nothing is an error: without one
    /// the password would be gone before anybody noticed.
    fn knows<'a>(
        &self,
        account: &Subscriber,
        shown: Option<&Flow>,
        kept: Option<&'a Password>,
    ) -> Result<Knows<'a>, PoolError> {
        if let Some(flow) = shown {
            let is_theirs = flow.user_name == account.user_name;
            return if is_theirs { Ok(Knows::ItsSignUp) } else { Err(PoolError::SessionInvalid) };
        }
        Ok(match (kept, self.settings.sign_up_password) {
            (Some(password), _) => Knows::ItsPassword(password),
            (None, SignUpPassword::DangerKeep) => Knows::ItsSignUp,
            (None, SignUpPassword::Ignore | SignUpPassword::KeepWithSession) => Knows::Nothing,
        })
    }

    /// What is said of a code to somebody who never signed up.
    const fn no_sign_up(&self) -> PoolError {
        match self.settings.prevent_user_existence_errors {
            PreventUserExistenceErrors::Enabled => PoolError::ExpiredCode,
            PreventUserExistenceErrors::Legacy => PoolError::UsernameNotFound,
        }
    }

    /// The account of a number or a name.
    pub(super) async fn signed_up(&self, username: &str) -> Result<Option<Subscriber>, PoolError> {
        Ok(match username.parse() {
            Ok(phone) => self.users.find_by_phone(&phone).await?,
            Err(_) => self.users.find_by_name(username).await?,
        })
    }
}

impl From<AccountError> for PoolError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::CodeMismatch => Self::CodeMismatch,
            AccountError::Exists => Self::UsernameExists,
            AccountError::NumberNotSupported => Self::NumberNotSupported,
            AccountError::NumberTaken => Self::AliasExists,
            AccountError::ExpiredCode => Self::ExpiredCode,
            AccountError::Status(UserStatus::Disabled) => Self::Disabled,
            // Gone since it was found, or changed again and again: what was shown is used up, so asking again is signing in again.
            AccountError::NotFound | AccountError::Changed | AccountError::Status(_) => Self::NotAuthorized,
            AccountError::Throttled => Self::LimitExceeded,
            AccountError::Entropy(_) | AccountError::Store(_) => Self::Internal(Box::new(error)),
        }
    }
}
