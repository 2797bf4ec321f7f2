//! Before somebody signs up: what to do about the account that the number leads to.

use super::{AccountError, Accounts, Parts, Recovery, recovery};
use crate::{
    ports::{
        ActId, Charge, CreateUser, DeleteUser, NewUser, Occurrence, Subject, SubjectKind, Subscriber,
        Unproven, UserStatus,
    },
    types::{Password, PhoneNumber, PublicChallengeParameters, Timestamp},
};

/// What the client does next.
#[derive(Debug)]
#[must_use = "a client that is not told goes on blindly"]
#[non_exhaustive]
pub enum Advice {
    /// A code was texted to an account that was never confirmed: confirm it.
    Confirm {
        /// The store's name for the account.
        user_name: String,
        /// What the person may be shown of the code.
        code: Option<PublicChallengeParameters>,
    },
    /// There is an account: sign in.
    SignIn,
    /// There is none: sign up.
    SignUp,
}

impl Accounts {
    /// Says what to do about a number before it is signed up, and brings an account in limbo back.
    ///
    /// `client` is whom the host takes the question to come from: an address, a device; `None` if it cannot tell, and then
    /// only the number's limit holds. **The answer tells who has an account**, so it is limited per number and per client;
    /// where it may not be told at all, call [`prepare`](Self::prepare).
    ///
    /// # Errors
    /// [`AccountError::Throttled`] past a limit; [`Status`](AccountError::Status) if codes do not open
    /// the account; a store's.
    pub async fn before_sign_up(
        &self,
        phone: &PhoneNumber,
        client: Option<&str>,
    ) -> Result<Advice, AccountError> {
        let parts = &*self.0;
        parts.pay(phone, client).await?;
        let seen_at = parts.clock.now();
        let account = parts.users.find_by_phone(phone).await?;
        let last_text = match &account {
            Some(account) => parts.last_text(&account.user_name).await?,
            None => None,
        };
        match (recovery(account.as_ref(), last_text, &parts.policy, seen_at), account) {
            (Recovery::SignIn, _) => Ok(Advice::SignIn),
            (Recovery::Refuse(status), _) => Err(AccountError::Status(status)),
            (Recovery::Resend, Some(account)) => parts.text_again(account).await,
            (Recovery::Adopt, Some(account)) => {
                let password = parts.random_password()?;
                parts.adopt(&account, &password, seen_at).await?;
                parts.text_again(account).await
            }
            (Recovery::Delete, Some(account)) => {
                match parts.users.delete_if(&account.user_name, Unproven::Unconfirmed).await? {
                    DeleteUser::Deleted => {
                        parts.note(Occurrence::AccountDeleted, Some(&account.user_name), phone);
                        Ok(Advice::SignUp)
                    }
                    // Somebody confirmed it in this moment, or deleted it.
                    DeleteUser::Kept(kept) if kept.status == UserStatus::Unconfirmed => {
                        Err(AccountError::Changed)
                    }
                    DeleteUser::Kept(_) => Ok(Advice::SignIn),
                    DeleteUser::NotFound => Ok(Advice::SignUp),
                }
            }
            (Recovery::SignUp | Recovery::Resend | Recovery::Adopt | Recovery::Delete, _) => {
                Ok(Advice::SignUp)
            }
        }
    }

    /// Makes sure that a sign-in by this number asks for a code, and says nothing else: enter the code.
    ///
    /// For hosts whose accounts must be there before the code is answered, as on Cognito, and whose only way in is one step: an
    /// account is made if there is none, confirmed and unproven, with a password that nobody knows; one in limbo is
    /// confirmed, after its password was replaced and its tokens revoked. The code of the sign-in is the proof; what is
    /// never proven is swept. It is for stores where the first holds a number ([`NumberRule::FirstHolds`](crate::NumberRule::FirstHolds)):
    /// elsewhere a number leads nowhere before it is proven, so what is made is taken back. No account is made for a number that
    /// could not be texted. It takes the same time whatever it does ([`preparing`](crate::AccountPolicyBuilder::preparing)), unless the stores take longer. Work that fails behind the
    /// first look is told to the audit alone ([`Occurrence::AccountWorkFailed`]), since it is not the same work for everybody; the
    /// sign-in then is answered as it would have been without this call.
    ///
    /// # Errors
    /// [`AccountError::Throttled`] past a limit, [`Store`](AccountError::Store), [`Entropy`](AccountError::Entropy): all of them
    /// whoever the number belongs to.
    pub async fn prepare(&self, phone: &PhoneNumber, client: Option<&str>) -> Result<(), AccountError> {
        let parts = &*self.0;
        let until = parts.clock.now() + parts.policy.preparing();
        let done = parts.prepare(phone, client).await;
        parts.clock.sleep_until(until).await;
        done
    }
}

