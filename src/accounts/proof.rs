//! After a number was proven: whose account that is, and making it theirs alone.

use core::fmt;

use super::{AccountError, Accounts, Knows, Parts};
use crate::{
    ports::{CreateUser, NewUser, Occurrence, Subscriber, UserStatus},
    types::{PhoneNumber, Timestamp},
};

/// How often an account may change under our hands before a call gives up.
const MOST_RACES: usize = 4;

/// What the proof of a number leads to.
#[derive(Debug)]
#[must_use = "a person who has proven a number waits for what comes of it"]
#[non_exhaustive]
pub enum Proven {
    /// The account has not been used for so long that the number may have another owner by now. The host decides: another
    /// proof and then [`Accounts::wake`], or [`Accounts::start_anew`].
    Dormant(Dormant),
    /// The number is another account's by now: whoever proved it gets nothing of the one that lost it.
    NumberLost,
    /// Codes do not open an account of this status.
    Refused(UserStatus),
    /// It is their account, and theirs alone.
    SignedIn(Subscriber),
}

/// A proven number whose account sleeps. It comes of a proof: the pool's, the engine's, or one that the caller of
/// [`Accounts::note_sign_in`] vouches for.
#[derive(Clone, Eq, PartialEq)]
pub struct Dormant {
    account: Subscriber,
    at: Timestamp,
}

impl Dormant {
    /// The account, of whom nobody knows whether it is still the same person's.
    #[must_use]
    pub const fn account(&self) -> &Subscriber {
        &self.account
    }
}

impl Accounts {
    /// Makes the account of a number that was just proven its owner's: called by the loop that saw the right answer, once
    /// per answer, and again if it failed.
    ///
    /// Known or new: where the number leads to no account, one is made now, so that nothing is left behind by people who
    /// walk away. Where it leads to one that nobody has proven yet, whoever signed it up knows a password and may hold
    /// tokens: both are made worthless first.
    pub(crate) async fn proven(&self, phone: &PhoneNumber, at: Timestamp) -> Result<Proven, AccountError> {
        let parts = &*self.0;
        for _ in 0..MOST_RACES {
            let seen_at = parts.clock.now();
            let account = match parts.users.find_by_phone(phone).await? {
                Some(account) => account,
                None => {
                    let name = parts.random_name()?;
                    let user = NewUser::new(name, *phone, UserStatus::Confirmed, at);
                    match parts.users.create(user).await? {
                        CreateUser::Created(account) => account,
                        CreateUser::Exists(_) => continue,
                    }
                }
            };
            if !opens(&account.status) {
                return Ok(Proven::Refused(account.status));
            }
            if self.is_dormant(&account, at) {
                parts.note(Occurrence::AccountDormant, Some(&account.user_name), phone);
                return Ok(Proven::Dormant(Dormant { account, at }));
            }
            if let Some(account) = parts.make_theirs(&account, Knows::Nothing, (at, seen_at)).await? {
                return Ok(Proven::SignedIn(account));
            }
        }
        Err(AccountError::Changed)
    }

    /// The same for an account that a sign-in has just let in, by its name: called after every sign-in, and harmless when
    /// called again (Cognito: Post Authentication). `phone` is the number that the code went to.
    ///
    /// # Errors
    /// [`AccountError`]; [`Changed`](AccountError::Changed) if the account is gone or has another number by now.
    pub async fn note_sign_in(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        at: Timestamp,
    ) -> Result<Proven, AccountError> {
        let parts = &*self.0;
        let seen_at = parts.clock.now();
        let account = parts.users.find_by_name(user_name).await?;
        let account = account.filter(|account| account.phone == *phone).ok_or(AccountError::Changed)?;
        if !opens(&account.status) {
            return Ok(Proven::Refused(account.status));
        }
        // A code proves that somebody has the number, not that it is still this account's: whoever took the number by
        // proving it must not get the account that lost it, though they may know its name.
        if self.lost(&account).await? {
            return Ok(Proven::NumberLost);
        }
        if self.is_dormant(&account, at) {
            parts.note(Occurrence::AccountDormant, Some(user_name), phone);
            return Ok(Proven::Dormant(Dormant { account, at }));
        }
        let account = parts.make_theirs(&account, Knows::Nothing, (at, seen_at)).await?;
        account.map(Proven::SignedIn).ok_or(AccountError::Changed)
    }

