//! What an account is, and what may come of a call about one.

use crate::types::{Password, PasswordVerifier, PhoneNumber, Timestamp};

/// Where an account stands (Cognito: `UserStatus`, and `Enabled`).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UserStatus {
    /// Signed up and confirmed.
    Confirmed,
    /// Switched off by an operator, whatever it was before.
    Disabled,
    /// Signed in by somebody else's identity provider (Cognito: `EXTERNAL_PROVIDER`): codes do not open it.
    External,
    /// Made by an operator, with a password to be changed (Cognito: `FORCE_CHANGE_PASSWORD`). It signs in by code all
    /// the same.
    ForceChangePassword,
    /// One that this crate does not know, by its own name: `ARCHIVED`, `COMPROMISED`, whatever comes. Codes do not open it.
    Other(String),
    /// Its password is to be reset before it is used (Cognito: `RESET_REQUIRED`).
    ResetRequired,
    /// Signed up, never confirmed: the "limbo" account, if it stays so.
    Unconfirmed,
}

impl UserStatus {
    /// Cognito's name for it, as in `cognito:user_status`. Being switched off is no status of its own there.
    #[must_use]
    pub fn as_cognito(&self) -> &str {
        match self {
            Self::Confirmed | Self::Disabled => "CONFIRMED",
            Self::External => "EXTERNAL_PROVIDER",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::Other(name) => name,
            Self::ResetRequired => "RESET_REQUIRED",
            Self::Unconfirmed => "UNCONFIRMED",
        }
    }

