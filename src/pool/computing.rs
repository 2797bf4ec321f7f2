//! Where a pool's long arithmetic is done: milliseconds for each password.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{PoolError, run::Parts};

pub(crate) type Work = Box<dyn FnOnce() + Send>;

/// Does what is nothing but computing. A host whose threads serve many people does it where nobody else waits for it, a few at once.
#[async_trait]
pub(crate) trait Computing: fmt::Debug + Send + Sync {
    /// Does `work`; or drops it, and then whoever asked for it fails closed.
    async fn compute(&self, work: Work);
}

#[cfg(feature = "server")]
impl super::UserPool {
    /// Called by a host before it serves; the first place that was said stays.
    pub(crate) fn compute_on(&self, computing: Arc<dyn Computing>) {
        let _ = self.0.computing.set(computing);
    }
}

impl Parts {
    /// Does `work` where the host does such work, and else here.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let Some(computing) = self.computing.get() else { return Ok(work()) };
        let answer = Arc::new(Mutex::new(None));
        let place = Arc::clone(&answer);
        let work = move || {
            let done = work();
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        };
        computing.compute(Box::new(work)).await;
        let done = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        done.ok_or_else(|| PoolError::Internal("nothing was computed".into()))
    }
}
