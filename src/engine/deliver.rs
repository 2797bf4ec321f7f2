//! Paying for a text and handing it to the sender.

use super::{
    bill::place,
    call::Decoy,
    create::{Draft, GivesWay, small},
    deadline::within,
    face::Presented,
};
use crate::{
    machine::{self, Course},
    ports::{ActId, Admission, Charge, Occurrence, SendError, SmsMessage},
    types::{LiveChallenge, Status, Timestamp},
};

impl Draft<'_, '_> {
    /// Texts the challenge that this call has just made.
    pub(super) async fn deliver_fresh(&self, replaced: bool) -> Presented {
        let live = self.fresh;
        let Some(admission) = self.charge(&self.call.round_bill(&live, 1)).await else {
            return self.unsure(live);
        };
        let done = if replaced { Status::Replaced } else { Status::Resent };
        match admission.refused() {
            // Another call joined it and texted it first.
            Some(refusal) if refusal.which <= place::CHALLENGE => {
                self.joined(live, &admission).unwrap_or_else(|GivesWay| self.unsure(live))
            }
            _ => self.text(live, &admission, (&admission, place::PHONE), done).await,
        }
    }

    /// Texts a live challenge once more, if its gap has passed; one that is too old for that gives way.
    pub(super) async fn deliver_again(&self, live: LiveChallenge) -> Result<Presented, GivesWay> {
        let Some(own) = self.charge(&self.call.challenge_bill(&live, 1)).await else {
            return Ok(self.unsure(live));
        };
        let tries = own.standing(place::TRIES).map_or(0, |standing| standing.remaining);
        if own.refused().is_some() || Course::Join.with_tries(tries) == Course::Replace {
            return self.joined(live, &own);
        }
        let Some(now) = self.call.now() else { return Ok(self.unsure(live)) };
        if !machine::may_be_texted_again(&live, self.own, &self.call.engine.policy, now) {
            return Err(GivesWay);
        }
        let Some(phone) = self.charge(&self.call.phone_bill(1)).await else { return Ok(self.unsure(live)) };
        Ok(self.text(live, &own, (&phone, 0), Status::Resent).await)
    }

    /// Sends, unless the phone's quota refused. `own` answers for the challenge, `said` for the phone, at `phone`.
    ///
    /// Up to here a decoy has taken the same steps. What follows takes the equal time, whatever comes of it.
    async fn text(
        &self,
        live: LiveChallenge,
        own: &Admission,
        (said, phone): (&Admission, usize),
        done: Status,
    ) -> Presented {
        let tries = own.standing(place::TRIES).map_or(0, |standing| standing.remaining);
        let of_challenge =
            own.standing(place::CHALLENGE).map_or(live.expires_at, |standing| standing.more_at);
        let of_phone = said.standing(phone).map_or(live.expires_at, |standing| standing.more_at);
        let resend_at = of_challenge.min(self.gives_way_at(&live)).max(of_phone);
        let presented = |status, at_equal_time| Presented {
            live,
            tries_left: small(tries),
            resend_at,
            status: self.status(status),
            at_equal_time,
        };
        if said.refused().is_some() {
            self.call.note(Occurrence::SendThrottled);
            return presented(Status::Wait, false);
        }
        if let Some(occurrence) = self.send(&live).await {
            self.call.note(occurrence);
        }
        presented(done, true)
    }

    /// Pays the wide quotas, derives the code, writes the text and hands it over. Nobody outside hears what became of it.
    async fn send(&self, live: &LiveChallenge) -> Option<Occurrence> {
        let (call, engine) = (self.call, self.call.engine);
        let phone = match (call.binding.phone, call.decoy) {
            (Some(phone), None) => phone,
            (_, Some(Decoy::Blocked)) => return Some(Occurrence::SendBlocked),
            (_, _) => return Some(Occurrence::SendSkippedUnknown),
        };
        let wide = self.charge_until(call.wide_bill(&phone, live).charges()?, call.send_until()).await?;
        if wide.refused().is_some() {
            return Some(Occurrence::SendThrottledWide);
        }
        let now = engine.clock.now();
        if now >= call.send_until().min(call.deadline) {
            return Some(Occurrence::DeadlinePassed);
        }
        // A joined challenge whose key was dropped: its texts cannot be written any more.
        let Some(code) = engine.keys.derive(live, &call.binding) else { return Some(Occurrence::KeyUnknown) };
        let minutes = minutes_left(now, live.expires_at);
        let message = SmsMessage::new(phone, engine.policy.message().write(code.expose_secret(), minutes));
        Some(match within(&*engine.clock, call.send_until(), engine.sms.send(&message)).await {
            Some(Ok(_)) => Occurrence::CodeSent,
            Some(Err(SendError::Refused(_))) => Occurrence::SendRefused,
            Some(Err(SendError::TryAnother(_))) => Occurrence::SendFailed,
            Some(Err(SendError::Unknown(_))) | None => Occurrence::SendUnknown,
        })
    }

    /// Pays, under this call's own id: a call that is repeated on the way pays once, another call pays itself.
    pub(super) async fn charge(&self, bill: &[Charge]) -> Option<Admission> {
        self.charge_until(bill, self.call.deadline).await
    }

    async fn charge_until(&self, bill: &[Charge], until: Timestamp) -> Option<Admission> {
        let id = ActId::from_bytes(*self.fresh.nonce.as_bytes());
        self.call.charge(id, bill, until).await
    }
}

/// Whole minutes until the code is dead, at least one: "it expires in 5 min".
fn minutes_left(now: Timestamp, expires_at: Timestamp) -> u64 {
    (now.seconds_until(expires_at) / 60).max(1)
}
