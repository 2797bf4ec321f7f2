//! One future, in virtual time.

use core::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};
use std::{sync::Arc, task::Wake};

use super::ManualClock;

/// Drives `future` to its end on this thread. When it waits and nothing has woken it, `clock` jumps to the earliest
/// moment that is waited for; so an hour of waiting takes no time, and the same future does the same every time.
///
/// # Panics
///
/// If the future waits for something that can never come: nobody sleeps on `clock`, and nothing will wake it. Also if
/// it is woken a million times while the time stands still.
pub fn run<T>(clock: &ManualClock, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let flag = Arc::new(Flag::raised());
    let waker = Arc::clone(&flag).into();
    let mut context = Context::from_waker(&waker);
    let mut patience = Patience::new();
    loop {
        while flag.take() {
            patience.spend();
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
        }
        assert!(
            clock.jump(),
            "deadlock: the future waits, nobody sleeps on the clock and nothing will wake it"
        );
        patience = Patience::new();
    }
}

/// Whether a task was woken since it was last polled.
#[derive(Debug)]
pub(super) struct Flag(AtomicBool);

impl Flag {
    /// A new task is ready.
    pub(super) const fn raised() -> Self {
        Self(AtomicBool::new(true))
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Lowers the flag; whether it was up.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// Tells a task that turns on the spot from one that gets somewhere.
pub(super) struct Patience(u32);

impl Patience {
    pub(super) const fn new() -> Self {
        Self(1_000_000)
    }

    pub(super) fn spend(&mut self) {
        assert!(self.0 > 0, "livelock: a million polls at one moment of virtual time");
        self.0 -= 1;
    }
}

#[cfg(test)]
mod tests {
    use core::future::pending;

    use time::Duration;

    use super::*;
    use crate::{
        ports::Clock as _,
        testing::{interleave, yield_now},
        types::Timestamp,
    };

    #[test]
    fn waiting_takes_no_time_and_happens_in_order() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let moments = run(&clock, async {
            let mut moments = Vec::new();
            for hours in [1, 3, 2] {
                clock.sleep_until(Timestamp::UNIX_EPOCH + Duration::hours(hours)).await;
                yield_now().await;
                moments.push((clock.now() - Timestamp::UNIX_EPOCH).whole_hours());
            }
            moments
        });
        assert_eq!(moments, [1, 3, 3]);
    }

    #[test]
    fn the_earliest_sleeper_wakes_first() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let sleep = |minutes| {
            let clock = clock.clone();
            Box::pin(async move {
                clock.sleep_until(Timestamp::UNIX_EPOCH + Duration::minutes(minutes)).await;
                (clock.now() - Timestamp::UNIX_EPOCH).whole_minutes()
            }) as _
        };
        assert_eq!(interleave(&clock, 0, vec![sleep(5), sleep(1), sleep(3), sleep(3)]), [5_i64, 1, 3, 3]);
    }

    #[test]
    #[should_panic(expected = "deadlock")]
    fn what_can_never_end_is_a_deadlock() {
        run(&ManualClock::new(Timestamp::UNIX_EPOCH), pending::<()>());
    }

    #[test]
    #[should_panic(expected = "livelock")]
    fn what_turns_on_the_spot_is_a_livelock() {
        run(&ManualClock::new(Timestamp::UNIX_EPOCH), async {
            loop {
                yield_now().await;
            }
        });
    }
}
