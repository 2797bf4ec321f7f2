//! One writer for all: whatever waits is written together, and answered once it is on the disk.

use core::time::Duration;
use std::{
    io, iter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{
    database::Database,
    tables::{Failure, Tables},
};
use crate::ports::StoreError;

/// How many operations share one write at most.
const BATCH: usize = 1024;
/// So many in one write say that many people are here. Then others are waited for before the next: a write to the disk costs as much as
/// what a dozen operations have in it, so a busy server does better with fewer. Who is alone does not wait, but
/// for once behind a crowd.
const BUSY: usize = 4;
const PAUSE: Duration = Duration::from_millis(2);
/// How many wait at most: while the disk stands still nobody can pile up more.
const WAITING: usize = 4096;

/// What is to be done within a transaction; gives what is to be done when it is on the disk, or is known not to be.
type Work = Box<dyn FnOnce(&mut Tables<'_>) -> Result<Finish, Failure> + Send>;
type Finish = Box<dyn FnOnce() + Send>;

/// A thread that writes. It ends when this is dropped, after everything that was asked for.
pub(super) struct Writer {
    queue: Option<mpsc::SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(database: Arc<Database>) -> io::Result<Self> {
        let (queue, waiting) = mpsc::sync_channel(WAITING);
        let thread = thread::Builder::new().name("custom-auth-redb".to_owned());
        let thread = thread.spawn(move || run(&database, &waiting))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    #[cfg(test)]
    pub(super) fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Does `work` and answers when what it wrote is on the disk.
    ///
    /// Dropping the future does not take back what was asked.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<Result<T, StoreError>, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |tables| {
            let done = work(tables)?;
            Ok(Box::new(move || drop(answer.send(done))))
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(work).map_err(|_| stopped())?;
        // The other end is dropped unanswered when the transaction failed.
        answered.await.map_err(|_| StoreError::Unavailable("the write failed, or may have".into()))?
    }
}

fn run(database: &Database, waiting: &mpsc::Receiver<Work>) {
    let mut last = 0;
    while let Ok(first) = waiting.recv() {
        if last >= BUSY {
            thread::sleep(PAUSE);
        }
        // What is asked for while the first are at it goes with them.
        let batch = iter::once(first).chain(iter::from_fn(|| waiting.try_recv().ok())).take(BATCH);
        let write = || {
            database.write(|tables| batch.map(|work| work(tables)).collect::<Result<Vec<Finish>, Failure>>())
        };
        // A file that is damaged may make the database panic. Nothing of it was committed, and it is read anew.
        let written = catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| {
            database.close();
            Err(stopped())
        });
        // Only now, and only if it is on the disk, does anybody hear of it.
        let finished = written.unwrap_or_default();
        last = finished.len();
        finished.into_iter().for_each(|finish| finish());
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("too many writes wait, or the writer has stopped".into())
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != thread::current().id())
        {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use core::{
        future::Future as _,
        task::{Context, Waker},
        time::Duration,
    };

    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::testing::block_on;

    struct Deadly;

    impl Drop for Deadly {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    #[test]
    fn a_writer_that_died_is_told_at_once_to_whoever_asks() {
        let database = Database::on(|| Ok(InMemoryBackend::new())).unwrap();
        let writer = Writer::start(Arc::new(database)).unwrap();
        // Answered to nobody, it is dropped by the writer itself, outside of what that catches.
        let mut asked = Box::pin(writer.write(|_| Ok(Ok(Deadly))));
        assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(asked);
        let ask = || block_on(writer.write(|_| Ok(Ok(()))));
        let died = (0..1000).any(|_| {
            thread::sleep(Duration::from_millis(5));
            ask().is_err()
        });
        assert!(died && matches!(ask(), Err(StoreError::Unavailable(_))));
    }
}
