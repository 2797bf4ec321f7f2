//! The suite of the [`UserStore`] port: one call after another in the files beside, and many at once in the races.

mod creation;
mod deletion;
mod listing;
mod number_races;
mod numbers;
mod races;
mod secrets;
mod traits;

use time::Duration;

pub use self::traits::UserStoreTraits;
use super::race::{RACERS, race};
use crate::{
    ports::{
        CreateUser, DeleteUser, NewUser, NumberRule, StoreError, Subscriber, Unproven, UserStatus, UserStore,
    },
    testing::block_on,
    types::{PhoneNumber, Timestamp},
};

/// Every [`UserStore`] must pass this. `make` gives a new, empty store every time, with room for 64 accounts.
///
/// Creating never touches an existing account and verifies nothing; whoever proves a number takes it, and of two at once
/// one has it; what was ever verified, and what somebody proves meanwhile, is never deleted; no replaced password opens
/// anything; a listing names each account once; and the store's `Debug` shows no number and no password.
///
/// ```
/// use custom_auth::conformance::{UserStoreTraits, user_store_conforms};
/// use custom_auth::{MemoryUsers, NumberRule};
///
/// let rule = NumberRule::VerifiedHolds;
/// user_store_conforms(UserStoreTraits::new(rule), || MemoryUsers::new().under(rule));
/// ```
///
/// # Panics
///
/// With a sentence, at the first of these that does not hold.
pub fn user_store_conforms<S: UserStore>(traits: UserStoreTraits, make: impl Fn() -> S) {
    macro_rules! cases {
        ($($module:ident::$case:ident),+ $(,)?) => {
            [$((concat!(stringify!($module), "::", stringify!($case)), $module::$case as fn(&Trial<S>))),+]
        };
    }
    let first = cases!(
        creation::nobody_is_found_in_an_empty_store,
        creation::a_new_account_is_found_as_it_was_made,
        creation::a_taken_number_is_left_to_its_holder,
        creation::a_taken_name_is_left_to_its_holder,
        creation::confirming_changes_unconfirmed_accounts_only,
        numbers::a_phone_is_verified_if_it_is_the_accounts_own,
        numbers::whoever_proves_a_number_takes_it,
        numbers::whoever_changes_to_a_number_takes_it,
        numbers::a_number_that_was_left_is_free,
        numbers::a_phone_is_changed_from_the_accounts_own_only,
        numbers::a_number_is_released_on_both_conditions,
        numbers::a_released_number_is_free,
        numbers::once_verified_is_once_verified_for_good,
        secrets::a_replaced_password_opens_nothing,
        secrets::an_account_without_a_password_has_none,
        secrets::a_password_is_one_accounts_own,
        secrets::of_a_chosen_password_its_verifier_is_kept_until_it_is_replaced,
        secrets::moments_never_go_back,
    );
    let by_status = "deletion::only_what_is_unproven_so_is_deleted"; // a store for each
    let then = cases!(
        deletion::a_confirmed_account_is_deleted_as_never_used_only,
        deletion::a_freed_number_starts_anew,
        deletion::a_freed_name_leads_to_its_new_number_only,
        deletion::a_deletion_leaves_a_number_to_its_holder,
        deletion::whoever_may_ask_deletes_an_account_however_it_stands,
        listing::every_unproven_account_is_listed_once,
        listing::two_listings_do_not_disturb_each_other,
        listing::a_listing_goes_on_while_accounts_come_and_go,
        races::everybody_gets_a_number_of_their_own,
        number_races::one_changes_to_a_number,
        number_races::one_of_all_who_prove_a_number_has_it,
        number_races::a_number_is_changed_to_and_verified_by_one,
        number_races::a_code_to_the_old_number_never_verifies_the_new_one,
    );
    let often = cases!(
        races::one_wins_a_number,
        races::one_wins_a_name,
        races::confirmed_or_deleted_and_never_both,
        races::a_new_holder_outlives_the_old_ones_deletion,
        races::verified_or_deleted_and_never_both,
        races::used_or_deleted_and_never_both,
        races::all_changes_of_one_account_stand,
        number_races::one_changes_from_a_number,
        number_races::released_or_used_and_nothing_is_lost,
        number_races::two_who_prove_a_number_do_not_both_have_it,
        number_races::whatever_happens_at_once_a_number_leads_to_its_prover,
    );
    let leaves_out = |name: &str| traits.left_out.contains(&name);
    for left_out in traits.left_out {
        let mut all = first.iter().chain(&then).chain(&often);
        assert!(
            all.any(|(name, _)| name == left_out) || *left_out == by_status,
            "{left_out} is no case of the suite"
        );
    }
    let run = |cases: &[Case<S>]| {
        for (_, case) in cases.iter().filter(|(name, _)| !leaves_out(name)) {
            case(&Trial { store: make(), traits });
        }
    };
    run(&first);
    for status in traits.statuses().iter().filter(|_| !leaves_out(by_status)) {
        deletion::only_what_is_unproven_so_is_deleted(&Trial { store: make(), traits }, status);
    }
    run(&then);
    for _ in 0..16 {
        run(&often);
    }
}

