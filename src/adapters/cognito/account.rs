//! An account as the service shows it, read as this crate's.

use aws_sdk_cognitoidentityprovider::{
    operation::admin_get_user::AdminGetUserOutput,
    primitives::DateTime,
    types::{AttributeType, UserType},
};

use crate::{
    ports::{Subscriber, UserStatus},
    types::{PhoneNumber, Timestamp},
};

pub(super) const PHONE: &str = "phone_number";
pub(super) const PHONE_VERIFIED: &str = "phone_number_verified";

/// The custom attributes in which [`CognitoUsers`](crate::CognitoUsers) keeps what a user pool has no place for.
///
/// The pool must declare each of them: a string, **mutable, and not writable by any app client** (leave it out of
/// `WriteAttributes`; an app client without that list may write everything). Whoever can write `was_verified` can have an
/// account deleted, or kept. Room for 16 characters is enough.
///
/// A pool that lacks one is found out at the first write of it: [`StoreError::Refused`](crate::StoreError::Refused), and
/// nothing is written by that call. Nothing is verified, deleted or signed in past it. Reading and creating go on.
///
/// ```
/// # #[cfg(feature = "cognito")] {
/// let mut attributes = custom_auth::CognitoAttributes::default();
/// attributes.last_success = "custom:seen".to_owned();
/// assert_eq!(attributes.was_verified, "custom:was_verified");
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CognitoAttributes {
    /// When a deletion of the account began, while it is under way: `custom:deleting`.
    pub deleting: String,
    /// When its owner last signed in: `custom:last_success`.
    pub last_success: String,
    /// The number that it has but that leads nowhere, in a pool where the first holds a number: `custom:lost_number`.
    pub lost_number: String,
    /// When its tokens were last revoked: `custom:tokens_nbf`.
    pub tokens_not_before: String,
    /// Whether a number of it was ever verified: `custom:was_verified`.
    pub was_verified: String,
}

impl Default for CognitoAttributes {
    fn default() -> Self {
        Self {
            deleting: "custom:deleting".to_owned(),
            last_success: "custom:last_success".to_owned(),
            lost_number: "custom:lost_number".to_owned(),
            tokens_not_before: "custom:tokens_nbf".to_owned(),
            was_verified: "custom:was_verified".to_owned(),
        }
    }
}

/// An account, and what of it is this adapter's own business.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) subscriber: Subscriber,
    /// Cognito's `Enabled`.
    pub(super) enabled: bool,
    /// When a deletion of it began that has not ended.
    pub(super) deleting: Option<Timestamp>,
    /// Its number is kept beside, and leads nowhere.
    pub(super) lost: bool,
}

impl Account {
    pub(super) fn of(names: &CognitoAttributes, user: &AdminGetUserOutput) -> Option<Self> {
        let status = user.user_status().map(|status| status.as_str());
        Self::read(
            names,
            user.username(),
            status,
            user.enabled(),
            user.user_create_date(),
            user.user_attributes(),
        )
    }

    pub(super) fn listed(names: &CognitoAttributes, user: &UserType) -> Option<Self> {
        let status = user.user_status().map(|status| status.as_str());
        Self::read(
            names,
            user.username()?,
            status,
            user.enabled(),
            user.user_create_date(),
            user.attributes(),
        )
    }

    /// `None` for an account without a phone number: it is none of ours.
    fn read(
        names: &CognitoAttributes,
        user_name: &str,
        status: Option<&str>,
        enabled: bool,
        made: Option<&DateTime>,
        attributes: &[AttributeType],
    ) -> Option<Self> {
        // An attribute that was deleted may be shown as empty.
        let value = |name: &str| {
            let found = attributes.iter().find(|attribute| attribute.name() == name)?;
            found.value().filter(|value| !value.is_empty())
        };
        let moment = |name: &str| Some(Timestamp::from_unix_millis(value(name)?.parse().ok()?));
        let is = |name: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));

        let number = value(PHONE);
        let lost = number.is_none();
        let phone: PhoneNumber = number.or_else(|| value(&names.lost_number))?.parse().ok()?;
        let deleting = moment(&names.deleting);
        let status = match UserStatus::from_cognito(status.unwrap_or_default()) {
            // Switched off by a deletion that is under way, or that broke off: it stands as it stood before.
            status if enabled || deleting.is_some() => status,
            _ => UserStatus::Disabled,
        };
        // One whose age is not known is young: nobody sweeps it.
        let made = made.and_then(|made| made.to_millis().ok()).unwrap_or(i64::MAX);
        let made = Timestamp::from_unix_millis(made);
        let mut subscriber = Subscriber::new(user_name.to_owned(), phone, status, made);
        subscriber.phone_verified = !lost && is(PHONE_VERIFIED);
        subscriber.was_verified = subscriber.phone_verified || is(&names.was_verified);
        subscriber.last_success = moment(&names.last_success);
        subscriber.tokens_not_before = moment(&names.tokens_not_before);
        Some(Self { subscriber, enabled, deleting, lost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(enabled: bool, attributes: &[(&str, &str)]) -> Option<Account> {
        let attributes: Vec<AttributeType> = attributes
            .iter()
            .map(|(name, value)| AttributeType::builder().name(*name).value(*value).build().unwrap())
            .collect();
        let made = DateTime::from_millis(7);
        Account::read(
            &CognitoAttributes::default(),
            "u",
            Some("UNCONFIRMED"),
            enabled,
            Some(&made),
            &attributes,
        )
    }

    const NUMBER: (&str, &str) = ("phone_number", "+919999900001");

    #[test]
    fn an_account_without_a_number_is_none_of_ours() {
        for attributes in
            [&[][..], &[("phone_number", "")], &[("phone_number", "12")], &[("email", "a@example.com")]]
        {
            assert!(read(true, attributes).is_none());
        }
    }

    #[test]
    fn i10_what_is_verified_was_verified_and_a_lost_number_is_not_verified() {
        for (spelt, verified) in
            [("true", true), ("True", true), ("false", false), ("", false), ("yes", false)]
        {
            let account = read(true, &[NUMBER, ("phone_number_verified", spelt)]).unwrap().subscriber;
            assert_eq!((account.phone_verified, account.was_verified), (verified, verified), "{spelt}");
        }
        let lost =
            [("phone_number", ""), ("phone_number_verified", "true"), ("custom:lost_number", NUMBER.1)];
        let account = read(true, &lost).unwrap();
        assert_eq!((account.lost, account.subscriber.phone_verified), (true, false));
        let once = read(true, &[NUMBER, ("custom:was_verified", "true")]).unwrap().subscriber;
        assert_eq!((once.phone_verified, once.was_verified), (false, true));
    }

    #[test]
    fn i10_an_account_that_a_deletion_switched_off_stands_as_before() {
        let by_operator = read(false, &[NUMBER]).unwrap().subscriber;
        assert_eq!((by_operator.status.clone(), by_operator.unproven()), (UserStatus::Disabled, None));
        let by_us = read(false, &[NUMBER, ("custom:deleting", "1790000000000")]).unwrap();
        assert_eq!(by_us.subscriber.status, UserStatus::Unconfirmed);
        assert_eq!(by_us.deleting, Some(Timestamp::from_unix_millis(1_790_000_000_000)));
    }
}
