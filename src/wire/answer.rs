//! What each trigger answers: the new `response`.

use super::splice::{Json, Sink};
use crate::types::{Challenge, Mark, Parameters, PrivateChallengeParameters};

/// What *define* tells Cognito to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: Cognito knows no other end
pub enum DefineAnswer {
    /// Present a challenge of ours (`CUSTOM_CHALLENGE`).
    CustomChallenge,
    /// End the sign-in without tokens.
    FailAuthentication,
    /// End the sign-in with tokens.
    IssueTokens,
    /// Let Cognito ask for the password proof that `SRP_A` began (`PASSWORD_VERIFIER`).
    PasswordVerifier,
}

impl DefineAnswer {
    /// All three members are always written, so that nothing an event brought along can stand.
    pub(super) const fn as_json(self) -> &'static str {
        match self {
            Self::CustomChallenge => {
                r#"{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}"#
            }
            Self::FailAuthentication => {
                r#"{"challengeName":null,"issueTokens":false,"failAuthentication":true}"#
            }
            Self::IssueTokens => r#"{"challengeName":null,"issueTokens":true,"failAuthentication":false}"#,
            Self::PasswordVerifier => {
                r#"{"challengeName":"PASSWORD_VERIFIER","issueTokens":false,"failAuthentication":false}"#
            }
        }
    }
}

pub(super) const fn verified(mark: Mark) -> &'static str {
    match mark {
        Mark::Right => r#"{"answerCorrect":true}"#,
        Mark::Wrong => r#"{"answerCorrect":false}"#,
    }
}

/// What *create* made, with its metadata written once.
pub(super) struct Created<'a> {
    challenge: &'a Challenge,
    metadata: String,
}

impl<'a> Created<'a> {
    pub(super) fn new(challenge: &'a Challenge) -> Self {
        Self { challenge, metadata: challenge.metadata().encode() }
    }
}

impl Json for Created<'_> {
    fn write(&self, sink: &mut impl Sink) {
        let public = &self.challenge.public;
        sink.raw(br#"{"publicChallengeParameters":{"challenge":"#);
        // The names of steps and what is told, and rounds, hold letters, digits, `-`, `_` and dots.
        sink.plain(public.challenge.as_bytes());
        if let Some(code) = public.code {
            sink.raw(br#","codeLength":"#);
            sink.number(code.code_length.into());
            sink.raw(br#","expiresIn":"#);
            sink.number(code.expires_in);
            sink.raw(br#","resendIn":"#);
            sink.number(code.resend_in);
        }
        sink.raw(br#","attemptsLeft":"#);
        sink.number(public.attempts_left.into());
        sink.raw(br#","status":"#);
        sink.plain(public.status.as_str().as_bytes());
        extra(sink, &public.extra, &PUBLIC_KEYS);
        sink.raw(br#"},"privateChallengeParameters":{"#);
        sink.plain(PrivateChallengeParameters::KEY.as_bytes());
        sink.raw(b":");
        sink.plain(self.metadata.as_bytes());
        extra(sink, &self.challenge.private.extra, &[PrivateChallengeParameters::KEY]);
        sink.raw(br#"},"challengeMetadata":"#);
        sink.plain(self.metadata.as_bytes());
        sink.raw(b"}");
    }
}

/// What a step adds; never over what is ours, or Cognito's.
fn extra(sink: &mut impl Sink, extra: &Parameters, taken: &[&str]) {
    for (name, value) in extra.iter().filter(|(name, _)| !taken.contains(&name.as_str())) {
        sink.raw(b",");
        sink.string(name);
        sink.raw(b":");
        sink.string(value);
    }
}

/// The public names that a step cannot use: ours, whether this challenge has them or not, and the one Cognito adds.
const PUBLIC_KEYS: [&str; 7] =
    ["USERNAME", "attemptsLeft", "challenge", "codeLength", "expiresIn", "resendIn", "status"];