    /// The sleeping account behind a proof that was given at `at`; `None` if it does not sleep, or the proof does not open it.
    pub(crate) async fn asleep(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        at: Timestamp,
    ) -> Result<Option<Dormant>, AccountError> {
        let account = self.0.users.find_by_name(user_name).await?;
        let sleeps = |account: &Subscriber| {
            account.phone == *phone && opens(&account.status) && self.is_dormant(account, at)
        };
        let Some(account) = account.filter(sleeps) else { return Ok(None) };
        let lost = self.lost(&account).await?;
        Ok((!lost).then_some(Dormant { account, at }))
    }

    /// Whether the account's number was proven for another one since.
    async fn lost(&self, account: &Subscriber) -> Result<bool, AccountError> {
        if account.phone_verified {
            return Ok(false);
        }
        let holder = self.0.users.find_by_phone(&account.phone).await?;
        Ok(holder.is_some_and(|holder| holder.user_name != account.user_name))
    }

    /// Notes a success that proved no number, by a password for one: called after such a sign-in. An account that nobody has
    /// proven stays as it is, since whoever signed it up knows its password too.
    ///
    /// # Errors
    /// [`AccountError::Store`].
    pub async fn note_sign_in_without_proof(&self, user_name: &str) -> Result<(), AccountError> {
        let parts = &*self.0;
        let account = parts.users.find_by_name(user_name).await?;
        // Nor is a first success noted: one without a proof would pass for one with it, and leave the password to whoever
        // signed the number up.
        let is_theirs = |account: &Subscriber| account.phone_verified && account.last_success.is_some();
        if account.is_some_and(|account| is_theirs(&account) && opens(&account.status)) {
            parts.users.note_success(user_name, parts.clock.now()).await?;
        }
        Ok(())
    }

    /// After a code that was not ours confirmed an account, the store's own for one, and marked its number verified: whoever signed
    /// it up may have been a stranger, so the password is replaced and every token revoked, once (Cognito: Post Confirmation).
    ///
    /// # Errors
    /// [`AccountError`]; [`Changed`](AccountError::Changed) if the account is gone or has another number by now.
    pub async fn note_confirmation(&self, user_name: &str, phone: &PhoneNumber) -> Result<(), AccountError> {
        let parts = &*self.0;
        let seen_at = parts.clock.now();
        let account = parts.users.find_by_name(user_name).await?;
        let account = account.filter(|account| account.phone == *phone).ok_or(AccountError::Changed)?;
        if !opens(&account.status) || account.last_success.is_some() || self.lost(&account).await? {
            return Ok(());
        }
        parts.take_over(&account, Knows::Nothing, seen_at).await?.ok_or(AccountError::Changed)?;
        Ok(())
    }

    /// Whether a code alone no longer opens this account.
    #[must_use]
    pub fn is_dormant(&self, account: &Subscriber, now: Timestamp) -> bool {
        let since = account.last_success.unwrap_or(account.created_at);
        account.was_verified && self.0.policy.dormant_after().is_some_and(|age| since + age <= now)
    }

    /// Opens a dormant account after all: the host has had another proof that it is the same person's.
    ///
    /// # Errors
    /// [`AccountError`]; [`Changed`](AccountError::Changed) if it is not the number's account any more.
    pub async fn wake(&self, dormant: Dormant) -> Result<Subscriber, AccountError> {
        let seen_at = self.0.clock.now();
        let account = self.still_asleep(&dormant).await?;
        self.0
            .make_theirs(&account, Knows::Nothing, (dormant.at, seen_at))
            .await?
            .ok_or(AccountError::Changed)
    }

