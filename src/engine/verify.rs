//! *Verify*: redeemed by me? – charge – compare – put.

use time::Duration;

use super::{CustomAuth, Requester, bill::place, call::Call, deadline::both};
use crate::{
    machine::{self, CheckCourse, Verdict},
    ports::{ActId, Admission, Charge, Occurrence, OnlyIf, Put, Standing, Subject, SubjectKind},
    types::{
        Action, ChallengeAnswer, ChallengeMetadata, Claimant, LiveChallenge, LiveRecord, Mark, OneTimeCode,
        Parameters, Pseudonym, Purpose, StepName, Timestamp,
    },
};

/// A success keeps a series of which no more than one part in so many is used: that part may hold right answers too, so
/// the cap is reached after nine tenths of it at the earliest, and never later than it says.
const HARDLY: u64 = 10;

/// How long the record of a series is used before it is renewed. Long, as that is a write; it lives so much longer.
const SERIES_YOUNG: Duration = Duration::days(30);

/// The series of consecutive failures that an account is in.
#[derive(Debug)]
pub(super) struct Series {
    /// Whom failures are charged to.
    pub(super) subject: Subject,
    /// The record as it was read.
    record: Option<Vec<u8>>,
}

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
        let (held, series) = both(self.held(live, &open), self.series()).await;
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
        let said = self.pay(id, &self.answer_bill(live, series.subject)).await?;
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

    /// The one compare-and-swap from open to redeemed; once it is won, the account's failures may begin anew.
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
        self.succeed(round, series, failures).await;
        Some(Verdict::Right)
    }

    /// After the last step of the plan that could be guessed the account's failures begin anew; one on the way is no
    /// success yet. A series that is hardly used is kept, `failures` being how it stands: most sign-ins then cost no
    /// randomness and no write, and leave no dead series behind.
    pub(super) async fn succeed(
        &self,
        round: &ChallengeMetadata,
        series: &Series,
        failures: Option<Standing>,
    ) {
        let guessable = |step: &&StepName| {
            **step == StepName::sms_code() || self.engine.step(**step).is_some_and(|step| step.guessable())
        };
        let is_last = self.engine.policy.plan().steps().iter().rfind(guessable) == Some(&round.step);
        let cap = u64::from(self.engine.policy.consecutive_failures());
        let is_hardly_used = failures.is_some_and(|standing| standing.remaining >= cap - cap / HARDLY);
        if is_last && !is_hardly_used && self.start_series(series).await.is_none() {
            self.note(Occurrence::SeriesNotReset); // stricter, not laxer: the failures go on counting
        }
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

    pub(super) async fn pay(&self, id: ActId, bill: &[Charge]) -> Option<Admission> {
        self.charge(id, bill, self.deadline).await
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

    fn series_record(&self) -> Subject {
        Subject::new(SubjectKind::Series, self.names.account)
    }

    /// The account's series of consecutive failures. Reads by a swap that cannot succeed: no series is empty. Whoever finds
    /// its record old renews it, since successes may have kept it: a record that died before what is charged to its series
    /// would let the failures begin anew.
    pub(super) async fn series(&self) -> Option<Series> {
        let mut record = match self.put(self.series_record(), b"", self.started, OnlyIf::Is(b"")).await? {
            Put::Done => None,
            Put::Held(record) => record,
        };
        if let Some(old) = record.as_deref()
            && let Some((id, written)) = read_series(old)
            && written + SERIES_YOUNG <= self.now()?
        {
            let now = self.now()?;
            record = match self.put_series(&id, OnlyIf::Is(old), now).await? {
                Put::Done => Some(write_series(&id, now)),
                Put::Held(other) => other,
            };
        }
        let id = record.as_deref().and_then(read_series);
        let id = id.map_or(self.names.account, |(id, _)| Pseudonym::from_bytes(id));
        Some(Series { subject: Subject::new(SubjectKind::Series, id), record })
    }

    /// Starts a new series, unless somebody did meanwhile.
    pub(super) async fn start_series(&self, series: &Series) -> Option<Put> {
        let mut id = [0; 16];
        if self.engine.entropy.fill(&mut id).is_err() {
            self.note(Occurrence::EntropyFailed);
            return None;
        }
        let only_if = series.record.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
        self.put_series(&id, only_if, self.now()?).await
    }

    /// The record outlives what is charged to its series while it is young, whoever writes it: an operator's call may name no
    /// phone, as a decoy's does.
    async fn put_series(&self, id: &[u8; 16], only_if: OnlyIf<'_>, now: Timestamp) -> Option<Put> {
        let dead_at = now + SERIES_YOUNG + self.engine.quotas.failures.memory();
        self.put(self.series_record(), &write_series(id, now), dead_at, only_if).await
    }
}

/// A series' record: its id, and when that was written, in milliseconds.
fn write_series(id: &[u8; 16], written: Timestamp) -> Vec<u8> {
    [id.as_slice(), &written.as_unix_millis().to_be_bytes()].concat()
}

/// `None` if it is no such record. One without its moment is as old as can be.
fn read_series(record: &[u8]) -> Option<([u8; 16], Timestamp)> {
    let (id, written) = record.split_first_chunk()?;
    let written = written.try_into().map(i64::from_be_bytes).unwrap_or_default();
    Some((*id, Timestamp::from_unix_millis(written)))
}
