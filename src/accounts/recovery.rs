//! What to do about the account that a number leads to, when somebody wants to sign the number up. Pure.

use crate::{
    policy::{AccountPolicy, RecoveryStrategy},
    ports::{Subscriber, Unproven, UserStatus},
    types::Timestamp,
};

/// What to do.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: whoever carries it out must know every one
pub enum Recovery {
    /// Give the account a new password, revoke its tokens, and text its code again.
    Adopt,
    /// Delete it, if it is still unproven, and sign up anew.
    Delete,
    /// Nothing: codes do not open an account of this status.
    Refuse(UserStatus),
    /// Text its code again.
    Resend,
    /// Nothing: it is there, sign in.
    SignIn,
    /// Nothing: there is none, sign up.
    SignUp,
}

/// Decides from the account that the number leads to, the moment at which its code was last texted again, the policy and the time.
///
/// | status | proven before | younger than grace | *resend* | *adopt* | *delete and sign up* |
/// |---|---|---|---|---|---|
/// | none | | | sign up | sign up | sign up |
/// | unconfirmed | no | yes | resend | resend | resend |
/// | unconfirmed | no | no | resend | adopt | delete |
/// | unconfirmed | yes | | resend | resend | resend |
/// | confirmed, force-change, reset-required | | | sign in | sign in | sign in |
/// | disabled, external, other | | | refuse | refuse | refuse |
///
/// An account is as young as its last text. Within the grace time somebody may be typing the code right now, so nothing but another text comes of it. What was ever
/// proven is neither deleted nor given another password, whatever its status: its owner confirms it by code.
#[must_use]
pub fn recovery(
    account: Option<&Subscriber>,
    last_text: Option<Timestamp>,
    policy: &AccountPolicy,
    now: Timestamp,
) -> Recovery {
    let Some(account) = account else { return Recovery::SignUp };
    match &account.status {
        UserStatus::Confirmed | UserStatus::ForceChangePassword | UserStatus::ResetRequired => {
            Recovery::SignIn
        }
        UserStatus::Unconfirmed => {
            let is_unproven = account.unproven() == Some(Unproven::Unconfirmed);
            let since = last_text.map_or(account.created_at, |text| text.max(account.created_at));
            let is_old = since + policy.grace() <= now;
            match policy.recovery() {
                RecoveryStrategy::Adopt if is_unproven && is_old => Recovery::Adopt,
                RecoveryStrategy::DeleteAndSignUp if is_unproven && is_old => Recovery::Delete,
                RecoveryStrategy::Adopt | RecoveryStrategy::DeleteAndSignUp | RecoveryStrategy::Resend => {
                    Recovery::Resend
                }
            }
        }
        refused @ (UserStatus::Disabled | UserStatus::External | UserStatus::Other(_)) => {
            Recovery::Refuse(refused.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    fn account(status: UserStatus, age: Duration, was_verified: bool) -> Subscriber {
        let phone = "+919999900001".parse().unwrap();
        Subscriber { was_verified, ..Subscriber::new("u".to_owned(), phone, status, NOW - age) }
    }

    fn all() -> [AccountPolicy; 3] {
        [RecoveryStrategy::Resend, RecoveryStrategy::Adopt, RecoveryStrategy::DeleteAndSignUp]
            .map(|strategy| AccountPolicy::builder().recovery(strategy).build().unwrap())
    }

    #[test]
    fn i10_every_cell_of_the_table_is_as_it_stands() {
        use Recovery as R;
        let (old, young) = (Duration::minutes(15), Duration::minutes(15) - Duration::milliseconds(1));
        for (status, was_verified, age, expected) in [
            (UserStatus::Unconfirmed, false, young, [R::Resend, R::Resend, R::Resend]),
            (UserStatus::Unconfirmed, false, old, [R::Resend, R::Adopt, R::Delete]),
            (UserStatus::Unconfirmed, true, young, [R::Resend, R::Resend, R::Resend]),
            (UserStatus::Unconfirmed, true, old, [R::Resend, R::Resend, R::Resend]),
        ] {
            let account = account(status, age, was_verified);
            let decided = all().map(|policy| recovery(Some(&account), None, &policy, NOW));
            assert_eq!(decided, expected, "{account:?}");
        }
        for policy in all() {
            assert_eq!(recovery(None, None, &policy, NOW), R::SignUp);
            for (was_verified, age) in [(false, young), (false, old), (true, young), (true, old)] {
                for status in
                    [UserStatus::Confirmed, UserStatus::ForceChangePassword, UserStatus::ResetRequired]
                {
                    assert_eq!(
                        recovery(Some(&account(status, age, was_verified)), None, &policy, NOW),
                        R::SignIn
                    );
                }
                for status in
                    [UserStatus::Disabled, UserStatus::External, UserStatus::Other("ARCHIVED".to_owned())]
                {
                    let refused = R::Refuse(status.clone());
                    assert_eq!(
                        recovery(Some(&account(status, age, was_verified)), None, &policy, NOW),
                        refused
                    );
                }
            }
        }
    }

    #[test]
    fn an_account_is_as_young_as_its_last_text() {
        let (grace, one) = (Duration::minutes(15), Duration::milliseconds(1));
        let account = account(UserStatus::Unconfirmed, Duration::HOUR, false);
        let young = [Recovery::Resend, Recovery::Resend, Recovery::Resend];
        let old = [Recovery::Resend, Recovery::Adopt, Recovery::Delete];
        for (text, expected) in
            [(NOW, &young), (NOW - grace + one, &young), (NOW - grace, &old), (NOW - Duration::DAY, &old)]
        {
            let decided = all().map(|policy| recovery(Some(&account), Some(text), &policy, NOW));
            assert_eq!(&decided, expected, "{text:?}");
        }
    }

    #[test]
    fn an_account_from_the_future_is_young() {
        let account = account(UserStatus::Unconfirmed, Duration::minutes(-1), false);
        for policy in all() {
            assert_eq!(recovery(Some(&account), None, &policy, NOW), Recovery::Resend);
        }
    }
}
