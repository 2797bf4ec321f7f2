//! Accounts and limits in one file of one process, durable.

mod database;
mod ledger;
mod row;
mod snapshot;
mod tables;
#[cfg(test)]
mod tests;
mod users;
mod writer;

use core::fmt;
use std::{io, path::Path, sync::Arc};

use redb::StorageBackend;

use self::{database::Database, writer::Writer};
pub use self::{ledger::RedbLedger, users::RedbUsers};
use crate::ports::NumberRule;

/// Accounts, limits and sign-ins in one file: for a server of one process.
///
/// **Nothing is answered before it is on the disk.** What was acknowledged is there after the process was killed, or the machine
/// lost power, at any moment. Operations that come at the same time share one write to the disk, so a busy server waits for the disk
/// no more often than an idle one; while many come, each write waits two milliseconds for more.
///
/// One process has the file; a second is told so. If the disk is full or fails, operations fail with
/// [`StoreError::Unavailable`](crate::StoreError::Unavailable) and nothing is acknowledged; each later one tries again, and all is
/// well once the disk is. **A disk that failed to sync is not to be trusted again**: some systems then show what they lost, from memory,
/// until they are started anew.
///
/// Clones and parts share the file, which is closed when the last is dropped.
///
/// ```
/// use custom_auth::RedbStore;
///
/// let path = std::env::temp_dir().join(format!("custom-auth-{}.redb", std::process::id()));
/// let store = RedbStore::open(&path)?;
/// let (users, ledger) = (store.users(), store.ledger());
/// # drop((store, users, ledger));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RedbStore {
    inner: Arc<Inner>,
    rule: NumberRule,
}

struct Inner {
    database: Arc<Database>,
    writer: Writer,
}

/// A file that cannot be used. It repeats neither the path nor anything in the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedbStoreError {
    /// Another process has it, or this one has it already.
    #[error("the store is in use already")]
    InUse,
    /// The operating system, or the file's own form, stands in the way.
    #[error("the store cannot be opened: {0}")]
    Open(io::ErrorKind),
    /// It was written by another version of this crate, in another form.
    #[error("the store has a form that is not known here")]
    Version,
}

/// How many entries the ledger holds, and how many accounts there may be.
const LEDGER_CAPACITY: u64 = 1 << 24;
const ACCOUNTS: u64 = 1 << 24;

impl RedbStore {
    /// Opens the file, and makes it if there is none, with mode 0600 on Unix. It holds 16 million entries of the ledger and as many
    /// accounts at most, since strangers can make both; then it refuses with [`StoreError::Full`](crate::StoreError::Full).
    ///
    /// After a crash it is mended first, which takes longer the larger it is: about a second for a gigabyte.
    ///
    /// # Errors
    /// [`RedbStoreError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RedbStoreError> {
        let path = path.as_ref().to_owned();
        Self::from_database(Database::at(path)?)
    }

    /// The same in storage of your own: one that is encrypted, or that counts its syncs. `open` gives it now, and again after it failed,
    /// when what was written is read from there anew. **What it says is synced must be on the disk.**
    ///
    /// # Errors
    /// [`RedbStoreError`].
    ///
    /// ```
    /// use custom_auth::RedbStore;
    /// use redb::backends::InMemoryBackend;
    ///
    /// let store = RedbStore::with_backend(|| Ok(InMemoryBackend::new()))?; // and after a failure all is gone
    /// # drop(store);
    /// # Ok::<(), custom_auth::RedbStoreError>(())
    /// ```
    pub fn with_backend<B: StorageBackend>(
        open: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<Self, RedbStoreError> {
        Self::from_database(Database::on(open)?)
    }

    fn from_database(database: Database) -> Result<Self, RedbStoreError> {
        let database = Arc::new(database);
        let writer =
            Writer::start(Arc::clone(&database)).map_err(|error| RedbStoreError::Open(error.kind()))?;
        Ok(Self { inner: Arc::new(Inner { database, writer }), rule: NumberRule::FirstHolds })
    }

    /// The same file under this number rule. A file is used under one rule for good, as a Cognito pool is.
    #[must_use]
    pub const fn under(mut self, rule: NumberRule) -> Self {
        self.rule = rule;
        self
    }

    /// The accounts.
    #[must_use]
    pub fn users(&self) -> RedbUsers {
        RedbUsers::new(Arc::clone(&self.inner), self.rule, ACCOUNTS)
    }

    /// The ledger: limits, live challenges, used sessions, refresh tokens.
    #[must_use]
    pub fn ledger(&self) -> RedbLedger {
        RedbLedger::new(Arc::clone(&self.inner), LEDGER_CAPACITY)
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("rule", &self.rule).finish_non_exhaustive()
    }
}
