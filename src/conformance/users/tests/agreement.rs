//! The memory store against the plain rules, over random sequences of everything that can be asked.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{RULES, flaw::Flaw, model::Model};
use crate::{
    adapters::MemoryUsers,
    conformance::users::{UserStoreTraits, moment},
    ports::{NewUser, StoreError, Subscriber, Unproven, UserStatus, UserStore as _},
    testing::block_on,
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// Few, so that they meet. Names as they may not come, but might: empty, one the beginning of another, no ASCII.
const NAMES: [&str; 5] = ["", "a", "a\u{0}", "ab", "\u{e9}"];
const NUMBERS: u64 = 3;
const PASSWORDS: [&str; 3] = ["", "first", "second"];

#[derive(Clone, Debug)]
enum Call {
    Change(&'static str, PhoneNumber, PhoneNumber),
    Confirm(&'static str),
    Create(&'static str, PhoneNumber, UserStatus, Timestamp, Option<&'static str>, bool),
    Delete(&'static str),
    DeleteIf(&'static str, Unproven),
    List(Unproven, Timestamp, usize),
    Prove(&'static str, PhoneNumber),
    Release(&'static str, PhoneNumber, Option<Timestamp>),
    Replace(&'static str, &'static str),
    Revoke(&'static str, Timestamp),
    Use(&'static str, Timestamp),
}

fn number(n: u64) -> PhoneNumber {
    format!("+9199999000{n:02}").parse().expect("a number")
}

fn password(text: &str) -> Password {
    Password::from_text(text.to_owned())
}

fn any_call() -> impl Strategy<Value = Call> {
    let name = || select(&NAMES[..]);
    let phone = || (0..NUMBERS).prop_map(number);
    let at = || (0_usize..4).prop_map(moment);
    let way = || select(&[Unproven::NeverUsed, Unproven::Unconfirmed][..]);
    let secret = || select(&PASSWORDS[..]);
    // What can be deleted is half of what is made: else nearly every account is out of reach.
    let status = prop_oneof![
        Just(UserStatus::Confirmed),
        Just(UserStatus::Unconfirmed),
        select(UserStoreTraits::new(RULES[0]).statuses())
    ];
    let new = (name(), phone(), status, at(), proptest::option::of(secret()), proptest::bool::weighted(0.3));
    prop_oneof![
        4 => new.prop_map(|(name, phone, status, at, secret, chosen)| Call::Create(name, phone, status, at, secret, chosen)),
        1 => (name(), phone()).prop_map(|(name, phone)| Call::Prove(name, phone)),
        1 => (name(), phone(), phone()).prop_map(|(name, from, to)| Call::Change(name, from, to)),
        2 => (name(), phone(), proptest::option::weighted(0.3, at()))
            .prop_map(|(name, phone, last)| Call::Release(name, phone, last)),
        1 => name().prop_map(Call::Confirm),
        3 => (name(), way()).prop_map(|(name, way)| Call::DeleteIf(name, way)),
        1 => name().prop_map(Call::Delete),
        1 => (way(), at(), 0..4_usize).prop_map(|(way, before, at_most)| Call::List(way, before, at_most)),
        1 => (name(), secret()).prop_map(|(name, secret)| Call::Replace(name, secret)),
        1 => (name(), at()).prop_map(|(name, at)| Call::Revoke(name, at)),
        1 => (name(), at()).prop_map(|(name, at)| Call::Use(name, at)),
    ]
}

/// One call of both; their answers must be alike.
fn same(call: Call, store: &MemoryUsers, model: &mut Model) -> Result<(), TestCaseError> {
    let change = |answer: Result<Option<Subscriber>, StoreError>| answer.expect("memory does not fail");
    match call {
        Call::Change(name, from, to) => {
            let answer = change(block_on(store.change_phone(name, &from, &to)));
            prop_assert_eq!(answer, model.change_phone(name, &from, &to));
        }
        Call::Confirm(name) => {
            prop_assert_eq!(change(block_on(store.confirm(name))), model.confirm(name));
        }
        Call::Create(name, phone, status, at, secret, chosen) => {
            let mut user = NewUser::new(name.to_owned(), phone, status, at);
            user.password = secret.map(password);
            user.verifier = PasswordVerifier::from_bytes(&[7; PasswordVerifier::LEN])
                .filter(|_| chosen && secret.is_some());
            // An error has no equality; a full store is the only one.
            let full = |error| assert!(matches!(error, StoreError::Full));
            let answer = block_on(store.create(user.clone())).map_err(full);
            prop_assert_eq!(answer, model.create(user).map_err(full));
        }
        Call::Delete(name) => {
            prop_assert_eq!(change(block_on(store.delete(name))), model.delete(name));
        }
        Call::DeleteIf(name, way) => {
            let answer = block_on(store.delete_if(name, way)).expect("memory does not fail");
            prop_assert_eq!(answer, model.delete_if(name, way));
        }
        Call::List(way, before, at_most) => {
            let page = |next: Option<&str>| {
                block_on(store.list_unproven(way, before, next, at_most)).expect("memory does not fail")
            };
            let (mut listed, mut next) = (Vec::new(), None);
            for _ in 0..=2 * NAMES.len() {
                let page = page(next.as_deref());
                prop_assert!(page.accounts.len() <= at_most.max(1));
                listed.extend(page.accounts);
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            prop_assert_eq!(next, None);
            prop_assert_eq!(listed, model.list_unproven(way, before, None, usize::MAX - 1).accounts);
        }
        Call::Prove(name, phone) => {
            let answer = change(block_on(store.mark_phone_verified(name, &phone)));
            prop_assert_eq!(answer, model.mark_phone_verified(name, &phone));
        }
        Call::Release(name, phone, last) => {
            let answer = change(block_on(store.release_phone(name, &phone, last)));
            prop_assert_eq!(answer, model.release_phone(name, &phone, last));
        }
        Call::Replace(name, secret) => {
            let secret = password(secret);
            let answer = change(block_on(store.replace_password(name, &secret)));
            prop_assert_eq!(answer, model.replace_password(name, &secret));
        }
        Call::Revoke(name, at) => {
            prop_assert_eq!(change(block_on(store.revoke_tokens(name, at))), model.revoke_tokens(name, at));
        }
        Call::Use(name, at) => {
            prop_assert_eq!(change(block_on(store.note_success(name, at))), model.note_success(name, at));
        }
    }
    Ok(())
}

/// Everything that can be read of both.
fn same_to_see(store: &MemoryUsers, model: &Model) -> Result<(), TestCaseError> {
    for n in 0..NUMBERS {
        let found = block_on(store.find_by_phone(&number(n))).expect("memory does not fail");
        prop_assert_eq!(found, model.by_phone(&number(n)));
    }
    for name in NAMES {
        let found = block_on(store.find_by_name(name)).expect("memory does not fail");
        prop_assert_eq!(found, model.by_name(name));
        let kept = block_on(store.password_verifier(name)).expect("memory does not fail");
        prop_assert_eq!(kept, model.password_verifier(name));
        for secret in PASSWORDS.map(password) {
            let known = block_on(store.has_password(name, &secret)).expect("memory does not fail");
            prop_assert_eq!(known, model.has_password(name, &secret));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i10_random_calls_are_answered_by_the_plain_rules(
        rule in select(&RULES[..]), capacity in 1_usize..=NAMES.len(), calls in vec(any_call(), 1..40),
    ) {
        let store = MemoryUsers::bounded(capacity).under(rule);
        let mut model = Model::new(Flaw::None, rule, capacity);
        for call in calls {
            let verified: Vec<&str> =
                NAMES.into_iter().filter(|name| model.by_name(name).is_some_and(|account| account.was_verified)).collect();
            let asked = if let Call::Delete(name) = call { Some(name) } else { None };
            same(call, &store, &mut model)?;
            same_to_see(&store, &model)?;
            for name in verified.into_iter().filter(|name| asked != Some(*name)) {
                let account = block_on(store.find_by_name(name)).expect("memory does not fail");
                prop_assert!(account.is_some_and(|account| account.was_verified), "deleted, or forgotten");
            }
        }
    }
}