/// Every [`UserStore`] that limits how many accounts it holds must pass this. `make` gives a new, empty store for that
/// many.
///
/// Of 64 racers exactly as many are taken in as there is room; a full store still knows its accounts, changes them, and
/// says so to whoever asks for a taken number; a deletion makes room again.
///
/// # Panics
///
/// With a sentence, at the first of these that does not hold.
pub fn user_store_is_bounded<S: UserStore>(traits: UserStoreTraits, make: impl Fn(usize) -> S) {
    for _ in 0..4 {
        is_bounded(&Trial { store: make(ROOM), traits });
    }
}

/// What a bounded store has room for on trial.
const ROOM: usize = 7;

fn is_bounded<S: UserStore>(t: &Trial<S>) {
    let made = race(RACERS, |n| match block_on(t.store.create(unconfirmed(n, n))) {
        Ok(CreateUser::Created(account)) => Some(account),
        Ok(CreateUser::Exists(_)) => panic!("a store said that a free number is taken"),
        Err(StoreError::Full) => None,
        Err(error) => panic!("a full store must refuse with `StoreError::Full`, not: {error}"),
    });
    let held: Vec<Subscriber> = made.into_iter().flatten().collect();
    assert!(held.len() == ROOM, "a store with room for {ROOM} took in {}", held.len());
    for account in &held {
        t.assert_found(account, "an account of a full store");
        let again = NewUser { phone: phone(99), ..fresh(account) };
        t.assert_taken(again, account, "a full store must still say that a name is taken");
        if t.first_holds() {
            let again = NewUser { user_name: name(99), ..fresh(account) };
            t.assert_taken(again, account, "a full store must still say that a number is taken");
        }
    }
    let [first, second, ..] = held.as_slice() else { return };
    let deleted = done(t.store.delete_if(&first.user_name, Unproven::Unconfirmed));
    assert!(deleted == DeleteUser::Deleted, "a full store must still delete");
    t.created(unconfirmed(100, 100));
    let full = block_on(t.store.create(unconfirmed(101, 101)));
    assert!(matches!(full, Err(StoreError::Full)), "one deletion makes room for one account, not for more");
    let moved = done(t.store.change_phone(&second.user_name, &second.phone, &phone(102)));
    assert!(moved.is_some_and(|moved| moved.phone == phone(102)), "a full store must still change a number");
}

