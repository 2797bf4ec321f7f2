//! What is read of an event: the union of what the three triggers need, because the trigger's name may come
//! after its request, and one walk is to do.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use super::{
    WireError,
    scan::{Members, Scalar, Scanner},
};
use crate::types::{
    Action, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, Mark, Parameters,
    PrivateChallengeParameters, Session,
};

/// A member that may be read once.
#[derive(Debug)]
pub(super) struct Once<T>(Option<Option<T>>);

impl<T> Once<T> {
    fn read(&mut self, name: &'static str, value: Option<T>) -> Result<(), WireError> {
        if self.0.replace(value).is_some() { Err(WireError::Duplicate(name)) } else { Ok(()) }
    }

    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The value; `None` if it was absent or of another type.
    pub(super) fn value(self) -> Option<T> {
        self.0.flatten()
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The members at the top.
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub(super) trigger_source: Once<Cow<'a, str>>,
    pub(super) user_pool_id: Once<Cow<'a, str>>,
    pub(super) user_name: Once<Cow<'a, str>>,
    pub(super) caller: Once<Caller<'a>>,
    pub(super) request: Once<Request<'a>>,
    pub(super) response: Once<Range<usize>>,
}

impl<'a> Envelope<'a> {
    /// Reads the object at the scanner.
    pub(super) fn read(&mut self, event: &mut Scanner<'a>) -> Result<Members, WireError> {
        event.object(|event, name| match &*name {
            "triggerSource" => self.trigger_source.read("triggerSource", event.text()?),
            "userPoolId" => self.user_pool_id.read("userPoolId", event.text()?),
            "userName" => self.user_name.read("userName", event.text()?),
            "callerContext" => self.caller.read("callerContext", Some(Caller::read(event)?)),
            "request" => self.request.read("request", Some(Request::read(event)?)),
            "response" => self.response.read("response", Some(event.span()?)),
            _ => event.skip(),
        })
    }
}

/// `callerContext`.
#[derive(Debug, Default)]
pub(super) struct Caller<'a> {
    pub(super) client_id: Once<Cow<'a, str>>,
}

impl<'a> Caller<'a> {
    fn read(event: &mut Scanner<'a>) -> Result<Self, WireError> {
        let mut caller = Self::default();
        event.object(|event, name| match &*name {
            "clientId" => caller.client_id.read("clientId", event.text()?),
            _ => event.skip(),
        })?;
        Ok(caller)
    }
}

/// `request`.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) session: Once<Session>,
    pub(super) challenge_name: Once<Cow<'a, str>>,
    pub(super) challenge_answer: Once<Cow<'a, str>>,
    pub(super) private: Once<Private<'a>>,
    pub(super) phone_number: Once<Cow<'a, str>>,
    pub(super) claimant: Once<Claimant>,
    pub(super) action: Once<Action>,
    user_attributes: Once<()>,
    client_metadata: Once<()>,
}

impl<'a> Request<'a> {
    fn read(event: &mut Scanner<'a>) -> Result<Self, WireError> {
        let mut request = Self::default();
        event.object(|event, name| match &*name {
            "session" => request.session.read("session", Some(session(event)?)),
            "challengeName" => request.challenge_name.read("challengeName", event.text()?),
            "challengeAnswer" => request.challenge_answer.read("challengeAnswer", event.text()?),
            "privateChallengeParameters" => {
                request.private.read("privateChallengeParameters", Some(Private::read(event)?))
            }
            "userNotFound" => request.claimant.read("userNotFound", Some(claimant(event)?)),
            "userAttributes" => {
                request.user_attributes.read("userAttributes", Some(()))?;
                request.attributes(event)
            }
            "clientMetadata" => {
                request.client_metadata.read("clientMetadata", Some(()))?;
                request.metadata(event)
            }
            _ => event.skip(),
        })?;
        Ok(request)
    }

    fn attributes(&mut self, event: &mut Scanner<'a>) -> Result<(), WireError> {
        let members = event.object(|event, name| match &*name {
            "phone_number" => self.phone_number.read("phone_number", event.text()?),
            _ => event.skip(),
        });
        members.map(|_| ())
    }

    fn metadata(&mut self, event: &mut Scanner<'a>) -> Result<(), WireError> {
        let members = event.object(|event, name| match &*name {
            "action" => {
                let action = event.text()?;
                self.action.read("action", Some(Action::from_client_metadata(action.as_deref())))
            }
            _ => event.skip(),
        });
        members.map(|_| ())
    }
}

/// `privateChallengeParameters`: ours, and what a step of the host's own kept.
#[derive(Debug, Default)]
pub(super) struct Private<'a> {
    pub(super) round: Once<Cow<'a, str>>,
    pub(super) extra: Parameters,
}

impl<'a> Private<'a> {
    fn read(event: &mut Scanner<'a>) -> Result<Self, WireError> {
        let mut round = Once::default();
        let mut extra = BTreeMap::new();
        event.object(|event, name| {
            let value = event.text()?;
            if name == PrivateChallengeParameters::KEY {
                return round.read(PrivateChallengeParameters::KEY, value);
            }
            match extra.insert(name.into_owned(), value) {
                None => Ok(()),
                Some(_) => Err(WireError::Duplicate("privateChallengeParameters.*")),
            }
        })?;
        let extra = extra.into_iter().filter_map(|(name, value)| Some((name, value?.into_owned())));
        Ok(Self { round, extra: extra.collect() })
    }
}

fn session(event: &mut Scanner<'_>) -> Result<Session, WireError> {
    let mut session = Session::new();
    event.array(|event| {
        session.push(result(event)?);
        Ok(())
    })?;
    Ok(session)
}

/// One element of the session. A null, or anything that is no object, keeps its place as a wrong answer to a
/// challenge nobody knows: to leave it out would make a history look shorter than it is, and it proves nothing.
fn result(event: &mut Scanner<'_>) -> Result<ChallengeResult, WireError> {
    let (mut name, mut mark) = (Once::default(), Once::default());
    let (mut metadata, mut old_metadata) = (Once::default(), Once::default());
    event.object(|event, member| match &*member {
        "challengeName" => {
            name.read("challengeName", event.text()?.map(|name| ChallengeName::from_cognito(&name)))
        }
        "challengeResult" => {
            let right = matches!(event.scalar()?, Scalar::True);
            mark.read("challengeResult", right.then_some(Mark::Right))
        }
        "challengeMetadata" => metadata.read("challengeMetadata", round(event)?),
        // AWS's older pages spelt it so; the live service does not. The live spelling wins.
        "challengeMetaData" => old_metadata.read("challengeMetaData", round(event)?),
        _ => event.skip(),
    })?;
    let metadata = if metadata.is_there() { metadata } else { old_metadata };
    Ok(ChallengeResult::new(
        name.value().unwrap_or(ChallengeName::Other),
        mark.value().unwrap_or(Mark::Wrong),
        metadata.value(),
    ))
}

fn round(event: &mut Scanner<'_>) -> Result<Option<ChallengeMetadata>, WireError> {
    Ok(event.text()?.and_then(|text| ChallengeMetadata::decode(&text)))
}

/// Emulators and older samples send booleans as strings.
fn claimant(event: &mut Scanner<'_>) -> Result<Claimant, WireError> {
    let unknown = match event.scalar()? {
        Scalar::True => true,
        Scalar::Text(text) => text.read().is_some_and(|text| text.eq_ignore_ascii_case("true")),
        Scalar::Other => false,
    };
    Ok(if unknown { Claimant::Unknown } else { Claimant::Known })
}
