//! What can go wrong with a call to a port, and when.

use core::future::{Future, pending};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::yield_now;
use crate::ports::{SendError, StoreError};

/// How a call fails.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// It is not done, and says so at once: [`StoreError::Unavailable`], [`SendError::TryAnother`].
    Error,
    /// It is done, and reported as failed: [`StoreError::Unavailable`], [`SendError::Unknown`].
    DoneButReportedFailed,
    /// It is not done and never answers; only the caller's own deadline ends the wait.
    NotDoneAndTimedOut,
    /// It is done twice, as by a client that retries, and the second answer is returned.
    DoneTwice,
}

impl Fault {
    /// Every way to fail, for a test that tries them all.
    pub const ALL: [Self; 4] =
        [Self::Error, Self::DoneButReportedFailed, Self::NotDoneAndTimedOut, Self::DoneTwice];
}

/// Which calls fail, counted over all clones.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: u64,
    faults: BTreeMap<u64, Fault>,
    down: bool,
}

impl Plan {
    pub(super) fn fail(&self, nth: u64, fault: Fault) {
        self.state().faults.insert(nth, fault);
    }

    pub(super) fn fail_next(&self, fault: Fault) {
        let mut state = self.state();
        let next = state.calls + 1;
        state.faults.insert(next, fault);
    }

    pub(super) fn down(&self, down: bool) {
        self.state().down = down;
    }

    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Makes one call by way of the plan, and steps aside before and after it.
    pub(super) async fn disturb<T, E, F>(&self, call: impl Fn() -> F) -> Result<T, E>
    where
        E: FaultError,
        F: Future<Output = Result<T, E>>,
    {
        let fault = self.begin();
        yield_now().await;
        let answer = match fault {
            None => call().await,
            Some(Fault::Error) => Err(E::not_done()),
            Some(Fault::DoneButReportedFailed) => {
                drop(call().await);
                Err(E::perhaps_done())
            }
            Some(Fault::NotDoneAndTimedOut) => pending().await,
            Some(Fault::DoneTwice) => {
                drop(call().await);
                yield_now().await;
                call().await
            }
        };
        yield_now().await;
        answer
    }

    fn begin(&self) -> Option<Fault> {
        let mut state = self.state();
        state.calls += 1;
        if state.down { Some(Fault::Error) } else { state.faults.get(&state.calls).copied() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a port says that a call failed.
pub(super) trait FaultError {
    /// Certainly not done.
    fn not_done() -> Self;
    /// Perhaps done.
    fn perhaps_done() -> Self;
}

impl FaultError for StoreError {
    fn not_done() -> Self {
        // A store has one word for both: its callers may not tell them apart.
        Self::perhaps_done()
    }

    fn perhaps_done() -> Self {
        Self::Unavailable("a test made it fail".into())
    }
}

impl FaultError for SendError {
    fn not_done() -> Self {
        Self::TryAnother("a test made it fail".into())
    }

    fn perhaps_done() -> Self {
        Self::Unknown("a test made it fail".into())
    }
}
