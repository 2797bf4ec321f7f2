//! Accounts in this process's memory.

mod accounts;

use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::accounts::Accounts;
use crate::{
    ports::{
        CreateUser, DeleteUser, NewUser, NumberRule, StoreError, Subscriber, Unproven, UserPage, UserStore,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// A [`UserStore`] in this process's memory: for tests, examples, and servers of one process whose accounts may be lost
/// with it. Every operation holds one lock, so each is atomic.
///
/// It takes at most so many accounts, since strangers can sign up; then it refuses with [`StoreError::Full`]. It evicts
/// nobody.
///
/// ```
/// use custom_auth::testing::{ManualClock, run};
/// use custom_auth::{CreateUser, MemoryUsers, NewUser, Timestamp, UserStatus, UserStore as _};
///
/// # let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let users = MemoryUsers::new();
/// let now = Timestamp::from_unix_millis(1_790_000_000_000);
/// let user = NewUser::new("b3c1".to_owned(), "+919999900001".parse()?, UserStatus::Unconfirmed, now);
/// assert!(matches!(run(&clock, users.create(user.clone())), Ok(CreateUser::Created(_))));
/// assert!(matches!(run(&clock, users.create(user)), Ok(CreateUser::Exists(_))));
/// # Ok::<(), custom_auth::ParsePhoneNumberError>(())
/// ```
pub struct MemoryUsers {
    capacity: usize,
    accounts: Mutex<Accounts>,
}

impl MemoryUsers {
    /// An empty store for at most 100 000 accounts, in which whoever signs a number up first holds it.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(100_000)
    }

    /// An empty store for at most `capacity` accounts.
    #[must_use]
    pub fn bounded(capacity: usize) -> Self {
        Self { capacity, accounts: Mutex::new(Accounts::new(NumberRule::FirstHolds)) }
    }

    /// An empty store under this number rule.
    #[must_use]
    pub fn under(self, rule: NumberRule) -> Self {
        Self { accounts: Mutex::new(Accounts::new(rule)), ..self }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        // Nothing between two changes of the maps can panic, so a poisoned lock still guards a whole state.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryUsers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryUsers {
    /// Counts only: the accounts are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.accounts().len();
        f.debug_struct("MemoryUsers").field("held", &held).field("capacity", &self.capacity).finish()
    }
}

#[async_trait]
impl UserStore for MemoryUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().by_phone(phone))
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().by_name(user_name))
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        self.accounts().create(user, self.capacity)
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().change(user_name, |account| {
            accounts::confirm(account);
            Some(())
        }))
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().prove(user_name, phone, phone))
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().prove(user_name, from, to))
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().release(user_name, phone, last_success))
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().replace_password(user_name, password))
    }

    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        Ok(self.accounts().has_password(user_name, password))
    }

    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        Ok(self.accounts().password_verifier(user_name))
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().delete(user_name))
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().change(user_name, |account| {
            account.tokens_not_before = account.tokens_not_before.max(Some(now));
            Some(())
        }))
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().change(user_name, |account| {
            account.last_success = account.last_success.max(Some(at));
            Some(())
        }))
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        Ok(self.accounts().delete_if(user_name, unproven))
    }

    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        Ok(self.accounts().list_unproven(unproven, before, page, at_most))
    }
}

#[cfg(test)]
mod tests;
