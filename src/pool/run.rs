//! The loop.

use core::fmt;
use std::sync::Arc;
#[cfg(feature = "passwords")]
use std::sync::OnceLock;

use time::Duration;

#[cfg(feature = "passwords")]
use super::computing::Computing;
use super::{
    InitiateAuth, Opening, Outcome, PoolError, PoolSettings, PresentedChallenge, PreventUserExistenceErrors,
    Respond, SessionToken, Trigger, Triggers, UnconfirmedGate, UserPoolBuilder,
    around::carried,
    event::Envelope,
    flow::{Flow, RoundName, RoundResult},
    invoke::invoke,
    output,
    seal::{Keyring, NONCE},
    user::{User, made_up_name},
};
use crate::{
    accounts::Accounts,
    ports::{Clock, Entropy, Ledger, OnlyIf, Put, StoreError, Subject, SubjectKind, UserStore},
    types::{Claimant, Mark, Parameters, Pseudonym},
};

/// Runs the loop that Cognito runs, for one app client of one user pool.
///
/// ```
/// use custom_auth::pool::{Outcome, PoolError, UserPool};
///
/// # async fn login(pool: &UserPool, typed: &str) -> Result<(), PoolError> {
/// let challenge = pool.sign_in("+919999900001").await?;            // a text is on its way
/// match pool.answer(challenge.token(), typed).await? {
///     Outcome::SignedIn(person) => println!("welcome, {}", person.user_name()),
///     Outcome::Challenge(next) => println!("not yet: {:?}", next.parameters().get("status")),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
///
/// From outside a user that does not exist looks like one that does: the same calls in the same order, the same
/// members, the same token length, a name that stays the same. What it cannot hide is what Cognito does not hide
/// either: an account that was never confirmed or is switched off is told so. Clones share everything.
#[derive(Clone)]
pub struct UserPool(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) triggers: Arc<dyn Triggers>,
    pub(super) users: Arc<dyn UserStore>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) keys: Keyring,
    /// What tokens are bound to.
    pub(super) context: Vec<u8>,
    /// The same for tokens that go on after a sign-up was confirmed.
    pub(super) continuation: Vec<u8>,
    /// The same for sessions in which a password is proven.
    #[cfg(feature = "passwords")]
    pub(super) password: Vec<u8>,
    /// Where passwords are worked out, if the host has a place for it.
    #[cfg(feature = "passwords")]
    pub(super) computing: OnceLock<Arc<dyn Computing>>,
    /// The same for refresh tokens.
    pub(super) refresh: Vec<u8>,
    /// The same for sessions of a sign-up.
    pub(super) sign_up: Vec<u8>,
    pub(super) accounts: Option<Accounts>,
    pub(super) settings: PoolSettings,
    pub(super) pool_id: String,
    pub(super) client_id: String,
}

/// The longest user name (Cognito: `UsernameType`) and the longest answer (`StringType`), in characters.
const MAX_USERNAME: usize = 128;
const MAX_ANSWER: usize = 131_072;
/// How much longer than the token a note of its use is kept, so that a process whose clock is slow, beside a store
/// whose clock is fast, still finds it.
const CLOCK_SKEW: Duration = Duration::MINUTE;

impl UserPool {
    /// Begins to put a pool together.
    pub fn builder() -> UserPoolBuilder {
        UserPoolBuilder::new()
    }

    pub(super) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The user pool's id.
    #[must_use]
    pub fn pool_id(&self) -> &str {
        &self.0.pool_id
    }

    /// How Cognito's open questions are settled here.
    #[must_use]
    pub fn settings(&self) -> &PoolSettings {
        &self.0.settings
    }

    /// The app client's id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Begins a sign-in with a phone number, or the pool's own name for the user. A number that is not in E.164 form (with
    /// spaces, say) is an unknown person: parse a [`PhoneNumber`](crate::PhoneNumber) first, or read what was typed with
    /// `PhoneNumberReader`, which feature `phonenumber` adds.
    ///
    /// # Errors
    /// [`PoolError`]; [`UnexpectedTokens`](PoolError::UnexpectedTokens) if *define* asks for no answer at all.
    pub async fn sign_in(&self, username: &str) -> Result<PresentedChallenge, PoolError> {
        match self.initiate_auth(InitiateAuth::new(username)).await? {
            Outcome::Challenge(challenge) => Ok(challenge),
            Outcome::Dormant(_) | Outcome::SignedIn(_) => Err(PoolError::UnexpectedTokens),
        }
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// [`PoolError`]. A wrong answer is no error, as long as *define* lets the person try again.
    pub async fn answer(&self, token: &SessionToken, answer: &str) -> Result<Outcome, PoolError> {
        self.respond(Respond::new(token, answer)).await
    }

    /// Asks for the code again: an answer with client metadata `{"action": "resend"}`.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn resend(&self, token: &SessionToken) -> Result<Outcome, PoolError> {
        let metadata = Parameters::from([("action".to_owned(), "resend".to_owned())]);
        self.respond(Respond::new(token, "resend").client_metadata(&metadata)).await
    }

