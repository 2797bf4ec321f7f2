//! Whose sign-in it is.

use super::{PoolError, seal::Keyring};
use crate::{
    ports::{Subscriber, UserStatus},
    types::{Claimant, PhoneNumber},
};

/// The person a call is about. Not knowing somebody is an ordinary case: the same calls are made, nothing comes of them.
#[derive(Debug)]
pub(super) enum User {
    Known(Subscriber),
    /// Whoever has the number: no account is asked for until the code was answered.
    Holder {
        /// Made up; the same each time.
        user_name: String,
        phone: PhoneNumber,
    },
    Unknown {
        /// Made up; the same each time.
        user_name: String,
    },
}

impl User {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Known(subscriber) => &subscriber.user_name,
            Self::Holder { user_name, .. } | Self::Unknown { user_name } => user_name,
        }
    }

    pub(super) const fn claimant(&self) -> Claimant {
        match self {
            Self::Known(_) | Self::Holder { .. } => Claimant::Known,
            Self::Unknown { .. } => Claimant::Unknown,
        }
    }

    /// Whether an account in this state may sign in by code. Somebody unknown may always try.
    ///
    /// A password that is to be reset says nothing of the number, and a code is the way in that is left.
    pub(super) const fn gate(&self) -> Result<(), PoolError> {
        match self {
            Self::Holder { .. } | Self::Unknown { .. } => Ok(()),
            Self::Known(subscriber) => match subscriber.status {
                UserStatus::Confirmed | UserStatus::ForceChangePassword | UserStatus::ResetRequired => Ok(()),
                UserStatus::Disabled => Err(PoolError::Disabled),
                UserStatus::External | UserStatus::Other(_) => Err(PoolError::NotAuthorized),
                UserStatus::Unconfirmed => Err(PoolError::UserNotConfirmed),
            },
        }
    }

    /// Whether `username` is this person: by the internal name, or by the phone number as it was typed.
    ///
    /// Amplify v6 answers with the internal name it was told, amazon-cognito-identity-js with the number it sent.
    pub(super) fn is_called(&self, username: &str, made_up: &str) -> bool {
        let by_alias = match self {
            Self::Known(Subscriber { phone, .. }) | Self::Holder { phone, .. } => {
                username.parse().ok() == Some(*phone)
            }
            Self::Unknown { user_name } => made_up == user_name,
        };
        by_alias || username == self.name()
    }
}

/// The name of somebody the pool does not know: a UUID that is the same for the same typed name, as on Cognito, and
/// that nobody without the key can tell from a real one. In the form of a random one (RFC 9562, version 4), so real
/// accounts must be named likewise.
///
/// Clients are shown the name and may type it. A real one then leads to the same account; so a made-up one is known
/// again, by its second half, which vouches for the first, and stays as it is.
pub(super) fn made_up_name(keys: &Keyring, pool: &str, username: &str) -> Option<String> {
    if let Some(head) = username.get(..HEAD).filter(|_| username.len() == UUID) {
        let again = with_tail(keys, pool, head)?;
        if again == username {
            return Some(again);
        }
    }
    let bits = keys.made_up(1, pool, username)? & !(0xf << 12) | 0x4 << 12;
    with_tail(keys, pool, &format!("{:08x}-{:04x}-{:04x}", bits >> 32, bits >> 16 & 0xffff, bits & 0xffff))
}

/// How long a UUID is, and its first half with the hyphens.
const UUID: usize = 36;
const HEAD: usize = 18;

fn with_tail(keys: &Keyring, pool: &str, head: &str) -> Option<String> {
    let bits = keys.made_up(2, pool, head)? & !(0x3 << 62) | 0x2 << 62;
    Some(format!("{head}-{:04x}-{:012x}", bits >> 48, bits & 0xffff_ffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::SealKey;

    fn name(names: Option<u8>, sealing: u8, pool: &str, username: &str) -> String {
        let key = |byte: u8| SealKey::from_bytes(&[byte; 32]);
        let keys = Keyring { sealing: key(sealing), opening: Vec::new(), names: names.map(key) };
        made_up_name(&keys, pool, username).unwrap()
    }

    #[test]
    fn a_made_up_name_is_a_random_uuid_in_form_and_the_same_each_time() {
        for number in 100..400 {
            let typed = format!("+919999900{number}");
            let made_up = name(None, 1, "p", &typed);
            assert_eq!(made_up, name(None, 1, "p", &typed));
            let shape: String = made_up.chars().map(|c| if c == '-' { '-' } else { 'x' }).collect();
            assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
            assert_eq!(&made_up[14..15], "4");
            assert!("89ab".contains(&made_up[19..20]), "{made_up}");
        }
    }

    #[test]
    fn a_made_up_name_depends_on_pool_name_and_key_and_the_names_key_outlives_a_rotation() {
        let base = name(None, 1, "p", "ana");
        assert_ne!(base, name(None, 2, "p", "ana"));
        assert_ne!(base, name(None, 1, "q", "ana"));
        assert_ne!(base, name(None, 1, "p", "bob"));
        assert_ne!(name(None, 1, "pa", "na"), name(None, 1, "p", "ana"));
        assert_eq!(name(Some(7), 1, "p", "ana"), name(Some(7), 2, "p", "ana"));
    }

    #[test]
    fn i8_a_made_up_name_stands_for_itself_and_a_changed_one_does_not() {
        let made_up = name(None, 1, "p", "ana");
        assert_eq!(name(None, 1, "p", &made_up), made_up);
        assert_ne!(name(None, 2, "p", &made_up), made_up, "another key");
        assert_ne!(name(None, 1, "q", &made_up), made_up, "another pool");
        for place in (0..36).filter(|place| ![8, 13, 18, 23].contains(place)) {
            let mut changed = made_up.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert_ne!(name(None, 1, "p", &changed), changed, "place {place}");
        }
        assert_ne!(name(None, 1, "p", &made_up.to_uppercase()), made_up.to_uppercase());
    }
}
