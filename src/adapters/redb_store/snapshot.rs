//! What was last committed.

use redb::{ReadOnlyTable, ReadableDatabase as _};

use super::tables::{ACCOUNTS, Entry, Failure, Key, LEDGER, NUMBERS};

/// The tables as they were last committed. Opened once for each write, not for each read: there are many more of those.
pub(super) struct Snapshot {
    pub(super) ledger: ReadOnlyTable<Key, &'static [u8]>,
    pub(super) accounts: ReadOnlyTable<&'static str, &'static [u8]>,
    pub(super) numbers: ReadOnlyTable<&'static str, &'static str>,
}

impl Snapshot {
    pub(super) fn of(database: &redb::Database) -> Result<Self, Failure> {
        let transaction = database.begin_read()?;
        Ok(Self {
            ledger: transaction.open_table(LEDGER)?,
            accounts: transaction.open_table(ACCOUNTS)?,
            numbers: transaction.open_table(NUMBERS)?,
        })
    }

    pub(super) fn entry(&self, key: &Key) -> Result<Option<Entry>, Failure> {
        Ok(self.ledger.get(key)?.and_then(|held| Entry::read(held.value())))
    }
}
