//! What a store is, beyond the contract.

use crate::ports::{NumberRule, UserStatus};

/// What a store is, beyond the contract. Start from [`new`](Self::new).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UserStoreTraits {
    /// Whom a number leads to.
    pub number_rule: NumberRule,
    /// Whether the store checks passwords itself, as it does by default. One behind a service that does so answers `false`
    /// to every [`has_password`](crate::UserStore::has_password).
    pub passwords: bool,
    /// Whether an account can be made that is external, to have its password reset, or of an unknown status, as it can by
    /// default. Some services bring such accounts about themselves, and make none when asked.
    pub foreign_statuses: bool,
    /// Whether a replaced password confirms an account that was unconfirmed, which it does not by default. Some services know
    /// no other way of replacing one.
    pub replacing_confirms: bool,
    /// Cases that are not run, by name, as in `races::one_wins_a_name`: what the service behind the store does otherwise. A
    /// caller says why.
    pub left_out: &'static [&'static str],
}

impl UserStoreTraits {
    /// A store under this rule that checks passwords itself.
    #[must_use]
    pub const fn new(number_rule: NumberRule) -> Self {
        Self {
            number_rule,
            passwords: true,
            foreign_statuses: true,
            replacing_confirms: false,
            left_out: &[],
        }
    }

    /// A store behind a service that checks passwords.
    #[must_use]
    pub const fn without_passwords(self) -> Self {
        Self { passwords: false, ..self }
    }

    /// A store behind a service that makes no external and no reset accounts when asked.
    #[must_use]
    pub const fn without_foreign_statuses(self) -> Self {
        Self { foreign_statuses: false, ..self }
    }

    /// A store behind a service that confirms whom it gives a new password.
    #[must_use]
    pub const fn replacing_confirms(self) -> Self {
        Self { replacing_confirms: true, ..self }
    }

    /// Without these cases.
    #[must_use]
    pub const fn leaving_out(self, cases: &'static [&'static str]) -> Self {
        Self { left_out: cases, ..self }
    }

    /// Every status that an account can be made with.
    pub(super) fn statuses(&self) -> Vec<UserStatus> {
        let mut all = vec![
            UserStatus::Confirmed,
            UserStatus::Disabled,
            UserStatus::External,
            UserStatus::ForceChangePassword,
            UserStatus::Other("ARCHIVED".to_owned()),
            UserStatus::Other("of a later year".to_owned()),
            UserStatus::ResetRequired,
            UserStatus::Unconfirmed,
        ];
        // Does not compile when a status is added: then it belongs above.
        let is_foreign = |status: &UserStatus| match status {
            UserStatus::External | UserStatus::Other(_) | UserStatus::ResetRequired => true,
            UserStatus::Confirmed
            | UserStatus::Disabled
            | UserStatus::ForceChangePassword
            | UserStatus::Unconfirmed => false,
        };
        all.retain(|status| self.foreign_statuses || !is_foreign(status));
        all
    }
}
