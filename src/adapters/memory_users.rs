//! Accounts in this process's memory.

use core::fmt;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    ports::{CreateUser, DeleteUnconfirmed, NewUser, StoreError, Subscriber, UserStatus, UserStore},
    types::PhoneNumber,
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
/// let user = NewUser::new("b3c1".to_owned(), "+919999900001".parse()?, UserStatus::Unconfirmed);
/// assert!(matches!(run(&clock, users.create(user.clone())), Ok(CreateUser::Created(_))));
/// assert!(matches!(run(&clock, users.create(user)), Ok(CreateUser::Exists(_))));
/// # Ok::<(), custom_auth::ParsePhoneNumberError>(())
/// ```
pub struct MemoryUsers {
    capacity: usize,
    accounts: Mutex<Accounts>,
}

/// Both maps hold the same accounts: `names` leads from a number to the name under which `by_name` keeps the account.
#[derive(Default)]
struct Accounts {
    by_name: HashMap<String, Subscriber>,
    names: HashMap<PhoneNumber, String>,
}

impl MemoryUsers {
    /// An empty store for at most 100 000 accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(100_000)
    }

    /// An empty store for at most `capacity` accounts.
    #[must_use]
    pub fn bounded(capacity: usize) -> Self {
        Self { capacity, accounts: Mutex::default() }
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
        let held = self.accounts().by_name.len();
        f.debug_struct("MemoryUsers").field("held", &held).field("capacity", &self.capacity).finish()
    }
}

#[async_trait]
impl UserStore for MemoryUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().holder(phone).cloned())
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.accounts().by_name.get(user_name).cloned())
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let NewUser { user_name, phone, status } = user;
        let mut accounts = self.accounts();
        if let Some(taken) = accounts.holder(&phone).or_else(|| accounts.by_name.get(&user_name)) {
            return Ok(CreateUser::Exists(taken.clone()));
        }
        if accounts.by_name.len() >= self.capacity {
            return Err(StoreError::Full);
        }
        let made = Subscriber::new(user_name.clone(), phone, status, false);
        accounts.names.insert(phone, user_name.clone());
        accounts.by_name.insert(user_name, made.clone());
        Ok(CreateUser::Created(made))
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let mut accounts = self.accounts();
        let Some(account) = accounts.by_name.get_mut(user_name) else { return Ok(None) };
        if account.status == UserStatus::Unconfirmed {
            account.status = UserStatus::Confirmed;
        }
        Ok(Some(account.clone()))
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        let mut accounts = self.accounts();
        let account = accounts.by_name.get_mut(user_name).filter(|account| account.phone == *phone);
        Ok(account.map(|account| {
            account.phone_verified = true;
            account.clone()
        }))
    }

    async fn delete_if_unconfirmed(&self, user_name: &str) -> Result<DeleteUnconfirmed, StoreError> {
        let mut accounts = self.accounts();
        let Some(account) = accounts.by_name.get(user_name) else { return Ok(DeleteUnconfirmed::NotFound) };
        if account.status != UserStatus::Unconfirmed {
            return Ok(DeleteUnconfirmed::Kept(account.clone()));
        }
        let phone = account.phone;
        accounts.names.remove(&phone);
        accounts.by_name.remove(user_name);
        Ok(DeleteUnconfirmed::Deleted)
    }
}

impl Accounts {
    fn holder(&self, phone: &PhoneNumber) -> Option<&Subscriber> {
        self.by_name.get(self.names.get(phone)?)
    }
}
