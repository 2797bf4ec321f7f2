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
    /// `drawn` is the flow tag, if randomness was to be had. Two sign-ins must not share one: only its own flow may hear
    /// "right" again, and a sign-in that began with a dead end may join a live challenge later.
    pub(super) async fn dead_end(
        &self,
        last: Option<&ChallengeMetadata>,
        step: StepName,
        approach: Approach,
        drawn: Option<FlowTag>,
    ) -> Challenge {
        let policy = &self.engine.policy;
        let tries = policy.tries_per_challenge();
        // No randomness to be had, perhaps: one-way names of this very call serve, since nothing will match them.
        let moment = self.started.as_unix_millis().to_be_bytes();
        let name = |label: &[u8]| {
            *self.engine.keys.pseudonym(label, &[self.names.person.as_bytes(), &moment]).as_bytes()
        };
        let flow = last
            .map(|round| round.flow)
            .or(drawn)
            .unwrap_or_else(|| FlowTag::from_bytes(name(b"dead end, flow")));
        let own = last.filter(|round| round.step == step);
        let (status, tries_left) = match (approach, own) {
            (Approach::Resuming, Some(own)) => (Status::Wrong, own.tries_left.saturating_sub(1)),
            (Approach::Resending, Some(own)) => (Status::Resent, own.tries_left),
            (_, _) => (Status::Open, tries),
        };
        if step != StepName::sms_code() {
            let round = self.metadata(step, flow, tries_left, status, None);
            return self.challenge(round, None, Parameters::new(), Parameters::new());
        }
        let (key_id, length) = (self.engine.keys.signing_key_id(), policy.code_length());
        let fake = LiveChallenge::new(
            key_id,
            Nonce::from_bytes(name(b"dead end, nonce")),
            self.started,
            policy.challenge_lifetime(),
            length,
        );
        let live = own.and_then(|round| round.challenge).unwrap_or(fake);
        let resend_at = self.started + policy.resend_gap();
        let at_equal_time = approach != Approach::Resuming;
        self.face(Presented { live, tries_left, resend_at, status, at_equal_time }, flow).await
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
