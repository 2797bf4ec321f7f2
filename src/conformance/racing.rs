//! Runs many futures at once, under any runtime or none.

use core::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Poll, Waker},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::testing::block_on;

/// Polls every racer on a thread of its own, all off at once, and returns what each came to.
///
/// The caller's thread is not blocked meanwhile: its runtime may be what drives the racers' sockets.
///
/// # Panics
/// If a racer does.
pub(super) async fn on_threads<Fut>(racers: impl ExactSizeIterator<Item = Fut>) -> Vec<Fut::Output>
where
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    let start = Arc::new(Barrier::new(racers.len()));
    // Collected first: no thread starts before all are there.
    let racers: Vec<_> = racers.map(|racer| spawn(racer, Arc::clone(&start))).collect();
    let finished = side_by_side(racers.into_iter()).await.into_iter().collect::<Option<Vec<_>>>();
    #[allow(clippy::expect_used)] // a suite's verdict
    finished.expect("a racing caller panicked")
}

/// Polls the racers in turn, as one future.
pub(super) async fn side_by_side<Fut: Future>(
    racers: impl ExactSizeIterator<Item = Fut>,
) -> Vec<Fut::Output> {
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

/// What a thread came to (`None` if it panicked), once it has, and whom to wake then.
type Outcome<T> = (Option<Option<T>>, Option<Waker>);

/// Starts a thread that waits for `start`, then polls `racer` to its end; the future waits for that.
fn spawn<Fut>(racer: Fut, start: Arc<Barrier>) -> Pin<Box<dyn Future<Output = Option<Fut::Output>> + Send>>
where
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    let here = Arc::new(Mutex::new((None, None)));
    let there = Arc::clone(&here);
    thread::spawn(move || {
        start.wait();
        let result = catch_unwind(AssertUnwindSafe(|| block_on(racer))).ok();
        let mut outcome = lock(&there);
        outcome.0 = Some(result);
        if let Some(waker) = outcome.1.take() {
            waker.wake();
        }
    });
    Box::pin(poll_fn(move |context| {
        let mut outcome = lock(&here);
        match outcome.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                outcome.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }))
}

fn lock<T>(outcome: &Mutex<Outcome<T>>) -> MutexGuard<'_, Outcome<T>> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}
