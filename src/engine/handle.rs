//! Bytes in, bytes out: one Cognito trigger event, answered.

use super::{CustomAuth, Requester};
use crate::{
    error::Error,
    machine::Decision,
    types::{ChallengeMetadata, Claimant, ClientId, Mark, PhoneNumber, Timestamp, UserName, UserPoolId},
    wire::{DefineAnswer, Event, Trigger},
};

impl CustomAuth {
    /// Answers one trigger event: the event comes back as it came, with its `response` filled in.
    ///
    /// The three challenge triggers are answered, and those around them as far as they were asked for: Pre Sign-up and Custom
    /// Message by the policy's [`sign_up`](crate::PolicyBuilder::sign_up), Post Confirmation and Post Authentication by the
    /// engine's [`accounts`](Self::with_accounts), Pre Token Generation by the policy's
    /// [`token_claims`](crate::PolicyBuilder::token_claims). Every other trigger source, known or not, comes back untouched.
    ///
    /// # Errors
    /// [`Error::Wire`] if the bytes are not an event. [`Error::Refused`] from Pre Sign-up and Post Authentication, which cannot say
    /// no in another way; the host lets its text through to Cognito. Everything else that can go wrong behind the event is answered like a
    /// genuine challenge, and told to the audit.
    pub async fn handle(&self, event: &[u8]) -> Result<Vec<u8>, Error> {
        self.handle_since(event, self.0.clock.now()).await
    }

    /// The same for a call that began at `started`: on a cold start, when the process did. Cognito counts from there.
    ///
    /// # Errors
    /// As [`handle`](Self::handle).
    pub async fn handle_since(&self, event: &[u8], started: Timestamp) -> Result<Vec<u8>, Error> {
        self.handle_event(&Event::parse(event)?, started).await
    }

    /// The same for an event that was read already.
    pub(crate) async fn handle_event(&self, event: &Event<'_>, started: Timestamp) -> Result<Vec<u8>, Error> {
        let (pool, client, user) = (event.user_pool_id(), event.client_id(), event.user_name());
        // An event that does not say who, where or through which client is answered like one about nobody.
        let nameless = pool.is_empty() || client.is_empty() || user.is_empty();
        let who = |claimant, phone: Option<&str>| Requester {
            pool: UserPoolId::new(pool),
            client: ClientId::new(client),
            user: UserName::new(user),
            claimant: if nameless { Claimant::Unknown } else { claimant },
            phone: phone.and_then(|phone| phone.parse::<PhoneNumber>().ok()),
        };
        Ok(match event.trigger() {
            Trigger::Define(define) => {
                let decision = self.define(&who(define.claimant, None), &define.session, define.action);
                event.answer_define(in_cognito(decision))
            }
            Trigger::Create(create) if is_ours(&create.challenge_name) => {
                let who = who(create.claimant, create.phone_number.as_deref());
                event.answer_create(&self.create(&who, &create.session, create.action, started).await)
            }
            Trigger::Verify(verify) => {
                let who = who(verify.claimant, verify.phone_number.as_deref());
                let round = verify.round.as_deref().and_then(ChallengeMetadata::decode);
                let answer = verify.answer.as_deref();
                let verdict =
                    self.verify(&who, round.as_ref(), &verify.extra, answer, verify.action, started).await;
                event.answer_verify(if verdict.is_right() { Mark::Right } else { Mark::Wrong })
            }
            Trigger::Account(account) => {
                let who = who(Claimant::Known, account.phone_number.as_deref());
                return self.around(event, account, who, started).await;
            }
            Trigger::Create(_) | Trigger::Other => event.untouched().to_vec(),
        })
    }
}

/// Cognito calls *create* for custom challenges alone; for another name, nothing of ours is asked.
fn is_ours(challenge_name: &str) -> bool {
    matches!(challenge_name, "CUSTOM_CHALLENGE" | "")
}

const fn in_cognito(decision: Decision) -> DefineAnswer {
    match decision {
        Decision::FailAuthentication(_) => DefineAnswer::FailAuthentication,
        Decision::IssueTokens(_) => DefineAnswer::IssueTokens,
        Decision::Present(_) => DefineAnswer::CustomChallenge,
        Decision::VerifyPassword => DefineAnswer::PasswordVerifier,
    }
}
