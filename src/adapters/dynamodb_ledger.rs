//! The ledger of many processes, in one DynamoDB table.

mod api;
mod book;
mod item;
mod seen;
mod table;

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use sha2::{Digest as _, Sha256};
use time::Duration;

pub use self::table::DynamoDbTable;
use self::{
    api::{Api, Condition, Written},
    book::Book,
    item::{Item, Key},
    seen::Seen,
};
use crate::{
    limits::{Payer, millis},
    ports::{
        ActId, Admission, Charge, Clock, Foresight, Ledger, MAX_CHARGES, OnlyIf, Put, StoreError, Subject,
        SystemClock,
    },
    types::Timestamp,
};

/// A [`Ledger`] in a DynamoDB table that any number of processes share: exact to the millisecond.
///
/// It takes a ready client and makes none. Core 1.88; AWS features follow the SDK.
///
/// ```
/// # #[cfg(feature = "dynamodb")] {
/// use aws_sdk_dynamodb::Client;
/// use custom_auth::DynamoDbLedger;
///
/// fn ledger(client: Client) -> DynamoDbLedger {
///     DynamoDbLedger::new(client, "custom-auth")
/// }
/// # }
/// ```
///
/// # What the table holds
///
/// One item per subject: its counts, in the bytes that every ledger of this crate keeps, so that **all windows are exact here too**;
/// and one item per record. Names are pseudonyms, records hold no code. [`DynamoDbTable`] says what the table must be like.
///
/// DynamoDB's conditions compare attributes and cannot add up what a window holds. So counts are read, added up here, and written on the
/// condition that they are what was read: who comes too late is told what is there and adds up anew. Charges of several subjects are
/// written in one transaction. Every condition compares the whole of what was read, so no two callers can pay from the same room.
///
/// # Calls and cost of an operation
///
/// | operation | calls, one after the other | units |
/// |---|---|---|
/// | `put` | `PutItem` on a condition, which returns what is there if it does not hold | 1 write, held or not |
/// | `put` of a value in its own place, which is how a record is read | `GetItem` | 1 read |
/// | `charge` that pays one subject | `GetItem`, `PutItem` | 1 read, 1 write |
/// | `charge` that pays n subjects | `BatchGetItem`, `TransactWriteItems` | n reads, 2n writes |
/// | `charge` that pays what this process has read or written last | `PutItem` or `TransactWriteItems` | as above, without the reads |
/// | `charge` that asks, or is refused | `GetItem` or `BatchGetItem` | n reads |
/// | for each other caller who came first | one more write; after a conflict of transactions one more read too | |
///
/// All reads are strongly consistent. Items are smaller than a kilobyte but where a quota has very many payers.
///
/// # Retries and time-outs
///
/// *A call whose outcome is not known counts as paid and is acted on as refused.* The SDK may repeat a write that has landed: a
/// transaction carries a token and lands once; a single write then fails its condition, and is told counts in which this very act has
/// paid. A repeat that comes later than six others in a coarse quota is charged twice, which is the safe side. **Give the client a
/// timeout for an attempt, well below the policy's trigger deadline.**
///
/// # Time
///
/// Expiry is compared to the caller's clock, on every read and in every condition. The table's Time to Live only removes what
/// has been dead for an hour; without it nothing is wrong but the bill. A clock that is behind by more than that hour could find
/// counts gone that it would still count: keep clocks within the policy's skew.
///
/// # Hot keys
///
/// What everybody shares — the texts of all, of a destination, the money — lies in one item each, and whoever writes one in a
/// transaction that another has overtaken tries again: by estimate, some ten texts a second are the most before that costs texts their time.
/// [`shards`](Self::shards) spreads these over n items, of which each act is charged to one.
///
/// # One region
///
/// A global table resolves two writes of one item by taking the later, which **forgets counts**: n regions that write admit up to n
/// times as much. Write in one region; or give each region a table and share the capacities out.
pub struct DynamoDbLedger {
    api: Api,
    shards: u8,
    seen: Seen,
    clock: Arc<dyn Clock>,
}

/// How many other callers may come first before a call gives up. The engine's deadline comes sooner.
const MOST_RACES: u32 = 100;
/// The longest wait before another attempt.
const LONGEST_WAIT: Duration = Duration::milliseconds(64);

impl DynamoDbLedger {
    /// The ledger in this table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            api: Api { client, table: table.into() },
            shards: 1,
            seen: Seen::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Spreads what everybody shares over so many items, 1 to 255; 1 by default. **The same in every process.**
    ///
    /// Of a capacity C, shard i of n has ⌊(C + n − 1 − i) / n⌋, and an act is charged to the one that its id points to. The shares add up
    /// to C, so no window holds more than C; one whose shard is used up is refused while others have room, some √(nC) before the
    /// end. For more than about 10 texts a second; a capacity below n leaves some shards nothing.
    ///
    /// To change it under way is to forget part of what was paid: up to twice the capacity may be admitted in the window
    /// around the change. Halve the capacities for that long.
    #[must_use]
    pub fn shards(self, shards: u8) -> Self {
        Self { shards: shards.max(1), ..self }
    }

