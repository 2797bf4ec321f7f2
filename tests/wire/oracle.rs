//! The same reading, done a second time with `serde_json` and in the plainest way: member by member, each value
//! as raw text. Slow and independent of the crate's own walk.

use std::{fmt, ops::Range};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use custom_auth::{Action, ChallengeMetadata, ChallengeName, ChallengeResult, Claimant, Mark, Parameters};

/// Whether the bytes are JSON text.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// What an event says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub(crate) source: Option<String>,
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    pub(crate) user_name: String,
    pub(crate) session: Vec<ChallengeResult>,
    pub(crate) challenge_name: String,
    pub(crate) answer: Option<String>,
    pub(crate) round: Option<String>,
    pub(crate) extra: Parameters,
    pub(crate) phone_number: Option<String>,
    pub(crate) unknown: bool,
    pub(crate) resend: bool,
    pub(crate) response: Option<Range<usize>>,
    /// What is read of the triggers around the challenge; of others, nothing.
    pub(crate) verified: bool,
    pub(crate) code_parameter: Option<String>,
}

/// The triggers around the challenge.
pub(crate) const AROUND: [&str; 6] = [
    "CustomMessage_ResendCode",
    "CustomMessage_SignUp",
    "PostAuthentication_Authentication",
    "PostConfirmation_ConfirmSignUp",
    "PreSignUp_SignUp",
    "TokenGeneration_Authentication",
];

impl Reading {
    pub(crate) fn claimant(&self) -> Claimant {
        if self.unknown { Claimant::Unknown } else { Claimant::Known }
    }

    pub(crate) fn action(&self) -> Action {
        if self.resend { Action::Resend } else { Action::Answer }
    }
}

/// Reads the bytes of a JSON object; `Err` if a member that is read is there twice.
pub(crate) fn read(bytes: &[u8]) -> Result<Reading, ()> {
    let text = std::str::from_utf8(bytes).unwrap();
    let top = members(text).unwrap();
    let caller = one(&top, "callerContext")?.and_then(members).unwrap_or_default();
    let request = one(&top, "request")?.and_then(members).unwrap_or_default();
    let attributes = one(&request, "userAttributes")?.and_then(members).unwrap_or_default();
    let metadata = one(&request, "clientMetadata")?.and_then(members).unwrap_or_default();
    let private = one(&request, "privateChallengeParameters")?.and_then(members).unwrap_or_default();
    let mut extra = Parameters::new();
    for (name, value) in &private {
        let Some(name) = name else { continue };
        if one(&private, name)?.is_some() && name != "customAuth" {
            extra.extend(string(Some(value)).map(|value| (name.clone(), value)));
        }
    }
    let not_found = one(&request, "userNotFound")?;
    let source = string(one(&top, "triggerSource")?);
    let (mut verified, mut code_parameter) = (false, None);
    if source.as_deref().is_some_and(|source| AROUND.contains(&source)) {
        verified = is_true(one(&attributes, "phone_number_verified")?);
        code_parameter = string(one(&request, "codeParameter")?);
        one(&request, "groupConfiguration")?;
        one(&top, "version")?;
    }
    Ok(Reading {
        source,
        verified,
        code_parameter,
        user_pool_id: string(one(&top, "userPoolId")?).unwrap_or_default(),
        user_name: string(one(&top, "userName")?).unwrap_or_default(),
        client_id: string(one(&caller, "clientId")?).unwrap_or_default(),
        session: session(one(&request, "session")?)?,
        challenge_name: string(one(&request, "challengeName")?).unwrap_or_default(),
        answer: string(one(&request, "challengeAnswer")?),
        round: string(one(&private, "customAuth")?),
        extra,
        phone_number: string(one(&attributes, "phone_number")?),
        unknown: is_true(not_found),
        resend: string(one(&metadata, "action")?).as_deref() == Some("resend"),
        response: one(&top, "response")?.map(|response| {
            let start = response.as_ptr() as usize - bytes.as_ptr() as usize;
            start..start + response.len()
        }),
    })
}

fn session(array: Option<&str>) -> Result<Vec<ChallengeResult>, ()> {
    let mut session = Vec::new();
    for element in array.and_then(elements).unwrap_or_default() {
        let element = members(element).unwrap_or_default();
        let name = string(one(&element, "challengeName")?);
        let right = one(&element, "challengeResult")? == Some("true");
        let (live, old) = (one(&element, "challengeMetadata")?, one(&element, "challengeMetaData")?);
        session.push(ChallengeResult::new(
            name.map_or(ChallengeName::Other, |name| ChallengeName::from_cognito(&name)),
            if right { Mark::Right } else { Mark::Wrong },
            string(live.or(old)).and_then(|text| ChallengeMetadata::decode(&text)),
        ));
    }
    Ok(session)
}

type Members<'a> = Vec<(Option<String>, &'a str)>;

fn one<'a>(members: &Members<'a>, name: &str) -> Result<Option<&'a str>, ()> {
    let mut found = members.iter().filter(|(other, _)| other.as_deref() == Some(name));
    match (found.next(), found.next()) {
        (first, None) => Ok(first.map(|(_, value)| *value)),
        (_, Some(_)) => Err(()),
    }
}

fn is_true(value: Option<&str>) -> bool {
    value == Some("true") || string(value).is_some_and(|text| text.to_lowercase() == "true")
}

fn string(value: Option<&str>) -> Option<String> {
    serde_json::from_str(value?).ok()
}

fn members(text: &str) -> Option<Members<'_>> {
    struct ReadMembers;
    impl<'de> Visitor<'de> for ReadMembers {
        type Value = Members<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(name) = map.next_key_seed(Name)? {
                members.push((name, map.next_value::<&RawValue>()?.get()));
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(text).deserialize_map(ReadMembers).ok()
}

fn elements(text: &str) -> Option<Vec<&str>> {
    struct ReadElements;
    impl<'de> Visitor<'de> for ReadElements {
        type Value = Vec<&'de str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = seq.next_element::<&RawValue>()? {
                elements.push(element.get());
            }
            Ok(elements)
        }
    }
    serde_json::Deserializer::from_str(text).deserialize_seq(ReadElements).ok()
}

/// A name; `None` if it holds half a surrogate pair.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(String::from_utf8(bytes.to_vec()).ok())
    }
}
