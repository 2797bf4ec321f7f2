//! What was asked and what came of it, counted for operators in Prometheus's text form.

use core::fmt::Write as _;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use time::Duration;

use super::operation::Operation;

/// Counts by operation and outcome. Both come from short lists, so what is kept is bounded; neither says who.
#[derive(Default)]
pub(super) struct Metrics(Mutex<BTreeMap<(&'static str, &'static str), Counted>>);

#[derive(Clone, Copy, Default)]
struct Counted {
    requests: u64,
    millis: u64,
}

impl Metrics {
    /// Notes a request: `None` is an operation that is not known; `outcome` is `ok` or the error's type.
    pub(super) fn note(&self, operation: Option<Operation>, outcome: &'static str, took: Duration) {
        let key = (operation.map_or("other", Operation::name), outcome);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = all.entry(key).or_default();
        counted.requests += 1;
        counted.millis += u64::try_from(took.whole_milliseconds()).unwrap_or(0);
    }

    /// The text that a Prometheus server reads (text format 0.0.4).
    pub(super) fn text(&self, in_flight: usize) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from(
            "# HELP custom_auth_requests_total Requests by operation and outcome.\n\
             # TYPE custom_auth_requests_total counter\n",
        );
        for ((operation, outcome), counted) in &all {
            let labels = format!("{{operation=\"{operation}\",outcome=\"{outcome}\"}}");
            let _ = writeln!(text, "custom_auth_requests_total{labels} {}", counted.requests);
        }
        text.push_str(
            "# HELP custom_auth_request_milliseconds_total Time spent on them.\n\
             # TYPE custom_auth_request_milliseconds_total counter\n",
        );
        for ((operation, outcome), counted) in &all {
            let labels = format!("{{operation=\"{operation}\",outcome=\"{outcome}\"}}");
            let _ = writeln!(text, "custom_auth_request_milliseconds_total{labels} {}", counted.millis);
        }
        text.push_str(
            "# HELP custom_auth_requests_in_flight Requests being carried out.\n\
             # TYPE custom_auth_requests_in_flight gauge\n",
        );
        let _ = writeln!(text, "custom_auth_requests_in_flight {in_flight}");
        text
    }
}
