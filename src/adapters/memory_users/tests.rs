use time::Duration;

use super::*;
use crate::{ports::UserStatus, testing::block_on};

const RULES: [NumberRule; 2] = [NumberRule::FirstHolds, NumberRule::VerifiedHolds];
const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

fn phone(n: usize) -> PhoneNumber {
    format!("+9199999{n:05}").parse().expect("a number")
}

fn user(name: &str, number: usize, status: UserStatus) -> NewUser {
    NewUser::new(name.to_owned(), phone(number), status, START)
}

fn made(users: &MemoryUsers, user: NewUser) -> Subscriber {
    match block_on(users.create(user)) {
        Ok(CreateUser::Created(account)) => account,
        other => panic!("{other:?}"),
    }
}

fn page(users: &MemoryUsers, next: Option<&str>, at_most: usize) -> UserPage {
    let before = START + Duration::SECOND;
    block_on(users.list_unproven(Unproven::Unconfirmed, before, next, at_most)).expect("memory does not fail")
}

fn names(page: &UserPage) -> Vec<&str> {
    page.accounts.iter().map(|account| account.user_name.as_str()).collect()
}

#[test]
fn a_page_that_looked_at_many_accounts_in_vain_leads_on() {
    let users = MemoryUsers::new();
    for n in 0..2_500 {
        let status = if n == 2_400 { UserStatus::Unconfirmed } else { UserStatus::Disabled };
        made(&users, user(&format!("{n:04}"), n, status));
    }
    let first = page(&users, None, 10);
    assert_eq!((names(&first), first.next.as_deref()), (vec![], Some("0999")));
    let second = page(&users, first.next.as_deref(), 10);
    assert_eq!((names(&second), second.next.as_deref()), (vec![], Some("1999")));
    let third = page(&users, second.next.as_deref(), 10);
    assert_eq!((names(&third), third.next.as_deref()), (vec!["2400"], None));
}

#[test]
fn a_page_that_looked_at_the_very_last_account_is_the_last() {
    let users = MemoryUsers::new();
    for n in 0..1_000 {
        made(&users, user(&format!("{n:04}"), n, UserStatus::Unconfirmed));
    }
    let all = page(&users, None, 5_000);
    assert_eq!((all.accounts.len(), all.next.as_deref()), (1_000, None));
    let all = page(&users, None, 1_000);
    assert_eq!((all.accounts.len(), all.next.as_deref()), (1_000, None));
    made(&users, user("1000", 1_000, UserStatus::Unconfirmed));
    let first = page(&users, None, 5_000);
    assert_eq!((first.accounts.len(), first.next.as_deref()), (1_000, Some("0999")));
    assert_eq!(names(&page(&users, first.next.as_deref(), 5_000)), ["1000"]);
}

#[test]
fn names_of_every_kind_are_listed_once_and_whatever_page_is_asked_for() {
    let users = MemoryUsers::new();
    let all = ["", "\u{0}", "0", "A", "a", "a\u{0}", "aa", "\u{e9}", "\u{10ffff}"];
    for (n, name) in all.into_iter().enumerate() {
        made(&users, user(name, n, UserStatus::Unconfirmed));
    }
    for at_most in 0..=all.len() + 1 {
        let (mut listed, mut next) = (Vec::new(), None);
        loop {
            let page = page(&users, next.as_deref(), at_most);
            listed.extend(page.accounts.iter().map(|account| account.user_name.clone()));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(listed, all, "by pages of {at_most}");
    }
    // A page whose account is gone by now leads on from where it was; one behind all of them is empty.
    let deleted = block_on(users.delete_if("aa", Unproven::Unconfirmed));
    assert_eq!(deleted.expect("memory does not fail"), DeleteUser::Deleted);
    assert_eq!(names(&page(&users, Some("aa"), 9)), ["\u{e9}", "\u{10ffff}"]);
    assert_eq!(page(&users, Some("\u{10ffff}"), 9), UserPage::default());
}

#[test]
fn an_account_made_at_the_very_moment_is_not_older_than_it() {
    let users = MemoryUsers::new();
    made(&users, user("a", 1, UserStatus::Unconfirmed));
    let older = |before| {
        let page = block_on(users.list_unproven(Unproven::Unconfirmed, before, None, 9));
        page.expect("memory does not fail").accounts.len()
    };
    assert_eq!([older(START), older(START + Duration::MILLISECOND)], [0, 1]);
}

#[test]
fn a_store_without_room_takes_nobody_and_one_deletion_makes_room_for_one() {
    for rule in RULES {
        let none = MemoryUsers::bounded(0).under(rule);
        let refused = block_on(none.create(user("a", 1, UserStatus::Unconfirmed)));
        assert!(matches!(refused, Err(StoreError::Full)));
        let one = MemoryUsers::bounded(1).under(rule);
        for n in 0..3 {
            made(&one, user("a", n, UserStatus::Unconfirmed));
            let refused = block_on(one.create(user("b", 9, UserStatus::Unconfirmed)));
            assert!(matches!(refused, Err(StoreError::Full)));
            assert!(block_on(one.find_by_phone(&phone(9))).expect("memory does not fail").is_none());
            let deleted = block_on(one.delete_if("a", Unproven::Unconfirmed));
            assert_eq!(deleted.expect("memory does not fail"), DeleteUser::Deleted);
        }
    }
}

#[test]
fn i7_the_debug_of_a_store_shows_counts_and_nothing_of_any_account() {
    let users = MemoryUsers::bounded(5);
    let secret = Password::from_text("sesame".to_owned());
    made(&users, user("ana", 1, UserStatus::Confirmed).password(secret));
    assert_eq!(format!("{users:?}"), "MemoryUsers { held: 1, capacity: 5 }");
}
