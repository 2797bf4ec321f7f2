//! The system's time, and waits on the runtime's timer.

use async_trait::async_trait;

use crate::{
    ports::{Clock, SystemClock},
    types::Timestamp,
};

/// The operating system's clock, with the timer of the tokio runtime that it waits in.
///
/// Every call to a store that has to wait has a deadline, a dozen in a sign-in, of which hardly one is ever reached. This timer takes
/// them in and lets them go at the price of a list entry; that of [`SystemClock`], which needs no runtime, wakes a thread for each.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RuntimeClock;

impl RuntimeClock {
    /// The operating system's clock.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        SystemClock::new().now()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let wait = self.now().until(moment);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_waits_until_the_moment_and_no_longer_for_one_that_has_passed() {
        let clock = RuntimeClock::new();
        let begun = clock.now();
        clock.sleep_until(begun - Duration::HOUR).await;
        clock.sleep_until(begun + Duration::milliseconds(20)).await;
        assert!(clock.now() - begun >= Duration::milliseconds(20));
    }
}
