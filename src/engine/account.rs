//! The triggers around the challenge: who may sign up, what a proof changes about an account, what tokens say of it.

use time::Duration;

use super::{CustomAuth, Requester, call::Call, deadline::within};
use crate::{
    accounts::{AccountError, Dormant, Proven},
    error::{Error, TriggerRefusal},
    ports::{ActId, Charge, NumberFit, Occurrence, OnlyIf, Put, Subject, SubjectKind},
    types::{LiveRecord, LiveState, Pseudonym, Purpose, Timestamp},
    wire::{AccountEvent, AccountTrigger, Event},
};

/// How long after it was given a proof is taken for the one that this sign-in is about. Cognito asks what follows a right answer
/// within the same call; a plan's further steps may come between.
const PROOF_COUNTS: Duration = Duration::minutes(5);

impl CustomAuth {
    /// The dormant account whose number this person has proven a moment ago, for the host to decide about: another proof and
    /// then [`Accounts::wake`](crate::Accounts::wake), or [`Accounts::start_anew`](crate::Accounts::start_anew). `None` if
    /// there was no such proof within five minutes, or the account does not sleep.
    ///
    /// For hosts whose loop is Cognito's: Post Authentication can only refuse there
    /// ([`AccountDormant`](TriggerRefusal::AccountDormant)), so the client goes to an endpoint of the host's, which asks here.
    /// **Whoever calls that endpoint has shown nothing by calling it**: somebody else proved the number, perhaps. Such a caller gets
    /// into nothing, but could choose for the owner; so ask for a code of your own first ([`codes`](Self::codes)).
    ///
    /// # Errors
    /// [`AccountError::Store`].
    pub async fn dormant(&self, who: &Requester<'_>) -> Result<Option<Dormant>, AccountError> {
        let (Some(accounts), Some(phone)) = (&self.0.accounts, who.phone) else { return Ok(None) };
        let call = Call::new(&self.0, who, Purpose::SignIn, self.0.clock.now(), 0);
        let Some(at) = call.proven_at().await else { return Ok(None) };
        accounts.asleep(who.user.as_str(), &phone, at).await
    }

    /// Answers a trigger around the challenge.
    pub(super) async fn around(
        &self,
        event: &Event<'_>,
        account: &AccountEvent<'_>,
        who: Requester<'_>,
        started: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let untouched = || event.untouched().to_vec();
        match account.trigger {
            AccountTrigger::CustomMessage => {
                let text = account.code_parameter.as_deref().and_then(|code| self.sign_up_text(code));
                Ok(text.map_or_else(untouched, |text| event.answer_custom_message(&text)))
            }
            AccountTrigger::PreSignUp => {
                let Some(policy) = self.0.policy.sign_up() else { return Ok(untouched()) };
                self.pre_sign_up(&who, started).await?;
                Ok(event.answer_pre_sign_up(policy.auto_confirm(), policy.danger_auto_verify_phone()))
            }
            AccountTrigger::PostConfirmation => {
                // Confirmed by an operator, or when it was made: nobody has proven anything.
                if account.phone_number_verified {
                    self.post_confirmation(&who, started).await;
                }
                Ok(untouched())
            }
            AccountTrigger::PostAuthentication => {
                self.post_authentication(&who, started).await?;
                Ok(untouched())
            }
            AccountTrigger::TokenGeneration => {
                if !self.0.policy.token_claims() {
                    return Ok(untouched());
                }
                let call = Call::new(&self.0, &who, Purpose::SignIn, started, 0);
                let Some(at) = call.proven_at().await else { return Ok(untouched()) };
                let time = at.as_unix_millis().div_euclid(1_000).to_string();
                // `sms` as in RFC 8176, section 2.
                let claims = [("custom_auth:method", "sms"), ("custom_auth:time", time.as_str())];
                Ok(event.answer_token_generation(&claims))
            }
        }
    }

    /// What the text with a sign-up's code says, `code` standing for it; `None` where Cognito's own words are to stand.
    fn sign_up_text(&self, code: &str) -> Option<String> {
        /// Cognito refuses a longer one (Developer Guide, "Custom message Lambda trigger").
        const MOST: usize = 140;
        let template = self.0.policy.sign_up().as_ref()?.message().as_ref()?;
        let text = template.write(code, 0).expose_secret().to_owned();
        (!code.is_empty() && text.chars().count() <= MOST).then_some(text)
    }

