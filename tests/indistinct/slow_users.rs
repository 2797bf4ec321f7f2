//! A user store whose calls take virtual time.

use async_trait::async_trait;
use custom_auth::{
    Clock as _, CreateUser, DeleteUser, MemoryUsers, NewUser, Password, PasswordVerifier, PhoneNumber,
    StoreError, Subscriber, Timestamp, Unproven, UserPage, UserStore, testing::ManualClock,
};
use time::Duration;

/// [`MemoryUsers`], slowly: a call that finds or changes somebody takes one time, any other another.
#[derive(Debug)]
pub(crate) struct SlowUsers {
    pub(crate) users: MemoryUsers,
    clock: ManualClock,
    found: Duration,
    not_found: Duration,
}

impl SlowUsers {
    pub(crate) const fn new(
        users: MemoryUsers,
        clock: ManualClock,
        [found, not_found]: [Duration; 2],
    ) -> Self {
        Self { users, clock, found, not_found }
    }

    async fn taking<T>(
        &self,
        answer: Result<T, StoreError>,
        found: impl FnOnce(&T) -> bool,
    ) -> Result<T, StoreError> {
        let found = answer.as_ref().is_ok_and(found);
        let took = if found { self.found } else { self.not_found };
        self.clock.sleep_until(self.clock.now() + took).await;
        answer
    }
}

#[async_trait]
impl UserStore for SlowUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.find_by_phone(phone).await, Option::is_some).await
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.find_by_name(user_name).await, Option::is_some).await
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let made = |made: &CreateUser| matches!(made, CreateUser::Created(_));
        self.taking(self.users.create(user).await, made).await
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.confirm(user_name).await, Option::is_some).await
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.mark_phone_verified(user_name, phone).await, Option::is_some).await
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.change_phone(user_name, from, to).await, Option::is_some).await
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.release_phone(user_name, phone, last_success).await, Option::is_some).await
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.replace_password(user_name, password).await, Option::is_some).await
    }

    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        self.taking(self.users.has_password(user_name, password).await, |has| *has).await
    }

    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        self.taking(self.users.password_verifier(user_name).await, Option::is_some).await
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.revoke_tokens(user_name, now).await, Option::is_some).await
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.note_success(user_name, at).await, Option::is_some).await
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        let deleted = |done: &DeleteUser| matches!(done, DeleteUser::Deleted);
        self.taking(self.users.delete_if(user_name, unproven).await, deleted).await
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.taking(self.users.delete(user_name).await, Option::is_some).await
    }

    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        let page = self.users.list_unproven(unproven, before, page, at_most).await;
        self.taking(page, |page| !page.accounts.is_empty()).await
    }
}
