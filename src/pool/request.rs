//! What is asked of a pool, and what comes of it.

use core::fmt;

use super::{SessionToken, flow::RoundName};
use crate::{
    accounts::Dormant,
    types::{ChallengeName, Parameters, Password, PhoneNumber, Timestamp},
};

/// Begins a sign-in (Cognito: `InitiateAuth`, flow `CUSTOM_AUTH`).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct InitiateAuth<'a> {
    /// Who: a phone number in E.164 form, or the pool's own name for the user. 1 to 128 characters.
    pub username: &'a str,
    /// What the client opens with.
    pub opening: Opening,
    /// The client's public value, in hexadecimal, where it opens with [`Opening::SrpA`]: needed if *define* then asks for a password.
    #[cfg(feature = "passwords")]
    pub srp_a: Option<&'a str>,
    /// The call's client metadata. As on Cognito, neither *define* nor *create* sees it: only the Pre Authentication
    /// trigger does, if it is on. The first text cannot be steered by metadata.
    pub client_metadata: Option<&'a Parameters>,
}

/// What a client opens a sign-in with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Opening {
    /// Nothing but a name: *define* sees an empty session.
    #[default]
    Custom,
    /// `SRP_A`: *define* sees it answered rightly, and may go on with a custom challenge. Older iOS and Android SDKs send
    /// it even where there is no password.
    SrpA,
}

impl<'a> InitiateAuth<'a> {
    /// Begins a sign-in with nothing but a name.
    #[must_use]
    pub const fn new(username: &'a str) -> Self {
        Self {
            username,
            opening: Opening::Custom,
            #[cfg(feature = "passwords")]
            srp_a: None,
            client_metadata: None,
        }
    }

    /// Opens with SRP's public value, in hexadecimal.
    #[cfg(feature = "passwords")]
    #[must_use]
    pub const fn srp_a(mut self, public: &'a str) -> Self {
        self.opening = Opening::SrpA;
        self.srp_a = Some(public);
        self
    }

    /// Sets what the client opens with.
    #[must_use]
    pub const fn opening(mut self, opening: Opening) -> Self {
        self.opening = opening;
        self
    }

    /// Sets the call's client metadata.
    #[must_use]
    pub const fn client_metadata(mut self, metadata: &'a Parameters) -> Self {
        self.client_metadata = Some(metadata);
        self
    }
}

/// Signs a number up (Cognito: `SignUp`).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RequestSignUp<'a> {
    /// The number.
    pub phone: PhoneNumber,
    /// The call's client metadata, which Pre Sign-up and Post Confirmation see.
    pub client_metadata: Option<&'a Parameters>,
    /// The call's validation data, which Pre Sign-up sees.
    pub validation_data: Option<&'a Parameters>,
    /// The password that whoever signs up has chosen, 8 to 256 characters (NIST SP 800-63B-4, 3.1.1.2, asks for 8 beside another factor;
    /// Cognito takes 256): what becomes of it says [`SignUpPassword`](super::SignUpPassword). `None`: a random one, which nobody
    /// needs. Feature `passwords`.
    #[cfg(feature = "passwords")]
    pub password: Option<&'a Password>,
}

impl<'a> RequestSignUp<'a> {
    /// Signs this number up.
    #[must_use]
    pub const fn new(phone: PhoneNumber) -> Self {
        Self {
            phone,
            client_metadata: None,
            validation_data: None,
            #[cfg(feature = "passwords")]
            password: None,
        }
    }

    /// Sets the call's client metadata.
    #[must_use]
    pub const fn client_metadata(mut self, metadata: &'a Parameters) -> Self {
        self.client_metadata = Some(metadata);
        self
    }

    /// Sets the password that was chosen.
    #[cfg(feature = "passwords")]
    #[must_use]
    pub const fn password(mut self, password: &'a Password) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets the call's validation data.
    #[must_use]
    pub const fn validation_data(mut self, data: &'a Parameters) -> Self {
        self.validation_data = Some(data);
        self
    }
}

/// Confirms a sign-up by its code (Cognito: `ConfirmSignUp`).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ConfirmSignUp<'a> {
    /// Whose: the number, or the account's name.
    pub username: &'a str,
    /// The code, as it was typed.
    pub code: &'a str,
    /// The password that the sign-up gave out, if the client still has it: else it is replaced.
    pub kept: Option<&'a Password>,
    /// The session that the sign-up gave out ([`UserPool::sign_up_session`](super::UserPool::sign_up_session)), which says the same
    /// without the password.
    pub session: Option<&'a SessionToken>,
    /// Whether a number that another account has proven moves here. `false` unless set, as on Cognito, where Amplify v5 sets it and
    /// v6 does not. A code that was right is used up either way: to force it after all, ask for another. Codes that Cognito checks by
    /// itself (`CognitoCodes`, feature `cognito`) always move it, whatever is set here.
    pub force_alias_creation: bool,
    /// The call's client metadata, which Post Confirmation sees.
    pub client_metadata: Option<&'a Parameters>,
}

impl<'a> ConfirmSignUp<'a> {
    /// Confirms the sign-up of `username`.
    #[must_use]
    pub const fn new(username: &'a str, code: &'a str) -> Self {
        Self { username, code, kept: None, session: None, force_alias_creation: false, client_metadata: None }
    }

