//! What a store of our own keeps of a password.

use subtle::ConstantTimeEq as _;

use super::NewUser;
use crate::types::{Password, PasswordVerifier};

/// What is kept of a password, whichever way it was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum KeptPassword {
    /// Of one that somebody chose.
    Chosen(PasswordVerifier),
    /// Of a random one, which nobody guesses.
    Random([u8; 32]),
}

impl KeptPassword {
    /// Of a new account.
    pub(crate) fn of(user: &NewUser) -> Option<Self> {
        let random = || user.password.as_ref().map(|password| Self::random(&user.user_name, password));
        user.verifier.clone().map(Self::Chosen).or_else(random)
    }

    pub(crate) fn random(user_name: &str, password: &Password) -> Self {
        Self::Random(password.verifier(user_name))
    }

    /// For [`has_password`](super::UserStore::has_password).
    pub(crate) fn is(&self, user_name: &str, password: &Password) -> bool {
        match self {
            Self::Chosen(_) => false,
            Self::Random(kept) => kept.ct_eq(&password.verifier(user_name)).into(),
        }
    }

    /// For [`password_verifier`](super::UserStore::password_verifier).
    pub(crate) fn verifier(&self) -> Option<PasswordVerifier> {
        match self {
            Self::Chosen(verifier) => Some(verifier.clone()),
            Self::Random(_) => None,
        }
    }
}