    /// Whether an account may be made for this number: its form, its kind, its destination, then how often.
    ///
    /// Nothing is asked about accounts, so that a refusal tells of none.
    async fn pre_sign_up(&self, who: &Requester<'_>, started: Timestamp) -> Result<(), TriggerRefusal> {
        let call = Call::new(&self.0, who, Purpose::SignUp, started, 0);
        let refused = |occurrence, refusal| {
            call.note(occurrence);
            Err(refusal)
        };
        let fit = who.phone.map_or(NumberFit::NoSuchNumber, |phone| self.0.numbers.check(&phone));
        match (fit, call.decoy) {
            (NumberFit::NoSuchNumber, _) => {
                return refused(Occurrence::SignUpNumberInvalid, TriggerRefusal::NumberInvalid);
            }
            (NumberFit::WrongKind, _) | (NumberFit::Fits, Some(_)) => {
                return refused(Occurrence::SignUpBlocked, TriggerRefusal::NumberNotSupported);
            }
            (NumberFit::Fits, None) => {}
        }
        let Some([of_number, of_all]) = self.0.quotas.sign_ups else { return Ok(()) };
        // Cognito may ask again about the same sign-up: one name, one number, paid once.
        let (pool, client, user) = (who.pool.as_str(), who.client.as_str(), who.user.as_str());
        let phone = who.phone.map(|phone| phone.e164().to_owned()).unwrap_or_default();
        let parts = [pool.as_bytes(), client.as_bytes(), user.as_bytes(), phone.as_bytes()];
        let id = ActId::from_bytes(*self.0.keys.pseudonym(b"sign-up", &parts).as_bytes());
        let everybody =
            Subject::new(SubjectKind::Everybody, Pseudonym::from_bytes(*b"everybody\0\0\0\0\0\0\0"));
        let bill = [Charge::new(call.phone(), of_number, 1), Charge::new(everybody, of_all, 1)];
        match call.charge(id, &bill, call.deadline).await {
            Some(paid) if paid.refused().is_none() => Ok(()),
            Some(_) => refused(Occurrence::SignUpThrottled, TriggerRefusal::TooManySignUps),
            None => Err(TriggerRefusal::Unavailable),
        }
    }

    /// A code of Cognito's own was answered: whoever signed the number up may have been a stranger.
    async fn post_confirmation(&self, who: &Requester<'_>, started: Timestamp) {
        let (Some(accounts), Some(phone)) = (&self.0.accounts, who.phone) else { return };
        let call = Call::new(&self.0, who, Purpose::SignIn, started, 0);
        let confirmed = accounts.note_confirmation(who.user.as_str(), &phone);
        call.done(within(&*self.0.clock, call.deadline, confirmed).await);
    }

    /// Somebody is about to get tokens. What their proof changes about the account is done first; where it cannot be done the
    /// sign-in goes on, and the next one does it. What the accounts decide against is refused.
    async fn post_authentication(
        &self,
        who: &Requester<'_>,
        started: Timestamp,
    ) -> Result<(), TriggerRefusal> {
        let (Some(accounts), Some(phone)) = (&self.0.accounts, who.phone) else { return Ok(()) };
        let call = Call::new(&self.0, who, Purpose::SignIn, started, 0);
        let (user, clock) = (who.user.as_str(), &*self.0.clock);
        let Some(at) = call.proven_at().await else {
            // Signed in by something else, such as a password: that proves no number.
            call.done(within(clock, call.deadline, accounts.note_sign_in_without_proof(user)).await);
            return Ok(());
        };
        let proven = call.done(within(clock, call.deadline, accounts.note_sign_in(user, &phone, at)).await);
        let (occurrence, refusal) = match proven {
            Some(Proven::SignedIn(_)) | None => return Ok(()),
            // The accounts have noted it.
            Some(Proven::Dormant(_)) => return Err(TriggerRefusal::AccountDormant),
            Some(Proven::NumberLost) => (Occurrence::NumberLost, TriggerRefusal::NumberLost),
            Some(Proven::Refused(_)) => (Occurrence::AccountClosed, TriggerRefusal::AccountClosed),
        };
        call.note(occurrence);
        Err(refusal)
    }
}

impl Call<'_> {
    /// When this person proved their number for this client, if that was a moment ago. The event does not say how somebody
    /// signed in, the ledger does.
    async fn proven_at(&self) -> Option<Timestamp> {
        // Reads by a swap that cannot succeed: no record is empty.
        let held = match self.put(self.person(), b"", self.started, OnlyIf::Is(b"")).await? {
            Put::Done => None,
            Put::Held(held) => held,
        };
        match LiveRecord::decode(&held?)?.state {
            LiveState::Open => None,
            LiveState::Redeemed { at, .. } => (self.now()? < at + PROOF_COUNTS).then_some(at),
        }
    }

    /// What came of work on an account; `None`, noted, if it failed or came too late.
    fn done<T>(&self, work: Option<Result<T, AccountError>>) -> Option<T> {
        let done = work.and_then(Result::ok);
        if done.is_none() {
            self.note(Occurrence::AccountWorkFailed);
        }
        done
    }
}
