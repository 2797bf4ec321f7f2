//! Time.

use core::fmt::Debug;
use std::{sync::Arc, time::UNIX_EPOCH};

use async_trait::async_trait;

use crate::types::Timestamp;

/// Tells the time and waits.
///
/// # Contract
///
/// `now` may jump and go backwards; every rule tolerates it. Processes that share a ledger agree to within the
/// policy's clock skew. A clock that is wrong by more lets a code live longer by as much.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns at `moment` or shortly after; at once if it has passed. Dropping the future cancels the wait.
    async fn sleep_until(&self, moment: Timestamp);
}

/// The operating system's clock, with a timer that needs no async runtime.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The operating system's clock.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that reads the clock
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let wait = self.now().until(moment);
        if !wait.is_zero() {
            futures_timer::Delay::new(wait).await;
        }
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: Clock + ?Sized> Clock for $pointer {
            fn now(&self) -> Timestamp {
                (**self).now()
            }
            async fn sleep_until(&self, moment: Timestamp) {
                (**self).sleep_until(moment).await;
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
