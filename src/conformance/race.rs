//! Many callers, off at one moment.
//!
//! There is one race, [`off_at_once`], on threads of its own. Around it: one act for every place; futures, each waited for
//! on its thread; and futures polled in turn, for adapters that threads cannot poll.

use core::{
    future::{Future, poll_fn},
    task::{Poll, Waker},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::testing::block_on;

/// How many race.
pub(super) const RACERS: usize = 64;

/// Starts every act on a thread of its own, all at one moment; their ends in the order of the acts.
///
/// # Panics
/// If an act does, with its words.
fn off_at_once<T: Send, A: FnOnce() -> T + Send>(acts: Vec<A>) -> Vec<T> {
    let start = Barrier::new(acts.len());
    thread::scope(|scope| {
        let start = &start;
        let off = |act: A| {
            scope.spawn(move || {
                start.wait();
                act()
            })
        };
        // Collected first: nobody is waited for before all are there.
        let threads: Vec<_> = acts.into_iter().map(off).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Races `act` against itself, each racer with its place; their ends in the order of the places.
pub(super) fn race<T: Send>(racers: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    off_at_once((0..racers).map(|place| move || act(place)).collect())
}

/// Races futures, each waited for on its thread; what each came to, in their order.
///
/// The caller's thread is not blocked meanwhile: its runtime may be what drives the racers' sockets.
pub(super) async fn race_futures<Fut>(racers: impl Iterator<Item = Fut>) -> Vec<Fut::Output>
where
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    let acts: Vec<_> = racers.map(|racer| move || block_on(racer)).collect();
    elsewhere(move || off_at_once(acts)).await
}

/// Polls futures in turn, as one future; what each came to, first come first.
pub(super) async fn side_by_side<Fut: Future>(racers: impl Iterator<Item = Fut>) -> Vec<Fut::Output> {
    let mut running: Vec<_> = racers.map(|racer| Some(Box::pin(racer))).collect();
    let mut finished = Vec::new();
    poll_fn(|context| {
        for racer in &mut running {
            if let Some(Poll::Ready(result)) = racer.as_mut().map(|racer| racer.as_mut().poll(context)) {
                finished.push(result);
                *racer = None;
            }
        }
        if running.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    finished
}

/// What work on another thread came to, once it has, and whom to wake then.
type Outcome<T> = (Option<thread::Result<T>>, Option<Waker>);

/// Does `work` on another thread; its panic is the caller's.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let here = Arc::new(Mutex::new((None, None)));
    let there = Arc::clone(&here);
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        let mut outcome = lock(&there);
        outcome.0 = Some(result);
        if let Some(waker) = outcome.1.take() {
            waker.wake();
        }
    });
    let result = poll_fn(move |context| {
        let mut outcome = lock(&here);
        match outcome.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                outcome.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    });
    result.await.unwrap_or_else(|panic| resume_unwind(panic))
}

fn lock<T>(outcome: &Mutex<Outcome<T>>) -> MutexGuard<'_, Outcome<T>> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use core::{future::ready, pin::pin};
    use std::{
        sync::{Condvar, mpsc},
        time::Duration,
    };

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn every_racer_is_under_way_before_any_may_end() {
        let (sent, arrived) = mpsc::channel();
        let arrived = Mutex::new(arrived);
        let ends = race(RACERS, |place| {
            sent.send(place).unwrap();
            // The first waits for the others: it would wait in vain if they began after its end.
            if place == 0 {
                let arrived = arrived.lock().unwrap();
                assert!((0..RACERS).all(|_| arrived.recv_timeout(LONG).is_ok()));
            }
            place
        });
        assert!(ends.into_iter().eq(0..RACERS), "in the order of the places");
    }

    #[test]
    fn the_callers_thread_is_free_while_its_futures_race() {
        let go = Arc::new((Mutex::new(false), Condvar::new()));
        let mut race = pin!(race_futures((0..RACERS).map(|place| {
            let go = Arc::clone(&go);
            async move {
                let waited = go.1.wait_timeout_while(go.0.lock().unwrap(), LONG, |gone| !*gone);
                (place, *waited.unwrap().0)
            }
        })));
        let ends = block_on(poll_fn(|context| {
            let polled = race.as_mut().poll(context);
            *go.0.lock().unwrap() = true; // only a caller that got its thread back comes here
            go.1.notify_all();
            polled
        }));
        assert!(ends.into_iter().eq((0..RACERS).map(|place| (place, true))));
    }

    #[test]
    fn every_future_that_is_polled_in_turn_ends() {
        let ends = block_on(side_by_side((0..RACERS).map(ready)));
        assert!(ends.into_iter().eq(0..RACERS));
    }

    #[test]
    #[should_panic(expected = "the racer's own words")]
    fn a_racers_panic_is_the_callers() {
        block_on(race_futures(
            (0..2).map(|place| async move { assert!(place == 0, "the racer's own words") }),
        ));
    }
}
