//! The ledger: every limit and every live challenge, in two atomic operations.

use core::{fmt::Debug, future::Future, pin::Pin};
use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    limits::Quota,
    types::{Pseudonym, Timestamp},
};

/// What kind of thing a subject is. Stores keep the [`code`](Self::code) beside the id.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SubjectKind {
    /// A challenge, by the second it was made in and its nonce.
    Challenge,
    /// A phone, or the name in a decoy's place of one.
    Phone,
    /// An account.
    Account,
    /// The consecutive failures of an account, by their series.
    Series,
    /// A number prefix: the calling code and the next few digits.
    Prefix,
    /// A destination: a rule of the policy.
    Destination,
    /// Everybody.
    Everybody,
    /// The record of a person's live challenge.
    Person,
    /// A session token that was used, by the second it was made in and random bits.
    Token,
    /// Whoever asks from outside: an address or a device, as the host names it.
    Client,
    /// The tokens that come from one sign-in, likewise.
    TokenFamily,
    /// The number that an account is to have, once a code sent to it was answered.
    PendingNumber,
}

impl SubjectKind {
    /// A number that is never reused for another kind.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Challenge => 1,
            Self::Phone => 2,
            Self::Account => 3,
            Self::Series => 4,
            Self::Prefix => 5,
            Self::Destination => 6,
            Self::Everybody => 7,
            Self::Person => 8,
            Self::Token => 9,
            Self::Client => 10,
            Self::TokenFamily => 11,
            Self::PendingNumber => 12,
        }
    }
}

/// Whose quota or record it is: a kind and 128 bits that do not say who.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Subject {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Pseudonym,
}

impl Subject {
    /// One subject.
    #[must_use]
    pub const fn new(kind: SubjectKind, id: Pseudonym) -> Self {
        Self { kind, id }
    }
}

/// What is charged: one quota of one subject.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// Whose.
    pub subject: Subject,
    /// Which, and how it counts.
    pub quota: Quota,
}

/// One line of a bill: what [`Ledger::charge`] is asked to pay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Charge {
    /// What is charged.
    pub key: Key,
    /// How much; 0 asks without paying.
    pub cost: u64,
}

impl Charge {
    /// Charges `cost` to one quota of one subject.
    #[must_use]
    pub const fn new(subject: Subject, quota: Quota, cost: u64) -> Self {
        Self { key: Key { subject, quota }, cost }
    }
}

/// Which act is paid for. The same act is paid once, however often the call is repeated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ActId([u8; 16]);

impl ActId {
    /// Takes 16 bytes that no other act has.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The most charges one call may carry: what a text costs at most (the challenge twice, phone, prefix, destination,
/// everybody twice), and one in reserve.
pub const MAX_CHARGES: usize = 8;

/// How one quota stands after a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// How much could still be paid now.
    pub remaining: u64,
    /// The moment from which a cost of 1 could be paid; `now` or earlier if it could be paid at once.
    pub more_at: Timestamp,
}

impl Standing {
    /// How one quota stands.
    #[must_use]
    pub const fn new(remaining: u64, more_at: Timestamp) -> Self {
        Self { remaining, more_at }
    }
}

/// What would not pay: the first charge that did not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// The place of the refused charge in the call.
    pub which: usize,
    /// The moment from which it could be paid.
    pub retry_at: Timestamp,
}

/// The answer to a [`Ledger::charge`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "an unread admission limits nobody"]
#[non_exhaustive]
pub struct Admission {
    refused: Option<Refusal>,
    standings: [Option<Standing>; MAX_CHARGES],
}

impl Admission {
    /// An answer with no standing filled in.
    pub const fn new() -> Self {
        Self { refused: None, standings: [None; MAX_CHARGES] }
    }

    /// Notes how the charge at `place` stands after the call.
    pub fn note(&mut self, place: usize, standing: Standing) {
        if let Some(slot) = self.standings.get_mut(place) {
            *slot = Some(standing);
        }
    }

