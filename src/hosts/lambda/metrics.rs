//! What happens in a function, as lines of its log that CloudWatch counts (Embedded Metric Format).

use core::fmt;
use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value, json};

use crate::{
    hosts::audit_line::line,
    ports::{AuditEvent, AuditSink},
    types::Timestamp,
};

/// An [`AuditSink`] for a function: each event is a line of JSON, and a count of 1 under the event's name, in the namespace
/// `custom-auth`; how long a trigger took is a line too, in milliseconds, by trigger.
///
/// CloudWatch makes metrics of such lines by itself, at no call of the function's. A line is written at once, since a function stands
/// still once it has answered.
///
/// ```
/// use custom_auth::{AuditEvent, AuditSink as _, Occurrence, Timestamp, hosts::lambda::MetricLines};
///
/// let lines = MetricLines::new(Vec::new());
/// lines.record(&AuditEvent::new(Timestamp::from_unix_millis(0), Occurrence::CodeSent, None, None, 1));
/// ```
pub struct MetricLines<W>(Mutex<W>);

/// Where the metrics are found.
const NAMESPACE: &str = "custom-auth";

impl<W: Write + Send + 'static> MetricLines<W> {
    /// Writes to `out`, a whole line in one write.
    pub const fn new(out: W) -> Self {
        Self(Mutex::new(out))
    }

    /// Notes how long a trigger took.
    pub fn took(&self, trigger: &str, started: Timestamp, ended: Timestamp) {
        let millis = ended.as_unix_millis().saturating_sub(started.as_unix_millis());
        let told =
            Map::from_iter([("trigger".to_owned(), trigger.into()), ("latency".to_owned(), millis.into())]);
        let metrics = json!([{"Name": "latency", "Unit": "Milliseconds"}]);
        self.write(told, ended, &json!([["trigger"]]), &metrics);
    }

    /// A line that cannot be written is nobody's affair but the reader's.
    fn write(&self, mut told: Map<String, Value>, at: Timestamp, dimensions: &Value, metrics: &Value) {
        let aws = json!({
            "Timestamp": at.as_unix_millis(),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}],
        });
        told.insert("_aws".to_owned(), aws);
        let mut line = Value::Object(told).to_string();
        line.push('\n');
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

impl MetricLines<io::Stdout> {
    /// Writes to standard output, which is a function's log.
    #[must_use]
    pub fn to_log() -> Self {
        Self::new(io::stdout())
    }
}

impl<W: Write + Send + 'static> AuditSink for MetricLines<W> {
    fn record(&self, event: &AuditEvent) {
        let name = format!("{:?}", event.occurrence);
        let metrics = json!([{"Name": name, "Unit": "Count"}]);
        let mut told = line(event);
        told.insert(name, 1.into());
        self.write(told, event.at, &json!([[]]), &metrics);
    }
}

impl<W> fmt::Debug for MetricLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricLines").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Occurrence, PhoneNumber, Pseudonym};

    fn lines(lines: MetricLines<Vec<u8>>) -> Vec<Value> {
        let written = String::from_utf8(lines.0.into_inner().unwrap()).unwrap();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn i7_an_event_is_a_count_under_its_name_and_names_nobody() {
        let out = MetricLines::new(Vec::new());
        let phone: PhoneNumber = "+919999900123".parse().unwrap();
        let account = Some(Pseudonym::from_bytes([7; 16]));
        let at = Timestamp::from_unix_millis(1_790_000_000_000);
        out.record(&AuditEvent::new(at, Occurrence::AnswerAccepted, account, Some(phone.into()), 2));
        let told = lines(out);
        let expected = json!({
            "at": 1_790_000_000_000_i64, "what": "AnswerAccepted", "account": "07".repeat(16), "phone": "+91***23",
            "round": 2, "AnswerAccepted": 1,
            "_aws": {"Timestamp": 1_790_000_000_000_i64, "CloudWatchMetrics": [{
                "Namespace": "custom-auth", "Dimensions": [[]], "Metrics": [{"Name": "AnswerAccepted", "Unit": "Count"}],
            }]},
        });
        assert_eq!(told, [expected]);
    }

    #[test]
    fn how_long_a_trigger_took_is_told_by_trigger() {
        let out = MetricLines::new(Vec::new());
        let at = Timestamp::from_unix_millis;
        out.took("verify", at(1_000), at(1_012));
        let [told] = &lines(out)[..] else { panic!("one line") };
        assert_eq!((&told["latency"], &told["trigger"]), (&json!(12), &json!("verify")));
        assert_eq!(told["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["trigger"]]));
    }
}
