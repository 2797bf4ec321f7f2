//! The port's rules, written as plainly as they can be: a list of accounts, and one lock around it. With a [`Flaw`], one
//! rule is broken.

use super::flaw::Flaw;
use crate::{
    ports::{
        CreateUser, DeleteUser, NewUser, NumberRule, StoreError, Subscriber, Unproven, UserPage, UserStatus,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) account: Subscriber,
    /// The last one counts.
    passwords: Vec<Password>,
    /// What the last one is checked with, if it was chosen.
    verifier: Option<PasswordVerifier>,
    /// Whether its number leads here.
    holds: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) flaw: Flaw,
    rule: NumberRule,
    capacity: usize,
    rows: Vec<Row>,
    /// What only flaws look at: numbers that lead where they should not, passwords of the deleted, and a page.
    ghosts: Vec<(PhoneNumber, Subscriber)>,
    dead_passwords: Vec<(String, Vec<Password>)>,
    cursor: usize,
}

impl Model {
    pub(super) fn new(flaw: Flaw, rule: NumberRule, capacity: usize) -> Self {
        let (rows, ghosts, dead_passwords) = Default::default();
        Self { flaw, rule, capacity, rows, ghosts, dead_passwords, cursor: 0 }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    pub(super) fn phones(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.account.phone.e164()).collect()
    }

    pub(super) fn passwords(&self) -> Vec<&str> {
        self.rows.iter().flat_map(|row| &row.passwords).map(Password::expose_secret).collect()
    }

