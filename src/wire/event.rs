//! A trigger event, borrowed from the bytes it came as.

use core::fmt;
use std::{borrow::Cow, ops::Range};

use super::{
    AccountEvent, AccountTrigger, DefineAnswer, MAX_EVENT_BYTES, WireError, answer,
    mark::{Scanner, Stop},
    request::{Envelope, Request},
    scan::Members,
    splice::Splice,
};
use crate::types::{Action, Challenge, Claimant, Mark, Parameters, Session};

/// A trigger event as Cognito sent it, and what this crate reads of it.
///
/// ```
/// use custom_auth::wire::{DefineAnswer, Event, Trigger};
///
/// let bytes = br#"{ "triggerSource": "DefineAuthChallenge_Authentication",
///                   "request": { "session": [] }, "response": null, "new": 1e400 }"#;
/// let event = Event::parse(bytes)?;
/// assert!(matches!(event.trigger(), Trigger::Define(_)));
/// assert_eq!(
///     event.answer_define(DefineAnswer::FailAuthentication),
///     br#"{ "triggerSource": "DefineAuthChallenge_Authentication",
///                   "request": { "session": [] }, "response": {"challengeName":null,"issueTokens":false,"failAuthentication":true}, "new": 1e400 }"#,
/// );
/// # Ok::<(), custom_auth::wire::WireError>(())
/// ```
pub struct Event<'a> {
    bytes: &'a [u8],
    /// Where the answer goes.
    response: Splice,
    user_pool_id: Cow<'a, str>,
    client_id: Cow<'a, str>,
    user_name: Cow<'a, str>,
    trigger: Trigger<'a>,
}

/// What Cognito asks (`triggerSource`).
#[derive(Debug)]
#[non_exhaustive]
pub enum Trigger<'a> {
    /// `DefineAuthChallenge_Authentication`: what comes next?
    Define(DefineEvent),
    /// `CreateAuthChallenge_Authentication`: make the challenge.
    Create(CreateEvent<'a>),
    /// `VerifyAuthChallengeResponse_Authentication`: is this answer right?
    Verify(VerifyEvent<'a>),
    /// One of those around it: sign-up, confirmation, after a sign-in, tokens, Cognito's own texts.
    Account(AccountEvent<'a>),
    /// Every other source, new ones too, and none at all: not ours to answer.
    Other,
}

/// What *define* reads.
#[derive(Debug)]
#[non_exhaustive]
pub struct DefineEvent {
    /// What was presented and answered so far.
    pub session: Session,
    /// Whether the pool knows the user.
    pub claimant: Claimant,
    /// What the client asked for with its last answer.
    pub action: Action,
}

/// What *create* reads.
#[non_exhaustive]
pub struct CreateEvent<'a> {
    /// Which challenge to make; Cognito asks for `CUSTOM_CHALLENGE` only. Empty if it does not say.
    pub challenge_name: Cow<'a, str>,
    /// What was presented and answered so far.
    pub session: Session,
    /// Whether the pool knows the user.
    pub claimant: Claimant,
    /// What the client asked for with its last answer.
    pub action: Action,
    /// The user's `phone_number` attribute, unchecked.
    pub phone_number: Option<Cow<'a, str>>,
}

/// What *verify* reads. There is no session in this event.
#[non_exhaustive]
pub struct VerifyEvent<'a> {
    /// The round that *create* wrote under [`PrivateChallengeParameters::KEY`], unchecked.
    ///
    /// [`PrivateChallengeParameters::KEY`]: crate::PrivateChallengeParameters::KEY
    pub round: Option<Cow<'a, str>>,
    /// The other private parameters: what a step of the host's own kept. Values that are no strings are left out.
    pub extra: Parameters,
    /// What the client sent as `ANSWER`.
    pub answer: Option<Cow<'a, str>>,
    /// Whether the pool knows the user.
    pub claimant: Claimant,
    /// What the client asked for with this answer.
    pub action: Action,
    /// The user's `phone_number` attribute, unchecked.
    pub phone_number: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// Reads an event in one walk over its bytes.
    ///
    /// # Errors
    /// [`WireError`] if the bytes are too many, or no JSON object, or hold twice what is read once.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(WireError::TooLarge);
        }
        let mut scanner = Scanner::new(bytes)?;
        let mut envelope = Envelope::default();
        let (members, end) = match whole(&mut envelope, &mut scanner) {
            Ok(read) => read,
            Err(Stop) => return Err(scanner.error()),
        };
        let response = match (envelope.response.value(), members) {
            (_, Members::NotAnObject) => return Err(WireError::NotAnObject),
            (Some(Range { start, end }), _) => Splice::Replace { start, end },
            (None, Members::Some) => Splice::Append { brace: end - 1 },
            (None, Members::None) => Splice::Only { brace: end - 1 },
        };
        let source = envelope.trigger_source.value();
        let request = envelope.request.members;
        let trigger = match source.as_deref().and_then(AccountTrigger::from_source) {
            None => Trigger::new(source.as_deref(), request),
            Some(trigger) => {
                let mut again = Scanner::new(bytes)?;
                let read = AccountEvent::read(trigger, request.phone_number.value(), &mut again);
                Trigger::Account(read.map_err(|Stop| again.error())?)
            }
        };
        Ok(Self {
            bytes,
            response,
            user_pool_id: envelope.user_pool_id.value().unwrap_or_default(),
            client_id: envelope.caller.members.client_id.value().unwrap_or_default(),
            user_name: envelope.user_name.value().unwrap_or_default(),
            trigger,
        })
    }

    /// What is asked.
    #[must_use]
    pub const fn trigger(&self) -> &Trigger<'a> {
        &self.trigger
    }

    /// The pool (Cognito: `userPoolId`); empty if the event does not say.
    #[must_use]
    pub fn user_pool_id(&self) -> &str {
        &self.user_pool_id
    }

    /// The app client (Cognito: `callerContext.clientId`); empty if the event does not say, and
    /// `CLIENT_ID_NOT_APPLICABLE` for an operator's call without one.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The pool's own name for the user (Cognito: `userName`); empty if the event does not say.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The event as it came: the answer to a trigger that is not ours.
    #[must_use]
    pub const fn untouched(&self) -> &'a [u8] {
        self.bytes
    }

    /// The event with *define*'s answer: the bytes to hand back to Cognito.
    #[must_use]
    pub fn answer_define(&self, decision: DefineAnswer) -> Vec<u8> {
        self.response.put(self.bytes, decision.as_json())
    }

    /// The event with *create*'s answer: the bytes to hand back to Cognito.
    #[must_use]
    pub fn answer_create(&self, challenge: &Challenge) -> Vec<u8> {
        self.response.put(self.bytes, answer::Created::new(challenge))
    }

    /// The event with *verify*'s answer: the bytes to hand back to Cognito.
    #[must_use]
    pub fn answer_verify(&self, mark: Mark) -> Vec<u8> {
        self.response.put(self.bytes, answer::verified(mark))
    }

    /// The event with Pre Sign-up's consent: the bytes to hand back to Cognito. A refusal is no answer but an error.
    #[must_use]
    pub fn answer_pre_sign_up(&self, auto_confirm: bool, auto_verify_phone: bool) -> Vec<u8> {
        let response = AccountEvent::admitted(self.old_response(), auto_confirm, auto_verify_phone);
        self.response.put(self.bytes, &*response)
    }

    /// The event with the text of a sign-up's message, Cognito's mark for the code in it: the bytes to hand back.
    #[must_use]
    pub fn answer_custom_message(&self, text: &str) -> Vec<u8> {
        self.response.put(self.bytes, &*AccountEvent::message(self.old_response(), text))
    }

    /// The event with claims added to what its `response` says already: the bytes to hand back. Untouched if it is no event about
    /// tokens.
    #[must_use]
    pub fn answer_token_generation(&self, claims: &[(&str, &str)]) -> Vec<u8> {
        let Trigger::Account(account) = &self.trigger else { return self.bytes.to_vec() };
        let event = core::str::from_utf8(self.bytes).unwrap_or_default();
        self.response.put(self.bytes, &*account.claims(event, self.old_response(), claims))
    }

    /// `response` as it came; `null` if it did not. All of an event is UTF-8.
    fn old_response(&self) -> &str {
        match self.response {
            Splice::Replace { start, end } => {
                self.bytes.get(start..end).and_then(|bytes| core::str::from_utf8(bytes).ok())
            }
            Splice::Append { .. } | Splice::Only { .. } => None,
        }
        .unwrap_or("null")
    }
}

