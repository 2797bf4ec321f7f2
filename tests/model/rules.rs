//! Counting, as plainly as can be.

use custom_auth::Timestamp;
use time::Duration;

/// Panics if the events, in the order in which they happened, cost more than `most` in any stretch of time `window`.
///
/// Where the clock went back, an event counts as at the latest time before it, as the ledger's contract says.
///
/// What is seen is the act, which follows its charge by up to a deadline of 4 s, and the clock may go back by the skew of 5 s
/// between the two; so a window of minutes or more is looked at less 10 s.
pub(crate) fn at_most(most: u64, window: Duration, events: &[(Timestamp, u64)], what: &str) {
    let slack = if window >= Duration::minutes(10) && window < Duration::MAX {
        Duration::seconds(10)
    } else {
        Duration::ZERO
    };
    let window = window - slack;
    let mut latest = Timestamp::from_unix_millis(i64::MIN);
    let mut counted = Vec::new();
    for (at, cost) in events {
        latest = latest.max(*at);
        counted.push((latest, *cost));
    }
    for (first, (from, _)) in counted.iter().enumerate() {
        let cost: u64 =
            counted[first..].iter().take_while(|(at, _)| *at - *from < window).map(|(_, cost)| cost).sum();
        assert!(cost <= most, "{what}: {cost} in {window} where {most} are allowed: {counted:?}");
    }
}
