//! *Create*: find or make the one live challenge, and text its code if that is due.

use super::{
    CustomAuth, Requester,
    bill::{Standings, place},
    call::Call,
    face::Presented,
};
use crate::{
    machine::{self, Approach, Course},
    ports::{Occurrence, OnlyIf, Put},
    types::{
        Action, Challenge, ChallengeMetadata, FlowTag, LiveChallenge, LiveRecord, Nonce, Purpose, Session,
        Status, StepName, Timestamp,
    },
};

/// How often a record may change under our hands before the call gives up.
const MOST_RACES: usize = 4;

/// The challenge that was found or made.
enum Found {
    /// Nobody else has it: made by this call. Whether it took another's place.
    Fresh { replaced: bool },
    /// It was there.
    Held(LiveChallenge, Course),
    /// It should give way, but no text may be sent yet: what is there, and when to ask again.
    Wait(LiveRecord, Timestamp),
}

/// Nothing can be tried on the challenge any more, or it is too old for the text that is due.
#[derive(Debug)]
pub(super) struct GivesWay;

/// What one *create* has in its hands.
pub(super) struct Draft<'c, 'a> {
    pub(super) call: &'c Call<'a>,
    pub(super) approach: Approach,
    pub(super) own: Option<&'c ChallengeMetadata>,
    /// The challenge that is put if none is there; its nonce also names this act in the ledger.
    pub(super) fresh: LiveChallenge,
}

impl CustomAuth {
    /// Makes or joins the challenge to present (Cognito: Create Auth Challenge, called after *define* said so).
    ///
    /// Never fails: what cannot be done leaves a challenge that looks the same and that nothing answers. `started` is when
    /// the call began; the deadline counts from it.
    pub async fn create(
        &self,
        who: &Requester<'_>,
        session: &Session,
        action: Action,
        started: Timestamp,
    ) -> Challenge {
        let step = machine::step_to_present(self.0.policy.plan(), session).unwrap_or_else(StepName::sms_code);
        self.present(who, Purpose::SignIn, step, session, action, started).await
    }

    /// The same for any purpose and a step that is given.
    pub(super) async fn present(
        &self,
        who: &Requester<'_>,
        purpose: Purpose,
        step: StepName,
        session: &Session,
        action: Action,
        started: Timestamp,
    ) -> Challenge {
        let engine = &*self.0;
        let round = u8::try_from(session.rounds().count() + 1).unwrap_or(u8::MAX);
        let call = Call::new(engine, who, purpose, started, round);
        let last = session.last_round();
        let own = last.filter(|round| round.step == step);
        let approach = Approach::of(session, action, own.is_some());
        let mut draw = [0; 32];
        if engine.entropy.fill(&mut draw).is_err() {
            call.note(Occurrence::EntropyFailed);
            let flow = last.map_or_else(|| call.flow_without_randomness(), |round| round.flow);
            return call.dead_end(flow, last, step, approach).await;
        }
        let (nonce, flow) = halves(&draw);
        let flow = last.map_or(flow, |round| round.flow);
        if step != StepName::sms_code() {
            return call.present_step(step, flow, own, approach).await;
        }
        let policy = &engine.policy;
        let key_id = engine.keys.signing_key_id();
        let now = engine.clock.now();
        let fresh = LiveChallenge::new(key_id, nonce, now, policy.challenge_lifetime(), policy.code_length());
        let draft = Draft { call: &call, approach, own, fresh };
        match draft.settle().await {
            Some(presented) => call.face(presented, flow).await,
            None => call.dead_end(flow, last, step, approach).await,
        }
    }
}

impl Draft<'_, '_> {
    /// Finds the live challenge, texts it if due. `None` if a port failed or the deadline passed.
    async fn settle(&self) -> Option<Presented> {
        let mut replace = None;
        for _ in 0..2 {
            let (live, text) = match self.find(replace.as_deref()).await? {
                Found::Fresh { replaced } => return Some(self.deliver_fresh(replaced).await),
                Found::Wait(record, retry_at) => return Some(self.wait(record, retry_at).await),
                Found::Held(live, Course::Join) => (live, true),
                Found::Held(live, Course::Present) => (live, false),
                Found::Held(live, Course::Replace | Course::Stale) => return Some(self.stale(live)),
            };
            let tried = if text { self.deliver_again(live).await } else { self.present(live).await };
            match tried {
                Ok(presented) => return Some(presented),
                Err(GivesWay) => replace = Some(LiveRecord::open(live).encode()), // it gives way
            }
        }
        None
    }

    /// Puts the fresh challenge if none is there, or if what is there must give way; else says what is there.
    ///
    /// `gives_way` is a record that must, whatever its age.
    async fn find(&self, gives_way: Option<&str>) -> Option<Found> {
        let value = LiveRecord::open(self.fresh).encode();
        let mut expected: Option<Vec<u8>> = None;
        let mut replaced = false;
        for _ in 0..MOST_RACES {
            let only_if = expected.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
            let put = self.call.put_record(value.as_bytes(), &self.fresh, only_if);
            let held =
                match self.call.foreseeing(self.id(), &self.call.text_in_view(&self.fresh), put).await? {
                    Put::Done => return Some(Found::Fresh { replaced }),
                    Put::Held(None) => {
                        expected = None; // it died meanwhile
                        continue;
                    }
                    Put::Held(Some(held)) if held == value.as_bytes() => {
                        return Some(Found::Fresh { replaced });
                    }
                    Put::Held(Some(held)) => held,
                };
            let now = self.call.now()?;
            let Some(record) = LiveRecord::decode(&held) else {
                expected = Some(held); // unreadable: it protects nobody
                continue;
            };
            let policy = &self.call.engine.policy;
            let must = gives_way.is_some_and(|text| text.as_bytes() == held);
            let (own, started) = (self.own, self.call.started);
            let course = machine::create(&record, self.approach, own, policy, started, now);
            if course != Course::Replace && !must {
                return Some(Found::Held(record.challenge, course));
            }
            if let Some(retry_at) = self.not_before(now).await? {
                return Some(Found::Wait(record, retry_at));
            }
            expected = Some(held);
            replaced = true;
        }
        self.call.note(Occurrence::LedgerFailed);
        None
    }

