//! What a sweep takes, what it leaves, and what it says of both.

use std::{collections::BTreeSet, pin::Pin};

use custom_auth::{
    NewUser, NumberRule, Occurrence, PhoneNumber, RecoveryStrategy, Timestamp, Unproven, UserStatus,
    UserStore as _,
    accounts::Swept,
    testing::{Fault, Interleaving},
};
use time::Duration;

use super::world::{START, World, number};

const KINDS: [Unproven; 2] = [Unproven::Unconfirmed, Unproven::NeverUsed];
const WEEK: Duration = Duration::WEEK;
const INSTANT: Duration = Duration::MILLISECOND;

fn world() -> World {
    World::new(NumberRule::FirstHolds, RecoveryStrategy::Resend)
}

/// The status that an account of this kind has.
fn status(unproven: Unproven) -> UserStatus {
    match unproven {
        Unproven::Unconfirmed => UserStatus::Unconfirmed,
        Unproven::NeverUsed => UserStatus::Confirmed,
    }
}

/// Makes an account of this name, with a number of its own, so long before the world begins.
fn make(world: &mut World, name: &str, status: UserStatus, age: Duration) -> PhoneNumber {
    let phone = number(&format!("+919999900{:03}", 100 + world.names.len()));
    let user = NewUser::new(name.to_owned(), phone, status, START - age);
    let _ = world.run(world.users.inner().create(user)).unwrap();
    world.names.insert(name.to_owned());
    phone
}

fn names(world: &World) -> BTreeSet<String> {
    world.all().into_iter().map(|account| account.user_name).collect()
}

fn sweep(world: &World, unproven: Unproven, page: Option<&str>, at_most: usize) -> Swept {
    world.run(world.accounts.sweep(unproven, page, at_most)).unwrap()
}

/// What a batch counted, and whether it was the last.
fn counted(swept: &Swept) -> (usize, usize, usize, bool) {
    (swept.deleted, swept.kept, swept.failed, swept.next.is_none())
}

/// Old and young accounts of both kinds, and old ones that are nobody's to take; the names of what is to be taken.
fn crowd(world: &mut World) -> [BTreeSet<String>; 2] {
    let ages = [
        ("young", Duration::ZERO, false),
        ("almost", WEEK - INSTANT, false),
        ("just", WEEK, false),
        ("older", WEEK + INSTANT, true),
        ("old", WEEK * 52, true),
    ];
    let taken = KINDS.map(|unproven| {
        let mut taken = BTreeSet::new();
        for (age, before, is_taken) in ages {
            let name = format!("{age} {unproven:?}");
            make(world, &name, status(unproven), before);
            if is_taken {
                taken.insert(name);
            }
        }
        taken
    });
    for status in [
        UserStatus::Disabled,
        UserStatus::External,
        UserStatus::ForceChangePassword,
        UserStatus::Other("ARCHIVED".to_owned()),
        UserStatus::ResetRequired,
    ] {
        make(world, &format!("{status:?}"), status.clone(), WEEK * 52);
    }
    for unproven in KINDS {
        for name in ["proven", "once proven"].map(|name| format!("{name} {unproven:?}")) {
            let phone = make(world, &name, status(unproven), WEEK * 52);
            let _ = world.run(world.users.inner().mark_phone_verified(&name, &phone)).unwrap().unwrap();
            if name.starts_with("once") {
                let _ = world.run(world.users.inner().release_phone(&name, &phone, None)).unwrap().unwrap();
            }
        }
    }
    make(world, "used", UserStatus::Confirmed, WEEK * 52);
    let _ = world.run(world.users.inner().note_success("used", START - WEEK * 40)).unwrap().unwrap();
    taken
}

#[test]
fn i10_a_sweep_takes_what_nobody_proved_for_longer_than_the_policy_says_and_nothing_else() {
    for (nth, unproven) in KINDS.into_iter().enumerate() {
        let mut world = world();
        let taken = &crowd(&mut world)[nth];
        let before = names(&world);
        let swept = sweep(&world, unproven, None, 100);
        assert_eq!(counted(&swept), (taken.len(), 0, 0, true), "{unproven:?}");
        let gone: BTreeSet<String> = before.difference(&names(&world)).cloned().collect();
        assert_eq!(gone, *taken, "{unproven:?}");
        assert_eq!(counted(&sweep(&world, unproven, None, 100)), (0, 0, 0, true), "nothing is left to take");
    }
}

#[test]
fn a_number_whose_account_was_swept_is_free_again() {
    for unproven in KINDS {
        let mut world = world();
        let phone = make(&mut world, "old", status(unproven), WEEK * 2);
        assert_eq!(sweep(&world, unproven, None, 9).deleted, 1);
        assert!(world.leads_to(phone.e164()).is_none());
        assert!(world.run(world.pool.sign_up(&phone)).is_ok());
    }
}

#[test]
fn what_is_young_today_is_swept_in_its_time() {
    for unproven in KINDS {
        let mut world = world();
        make(&mut world, "young", status(unproven), Duration::ZERO);
        world.clock.advance(WEEK);
        assert_eq!(counted(&sweep(&world, unproven, None, 9)), (0, 0, 0, true));
        world.clock.advance(INSTANT);
        assert_eq!(counted(&sweep(&world, unproven, None, 9)), (1, 0, 0, true));
    }
}

