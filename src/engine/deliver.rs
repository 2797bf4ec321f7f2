//! Paying for a text and handing it to the sender.

use super::{
    bill::{Standings, place},
    call::Decoy,
    create::{Draft, GivesWay, small},
    deadline::within,
    face::Presented,
};
use crate::{
    machine::{self, Course},
    ports::{ActId, Admission, Charge, Occurrence, Refusal, SendError, SmsMessage},
    types::{LiveChallenge, Status, Timestamp},
};

impl Draft<'_, '_> {
    /// Texts the challenge that this call has just made.
    pub(super) async fn deliver_fresh(&self, replaced: bool) -> Presented {
        let live = self.fresh;
        let Some(admission) = self.charge(&self.call.fresh_bill(&live)).await else {
            return self.unsure(live);
        };
        let [_, texts, _] = place::FRESH;
        let said = Standings::of(&admission, place::FRESH);
        let done = if replaced { Status::Replaced } else { Status::Resent };
        match admission.refused() {
            // Another call joined it and texted it first.
            Some(refusal) if refusal.which <= texts => {
                self.joined(live, &said).unwrap_or_else(|GivesWay| self.unsure(live))
            }
            refused => self.text(live, &said, refused, done).await,
        }
    }

    /// Texts a live challenge once more, if its gap has passed; one that is too old for that gives way.
    pub(super) async fn deliver_again(&self, live: LiveChallenge) -> Result<Presented, GivesWay> {
        let Some(own) = self.charge(&self.call.joined_bill(&live, 1)).await else {
            return Ok(self.unsure(live));
        };
        let said = Standings::of(&own, place::JOINED);
        if own.refused().is_some() || Course::Join.with_tries(said.tries_left()) == Course::Replace {
            return self.joined(live, &said);
        }
        let Some(now) = self.call.now() else { return Ok(self.unsure(live)) };
        if !machine::may_be_texted_again(&live, self.own, &self.call.engine.policy, now) {
            return Err(GivesWay);
        }
        let Some(paid) = self.charge(&self.call.phone_bill(1)).await else { return Ok(self.unsure(live)) };
        let said = Standings { phone: paid.standing(0), ..said };
        Ok(self.text(live, &said, paid.refused(), Status::Resent).await)
    }

    /// Sends, unless the phone's quota `refused`.
    ///
    /// Up to here a decoy has taken the same steps. What follows takes the equal time, whatever comes of it.
    async fn text(
        &self,
        live: LiveChallenge,
        said: &Standings,
        refused: Option<Refusal>,
        done: Status,
    ) -> Presented {
        let resend_at = self.resend_at(&live, said);
        let presented = |status, at_equal_time| Presented {
            live,
            tries_left: small(said.tries_left()),
            resend_at,
            status: self.status(status),
            at_equal_time,
        };
        if refused.is_some() {
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
