//! *Verify*: redeemed by me? – charge – compare – put.

use super::{CustomAuth, Requester, bill::place, call::Call, deadline::both, series::Series};
use crate::{
    machine::{self, CheckCourse, Verdict},
    ports::{ActId, Occurrence, OnlyIf, Put, Standing},
    types::{
        Action, ChallengeAnswer, ChallengeMetadata, Claimant, LiveChallenge, LiveRecord, Mark, OneTimeCode,
        Parameters, Purpose, StepName, Timestamp,
    },
};

impl CustomAuth {
    /// Finds whether an answer is right (Cognito: Verify Auth Challenge Response).
    ///
    /// `round` is our entry of the private parameters, `None` if it is absent or not ours; `kept` are a host's step's own.
    /// `answer` is `None` if the event had none, or none that is a string. Never fails: what cannot be decided is not right.
    pub async fn verify(
        &self,
        who: &Requester<'_>,
        round: Option<&ChallengeMetadata>,
        kept: &Parameters,
        answer: Option<&str>,
        action: Action,
        started: Timestamp,
    ) -> Verdict {
        let call = Call::new(&self.0, who, Purpose::SignIn, started, round.map_or(0, |round| round.round));
        let Some(round) = round else {
            call.note(Occurrence::ParametersUnreadable);
            return Verdict::Unreadable;
        };
        if action == Action::Resend {
            call.note(Occurrence::ResendAsked);
            return Verdict::NotLookedAt;
        }
        let Some(answer) = answer else {
            call.note(Occurrence::AnswerMalformed);
            return Verdict::Malformed;
        };
        if round.step != StepName::sms_code() {
            return call.check_step(round, kept, answer).await;
        }
        call.judge(round, kept, answer).await
    }
}

