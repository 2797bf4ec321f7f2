//! What is read of an event: the union of what the three triggers need, because the trigger's name may come
//! after its request, and one walk is to do.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use super::{
    mark::{Scanner, Stop},
    scan::{Members, Scalar},
};
use crate::types::{
    Action, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, Mark, Parameters,
    PrivateChallengeParameters, Session,
};

/// A member that may be read once.
#[derive(Debug)]
pub(super) struct Once<T>(Option<Option<T>>);

impl<T> Once<T> {
    /// Reads the value with `read`; a second one too, so that what is wrong in it comes first.
    #[inline]
    pub(super) fn read<'a>(
        &mut self,
        name: &'static str,
        event: &mut Scanner<'a>,
        read: impl FnOnce(&mut Scanner<'a>) -> Result<Option<T>, Stop>,
    ) -> Result<(), Stop> {
        let value = read(event)?;
        if self.is_there() {
            return Err(event.twice(name));
        }
        self.0 = Some(value);
        Ok(())
    }

    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The value; `None` if it was absent or of another type.
    pub(super) fn value(self) -> Option<T> {
        self.0.flatten()
    }
}

impl<'a> Once<Cow<'a, str>> {
    /// Reads a text. Most of what is read is one, so this is one function for them all.
    #[inline(never)]
    pub(super) fn text(&mut self, name: &'static str, event: &mut Scanner<'a>) -> Result<(), Stop> {
        self.read(name, event, Scanner::text)
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// An object that may be read once, where it stays. What is absent or no object has no members.
#[derive(Debug, Default)]
pub(super) struct Part<T> {
    pub(super) members: T,
    is_there: bool,
}

impl<T: Default> Part<T> {
    /// Reads the members with `read`; those of a second object too, apart, so that what is wrong in it comes first.
    #[inline]
    fn read<'a>(
        &mut self,
        name: &'static str,
        event: &mut Scanner<'a>,
        read: fn(&mut T, &mut Scanner<'a>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.is_there {
            read(&mut T::default(), event)?;
            return Err(event.twice(name));
        }
        self.is_there = true;
        read(&mut self.members, event)
    }
}

/// The members at the top.
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub(super) trigger_source: Once<Cow<'a, str>>,
    pub(super) user_pool_id: Once<Cow<'a, str>>,
    pub(super) user_name: Once<Cow<'a, str>>,
    pub(super) caller: Part<Caller<'a>>,
    pub(super) request: Part<Request<'a>>,
    pub(super) response: Once<Range<usize>>,
}

impl<'a> Envelope<'a> {
    /// Reads the object at the scanner.
    pub(super) fn read(&mut self, event: &mut Scanner<'a>) -> Result<Members, Stop> {
        event.object(|event, name| match name {
            b"triggerSource" => self.trigger_source.text("triggerSource", event),
            b"userPoolId" => self.user_pool_id.text("userPoolId", event),
            b"userName" => self.user_name.text("userName", event),
            b"callerContext" => self.caller.read("callerContext", event, Caller::read),
            b"request" => self.request.read("request", event, Request::read),
            b"response" => self.response.read("response", event, |event| event.span().map(Some)),
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
    fn read(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| match name {
            b"clientId" => self.client_id.text("clientId", event),
            _ => event.skip(),
        });
        members.map(|_| ())
    }
}

/// `request`.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) session: Once<Session>,
    pub(super) challenge_name: Once<Cow<'a, str>>,
    pub(super) challenge_answer: Once<Cow<'a, str>>,
    pub(super) private: Part<Private<'a>>,
    pub(super) phone_number: Once<Cow<'a, str>>,
    pub(super) claimant: Once<Claimant>,
    pub(super) action: Once<Action>,
    user_attributes: Once<()>,
    client_metadata: Once<()>,
}

impl<'a> Request<'a> {
    fn read(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| match name {
            b"session" => self.session.read("session", event, session),
            b"challengeName" => self.challenge_name.text("challengeName", event),
            b"challengeAnswer" => self.challenge_answer.text("challengeAnswer", event),
            b"privateChallengeParameters" => {
                self.private.read("privateChallengeParameters", event, Private::read)
            }
            b"userNotFound" => self.claimant.read("userNotFound", event, claimant),
            b"userAttributes" => {
                self.user_attributes.read("userAttributes", event, |_| Ok(Some(())))?;
                self.attributes(event)
            }
            b"clientMetadata" => {
                self.client_metadata.read("clientMetadata", event, |_| Ok(Some(())))?;
                self.metadata(event)
            }
            _ => event.skip(),
        });
        members.map(|_| ())
    }

