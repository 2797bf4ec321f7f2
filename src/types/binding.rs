//! What a code is bound to, and the pseudonyms that people have in stores.

use core::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{ClientId, CodeKeys, KeyId, PhoneNumber, Timestamp, UserName, UserPoolId};

/// What a code is for. It is part of what the code is derived from, so a code for one purpose is no answer to another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// Giving an account another number: sent to the new one.
    ChangeNumber,
    /// Signing in.
    SignIn,
    /// Confirming a sign-up.
    SignUp,
}

impl Purpose {
    pub(super) const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::ChangeNumber => b"change-number",
            Self::SignIn => b"sign-in",
            Self::SignUp => b"sign-up",
        }
    }
}

/// Everything that a code is bound to (invariant I6). An answer given for any other value of any member cannot match.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs)] // complete: a new member changes every code
pub struct Binding<'a> {
    /// The user pool.
    pub pool: UserPoolId<'a>,
    /// The app client.
    pub client: ClientId<'a>,
    /// The user.
    pub user: UserName<'a>,
    /// The phone number, or `None` for a decoy, which nobody is texted for.
    pub phone: Option<PhoneNumber>,
    /// What the code is for.
    pub purpose: Purpose,
}

/// A keyed, one-way name for a person or a thing: 128 bits. What stores see in place of numbers and users.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// Takes 16 bytes that are already random or one-way.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The first 12 of 16 random bytes, behind the second that they were drawn in. For names that are new with each sign-in: what a store
    /// keeps by them lies together as it was written together, which is fewer pages of a file for each write, and 96 random bits are
    /// nobody else's (as RFC 9562 has it of its version 7).
    pub(crate) fn in_order(at: Timestamp, random: &[u8; 16]) -> Self {
        let second = (at.as_unix_millis() / 1_000).to_be_bytes();
        let mut bytes = [0; 16];
        let led = second.into_iter().skip(4).chain(random.iter().copied());
        bytes.iter_mut().zip(led).for_each(|(to, from)| *to = from);
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonym({:032x})", u128::from_be_bytes(self.0))
    }
}

/// The pseudonyms of one binding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Pseudonyms {
    /// The (pool, user).
    pub account: Pseudonym,
    /// The (pool, phone); for a decoy the (pool, user) in the phone's place, so that its limits move alike.
    pub phone: Pseudonym,
    /// The (pool, client, user, phone, purpose): at most one challenge is live for it.
    pub person: Pseudonym,
}

impl CodeKeys {
    /// The names under which a store keeps what belongs to `binding`.
    #[must_use]
    pub fn pseudonyms(&self, binding: &Binding<'_>) -> Pseudonyms {
        let (pool, user) = (binding.pool.as_str().as_bytes(), binding.user.as_str().as_bytes());
        let account = self.pseudonym(b"account", &[pool, user]);
        let phone = match &binding.phone {
            Some(phone) => self.pseudonym(b"phone", &[pool, phone.e164().as_bytes()]),
            None => self.pseudonym(b"decoy", &[pool, user]),
        };
        let client = binding.client.as_str().as_bytes();
        let person = self.pseudonym(b"person", &[&account.0, &phone.0, client, binding.purpose.as_bytes()]);
        Pseudonyms { account, phone, person }
    }

    /// A name for an answer that nobody can find the answer from: keyed by a code key, since a plain hash over a million
    /// answers is undone by trying them. `None` if the key is not listed.
    pub(crate) fn answer_name<'p>(
        &self,
        key_id: KeyId,
        parts: impl IntoIterator<Item = &'p [u8]>,
    ) -> Option<[u8; 16]> {
        let mut mac = self.find(key_id)?.clone();
        absorb(&mut mac, b"answer/1");
        for part in parts {
            absorb(&mut mac, part);
        }
        Some(first_half(mac))
    }

    /// A one-way name for `parts`; `label` keeps kinds apart.
    #[must_use]
    pub fn pseudonym(&self, label: &[u8], parts: &[&[u8]]) -> Pseudonym {
        let mut mac = self.names().clone();
        absorb(&mut mac, label);
        for part in parts {
            absorb(&mut mac, part);
        }
        Pseudonym(first_half(mac))
    }
}

