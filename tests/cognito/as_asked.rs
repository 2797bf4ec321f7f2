//! The store as the suite asks for it: Cognito names accounts itself in one kind of pool, says itself when they were made in both,
//! and wants longer passwords than the suite's. Nothing else is changed between the suite and the adapter.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use custom_auth::{
    CognitoUsers, CreateUser, DeleteUser, NewUser, Password, PasswordVerifier, PhoneNumber, StoreError,
    Subscriber, Timestamp, Unproven, UserPage, UserStore,
};

#[derive(Debug)]
pub(crate) struct AsAsked {
    users: CognitoUsers,
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    cognitos: HashMap<String, String>,
    asked: HashMap<String, (String, Timestamp)>,
}

impl AsAsked {
    pub(crate) fn new(users: CognitoUsers) -> Self {
        Self { users, names: Mutex::default() }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().expect("no test panics while it holds it")
    }

    fn cognitos(&self, asked: &str) -> String {
        self.names().cognitos.get(asked).cloned().unwrap_or_else(|| asked.to_owned())
    }

    /// Waits for whoever has just made the account, to know what it was asked for as.
    fn shown(&self, account: Subscriber) -> Subscriber {
        for _ in 0..100_000 {
            if let Some((user_name, created_at)) = self.names().asked.get(&account.user_name).cloned() {
                let mut shown = account;
                (shown.user_name, shown.created_at) = (user_name, created_at);
                return shown;
            }
            std::thread::sleep(core::time::Duration::from_micros(100));
        }
        panic!("an account that nobody asked for: {account:?}");
    }

    fn shown_if(
        &self,
        account: Result<Option<Subscriber>, StoreError>,
    ) -> Result<Option<Subscriber>, StoreError> {
        Ok(account?.map(|account| self.shown(account)))
    }
}

fn longer(password: &Password) -> Password {
    Password::from_text(format!("{}-Longer-than-0", password.expose_secret()))
}

#[async_trait]
impl UserStore for AsAsked {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.find_by_phone(phone).await)
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.find_by_name(&self.cognitos(user_name)).await)
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let (asked, created_at) = (user.user_name.clone(), user.created_at);
        let mut user = user;
        user.password = user.password.as_ref().map(longer);
        match self.users.create(user).await? {
            CreateUser::Created(account) => {
                {
                    let mut names = self.names();
                    names.cognitos.insert(asked.clone(), account.user_name.clone());
                    names.asked.insert(account.user_name.clone(), (asked, created_at));
                }
                Ok(CreateUser::Created(self.shown(account)))
            }
            CreateUser::Exists(account) => Ok(CreateUser::Exists(self.shown(account))),
        }
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.confirm(&self.cognitos(user_name)).await)
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.mark_phone_verified(&self.cognitos(user_name), phone).await)
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.change_phone(&self.cognitos(user_name), from, to).await)
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.release_phone(&self.cognitos(user_name), phone, last_success).await)
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.replace_password(&self.cognitos(user_name), &longer(password)).await)
    }

    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        self.users.has_password(&self.cognitos(user_name), &longer(password)).await
    }

    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        self.users.password_verifier(&self.cognitos(user_name)).await
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.delete(&self.cognitos(user_name)).await)
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.revoke_tokens(&self.cognitos(user_name), now).await)
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.shown_if(self.users.note_success(&self.cognitos(user_name), at).await)
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        Ok(match self.users.delete_if(&self.cognitos(user_name), unproven).await? {
            DeleteUser::Kept(account) => DeleteUser::Kept(self.shown(account)),
            gone => gone,
        })
    }

    /// Cognito's own moments are all of today, so the suite's are looked at here.
    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        let ever = Timestamp::from_unix_millis(i64::MAX);
        let page = self.users.list_unproven(unproven, ever, page, at_most).await?;
        let shown = page.accounts.into_iter().map(|account| self.shown(account));
        Ok(UserPage::new(shown.filter(|account| account.created_at < before).collect(), page.next))
    }
}
