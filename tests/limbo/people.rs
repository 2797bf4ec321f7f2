//! Who does what, and what each knows.

use custom_auth::{
    Password, PhoneNumber,
    pool::{SessionToken, SignedIn},
};

/// The number that everything is about, the flatmate's other one, and the stranger's own.
pub(crate) const N: &str = "+919999900001";
pub(crate) const K: &str = "+919999900002";
pub(crate) const M: &str = "+919999900003";

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Who {
    /// Has N.
    Owner,
    /// Reads the texts to N as well, and has K.
    Flatmate,
    /// Has M, and knows N.
    Stranger,
}

impl Who {
    /// Whether this person reads the texts to `phone`.
    pub(crate) fn reads(self, phone: &PhoneNumber) -> bool {
        match self {
            Self::Owner => phone.e164() == N,
            Self::Flatmate => phone.e164() == N || phone.e164() == K,
            Self::Stranger => phone.e164() == M,
        }
    }
}

/// What a person has got so far.
#[derive(Debug, Default)]
pub(crate) struct Pocket {
    pub(crate) passwords: Vec<Password>,
    /// Evidence of sign-ins: what tokens are issued for.
    pub(crate) tokens: Vec<SignedIn>,
    /// The newest session of a sign-in under way.
    pub(crate) session: Option<SessionToken>,
    /// What goes on after a confirmation.
    pub(crate) continuation: Option<SessionToken>,
}
