//! The triggers around the challenge: sign-up, confirmation, after a sign-in, tokens, Cognito's own texts.
//!
//! They are rare beside the three of the challenge, and read more: so an event that turns out to be one of them is walked a
//! second time, and a login's events pay nothing for it.

use core::fmt;
use std::{borrow::Cow, ops::Range};

use super::{
    mark::{Scanner, Stop},
    patch::{Patch, patched},
    request::{Once, truth},
};

/// Which of them an event is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AccountTrigger {
    /// `CustomMessage_SignUp` and `CustomMessage_ResendCode`: what does the text with a sign-up's code say?
    CustomMessage,
    /// `PostAuthentication_Authentication`: somebody is about to get tokens.
    PostAuthentication,
    /// `PostConfirmation_ConfirmSignUp`: a sign-up was confirmed, by its code, by an operator, or when it was made.
    PostConfirmation,
    /// `PreSignUp_SignUp`: may this account be made?
    PreSignUp,
    /// `TokenGeneration_Authentication`: what do the tokens say?
    TokenGeneration,
}

impl AccountTrigger {
    /// The trigger of an event's `triggerSource`. An operator's own sign-ups, forgotten passwords and refreshed tokens are none
    /// of them: nothing of ours was proven there.
    pub(super) fn from_source(source: &str) -> Option<Self> {
        match source {
            "CustomMessage_SignUp" | "CustomMessage_ResendCode" => Some(Self::CustomMessage),
            "PostAuthentication_Authentication" => Some(Self::PostAuthentication),
            "PostConfirmation_ConfirmSignUp" => Some(Self::PostConfirmation),
            "PreSignUp_SignUp" => Some(Self::PreSignUp),
            "TokenGeneration_Authentication" => Some(Self::TokenGeneration),
            _ => None,
        }
    }
}

/// What they read.
#[non_exhaustive]
pub struct AccountEvent<'a> {
    /// Which one it is.
    pub trigger: AccountTrigger,
    /// The user's `phone_number` attribute, unchecked.
    pub phone_number: Option<Cow<'a, str>>,
    /// The user's `phone_number_verified`: `true`, or the string in any case.
    pub phone_number_verified: bool,
    /// What stands for the code in a text (Cognito: `codeParameter`, `{####}`).
    pub code_parameter: Option<Cow<'a, str>>,
    /// Which form of answer about tokens Cognito expects.
    tokens: TokenForm,
    /// Where the groups stand that the tokens would have, if they are an object.
    groups: Option<Range<usize>>,
}

/// How a pool's Pre Token Generation trigger is configured (`LambdaVersion`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum TokenForm {
    /// `V1_0`: claims of the identity token.
    #[default]
    IdAlone,
    /// `V2_0` and `V3_0`: claims of both tokens.
    IdAndAccess,
}

/// What the second walk reads, before it is known which trigger it is for.
#[derive(Default)]
struct Read<'a> {
    version: Once<Cow<'a, str>>,
    phone_number_verified: Once<bool>,
    code_parameter: Once<Cow<'a, str>>,
    groups: Once<Range<usize>>,
}

impl<'a> AccountEvent<'a> {
    /// Reads what the first walk left.
    #[cold]
    pub(super) fn read(
        trigger: AccountTrigger,
        phone_number: Option<Cow<'a, str>>,
        event: &mut Scanner<'a>,
    ) -> Result<Self, Stop> {
        let mut read = Read::default();
        event.object(|event, name| match name {
            b"version" => read.version.text("version", event),
            b"request" => read.request(event),
            _ => event.skip(),
        })?;
        let is_later = read.version.value().is_some_and(|version| version != "1");
        Ok(Self {
            trigger,
            phone_number,
            phone_number_verified: read.phone_number_verified.value().unwrap_or(false),
            code_parameter: read.code_parameter.value(),
            tokens: if is_later { TokenForm::IdAndAccess } else { TokenForm::IdAlone },
            groups: read.groups.value(),
        })
    }
}

impl<'a> Read<'a> {
    fn request(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        let members = event.object(|event, name| match name {
            b"userAttributes" => self.attributes(event),
            b"codeParameter" => self.code_parameter.text("codeParameter", event),
            b"groupConfiguration" => self.groups.read("groupConfiguration", event, |event| {
                let is_object = event.peek()? == b'{';
                Ok(Some(event.span()?).filter(|_| is_object))
            }),
            _ => event.skip(),
        });
        members.map(|_| ())
    }

    fn attributes(&mut self, event: &mut Scanner<'a>) -> Result<(), Stop> {
        const VERIFIED: &str = "phone_number_verified";
        let members = event.object(|event, name| match name {
            b"phone_number_verified" => {
                self.phone_number_verified.read(VERIFIED, event, |event| truth(event).map(Some))
            }
            _ => event.skip(),
        });
        members.map(|_| ())
    }
}

/// What `response` becomes. `old` is what came.
impl AccountEvent<'_> {
    /// Lets the account be made. Both members are always written, as booleans: a string `"false"` was once taken for true.
    pub(super) fn admitted(old: &str, auto_confirm: bool, auto_verify_phone: bool) -> Vec<u8> {
        let (confirm, verify) = (Patch::Bool(auto_confirm), Patch::Bool(auto_verify_phone));
        patched(old, &[("autoConfirmUser", confirm), ("autoVerifyPhone", verify)])
    }

    /// The text of a message; what e-mails say is left alone.
    pub(super) fn message(old: &str, text: &str) -> Vec<u8> {
        patched(old, &[("smsMessage", Patch::Text(text))])
    }

    /// Adds claims to those that are there. Where nobody has said anything of groups, they are said again as they are: Cognito takes
    /// silence there for "none" (Developer Guide, "Pre token generation Lambda trigger").
    pub(super) fn claims(&self, event: &str, old: &str, claims: &[(&str, &str)]) -> Vec<u8> {
        let texts: Vec<_> = claims.iter().map(|(name, value)| (*name, Patch::Text(value))).collect();
        let groups =
            self.groups.clone().and_then(|groups| event.get(groups)).filter(|groups| is_flat(groups));
        let groups = || groups.map(|groups| ("groupOverrideDetails", Patch::IfAbsent(groups)));
        let added = || ("claimsToAddOrOverride", Patch::Members(&texts));
        match self.tokens {
            TokenForm::IdAlone => {
                let details: Vec<_> = core::iter::once(added()).chain(groups()).collect();
                patched(old, &[("claimsOverrideDetails", Patch::Members(&details))])
            }
            TokenForm::IdAndAccess => {
                let (id, access) = ([added()], [added()]);
                let tokens = [
                    ("idTokenGeneration", Patch::Members(&id)),
                    ("accessTokenGeneration", Patch::Members(&access)),
                ];
                let details: Vec<_> = tokens.into_iter().chain(groups()).collect();
                patched(old, &[("claimsAndScopeOverrideDetails", Patch::Members(&details))])
            }
        }
    }
}

/// Whether JSON is nested no deeper than lists of groups can be. They are written anew deeper in the event than they stood, and what was
/// just shallow enough for a reader of the event must not become too deep for it.
fn is_flat(json: &str) -> bool {
    const DEEPEST: usize = 16;
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return false;
        }
    }
    true
}

/// Without the number.
impl fmt::Debug for AccountEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountEvent")
            .field("trigger", &self.trigger)
            .field("phone_number_verified", &self.phone_number_verified)
            .finish_non_exhaustive()
    }
}
