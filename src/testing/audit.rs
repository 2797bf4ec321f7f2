//! A sink that remembers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::{AuditEvent, AuditSink, Occurrence};

/// Keeps every event, for a test to look at. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct RecordingAudit(Arc<Mutex<Vec<AuditEvent>>>);

impl RecordingAudit {
    /// Nothing kept yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was recorded, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<AuditEvent> {
        self.kept().clone()
    }

    /// What happened, oldest first.
    #[must_use]
    pub fn occurrences(&self) -> Vec<Occurrence> {
        self.kept().iter().map(|event| event.occurrence).collect()
    }

    /// How often `occurrence` was recorded.
    #[must_use]
    pub fn count(&self, occurrence: Occurrence) -> usize {
        self.kept().iter().filter(|event| event.occurrence == occurrence).count()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<AuditEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditSink for RecordingAudit {
    fn record(&self, event: &AuditEvent) {
        self.kept().push(*event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Timestamp;

    #[test]
    fn events_are_kept_in_order_and_counted() {
        let audit = RecordingAudit::new();
        let event = |occurrence| AuditEvent::new(Timestamp::UNIX_EPOCH, occurrence, None, None, 1);
        for occurrence in [Occurrence::CodeSent, Occurrence::AnswerWrong, Occurrence::AnswerWrong] {
            audit.clone().record(&event(occurrence));
        }
        assert_eq!(audit.count(Occurrence::AnswerWrong), 2);
        assert_eq!(
            audit.occurrences(),
            [Occurrence::CodeSent, Occurrence::AnswerWrong, Occurrence::AnswerWrong]
        );
        assert_eq!(audit.events().first(), Some(&event(Occurrence::CodeSent)));
    }
}