    fn attributes(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| match name {
            b"phone_number" => self.phone_number.text("phone_number", event),
            _ => event.skip(),
        });
        members.map(|_| ())
    }

    fn metadata(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| match name {
            b"action" => self.action.read("action", event, |event| {
                Ok(Some(Action::from_client_metadata(event.text()?.as_deref())))
            }),
            _ => event.skip(),
        });
        members.map(|_| ())
    }
}

/// `privateChallengeParameters`: ours, and what a step of the host's own kept.
#[derive(Debug, Default)]
pub(super) struct Private<'a> {
    pub(super) round: Once<Cow<'a, str>>,
    /// `None` for what is no string.
    extra: Option<BTreeMap<String, Option<Cow<'a, str>>>>,
}

impl<'a> Private<'a> {
    fn read(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| {
            if name == PrivateChallengeParameters::KEY.as_bytes() {
                return self.round.text(PrivateChallengeParameters::KEY, event);
            }
            let value = event.text()?;
            // All of an event is UTF-8.
            let name = String::from_utf8_lossy(name).into_owned();
            match self.extra.get_or_insert_default().insert(name, value) {
                None => Ok(()),
                Some(_) => Err(event.twice("privateChallengeParameters.*")),
            }
        });
        members.map(|_| ())
    }

    /// What a step kept.
    pub(super) fn extra(&mut self) -> Parameters {
        let Some(extra) = self.extra.take() else { return Parameters::new() };
        extra.into_iter().filter_map(|(name, value)| Some((name, value?.into_owned()))).collect()
    }
}

fn session(event: &mut Scanner<'_>) -> Result<Option<Session>, Stop> {
    let mut session = Session::new();
    event.array(|event| {
        session.push(result(event)?);
        Ok(())
    })?;
    Ok(Some(session))
}

/// One element of the session. A null, or anything that is no object, keeps its place as a wrong answer to a
/// challenge nobody knows: to leave it out would make a history look shorter than it is, and it proves nothing.
fn result(event: &mut Scanner<'_>) -> Result<ChallengeResult, Stop> {
    let (mut name, mut mark) = (Once::default(), Once::default());
    let (mut metadata, mut old_metadata) = (Once::default(), Once::default());
    event.object(|event, member| match member {
        b"challengeName" => name.read("challengeName", event, |event| {
            Ok(event.text()?.map(|name| ChallengeName::from_cognito(&name)))
        }),
        b"challengeResult" => mark.read("challengeResult", event, |event| {
            Ok(matches!(event.scalar()?, Scalar::True).then_some(Mark::Right))
        }),
        b"challengeMetadata" => metadata.text("challengeMetadata", event),
        // AWS's older pages spelt it so; the live service does not. The live spelling wins.
        b"challengeMetaData" => old_metadata.text("challengeMetaData", event),
        _ => event.skip(),
    })?;
    let metadata = if metadata.is_there() { metadata } else { old_metadata };
    Ok(ChallengeResult::new(
        name.value().unwrap_or(ChallengeName::Other),
        mark.value().unwrap_or(Mark::Wrong),
        metadata.value().and_then(|text| ChallengeMetadata::decode(&text)),
    ))
}

fn claimant(event: &mut Scanner<'_>) -> Result<Option<Claimant>, Stop> {
    Ok(Some(if truth(event)? { Claimant::Unknown } else { Claimant::Known }))
}

/// Emulators and older samples send booleans as strings, and attributes are strings everywhere.
pub(super) fn truth(event: &mut Scanner<'_>) -> Result<bool, Stop> {
    Ok(match event.scalar()? {
        Scalar::True => true,
        Scalar::Text(text) => text.is_some_and(|text| text.eq_ignore_ascii_case("true")),
        Scalar::Other => false,
    })
}
