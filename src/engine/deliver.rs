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
    ports::{ActId, Admission, Charge, Occurrence, SendError, SmsMessage},
    types::{LiveChallenge, Status, Timestamp},
};

impl Draft<'_, '_> {
    /// Texts the challenge that this call has just made.
    pub(super) async fn deliver_fresh(&self, replaced: bool) -> Presented {
        let live = self.fresh;
        let Some(paid) = self.charge(&self.call.text_bill(&live)).await else {
            return self.unsure(live);
        };
        let done = if replaced { Status::Replaced } else { Status::Resent };
        self.text(live, &paid, done).await.unwrap_or_else(|GivesWay| self.unsure(live))
    }

    /// Texts a live challenge once more, if its gap has passed; one that is too old for that gives way.
    ///
    /// Asks before it pays, at the price of none: a text that the phone would not pay for must not cost the challenge one
    /// of its own. Whoever overtakes it between the two is met as the bill finds them.
    pub(super) async fn deliver_again(&self, live: LiveChallenge) -> Result<Presented, GivesWay> {
        let Some(asked) = self.charge(&self.call.joined_bill(&live)).await else {
            return Ok(self.unsure(live));
        };
        let said = Standings::of(&asked, place::JOINED);
        let used_up = Course::Join.with_tries(said.tries_left()) == Course::Replace;
        if used_up || said.texts.is_none_or(|texts| texts.remaining == 0) {
            return self.joined(live, &said);
        }
        let policy = &self.call.engine.policy;
        let is_too_old = |now| !machine::may_be_texted_again(&live, self.own, policy, now);
        let Some(now) = self.call.now() else { return Ok(self.unsure(live)) };
        if is_too_old(now) {
            return Err(GivesWay);
        }
        if said.phone.is_none_or(|phone| phone.remaining == 0) {
            return Ok(self.throttled(live, &said));
        }
        let Some(paid) = self.charge(&self.call.text_bill(&live)).await else { return Ok(self.unsure(live)) };
        let Some(now) = self.call.now() else { return Ok(self.unsure(live)) };
        // The gap runs from the payment, which may have taken its time. The fresh challenge's text is the same act.
        if paid.refused().is_none() && is_too_old(now) {
            return Err(GivesWay);
        }
        self.text(live, &paid, Status::Resent).await
    }

    /// Sends, unless the challenge or the phone refused to pay. Who pays for the challenge a moment too late joins it, and
    /// asks for that anew: of the phone, which stands behind the refusal, nothing was told.
    ///
    /// Up to here a decoy has taken the same steps. What follows takes the equal time, whatever comes of it.
    async fn text(&self, live: LiveChallenge, paid: &Admission, done: Status) -> Result<Presented, GivesWay> {
        let said = Standings::of(paid, place::PAID);
        let [_, texts, _] = place::PAID;
        match paid.refused() {
            Some(refusal) if refusal.which <= texts => return self.present(live).await,
            Some(_) => return Ok(self.throttled(live, &said)),
            None => {}
        }
        let presented = self.presented(live, &said, done, true);
        if let Some(occurrence) = self.send(&live).await {
            self.call.note(occurrence);
        }
        Ok(presented)
    }

    /// The phone may not be texted now.
    fn throttled(&self, live: LiveChallenge, said: &Standings) -> Presented {
        self.call.note(Occurrence::SendThrottled);
        self.presented(live, said, Status::Wait, false)
    }

    fn presented(
        &self,
        live: LiveChallenge,
        said: &Standings,
        status: Status,
        at_equal_time: bool,
    ) -> Presented {
        let (resend_at, tries_left) = (self.resend_at(&live, said), small(said.tries_left()));
        Presented { live, tries_left, resend_at, status: self.status(status), at_equal_time }
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
        self.call.charge(self.id(), bill, until).await
    }

    /// What this call is named in the ledger.
    pub(super) const fn id(&self) -> ActId {
        ActId::from_bytes(*self.fresh.nonce.as_bytes())
    }
}

/// Whole minutes until the code is dead, at least one: "it expires in 5 min".
fn minutes_left(now: Timestamp, expires_at: Timestamp) -> u64 {
    (now.seconds_until(expires_at) / 60).max(1)
}
