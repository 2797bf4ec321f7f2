//! Sweeps see every account that they are for, and no other.

use std::collections::BTreeMap;

use super::{Trial, done, moment, name, phone, unconfirmed, user};
use crate::{
    ports::{NewUser, Subscriber, Unproven, UserPage, UserStatus, UserStore},
    types::Timestamp,
};

const ALL: usize = 64;
/// A listing of so few accounts that takes more pages than this never ends.
const MOST_PAGES: usize = 1_000;

pub(super) fn every_unproven_account_is_listed_once<S: UserStore>(t: &Trial<S>) {
    let all: Vec<(Subscriber, Option<Unproven>)> = (0..ALL).map(|n| one_of_all_kinds(t, n)).collect();
    for way in [Unproven::NeverUsed, Unproven::Unconfirmed] {
        for before in [0, 1, 40, ALL] {
            let old = |account: &Subscriber| account.created_at < moment(before);
            let expected: BTreeMap<&str, &Subscriber> = all
                .iter()
                .filter(|(account, unproven)| *unproven == Some(way) && old(account))
                .map(|(account, _)| (account.user_name.as_str(), account))
                .collect();
            for at_most in [0, 1, 2, 7, 1_000] {
                let listed = walk(t, way, moment(before), at_most, |_| {});
                let found: BTreeMap<&str, &Subscriber> =
                    listed.iter().map(|account| (account.user_name.as_str(), account)).collect();
                assert!(found.len() == listed.len(), "an account must be listed once, by pages of {at_most}");
                assert!(
                    found == expected,
                    "exactly what is unproven as {way:?} and old enough must be listed, as it stands, by pages of \
                     {at_most}"
                );
            }
        }
    }
}

/// The eight kinds in turn, each account a second younger than the one before.
fn one_of_all_kinds<S: UserStore>(t: &Trial<S>, n: usize) -> (Subscriber, Option<Unproven>) {
    let made = |status| t.created(user(n, n, status));
    let (own_name, own_phone) = (name(n), phone(n));
    let unproven = match n % 8 {
        0 => {
            made(UserStatus::Unconfirmed);
            Some(Unproven::Unconfirmed)
        }
        1 => {
            made(UserStatus::Confirmed);
            Some(Unproven::NeverUsed)
        }
        2 => {
            made(UserStatus::Unconfirmed);
            drop(done(t.store.confirm(&own_name)));
            Some(Unproven::NeverUsed)
        }
        3 => {
            made(UserStatus::Confirmed);
            drop(done(t.store.note_success(&own_name, moment(n))));
            None
        }
        4 => {
            made(UserStatus::Unconfirmed);
            drop(done(t.store.mark_phone_verified(&own_name, &own_phone)));
            None
        }
        5 => {
            made(UserStatus::Confirmed);
            drop(done(t.store.mark_phone_verified(&own_name, &own_phone)));
            drop(done(t.store.release_phone(&own_name, &own_phone, None)));
            None
        }
        6 => {
            made(UserStatus::Disabled);
            None
        }
        _ => {
            made(UserStatus::Unconfirmed);
            drop(done(t.store.revoke_tokens(&own_name, moment(n))));
            Some(Unproven::Unconfirmed)
        }
    };
    let Some(account) = t.named(n) else { panic!("a new account is not found by its name") };
    (account, unproven)
}

/// Between two pages one account is deleted, one is confirmed and one is made; half of all stay as they are.
pub(super) fn a_listing_goes_on_while_accounts_come_and_go<S: UserStore>(t: &Trial<S>) {
    const FIRST: usize = 48;
    const LATER: usize = 100;
    for n in 0..FIRST {
        t.created(unconfirmed(n, n));
    }
    let listed = walk(t, Unproven::Unconfirmed, moment(ALL), 2, |page| {
        let n = 4 * page;
        if n < FIRST {
            drop(done(t.store.delete_if(&name(n + 1), Unproven::Unconfirmed)));
            drop(done(t.store.confirm(&name(n + 2))));
            let later = LATER + page;
            let (status, made_at) = (UserStatus::Unconfirmed, moment(page));
            t.created(NewUser::new(name(later), phone(later), status, made_at));
        }
    });
    let times = |n: usize| listed.iter().filter(|account| account.user_name == name(n)).count();
    for n in (0..FIRST).filter(|n| matches!(n % 4, 0 | 3)) {
        assert!(times(n) == 1, "an account that did not change was listed {} times, not once", times(n));
    }
    let known = (0..FIRST).chain(LATER..LATER + FIRST / 4).map(times).sum::<usize>();
    assert!(known == listed.len(), "somebody was listed who was never there");
}

/// Each page of each is asked for twice, as whoever goes on after a failure does.
pub(super) fn two_listings_do_not_disturb_each_other<S: UserStore>(t: &Trial<S>) {
    for n in 0..ALL {
        let status = if n % 2 == 0 { UserStatus::Confirmed } else { UserStatus::Unconfirmed };
        t.created(user(n, n, status));
    }
    let listing =
        |way, at_most| Listing { way, before: moment(ALL), at_most, next: None, listed: Vec::new() };
    let mut open = vec![listing(Unproven::NeverUsed, 3), listing(Unproven::Unconfirmed, 5)];
    for _ in 0..MOST_PAGES {
        for listing in &mut open {
            drop(listing.ask(t));
        }
        open.retain_mut(|listing| {
            let more = listing.go_on(t);
            let whole = listing.listed.len() == ALL / 2;
            assert!(more || whole, "a listing beside another one, page by page twice, is not whole");
            more
        });
        if open.is_empty() {
            return;
        }
    }
    panic!("a listing never ends");
}

/// All pages, one after another; after each that is not the last, `between` is told its number.
fn walk<S: UserStore>(
    t: &Trial<S>,
    way: Unproven,
    before: Timestamp,
    at_most: usize,
    between: impl Fn(usize),
) -> Vec<Subscriber> {
    let mut listing = Listing { way, before, at_most, next: None, listed: Vec::new() };
    for page in 0..MOST_PAGES {
        if !listing.go_on(t) {
            return listing.listed;
        }
        between(page);
    }
    panic!("a listing never ends")
}

struct Listing {
    way: Unproven,
    before: Timestamp,
    at_most: usize,
    next: Option<String>,
    listed: Vec<Subscriber>,
}

impl Listing {
    fn ask<S: UserStore>(&self, t: &Trial<S>) -> UserPage {
        let page = done(t.store.list_unproven(self.way, self.before, self.next.as_deref(), self.at_most));
        assert!(page.accounts.len() <= self.at_most.max(1), "a page must be no longer than was asked for");
        page
    }

    /// Whether there is more.
    fn go_on<S: UserStore>(&mut self, t: &Trial<S>) -> bool {
        let page = self.ask(t);
        self.listed.extend(page.accounts);
        self.next = page.next;
        self.next.is_some()
    }
}
