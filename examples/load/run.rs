//! One run: sign-ins over so many connections, between rounds of the floor.

use core::cell::Cell;
use std::{
    rc::Rc,
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

/// A run is cut into so many slices, each between two rounds of the floor, so that whatever else the machine does befalls both.
const SLICES: u32 = 5;
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
    floor: &Floor,
    turns: &Turns,
    many: usize,
    time: Duration,
) -> Figures {
    let mut connections = Vec::new();
    for _ in 0..many {
        connections.push(Connection::open(server).await);
    }
    (connections, _) = slice(connections, turns, WARM_UP).await;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(many);
    let (mut took, mut ratios, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cpu, mut syncs, mut busy) = (0.0, 0, Duration::ZERO);
    for _ in 0..SLICES {
        let floor_before = floor.measure(threads);
        let (cpu_before, (_, syncs_before), begun) = (server.cpu(), server.ask("tell"), Instant::now());
        let logins;
        (connections, logins) = slice(connections, turns, time / SLICES).await;
        busy += begun.elapsed();
        let spent = server.cpu() - cpu_before;
        syncs += server.ask("tell").1 - syncs_before;
        let floor = f64::midpoint(floor_before, floor.measure(threads));
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
