//! A disk that can lose what was not synced, and that can fail.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use redb::StorageBackend;

use super::super::{RedbStore, RedbStoreError};

/// A disk that can lose what was not synced, and that can fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<Platters>>);

#[derive(Debug, Default)]
pub(super) struct Platters {
    pub(super) synced: Vec<u8>,
    /// What is read: synced, and everything since.
    pub(super) seen: Vec<u8>,
    /// Writes since the last sync, in order.
    pub(super) unsynced: Vec<(usize, Vec<u8>)>,
    pub(super) fails: bool,
    /// Whether it cannot be read.
    pub(super) blind: bool,
    /// Whether a sync is only said to have happened.
    pub(super) lies: bool,
}

impl Disk {
    pub(super) fn platters(&self) -> std::sync::MutexGuard<'_, Platters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The power goes: of the writes since the last sync those are there that `survives` picks.
    pub(super) fn crash(&self, mut survives: impl FnMut() -> bool) {
        let mut platters = self.platters();
        let mut left = platters.synced.clone();
        for (at, bytes) in core::mem::take(&mut platters.unsynced) {
            if survives() {
                let end = at + bytes.len();
                left.resize(left.len().max(end), 0);
                left[at..end].copy_from_slice(&bytes);
            }
        }
        platters.seen.clone_from(&left);
        platters.synced = left;
    }

    pub(super) fn store(&self) -> Result<RedbStore, RedbStoreError> {
        let disk = self.clone();
        RedbStore::with_backend(move || Ok(disk.clone()))
    }
}

pub(super) fn full() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platters().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        let platters = self.platters();
        if platters.blind {
            return Err(io::ErrorKind::Other.into());
        }
        out.copy_from_slice(platters.seen.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platters = self.platters();
        if platters.fails {
            return Err(full());
        }
        let len = usize::try_from(len).unwrap();
        platters.seen.resize(len, 0);
        // A length is metadata: taken to be kept, as the worse case for what lies in it.
        platters.synced.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platters = self.platters();
        if platters.fails {
            return Err(full());
        }
        if !platters.lies {
            platters.unsynced.clear();
            platters.synced = platters.seen.clone();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        let mut platters = self.platters();
        if platters.fails {
            return Err(full());
        }
        let end = at + data.len();
        let longer = platters.seen.len().max(end);
        platters.seen.resize(longer, 0);
        platters.seen[at..end].copy_from_slice(data);
        platters.unsynced.push((at, data.to_vec()));
        Ok(())
    }
}
