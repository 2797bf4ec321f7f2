//! One moment, to the millisecond.

use core::{fmt, time::Duration as StdDuration};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// A moment as milliseconds since 1970-01-01T00:00:00Z.
///
/// Eight bytes, so that a ledger can hold many; arithmetic saturates, so that a clock that jumps cannot
/// panic. An [`OffsetDateTime`] becomes one by [`From`], rounded down to the millisecond.
///
/// ```
/// use custom_auth::Timestamp;
/// use time::Duration;
///
/// let start = Timestamp::from_unix_millis(1_790_000_000_000);
/// assert_eq!(start + Duration::minutes(5) - start, Duration::seconds(300));
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment `millis` milliseconds after the epoch (before it, if negative).
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds from `self` until `later`, rounded up; 0 if `later` has passed.
    #[must_use]
    pub fn seconds_until(self, later: Self) -> u64 {
        u64::try_from(later.0.saturating_sub(self.0)).unwrap_or_default().div_ceil(1000)
    }

    /// How long from `self` until `later`; zero if `later` has passed.
    #[must_use]
    pub fn until(self, later: Self) -> StdDuration {
        StdDuration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or_default())
    }
}

impl core::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl core::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl core::ops::Sub for Timestamp {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        Duration::milliseconds(self.0.saturating_sub(earlier.0))
    }
}

impl From<OffsetDateTime> for Timestamp {
    /// Rounds down to the millisecond.
    fn from(moment: OffsetDateTime) -> Self {
        let seconds = moment.unix_timestamp().saturating_mul(1000);
        Self(seconds.saturating_add(i64::from(moment.millisecond())))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn millis(duration: Duration) -> i64 {
    duration.whole_seconds().saturating_mul(1000).saturating_add(i64::from(duration.subsec_milliseconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remaining_part_of_a_second_counts_as_a_whole_one() {
        let start = Timestamp::from_unix_millis(500);
        assert_eq!(start.seconds_until(Timestamp::from_unix_millis(1_501)), 2);
        assert_eq!(start.seconds_until(Timestamp::from_unix_millis(500)), 0);
        assert_eq!(start.seconds_until(Timestamp::UNIX_EPOCH), 0);
    }

    #[test]
    fn arithmetic_at_the_ends_of_time_saturates() {
        let end = Timestamp::from_unix_millis(i64::MAX);
        assert_eq!(end + Duration::seconds(1), end);
        assert_eq!(
            Timestamp::from_unix_millis(i64::MIN) - Duration::seconds(1),
            Timestamp::from_unix_millis(i64::MIN)
        );
    }

    #[test]
    fn a_moment_before_the_epoch_rounds_down() {
        let moment = OffsetDateTime::UNIX_EPOCH - Duration::microseconds(1);
        assert_eq!(Timestamp::from(moment), Timestamp::from_unix_millis(-1));
    }
}
