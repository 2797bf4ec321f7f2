//! The adapters of AWS against a local ministack, through the SDK's own requests and the emulator's own answers.
//! `tests/ministack/run.sh` starts one and runs this; without one it fails.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

#[path = "../cognito/as_asked.rs"]
mod as_asked;
#[path = "../cognito/client.rs"]
mod client;
mod http;
mod ledger;
mod racers;
#[path = "../common/service.rs"]
mod service;
mod users;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::http::Ministack;

pub(crate) type Case = (&'static str, fn(&Ministack));

fn main() {
    let endpoint = std::env::var("MINISTACK_ENDPOINT").unwrap_or_default();
    let Some(address) = endpoint.strip_prefix("http://") else {
        eprintln!("no MINISTACK_ENDPOINT: tests/ministack/run.sh starts an emulator and runs this");
        std::process::exit(2);
    };
    let ministack = Ministack::new(address);
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    if let [racer, race @ ..] = chosen.as_slice()
        && racer == racers::RACER
    {
        racers::run_one(&ministack, race);
        return;
    }
    let (mut passed, mut failed) = (0, 0);
    for (name, case) in users::CASES.iter().chain(ledger::CASES) {
        if !chosen.is_empty() && !chosen.iter().any(|word| name.replace(' ', "_").contains(word.as_str())) {
            continue;
        }
        if catch_unwind(AssertUnwindSafe(|| case(&ministack))).is_ok() {
            passed += 1;
            println!("ok      {name}");
        } else {
            failed += 1;
            println!("FAILED  {name}");
        }
    }
    println!("{passed} passed, {failed} failed");
    std::process::exit(i32::from(failed > 0));
}
