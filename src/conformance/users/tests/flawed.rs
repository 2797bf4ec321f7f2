//! A store that keeps the plain rules but one, or that keeps them all but does not keep its operations whole.

use core::fmt;
use std::{
    sync::{Mutex, MutexGuard},
    thread::sleep,
    time::Duration,
};

use async_trait::async_trait;

use super::{flaw::Flaw, model::Model};
use crate::{
    ports::{
        CreateUser, DeleteUser, NewUser, NumberRule, StoreError, Subscriber, Unproven, UserPage, UserStore,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// What is read in one step and written in another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Torn {
    Changes,
    Creates,
    Deletes,
    Nothing,
    Numbers,
}

pub(super) struct Flawed {
    model: Mutex<Model>,
    torn: Torn,
    shows: Shows,
}

/// What its `Debug` shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shows {
    Nothing,
    Numbers,
    Passwords,
}

impl Flawed {
    pub(super) fn new(flaw: Flaw, rule: NumberRule, capacity: usize) -> Self {
        Self {
            model: Mutex::new(Model::new(flaw, rule, capacity)),
            torn: Torn::Nothing,
            shows: Shows::Nothing,
        }
    }

    pub(super) fn torn(self, torn: Torn) -> Self {
        Self { torn, ..self }
    }

    pub(super) fn showing(self, shows: Shows) -> Self {
        Self { shows, ..self }
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().expect("not poisoned")
    }

    fn done<T>(&self, kind: Torn, act: impl FnOnce(&mut Model) -> T) -> T {
        if self.torn != kind {
            return act(&mut self.model());
        }
        let before = self.model().clone();
        let mut after = before.clone();
        let answer = act(&mut after);
        sleep(Duration::from_millis(2)); // long enough for every racer to step in
        self.model().write_back(&before, after);
        answer
    }
}

impl fmt::Debug for Flawed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shows {
            Shows::Numbers => write!(f, "{:?}", self.model().phones()),
            Shows::Nothing => f.write_str("Flawed"),
            Shows::Passwords => write!(f, "{:?}", self.model().passwords()),
        }
    }
}

#[async_trait]
impl UserStore for Flawed {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.model().by_phone(phone))
    }
    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.model().by_name(user_name))
    }
    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        self.done(Torn::Creates, |model| model.create(user))
    }
    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Changes, |model| model.confirm(user_name)))
    }
    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Numbers, |model| model.mark_phone_verified(user_name, phone)))
    }
    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Numbers, |model| model.change_phone(user_name, from, to)))
    }
    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Numbers, |model| model.release_phone(user_name, phone, last_success)))
    }
    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Changes, |model| model.replace_password(user_name, password)))
    }
    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        Ok(self.model().has_password(user_name, password))
    }
    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        Ok(self.model().password_verifier(user_name))
    }
    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Changes, |model| model.revoke_tokens(user_name, now)))
    }
    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Changes, |model| model.note_success(user_name, at)))
    }
    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        Ok(self.done(Torn::Deletes, |model| model.delete_if(user_name, unproven)))
    }
    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.done(Torn::Deletes, |model| model.delete(user_name)))
    }
    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        Ok(self.model().list_unproven(unproven, before, page, at_most))
    }
}
