//! Bounding a port's call in time, and waiting for two at once.

use core::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use crate::{ports::Clock, types::Timestamp};

/// The future's output, or `None` if `until` comes first. A port that answers at once costs no timer.
pub(crate) async fn within<F: Future>(clock: &dyn Clock, until: Timestamp, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        let timer = timer.get_or_insert_with(|| clock.sleep_until(until));
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Both outputs, the futures running side by side: two round trips in the time of one.
pub(super) async fn both<A: Future, B: Future>(first: A, second: B) -> (A::Output, B::Output) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut a, mut b) = (None, None);
    poll_fn(|context| {
        if a.is_none()
            && let Poll::Ready(output) = first.as_mut().poll(context)
        {
            a = Some(output);
        }
        if b.is_none()
            && let Poll::Ready(output) = second.as_mut().poll(context)
        {
            b = Some(output);
        }
        match (a.take(), b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (left_a, left_b) => {
                (a, b) = (left_a, left_b);
                Poll::Pending
            }
        }
    })
    .await
}