impl<'a> Trigger<'a> {
    fn new(source: Option<&str>, mut request: Request<'a>) -> Self {
        let claimant = request.claimant.value().unwrap_or(Claimant::Known);
        let action = request.action.value().unwrap_or_default();
        let session = request.session.value().unwrap_or_default();
        let phone_number = request.phone_number.value();
        match source {
            Some("DefineAuthChallenge_Authentication") => {
                Self::Define(DefineEvent { session, claimant, action })
            }
            Some("CreateAuthChallenge_Authentication") => Self::Create(CreateEvent {
                challenge_name: request.challenge_name.value().unwrap_or_default(),
                session,
                claimant,
                action,
                phone_number,
            }),
            Some("VerifyAuthChallengeResponse_Authentication") => Self::Verify(VerifyEvent {
                extra: request.private.members.extra(),
                round: request.private.members.round.value(),
                answer: request.challenge_answer.value(),
                claimant,
                action,
                phone_number,
            }),
            _ => Self::Other,
        }
    }
}

/// Reads the one value the bytes are; what is at the top, and where it ends.
fn whole<'a>(envelope: &mut Envelope<'a>, scanner: &mut Scanner<'a>) -> Result<(Members, usize), Stop> {
    let members = envelope.read(scanner)?;
    let end = scanner.at();
    scanner.finish().map(|()| (members, end))
}

/// Without the bytes, the user and the number.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("user_pool_id", &self.user_pool_id)
            .field("client_id", &self.client_id)
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}

/// Without the number.
impl fmt::Debug for CreateEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateEvent")
            .field("challenge_name", &self.challenge_name)
            .field("session", &self.session)
            .field("claimant", &self.claimant)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// Without the answer, the number and what a step keeps.
impl fmt::Debug for VerifyEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyEvent")
            .field("claimant", &self.claimant)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
