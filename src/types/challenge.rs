//! What *create* made.

use std::collections::BTreeMap;

use super::{ChallengeMetadata, Status, StepName};

/// String to string, as Cognito carries parameters.
pub type Parameters = BTreeMap<String, String>;

/// What the client is told: the contract for client authors, equal for real and decoy. All values travel as strings.
///
/// | key | value |
/// |---|---|
/// | `challenge` | the step's name; `sms_code` is the built-in one |
/// | `codeLength` | how many digits to ask for |
/// | `expiresIn` | seconds until the code is dead |
/// | `resendIn` | seconds until a resend can be asked for; 0 means now |
/// | `attemptsLeft` | how many answers may still be tried |
/// | `status` | `open`, `wrong`, `resent`, `wait` or `replaced` ([`Status`]) |
///
/// A step of the host's own adds its parameters beside `challenge`, `attemptsLeft` and `status`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PublicChallengeParameters {
    /// The step that is asked for.
    pub challenge: StepName,
    /// The numbers of an SMS code's round; `None` for a step of the host's own.
    pub code: Option<CodeParameters>,
    /// How many answers may still be tried on this challenge.
    pub attempts_left: u8,
    /// What happened.
    pub status: Status,
    /// What a step of the host's own adds.
    pub extra: Parameters,
}

impl PublicChallengeParameters {
    /// Without the numbers of an SMS code, and without extras.
    #[must_use]
    pub const fn new(challenge: StepName, attempts_left: u8, status: Status) -> Self {
        Self { challenge, code: None, attempts_left, status, extra: Parameters::new() }
    }
}

/// The numbers of an SMS code's round: digits, and seconds rounded up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CodeParameters {
    /// How many digits the code has.
    pub code_length: u8,
    /// Seconds until the code is dead.
    pub expires_in: u64,
    /// Seconds until a resend can be asked for.
    pub resend_in: u64,
}

impl CodeParameters {
    /// How many digits, and the two waits in seconds.
    #[must_use]
    pub const fn new(code_length: u8, expires_in: u64, resend_in: u64) -> Self {
        Self { code_length, expires_in, resend_in }
    }
}

/// What *verify* will be given. Cognito keeps it; the client never sees it. Never empty: an empty one makes Cognito
/// answer "Incorrect username or password" to everybody.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PrivateChallengeParameters {
    /// The round, under the key [`KEY`](Self::KEY).
    pub round: ChallengeMetadata,
    /// What a step of the host's own keeps for its check.
    pub extra: Parameters,
}

impl PrivateChallengeParameters {
    /// The key of our own entry.
    pub const KEY: &'static str = "customAuth";

    /// A round without extras.
    #[must_use]
    pub const fn new(round: ChallengeMetadata) -> Self {
        Self { round, extra: Parameters::new() }
    }
}

/// What *create* made: the public and private parameters and the metadata.
///
/// The metadata is the round of the private parameters; it is written once and travels twice.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Challenge {
    /// For the client.
    pub public: PublicChallengeParameters,
    /// For *verify*.
    pub private: PrivateChallengeParameters,
}

impl Challenge {
    /// What the client is told, and what *verify* will be given.
    #[must_use]
    pub const fn new(public: PublicChallengeParameters, private: PrivateChallengeParameters) -> Self {
        Self { public, private }
    }

    /// For later rounds' define and create.
    #[must_use]
    pub const fn metadata(&self) -> &ChallengeMetadata {
        &self.private.round
    }
}
