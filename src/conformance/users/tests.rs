use core::fmt;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    thread::sleep,
    time::Duration,
};

use async_trait::async_trait;

use super::*;
use crate::{adapters::MemoryUsers, testing::Faulty};

#[test]
fn the_memory_store_conforms() {
    user_store_conforms(MemoryUsers::new);
}

#[test]
fn the_memory_store_conforms_boxed_shared_and_wrapped() {
    user_store_conforms(|| Box::new(MemoryUsers::new()) as Box<dyn UserStore>);
    user_store_conforms(|| Arc::new(MemoryUsers::new()) as Arc<dyn UserStore>);
    user_store_conforms(|| Faulty::new(MemoryUsers::new()));
}

#[test]
fn the_memory_store_is_bounded() {
    user_store_is_bounded(MemoryUsers::bounded);
}

/// A store with one thing wrong; otherwise as good as the memory one.
struct Flawed {
    flaw: Flaw,
    capacity: usize,
    accounts: Mutex<Accounts>,
}

#[derive(Clone, Debug, Default)]
struct Accounts {
    by_name: HashMap<String, Subscriber>,
    names: HashMap<PhoneNumber, String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    AsksThenCreates,
    AsksThenDeletes,
    ConfirmsDisabled,
    CountsThenCreates,
    CreatesByUpdating,
    DeletesConfirmed,
    EvictsWhenFull,
    IgnoresNames,
    InheritsVerified,
    KeepsTheNumber,
    MakesWhoIsVerified,
    RefusesHoldersWhenFull,
    ShowsNumbers,
    VerifiesAnyPhone,
    WritesWhole,
}

/// Long enough for every racer to step in.
fn gap() {
    sleep(Duration::from_millis(2));
}

impl Flawed {
    fn new(flaw: Flaw, capacity: usize) -> Self {
        Self { flaw, capacity, accounts: Mutex::default() }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Accounts) -> T) -> T {
        act(&mut self.accounts.lock().expect("not poisoned"))
    }

    fn change(&self, user_name: &str, change: impl Fn(&mut Subscriber)) -> Option<Subscriber> {
        if self.flaw == Flaw::WritesWhole {
            let mut account = self.with(|all| all.by_name.get(user_name).cloned())?;
            change(&mut account);
            gap();
            self.with(|all| all.by_name.insert(account.user_name.clone(), account.clone()));
            return Some(account);
        }
        self.with(|all| {
            let account = all.by_name.get_mut(user_name)?;
            change(account);
            Some(account.clone())
        })
    }
}

impl fmt::Debug for Flawed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.flaw != Flaw::ShowsNumbers {
            return f.write_str("Flawed");
        }
        let names = self.with(|all| all.names.clone());
        f.debug_list().entries(names.keys().map(PhoneNumber::e164)).finish()
    }
}

impl Accounts {
    fn taken(&self, user: &NewUser, flaw: Flaw) -> Option<Subscriber> {
        let by_phone = self.names.get(&user.phone).and_then(|name| self.by_name.get(name));
        let by_name = || self.by_name.get(&user.user_name).filter(|_| flaw != Flaw::IgnoresNames);
        by_phone.or_else(by_name).cloned()
    }

    fn insert(&mut self, account: &Subscriber) {
        self.names.insert(account.phone, account.user_name.clone());
        self.by_name.insert(account.user_name.clone(), account.clone());
    }

    fn remove(&mut self, user_name: &str, flaw: Flaw) {
        if let Some(account) = self.by_name.remove(user_name)
            && flaw != Flaw::KeepsTheNumber
        {
            self.names.remove(&account.phone);
        }
    }
}