    /// Begins a sign-in.
    ///
    /// A user store that is down makes everybody unknown, as its port says.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn initiate_auth(&self, request: InitiateAuth<'_>) -> Result<Outcome, PoolError> {
        let user = self.0.find(request.username).await?;
        let gate = user.gate();
        if self.0.settings.unconfirmed_gate == UnconfirmedGate::BeforeDefine {
            gate?;
        } else if matches!(gate, Err(PoolError::Disabled)) {
            return Err(PoolError::Disabled);
        }
        self.0.before_authentication(&user, request.client_metadata).await?;
        let session = match request.opening {
            Opening::Custom => Vec::new(),
            Opening::SrpA => vec![RoundResult { name: RoundName::SrpA, mark: Mark::Right, metadata: None }],
        };
        #[cfg(feature = "passwords")]
        if let (Opening::SrpA, Some(srp_a)) = (request.opening, request.srp_a) {
            return self.0.advance_with_srp(&user, session, srp_a).await;
        }
        self.0.advance(&user, session, None).await
    }

    /// Answers a challenge.
    ///
    /// A request that is refused unread (a parameter missing or too long, another user's name, an expired token, a user
    /// store that is down) leaves the token as it was. After that the token is used up, whatever comes of the call: as
    /// on Cognito, an error in a round ends the sign-in.
    ///
    /// # Errors
    /// [`PoolError`]. When the ledger fails nothing is judged; whether the token is used up is not known.
    pub async fn respond(&self, request: Respond<'_>) -> Result<Outcome, PoolError> {
        let pool = &*self.0;
        let mut flow = pool.open(&request)?;
        let user = pool.find_again(&flow).await?;
        if let Some(username) = request.username {
            let made_up = pool.made_up_name(username)?;
            if !user.is_called(username, &made_up) {
                return Err(PoolError::SessionInvalid);
            }
        }
        user.gate()?;
        pool.burn(&flow).await?;
        let metadata = carried(request.client_metadata);
        let event = pool.envelope(&user).verify(&flow.private, request.answer, metadata)?;
        let mark = output::verify(&pool.invoke(Trigger::VerifyAuthChallengeResponse, &event).await?)?;
        flow.results.push(RoundResult { name: RoundName::Custom, mark, metadata: flow.metadata });
        pool.advance(&user, flow.results, metadata).await
    }
}

impl Parts {
    pub(super) fn seal(
        &self,
        flow: &Flow,
        nonce: [u8; NONCE],
        context: &[u8],
    ) -> Result<SessionToken, PoolError> {
        SessionToken::seal(flow, &self.keys, nonce, context)
            .ok_or_else(|| PoolError::Internal("the session does not fit a token".into()))
    }

    /// Opens the token, if the request is one that can be carried out.
    fn open(&self, request: &Respond<'_>) -> Result<Flow, PoolError> {
        let (text, limit) = (request.token.as_str(), self.settings.session_limit);
        if text.is_empty() {
            return Err(PoolError::MissingParameter("Session"));
        }
        // Bytes are characters here: anything but ASCII is no token anyway.
        if text.len() > limit {
            return Err(PoolError::ParameterTooLong { name: "session", limit });
        }
        if let Some(username) = request.username {
            check_username(username)?;
        }
        if request.answer.chars().count() > MAX_ANSWER {
            return Err(PoolError::ParameterTooLong { name: "challengeResponses", limit: MAX_ANSWER });
        }
        let flow = request.token.open(&self.keys, &self.context).ok_or(PoolError::SessionInvalid)?;
        self.check_alive(&flow)?;
        Ok(flow)
    }

    pub(super) fn check_alive(&self, flow: &Flow) -> Result<(), PoolError> {
        if self.clock.now() < flow.expires_at { Ok(()) } else { Err(PoolError::SessionExpired) }
    }

    /// Uses the token up: of several at once, over all processes, one gets past here.
    pub(super) async fn burn(&self, flow: &Flow) -> Result<(), PoolError> {
        // Looking the user up may have taken its time.
        self.check_alive(flow)?;
        let subject = Subject::new(SubjectKind::Token, Pseudonym::from_bytes(flow.token_id));
        let dead_at = flow.expires_at + CLOCK_SKEW;
        match self.ledger.put(subject, b"", dead_at, OnlyIf::Absent, self.clock.now()).await? {
            Put::Done => Ok(()),
            Put::Held(_) => Err(PoolError::SessionUsed),
        }
    }