    /// Leaves a dormant account to whoever it belongs to, and goes on with a new one: the number leads there from now on.
    ///
    /// # Errors
    /// [`AccountError`]; [`Changed`](AccountError::Changed) if the dormant account was used meanwhile.
    pub async fn start_anew(&self, dormant: Dormant) -> Result<Subscriber, AccountError> {
        let account = self.still_asleep(&dormant).await?;
        let (name, phone, at) = (account.user_name.as_str(), account.phone, dormant.at);
        let released = self.0.users.release_phone(name, &phone, account.last_success).await?;
        released.ok_or(AccountError::Changed)?;
        match self.proven(&phone, at).await? {
            Proven::SignedIn(account) => Ok(account),
            Proven::Dormant(_) | Proven::NumberLost | Proven::Refused(_) => Err(AccountError::Changed),
        }
    }

    /// The dormant account as it is now: the proof may be a while ago, and somebody may have decided meanwhile.
    async fn still_asleep(&self, dormant: &Dormant) -> Result<Subscriber, AccountError> {
        let Dormant { account, .. } = dormant;
        let now = self.0.users.find_by_phone(&account.phone).await?;
        let same = |now: &Subscriber| {
            now.user_name == account.user_name
                && now.last_success == account.last_success
                && opens(&now.status)
        };
        now.filter(same).ok_or(AccountError::Changed)
    }
}

/// Whether a code opens an account of this status.
pub(super) const fn opens(status: &UserStatus) -> bool {
    matches!(
        status,
        UserStatus::Confirmed
            | UserStatus::ForceChangePassword
            | UserStatus::ResetRequired
            | UserStatus::Unconfirmed
    )
}

impl Parts {
    /// The first proof's work where it is the first, then a note of the success. Every step may be repeated; what is marked
    /// verified is so last, so that work that broke off is done again at the next proof.
    ///
    /// `knows` is what whoever proves the number has shown to know as well: if it was they who signed up, their password stays.
    ///
    /// `account` was read at `seen_at` or later: tokens are revoked that are older than that, since younger ones are those of another
    /// proof, given at the same moment.
    ///
    /// `None` if the account is gone, has another number by now, or lost it to another account.
    pub(super) async fn make_theirs(
        &self,
        account: &Subscriber,
        knows: Knows<'_>,
        (at, seen_at): (Timestamp, Timestamp),
    ) -> Result<Option<Subscriber>, AccountError> {
        let (name, users, phone) = (account.user_name.as_str(), &*self.users, &account.phone);
        // Marked verified by somebody else's code, Cognito's own for one, it may still have the password of whoever signed it up.
        let is_first = !account.phone_verified || account.last_success.is_none();
        if is_first && self.take_over(account, knows, seen_at).await?.is_none() {
            return Ok(None);
        }
        if account.status == UserStatus::Unconfirmed && users.confirm(name).await?.is_none() {
            return Ok(None);
        }
        let noted = users.note_success(name, at).await?;
        Ok(noted.filter(|account| account.phone == *phone && account.phone_verified))
    }

    /// Takes an account from whoever signed it up, for whoever has just proven its number: the password, the tokens, then the
    /// mark.
    async fn take_over(
        &self,
        account: &Subscriber,
        knows: Knows<'_>,
        seen_at: Timestamp,
    ) -> Result<Option<Subscriber>, AccountError> {
        let (name, phone) = (account.user_name.as_str(), &account.phone);
        if self.make_worthless(name, knows, seen_at).await?.is_none() {
            return Ok(None);
        }
        let marked = self.users.mark_phone_verified(name, phone).await?;
        if marked.is_some() {
            self.note(Occurrence::PhoneVerified, Some(name), phone);
        }
        Ok(marked)
    }

    /// No password but one that stays by what is known, and no token older than `seen_at`, opens the account any more. `None` if it is gone.
    pub(super) async fn make_worthless(
        &self,
        user_name: &str,
        knows: Knows<'_>,
        seen_at: Timestamp,
    ) -> Result<Option<Subscriber>, AccountError> {
        let users = &*self.users;
        let keeps = self.keeps(user_name, knows).await?;
        if !keeps && users.replace_password(user_name, &self.random_password()?).await?.is_none() {
            return Ok(None);
        }
        Ok(users.revoke_tokens(user_name, seen_at).await?)
    }
}

/// Without the account's name.
impl fmt::Debug for Dormant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dormant").field("last_success", &self.account.last_success).finish_non_exhaustive()
    }
}
