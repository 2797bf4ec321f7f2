//! Waiting for a future on the thread that asks, in real time.

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
};
use std::{
    sync::Arc,
    task::Wake,
    thread::{self, Thread},
};

/// Drives `future` to its end on this thread. For racers on real threads, where virtual time has no say.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            // A wake between poll and park leaves a token, so that park returns at once.
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