    /// When a fresh challenge could be texted, if not now: asks the phone's quota without paying.
    async fn not_before(&self, now: Timestamp) -> Option<Option<Timestamp>> {
        let bill = self.call.phone_bill(0);
        let admission = self.charge(&bill).await?;
        let standing = admission.standing(0)?;
        Some((standing.remaining == 0).then(|| standing.more_at.max(now)))
    }

    /// Presents the challenge without a text.
    pub(super) async fn present(&self, live: LiveChallenge) -> Result<Presented, GivesWay> {
        let bill = self.call.joined_bill(&live);
        let Some(said) = self.charge(&bill).await else { return Ok(self.unsure(live)) };
        self.joined(live, &Standings::of(&said, place::JOINED))
    }

    /// The challenge as the ledger says it stands, without a text. A sign-in that arrives within the gap has a text
    /// already, the one it joins; only who asked for another is told to wait.
    pub(super) fn joined(&self, live: LiveChallenge, said: &Standings) -> Result<Presented, GivesWay> {
        let status =
            self.status(if self.approach == Approach::Resending { Status::Wait } else { Status::Open });
        let tries = said.tries_left();
        if Course::Join.with_tries(tries) == Course::Replace {
            return Err(GivesWay);
        }
        self.call.note(Occurrence::ChallengeJoined);
        let resend_at = self.resend_at(&live, said);
        Ok(Presented { live, tries_left: small(tries), resend_at, status, at_equal_time: false })
    }

    /// When the next text is possible: one of this challenge, or of the one that takes its place, and the phone allows it.
    pub(super) fn resend_at(&self, live: &LiveChallenge, said: &Standings) -> Timestamp {
        let of_challenge = said.texts.map_or(live.expires_at, |standing| standing.more_at);
        let of_phone = said.phone.map_or(self.call.started, |standing| standing.more_at);
        of_challenge.min(self.gives_way_at(live)).max(of_phone)
    }

    /// The challenge should give way, but no text may be sent before `retry_at`. What can still be tried, may be; another
    /// flow's challenge that is too old to join may not.
    async fn wait(&self, record: LiveRecord, retry_at: Timestamp) -> Presented {
        self.call.note(Occurrence::SendThrottled);
        let (policy, now) = (&self.call.engine.policy, self.call.engine.clock.now());
        let mut presented = self.unanswerable(record.challenge, retry_at);
        if machine::may_still_be_tried(&record, self.own, policy, now) {
            let said = self.charge(&self.call.challenge_bill(&record.challenge, 0)).await;
            let tries = said.and_then(|said| said.standing(place::TRIES)).map_or(0, |tries| tries.remaining);
            (presented.live, presented.tries_left) = (record.challenge, small(tries));
        }
        presented
    }

    /// Somebody else's, or overtaken by a success: nothing can be tried on it here.
    fn stale(&self, live: LiveChallenge) -> Presented {
        self.call.note(Occurrence::ChallengeSuperseded);
        let status = self.status(Status::Wait);
        Presented { status, ..self.unanswerable(live, self.call.started) }
    }

    /// A round that nothing answers: of this flow's own challenge, or of one that no ledger holds, so that nothing of
    /// another flow's shows.
    fn unanswerable(&self, live: LiveChallenge, resend_at: Timestamp) -> Presented {
        let live = if machine::is_own(&live, self.own) { live } else { self.fresh };
        Presented { live, tries_left: 0, resend_at, status: Status::Wait, at_equal_time: false }
    }

    /// A port failed after the challenge was found: present it as if all had gone well; nothing was sent.
    pub(super) fn unsure(&self, live: LiveChallenge) -> Presented {
        let policy = &self.call.engine.policy;
        let tries_left = self.own.map_or_else(|| policy.tries_per_challenge(), |round| round.tries_left);
        let resend_at = self.call.engine.clock.now() + policy.resend_gap();
        let at_equal_time = self.approach != Approach::Resuming;
        Presented { live, tries_left, resend_at, status: self.status(Status::Resent), at_equal_time }
    }

    /// From when on, this moment included, a challenge has too little time left, so that asking again yields a fresh one.
    pub(super) fn gives_way_at(&self, live: &LiveChallenge) -> Timestamp {
        live.expires_at - self.call.engine.policy.min_left_to_join()
    }

    /// What the outside is told: after a wrong answer that it was wrong; else `otherwise`, on a first round *open*.
    pub(super) const fn status(&self, otherwise: Status) -> Status {
        match (self.approach, otherwise) {
            (Approach::Resuming, Status::Replaced) => Status::Replaced,
            (Approach::Resuming, _) => Status::Wrong,
            (Approach::Arriving, Status::Wait) => Status::Wait,
            (Approach::Arriving, _) => Status::Open,
            (Approach::Resending, _) => otherwise,
        }
    }
}

pub(super) fn small(count: u64) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn halves(draw: &[u8; 32]) -> (Nonce, FlowTag) {
    let (mut nonce, mut flow) = ([0; 16], [0; 16]);
    nonce.copy_from_slice(draw.split_at(16).0);
    flow.copy_from_slice(draw.split_at(16).1);
    (Nonce::from_bytes(nonce), FlowTag::from_bytes(flow))
}
