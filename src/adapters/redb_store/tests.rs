//! The file under failures: power that goes, disks that are full, processes that are not the first.

mod disk;

use core::time::Duration;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    thread,
};

use self::disk::Disk;
use super::*;

use crate::{
    limits::{Quota, QuotaName, Window},
    ports::{
        ActId, Charge, CreateUser, Ledger as _, NewUser, OnlyIf, Put, StoreError, Subject, SubjectKind,
        UserStatus, UserStore as _,
    },
    testing::{SplitMix64, block_on},
    types::{PhoneNumber, Pseudonym, Timestamp},
};

const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
const LATER: Timestamp = Timestamp::from_unix_millis(1_790_000_900_000);

fn quota(capacity: u32) -> Quota {
    let window = Window::new(capacity, time::Duration::hours(1)).unwrap();
    Quota::log(QuotaName::Guesses, &[window]).unwrap()
}

fn subject(number: u128) -> Subject {
    Subject::new(SubjectKind::Account, Pseudonym::from_bytes(number.to_be_bytes()))
}

fn phone(number: u128) -> PhoneNumber {
    format!("+9199999{number:05}").parse().unwrap()
}

/// What was acknowledged.
#[derive(Debug, Default)]
struct Heard {
    charged: BTreeMap<u128, u64>,
    records: BTreeMap<u128, u128>,
    accounts: Vec<(String, PhoneNumber)>,
}

const SUBJECTS: u128 = 20;
const CAPACITY: u32 = 1000;

