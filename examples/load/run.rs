//! One run: sign-ins over so many connections, with the floor measured beside them.

use core::cell::Cell;
use std::{
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::LocalSet;

use crate::{
    client::{Connection, Process},
    floor::Floor,
};

/// What a run showed.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// The server's processor time for a sign-in, in microseconds.
    pub(crate) cpu: f64,
    /// That of two signatures.
    pub(crate) floor: f64,
    /// The one by the other: the median over slices.
    pub(crate) ratio: f64,
    pub(crate) syncs: f64,
}

/// A run is cut into slices of so long, each with the floor measured beside it, so that whatever else the machine does befalls both.
const SLICE: Duration = Duration::from_secs(1);
const WARM_UP: Duration = Duration::from_secs(1);

/// The next account to sign in; they take turns.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    next: Rc<Cell<u32>>,
    accounts: u32,
}

impl Turns {
    pub(crate) fn of(accounts: u32) -> Self {
        Self { next: Rc::default(), accounts }
    }

    pub(crate) fn next(&self) -> u32 {
        self.next.replace(self.next.get() + 1) % self.accounts
    }
}

pub(crate) async fn run(
    server: &mut Process,
    floor: &Arc<Floor>,
    turns: &Turns,
    many: usize,
    time: Duration,
) -> Figures {
    let mut connections = Vec::new();
    for _ in 0..many {
        connections.push(Connection::open(server).await);
    }
    (connections, _) = slice(connections, turns, WARM_UP).await;
    let (mut took, mut ratios, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cpu, mut syncs, mut busy) = (0.0, 0, Duration::ZERO);
    for _ in 0..(time.as_millis() / SLICE.as_millis()).max(1) {
        let measuring = floor.measure();
        let (cpu_before, (_, syncs_before), begun) = (server.cpu(), server.ask("tell"), Instant::now());
        let logins;
        (connections, logins) = slice(connections, turns, SLICE).await;
        busy += begun.elapsed();
        let spent = server.cpu() - cpu_before;
        syncs += server.ask("tell").1 - syncs_before;
        let floor = measuring.end();
        ratios.push(spent / logins.len() as f64 / floor);
        floors.push(floor);
        cpu += spent;
        took.extend(logins);
    }
    took.sort_unstable();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1_000.0;
    let count = took.len() as f64;
    Figures {
        per_second: count / busy.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        cpu: cpu / count,
        floor: median(floors),
        ratio: median(ratios),
        syncs: syncs as f64 / count,
    }
}

/// Signs in over all connections for a while; gives how long each sign-in took.
async fn slice(
    connections: Vec<Connection>,
    turns: &Turns,
    time: Duration,
) -> (Vec<Connection>, Vec<Duration>) {
    let end = Instant::now() + time;
    let tasks = LocalSet::new();
    let running: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let turns = turns.clone();
            tasks.spawn_local(async move {
                let mut took = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    connection.sign_in(turns.next()).await;
                    took.push(begun.elapsed());
                }
                (connection, took)
            })
        })
        .collect();
    tasks.await;
    let (mut connections, mut took) = (Vec::new(), Vec::new());
    for task in running {
        let (connection, mut own) = task.await.unwrap();
        connections.push(connection);
        took.append(&mut own);
    }
    (connections, took)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