    fn row(&mut self, name: &str) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.account.user_name == name)
    }

    pub(super) fn by_name(&self, name: &str) -> Option<Subscriber> {
        self.rows.iter().find(|row| row.account.user_name == name).map(|row| row.account.clone())
    }

    pub(super) fn by_phone(&self, phone: &PhoneNumber) -> Option<Subscriber> {
        let with_it = |row: &&Row| row.account.phone == *phone;
        let holder = if self.has(Flaw::LeadsToTheFirst) {
            self.rows.iter().find(with_it)
        } else {
            self.rows.iter().filter(with_it).find(|row| row.holds)
        };
        let ghost =
            || self.ghosts.iter().find(|(number, _)| number == phone).map(|(_, account)| account.clone());
        holder.map(|row| row.account.clone()).or_else(ghost)
    }

    pub(super) fn create(&mut self, user: NewUser) -> Result<CreateUser, StoreError> {
        let first_holds = self.rule == NumberRule::FirstHolds;
        let full = self.rows.len() >= self.capacity;
        if full && self.has(Flaw::RefusesHoldersWhenFull) {
            return Err(StoreError::Full);
        }
        let stays = |row: &&Row| row.account.phone == user.phone && self.has(Flaw::StaysTakenWhenReleased);
        let by_phone =
            self.by_phone(&user.phone).or_else(|| self.rows.iter().find(stays).map(|r| r.account.clone()));
        let by_name = self.by_name(&user.user_name).filter(|_| !self.has(Flaw::IgnoresNames));
        if let Some(taken) = by_phone.filter(|_| first_holds).or(by_name) {
            let (updates, learns) =
                (self.has(Flaw::CreatesByUpdating), self.has(Flaw::TakesPasswordsOfTheRefused));
            if let Some(row) = self.row(&taken.user_name) {
                if updates {
                    row.account.status = user.status;
                }
                if learns {
                    row.passwords.extend(user.password);
                }
                return Ok(CreateUser::Exists(row.account.clone()));
            }
            return Ok(CreateUser::Exists(taken));
        }
        if full {
            if !self.has(Flaw::EvictsWhenFull) {
                return Err(StoreError::Full);
            }
            self.rows.remove(0);
        }
        let proven = self.rows.iter().any(|row| row.account.phone == user.phone && row.account.was_verified);
        let NewUser { user_name, phone, status, created_at, password, verifier } = user;
        let mut account = Subscriber::new(user_name.clone(), phone, status, created_at);
        account.was_verified = proven && self.has(Flaw::InheritsProof);
        account.phone_verified =
            account.status == UserStatus::Confirmed && self.has(Flaw::VerifiesTheConfirmed);
        if self.has(Flaw::ForgetsMoments) {
            account.created_at = Timestamp::UNIX_EPOCH;
        }
        if self.has(Flaw::ForgetsStrangeStatuses) && matches!(account.status, UserStatus::Other(_)) {
            account.status = UserStatus::Other("UNKNOWN".to_owned());
        }
        let mut passwords: Vec<Password> =
            password.filter(|_| !self.has(Flaw::ForgetsNewPasswords)).into_iter().collect();
        if self.has(Flaw::InheritsPasswords) {
            let of_the_dead = self.dead_passwords.iter().filter(|(name, _)| *name == user_name);
            passwords.extend(of_the_dead.flat_map(|(_, passwords)| passwords.clone()));
        }
        self.rows.push(Row { account: account.clone(), passwords, verifier, holds: first_holds });
        Ok(CreateUser::Created(account))
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Subscriber)) -> Option<Subscriber> {
        let row = self.row(name)?;
        change(&mut row.account);
        Some(row.account.clone())
    }

    pub(super) fn confirm(&mut self, name: &str) -> Option<Subscriber> {
        let too_much = self.has(Flaw::ConfirmsDisabled);
        self.change(name, |account| {
            if account.status == UserStatus::Unconfirmed
                || (too_much && account.status == UserStatus::Disabled)
            {
                account.status = UserStatus::Confirmed;
            }
        })
    }

    pub(super) fn mark_phone_verified(&mut self, name: &str, phone: &PhoneNumber) -> Option<Subscriber> {
        let own = self.by_name(name).map(|account| account.phone);
        if own.is_none() && self.has(Flaw::MakesWhoIsVerified) {
            let user = NewUser::new(name.to_owned(), *phone, UserStatus::Unconfirmed, Timestamp::UNIX_EPOCH);
            drop(self.create(user));
            return None;
        }
        if own? != *phone && !self.has(Flaw::VerifiesAnyPhone) {
            return None;
        }
        self.prove(name, &own?)
    }

    pub(super) fn change_phone(
        &mut self,
        name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Option<Subscriber> {
        let before = self.by_name(name)?;
        if before.phone != *from && !self.has(Flaw::ChangesFromAnyNumber) {
            return None;
        }
        if self.has(Flaw::LeadsWhereItWasLeft) && from != to {
            self.ghosts.push((*from, before));
        }
        if self.has(Flaw::LeavingTakesItFromOthers) {
            self.rows.iter_mut().filter(|row| row.account.phone == *from).for_each(|row| row.holds = false);
        }
        let proven = self.prove(name, to)?;
        if self.has(Flaw::ChangesUnproven) {
            return self.change(name, |account| account.phone_verified = from == to);
        }
        Some(proven)
    }

    /// Everybody else loses the number; this account has it.
    fn prove(&mut self, name: &str, phone: &PhoneNumber) -> Option<Subscriber> {
        let (leaves, forgets) =
            (self.has(Flaw::LeavesOthersVerified), self.has(Flaw::ForgetsWhatWasVerified));
        for row in self.rows.iter_mut().filter(|row| row.account.phone == *phone) {
            row.holds = false;
            row.account.phone_verified &= leaves;
            row.account.was_verified &= !forgets;
        }
        let row = self.row(name)?;
        row.holds = true;
        row.account.phone = *phone;
        (row.account.phone_verified, row.account.was_verified) = (true, true);
        Some(row.account.clone())
    }

    pub(super) fn release_phone(
        &mut self,
        name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Option<Subscriber> {
        let account = self.by_name(name)?;
        if (account.phone != *phone && !self.has(Flaw::ReleasesAnyNumber))
            || (account.last_success != last_success && !self.has(Flaw::ReleasesTheUsed))
        {
            return None;
        }
        if self.has(Flaw::ReleasesTwice) {
            self.rows.iter_mut().filter(|row| row.account.phone == *phone).for_each(|row| row.holds = false);
        }
        let keeps = self.has(Flaw::ReleasesWithoutUnverifying);
        let row = self.row(name)?;
        row.holds = false;
        row.account.phone_verified &= keeps;
        let released = row.account.clone();
        self.rows.retain(|row| row.account != released || self.flaw != Flaw::DeletesWhatLetsGo);
        Some(released)
    }

    pub(super) fn replace_password(&mut self, name: &str, password: &Password) -> Option<Subscriber> {
        let keeps = self.has(Flaw::KeepsOldVerifiers);
        let row = self.row(name)?;
        row.passwords.push(password.clone());
        row.verifier = row.verifier.take().filter(|_| keeps);
        Some(row.account.clone())
    }

    pub(super) fn password_verifier(&self, name: &str) -> Option<PasswordVerifier> {
        self.rows.iter().find(|row| row.account.user_name == name)?.verifier.clone()
    }

    pub(super) fn has_password(&self, name: &str, password: &Password) -> bool {
        let Some(row) = self.rows.iter().find(|row| row.account.user_name == name) else {
            return self.has(Flaw::GivesNobodyAPassword);
        };
        match row.passwords.last() {
            Some(_) if row.verifier.is_some() && !self.has(Flaw::KeepsMoreThanVerifiers) => false,
            None => self.has(Flaw::OpensWithoutAPassword),
            Some(_) if self.has(Flaw::KeepsOldPasswords) => row.passwords.contains(password),
            Some(last) => last == password,
        }
    }

    pub(super) fn revoke_tokens(&mut self, name: &str, now: Timestamp) -> Option<Subscriber> {
        let back = self.has(Flaw::TokensLiveAgain);
        self.change(name, |account| {
            let latest = account.tokens_not_before.max(Some(now));
            account.tokens_not_before = if back { Some(now) } else { latest };
        })
    }

    pub(super) fn note_success(&mut self, name: &str, at: Timestamp) -> Option<Subscriber> {
        let back = self.has(Flaw::SuccessGoesBack);
        self.change(name, |account| {
            let latest = account.last_success.max(Some(at));
            account.last_success = if back { Some(at) } else { latest };
        })
    }

    pub(super) fn delete_if(&mut self, name: &str, way: Unproven) -> DeleteUser {
        let Some(account) = self.by_name(name) else { return DeleteUser::NotFound };
        let mut judged = account.clone();
        judged.was_verified &= !self.has(Flaw::DeletesTheOnceVerified);
        judged.last_success = account.last_success.filter(|_| !self.has(Flaw::DeletesTheUsed));
        let deleted = match unproven(&judged) {
            Some(Unproven::Unconfirmed)
                if self.has(Flaw::KeepsTheUsedUnconfirmed) && account.last_success.is_some() =>
            {
                false
            }
            Some(found) => found == way || self.has(Flaw::DeletesEitherWay),
            None => self.has(Flaw::DeletesTheConfirmed) && account.status == UserStatus::Confirmed,
        };
        if !deleted {
            return DeleteUser::Kept(account);
        }
        self.delete_now(&account);
        DeleteUser::Deleted
    }

    pub(super) fn delete(&mut self, name: &str) -> Option<Subscriber> {
        let account = self.by_name(name)?;
        if self.has(Flaw::DeletesTheUnprovenOnly) && unproven(&account).is_none() {
            return Some(account);
        }
        self.delete_now(&account);
        Some(account)
    }

    fn delete_now(&mut self, account: &Subscriber) {
        let name = account.user_name.as_str();
        if self.has(Flaw::KeepsTheNumber) {
            self.ghosts.push((account.phone, account.clone()));
        }
        if self.has(Flaw::DeletionTakesTheNumber) {
            self.rows
                .iter_mut()
                .filter(|row| row.account.phone == account.phone)
                .for_each(|row| row.holds = false);
        }
        let (dead, rows) = self.rows.drain(..).partition(|row| row.account.user_name == name);
        self.rows = rows;
        let dead: Vec<Row> = dead;
        self.dead_passwords.extend(dead.into_iter().map(|row| (row.account.user_name, row.passwords)));
    }

    pub(super) fn list_unproven(
        &mut self,
        way: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> UserPage {
        let mut all: Vec<&Subscriber> = self.rows.iter().map(|row| &row.account).collect();
        all.sort_by_key(|account| &account.user_name);
        let old = |account: &Subscriber| {
            account.created_at < before || (self.has(Flaw::ListsTheYoung) && account.created_at == before)
        };
        all.retain(|account| {
            let found = unproven(account);
            old(account) && (found == Some(way) || (found.is_some() && self.has(Flaw::ListsEitherWay)))
        });
        let at_most = at_most.max(1) + usize::from(self.has(Flaw::ListsTooMany));
        let begins = match page {
            None => 0,
            Some(_) if self.has(Flaw::MovesOnByItself) => self.cursor,
            Some(page) if self.has(Flaw::PagesByOffset) => page.parse().expect("the store's own page"),
            Some(page) => all.partition_point(|account| account.user_name.as_str() <= page),
        };
        let ends = all.len().min(begins + at_most);
        let accounts: Vec<Subscriber> =
            all[begins.min(ends)..ends].iter().map(|account| (*account).clone()).collect();
        let last = if self.has(Flaw::SkipsOne) { ends } else { ends.saturating_sub(1) };
        let again = usize::from(self.has(Flaw::ListsTwice) && ends > begins + 1);
        let last = all.get(last - again);
        let last = last.map(|account| account.user_name.clone());
        let last = if self.has(Flaw::PagesByOffset) { Some(ends.to_string()) } else { last };
        let more = ends < all.len() && !self.has(Flaw::EndsAfterAPage);
        let never = self.has(Flaw::NeverEnds).then(String::new);
        self.cursor = ends;
        UserPage::new(accounts, last.filter(|_| more).or(never))
    }

    /// Writes what came of `before` over whatever is there by now.
    pub(super) fn write_back(&mut self, before: &Self, after: Self) {
        for old in &before.rows {
            let name = &old.account.user_name;
            if !after.rows.iter().any(|row| row.account.user_name == *name) {
                self.rows.retain(|row| row.account.user_name != *name);
            }
        }
        for new in after.rows.into_iter().filter(|row| !before.rows.contains(row)) {
            let was_there = before.by_name(&new.account.user_name).is_some();
            match self.row(&new.account.user_name).filter(|_| was_there) {
                Some(row) => *row = new,
                None => self.rows.push(new),
            }
        }
    }
}

/// The contract's words, once more: nothing was ever verified, and it is not confirmed, or confirmed and never used.
fn unproven(account: &Subscriber) -> Option<Unproven> {
    match (account.was_verified || account.phone_verified, &account.status, account.last_success) {
        (false, UserStatus::Unconfirmed, _) => Some(Unproven::Unconfirmed),
        (false, UserStatus::Confirmed, None) => Some(Unproven::NeverUsed),
        _ => None,
    }
}