/// A few people at once, each doing one thing after another, until one fails.
fn live(store: &RedbStore, seed: u64, acts: u64, heard: &Mutex<Heard>) {
    thread::scope(|scope| {
        for person in 0..4_u64 {
            let (users, ledger) = (store.users(), store.ledger());
            scope.spawn(move || {
                let mut random = SplitMix64::new(seed ^ person << 32);
                for act in 0..acts {
                    let number = u128::from(random.next()) % SUBJECTS;
                    let unique = u128::from(seed) << 64 | u128::from(person) << 32 | u128::from(act);
                    let id = ActId::from_bytes(unique.to_be_bytes());
                    let heard = || heard.lock().unwrap_or_else(PoisonError::into_inner);
                    let done = match random.next() % 3 {
                        0 => block_on(ledger.charge(
                            id,
                            &[Charge::new(subject(number), quota(CAPACITY), 1)],
                            NOW,
                        ))
                        .map(|paid| assert!(paid.refused().is_none()))
                        .map(|()| *heard().charged.entry(number).or_default() += 1),
                        1 => block_on(ledger.put(
                            subject(number),
                            &unique.to_be_bytes(),
                            LATER,
                            OnlyIf::Absent,
                            NOW,
                        ))
                        .map(|put| {
                            if put == Put::Done {
                                let before = heard().records.insert(number, unique);
                                assert_eq!(before, None, "i2: two were first");
                            }
                        }),
                        _ => {
                            let name = format!("{unique:x}");
                            let number = phone(unique % 90_000);
                            let user = NewUser::new(name.clone(), number, UserStatus::Confirmed, NOW);
                            block_on(users.create(user)).map(|made| {
                                if matches!(made, CreateUser::Created(_)) {
                                    heard().accounts.push((name, number));
                                }
                            })
                        }
                    };
                    if done.is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// Whether everything that was acknowledged is there.
fn lost(store: &RedbStore, heard: &Heard) -> Vec<String> {
    let (users, ledger) = (store.users(), store.ledger());
    let mut lost = Vec::new();
    for (number, count) in &heard.charged {
        let ask = [Charge::new(subject(*number), quota(CAPACITY), 0)];
        let standing =
            block_on(ledger.charge(ActId::from_bytes([255; 16]), &ask, NOW)).unwrap().standing(0).unwrap();
        // More may have been paid than was heard of: an unknown outcome counts as paid.
        if standing.remaining > u64::from(CAPACITY) - count {
            lost.push(format!("i3: {number} paid {count} and has {} left", standing.remaining));
        }
    }
    for (number, value) in &heard.records {
        let held = block_on(ledger.put(subject(*number), b"", LATER, OnlyIf::Is(b""), NOW)).unwrap();
        if held != Put::Held(Some(value.to_be_bytes().to_vec())) {
            lost.push(format!("i2: the record of {number}"));
        }
    }
    for (name, number) in &heard.accounts {
        let by_name = block_on(users.find_by_name(name)).unwrap();
        let by_phone = block_on(users.find_by_phone(number)).unwrap();
        if by_name.is_none() || by_name != by_phone {
            lost.push(format!("i10: the account {name}"));
        }
    }
    lost
}

/// Runs lives that end with the power, and says what acknowledged things were lost.
fn crashes(seed: u64, lies: bool) -> Vec<String> {
    let mut random = SplitMix64::new(seed);
    let (disk, heard) = (Disk::default(), Mutex::default());
    drop(disk.store().unwrap());
    disk.platters().lies = lies;
    for life in 0..4 {
        let Ok(store) = disk.store() else { return vec!["the store itself".to_owned()] };
        let acts = 5 + random.next() % 20;
        thread::scope(|scope| {
            let living = scope.spawn(|| live(&store, seed << 8 | life, acts, &heard));
            thread::sleep(Duration::from_micros(random.next() % 20_000));
            // The power goes here: what is written from now on is written to nothing.
            disk.platters().fails = true;
            living.join().unwrap();
        });
        drop(store);
        let odds = random.next() % 3;
        disk.crash(|| odds != 0 && random.next() % 3 < odds);
        disk.platters().fails = false;
        let Ok(store) = disk.store() else { return vec!["the store itself".to_owned()] };
        let lost = lost(&store, &heard.lock().unwrap_or_else(PoisonError::into_inner));
        if !lost.is_empty() {
            return lost;
        }
    }
    Vec::new()
}

fn cases(most: u64) -> u64 {
    std::env::var("CUSTOM_AUTH_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .map_or(most / 5, |cases: u64| cases.min(most))
}

#[test]
fn i2_i3_i10_what_was_acknowledged_outlives_a_power_cut_at_any_moment() {
    for seed in 0..cases(150) {
        let lost = crashes(seed, false);
        assert!(lost.is_empty(), "seed {seed}: {lost:?}");
    }
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_seen_to_lose_something() {
    assert!((0..50).any(|seed| !crashes(seed, true).is_empty()), "else the test above could not fail");
}

#[test]
fn i9_a_full_disk_acknowledges_nothing_and_all_is_well_again_once_it_is_not() {
    let disk = Disk::default();
    let store = disk.store().unwrap();
    let (users, ledger) = (store.users(), store.ledger());
    assert_eq!(block_on(ledger.put(subject(1), b"a", LATER, OnlyIf::Absent, NOW)).unwrap(), Put::Done);
    disk.platters().fails = true;
    for _ in 0..3 {
        let user = NewUser::new("u".to_owned(), phone(1), UserStatus::Confirmed, NOW);
        assert!(matches!(block_on(users.create(user)), Err(StoreError::Unavailable(_))));
        let charge = [Charge::new(subject(2), quota(1), 1)];
        assert!(matches!(
            block_on(ledger.charge(ActId::from_bytes([1; 16]), &charge, NOW)),
            Err(StoreError::Unavailable(_))
        ));
        let put = block_on(ledger.put(subject(3), b"a", LATER, OnlyIf::Absent, NOW));
        assert!(matches!(put, Err(StoreError::Unavailable(_))), "{put:?}");
    }
    disk.platters().fails = false;
    assert_eq!(
        block_on(ledger.put(subject(1), b"b", LATER, OnlyIf::Absent, NOW)).unwrap(),
        Put::Held(Some(b"a".to_vec()))
    );
    assert_eq!(block_on(ledger.put(subject(3), b"b", LATER, OnlyIf::Absent, NOW)).unwrap(), Put::Done);
    assert!(block_on(users.find_by_name("u")).unwrap().is_none());
}

#[test]
fn i9_a_page_that_could_not_be_read_once_is_read_again() {
    let disk = Disk::default();
    drop(disk.store().unwrap());
    let store = disk.store().unwrap(); // nothing is in its memory yet
    let ledger = store.ledger();
    let ask = || block_on(ledger.put(subject(1), b"", LATER, OnlyIf::Is(b""), NOW));
    assert_eq!(ask().unwrap(), Put::Held(None));
    store.inner.database.close();
    disk.platters().blind = true;
    assert!(matches!(ask(), Err(StoreError::Unavailable(_))));
    disk.platters().blind = false;
    assert_eq!(ask().unwrap(), Put::Held(None));
}

#[test]
fn a_write_that_panics_is_nobodys_end_but_its_own() {
    let store = Disk::default().store().unwrap();
    let panicked = block_on(store.inner.writer.write::<()>(|_| panic!("on purpose")));
    assert!(matches!(panicked, Err(StoreError::Unavailable(_))));
    let put = block_on(store.ledger().put(subject(1), b"a", LATER, OnlyIf::Absent, NOW));
    assert_eq!(put.unwrap(), Put::Done);
}

#[test]
fn a_damaged_file_is_an_error_and_nobodys_panic() {
    let disk = Disk::default();
    live(&disk.store().unwrap(), 3, 40, &Mutex::default());
    let whole = disk.platters().synced.clone();
    let (mut random, mut told) = (SplitMix64::new(1), 0);
    for _ in 0..cases(1000) {
        let mut bytes = whole.clone();
        for _ in 0..8 {
            // Most of the file is empty; its beginning is what leads to the rest.
            let at = random.below(bytes.len().min(1 << 16));
            bytes[at] ^= random.next() as u8;
        }
        let damaged = Disk::default();
        (damaged.platters().seen, damaged.platters().synced) = (bytes.clone(), bytes);
        let Ok(store) = damaged.store() else {
            told += 1;
            continue;
        };
        for number in 0..8 {
            let _ = block_on(store.users().find_by_phone(&phone(number)));
            let _ = block_on(store.ledger().put(subject(number), b"x", LATER, OnlyIf::Absent, NOW));
        }
        assert!(store.inner.writer.is_alive());
    }
    assert!(told > 0, "no damage was seen");
}

#[test]
fn what_was_written_is_there_when_the_file_is_opened_again_and_one_has_it_at_a_time() {
    let path = std::env::temp_dir().join(format!("custom-auth-redb-{}", std::process::id()));
    let heard = Mutex::default();
    let store = RedbStore::open(&path).unwrap();
    live(&store, 7, 5, &heard);
    assert!(matches!(RedbStore::open(&path), Err(RedbStoreError::InUse)));
    drop(store);
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(lost(&store, &heard.lock().unwrap()), Vec::<String>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(store);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let path = std::env::temp_dir().join(format!("custom-auth-no-redb-{}", std::process::id()));
    std::fs::write(&path, "somebody's letters").unwrap();
    let told = RedbStore::open(&path).unwrap_err().to_string();
    assert!(told.starts_with("the store cannot be opened") && !told.contains("custom-auth"), "{told}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's letters");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn dead_entries_are_dropped_as_others_come_and_the_living_are_not() {
    let store = Disk::default().store().unwrap();
    let ledger = RedbLedger::new(Arc::clone(&store.inner), 40);
    let put = |number: u128, dead_at: Timestamp, now: Timestamp| {
        block_on(ledger.put(subject(number), b"a", dead_at, OnlyIf::Absent, now))
    };
    for number in 0..20 {
        assert_eq!(put(number, NOW + time::Duration::MINUTE, NOW).unwrap(), Put::Done);
    }
    for number in 20..40 {
        assert_eq!(put(number, LATER, NOW).unwrap(), Put::Done);
    }
    assert!(matches!(put(40, LATER, NOW), Err(StoreError::Full)));
    let after = NOW + time::Duration::minutes(3);
    for number in 41..61 {
        assert_eq!(put(number, LATER, after).unwrap(), Put::Done, "{number}");
    }
    assert!(matches!(put(61, LATER, after), Err(StoreError::Full)));
    assert_eq!(put(30, LATER, after).unwrap(), Put::Held(Some(b"a".to_vec())));
}

#[test]
fn the_dead_are_dropped_behind_the_living_though_the_file_is_opened_anew_each_time() {
    let disk = Disk::default();
    let put = |store: &RedbStore, number: u128, dead_at: Timestamp, now: Timestamp| {
        let put = block_on(store.ledger().put(subject(number), b"a", dead_at, OnlyIf::Absent, now));
        assert_eq!(put.unwrap(), Put::Done);
    };
    let store = disk.store().unwrap();
    // In the order of their names, which is that in which they are looked at.
    (0..100).for_each(|number| put(&store, number << 72, LATER, NOW));
    (100..600).for_each(|number| put(&store, number << 72, NOW + time::Duration::MINUTE, NOW));
    drop(store);
    let after = NOW + time::Duration::minutes(3);
    for number in 600..660 {
        put(&disk.store().unwrap(), number << 72, LATER, after);
    }
    let held = disk.store().unwrap().inner.database.write(|tables| tables.entries()).unwrap();
    assert_eq!(held, 160);
}

#[test]
fn storage_that_has_forgotten_all_is_begun_anew_after_a_failure() {
    let store = RedbStore::with_backend(|| Ok(redb::backends::InMemoryBackend::new())).unwrap();
    let put =
        |number| block_on(store.ledger().put(subject(number), b"a", LATER, OnlyIf::Absent, NOW)).unwrap();
    assert_eq!(put(1), Put::Done);
    assert!(block_on(store.inner.writer.write::<()>(|_| panic!("on purpose"))).is_err());
    // Written after the failure, so after all was forgotten.
    assert_eq!(put(2), Put::Done);
    assert_eq!(put(1), Put::Done);
}

#[test]
fn a_file_of_another_form_is_told_as_that() {
    let path = std::env::temp_dir().join(format!("custom-auth-old-redb-{}", std::process::id()));
    let old = redb::TableDefinition::<[u8; 17], &[u8]>::new("ledger");
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(old).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(RedbStore::open(&path), Err(RedbStoreError::Version)));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn an_entry_that_lives_longer_than_it_was_to_is_dropped_at_its_new_death_and_not_before() {
    let store = Disk::default().store().unwrap();
    let ledger = RedbLedger::new(Arc::clone(&store.inner), 2);
    let put = |number: u128, (dead_at, only_if, now): (Timestamp, OnlyIf<'_>, Timestamp)| {
        block_on(ledger.put(subject(number), b"a", dead_at, only_if, now))
    };
    let minutes = |count| NOW + time::Duration::minutes(count);
    assert_eq!(put(1, (minutes(1), OnlyIf::Absent, NOW)).unwrap(), Put::Done);
    assert_eq!(put(1, (minutes(20), OnlyIf::Is(b"a"), NOW)).unwrap(), Put::Done);
    assert_eq!(put(2, (minutes(30), OnlyIf::Absent, NOW)).unwrap(), Put::Done);
    assert!(matches!(put(3, (minutes(30), OnlyIf::Absent, minutes(10))), Err(StoreError::Full)));
    assert_eq!(put(1, (minutes(20), OnlyIf::Absent, minutes(10))).unwrap(), Put::Held(Some(b"a".to_vec())));
    assert_eq!(put(3, (minutes(40), OnlyIf::Absent, minutes(22))).unwrap(), Put::Done);
    assert!(matches!(put(1, (minutes(40), OnlyIf::Absent, minutes(22))), Err(StoreError::Full)));
}

#[test]
fn a_record_that_is_swapped_for_itself_is_read_and_not_written() {
    let disk = Disk::default();
    let store = disk.store().unwrap();
    let ledger = store.ledger();
    let swap = |dead_at| block_on(ledger.put(subject(1), b"a", dead_at, OnlyIf::Is(b"a"), NOW));
    assert_eq!(block_on(ledger.put(subject(1), b"a", LATER, OnlyIf::Absent, NOW)).unwrap(), Put::Done);
    disk.platters().fails = true;
    assert_eq!(swap(LATER).unwrap(), Put::Done);
    assert!(swap(LATER + time::Duration::MINUTE).is_err(), "a longer life is written");
}