/// A case of the suite, and its name.
type Case<S> = (&'static str, fn(&Trial<S>));

/// A store on trial.
struct Trial<S> {
    store: S,
    traits: UserStoreTraits,
}

impl<S: UserStore> Trial<S> {
    fn first_holds(&self) -> bool {
        match self.traits.number_rule {
            NumberRule::FirstHolds => true,
            NumberRule::VerifiedHolds => false,
        }
    }

    /// Makes an account, which is as it was asked for: nothing of it is verified, and nothing was noted before.
    fn created(&self, user: NewUser) -> Subscriber {
        let NewUser { user_name, phone, status, created_at, .. } = user.clone();
        let expected = Subscriber::new(user_name, phone, status, created_at);
        match done(self.store.create(user)) {
            CreateUser::Created(account) if account == expected => account,
            CreateUser::Created(account) => panic!("a new account is not as it was asked for: {account:?}"),
            CreateUser::Exists(_) => panic!("a store said that a free number or name is taken"),
        }
    }

    /// An unconfirmed account whose own phone was verified.
    fn verified(&self, user: usize, number: usize) -> Subscriber {
        self.created(unconfirmed(user, number));
        let Some(account) = done(self.store.mark_phone_verified(&name(user), &phone(number))) else {
            panic!("an account's own phone was not verified");
        };
        account
    }

    /// Takes a number from whoever has it, by an account that has another one so far.
    fn changed(&self, user: usize, from: usize, to: usize) -> Subscriber {
        let Some(account) = done(self.store.change_phone(&name(user), &phone(from), &phone(to))) else {
            panic!("an account's own phone was not changed");
        };
        account
    }

    /// The account after its password was replaced.
    fn with_new_password(&self, account: &Subscriber) -> Subscriber {
        let confirms = self.traits.replacing_confirms && account.status == UserStatus::Unconfirmed;
        let status = if confirms { UserStatus::Confirmed } else { account.status.clone() };
        Subscriber { status, ..account.clone() }
    }

    fn named(&self, user: usize) -> Option<Subscriber> {
        done(self.store.find_by_name(&name(user)))
    }

    /// The account stands so; whom its number leads to is not asked.
    fn assert_stands(&self, account: &Subscriber, what: &str) {
        let found = done(self.store.find_by_name(&account.user_name));
        assert!(
            found.as_ref() == Some(account),
            "{what} is not found by its name as it should be: {found:?}"
        );
    }

    fn assert_leads(&self, number: &PhoneNumber, to: Option<&Subscriber>, what: &str) {
        let found = done(self.store.find_by_phone(number));
        assert!(found.as_ref() == to, "{what} does not lead where it should: {found:?}");
    }

    /// The account stands so, and its number leads to it: for one that is verified, or the only one with its number.
    fn assert_found(&self, account: &Subscriber, what: &str) {
        self.assert_stands(account, what);
        let holds = account.phone_verified || self.first_holds();
        let found = done(self.store.find_by_phone(&account.phone));
        assert!(
            found.as_ref() == holds.then_some(account),
            "{what} is not found by its number as it should be: {found:?}"
        );
    }

    fn assert_gone(&self, n: usize) {
        let by_phone = done(self.store.find_by_phone(&phone(n)));
        assert!(by_phone.is_none(), "a deleted account is still found by its number");
        assert!(self.named(n).is_none(), "a deleted account is still found by its name");
    }

    fn assert_taken(&self, user: NewUser, holder: &Subscriber, what: &str) {
        assert!(done(self.store.create(user)) == CreateUser::Exists(holder.clone()), "{what}");
        self.assert_found(holder, "an account whose name or number somebody else asked for");
    }
}

fn phone(n: usize) -> PhoneNumber {
    match format!("+919999900{n:03}").parse() {
        Ok(phone) => phone,
        Err(_) => panic!("the suite's own numbers are in E.164 form"),
    }
}

/// A name as the contract asks for one: a UUID of version 4.
fn name(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

/// `n` seconds into the suite's time.
fn moment(n: usize) -> Timestamp {
    Timestamp::from_unix_millis(1_790_000_000_000) + Duration::SECOND * u32::try_from(n).unwrap_or(u32::MAX)
}

fn user(user: usize, number: usize, status: UserStatus) -> NewUser {
    NewUser::new(name(user), phone(number), status, moment(user))
}

fn unconfirmed(name: usize, number: usize) -> NewUser {
    user(name, number, UserStatus::Unconfirmed)
}

/// An account like this one, asked for anew.
fn fresh(account: &Subscriber) -> NewUser {
    NewUser::new(account.user_name.clone(), account.phone, account.status.clone(), account.created_at)
}

fn done<T>(call: impl Future<Output = Result<T, StoreError>>) -> T {
    match block_on(call) {
        Ok(answer) => answer,
        Err(error) => panic!("a store in good order failed: {error}"),
    }
}

#[cfg(test)]
mod tests;
