//! What changes while the process lives: its keys; and what it does before its first event.

use std::sync::Arc;

use super::{CustomAuth, Engine, deadline::within};
use crate::{
    ports::{ActId, Charge, Subject, SubjectKind},
    types::{CodeKeys, Pseudonym},
};
#[cfg(feature = "lambda")]
use crate::{
    types::{ChallengeMetadata, KeyId},
    wire::{Event, Trigger},
};

impl CustomAuth {
    /// The same under these keys. Everything else is shared: limits, challenges, sender, accounts.
    #[must_use]
    pub fn with_keys(&self, keys: CodeKeys) -> Self {
        Self(Arc::new(Engine { keys, ..Engine::clone(&self.0) }))
    }

    /// Lets the ledger look at something, which pays nothing: whatever it has to connect to is connected before the first event. For
    /// hosts whose processes are started ahead of their first call.
    pub async fn warm_up(&self) {
        let nobody =
            Subject::new(SubjectKind::Everybody, Pseudonym::from_bytes(*b"nobody\0\0\0\0\0\0\0\0\0\0"));
        let bill = [Charge::new(nobody, self.0.quotas.all_sends, 0)];
        let until = self.0.clock.now() + self.0.policy.trigger_deadline();
        if let Some(look) = self.0.ledger.foresee(ActId::from_bytes([0; 16]), &bill) {
            within(&*self.0.clock, until, look).await;
        }
    }

    /// Whether the key that the event's challenge was made with is listed; `true` if the event names none.
    ///
    /// A host that can read its keys anew asks this first: a key that is not known was moved first somewhere else, a moment ago.
    #[cfg(feature = "lambda")]
    pub(crate) fn knows_key_of(&self, event: &Event<'_>) -> bool {
        key_of(event).is_none_or(|id| self.0.keys.find(id).is_some())
    }
}

/// The key of the newest challenge that an event is about.
#[cfg(feature = "lambda")]
fn key_of(event: &Event<'_>) -> Option<KeyId> {
    let challenge = match event.trigger() {
        Trigger::Define(define) => define.session.last_round().and_then(|round| round.challenge),
        Trigger::Create(create) => create.session.last_round().and_then(|round| round.challenge),
        Trigger::Verify(verify) => {
            verify.round.as_deref().and_then(ChallengeMetadata::decode).and_then(|round| round.challenge)
        }
        Trigger::Account(_) | Trigger::Other => None,
    };
    challenge.map(|challenge| challenge.key_id)
}
