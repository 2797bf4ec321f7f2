//! Cognito's `session` array: the ordered challenge results of one sign-in.

use super::ChallengeMetadata;

/// The name of a challenge in Cognito's history (Define Auth Challenge: `challengeName`).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ChallengeName {
    /// `ADMIN_NO_SRP_AUTH`.
    AdminNoSrpAuth,
    /// `CUSTOM_CHALLENGE`: a round of ours.
    Custom,
    /// `DEVICE_PASSWORD_VERIFIER`.
    DevicePasswordVerifier,
    /// `DEVICE_SRP_AUTH`.
    DeviceSrpAuth,
    /// Any other name; the list is open.
    Other,
    /// `PASSWORD_VERIFIER`.
    PasswordVerifier,
    /// `SMS_MFA`.
    SmsMfa,
    /// `SRP_A`.
    SrpA,
}

impl ChallengeName {
    /// Reads Cognito's spelling; what is not known is [`Other`](Self::Other), never an error.
    #[must_use]
    pub fn from_cognito(name: &str) -> Self {
        match name {
            "ADMIN_NO_SRP_AUTH" => Self::AdminNoSrpAuth,
            "CUSTOM_CHALLENGE" => Self::Custom,
            "DEVICE_PASSWORD_VERIFIER" => Self::DevicePasswordVerifier,
            "DEVICE_SRP_AUTH" => Self::DeviceSrpAuth,
            "PASSWORD_VERIFIER" => Self::PasswordVerifier,
            "SMS_MFA" => Self::SmsMfa,
            "SRP_A" => Self::SrpA,
            _ => Self::Other,
        }
    }
}

/// Whether an answer was right (Cognito: `challengeResult`). Null, absent and anything but `true` is wrong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: right, and everything else
pub enum Mark {
    /// `true`.
    Right,
    /// Everything else.
    Wrong,
}

/// One element of the `session` array: a challenge that was presented and answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ChallengeResult {
    /// Which challenge.
    pub name: ChallengeName,
    /// How it was answered.
    pub mark: Mark,
    /// What we wrote when we made it; `None` if it is not a round of ours, or cannot be read.
    pub metadata: Option<ChallengeMetadata>,
}

impl ChallengeResult {
    /// One element.
    #[must_use]
    pub const fn new(name: ChallengeName, mark: Mark, metadata: Option<ChallengeMetadata>) -> Self {
        Self { name, mark, metadata }
    }
}

/// The ordered challenge results of one sign-in: all that *define* decides from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Session(Vec<ChallengeResult>);

impl Session {
    /// A sign-in that has just begun.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The results, oldest first.
    #[must_use]
    pub fn results(&self) -> &[ChallengeResult] {
        &self.0
    }

    /// Adds the newest result.
    pub fn push(&mut self, result: ChallengeResult) {
        self.0.push(result);
    }

    /// Our own rounds, oldest first.
    #[must_use]
    pub fn rounds(&self) -> impl DoubleEndedIterator<Item = &ChallengeResult> {
        self.0.iter().filter(|result| result.name == ChallengeName::Custom)
    }

    /// What the newest of our rounds wrote, if it can be read.
    #[must_use]
    pub fn last_round(&self) -> Option<&ChallengeMetadata> {
        self.rounds().next_back().and_then(|result| result.metadata.as_ref())
    }
}

impl FromIterator<ChallengeResult> for Session {
    fn from_iter<I: IntoIterator<Item = ChallengeResult>>(results: I) -> Self {
        Self(results.into_iter().collect())
    }
}

/// What the client asked for with this answer (`ClientMetadata {"action": …}`).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: a new action changes what verify may look at
pub enum Action {
    /// Compare the answer. Any other or absent action.
    #[default]
    Answer,
    /// Send the code again; the answer is not looked at. `{"action": "resend"}`.
    Resend,
}

impl Action {
    /// Reads the `action` member of the client metadata.
    #[must_use]
    pub fn from_client_metadata(action: Option<&str>) -> Self {
        if action == Some("resend") { Self::Resend } else { Self::Answer }
    }
}
