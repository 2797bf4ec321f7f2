//! Invoking a trigger as Cognito does: five seconds, three times.

use core::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use time::Duration;

use super::{PoolError, Trigger, TriggerError, Triggers};
use crate::ports::Clock;

/// How often a trigger is invoked before the driver gives up.
const ATTEMPTS: usize = 3;

type Invocation<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, TriggerError>> + Send + 'a>>;

/// Invokes a trigger, and again when its answer is late.
///
/// A late invocation goes on beside the next one for as long as this call lasts, as on Cognito, where it may still
/// finish and still send a text; but only the newest invocation's answer counts. When that answer is here, the earlier
/// invocations are dropped where they stand. A trigger that fails is not invoked again.
pub(super) async fn invoke(
    triggers: &dyn Triggers,
    clock: &dyn Clock,
    timeout: Duration,
    trigger: Trigger,
    event: &[u8],
) -> Result<Vec<u8>, PoolError> {
    let mut late: Vec<Invocation<'_>> = Vec::new();
    for _ in 0..ATTEMPTS {
        let mut newest = triggers.invoke(event);
        let mut bell = clock.sleep_until(clock.now() + timeout);
        let answer = poll_fn(|context| {
            late.retain_mut(|invocation| invocation.as_mut().poll(context).is_pending());
            if let Poll::Ready(answer) = newest.as_mut().poll(context) {
                return Poll::Ready(Some(answer));
            }
            bell.as_mut().poll(context).map(|()| None)
        })
        .await;
        match answer {
            Some(answer) => return answer.map_err(|error| PoolError::trigger(trigger, error)),
            None => late.push(newest),
        }
    }
    Err(PoolError::TriggerTimedOut(trigger))
}