impl Call<'_> {
    /// Finds whether `answer` is the code of the round's challenge.
    pub(super) async fn judge(&self, round: &ChallengeMetadata, kept: &Parameters, answer: &str) -> Verdict {
        let Some(live) = &round.challenge else {
            self.note(Occurrence::ParametersUnreadable);
            return Verdict::Unreadable;
        };
        let Ok(typed) = ChallengeAnswer::parse(answer, live.code_length) else {
            self.note(Occurrence::AnswerMalformed);
            return Verdict::Malformed;
        };
        let Some(id) = self.act(round, kept, answer) else { return Verdict::Unreadable };
        self.check_code(round, live, &typed, id).await.unwrap_or(Verdict::Unavailable)
    }

    /// `None` if a port failed or the deadline passed.
    async fn check_code(
        &self,
        round: &ChallengeMetadata,
        live: &LiveChallenge,
        answer: &ChallengeAnswer,
        id: ActId,
    ) -> Option<Verdict> {
        let open = LiveRecord::open(*live).encode();
        // Most people are in their first series, which is named like its record.
        let bill = self.answer_bill(live, self.series_place(round.step));
        let reading = both(self.held(live, &open), self.series(round.step));
        let (held, series) = self.foreseeing(id, &bill, reading).await;
        let (held, series) = (held?, series?);
        let skew = self.engine.policy.clock_skew();
        match machine::verify(held.as_ref(), live, round.flow, skew, self.now()?) {
            CheckCourse::Expired => {
                self.note(Occurrence::ChallengeExpired);
                return Some(Verdict::Expired);
            }
            CheckCourse::Superseded => {
                self.note(Occurrence::ChallengeSuperseded);
                return Some(Verdict::Superseded);
            }
            CheckCourse::CompareAgain => {
                let code = self.engine.keys.derive(live, &self.binding)?;
                return Some(match self.compare(round, &code, answer) {
                    Mark::Right => {
                        self.note(Occurrence::AnswerAcceptedAgain);
                        Verdict::RightAgain
                    }
                    Mark::Wrong => {
                        self.note(Occurrence::AnswerAfterRedemption);
                        Verdict::Wrong
                    }
                });
            }
            CheckCourse::ChargeAndCompare => {}
        }
        let bill = |series| self.answer_bill(live, series);
        let (series, said) = self.pay_answer(id, series, bill, place::ANSWER_FAILURES).await?;
        if said.refused().is_some() {
            self.note(Occurrence::AnswerThrottled);
            return Some(Verdict::Throttled);
        }
        self.now()?;
        // Derived before it is known whether it will be compared: a decoy, which is never texted, takes the same work.
        let code = self.engine.keys.derive(live, &self.binding)?;
        // Nobody can know a code that was never texted: what answers it is a guess, and there would be as many of those as
        // accounts. Decoys end here too, at the same price.
        if said.standing(place::TEXTED).is_none_or(|texted| texted.remaining >= self.texts()) {
            self.note(Occurrence::AnswerUntexted);
            return Some(Verdict::Wrong);
        }
        match self.compare(round, &code, answer) {
            Mark::Right => {
                let failures = said.standing(place::ANSWER_FAILURES);
                self.redeem(round, live, &open, (&series, failures)).await
            }
            Mark::Wrong => {
                self.note(Occurrence::AnswerWrong);
                Some(Verdict::Wrong)
            }
        }
    }

    /// Compares in constant time. A decoy is never right.
    fn compare(&self, round: &ChallengeMetadata, code: &OneTimeCode, answer: &ChallengeAnswer) -> Mark {
        let genuine = self.decoy.is_none() && round.claimant == Claimant::Known;
        if code.matches(answer) & genuine { Mark::Right } else { Mark::Wrong }
    }

    /// The one compare-and-swap from open to redeemed; once it is won, the failures may begin anew.
    async fn redeem(
        &self,
        round: &ChallengeMetadata,
        live: &LiveChallenge,
        open: &str,
        (series, failures): (&Series, Option<Standing>),
    ) -> Option<Verdict> {
        let now = self.now()?;
        if !live.counts_at(now, self.engine.policy.clock_skew()) {
            self.note(Occurrence::ChallengeExpired);
            return Some(Verdict::Expired);
        }
        let redeemed = LiveRecord::redeemed(*live, round.flow, now).encode();
        let won = match self.put_record(redeemed.as_bytes(), live, OnlyIf::Is(open.as_bytes())).await? {
            Put::Done => true,
            // Redeemed a moment ago by this very flow: a call that was repeated on the way, or two at once.
            Put::Held(Some(held)) => {
                let record = LiveRecord::decode(&held);
                machine::verify(record.as_ref(), live, round.flow, self.engine.policy.clock_skew(), now)
                    == CheckCourse::CompareAgain
            }
            Put::Held(None) => false,
        };
        if !won {
            self.note(Occurrence::ChallengeSuperseded);
            return Some(Verdict::Superseded);
        }
        self.note(Occurrence::AnswerAccepted);
        self.succeed(series, failures).await;
        Some(Verdict::Right)
    }

    /// How many texts a challenge may cause.
    fn texts(&self) -> u64 {
        u64::from(self.engine.policy.sends_per_challenge())
    }

    /// What the ledger holds for the person: a swap of the open record for itself, which says what else is there.
    async fn held(&self, live: &LiveChallenge, open: &str) -> Option<Option<LiveRecord>> {
        Some(match self.put_record(open.as_bytes(), live, OnlyIf::Is(open.as_bytes())).await? {
            Put::Done => Some(LiveRecord::open(*live)),
            Put::Held(held) => held.and_then(|held| LiveRecord::decode(&held)),
        })
    }

    /// This answer to this challenge in this round of this flow: Cognito may call again for it, and it is paid once. Any
    /// other is another act. What tells one challenge from another is its nonce, or all that a step of the host's own
    /// keeps. `None` if the key is not listed.
    pub(super) fn act(&self, round: &ChallengeMetadata, kept: &Parameters, answer: &str) -> Option<ActId> {
        let keys = &self.engine.keys;
        let key_id = round.challenge.map_or_else(|| keys.signing_key_id(), |challenge| challenge.key_id);
        let nonce: &[u8] = round.challenge.as_ref().map_or(&[], |challenge| challenge.nonce.as_bytes());
        let number = [round.round];
        let parts = [round.flow.as_bytes().as_slice(), &number, answer.as_bytes(), nonce];
        let kept = kept.iter().flat_map(|(key, value)| [key.as_bytes(), value.as_bytes()]);
        let name = keys.answer_name(key_id, parts.into_iter().chain(kept));
        if name.is_none() {
            self.note(Occurrence::KeyUnknown);
        }
        name.map(ActId::from_bytes)
    }
}
