//! A clock that a test moves.

use core::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use time::Duration;

use crate::{ports::Clock, types::Timestamp};

/// A clock that stands still until it is moved. Clones show the same time.
///
/// ```
/// use custom_auth::testing::ManualClock;
/// use custom_auth::{Clock as _, Timestamp};
/// use time::Duration;
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// clock.advance(Duration::minutes(5));
/// assert_eq!(clock.now(), Timestamp::from_unix_millis(300_000));
/// ```
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    next_id: u64,
    /// Who waits for what, by the order of coming. A sleeper whose time came is taken out and stays awake, even if
    /// the clock then goes back.
    sleepers: BTreeMap<u64, Sleeper>,
}

struct Sleeper {
    until: Timestamp,
    waker: Waker,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { now, next_id: 0, sleepers: BTreeMap::new() })))
    }

    /// Moves the clock by `duration` (back, if negative) and wakes whose time has come.
    pub fn advance(&self, duration: Duration) {
        let now = self.state().now + duration;
        self.set(now);
    }

    /// Moves the clock to `now`, which may be earlier than it shows, and wakes whose time has come.
    pub fn set(&self, now: Timestamp) {
        let woken: Vec<Sleeper> = {
            let mut state = self.state();
            state.now = now;
            let due: Vec<u64> = state
                .sleepers
                .iter()
                .filter(|(_, sleeper)| sleeper.until <= now)
                .map(|(id, _)| *id)
                .collect();
            due.iter().filter_map(|id| state.sleepers.remove(id)).collect()
        };
        // Outside the lock: a waker may run anything, this clock included.
        for sleeper in woken {
            sleeper.waker.wake();
        }
    }

    /// How many wait for this clock.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.len()
    }

    /// Moves the clock to the earliest moment that somebody waits for. `false` if nobody waits.
    pub(super) fn jump(&self) -> bool {
        let earliest = self.state().sleepers.values().map(|sleeper| sleeper.until).min();
        earliest.inspect(|moment| self.set(*moment)).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ManualClock")
            .field("now", &state.now)
            .field("sleepers", &state.sleepers.len())
            .finish()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    async fn sleep_until(&self, moment: Timestamp) {
        Sleep { clock: self, until: moment, id: None }.await;
    }
}

struct Sleep<'a> {
    clock: &'a ManualClock,
    until: Timestamp,
    id: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        if let Some(id) = self.id {
            let Some(sleeper) = state.sleepers.get_mut(&id) else { return Poll::Ready(()) };
            let old = mem::replace(&mut sleeper.waker, context.waker().clone());
            drop(state); // before `old`: the last waker of a task may drop all that the task holds, sleepers included
            drop(old);
            return Poll::Pending;
        }
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let id = state.next_id;
        state.next_id += 1;
        state.sleepers.insert(id, Sleeper { until: self.until, waker: context.waker().clone() });
        drop(state);
        self.id = Some(id);
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let gone = self.clock.state().sleepers.remove(&id);
            drop(gone); // outside the lock, as above
        }
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;

    use super::*;

    const START: Timestamp = Timestamp::from_unix_millis(1_000);

    #[test]
    fn clones_show_the_same_time_and_it_may_go_back() {
        let clock = ManualClock::new(START);
        let other = clock.clone();
        clock.advance(Duration::hours(1));
        assert_eq!(other.now(), START + Duration::hours(1));
        other.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_sleeper_wakes_when_its_time_has_come_and_not_before() {
        let clock = ManualClock::new(START);
        let mut context = Context::from_waker(Waker::noop());
        let mut sleep = clock.sleep_until(START + Duration::seconds(1));
        assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
        clock.advance(Duration::milliseconds(999));
        assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
        clock.advance(Duration::milliseconds(1));
        assert_eq!(clock.sleepers(), 0);
        clock.set(START); // what has rung has rung
        assert_eq!(sleep.as_mut().poll(&mut context), Poll::Ready(()));
    }

    #[test]
    fn a_moment_that_has_passed_is_not_waited_for() {
        let clock = ManualClock::new(START);
        let sleep = pin!(clock.sleep_until(START));
        assert_eq!(sleep.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }

    #[test]
    fn a_dropped_sleeper_is_forgotten() {
        let clock = ManualClock::new(START);
        let mut sleep = clock.sleep_until(START + Duration::seconds(1));
        assert_eq!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        assert_eq!(clock.sleepers(), 1);
        drop(sleep);
        assert_eq!(clock.sleepers(), 0);
        assert!(!clock.jump(), "nobody is left to jump to");
    }
}