    /// By this clock it waits before another attempt; the system's, if none is given.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// What is kept of an act's id. Act ids are drawn or made with a key, so nobody can choose two with the same hash.
    fn payer(id: ActId) -> Payer {
        let full: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let [a, b, c, d, e, f, ..] = full;
        Payer([a, b, c, d, e, f])
    }

    /// Swaps a record, or says what is there.
    async fn swap(
        &self,
        key: Key,
        new: &Item,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let condition = match only_if {
            OnlyIf::Absent => Condition::Dead(millis(now)),
            OnlyIf::Is(old) => Condition::Live(old, millis(now)),
        };
        Ok(match self.api.write(key, new, &condition).await? {
            Written::Done => Put::Done,
            Written::Held(held) => Put::Held(held.and_then(|held| held.live_bytes(now))),
            // Records are in no transaction.
            Written::Busy => {
                return Err(StoreError::Unavailable("somebody else writes the same record".into()));
            }
        })
    }

    /// Reads what is not known, in one call.
    async fn read(&self, book: &mut Book<'_>) -> Result<(), StoreError> {
        let unknown = book.unknown();
        match unknown.as_slice() {
            [] => {}
            [key] => book.has_read(*key, self.api.get(*key).await?),
            // What the service leaves out stays unknown.
            keys => {
                for (key, item) in self.api.get_all(keys).await? {
                    book.has_read(key, item);
                }
            }
        }
        Ok(())
    }

    /// What the answer is, if what was paid can be written. `None` if the service is too busy to be read.
    async fn add_up(&self, book: &mut Book<'_>, now: Timestamp) -> Result<Option<Admission>, StoreError> {
        loop {
            self.read(book).await?;
            if !book.is_known() {
                return Ok(None);
            }
            // Else something that was only remembered is to be read first.
            if let Some(admission) = book.add_up(now)? {
                return Ok(Some(admission));
            }
        }
    }

    /// Writes what was paid, all or nothing. Says whether it was done; if not, the book knows what is there, or that it does not.
    async fn write(&self, book: &mut Book<'_>) -> Result<bool, StoreError> {
        let changes = book.changes();
        let outcomes = match changes.as_slice() {
            [] => return Ok(true),
            [(key, new, old)] => vec![self.api.write(*key, new, &Condition::Is(*old)).await?],
            changes => {
                let changes: Vec<_> =
                    changes.iter().map(|(key, new, old)| (*key, *new, Condition::Is(*old))).collect();
                self.api.write_all(&changes).await?
            }
        };
        let keys: Vec<Key> = changes.iter().map(|(key, ..)| *key).collect();
        let mut done = true;
        for (key, outcome) in keys.into_iter().zip(outcomes) {
            match outcome {
                Written::Done => {}
                Written::Held(item) => {
                    done = false;
                    book.has_read(key, item);
                }
                Written::Busy => {
                    done = false;
                    book.forget(key);
                }
            }
        }
        Ok(done)
    }
}

#[async_trait]
impl Ledger for DynamoDbLedger {
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] for more than [`MAX_CHARGES`] charges, of which none is paid.
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        if charges.len() > MAX_CHARGES {
            return Err(StoreError::Corrupt("more charges than a call may carry".into()));
        }
        let payer = Self::payer(id);
        let mut book = Book::new(payer, charges, self.shards);
        if charges.iter().any(|charge| charge.cost > 0) {
            book.remember(&self.seen);
        }
        for race in 0..MOST_RACES {
            // At first nobody need be in the way: what was remembered was not true any more, and what is has just been told.
            if race > 1 {
                self.clock.sleep_until(self.clock.now() + wait(payer, race)).await;
            }
            let Some(admission) = self.add_up(&mut book, now).await? else { continue };
            if self.write(&mut book).await? {
                book.keep(&self.seen);
                return Ok(admission);
            }
        }
        Err(StoreError::Unavailable("too many others pay for the same".into()))
    }

    /// A record that is swapped for itself, which is how it is read, is read.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let (key, new) = (Key::record(subject), Item::new(value.to_vec(), millis(dead_at)));
        if only_if == OnlyIf::Is(value) {
            let held = self.api.get(key).await?;
            if held.as_ref() == Some(&new) && new.is_live(now) {
                return Ok(Put::Done);
            }
            match held.and_then(|held| held.live_bytes(now)) {
                // Kept for another time than now.
                Some(live) if live == value => {}
                other => return Ok(Put::Held(other)),
            }
        }
        self.swap(key, &new, only_if, now).await
    }

    /// Reads it in one call: then it is paid in one.
    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        Some(Box::pin(async move {
            let mut book = Book::new(Self::payer(id), charges, self.shards);
            if self.read(&mut book).await.is_ok() {
                book.keep(&self.seen);
            }
        }))
    }
}

/// How long to wait once so many others came first: longer and longer, and each caller otherwise.
fn wait(payer: Payer, race: u32) -> Duration {
    let most = (Duration::MILLISECOND * (1_i32 << race.min(16))).min(LONGEST_WAIT);
    let Payer(name) = payer;
    let place = usize::try_from(race).unwrap_or_default() % name.len();
    most * i32::from(name.get(place).copied().unwrap_or_default()) / 256
}

impl fmt::Debug for DynamoDbLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDbLedger")
            .field("table", &self.api.table)
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