    /// Gives back the password that the sign-up gave out.
    #[must_use]
    pub const fn kept(mut self, password: &'a Password) -> Self {
        self.kept = Some(password);
        self
    }

    /// Gives back the session that the sign-up gave out.
    #[must_use]
    pub const fn session(mut self, session: &'a SessionToken) -> Self {
        self.session = Some(session);
        self
    }

    /// Sets whether a number that another account has proven moves here.
    #[must_use]
    pub const fn force_alias_creation(mut self, force: bool) -> Self {
        self.force_alias_creation = force;
        self
    }

    /// Sets the call's client metadata.
    #[must_use]
    pub const fn client_metadata(mut self, metadata: &'a Parameters) -> Self {
        self.client_metadata = Some(metadata);
        self
    }
}

/// Answers a challenge (Cognito: `RespondToAuthChallenge`, challenge `CUSTOM_CHALLENGE`).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Respond<'a> {
    /// The newest session token.
    pub token: &'a SessionToken,
    /// Who, if the client says so: the name in the challenge's parameters, or the number as it was typed.
    pub username: Option<&'a str>,
    /// The answer, as it was typed. At most 131,072 characters.
    pub answer: &'a str,
    /// The call's client metadata, which *verify* and *define* see, and *create* too
    /// ([`CreateMetadata`](super::CreateMetadata)).
    pub client_metadata: Option<&'a Parameters>,
}

impl<'a> Respond<'a> {
    /// Answers the challenge of `token`.
    #[must_use]
    pub const fn new(token: &'a SessionToken, answer: &'a str) -> Self {
        Self { token, username: None, answer, client_metadata: None }
    }

    /// Says who answers; anybody but the token's user is refused.
    #[must_use]
    pub const fn username(mut self, username: &'a str) -> Self {
        self.username = Some(username);
        self
    }

    /// Sets the call's client metadata.
    #[must_use]
    pub const fn client_metadata(mut self, metadata: &'a Parameters) -> Self {
        self.client_metadata = Some(metadata);
        self
    }
}

/// What came of a call that was carried out. What could not be is a [`PoolError`](super::PoolError).
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a challenge that is not shown cannot be answered"]
#[non_exhaustive]
pub enum Outcome {
    /// The number was proven, but its account has not been used for so long that it may be somebody else's by now: the host
    /// decides ([`Accounts::wake`], [`Accounts::start_anew`]).
    ///
    /// [`Accounts::wake`]: crate::Accounts::wake
    /// [`Accounts::start_anew`]: crate::Accounts::start_anew
    Dormant(Dormant),
    /// There is a challenge to answer. After an answer: it was not right, or was not the last one.
    Challenge(PresentedChallenge),
    /// The person is signed in.
    SignedIn(SignedIn),
}

/// A challenge as the client sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PresentedChallenge {
    pub(super) name: RoundName,
    pub(super) token: SessionToken,
    pub(super) parameters: Parameters,
    pub(super) expires_at: Timestamp,
}

impl PresentedChallenge {
    /// What is asked for: a custom challenge, or, of whoever opened with SRP, a password.
    #[must_use]
    pub const fn name(&self) -> ChallengeName {
        match self.name {
            RoundName::Custom => ChallengeName::Custom,
            RoundName::PasswordVerifier => ChallengeName::PasswordVerifier,
            RoundName::SrpA => ChallengeName::SrpA,
        }
    }

    /// What the answer must come with. The newest one only.
    #[must_use]
    pub const fn token(&self) -> &SessionToken {
        &self.token
    }

    /// *Create*'s public parameters, and under `USERNAME` the pool's own name for the user, or a made-up one. The
    /// service's `USERNAME` wins over a trigger's.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The first moment at which the token is no longer taken. Not the code's expiry, which is among the parameters.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Evidence that the triggers let this person in. Only the driver makes it, and only for an account that exists.
///
/// It says what *define* said. With the crate's own triggers that means every step of the plan was answered rightly in
/// this sign-in.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a sign-in that is not acted on was for nothing"]
pub struct SignedIn {
    pub(super) user_name: String,
    pub(super) phone: PhoneNumber,
    pub(super) at: Timestamp,
}

impl SignedIn {
    /// The pool's own name for the user, as the user store has it.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The account's number when the last answer was judged.
    #[must_use]
    pub const fn phone(&self) -> &PhoneNumber {
        &self.phone
    }

    /// When (OpenID Connect: `auth_time`).
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

// Names may be phone numbers, and answers are codes: neither shows.
impl fmt::Debug for InitiateAuth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitiateAuth").field("opening", &self.opening).finish_non_exhaustive()
    }
}

impl fmt::Debug for RequestSignUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSignUp").finish_non_exhaustive()
    }
}

impl fmt::Debug for ConfirmSignUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let force = &self.force_alias_creation;
        f.debug_struct("ConfirmSignUp").field("force_alias_creation", force).finish_non_exhaustive()
    }
}

impl fmt::Debug for Respond<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Respond").field("token", &self.token).finish_non_exhaustive()
    }
}