#[async_trait]
impl UserStore for Flawed {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.with(|all| {
            let name = all.names.get(phone)?;
            let stale = || Subscriber::new(name.clone(), *phone, UserStatus::Unconfirmed, false);
            all.by_name.get(name).cloned().or_else(|| (self.flaw == Flaw::KeepsTheNumber).then(stale))
        }))
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.with(|all| all.by_name.get(user_name).cloned()))
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let mut account = Subscriber::new(user.user_name.clone(), user.phone, user.status, false);
        let taken = self.with(|all| all.taken(&user, self.flaw));
        let full = self.with(|all| all.by_name.len()) >= self.capacity;
        let asks_first =
            self.flaw == Flaw::AsksThenCreates || (self.flaw == Flaw::CountsThenCreates && !full);
        if asks_first && taken.is_none() {
            gap();
            self.with(|all| all.insert(&account));
            return Ok(CreateUser::Created(account));
        }
        if self.flaw == Flaw::InheritsVerified {
            // Whoever comes second to a number is taken for who came first.
            account.phone_verified = self.with(|all| all.names.contains_key(&user.phone)) && taken.is_none();
        }
        if let Some(mut taken) = taken.filter(|_| self.flaw == Flaw::CreatesByUpdating) {
            taken.status = user.status;
            self.with(|all| all.insert(&taken));
            return Ok(CreateUser::Exists(taken));
        }
        self.with(|all| {
            let full = all.by_name.len() >= self.capacity;
            if full && self.flaw == Flaw::RefusesHoldersWhenFull {
                return Err(StoreError::Full);
            }
            if let Some(taken) = all.taken(&user, self.flaw) {
                return Ok(CreateUser::Exists(taken));
            }
            if full {
                let Some(first) = all.by_name.keys().next().cloned() else { return Err(StoreError::Full) };
                if self.flaw != Flaw::EvictsWhenFull {
                    return Err(StoreError::Full);
                }
                all.remove(&first, self.flaw);
            }
            all.insert(&account);
            Ok(CreateUser::Created(account))
        })
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.change(user_name, |account| {
            if account.status == UserStatus::Unconfirmed || self.flaw == Flaw::ConfirmsDisabled {
                account.status = UserStatus::Confirmed;
            }
        }))
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        let Some(account) = self.with(|all| all.by_name.get(user_name).cloned()) else {
            if self.flaw == Flaw::MakesWhoIsVerified {
                let account = Subscriber::new(user_name.to_owned(), *phone, UserStatus::Unconfirmed, true);
                self.with(|all| all.insert(&account));
            }
            return Ok(None);
        };
        if account.phone != *phone && self.flaw != Flaw::VerifiesAnyPhone {
            return Ok(None);
        }
        Ok(self.change(user_name, |account| account.phone_verified = true))
    }

    async fn delete_if_unconfirmed(&self, user_name: &str) -> Result<DeleteUnconfirmed, StoreError> {
        let kept = |account: &Subscriber| {
            account.status != UserStatus::Unconfirmed && self.flaw != Flaw::DeletesConfirmed
        };
        if self.flaw == Flaw::AsksThenDeletes {
            let Some(account) = self.with(|all| all.by_name.get(user_name).cloned()) else {
                return Ok(DeleteUnconfirmed::NotFound);
            };
            if kept(&account) {
                return Ok(DeleteUnconfirmed::Kept(account));
            }
            gap();
            self.with(|all| all.remove(user_name, self.flaw));
            return Ok(DeleteUnconfirmed::Deleted);
        }
        Ok(self.with(|all| match all.by_name.get(user_name) {
            None => DeleteUnconfirmed::NotFound,
            Some(account) if kept(account) => DeleteUnconfirmed::Kept(account.clone()),
            Some(account) if self.flaw == Flaw::InheritsVerified => {
                // The number stays behind, and what is known of it.
                let phone = account.phone;
                all.by_name.remove(user_name);
                all.names.insert(phone, String::new());
                DeleteUnconfirmed::Deleted
            }
            Some(_) => {
                all.remove(user_name, self.flaw);
                DeleteUnconfirmed::Deleted
            }
        }))
    }
}

macro_rules! caught {
    ($($name:ident: $flaw:ident => $sentence:literal;)+) => { $(
        #[test]
        #[should_panic(expected = $sentence)]
        fn $name() {
            user_store_conforms(|| Flawed::new(Flaw::$flaw, 1_000));
        }
    )+ };
}

caught! {
    a_store_that_asks_and_then_creates_is_caught: AsksThenCreates => "asked for at once was given";
    i10_a_store_that_asks_and_then_deletes_is_caught: AsksThenDeletes => "confirmed";
    a_store_that_confirms_the_disabled_is_caught: ConfirmsDisabled => "Disabled must make it Disabled";
    a_store_that_creates_by_updating_is_caught: CreatesByUpdating => "answered with the account that holds it, unchanged";
    i10_a_store_that_deletes_the_confirmed_is_caught: DeletesConfirmed => "Confirmed must be kept";
    a_store_that_ignores_taken_names_is_caught: IgnoresNames => "a taken name must be answered";
    a_store_in_which_proof_is_inherited_is_caught: InheritsVerified => "must not inherit";
    a_store_that_leaves_a_number_behind_is_caught: KeepsTheNumber => "still found by its number";
    a_store_that_makes_who_is_verified_is_caught: MakesWhoIsVerified => "deleting nobody must answer";
    i7_a_store_whose_debug_shows_numbers_is_caught: ShowsNumbers => "shows a phone number";
    i6_a_store_that_verifies_any_phone_is_caught: VerifiesAnyPhone => "not the account's own";
    a_store_that_writes_accounts_back_whole_is_caught: WritesWhole => "confirmed";
}

macro_rules! caught_when_full {
    ($($name:ident: $flaw:ident => $sentence:literal;)+) => { $(
        #[test]
        #[should_panic(expected = $sentence)]
        fn $name() {
            user_store_is_bounded(|capacity| Flawed::new(Flaw::$flaw, capacity));
        }
    )+ };
}

caught_when_full! {
    a_store_that_counts_and_then_creates_is_caught: CountsThenCreates => "took in";
    a_store_that_evicts_when_full_is_caught: EvictsWhenFull => "took in";
    a_full_store_that_hides_its_holders_is_caught: RefusesHoldersWhenFull => "failed: the store is full";
}
