//! One place to step aside.

use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Lets every other ready task go first, once. In an [`Interleaving`](super::Interleaving) this is a point at which
/// the seed decides who goes on.
pub async fn yield_now() {
    Turn(false).await;
}

struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
