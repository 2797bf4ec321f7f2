//! Paying for a text and handing it to the sender.

use super::{
    bill::{Bill, place},
    call::Decoy,
    create::{Draft, GivesWay, small},
    deadline::within,
    face::Presented,
};
use crate::{
    machine,
    ports::{ActId, Admission, Occurrence, SendError, SmsMessage},
    types::{LiveChallenge, Status, Timestamp},
};

impl Draft<'_, '_> {
    /// Texts the challenge that this call has just made.
    pub(super) async fn deliver_fresh(&self, replaced: bool) -> Presented {
        let live = self.fresh;
        let Some(admission) = self.charge(&self.call.fresh_bill(&live)).await else {
            return self.unsure(live);
        };
        let done = if replaced { Status::Replaced } else { Status::Resent };
        match admission.refused() {
            // Another call joined it and texted it first.
            Some(refusal) if refusal.which <= place::CHALLENGE => {
                self.joined(live, &admission).unwrap_or_else(|GivesWay| self.unsure(live))
            }
            _ => self.text(live, &admission, place::PHONE, &admission, done).await,
        }
    }

    /// Texts a live challenge once more, if its gap has passed; one that is too old for that gives way.
    pub(super) async fn deliver_again(&self, live: LiveChallenge) -> Result<Presented, GivesWay> {
        let Some(own) = self.charge(&self.call.challenge_bill(&live, 1)).await else {
            return Ok(self.unsure(live));
        };
        let tries = own.standing(place::TRIES).map_or(0, |standing| standing.remaining);
        if own.refused().is_some() || machine::is_used_up(tries) {
            return self.joined(live, &own);
        }
        let Some(now) = self.call.now() else { return Ok(self.unsure(live)) };
        if !machine::may_be_texted_again(&live, self.own, &self.call.engine.policy, now) {
            return Err(GivesWay);
        }
        let Some(wider) = self.charge(&self.call.text_bill()).await else { return Ok(self.unsure(live)) };
        Ok(self.text(live, &own, 0, &wider, Status::Resent).await)
    }

    /// Sends, unless the phone's quota or a wider one refused. `own` answers for the challenge, `wider` for the phone (at
    /// `phone`) and the rest.
    async fn text(
        &self,
        live: LiveChallenge,
        own: &Admission,
        phone: usize,
        wider: &Admission,
        done: Status,
    ) -> Presented {
        let tries = own.standing(place::TRIES).map_or(0, |standing| standing.remaining);
        let of_challenge =
            own.standing(place::CHALLENGE).map_or(live.expires_at, |standing| standing.more_at);
        let of_phone = wider.standing(phone).map_or(live.expires_at, |standing| standing.more_at);
        let resend_at = of_challenge.min(self.gives_way_at(&live)).max(of_phone);
        let presented = |status, at_equal_time| Presented {
            live,
            tries_left: small(tries),
            resend_at,
            status: self.status(status),
            at_equal_time,
        };
        match (wider.refused(), self.call.decoy) {
            (Some(refusal), _) if refusal.which <= phone => {
                self.call.note(Occurrence::SendThrottled);
                return presented(Status::Wait, false);
            }
            (Some(_), _) => self.call.note(Occurrence::SendThrottledWide),
            (None, Some(Decoy::Blocked)) => self.call.note(Occurrence::SendBlocked),
            (None, Some(Decoy::Unknown)) => self.call.note(Occurrence::SendSkippedUnknown),
            (None, None) => self.send(&live).await,
        }
        presented(done, true)
    }

    /// Derives the code, writes the text and hands it over. Nobody outside hears what became of it.
    async fn send(&self, live: &LiveChallenge) {
        let (call, engine) = (self.call, self.call.engine);
        let (Some(phone), Some(now)) = (call.binding.phone, call.now()) else { return };
        let Some(code) = engine.keys.derive(live, &call.binding) else {
            // A joined challenge whose key was dropped: its texts cannot be written any more.
            call.note(Occurrence::KeyUnknown);
            return;
        };
        let minutes = minutes_left(now, live.expires_at);
        let message = SmsMessage::new(phone, engine.policy.message().write(code.expose_secret(), minutes));
        let until = call.equal_time().min(call.deadline);
        let until = if engine.policy.send_window().is_zero() { call.deadline } else { until };
        call.note(match within(&*engine.clock, until, engine.sms.send(&message)).await {
            Some(Ok(_)) => Occurrence::CodeSent,
            Some(Err(SendError::Refused(_))) => Occurrence::SendRefused,
            Some(Err(SendError::TryAnother(_))) => Occurrence::SendFailed,
            Some(Err(SendError::Unknown(_))) | None => Occurrence::SendUnknown,
        });
    }

    /// Pays, under this call's own id: a call that is repeated on the way pays once, another call pays itself.
    pub(super) async fn charge(&self, bill: &Bill) -> Option<Admission> {
        let (call, now) = (self.call, self.call.now()?);
        let id = ActId::from_bytes(*self.fresh.nonce.as_bytes());
        let charge = call.engine.ledger.charge(id, bill.charges(), now);
        call.answer(within(&*call.engine.clock, call.deadline, charge).await)
    }
}

/// Whole minutes until the code is dead, at least one: "it expires in 5 min".
fn minutes_left(now: Timestamp, expires_at: Timestamp) -> u64 {
    (now.seconds_until(expires_at) / 60).max(1)
}
