//! The accounts.

use core::fmt;
use std::{ops::Bound, sync::Arc};

use async_trait::async_trait;
use redb::{ReadableTable, ReadableTableMetadata as _};

use super::{
    Inner,
    row::Account,
    tables::{Failure, Tables},
};
use crate::{
    ports::{
        CreateUser, DeleteUser, KeptPassword, NewUser, NumberRule, StoreError, Subscriber, Unproven,
        UserPage, UserStatus, UserStore,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// A [`UserStore`] in the file of a [`RedbStore`](super::RedbStore). Writes go one after another, so each is atomic.
#[derive(Clone)]
pub struct RedbUsers {
    inner: Arc<Inner>,
    rule: NumberRule,
    capacity: u64,
}

/// How many accounts one page of a listing looks at.
const LOOKED_AT: usize = 1_000;

type Found<T> = Result<Result<T, StoreError>, Failure>;

impl RedbUsers {
    pub(super) const fn new(inner: Arc<Inner>, rule: NumberRule, capacity: u64) -> Self {
        Self { inner, rule, capacity }
    }

    fn read(&self, user_name: &str) -> Result<Option<Account>, StoreError> {
        self.inner.database.read(|committed| look(&committed.accounts, user_name))?
    }

    /// Changes an account, if it is there and `change` finds that its condition holds.
    async fn change(
        &self,
        user_name: &str,
        change: impl FnOnce(&mut Account) -> Option<()> + Send + 'static,
    ) -> Result<Option<Subscriber>, StoreError> {
        let name = user_name.to_owned();
        self.inner.writer.write(move |tables| changed(tables, &name, change)).await
    }

    /// Gives the account the number `to`, proven, if `from` is its number now; the number leads here and nowhere else.
    async fn prove(
        &self,
        user_name: &str,
        (from, to): (PhoneNumber, PhoneNumber),
    ) -> Result<Option<Subscriber>, StoreError> {
        let name = user_name.to_owned();
        self.inner.writer.write(move |tables| proven(tables, &name, &from, &to)).await
    }
}

fn look(table: &impl ReadableTable<&'static str, &'static [u8]>, user_name: &str) -> Found<Option<Account>> {
    let Some(held) = table.get(user_name)? else { return Ok(Ok(None)) };
    Ok(Account::read(user_name, held.value()).map(Some).ok_or_else(unreadable))
}

fn store(tables: &mut Tables<'_>, account: &Account) -> Found<()> {
    let Some(bytes) = account.write() else { return Ok(Err(unreadable())) };
    tables.accounts.insert(account.subscriber.user_name.as_str(), bytes.as_slice())?;
    tables.changed.set(true);
    Ok(Ok(()))
}

/// The name that a number leads to.
fn holder(tables: &Tables<'_>, phone: &PhoneNumber) -> Result<Option<String>, Failure> {
    Ok(tables.numbers.get(phone.e164())?.map(|held| held.value().to_owned()))
}

/// Lets a number lead nowhere, if it leads to this account.
fn let_go(tables: &mut Tables<'_>, phone: &PhoneNumber, user_name: &str) -> Result<(), Failure> {
    if holder(tables, phone)?.as_deref() == Some(user_name) {
        tables.numbers.remove(phone.e164())?;
        tables.changed.set(true);
    }
    Ok(())
}

fn changed(
    tables: &mut Tables<'_>,
    user_name: &str,
    change: impl FnOnce(&mut Account) -> Option<()>,
) -> Found<Option<Subscriber>> {
    let mut account = match look(&tables.accounts, user_name)? {
        Ok(Some(account)) => account,
        Ok(None) => return Ok(Ok(None)),
        Err(error) => return Ok(Err(error)),
    };
    let before = account.clone();
    if change(&mut account).is_none() {
        return Ok(Ok(None));
    }
    // What stays as it is needs no write.
    if before != account
        && let Err(error) = store(tables, &account)?
    {
        return Ok(Err(error));
    }
    Ok(Ok(Some(account.subscriber)))
}

fn proven(
    tables: &mut Tables<'_>,
    user_name: &str,
    from: &PhoneNumber,
    to: &PhoneNumber,
) -> Found<Option<Subscriber>> {
    let proven = changed(tables, user_name, |account| {
        let account = &mut account.subscriber;
        (account.phone == *from).then(|| {
            account.phone = *to;
            account.phone_verified = true;
            account.was_verified = true;
        })
    })?;
    if !matches!(proven, Ok(Some(_))) {
        return Ok(proven);
    }
    if from != to {
        let_go(tables, from, user_name)?;
    }
    let before = holder(tables, to)?;
    if before.as_deref() == Some(user_name) {
        return Ok(proven);
    }
    tables.numbers.insert(to.e164(), user_name)?;
    tables.changed.set(true);
    // Nobody else can have it verified: whoever does is who it led to.
    if let Some(before) = before
        && let Err(error) = changed(tables, &before, |account| {
            account.subscriber.phone_verified = false;
            Some(())
        })?
    {
        return Ok(Err(error));
    }
    Ok(proven)
}

fn created(tables: &mut Tables<'_>, user: NewUser, rule: NumberRule, capacity: u64) -> Found<CreateUser> {
    let password = KeptPassword::of(&user);
    let NewUser { user_name, phone, status, created_at, .. } = user;
    let taken = match rule {
        NumberRule::FirstHolds => holder(tables, &phone)?,
        NumberRule::VerifiedHolds => None,
    };
    for name in taken.iter().chain([&user_name]) {
        match look(&tables.accounts, name)? {
            Ok(Some(taken)) => return Ok(Ok(CreateUser::Exists(taken.subscriber))),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    if tables.accounts.len()? >= capacity {
        return Ok(Err(StoreError::Full));
    }
    if rule == NumberRule::FirstHolds {
        tables.numbers.insert(phone.e164(), user_name.as_str())?;
    }
    let subscriber = Subscriber::new(user_name, phone, status, created_at);
    if let Err(error) = store(tables, &Account { subscriber: subscriber.clone(), password })? {
        return Ok(Err(error));
    }
    Ok(Ok(CreateUser::Created(subscriber)))
}

fn deleted_if(tables: &mut Tables<'_>, user_name: &str, unproven: Unproven) -> Found<DeleteUser> {
    let account = match look(&tables.accounts, user_name)? {
        Ok(Some(account)) => account.subscriber,
        Ok(None) => return Ok(Ok(DeleteUser::NotFound)),
        Err(error) => return Ok(Err(error)),
    };
    if account.unproven() != Some(unproven) {
        return Ok(Ok(DeleteUser::Kept(account)));
    }
    Ok(deleted(tables, user_name)?.map(|_| DeleteUser::Deleted))
}

fn deleted(tables: &mut Tables<'_>, user_name: &str) -> Found<Option<Subscriber>> {
    let account = match look(&tables.accounts, user_name)? {
        Ok(Some(account)) => account.subscriber,
        Ok(None) => return Ok(Ok(None)),
        Err(error) => return Ok(Err(error)),
    };
    let_go(tables, &account.phone, user_name)?;
    tables.accounts.remove(user_name)?;
    tables.changed.set(true);
    Ok(Ok(Some(account)))
}

#[async_trait]
impl UserStore for RedbUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        // As of one write: a number that was just taken from an account does not lead there any more.
        let found = self.inner.database.read(|committed| {
            let Some(name) = committed.numbers.get(phone.e164())? else { return Ok(Ok(None)) };
            look(&committed.accounts, name.value())
        })?;
        Ok(found?.map(|account| account.subscriber))
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.read(user_name)?.map(|account| account.subscriber))
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let (rule, capacity) = (self.rule, self.capacity);
        self.inner.writer.write(move |tables| created(tables, user, rule, capacity)).await
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let confirm = |account: &mut Account| {
            if account.subscriber.status == UserStatus::Unconfirmed {
                account.subscriber.status = UserStatus::Confirmed;
            }
            Some(())
        };
        self.change(user_name, confirm).await
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.prove(user_name, (*phone, *phone)).await
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.prove(user_name, (*from, *to)).await
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        let (name, phone) = (user_name.to_owned(), *phone);
        let work = move |tables: &mut Tables<'_>| {
            let released = changed(tables, &name, |account| {
                let account = &mut account.subscriber;
                let is_so = account.phone == phone && account.last_success == last_success;
                is_so.then(|| account.phone_verified = false)
            })?;
            if matches!(released, Ok(Some(_))) {
                let_go(tables, &phone, &name)?;
            }
            Ok(released)
        };
        self.inner.writer.write(work).await
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        let kept = KeptPassword::random(user_name, password);
        let replace = move |account: &mut Account| {
            account.password = Some(kept);
            Some(())
        };
        self.change(user_name, replace).await
    }

    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        let kept = self.read(user_name)?.and_then(|account| account.password);
        Ok(kept.is_some_and(|kept| kept.is(user_name, password)))
    }

    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        let kept = self.read(user_name)?.and_then(|account| account.password);
        Ok(kept.and_then(|kept| kept.verifier()))
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        let revoke = move |account: &mut Account| {
            let account = &mut account.subscriber;
            account.tokens_not_before = account.tokens_not_before.max(Some(now));
            Some(())
        };
        self.change(user_name, revoke).await
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        let note = move |account: &mut Account| {
            let account = &mut account.subscriber;
            account.last_success = account.last_success.max(Some(at));
            Some(())
        };
        self.change(user_name, note).await
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        let name = user_name.to_owned();
        self.inner.writer.write(move |tables| deleted_if(tables, &name, unproven)).await
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let name = user_name.to_owned();
        self.inner.writer.write(move |tables| deleted(tables, &name)).await
    }

    /// Pages go by name: the next one begins behind the last name that was looked at.
    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        self.inner.database.read(|committed| {
            let behind = page.map_or(Bound::Unbounded, Bound::Excluded);
            let mut page = UserPage::default();
            for (looked_at, account) in
                committed.accounts.range::<&str>((behind, Bound::Unbounded))?.enumerate()
            {
                // The last one that was looked at, since it is the one that leads on.
                if looked_at == LOOKED_AT || page.accounts.len() >= at_most.max(1) {
                    return Ok(Ok(page));
                }
                let (name, held) = account?;
                let Some(Account { subscriber, .. }) = Account::read(name.value(), held.value()) else {
                    return Ok(Err(unreadable()));
                };
                page.next = Some(subscriber.user_name.clone());
                if subscriber.created_at < before && subscriber.unproven() == Some(unproven) {
                    page.accounts.push(subscriber);
                }
            }
            page.next = None;
            Ok(Ok(page))
        })?
    }
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("an account".into())
}

impl fmt::Debug for RedbUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbUsers").field("rule", &self.rule).finish_non_exhaustive()
    }
}