#[test]
fn batches_take_each_account_once_and_go_on_where_the_last_one_ended() {
    for at_most in [0, 1, 2, 3, 4, 100] {
        for (nth, unproven) in KINDS.into_iter().enumerate() {
            let mut world = world();
            let mut taken = crowd(&mut world)[nth].len();
            for more in 0..5 {
                make(&mut world, &format!("more {more}"), status(unproven), WEEK * 2);
                taken += 1;
            }
            let (mut page, mut deleted, mut batches) = (None, 0, 0);
            loop {
                let swept = sweep(&world, unproven, page.as_deref(), at_most);
                assert!(swept.deleted <= at_most.max(1), "{swept:?} of at most {at_most}");
                assert_eq!((swept.kept, swept.failed), (0, 0));
                (deleted, batches) = (deleted + swept.deleted, batches + 1);
                page = swept.next;
                if page.is_none() {
                    break;
                }
                assert!(batches < 100, "the sweep never ends");
            }
            assert_eq!(deleted, taken, "{unproven:?}, at most {at_most}");
            assert!(batches >= taken / at_most.max(1), "{batches} batches");
            assert_eq!(told(&world).len(), taken, "each once");
        }
    }
}

#[test]
fn a_sweep_that_broke_off_finds_what_is_left() {
    let mut world = world();
    let taken = crowd(&mut world)[0].len();
    let first = sweep(&world, Unproven::Unconfirmed, None, 1);
    assert!(first.next.is_some());
    assert_eq!(sweep(&world, Unproven::Unconfirmed, None, 100).deleted, taken - 1);
}

/// The owner proves the number between the listing and the deletion, or just before or after them.
#[test]
fn i10_what_is_proven_between_listing_and_deletion_is_kept_and_counted() {
    type Task<'w> = Pin<Box<dyn Future<Output = Option<Swept>> + 'w>>;
    for unproven in KINDS {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let mut world = world();
            let phone = make(&mut world, "old", status(unproven), WEEK * 2);
            make(&mut world, "older", status(unproven), WEEK * 3);
            let sweep: Task<'_> =
                Box::pin(async { Some(world.accounts.sweep(unproven, None, 9).await.unwrap()) });
            let prove: Task<'_> = Box::pin(async {
                let _ = world.users.mark_phone_verified("old", &phone).await.unwrap();
                None
            });
            let mut ends = Interleaving::new(&world.clock, seed).run(vec![sweep, prove]);
            let swept = ends.swap_remove(0).unwrap().unwrap();
            let counts = (swept.deleted, swept.kept);
            let is_there = world.account("old").is_some();
            // Kept between listing and deletion; proven before the listing; proven too late.
            assert!([(1, 1), (1, 0), (2, 0)].contains(&counts), "seed {seed}: {swept:?}");
            assert_eq!(is_there, counts != (2, 0), "seed {seed}: {swept:?}");
            assert_eq!((swept.failed, told(&world).len()), (0, swept.deleted), "seed {seed}");
            seen.insert(counts);
        }
        assert_eq!(seen.len(), 3, "every order comes up: {seen:?}");
    }
}

#[test]
fn a_deletion_that_fails_is_counted_and_the_rest_is_swept_all_the_same() {
    for unproven in KINDS {
        for nth in 1..=3 {
            for (fault, left) in [(Fault::Error, 1), (Fault::DoneButReportedFailed, 0)] {
                let mut world = world();
                for name in ["a", "b", "c"] {
                    make(&mut world, name, status(unproven), WEEK * 2);
                }
                // Behind the listing.
                world.users.fail(world.users.calls() + 1 + nth, fault);
                let swept = sweep(&world, unproven, None, 9);
                assert_eq!(counted(&swept), (2, 0, 1, true), "{fault:?} at {nth}");
                assert_eq!(told(&world).len(), 2, "what is not known to be done is not told");
                assert_eq!(names(&world).len(), left);
                assert_eq!(counted(&sweep(&world, unproven, None, 9)), (left, 0, 0, true), "the next one");
            }
        }
    }
}

#[test]
fn a_listing_that_fails_sweeps_nothing_and_says_so() {
    let mut world = world();
    make(&mut world, "old", UserStatus::Unconfirmed, WEEK * 2);
    world.users.fail_next(Fault::Error);
    assert!(world.run(world.accounts.sweep(Unproven::Unconfirmed, None, 9)).is_err());
    assert!(world.account("old").is_some() && told(&world).is_empty());
}

#[test]
fn every_account_that_is_swept_is_told_to_the_audit_by_its_pseudonym_and_number() {
    let mut world = world();
    let phones = ["a", "b"].map(|name| make(&mut world, name, UserStatus::Confirmed, WEEK * 2));
    let _ = sweep(&world, Unproven::NeverUsed, None, 9);
    let told = told(&world);
    assert_eq!(
        told.iter().map(|event| event.phone).collect::<Vec<_>>(),
        phones.map(|phone| Some(phone.into()))
    );
    assert!(told.iter().all(|event| event.account.is_some() && event.at == now(&world)));
    assert_ne!(told[0].account, told[1].account);
}

/// What the audit was told of deletions; nothing else happens in a sweep.
fn told(world: &World) -> Vec<custom_auth::AuditEvent> {
    let events = world.audit.events();
    assert!(events.iter().all(|event| event.occurrence == Occurrence::AccountDeleted), "{events:?}");
    let accounts: BTreeSet<_> = events.iter().map(|event| format!("{:?}", event.account)).collect();
    assert_eq!(accounts.len(), events.len(), "no account is told twice");
    events
}

fn now(world: &World) -> Timestamp {
    custom_auth::Clock::now(&world.clock)
}