    /// Who `username` is, at the start of a sign-in. The same work for somebody unknown.
    pub(super) async fn find(&self, username: &str) -> Result<User, PoolError> {
        check_username(username)?;
        let user_name = self.made_up_name(username)?;
        let found = match username.parse() {
            Ok(phone) => self.users.find_by_phone(&phone).await,
            Err(_) => self.users.find_by_name(username).await,
        };
        match (found, self.settings.prevent_user_existence_errors) {
            (Ok(Some(subscriber)), _) => Ok(User::Known(subscriber)),
            (Ok(None) | Err(_), PreventUserExistenceErrors::Enabled) => Ok(User::Unknown { user_name }),
            (Ok(None), PreventUserExistenceErrors::Legacy) => Err(PoolError::UserNotFound),
            (Err(error), PreventUserExistenceErrors::Legacy) => Err(error.into()),
        }
    }

    /// Who a sign-in under way belongs to, as the account is now. The same work for somebody unknown, who stays so
    /// until the next sign-in.
    pub(super) async fn find_again(&self, flow: &Flow) -> Result<User, PoolError> {
        if let Some(phone) = flow.phone {
            return Ok(User::Holder { user_name: flow.user_name.clone(), phone });
        }
        let found: Result<_, StoreError> = self.users.find_by_name(&flow.user_name).await;
        match (flow.claimant, found?) {
            (Claimant::Known, Some(subscriber)) => Ok(User::Known(subscriber)),
            // Deleted since.
            (Claimant::Known, None) => Err(PoolError::NotAuthorized),
            (Claimant::Unknown, _) => Ok(User::Unknown { user_name: flow.user_name.clone() }),
        }
    }

    pub(super) fn made_up_name(&self, username: &str) -> Result<String, PoolError> {
        made_up_name(&self.keys, &self.pool_id, username)
            .ok_or_else(|| PoolError::Internal("no name could be made up".into()))
    }

    /// Under which name the ledger keeps what is no account's: made of two `halves`, which no other kind of subject shares.
    pub(super) fn made_up_subject(
        &self,
        kind: SubjectKind,
        halves: [u8; 2],
        scope: &str,
        name: &str,
    ) -> Result<Subject, PoolError> {
        let [Some(first), Some(second)] = halves.map(|half| self.keys.made_up(half, scope, name)) else {
            return Err(PoolError::Internal("no name could be made".into()));
        };
        let id = u128::from(first) << 64 | u128::from(second);
        Ok(Subject::new(kind, Pseudonym::from_bytes(id.to_be_bytes())))
    }

    pub(super) fn envelope<'a>(&'a self, user: &'a User) -> Envelope<'a> {
        Envelope {
            pool: &self.pool_id,
            client: &self.client_id,
            user,
            user_not_found: match self.settings.prevent_user_existence_errors {
                PreventUserExistenceErrors::Enabled => Some(user.claimant() == Claimant::Unknown),
                PreventUserExistenceErrors::Legacy => None,
            },
        }
    }

    pub(super) async fn invoke(&self, trigger: Trigger, event: &[u8]) -> Result<Vec<u8>, PoolError> {
        invoke(&*self.triggers, &*self.clock, self.settings.trigger_timeout, trigger, event).await
    }

    /// A name that nothing else has, and a nonce to seal something with.
    pub(super) fn draw(&self) -> Result<([u8; 16], [u8; NONCE]), PoolError> {
        let mut drawn = [0; 16 + NONCE];
        self.entropy.fill(&mut drawn)?; // one call to the system
        let (mut random, mut nonce) = ([0; 16], [0; NONCE]);
        let to = random.iter_mut().chain(&mut nonce);
        to.zip(drawn).for_each(|(to, from)| *to = from);
        Ok((*Pseudonym::in_order(self.clock.now(), &random).as_bytes(), nonce))
    }
}

fn check_username(username: &str) -> Result<(), PoolError> {
    if username.is_empty() {
        return Err(PoolError::MissingParameter("USERNAME"));
    }
    if username.chars().count() > MAX_USERNAME {
        return Err(PoolError::ParameterTooLong { name: "username", limit: MAX_USERNAME });
    }
    Ok(())
}

impl fmt::Debug for UserPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserPool")
            .field("pool_id", &self.0.pool_id)
            .field("client_id", &self.0.client_id)
            .finish_non_exhaustive()
    }
}
