//! The accounts themselves: one map by name, and which name a number leads to.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
};

use crate::{
    ports::{
        CreateUser, DeleteUser, KeptPassword, NewUser, NumberRule, StoreError, Subscriber, Unproven,
        UserPage, UserStatus,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// How many accounts one page of a listing looks at, so that nobody waits long for the lock.
const LOOKED_AT: usize = 1_000;

#[derive(Debug)]
struct Account {
    subscriber: Subscriber,
    password: Option<KeptPassword>,
}

/// `holders` leads from a number to the name of the one account it leads to. That account has the number; another may
/// have it too, and is not led to.
pub(super) struct Accounts {
    rule: NumberRule,
    by_name: BTreeMap<String, Account>,
    holders: HashMap<PhoneNumber, String>,
}

impl Accounts {
    pub(super) fn new(rule: NumberRule) -> Self {
        Self { rule, by_name: BTreeMap::new(), holders: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn by_phone(&self, phone: &PhoneNumber) -> Option<Subscriber> {
        self.by_name(self.holders.get(phone)?)
    }

    pub(super) fn by_name(&self, user_name: &str) -> Option<Subscriber> {
        self.by_name.get(user_name).map(|account| account.subscriber.clone())
    }

    pub(super) fn create(&mut self, user: NewUser, capacity: usize) -> Result<CreateUser, StoreError> {
        let password = KeptPassword::of(&user);
        let NewUser { user_name, phone, status, created_at, .. } = user;
        let holder = match self.rule {
            NumberRule::FirstHolds => self.by_phone(&phone),
            NumberRule::VerifiedHolds => None,
        };
        if let Some(taken) = holder.or_else(|| self.by_name(&user_name)) {
            return Ok(CreateUser::Exists(taken));
        }
        if self.by_name.len() >= capacity {
            return Err(StoreError::Full);
        }
        if self.rule == NumberRule::FirstHolds {
            self.holders.insert(phone, user_name.clone());
        }
        let subscriber = Subscriber::new(user_name.clone(), phone, status, created_at);
        self.by_name.insert(user_name, Account { subscriber: subscriber.clone(), password });
        Ok(CreateUser::Created(subscriber))
    }

    /// Changes an account, if it is there and `change` finds that its condition holds.
    pub(super) fn change(
        &mut self,
        user_name: &str,
        change: impl FnOnce(&mut Subscriber) -> Option<()>,
    ) -> Option<Subscriber> {
        let subscriber = &mut self.by_name.get_mut(user_name)?.subscriber;
        change(subscriber)?;
        Some(subscriber.clone())
    }

    /// Gives the account the number `to`, proven, if `from` is its number now; the number leads here and nowhere else.
    pub(super) fn prove(
        &mut self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Option<Subscriber> {
        let proven = self.change(user_name, |account| {
            (account.phone == *from).then(|| {
                account.phone = *to;
                account.phone_verified = true;
                account.was_verified = true;
            })
        })?;
        if from != to && self.holders.get(from).is_some_and(|holder| holder == user_name) {
            self.holders.remove(from);
        }
        let before = self.holders.insert(*to, user_name.to_owned());
        if let Some(before) = before.filter(|before| before != user_name) {
            // Nobody else can have it verified: whoever does is who it led to.
            self.change(&before, |account| {
                account.phone_verified = false;
                Some(())
            });
        }
        Some(proven)
    }

    pub(super) fn release(
        &mut self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Option<Subscriber> {
        let released = self.change(user_name, |account| {
            (account.phone == *phone && account.last_success == last_success)
                .then(|| account.phone_verified = false)
        })?;
        if self.holders.get(phone).is_some_and(|holder| holder == user_name) {
            self.holders.remove(phone);
        }
        Some(released)
    }

    pub(super) fn replace_password(&mut self, user_name: &str, password: &Password) -> Option<Subscriber> {
        let account = self.by_name.get_mut(user_name)?;
        account.password = Some(KeptPassword::random(user_name, password));
        Some(account.subscriber.clone())
    }

    pub(super) fn has_password(&self, user_name: &str, password: &Password) -> bool {
        self.kept(user_name).is_some_and(|kept| kept.is(user_name, password))
    }

    pub(super) fn password_verifier(&self, user_name: &str) -> Option<PasswordVerifier> {
        self.kept(user_name)?.verifier()
    }

    fn kept(&self, user_name: &str) -> Option<&KeptPassword> {
        self.by_name.get(user_name)?.password.as_ref()
    }

    pub(super) fn delete_if(&mut self, user_name: &str, unproven: Unproven) -> DeleteUser {
        let Some(subscriber) = self.by_name(user_name) else { return DeleteUser::NotFound };
        if subscriber.unproven() != Some(unproven) {
            return DeleteUser::Kept(subscriber);
        }
        self.delete(user_name);
        DeleteUser::Deleted
    }

    pub(super) fn delete(&mut self, user_name: &str) -> Option<Subscriber> {
        let Account { subscriber, .. } = self.by_name.remove(user_name)?;
        if self.holders.get(&subscriber.phone).is_some_and(|holder| holder == user_name) {
            self.holders.remove(&subscriber.phone);
        }
        Some(subscriber)
    }

    /// Pages go by name: the next one begins behind the last name that was looked at.
    pub(super) fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> UserPage {
        let behind = page.map_or(Bound::Unbounded, Bound::Excluded);
        let mut page = UserPage::default();
        for (looked_at, (name, account)) in
            self.by_name.range::<str, _>((behind, Bound::Unbounded)).enumerate()
        {
            // The last one that was looked at, since it is the one that leads on.
            if looked_at == LOOKED_AT || page.accounts.len() >= at_most.max(1) {
                return page;
            }
            let Subscriber { created_at, .. } = account.subscriber;
            if created_at < before && account.subscriber.unproven() == Some(unproven) {
                page.accounts.push(account.subscriber.clone());
            }
            page.next = Some(name.clone());
        }
        page.next = None;
        page
    }
}

/// Confirms; for [`UserStore::confirm`](crate::UserStore::confirm).
pub(super) fn confirm(account: &mut Subscriber) {
    if account.status == UserStatus::Unconfirmed {
        account.status = UserStatus::Confirmed;
    }
}

#[cfg(test)]
mod tests;
