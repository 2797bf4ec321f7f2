//! A disk whose syncs are counted, and can be held up: while the gate is shut, none of them returns.

use std::{
    fs::OpenOptions,
    io,
    ops::Bound,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

/// Stands before every sync.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct State {
    shut: bool,
    /// How many may pass although it is shut.
    passes: u64,
    /// How many stand before it, those among them that were just let pass.
    waiting: u64,
    /// How many have been synced.
    pub(crate) synced: u64,
}

impl Gate {
    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self) {
        let mut state = self.state();
        state.waiting += 1;
        while state.shut && state.passes == 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.passes = state.passes.saturating_sub(1);
        state.waiting -= 1;
    }
}

impl State {
    pub(crate) fn shut(&mut self) {
        *self = Self { shut: true, passes: 0, ..*self };
    }

    pub(crate) fn open(&mut self) {
        *self = Self { shut: false, passes: 0, ..*self };
    }

    /// How many stand before it and may not pass.
    pub(crate) fn held(&self) -> u64 {
        if self.shut { self.waiting.saturating_sub(self.passes) } else { 0 }
    }

    /// Lets the next sync pass.
    pub(crate) fn let_one_pass(&mut self) {
        self.passes += 1;
    }
}

/// A file behind a gate.
#[derive(Debug)]
pub(crate) struct Disk {
    file: FileBackend,
    gate: Arc<Gate>,
}

impl Disk {
    pub(crate) fn open(path: &Path, gate: &Arc<Gate>) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let file = FileBackend::new(file).map_err(io::Error::other)?;
        Ok(Self { file, gate: Arc::clone(gate) })
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.gate.pass();
        self.file.sync_data()?;
        self.gate.state().synced += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}
