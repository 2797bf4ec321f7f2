//! Limits and live challenges in a table of a local ministack, shared by several processes.
//!
//! What the emulator does otherwise than the service: it never answers that a transaction is in another's way, is never busy, and
//! leaves out no item of a batch. `tests/dynamodb` does all of that.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::Client;
use custom_auth::{
    ActId, Charge, DynamoDbLedger, DynamoDbTable, Ledger as _, OnlyIf, Put, StoreError,
    conformance::{LedgerTraits, ledger_conforms},
};
use time::Duration;

use crate::{
    Case,
    http::{At, DYNAMODB, Ministack},
    racers::{self, RACERS, ROOM, Race},
    service,
};

pub(crate) const CASES: &[Case] = &[
    ("the suite of the ledger", conforms),
    ("a table that is there already is left as it is", twice_made),
    ("a table that is not there is told", no_table),
    ("i3 racers of several processes are admitted as a log has room", |ministack| {
        admits(ministack, Race::Log)
    }),
    ("i4 racers of several processes are admitted as a coarse quota has room", |ministack| {
        admits(ministack, Race::Slots);
    }),
    ("i3 racers of several processes who pay two subjects pay both or none", |ministack| {
        admits(ministack, Race::TwoSubjects);
    }),
    ("i4 over shards no more are admitted than one quota has room for", spread),
    ("one act in several processes is paid once", same_act),
    ("i2 of racers of several processes one writes a record", |ministack| one_wins(ministack, Race::Absent)),
    ("i2 of racers of several processes one swaps a record", |ministack| one_wins(ministack, Race::Swap)),
];

/// A client that asks each thing once: what is repeated would hide what was lost.
pub(crate) fn client(at: At) -> Client {
    service::client!(aws_sdk_dynamodb, at, 1)
}

/// Waits for a call to its end.
pub(crate) fn wait<T>(call: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(call)
}

/// A new table, and its name.
fn table(ministack: &Ministack) -> (Client, String) {
    wait(new_table(ministack))
}

async fn new_table(ministack: &Ministack) -> (Client, String) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("ledger-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let client = client(ministack.api(DYNAMODB));
    DynamoDbTable::create(&client, &name).await.expect("a table");
    (client, name)
}

fn conforms(ministack: &Ministack) {
    wait(ledger_conforms(LedgerTraits::new(), |_| async {
        let (client, name) = new_table(ministack).await;
        DynamoDbLedger::new(client, name)
    }));
}

fn twice_made(ministack: &Ministack) {
    let (client, name) = table(ministack);
    let (ledger, now) = (DynamoDbLedger::new(client.clone(), &name), ministack.now());
    let put = || wait(ledger.put(racers::record(), b"value", now + Duration::MINUTE, OnlyIf::Absent, now));
    assert!(matches!(put(), Ok(Put::Done)));
    wait(DynamoDbTable::create(&client, &name)).expect("it is there");
    assert!(matches!(put(), Ok(Put::Held(Some(held))) if held == b"value"));
    let told = wait(client.describe_time_to_live().table_name(&name).send()).expect("it is there");
    let told = told.time_to_live_description().and_then(|told| told.attribute_name());
    assert_eq!(told, Some(DynamoDbTable::FORM.time_to_live));
}

fn no_table(ministack: &Ministack) {
    let ledger = DynamoDbLedger::new(client(ministack.api(DYNAMODB)), "none");
    let now = ministack.now();
    let put = wait(ledger.put(racers::record(), b"value", now + Duration::MINUTE, OnlyIf::Absent, now));
    assert!(matches!(put, Err(StoreError::Refused(_))), "{put:?}");
    let paid = wait(ledger.charge(ActId::from_bytes([1; 16]), &racers::bill(Race::TwoSubjects), now));
    assert!(matches!(paid, Err(StoreError::Refused(_))), "{paid:?}");
}

fn admits(ministack: &Ministack, race: Race) {
    let (_, name) = table(ministack);
    let winners = racers::race(ministack, &name, race);
    assert_eq!(winners.len(), ROOM as usize, "{winners:?}");
    assert_eq!(left(ministack, &name, race), vec![0; racers::bill(race).len()]);
}

fn spread(ministack: &Ministack) {
    let (_, name) = table(ministack);
    let winners = racers::race(ministack, &name, Race::Shards);
    // Stricter by what the shards have left that nobody was charged to.
    assert!((1..=ROOM as usize).contains(&winners.len()), "{winners:?}");
}

fn same_act(ministack: &Ministack) {
    let (_, name) = table(ministack);
    let winners = racers::race(ministack, &name, Race::SameAct);
    assert_eq!(winners.len(), RACERS, "who repeats an act is admitted as it was");
    assert_eq!(left(ministack, &name, Race::SameAct), [u64::from(ROOM) - 1]);
}

fn one_wins(ministack: &Ministack, race: Race) {
    let (client, name) = table(ministack);
    let (ledger, now) = (DynamoDbLedger::new(client, &name), ministack.now());
    let dead_at = now + Duration::MINUTE;
    if race == Race::Swap {
        let put = wait(ledger.put(racers::record(), racers::BEFORE, dead_at, OnlyIf::Absent, now));
        assert!(matches!(put, Ok(Put::Done)), "{put:?}");
    }
    let winners = racers::race(ministack, &name, race);
    assert_eq!(winners.len(), 1, "{winners:?}");
    let held = wait(ledger.put(racers::record(), b"", dead_at, OnlyIf::Is(b""), now));
    let expected = u8::try_from(winners[0]).expect("few racers");
    assert!(matches!(&held, Ok(Put::Held(Some(held))) if *held == [expected]), "{held:?}");
}

/// What is left in the quotas of a race.
fn left(ministack: &Ministack, table: &str, race: Race) -> Vec<u64> {
    let ledger = racers::ledger(ministack, table, race);
    let asked = |charge: Charge| Charge::new(charge.key.subject, charge.key.quota, 0);
    let asked: Vec<_> = racers::bill(race).into_iter().map(asked).collect();
    let told = wait(ledger.charge(ActId::from_bytes([255; 16]), &asked, ministack.now()));
    let told = told.expect("the ledger answers");
    (0..asked.len()).map(|place| told.standing(place).map_or(u64::MAX, |told| told.remaining)).collect()
}
