//! Accounts.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::types::PhoneNumber;

/// Where an account stands (Cognito: `UserStatus`).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UserStatus {
    /// Signed up and confirmed.
    Confirmed,
    /// Switched off by an operator.
    Disabled,
    /// Signed up, never confirmed: the "limbo" account, if it stays so.
    Unconfirmed,
}

/// An account as the pool sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Subscriber {
    /// The pool's own name for it; never changes.
    pub user_name: String,
    /// Its phone number.
    pub phone: PhoneNumber,
    /// Where it stands.
    pub status: UserStatus,
    /// Whether a code sent to the number was ever answered.
    pub phone_verified: bool,
}

impl Subscriber {
    /// An account.
    #[must_use]
    pub const fn new(
        user_name: String,
        phone: PhoneNumber,
        status: UserStatus,
        phone_verified: bool,
    ) -> Self {
        Self { user_name, phone, status, phone_verified }
    }
}

/// An account to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NewUser {
    /// The pool's own name for it: 128 random bits drawn by the caller, written as a UUID (version 4, lower case, with
    /// hyphens), as Cognito does. Clients are shown it, and unknown numbers are shown such a one: a name like `ana` tells
    /// that the account exists.
    pub user_name: String,
    /// Its phone number.
    pub phone: PhoneNumber,
    /// Where it starts.
    pub status: UserStatus,
}

impl NewUser {
    /// An account to be made.
    #[must_use]
    pub const fn new(user_name: String, phone: PhoneNumber, status: UserStatus) -> Self {
        Self { user_name, phone, status }
    }
}

/// What came of [`UserStore::create`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an account that exists already belongs to somebody"]
#[allow(clippy::exhaustive_enums)] // complete: made, or taken
pub enum CreateUser {
    /// It was made.
    Created(Subscriber),
    /// The number or the name is taken, by this account. Nothing was changed.
    Exists(Subscriber),
}

/// What came of [`UserStore::delete_if_unconfirmed`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an account that was kept still holds its number"]
#[allow(clippy::exhaustive_enums)] // complete
pub enum DeleteUnconfirmed {
    /// It was unconfirmed and is gone.
    Deleted,
    /// It stands otherwise and was left alone.
    Kept(Subscriber),
    /// There is no such account.
    NotFound,
}

/// Keeps accounts.
///
/// # Contract
///
/// Every operation is atomic on one account, and [`create`](Self::create) on one number, over every process that shares
/// the store. Creating is not updating: **an operation meant for a new account never touches an existing one**, which
/// may be a stranger's. Deleting asks and deletes in one conditional operation, so that an account confirmed a moment
/// ago survives. There is no other way to delete.
#[async_trait]
pub trait UserStore: Debug + Send + Sync + 'static {
    /// The account that holds this number.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then treats the person as unknown.
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError>;

    /// The account of this name.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then treats the person as unknown.
    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError>;

    /// Makes an account, if neither number nor name is taken. Of several at once for one number, one is made.
    ///
    /// # Errors
    /// [`StoreError`]; the account may or may not have been made.
    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError>;

    /// Makes an unconfirmed account confirmed; leaves any other as it is. `None` if there is no such account.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not have been confirmed.
    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError>;

    /// Notes that a code sent to `phone` was answered, if that is still the account's number. `None` if there is no
    /// such account or its number is another.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not have been noted.
    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError>;

    /// Deletes an account that is unconfirmed at that moment, and no other.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not be gone, but never if it was confirmed.
    async fn delete_if_unconfirmed(&self, user_name: &str) -> Result<DeleteUnconfirmed, StoreError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: UserStore + ?Sized> UserStore for $pointer {
            async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
                (**self).find_by_phone(phone).await
            }
            async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
                (**self).find_by_name(user_name).await
            }
            async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
                (**self).create(user).await
            }
            async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
                (**self).confirm(user_name).await
            }
            async fn mark_phone_verified(
                &self, user_name: &str, phone: &PhoneNumber,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).mark_phone_verified(user_name, phone).await
            }
            async fn delete_if_unconfirmed(&self, user_name: &str) -> Result<DeleteUnconfirmed, StoreError> {
                (**self).delete_if_unconfirmed(user_name).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