    /// Reads Cognito's name; every name that is not known is kept.
    #[must_use]
    pub fn from_cognito(name: &str) -> Self {
        match name {
            "CONFIRMED" => Self::Confirmed,
            "EXTERNAL_PROVIDER" => Self::External,
            "FORCE_CHANGE_PASSWORD" => Self::ForceChangePassword,
            "RESET_REQUIRED" => Self::ResetRequired,
            "UNCONFIRMED" => Self::Unconfirmed,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Whom a number leads to (Cognito: the pool's sign-in options, which cannot be changed later).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: Cognito's two kinds of pool
pub enum NumberRule {
    /// Whoever signs it up first, verified or not, until somebody else proves it (`UsernameAttributes`).
    #[default]
    FirstHolds,
    /// Nobody until it is verified; any number of accounts may have it before (`AliasAttributes`).
    VerifiedHolds,
}

/// An account as a store shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Subscriber {
    /// The store's own name for it; never changes, and never goes to another account.
    pub user_name: String,
    /// Its phone number.
    pub phone: PhoneNumber,
    /// Where it stands.
    pub status: UserStatus,
    /// Whether a code sent to the number was answered, and no other account has proven the number since.
    pub phone_verified: bool,
    /// Whether that was ever so, of any number it had. Never goes back: **such an account is never deleted by recovery.**
    pub was_verified: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner last signed in by a code, or by something else after that; `None` if never by a code.
    pub last_success: Option<Timestamp>,
    /// Tokens issued before this moment are dead, if any are.
    pub tokens_not_before: Option<Timestamp>,
}

impl Subscriber {
    /// An account that nobody has used yet.
    #[must_use]
    pub const fn new(
        user_name: String,
        phone: PhoneNumber,
        status: UserStatus,
        created_at: Timestamp,
    ) -> Self {
        Self {
            user_name,
            phone,
            status,
            phone_verified: false,
            was_verified: false,
            created_at,
            last_success: None,
            tokens_not_before: None,
        }
    }

    /// What may be taken away of it, if anything: see [`Unproven`].
    #[must_use]
    pub fn unproven(&self) -> Option<Unproven> {
        if self.phone_verified || self.was_verified {
            return None;
        }
        match self.status {
            UserStatus::Unconfirmed => Some(Unproven::Unconfirmed),
            UserStatus::Confirmed => self.last_success.is_none().then_some(Unproven::NeverUsed),
            UserStatus::Disabled
            | UserStatus::External
            | UserStatus::ForceChangePassword
            | UserStatus::Other(_)
            | UserStatus::ResetRequired => None,
        }
    }
}

/// An account of which nobody has proven anything: it may have been made by a stranger, or for a number that was mistyped.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: the two ways in leave one each
pub enum Unproven {
    /// Confirmed when it was made, but no number of it was ever verified, and nobody ever signed in by a code: what one-step
    /// sign-up leaves where no code is answered.
    NeverUsed,
    /// Never confirmed, and no number of it was ever verified: what two-step sign-up leaves.
    Unconfirmed,
}

/// An account to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NewUser {
    /// The store's own name for it: 128 random bits drawn by the caller, written as a UUID (version 4, lower case, with
    /// hyphens), as Cognito does. Clients are shown it, and unknown numbers are shown such a one: a name like `ana` tells
    /// that the account exists. A store behind a service that names accounts itself does not keep it, nor the moment below: go by
    /// the account in the answer.
    pub user_name: String,
    /// Its phone number. Not verified.
    pub phone: PhoneNumber,
    /// Where it starts.
    pub status: UserStatus,
    /// When: what sweeps go by.
    pub created_at: Timestamp,
    /// Its password, if it has one. The store keeps what it needs to check it, never itself.
    pub password: Option<Password>,
    /// What the password is checked with, if somebody chose it: the store then keeps this and nothing else of it, since what is chosen can be
    /// guessed. A store behind a service that checks passwords itself gives it the password.
    pub verifier: Option<PasswordVerifier>,
}

impl NewUser {
    /// An account to be made, without a password.
    #[must_use]
    pub const fn new(
        user_name: String,
        phone: PhoneNumber,
        status: UserStatus,
        created_at: Timestamp,
    ) -> Self {
        Self { user_name, phone, status, created_at, password: None, verifier: None }
    }

    /// With this password.
    #[must_use]
    pub fn password(mut self, password: Password) -> Self {
        self.password = Some(password);
        self
    }

    /// With what a password that somebody chose is checked with.
    #[must_use]
    pub fn verifier(mut self, verifier: PasswordVerifier) -> Self {
        self.verifier = Some(verifier);
        self
    }
}

/// What came of [`UserStore::create`](super::UserStore::create).
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an account that exists already belongs to somebody"]
#[allow(clippy::exhaustive_enums)] // complete: made, or taken
pub enum CreateUser {
    /// It was made.
    Created(Subscriber),
    /// The number or the name is taken, by this account. Nothing was changed.
    Exists(Subscriber),
}

/// What came of [`UserStore::delete_if`](super::UserStore::delete_if).
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an account that was kept still holds its number"]
#[allow(clippy::exhaustive_enums)] // complete
pub enum DeleteUser {
    /// It stood so, and is gone.
    Deleted,
    /// It stands otherwise and was left alone.
    Kept(Subscriber),
    /// There is no such account.
    NotFound,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UserPage {
    /// At most as many accounts as were asked for; perhaps fewer, or none, though more follow.
    pub accounts: Vec<Subscriber>,
    /// What the next page is asked for with; `None` on the last.
    pub next: Option<String>,
}

impl UserPage {
    /// A page.
    #[must_use]
    pub const fn new(accounts: Vec<Subscriber>, next: Option<String>) -> Self {
        Self { accounts, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_status_reads_back() {
        for name in [
            "CONFIRMED",
            "EXTERNAL_PROVIDER",
            "FORCE_CHANGE_PASSWORD",
            "RESET_REQUIRED",
            "UNCONFIRMED",
            "ARCHIVED",
            "",
        ] {
            assert_eq!(UserStatus::from_cognito(name).as_cognito(), name);
        }
    }

    #[test]
    fn i10_nothing_that_was_ever_verified_or_used_is_unproven() {
        let phone: PhoneNumber = "+919999900001".parse().unwrap();
        let statuses = [
            (UserStatus::Confirmed, Some(Unproven::NeverUsed)),
            (UserStatus::Unconfirmed, Some(Unproven::Unconfirmed)),
            (UserStatus::Disabled, None),
            (UserStatus::External, None),
            (UserStatus::ForceChangePassword, None),
            (UserStatus::Other("ARCHIVED".to_owned()), None),
            (UserStatus::ResetRequired, None),
        ];
        for (status, expected) in statuses {
            let fresh = Subscriber::new("u".to_owned(), phone, status, Timestamp::UNIX_EPOCH);
            assert_eq!(fresh.unproven(), expected, "{fresh:?}");
            let verified = Subscriber { phone_verified: true, ..fresh.clone() };
            let once = Subscriber { was_verified: true, ..fresh.clone() };
            assert_eq!((verified.unproven(), once.unproven()), (None, None), "{fresh:?}");
        }
        let used = Subscriber {
            last_success: Some(Timestamp::UNIX_EPOCH),
            ..Subscriber::new("u".to_owned(), phone, UserStatus::Confirmed, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(used.unproven(), None);
    }
}
