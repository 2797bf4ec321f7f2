//! Who computes, signatures and passwords: a few threads, and none that others wait for.

use core::fmt;
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use async_trait::async_trait;
use tokio::{runtime, sync::oneshot, task};

use crate::pool::computing::{Computing, Work};

/// Takes work that is nothing but computing. A thread that has done a piece takes the next, so a busy server wakes nobody for it; and a
/// processor has one signature under way, not one for everybody who waits, which would make all of them late.
#[derive(Clone)]
pub(super) struct Signers {
    queue: Arc<Mutex<Queue>>,
    most: usize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    threads: usize,
}

impl Signers {
    pub(super) fn new() -> Self {
        let most = thread::available_parallelism().map_or(1, usize::from);
        Self { queue: Arc::default(), most }
    }

    /// Does `work` on a thread for blocking work. `None` if it panicked, or the runtime is ending.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            // Whoever asked may be gone by then.
            if !answer.is_closed() {
                drop(answer.send(work()));
            }
        });
        if self.begins(work) {
            let shift = Shift { signers: self.clone(), is_over: false };
            task::spawn_blocking(move || shift.work());
        }
        answered.await.ok()
    }

    /// Puts `work` into the queue; whether a thread more is to take it from there.
    fn begins(&self, work: Work) -> bool {
        let mut queue = self.queue();
        queue.waiting.push_back(work);
        let begins = queue.threads < self.most;
        queue.threads += usize::from(begins);
        begins
    }

    /// Half as many threads as there are processors, one at least, so that whoever asks for many passwords leaves the other half to signatures.
    pub(super) fn of_passwords() -> Self {
        let Self { queue, most } = Self::new();
        Self { queue, most: most.div_ceil(2) }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Computing for Signers {
    async fn compute(&self, work: Work) {
        // Somebody else's runtime has threads of its own, and none of tokio's.
        if runtime::Handle::try_current().is_err() {
            return work();
        }
        let _ = self.run(work).await;
    }
}

impl fmt::Debug for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signers").field("most", &self.most).finish_non_exhaustive()
    }
}

/// A thread's time with the queue.
struct Shift {
    signers: Signers,
    is_over: bool,
}

impl Shift {
    fn work(mut self) {
        while let Some(work) = self.next() {
            // Whoever asked for it is told by the answer that does not come; the others have theirs.
            let _ = catch_unwind(AssertUnwindSafe(work));
        }
    }

    /// The next piece; where there is none the shift is over, in the same moment: what is put in after that finds a thread less.
    fn next(&mut self) -> Option<Work> {
        let mut queue = self.signers.queue();
        let next = queue.waiting.pop_front();
        self.is_over = next.is_none();
        queue.threads -= usize::from(self.is_over);
        next
    }
}

impl Drop for Shift {
    /// A runtime that ends drops what it has not begun: then nobody may wait for it.
    fn drop(&mut self) {
        if !self.is_over {
            let mut queue = self.signers.queue();
            queue.threads -= 1;
            if queue.threads == 0 {
                queue.waiting.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[test]
    fn where_there_is_no_runtime_of_tokios_a_password_is_worked_out_all_the_same() {
        let done = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&done);
        let work: Work = Box::new(move || counted.store(1, SeqCst));
        crate::testing::block_on(Signers::of_passwords().compute(work));
        assert_eq!(done.load(SeqCst), 1);
    }

    #[tokio::test]
    async fn all_is_done_by_no_more_threads_than_there_are_and_a_panic_is_nobodys_end_but_its_own() {
        let (signers, at_once) = (Signers { most: 2, ..Signers::new() }, Arc::<AtomicUsize>::default());
        let asked: Vec<_> = (0..40)
            .map(|number| {
                let (signers, at_once) = (signers.clone(), Arc::clone(&at_once));
                tokio::spawn(async move {
                    let work = move || {
                        let others = at_once.fetch_add(1, SeqCst);
                        thread::sleep(core::time::Duration::from_millis(1));
                        at_once.fetch_sub(1, SeqCst);
                        assert!(number % 10 != 7, "on purpose");
                        others < 2
                    };
                    (number, signers.run(work).await)
                })
            })
            .collect();
        for asked in asked {
            let (number, done) = asked.await.unwrap();
            assert_eq!(done, (number % 10 != 7).then_some(true), "{number}");
        }
        // The last answer is there a moment before its thread looks for more.
        while signers.queue().threads > 0 {
            tokio::time::sleep(core::time::Duration::from_millis(1)).await;
        }
    }
}
