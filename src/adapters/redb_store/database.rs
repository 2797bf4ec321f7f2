//! The file, and opening it again after it failed.

use core::{fmt, mem};
use std::{
    fs::OpenOptions,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use redb::{DatabaseError, ReadableTable as _, StorageBackend, StorageError, WriteTransaction};

use super::{
    RedbStoreError,
    snapshot::Snapshot,
    tables::{Failure, SALT, Tables, VERSION},
};
use crate::ports::{Entropy as _, OsEntropy, StoreError};

/// What the tables look like.
const FORM: u64 = 2;

/// What act ids are hashed with.
pub(super) type Salt = [u64; 2];
type Opener = Box<dyn Fn() -> Result<redb::Database, DatabaseError> + Send + Sync>;

/// An open database. One that failed refuses everything until it was opened anew, so that is done.
pub(super) struct Database {
    opener: Opener,
    open: RwLock<Option<Open>>,
    salt: Salt,
}

struct Open {
    committed: Mutex<Arc<Snapshot>>,
    database: redb::Database,
}

impl Open {
    /// Opens it, and looks whether it is ours.
    fn by(
        opener: impl FnOnce() -> Result<redb::Database, DatabaseError>,
    ) -> Result<(Self, Salt), RedbStoreError> {
        let database = unless_it_panics(opener).map_err(|error| cannot_open(&error))?;
        let prepared = unless_it_panics(|| -> Result<_, Failure> {
            Ok(match prepare(&database) {
                Ok(salt) => Ok((salt, Arc::new(Snapshot::of(&database)?))),
                Err(error) => Err(error),
            })
        });
        match prepared.unwrap_or(Err(RedbStoreError::Open(io::ErrorKind::InvalidData))) {
            Ok((salt, committed)) => Ok((Self { committed: Mutex::new(committed), database }, salt)),
            Err(error) => {
                end(database);
                Err(error)
            }
        }
    }

    fn committed(&self) -> Arc<Snapshot> {
        Arc::clone(&self.committed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does `work` in one transaction, which readers see once it is on the disk.
    fn write<T>(&self, work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let (done, changed) = begin_and_commit(&self.database, work)?;
        if changed {
            let mut committed = Arc::new(Snapshot::of(&self.database)?);
            // What was there before ends after nobody waits for this.
            mem::swap(&mut *self.committed.lock().unwrap_or_else(PoisonError::into_inner), &mut committed);
        }
        Ok(done)
    }

    /// What is damaged may make its end panic, too.
    fn end(self) {
        let Self { committed, database } = self;
        end(committed);
        end(database);
    }
}

fn end<T>(it: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(it)));
}

impl Database {
    pub(super) fn at(path: PathBuf) -> Result<Self, RedbStoreError> {
        make(&path).map_err(|error| RedbStoreError::Open(error.kind()))?;
        let (open, salt) = Open::by(|| redb::Database::create(&path))?;
        // Opened again, it is not made again: one that is gone would have forgotten every count.
        let opener = Box::new(move || redb::Database::open(&path));
        Ok(Self { opener, open: RwLock::new(Some(open)), salt })
    }

    /// In storage that `open` gives.
    pub(super) fn on<B: StorageBackend>(
        open: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<Self, RedbStoreError> {
        let opener = move || {
            let backend = open().map_err(StorageError::Io)?;
            redb::Database::builder().create_with_backend(backend)
        };
        let (open, salt) = Open::by(&opener)?;
        Ok(Self { opener: Box::new(opener), open: RwLock::new(Some(open)), salt })
    }

    pub(super) const fn salt(&self) -> Salt {
        self.salt
    }

    /// Reads what was last committed. Pages are read from memory or with one call to the operating system, so nobody waits long.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Snapshot) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.reopen_if_closed()?;
        let done = {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            let open = open.as_ref().ok_or_else(closed)?;
            unless_it_panics(|| work(&open.committed()))
        };
        // One failed page makes the database refuse all others, so a reader that fails opens it anew as well.
        done.map_err(|error| {
            self.close();
            failed(error)
        })
    }

    /// Does `work` in one transaction, and commits it if anything was written. **When this returns, it is on the disk.**
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.reopen_if_closed()?;
        let done = {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            open.as_ref().ok_or_else(closed)?.write(work)
        };
        done.map_err(|error| {
            self.close();
            failed(error)
        })
    }

    /// After a failure it is not known what is on the disk: it is read from there.
    pub(super) fn close(&self) {
        let failed = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(failed) = failed {
            failed.end();
        }
    }

    fn reopen_if_closed(&self) -> Result<(), StoreError> {
        if self.open.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.is_some() {
            return Ok(());
        }
        let (opened, _) = Open::by(&self.opener).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        *open = Some(opened);
        Ok(())
    }
}