/// Feeds `part` behind its length, so that no two lists of parts look the same. The length is written in seven bits a
/// byte, the lowest first (LEB128): one byte for most parts, and most messages then fit fewer blocks of the hash.
pub(super) fn absorb(mac: &mut Hmac<Sha256>, part: &[u8]) {
    let mut rest = part.len();
    while rest >= 0x80 {
        mac.update(&[rest as u8 | 0x80]); // its lowest seven bits
        rest >>= 7;
    }
    mac.update(&[rest as u8]);
    mac.update(part);
}

/// The first 128 of the 256 bits.
pub(super) fn first_half(mac: Hmac<Sha256>) -> [u8; 16] {
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut half = [0; 16];
    half.copy_from_slice(full.split_at(16).0);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_order_are_in_the_order_of_their_seconds_and_differ_within_one() {
        let name = |millis, byte| Pseudonym::in_order(Timestamp::from_unix_millis(millis), &[byte; 16]);
        let second = 1_790_000_000_000;
        assert!(name(second, 0xff).as_bytes() < name(second + 1_000, 0).as_bytes());
        assert_ne!(name(second, 1), name(second, 2));
        assert_eq!(name(second, 7), name(second + 999, 7));
        assert_eq!(name(second, 7).as_bytes()[4..], [7; 12]);
    }

    #[test]
    fn parts_that_join_to_the_same_bytes_have_different_names() {
        let keys = CodeKeys::from_bytes("k1", &[1; 32]).unwrap();
        assert_ne!(keys.pseudonym(b"x", &[b"pool", b"user"]), keys.pseudonym(b"x", &[b"poolu", b"ser"]));
        assert_ne!(keys.pseudonym(b"x", &[b"a"]), keys.pseudonym(b"y", &[b"a"]));
        for len in [127, 128, 129, 16_383, 16_384, 20_000] {
            let long = vec![b'a'; len];
            assert_ne!(keys.pseudonym(b"x", &[&long]), keys.pseudonym(b"x", &[&long[..len - 1], b"a"]));
            assert_ne!(keys.pseudonym(b"x", &[&long]), keys.pseudonym(b"x", &[&long, b""]));
        }
    }

    const PARTS: [&[u8]; 2] = [b"flow", b"123456"];

    #[test]
    fn i7_an_answers_name_cannot_be_found_by_trying_answers_without_the_code_key() {
        let one = CodeKeys::from_bytes("k1", &[1; 32]).unwrap();
        let other = CodeKeys::from_bytes("k1", &[2; 32]).unwrap();
        let name = |keys: &CodeKeys| keys.answer_name(keys.signing_key_id(), PARTS).unwrap();
        assert_ne!(name(&one), name(&other), "without a names key, pseudonyms would be the same");
        assert_ne!(name(&one), *one.pseudonym(b"answer/1", &PARTS).as_bytes());
        let unlisted = CodeKeys::from_bytes("k2", &[1; 32]).unwrap().signing_key_id();
        assert_eq!(one.answer_name(unlisted, PARTS), None);
    }

    #[test]
    fn the_names_key_and_no_other_changes_names() {
        let name = |keys: CodeKeys| keys.pseudonym(b"x", &[b"a"]);
        let plain = CodeKeys::from_bytes("k1", &[1; 32]).unwrap();
        let rotated = CodeKeys::from_bytes("k2", &[2; 32]).unwrap();
        let keyed = plain.clone().with_names_key(&[3; 32]).unwrap();
        assert_eq!(name(plain.clone()), name(rotated));
        assert_ne!(name(plain), name(keyed));
    }
}
