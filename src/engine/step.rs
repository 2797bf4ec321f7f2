//! Steps of a host's own.

use std::sync::Arc;

use super::{Engine, bill::place, call::Call, deadline::within};
use crate::{
    machine::{Approach, Verdict},
    ports::{Occurrence, Presentation, Step, StepContext},
    types::{Challenge, ChallengeMetadata, Claimant, FlowTag, Mark, Parameters, StepName},
};

impl Engine {
    pub(super) fn step(&self, name: StepName) -> Option<&Arc<dyn Step>> {
        self.steps.iter().find(|(known, _)| *known == name).map(|(_, step)| step)
    }
}

impl Call<'_> {
    fn context(&self) -> StepContext<'_> {
        // A decoy looks unknown to the step too; what it shows must not depend on that.
        let claimant = if self.decoy.is_some() { Claimant::Unknown } else { Claimant::Known };
        let (pool, client, user) = (self.binding.pool, self.binding.client, self.binding.user);
        StepContext { pool, client, user, claimant, round: self.round }
    }

    /// Presents a step of the host's own. One that fails is presented without its parameters, and nothing answers it.
    pub(super) async fn present_step(
        &self,
        name: StepName,
        flow: FlowTag,
        own: Option<&ChallengeMetadata>,
        approach: Approach,
    ) -> Challenge {
        let (status, tries_left) = self.told_without_ledger(approach, own);
        let context = self.context();
        let mut presentation = Presentation::default();
        if let (Some(step), Some(_)) = (self.engine.step(name), self.now()) {
            match within(&*self.engine.clock, self.deadline, step.present(&context)).await {
                Some(Ok(made)) => presentation = made,
                Some(Err(_)) | None => self.note(Occurrence::StepFailed),
            }
        }
        let round = self.metadata(name, flow, tries_left, status, None);
        self.challenge(round, None, presentation.public, presentation.private)
    }

    /// Checks an answer to a step of the host's own; one that can be guessed is charged first.
    pub(super) async fn check_step(
        &self,
        round: &ChallengeMetadata,
        kept: &Parameters,
        answer: &str,
    ) -> Verdict {
        let Some(step) = self.engine.step(round.step) else { return Verdict::Unreadable };
        let mut series = None;
        if step.guessable() {
            let Some(found) = self.series(round.step).await else { return Verdict::Unavailable };
            let Some(id) = self.act(round, kept, answer) else { return Verdict::Unreadable };
            match self.pay_answer(id, found, |series| self.guess_bill(series), place::GUESS_FAILURES).await {
                Some((paid, said)) if said.refused().is_none() => {
                    series = Some((paid, said.standing(place::GUESS_FAILURES)));
                }
                Some(_) => {
                    self.note(Occurrence::AnswerThrottled);
                    return Verdict::Throttled;
                }
                None => return Verdict::Unavailable,
            }
        }
        if self.now().is_none() {
            return Verdict::Unavailable;
        }
        let context = self.context();
        match within(&*self.engine.clock, self.deadline, step.check(&context, kept, answer)).await {
            Some(Ok(mark)) => {
                self.note(Occurrence::StepAnswered);
                if mark == Mark::Wrong {
                    return Verdict::Wrong;
                }
                if let Some((series, failures)) = &series {
                    self.succeed(series, *failures).await;
                }
                Verdict::Right
            }
            Some(Err(_)) | None => {
                self.note(Occurrence::StepFailed);
                Verdict::Unavailable
            }
        }
    }
}