impl Parts {
    async fn prepare(&self, phone: &PhoneNumber, client: Option<&str>) -> Result<(), AccountError> {
        self.pay(phone, client).await?;
        // Drawn whoever it is, so that randomness that fails does not tell.
        let new = (self.random_name()?, self.random_password()?);
        let seen_at = self.clock.now();
        let account = self.users.find_by_phone(phone).await?;
        if self.make_ready(phone, account, new, seen_at).await.is_err() {
            self.note(Occurrence::AccountWorkFailed, None, phone);
        }
        Ok(())
    }

    async fn make_ready(
        &self,
        phone: &PhoneNumber,
        account: Option<Subscriber>,
        (name, password): (String, Password),
        seen_at: Timestamp,
    ) -> Result<(), AccountError> {
        match account {
            None => {
                if !self.codes.reaches(phone) {
                    self.note(Occurrence::SignUpBlocked, None, phone);
                    return Ok(());
                }
                self.pay_new_account().await?;
                let user = NewUser::new(name, *phone, UserStatus::Confirmed, seen_at).password(password);
                if let CreateUser::Created(account) = self.users.create(user).await? {
                    // An account that the number does not lead to would be left behind by every call.
                    if self.users.find_by_phone(phone).await?.is_none() {
                        let _ = self.users.delete_if(&account.user_name, Unproven::NeverUsed).await?;
                        return Err(AccountError::NotFound);
                    }
                    self.note(Occurrence::SignedUp, Some(&account.user_name), phone);
                }
            }
            Some(account) if account.status == UserStatus::Unconfirmed => {
                // What was ever proven keeps its password: its owner's.
                if account.unproven() == Some(Unproven::Unconfirmed) {
                    self.adopt(&account, &password, seen_at).await?;
                }
                self.users.confirm(&account.user_name).await?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// One question about a number, paid before anything is looked up.
    async fn pay(&self, phone: &PhoneNumber, client: Option<&str>) -> Result<(), AccountError> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let pool = self.pool_id.as_bytes();
        let number = self.keys.pseudonym(b"phone", &[pool, phone.e164().as_bytes()]);
        let number = Charge::new(Subject::new(SubjectKind::Phone, number), self.per_number, 1);
        // The client first: what is paid before a refusal stays paid, and whoever asks too much must not use up other people's numbers.
        let client = client.map(|client| {
            let name = self.keys.pseudonym(b"client", &[pool, client.as_bytes()]);
            Charge::new(Subject::new(SubjectKind::Client, name), self.per_client, 1)
        });
        let bill: Vec<_> = client.into_iter().chain([number]).collect();
        let paid = self.ledger.charge(ActId::from_bytes(id), &bill, self.clock.now()).await?;
        if paid.refused().is_some() {
            self.note(Occurrence::QuestionThrottled, None, phone);
            return Err(AccountError::Throttled);
        }
        Ok(())
    }

    /// An account that nobody has proven costs whoever asks for it nothing, so all of them together are limited.
    pub(super) async fn pay_new_account(&self) -> Result<(), AccountError> {
        let everybody = self.keys.pseudonym(b"new-accounts", &[self.pool_id.as_bytes()]);
        let everybody = Subject::new(SubjectKind::Everybody, everybody);
        self.pay_one(Charge::new(everybody, self.new_accounts, 1)).await
    }

    /// Takes an unproven account from whoever signed it up: no password and no token of theirs is good any more. The new password
    /// is told to nobody: whoever asked has proven nothing.
    ///
    /// The owner may be proving the number in this very moment, and must keep what that gives them: so only tokens older than
    /// `seen_at` die, when the account was still unproven, and no password is replaced once it is not.
    async fn adopt(
        &self,
        account: &Subscriber,
        password: &Password,
        seen_at: Timestamp,
    ) -> Result<(), AccountError> {
        let name = account.user_name.as_str();
        let revoked = self.users.revoke_tokens(name, seen_at).await?.ok_or(AccountError::Changed)?;
        if revoked.unproven() != Some(Unproven::Unconfirmed) {
            return Err(AccountError::Changed);
        }
        self.users.replace_password(name, password).await?.ok_or(AccountError::Changed)?;
        self.note(Occurrence::AccountAdopted, Some(name), &account.phone);
        Ok(())
    }

    async fn text_again(&self, account: Subscriber) -> Result<Advice, AccountError> {
        let code = self.text_sign_up(&account).await?;
        Ok(Advice::Confirm { user_name: account.user_name, code })
    }
}
