//! Lambda's loop around the engine.

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use time::Duration;

use super::function::Function;
use crate::{
    error::Error,
    ports::{Clock as _, SystemClock},
    types::Timestamp,
};

/// Cognito waits so long for a trigger, cold start included (Developer Guide, "Lambda trigger considerations").
const COGNITO_WAITS: Duration = Duration::seconds(5);

/// Answers Lambda, one event after another, until Lambda stops the process.
///
/// An event's bytes come back as they were, with the decision written into `response`. A call that cannot be decided
/// is an error of the function, whose text is the same for everybody: Cognito shows it to the client.
///
/// Before the first event the ledger is let make its connection.
///
/// `started` is when the process began, read first thing in `main`: Cognito's five seconds run while a cold process
/// starts, so the first call's deadline counts from there.
///
/// # Errors
/// When Lambda's runtime API cannot be reached or answers nonsense; the process should then end.
///
/// # Panics
/// If the environment is not Lambda's: `AWS_LAMBDA_RUNTIME_API` or one of `AWS_LAMBDA_FUNCTION_NAME`, `…_MEMORY_SIZE`
/// and `…_VERSION` is not set.
pub async fn run(function: impl Into<Function>, started: Timestamp) -> Result<(), lambda_runtime::Error> {
    let (function, clock) = (function.into(), SystemClock::new());
    function.warm_up().await;
    let mut cold = Some(started);
    let answer = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let (function, began) = (function.clone(), began(cold.take(), clock.now()));
        async move { answer(&function, &event.payload, began).await }
    });
    lambda_runtime::run(answer).await
}

/// When the call began that reached us at `now`: for the first call of a process that began at `cold`, then.
///
/// Lambda also starts processes ahead of their first call. One that began before Cognito's patience had room for it
/// was such a one (or nobody waits any more), so its first call began now.
fn began(cold: Option<Timestamp>, now: Timestamp) -> Timestamp {
    cold.filter(|cold| *cold <= now && now - *cold < COGNITO_WAITS).unwrap_or(now)
}

async fn answer(
    function: &Function,
    event: &RawValue,
    began: Timestamp,
) -> Result<Box<RawValue>, Diagnostic> {
    let bytes = function.answer(event.get().as_bytes(), began).await.map_err(refused)?;
    let text = String::from_utf8(bytes).map_err(failure)?;
    RawValue::from_string(text).map_err(failure)
}

/// What Cognito, and through it the client, reads when a trigger says no; of a failure, that the event could not be answered.
fn refused(error: Error) -> Diagnostic {
    match error {
        Error::Refused(refusal) => Diagnostic {
            error_type: "custom_auth::TriggerRefusal".to_owned(),
            error_message: refusal.to_string(),
        },
        Error::Wire(error) => failure(error),
    }
}

fn failure(_: impl core::error::Error) -> Diagnostic {
    let (kind, message) = ("custom_auth::Error", "the trigger event could not be answered");
    Diagnostic { error_type: kind.to_owned(), error_message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis)
    }

    #[test]
    fn the_first_call_of_a_cold_process_began_with_the_process() {
        assert_eq!(began(Some(at(1_000)), at(1_080)), at(1_000));
        assert_eq!(began(Some(at(1_000)), at(5_999)), at(1_000));
    }

    #[test]
    fn a_process_started_ahead_of_its_first_call_has_the_whole_time() {
        assert_eq!(began(Some(at(1_000)), at(6_000)), at(6_000));
        assert_eq!(began(Some(at(1_000)), at(900_000)), at(900_000));
    }

    #[test]
    fn a_clock_set_back_leaves_no_call_without_a_beginning() {
        assert_eq!(began(Some(at(2_000)), at(1_000)), at(1_000));
    }

    #[test]
    fn later_calls_begin_when_they_come() {
        assert_eq!(began(None, at(7_000)), at(7_000));
    }
}
