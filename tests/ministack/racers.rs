//! Racers in processes of their own: this program runs itself several times over, each with several threads, all off at one moment.

use std::{
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use custom_auth::{
    ActId, Charge, DynamoDbLedger, Ledger as _, OnlyIf, Pseudonym, Put, Quota, QuotaName, Subject,
    SubjectKind, Timestamp, Window,
};

use crate::{
    http::{DYNAMODB, Ministack},
    ledger::wait,
};

/// The first argument of a process that is a racer.
pub(crate) const RACER: &str = "--racer";
/// How many processes race.
const PROCESSES: usize = 4;
/// How many threads each has.
const THREADS: usize = 8;
/// All racers there are.
pub(crate) const RACERS: usize = PROCESSES * THREADS;
/// How much a quota of theirs admits.
pub(crate) const ROOM: u32 = 5;
/// How long until they are all up, in milliseconds.
const TO_START: i64 = 1_500;

/// What they race for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Race {
    /// A log of an account's.
    Log,
    /// A coarse quota of everybody's.
    Slots,
    /// A log of a phone's and one of an account's, in one call: a transaction.
    TwoSubjects,
    /// As [`Log`](Self::Log), but all are the same act.
    SameAct,
    /// A record that is not there.
    Absent,
    /// A record that was put before.
    Swap,
    /// A coarse quota of everybody's, spread over shards.
    Shards,
}

const RACES: [Race; 7] =
    [Race::Log, Race::Slots, Race::TwoSubjects, Race::SameAct, Race::Absent, Race::Swap, Race::Shards];

/// What `Swap` finds.
pub(crate) const BEFORE: &[u8] = b"before";
/// Over so many items `Shards` spreads.
const SHARDS: u8 = 4;

/// The ledger of a racer.
pub(crate) fn ledger(ministack: &Ministack, table: &str, race: Race) -> DynamoDbLedger {
    let client = crate::ledger::client(ministack.api(DYNAMODB));
    DynamoDbLedger::new(client, table).shards(if race == Race::Shards { SHARDS } else { 1 })
}

/// The record they race for.
pub(crate) fn record() -> Subject {
    Subject::new(SubjectKind::Person, Pseudonym::from_bytes([9; 16]))
}

/// What one call of theirs is to pay.
pub(crate) fn bill(race: Race) -> Vec<Charge> {
    let subject = |kind| Subject::new(kind, Pseudonym::from_bytes([7; 16]));
    let window = Window::new(ROOM, time::Duration::minutes(10)).expect("a window");
    let log = Quota::log(QuotaName::Guesses, &[window]).expect("a log");
    let slots = Quota::slots(QuotaName::Sends, ROOM.into(), time::Duration::minutes(10), 10).expect("slots");
    match race {
        Race::Log | Race::SameAct => vec![Charge::new(subject(SubjectKind::Account), log, 1)],
        Race::Slots | Race::Shards => vec![Charge::new(subject(SubjectKind::Everybody), slots, 1)],
        Race::TwoSubjects => {
            vec![
                Charge::new(subject(SubjectKind::Phone), log, 1),
                Charge::new(subject(SubjectKind::Account), log, 1),
            ]
        }
        Race::Absent | Race::Swap => Vec::new(),
    }
}

/// Runs the race in processes of its own; which racers won, by their numbers.
pub(crate) fn race(ministack: &Ministack, table: &str, race: Race) -> Vec<usize> {
    let start = ministack.now().as_unix_millis() + TO_START;
    let program = std::env::current_exe().expect("this program has a path");
    let processes: Vec<_> = (0..PROCESSES)
        .map(|process| {
            Command::new(&program)
                .args([RACER, table, &format!("{race:?}"), &start.to_string(), &process.to_string()])
                .stdout(Stdio::piped())
                .spawn()
                .expect("a process")
        })
        .collect();
    let mut winners = Vec::new();
    for process in processes {
        let ended = process.wait_with_output().expect("it ends");
        assert!(ended.status.success(), "a racer failed");
        let told = String::from_utf8(ended.stdout).expect("words");
        winners.extend(told.split_whitespace().map(|number| number.parse::<usize>().expect("a number")));
    }
    winners
}

/// One process of a race: prints the numbers of its winners.
pub(crate) fn run_one(ministack: &Ministack, arguments: &[String]) {
    let [table, name, start, process] = arguments else { panic!("a racer has four arguments") };
    let race = RACES.into_iter().find(|race| format!("{race:?}") == *name).expect("a race");
    let start = Timestamp::from_unix_millis(start.parse().expect("a moment"));
    let process: usize = process.parse().expect("a number");
    let ledger = Arc::new(ledger(ministack, table, race));
    let rest = ministack.now().until(start);
    assert!(rest > Duration::ZERO, "this process came up too late to race");
    thread::sleep(rest);
    let racers: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (ledger, number) = (Arc::clone(&ledger), process * THREADS + thread);
            thread::spawn(move || wins(&ledger, race, number, start).then_some(number))
        })
        .collect();
    for racer in racers {
        if let Some(number) = racer.join().expect("it races") {
            println!("{number}");
        }
    }
}

fn wins(ledger: &DynamoDbLedger, race: Race, number: usize, now: Timestamp) -> bool {
    let minute = time::Duration::MINUTE;
    let name = if race == Race::SameAct { 1 } else { number as u128 + 1 };
    let only_if = match race {
        Race::Absent => OnlyIf::Absent,
        Race::Swap => OnlyIf::Is(BEFORE),
        _ => {
            let id = ActId::from_bytes((name << 64 | name).to_be_bytes());
            let admission = wait(ledger.charge(id, &bill(race), now)).expect("the ledger answers");
            return admission.refused().is_none();
        }
    };
    let value = [u8::try_from(number).expect("few racers")];
    let put = wait(ledger.put(record(), &value, now + minute, only_if, now)).expect("the ledger answers");
    put == Put::Done
}
