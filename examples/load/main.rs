//! How many sign-ins the server carries, what one costs, and whether it is durable.
//!
//! ```sh
//! cargo run --profile bench --example load --features server
//! ```
//!
//! Starts the whole server in a process of its own, on memory and on a file (`redb`, in `target`, on whatever disk that is), and signs
//! people in over HTTP on this machine: `InitiateAuth`, then `RespondToAuthChallenge` with the right code, to the tokens. With 1 and with
//! 32 connections, each of which signs in one person after another. Linux only: it reads `/proc`.
//!
//! | figure | what it is |
//! |---|---|
//! | logins/s | on all processors together, which the clients share |
//! | p50, p99 | of a whole sign-in, both calls, in milliseconds; the idle wait of a start (`send_window`) is off |
//! | cpu | the server's processor time for one sign-in, user's and system's, in microseconds |
//! | floor | that of two RS256 signatures, which hand out two tokens, measured beside the run, at the same time |
//! | ratio | cpu by floor: how much all the rest takes. At most 1.25 on memory and 1.6 on a file, with 32 connections |
//! | syncs | how often a sign-in waits for the disk (`fsync`); fewer where people share one |
//!
//! On a file it first asserts that **nothing is acknowledged before it is on the disk**: syncs are held up, and sign-ins, sign-ups and
//! confirmations wait. Ends with a failure if that does not hold, or a ratio at 32 connections is above its bar. With one connection the
//! server goes to sleep and is woken for each step, which is work that a busy one does not have: its ratio is printed and bars nothing.
//!
//! `--seconds N` for each run, 10 unless said otherwise; `--accounts N` there are, 10 000. `--durable` asserts that and nothing else.
//! `--footprint` instead says how much memory a million accounts take, alone and each with a sign-in under way (`--accounts` of them).

#![allow(missing_docs)] // run, not called
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // stops at the first surprise

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use client::Process;
use floor::Floor;
use run::{Figures, Turns};

mod child;
mod client;
mod durable;
mod floor;
mod footprint;
mod gate;
mod people;
mod run;

/// The server example's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Default)]
struct Arguments {
    child: Option<String>,
    durable: bool,
    footprint: bool,
    seconds: Option<u64>,
    accounts: Option<u32>,
}

const USAGE: &str = "load [--seconds N] [--accounts N] [--durable | --footprint]";
const CONNECTIONS: [usize; 2] = [1, 32];
/// The most that a sign-in may cost, as a multiple of two signatures.
const BARS: [(&str, f64); 2] = [("memory", 1.25), ("redb", 1.6)];

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    match (arguments.child, arguments.footprint) {
        (Some(store), _) => child::run(&store, arguments.accounts.unwrap_or_default()),
        (None, true) => footprint::run(arguments.accounts.unwrap_or(1_000_000)),
        (None, false) if arguments.durable => hold_up(&runtime()),
        (None, false) => {
            let time = Duration::from_secs(arguments.seconds.unwrap_or(10).max(1));
            return measure(time, arguments.accounts.unwrap_or(10_000).max(100));
        }
    }
    ExitCode::SUCCESS
}

fn arguments() -> Option<Arguments> {
    let (mut given, mut read) = (std::env::args().skip(1), Arguments::default());
    while let Some(name) = given.next() {
        match name.as_str() {
            "--child" => read.child = Some(given.next()?),
            "--durable" => read.durable = true,
            "--footprint" => read.footprint = true,
            "--seconds" => read.seconds = Some(given.next()?.parse().ok()?),
            "--accounts" => read.accounts = Some(given.next()?.parse().ok()?),
            _ => return None,
        }
    }
    Some(read)
}

fn measure(time: Duration, accounts: u32) -> ExitCode {
    let floor = Arc::new(Floor::new());
    let runtime = runtime();
    let mut missed = false;
    println!("store  connections  logins/s  p50 ms  p99 ms  cpu us  floor us  ratio  syncs");
    for (store, bar) in BARS {
        let file = File::new();
        let place = if store == "redb" { format!("redb:{}", file.0.display()) } else { store.to_owned() };
        let mut server = Process::start(&place, accounts);
        let turns = Turns::of(accounts);
        for many in CONNECTIONS {
            let figures = runtime.block_on(run::run(&mut server, &floor, &turns, many, time));
            print(store, many, &figures);
            let verdict = if figures.ratio <= bar { "within" } else { "MISSED" };
            println!("       {verdict}: {store}, {many}: {:.2} of at most {bar}", figures.ratio);
            missed |= many > 1 && figures.ratio > bar;
        }
        if store == "redb" {
            drop(server);
            hold_up(&runtime);
        }
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// On a file of its own, with accounts that have not used up their texts.
fn hold_up(runtime: &tokio::runtime::Runtime) {
    let file = File::new();
    let mut server = Process::start(&format!("redb:{}", file.0.display()), 100);
    runtime.block_on(durable::check(&mut server, 100));
}

fn print(store: &str, many: usize, figures: &Figures) {
    let Figures { per_second, p50, p99, cpu, floor, ratio, syncs } = figures;
    println!(
        "{store:<6} {many:>11} {per_second:>9.0} {p50:>7.2} {p99:>7.2} {cpu:>7.0} {floor:>9.0} {ratio:>6.2} {syncs:>6.2}"
    );
}

/// A file beside this program, so on a disk and not in memory; gone with this.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        let name = format!("load-{}.redb", std::process::id());
        let path = std::env::current_exe().unwrap().with_file_name(name);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