    /// Notes that the charge at `which` would not pay.
    pub const fn refuse(&mut self, which: usize, retry_at: Timestamp) {
        self.refused = Some(Refusal { which, retry_at });
    }

    /// What would not pay; `None` if everything was paid.
    #[must_use]
    pub const fn refused(&self) -> Option<Refusal> {
        self.refused
    }

    /// How the charge at `place` stands; `None` behind a refusal.
    #[must_use]
    pub fn standing(&self, place: usize) -> Option<Standing> {
        self.standings.get(place).copied().flatten()
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self::new()
    }
}

/// When a [`Ledger::put`] may write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // complete: nothing there, or exactly this
pub enum OnlyIf<'a> {
    /// Nothing live is there.
    Absent,
    /// Exactly these bytes are there, live.
    Is(&'a [u8]),
}

/// The answer to a [`Ledger::put`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a record that was not written protects nobody"]
#[allow(clippy::exhaustive_enums)] // complete: written, or what stood in the way
pub enum Put {
    /// The value was written.
    Done,
    /// It was not: this is what is there, `None` if nothing live is.
    Held(Option<Vec<u8>>),
}

/// A ledger that looks at what is about to be paid.
pub type Foresight<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Counts every limit and holds every live challenge.
///
/// # Contract
///
/// *Atomic.* Calls on one subject, and on one record, happen as if one after the other, over every process that
/// shares the ledger. **A quota never admits more than its capacity in any window, whatever the interleaving**: this
/// is what bounds an attacker's guesses and the SMS bill. An adapter may be stricter, never laxer.
///
/// *Pay before the act.* No operation lowers a count: no refund, no reset, no eviction of a live entry. A full store
/// refuses with [`StoreError::Full`].
///
/// *Unknown is done.* After [`StoreError::Unavailable`] a call may or may not have landed. Dropping the future is the
/// same.
///
/// *One policy.* Engines that share a ledger ask with the same windows; counts are kept for the longest asked last.
///
/// *Expiry is compared to the clock*, never left to a background deletion. Time that goes backwards frees nothing:
/// entries count from the later of `now` and their newest.
///
/// What it holds says nothing about a person: subjects are pseudonyms, records hold no code.
#[async_trait]
pub trait Ledger: Debug + Send + Sync + 'static {
    /// Pays every charge, subject by subject in the order given. A cost may be any `u64`, above the capacity too: add
    /// saturating.
    ///
    /// Charges of one subject stand side by side and are paid together or not at all. At the first subject with a
    /// charge that does not fit, the call stops: what earlier subjects paid stays paid. A quota in which `id` was paid
    /// within its longest window is not charged again and counts as paid; a coarse quota remembers at least its last
    /// payer. A cost of 0 is never refused and pays nothing. At most [`MAX_CHARGES`] charges.
    ///
    /// The answer holds the standing of every charge up to and with the refused subject's.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then acts as if it had paid and been refused.
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError>;

    /// Writes `value` under `subject` until `dead_at`, if what is there now allows it; else says what is there.
    ///
    /// A record is live while `now < dead_at`; a dead one is absent. `OnlyIf::Is` compares bytes. A caller that finds
    /// its own value held has succeeded earlier.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then treats the record as changed by somebody else.
    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError>;

    /// Looks at what is about to be paid, while the engine waits for something else. It pays nothing, promises nothing and cannot fail:
    /// a ledger that is far away saves a round trip by it. `None`, as by default, if there is nothing to gain.
    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        let _ = (id, charges);
        None
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: Ledger + ?Sized> Ledger for $pointer {
            async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
                (**self).charge(id, charges, now).await
            }
            async fn put(
                &self, subject: Subject, value: &[u8], dead_at: Timestamp, only_if: OnlyIf<'_>, now: Timestamp,
            ) -> Result<Put, StoreError> {
                (**self).put(subject, value, dead_at, only_if, now).await
            }
            fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
                (**self).foresee(id, charges)
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
