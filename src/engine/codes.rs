//! Codes outside a sign-in, by the same rules, limits and ledger as those inside.

use async_trait::async_trait;

use super::{CustomAuth, Requester, call::Call};
use crate::{
    machine::Verdict,
    ports::{BoxError, CodeCheck, Codes, Occurrence, OnlyIf, Put, Recipient, StoreError},
    types::{
        Action, ChallengeMetadata, Claimant, ClientId, FlowTag, LiveRecord, LiveState, Parameters,
        PhoneNumber, PublicChallengeParameters, Session, Status, StepName, UserName, UserPoolId,
    },
};

/// [`Codes`] that a [`CustomAuth`] texts and checks, for one app client of one user pool.
///
/// There is no session to carry between sending and checking: who has the code says whose it is, and the ledger knows which
/// one is live. Made by [`CustomAuth::codes`].
#[derive(Clone, Debug)]
pub struct AuthCodes {
    auth: CustomAuth,
    pool_id: String,
    client_id: String,
}

impl CustomAuth {
    /// Codes for sign-ups and changes of number. They share every limit with the codes of sign-ins: texts to a phone, guesses
    /// of an account, money.
    #[must_use]
    pub fn codes(&self, pool_id: impl Into<String>, client_id: impl Into<String>) -> AuthCodes {
        AuthCodes { auth: self.clone(), pool_id: pool_id.into(), client_id: client_id.into() }
    }
}

impl AuthCodes {
    fn requester<'a>(&'a self, recipient: &Recipient<'a>) -> Requester<'a> {
        Requester {
            pool: UserPoolId::new(&self.pool_id),
            client: ClientId::new(&self.client_id),
            user: UserName::new(recipient.user_name),
            claimant: recipient.claimant,
            phone: Some(recipient.phone),
        }
    }
}

#[async_trait]
impl Codes for AuthCodes {
    fn reaches(&self, phone: &PhoneNumber) -> bool {
        self.auth.0.reaches(phone).is_some()
    }

    async fn send(&self, recipient: &Recipient<'_>) -> Result<Option<PublicChallengeParameters>, StoreError> {
        let (who, started) = (self.requester(recipient), self.auth.0.clock.now());
        let (step, session) = (StepName::sms_code(), Session::new());
        let auth = &self.auth;
        let challenge = auth.present(&who, recipient.purpose, step, &session, Action::Answer, started).await;
        Ok(Some(challenge.public))
    }

    async fn check(&self, recipient: &Recipient<'_>, answer: &str) -> Result<CodeCheck, StoreError> {
        let (who, started) = (self.requester(recipient), self.auth.0.clock.now());
        let call = Call::new(&self.auth.0, &who, recipient.purpose, started, 1);
        let failed = |why: &str| StoreError::Unavailable(BoxError::from(why.to_owned()));
        let Some(round) = call.open_round().await.map_err(|()| failed("the code could not be looked up"))?
        else {
            call.note(Occurrence::ChallengeExpired);
            return Ok(CodeCheck::Expired);
        };
        Ok(match call.judge(&round, &Parameters::new(), answer).await {
            Verdict::Right => CodeCheck::Right,
            Verdict::Expired | Verdict::Superseded => CodeCheck::Expired,
            Verdict::Throttled => CodeCheck::Throttled,
            Verdict::Unavailable => return Err(failed("the answer could not be judged")),
            // A flow of its own hears nothing again.
            Verdict::RightAgain
            | Verdict::Wrong
            | Verdict::Malformed
            | Verdict::NotLookedAt
            | Verdict::Unreadable => CodeCheck::Wrong,
        })
    }
}

impl Call<'_> {
    /// A round of the person's live challenge, in a flow of its own; `None` if nothing can be answered.
    async fn open_round(&self) -> Result<Option<ChallengeMetadata>, ()> {
        let mut flow = [0; 16];
        if self.engine.entropy.fill(&mut flow).is_err() {
            self.note(Occurrence::EntropyFailed);
            return Err(());
        }
        // Reads by a swap that cannot succeed: no record is empty.
        let held = match self.put(self.person(), b"", self.started, OnlyIf::Is(b"")).await.ok_or(())? {
            Put::Done => None,
            Put::Held(held) => held,
        };
        let record = held.as_deref().and_then(LiveRecord::decode);
        let live = record.filter(|record| record.state == LiveState::Open).map(|record| record.challenge);
        let tries_left = self.engine.policy.tries_per_challenge();
        let (step, flow) = (StepName::sms_code(), FlowTag::from_bytes(flow));
        let mut round = self.metadata(step, flow, tries_left, Status::Open, live);
        round.claimant = if self.decoy.is_some() { Claimant::Unknown } else { Claimant::Known };
        Ok(live.is_some().then_some(round))
    }
}