const PANICKED: &str = "the database panicked";

/// A file that is damaged may make the database panic, where it is opened and where it is read.
fn unless_it_panics<T, E: From<StorageError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(StorageError::Corrupted(PANICKED.to_owned()).into()))
}

fn begin_and_commit<T>(
    database: &redb::Database,
    work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>,
) -> Result<(T, bool), Failure> {
    let transaction: WriteTransaction = database.begin_write()?;
    let (done, changed) = {
        let mut tables = Tables::open(&transaction)?;
        let done = work(&mut tables)?;
        if tables.changed.get() {
            tables.keep_looked_at()?;
        }
        (done, tables.changed.get())
    };
    if changed {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok((done, changed))
}

/// Makes the tables, or looks whether they are ours.
fn prepare(database: &redb::Database) -> Result<Salt, RedbStoreError> {
    let prepared = begin_and_commit(database, |tables| {
        let version = tables.about.get(VERSION)?.map(|held| held.value());
        if version.is_none() {
            let mut drawn = [0; 16];
            let [first, second] = SALT;
            // Not a secret, and nothing stands or falls with it: so a source that fails is no reason to fail.
            let _ = OsEntropy::new().fill(&mut drawn);
            let drawn = u128::from_be_bytes(drawn);
            tables.about.insert(VERSION, FORM)?;
            tables.about.insert(first, (drawn >> 64) as u64)?;
            tables.about.insert(second, drawn as u64)?;
            tables.changed.set(true);
        }
        let [first, second] =
            SALT.map(|name| tables.about.get(name).map(|held| held.map_or(0, |held| held.value())));
        Ok((version.unwrap_or(FORM), [first?, second?]))
    });
    match prepared {
        Ok(((FORM, salt), _)) => Ok(salt),
        Ok(_) | Err(Failure::TableTypeMismatch { .. }) => Err(RedbStoreError::Version),
        Err(Failure::Io(error)) => Err(RedbStoreError::Open(error.kind())),
        Err(_) => Err(RedbStoreError::Open(io::ErrorKind::InvalidData)),
    }
}

/// Makes the file for its owner alone, if there is none.
fn make(path: &PathBuf) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // Else a file that was just made may be gone with the power.
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn cannot_open(error: &DatabaseError) -> RedbStoreError {
    if let DatabaseError::Storage(StorageError::Io(error)) = error {
        return RedbStoreError::Open(error.kind());
    }
    if matches!(error, DatabaseError::DatabaseAlreadyOpen) {
        return RedbStoreError::InUse;
    }
    let is_old = matches!(error, DatabaseError::UpgradeRequired(_));
    if is_old { RedbStoreError::Version } else { RedbStoreError::Open(io::ErrorKind::InvalidData) }
}

fn failed(error: Failure) -> StoreError {
    if matches!(error, Failure::Corrupted(_)) {
        return StoreError::Corrupt("the file".into());
    }
    StoreError::Unavailable(Box::new(error))
}

fn closed() -> StoreError {
    StoreError::Unavailable("the file failed, and is not open again yet".into())
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
