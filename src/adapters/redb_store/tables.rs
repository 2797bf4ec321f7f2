//! What is in the file.

use core::cell::Cell;

use redb::{
    ReadTransaction, ReadableTable as _, ReadableTableMetadata as _, Table, TableDefinition, WriteTransaction,
};

/// Any failure of the database's.
pub(super) type Failure = redb::Error;

/// Counts and records by subject: 8 bytes of the millisecond they are dead at, then their own bytes.
pub(super) const LEDGER: TableDefinition<'_, [u8; 17], &[u8]> = TableDefinition::new("ledger");
/// The same subjects by their deaths, each once. What lives longer by now is still where it was written first, and is put in its new place when
/// that comes: most counts live longer with every call, and would be moved with each.
pub(super) const DEATHS: TableDefinition<'_, (u64, [u8; 17]), ()> = TableDefinition::new("deaths");
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

/// All tables within one write transaction.
pub(super) struct Tables<'t> {
    pub(super) ledger: Table<'t, [u8; 17], &'static [u8]>,
    pub(super) deaths: Table<'t, (u64, [u8; 17]), ()>,
    pub(super) accounts: Table<'t, &'static str, &'static [u8]>,
    pub(super) numbers: Table<'t, &'static str, &'static str>,
    pub(super) about: Table<'t, &'static str, u64>,
    /// Whether anything was written.
    pub(super) changed: Cell<bool>,
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
            deaths: transaction.open_table(DEATHS)?,
            accounts: transaction.open_table(ACCOUNTS)?,
            numbers: transaction.open_table(NUMBERS)?,
            about: transaction.open_table(ABOUT)?,
            changed: Cell::new(false),
            dropped: Cell::new(None),
        })
    }

    pub(super) fn entry(&self, key: &[u8; 17]) -> Result<Option<Entry>, Failure> {
        Ok(self.ledger.get(key)?.and_then(|held| Entry::read(held.value())))
    }

    /// Writes an entry in place of `before`, if there is one.
    pub(super) fn set_entry(
        &mut self,
        key: &[u8; 17],
        before: Option<&Entry>,
        entry: &Entry,
    ) -> Result<(), Failure> {
        self.changed.set(true);
        let mut bytes = entry.dead_at.to_be_bytes().to_vec();
        bytes.extend_from_slice(&entry.bytes);
        self.ledger.insert(key, bytes.as_slice())?;
        if before.is_none() {
            self.deaths.insert((entry.dead_at, *key), ())?;
        }
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

    /// Looks at up to `most` entries that may have been dead at `time`, and drops those that were.
    pub(super) fn drop_dead(&mut self, time: u64, most: usize) -> Result<(), Failure> {
        let mut due = Vec::new();
        for death in self.deaths.range(..(time, [0; 17]))?.take(most) {
            due.push(death?.0.value());
        }
        if due.is_empty() {
            return Ok(());
        }
        let mut dropped = self.dropped()?;
        for (written, key) in due {
            self.deaths.remove((written, key))?;
            match self.entry(&key)? {
                Some(entry) if entry.dead_at >= time => drop(self.deaths.insert((entry.dead_at, key), ())?),
                Some(entry) => {
                    self.ledger.remove(key)?;
                    dropped = dropped.max(entry.dead_at);
                }
                None => {}
            }
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

/// An entry as it was last committed.
pub(super) fn committed_entry(
    transaction: &ReadTransaction,
    key: &[u8; 17],
) -> Result<Option<Entry>, Failure> {
    let table = transaction.open_table(LEDGER)?;
    Ok(table.get(key)?.and_then(|held| Entry::read(held.value())))
}
