//! Names: whose pool, which client, which user, which challenge, which flow.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{base64, fields::Fields, inline::Inline};

macro_rules! borrowed_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, PartialEq)]
        pub struct $name<'a>(&'a str);

        impl<'a> $name<'a> {
            /// Wraps the name as the service sent it.
            #[must_use]
            pub const fn new(name: &'a str) -> Self {
                Self(name)
            }

            /// The name as it was given.
            #[must_use]
            pub const fn as_str(&self) -> &'a str {
                self.0
            }
        }
    };
}

borrowed_name! {
    /// A user pool's id (Cognito: `userPoolId`).
    #[derive(Debug)]
    UserPoolId
}
borrowed_name! {
    /// An app client's id (Cognito: `callerContext.clientId`).
    #[derive(Debug)]
    ClientId
}
borrowed_name! {
    /// The pool's own name for a user (Cognito: `userName`). For an unknown user Cognito makes one up, the same
    /// each time. `Debug` does not show it: in some pools it is the phone number.
    UserName
}

impl fmt::Debug for UserName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserName(…)")
    }
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes 16 bytes, which must come from [`Entropy`](crate::Entropy).
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
                base64::decode(fields.exactly()?).map(Self)
            }

            pub(super) fn write(&self, text: &mut Vec<u8>) {
                text.extend_from_slice(&base64::encode(&self.0));
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), BASE64URL_NOPAD.encode(&self.0))
            }
        }
    };
}

random_id! {
    /// The 128 random bits that make one challenge different from every other.
    Nonce
}
random_id! {
    /// The 128 random bits that tell one sign-in (one Cognito session) from every other. A challenge is redeemed
    /// by one flow.
    FlowTag
}

/// The name of a step of a plan: 1 to 16 characters of `a-z`, `0-9`, `-` and `_`. Clients see it as `challenge`.
///
/// ```
/// use custom_auth::StepName;
/// assert_eq!(StepName::new("captcha")?.as_str(), "captcha");
/// assert!(StepName::new("Captcha!").is_err());
/// # Ok::<(), custom_auth::StepNameError>(())
/// ```
#[derive(Clone, Copy, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepName(Inline<16>);

/// The text is not a step's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a step's name has 1 to 16 characters of a-z, 0-9, - and _")]
#[non_exhaustive]
pub struct StepNameError;

impl StepName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`StepNameError`] if it is empty, too long, or holds another character.
    pub fn new(name: &str) -> Result<Self, StepNameError> {
        Self::from_bytes(name.as_bytes()).ok_or(StepNameError)
    }

    pub(super) fn from_bytes(name: &[u8]) -> Option<Self> {
        Inline::from_bytes(name, |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')).map(Self)
    }

    /// The built-in step: a one-time code by SMS. Its name is `sms_code`.
    #[must_use]
    pub fn sms_code() -> Self {
        Self(Inline::literal("sms_code"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepName({})", self.as_str())
    }
}

impl TryFrom<String> for StepName {
    type Error = StepNameError;
    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

impl From<StepName> for String {
    fn from(name: StepName) -> Self {
        name.as_str().to_owned()
    }
}
