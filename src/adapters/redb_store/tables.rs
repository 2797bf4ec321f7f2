//! What is in the file.

use core::{cell::Cell, ops::Bound};

use redb::{ReadableTable as _, ReadableTableMetadata as _, Table, TableDefinition, WriteTransaction};

/// Any failure of the database's.
pub(super) type Failure = redb::Error;

/// A subject as the ledger's table has it: 1 byte of its shelf, 16 of its name, 1 of its kind.
pub(super) type Key = [u8; 18];

/// Counts and records by subject: 8 bytes of the millisecond they are dead at, then their own bytes.
pub(super) const LEDGER: TableDefinition<'_, Key, &[u8]> = TableDefinition::new("ledger");
/// Accounts by name.
pub(super) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
/// The name of the one account that a number leads to.
pub(super) const NUMBERS: TableDefinition<'_, &str, &str> = TableDefinition::new("numbers");
/// Numbers about the file itself.
pub(super) const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

pub(super) const VERSION: &str = "version";
/// Two halves of what act ids are hashed with.
pub(super) const SALT: [&str; 2] = ["salt-1", "salt-2"];
/// The latest death among the entries that were dropped.
pub(super) const DROPPED: &str = "dropped";
/// The first 8 bytes of the subject that was looked at last, to see whether it is dead.
const LOOKED_AT: &str = "looked-at";

/// All tables within one write transaction.
pub(super) struct Tables<'t> {
    pub(super) ledger: Table<'t, Key, &'static [u8]>,
    pub(super) accounts: Table<'t, &'static str, &'static [u8]>,
    pub(super) numbers: Table<'t, &'static str, &'static str>,
    pub(super) about: Table<'t, &'static str, u64>,
    /// Whether anything was written.
    pub(super) changed: Cell<bool>,
    /// [`LOOKED_AT`] in full, once this write looks at any.
    looked_at: Option<Key>,
    /// Whether this write has looked far for room.
    pub(super) has_looked_far: bool,
    /// [`DROPPED`], once it was read: every charge asks for it.
    dropped: Cell<Option<u64>>,
}

/// What is kept of one subject.
#[derive(Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) dead_at: u64,
    pub(super) bytes: Vec<u8>,
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, Failure> {
        Ok(Self {
            ledger: transaction.open_table(LEDGER)?,
            accounts: transaction.open_table(ACCOUNTS)?,
            numbers: transaction.open_table(NUMBERS)?,
            about: transaction.open_table(ABOUT)?,
            changed: Cell::new(false),
            looked_at: None,
            has_looked_far: false,
            dropped: Cell::new(None),
        })
    }

    pub(super) fn entry(&self, key: &Key) -> Result<Option<Entry>, Failure> {
        Ok(self.ledger.get(key)?.and_then(|held| Entry::read(held.value())))
    }

    pub(super) fn set_entry(&mut self, key: &Key, entry: &Entry) -> Result<(), Failure> {
        self.changed.set(true);
        let mut bytes = entry.dead_at.to_be_bytes().to_vec();
        bytes.extend_from_slice(&entry.bytes);
        self.ledger.insert(key, bytes.as_slice())?;
        Ok(())
    }

    pub(super) fn entries(&self) -> Result<u64, Failure> {
        Ok(self.ledger.len()?)
    }

    pub(super) fn dropped(&self) -> Result<u64, Failure> {
        if let Some(dropped) = self.dropped.get() {
            return Ok(dropped);
        }
        let dropped = self.about.get(DROPPED)?.map_or(0, |held| held.value());
        self.dropped.set(Some(dropped));
        Ok(dropped)
    }

    fn looked_at(&self) -> Result<Key, Failure> {
        if let Some(key) = self.looked_at {
            return Ok(key);
        }
        // Behind all that begin alike: so each write gets on, and what it passes over comes another time.
        let mut key = [u8::MAX; size_of::<Key>()];
        if let (Some(held), Some(first)) = (self.about.get(LOOKED_AT)?, key.first_chunk_mut()) {
            *first = held.value().to_be_bytes();
            return Ok(key);
        }
        Ok(Key::default())
    }

    /// Keeps what the next write goes on from, also once the file was opened again.
    pub(super) fn keep_looked_at(&mut self) -> Result<(), Failure> {
        if let Some(first) = self.looked_at.as_ref().and_then(|key| key.first_chunk()) {
            self.about.insert(LOOKED_AT, u64::from_be_bytes(*first))?;
        }
        Ok(())
    }

    /// Looks at the next `many` entries, in turn, and drops those that were dead at `time`.
    ///
    /// An index by time of death would find them at once, and cost more than all else: it is written with every new entry, and with
    /// every death. Those who come next find the dead where they lie, many in one page.
    pub(super) fn drop_dead(&mut self, time: u64, many: usize) -> Result<(), Failure> {
        let mut dead = Vec::new();
        let mut dropped = self.dropped()?;
        let mut last = None;
        let behind = (Bound::Excluded(self.looked_at()?), Bound::Unbounded);
        for (number, held) in self.ledger.range(behind)?.take(many).enumerate() {
            let (key, entry) = held?;
            let dead_at = entry.value().first_chunk().map_or(u64::MAX, |bytes| u64::from_be_bytes(*bytes));
            if dead_at < time {
                dead.push(key.value());
                dropped = dropped.max(dead_at);
            }
            last = (number + 1 == many).then(|| key.value());
        }
        // Behind the last comes the first.
        self.looked_at = Some(last.unwrap_or_default());
        if dead.is_empty() {
            return Ok(());
        }
        for key in dead {
            self.ledger.remove(key)?;
        }
        self.about.insert(DROPPED, dropped)?;
        self.dropped.set(Some(dropped));
        self.changed.set(true);
        Ok(())
    }
}

impl Entry {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (dead_at, bytes) = bytes.split_first_chunk::<8>()?;
        Some(Self { dead_at: u64::from_be_bytes(*dead_at), bytes: bytes.to_vec() })
    }
}
