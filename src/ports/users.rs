//! Accounts.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::{
    StoreError,
    account::{CreateUser, DeleteUser, NewUser, Subscriber, Unproven, UserPage},
};
use crate::types::{Password, PasswordVerifier, PhoneNumber, Timestamp};

/// Keeps accounts.
///
/// # Contract
///
/// Every operation is atomic on one account, and [`create`](Self::create), [`mark_phone_verified`](Self::mark_phone_verified)
/// and [`change_phone`](Self::change_phone) on one number, over every process that shares the store. Creating is not
/// updating: **an operation meant for a new account never touches an existing one**, which may be a stranger's. Recovery and
/// sweeps ask and delete in one conditional operation ([`delete_if`](Self::delete_if)), so that an account confirmed a moment
/// ago survives.
///
/// A number leads to one account at most. Which one, is the store's *number rule*, as on Cognito: either whoever signs up
/// first holds a number, verified or not (`UsernameAttributes`), or nobody does until it is verified
/// (`AliasAttributes`). Under both, whoever proves a number takes it: it is then un-verified everywhere else and leads
/// to nobody else. **No operation hands an account over to whoever proves a number.**
///
/// An operation answers with the account as it is afterwards, and `None` if there is no such account or a condition that
/// it names does not hold; then nothing was changed.
///
/// # Errors
///
/// [`StoreError`] on all of them: whatever was asked may or may not have been done. Nothing that a condition forbids has
/// been done.
#[async_trait]
pub trait UserStore: Debug + Send + Sync + 'static {
    /// The account that this number leads to. Asked at the beginning of a sign-in by number, and by recovery.
    ///
    /// **It must be up to date**: a number that was just taken from an account must not lead there any more.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then treats the person as unknown.
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError>;

    /// The account of this name.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then treats the person as unknown.
    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError>;

    /// Makes an account, if its name is free, and its number too where the rule is that the first holds it. Of several at
    /// once for one number, one is made.
    ///
    /// Its phone is not verified, whatever its status: **that somebody signed a number up proves nothing.**
    ///
    /// # Errors
    /// [`StoreError`]; the account may or may not have been made.
    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError>;

    /// Makes an unconfirmed account confirmed; leaves any other as it is. Called when a sign-up's code was answered.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError>;

    /// Notes that a code sent to `phone` was answered, if that is still the account's number, and takes the number from
    /// every other account, by un-verifying it there. Called after the password was replaced and the tokens were revoked.
    ///
    /// **Whether it is still the account's number is asked in the same operation**: else a code to the old number would
    /// verify the new one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError>;

    /// Gives the account the number `to`, proven, in place of `from`, if that is still its number; takes the number from
    /// every other account, by un-verifying it there. Called when a code sent to `to` was answered.
    ///
    /// **A number that is not proven never replaces one**: else whoever borrows a phone for a minute takes the account.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError>;

    /// Lets go of the account's number, if it is still `phone` and the account's last success is still `last_success`: it is
    /// un-verified, and the number leads nowhere if it led here. Called when somebody else has proven the number of a dormant account and goes on with
    /// a new one.
    ///
    /// **The account is neither opened nor deleted**: its owner may come back with proof of another kind.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError>;

    /// Replaces the account's password. Called at the first proof of a number, and by recovery.
    ///
    /// **No earlier password opens the account any more**: whoever signed a stranger's number up knows one. Nothing else changes,
    /// but that a store behind a service that knows no other way may confirm an unconfirmed account with it (Cognito).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError>;

    /// Whether this is the account's password; of no account, and of one without a password, none is, nor of one whose password
    /// has a [verifier](Self::password_verifier), which is asked instead.
    ///
    /// A store behind a service that checks passwords itself answers `false`. Compared in constant time.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then lets nobody in.
    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError>;

    /// What the account's password is checked with, if it was made with a verifier ([`NewUser::verifier`]) and the password was not
    /// replaced since. A store behind a service that checks passwords itself has none.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then lets nobody in.
    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError>;

    /// Makes every token dead that was issued to the account before `now`. One issued at that very moment lives: whoever means all there
    /// are so far gives the next one. A moment earlier than the one that is kept changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError>;

    /// Notes that the account's owner signed in at `at`; an earlier moment than the one noted changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError>;

    /// Deletes an account that is unproven in this way at that moment, and no other.
    ///
    /// **The condition is part of the deletion.** A store that reads, then deletes, takes an account from whoever proves it
    /// in between.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not be gone, but never if it stands otherwise.
    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError>;

    /// Deletes an account, however it stands, and answers with it as it was. Its number leads nowhere then, if it led here; its name
    /// goes to nobody else.
    ///
    /// **Only its owner, signed in, and an operator may ask for this.** Recovery and sweeps never do: they would take accounts that
    /// somebody has proven.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not be gone.
    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError>;

    /// Accounts that are unproven in this way and were made before `before`, page by page: first with no `page`, then with
    /// what the last answer calls next. In any order; an account that changes meanwhile may be left out or be there, one
    /// that does not change is listed once. A page may be asked for again, so that a sweep that broke off goes on. An
    /// `at_most` of 0 counts as 1.
    ///
    /// # Errors
    /// [`StoreError`]; also for a `page` that is none of the store's.
    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError>;
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
            async fn change_phone(
                &self, user_name: &str, from: &PhoneNumber, to: &PhoneNumber,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).change_phone(user_name, from, to).await
            }
            async fn release_phone(
                &self, user_name: &str, phone: &PhoneNumber, last_success: Option<Timestamp>,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).release_phone(user_name, phone, last_success).await
            }
            async fn replace_password(
                &self, user_name: &str, password: &Password,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).replace_password(user_name, password).await
            }
            async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
                (**self).has_password(user_name, password).await
            }
            async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
                (**self).password_verifier(user_name).await
            }
            async fn revoke_tokens(
                &self, user_name: &str, now: Timestamp,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).revoke_tokens(user_name, now).await
            }
            async fn note_success(
                &self, user_name: &str, at: Timestamp,
            ) -> Result<Option<Subscriber>, StoreError> {
                (**self).note_success(user_name, at).await
            }
            async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
                (**self).delete_if(user_name, unproven).await
            }
            async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
                (**self).delete(user_name).await
            }
            async fn list_unproven(
                &self, unproven: Unproven, before: Timestamp, page: Option<&str>, at_most: usize,
            ) -> Result<UserPage, StoreError> {
                (**self).list_unproven(unproven, before, page, at_most).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
