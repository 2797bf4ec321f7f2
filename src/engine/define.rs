//! *Define*: the pure decision, and a note of how the sign-in ended.

use super::{CustomAuth, Requester};
use crate::{
    machine::{self, Decision},
    ports::{AuditEvent, Occurrence},
    types::{Action, Session},
};

impl CustomAuth {
    /// Decides what comes next. Called first with an empty session, then after every answer (Cognito: Define Auth
    /// Challenge). Asks no port but the clock, and that only for the audit.
    pub fn define(&self, who: &Requester<'_>, session: &Session, action: Action) -> Decision {
        let policy = &self.0.policy;
        let decision =
            machine::define(policy.plan(), session, who.claimant, action, policy.rounds_per_session());
        let occurrence = match decision {
            Decision::IssueTokens(_) => Occurrence::TokensIssued,
            Decision::FailAuthentication(_) => Occurrence::AuthenticationFailed,
            Decision::Present(_) | Decision::VerifyPassword => return decision,
        };
        let parts = [who.pool.as_str().as_bytes(), who.user.as_str().as_bytes()];
        let account = self.0.keys.pseudonym(b"account", &parts);
        let round = u8::try_from(session.rounds().count()).unwrap_or(u8::MAX);
        let phone = who.phone.map(Into::into);
        self.0.audit.record(&AuditEvent::new(self.0.clock.now(), occurrence, Some(account), phone, round));
        decision
    }
}
