//! Racers on real threads.

use std::{panic::resume_unwind, sync::Barrier, thread};

/// How many race.
pub(super) const RACERS: usize = 64;

/// Starts `act` on `racers` threads at one moment, each with its place; their ends in the order of the places.
pub(super) fn race<T: Send>(racers: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(racers);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..racers)
            .map(|place| {
                let (start, act) = (&start, &act);
                scope.spawn(move || {
                    start.wait();
                    act(place)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
