//! What the outside sees: the same members and sizes whatever happened inside.

use super::call::Call;
use crate::{
    machine::Approach,
    types::{
        Challenge, ChallengeMetadata, Claimant, CodeParameters, FlowTag, LiveChallenge, Nonce, Parameters,
        PrivateChallengeParameters, PublicChallengeParameters, Status, StepName, Timestamp,
    },
};

/// An SMS code's round, before it is given its face.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) live: LiveChallenge,
    pub(super) tries_left: u8,
    pub(super) resend_at: Timestamp,
    pub(super) status: Status,
    /// Whether the answer waits for the time that a call takes which may have sent.
    pub(super) at_equal_time: bool,
}

impl Call<'_> {
    /// Waits for the equal time where that is due, then writes the round.
    pub(super) async fn face(&self, presented: Presented, flow: FlowTag) -> Challenge {
        let Presented { live, tries_left, resend_at, status, at_equal_time } = presented;
        let clock = &self.engine.clock;
        let mut now = clock.now();
        if at_equal_time && now < self.equal_time() {
            clock.sleep_until(self.equal_time()).await;
            now = clock.now();
        }
        let code = CodeParameters {
            code_length: live.code_length.digits(),
            expires_in: now.seconds_until(live.expires_at),
            resend_in: now.seconds_until(resend_at),
        };
        let round = self.metadata(StepName::sms_code(), flow, tries_left, status, Some(live));
        self.challenge(round, Some(code), Parameters::new(), Parameters::new())
    }

    /// A round that looks like any other and that nothing answers: for when a port failed or the deadline passed.
    ///
    /// `flow` is the sign-in's own even so: it may go on in a later round, and no other may share what it redeems (I2).
    pub(super) async fn dead_end(
        &self,
        flow: FlowTag,
        last: Option<&ChallengeMetadata>,
        step: StepName,
        approach: Approach,
    ) -> Challenge {
        let policy = &self.engine.policy;
        // No randomness to be had, perhaps: a one-way name of this very call serves, since nothing will match it.
        let moment = self.started.as_unix_millis().to_be_bytes();
        let name =
            *self.engine.keys.pseudonym(b"dead end", &[self.names.person.as_bytes(), &moment]).as_bytes();
        let own = last.filter(|round| round.step == step);
        let (status, tries_left) = self.told_without_ledger(approach, own);
        if step != StepName::sms_code() {
            let round = self.metadata(step, flow, tries_left, status, None);
            return self.challenge(round, None, Parameters::new(), Parameters::new());
        }
        let (key_id, length) = (self.engine.keys.signing_key_id(), policy.code_length());
        let fake = LiveChallenge::new(
            key_id,
            Nonce::from_bytes(name),
            self.started,
            policy.challenge_lifetime(),
            length,
        );
        let live = own.and_then(|round| round.challenge).unwrap_or(fake);
        let resend_at = self.started + policy.resend_gap();
        let at_equal_time = approach != Approach::Resuming;
        self.face(Presented { live, tries_left, resend_at, status, at_equal_time }, flow).await
    }

    /// Status and tries left of a round as the session alone tells them.
    pub(super) fn told_without_ledger(
        &self,
        approach: Approach,
        own: Option<&ChallengeMetadata>,
    ) -> (Status, u8) {
        match (approach, own) {
            (Approach::Resuming, Some(own)) => (Status::Wrong, own.tries_left.saturating_sub(1)),
            (Approach::Resending, Some(own)) => (Status::Resent, own.tries_left),
            (_, _) => (Status::Open, self.engine.policy.tries_per_challenge()),
        }
    }

    /// A tag that no other flow has, where randomness failed: of two calls in one millisecond too, in one process or in two.
    pub(super) fn flow_without_randomness(&self) -> FlowTag {
        let moment = self.started.as_unix_millis().to_be_bytes();
        let (engine, nth) = self.engine.origin.next();
        let parts = [self.names.person.as_bytes().as_slice(), &moment, &nth, &engine];
        FlowTag::from_bytes(*self.engine.keys.pseudonym(b"flow", &parts).as_bytes())
    }

    pub(super) const fn metadata(
        &self,
        step: StepName,
        flow: FlowTag,
        tries_left: u8,
        status: Status,
        challenge: Option<LiveChallenge>,
    ) -> ChallengeMetadata {
        let claimant = if self.decoy.is_some() { Claimant::Unknown } else { Claimant::Known };
        ChallengeMetadata { claimant, step, flow, round: self.round, tries_left, status, challenge }
    }

    pub(super) fn challenge(
        &self,
        round: ChallengeMetadata,
        code: Option<CodeParameters>,
        shown: Parameters,
        kept: Parameters,
    ) -> Challenge {
        let (challenge, attempts_left, status) = (round.step, round.tries_left, round.status);
        let public = PublicChallengeParameters { challenge, code, attempts_left, status, extra: shown };
        Challenge { public, private: PrivateChallengeParameters { round, extra: kept } }
    }
}
