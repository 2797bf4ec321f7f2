//! Orders in which two things happen, besides those that a seed gives.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use custom_auth::testing::{Interleaving, ManualClock};
use time::Duration;

type Task<'w, T> = Pin<Box<dyn Future<Output = T> + 'w>>;

/// The order that a seed gives; the clock goes on by a millisecond at every step of either.
pub(crate) fn seeded<'w, T: 'w>(clock: &'w ManualClock, seed: u64, tasks: Vec<Task<'w, T>>) -> Vec<T> {
    let tasks = tasks.into_iter().map(|task| ticking(clock, task)).collect();
    Interleaving::new(clock, seed).run(tasks).into_iter().flatten().collect()
}

/// The first stands still before its `nth` step (from 1) until the second has come to its end. What they gave, and whether the
/// first has that many steps: a test that counts up has then let it stand still at each.
pub(crate) fn standing_still<'w, T: 'w>(
    clock: &'w ManualClock,
    nth: u32,
    tasks: [Task<'w, T>; 2],
) -> (Vec<T>, bool) {
    let stage = RefCell::new(Stage::default());
    let (mut polls, mut stood) = (0, false);
    let [first, second] = tasks.map(|task| ticking(clock, task));
    let stood_still = &mut stood;
    let ends = {
        let stage = &stage;
        let first: Task<'_, T> = Box::pin(async move {
            let mut first = pin!(first);
            let end = poll_fn(|context| {
                polls += 1;
                if polls == nth {
                    *stood_still = true;
                    stage.borrow_mut().go_on(Go::Second);
                }
                if polls >= nth && stage.borrow_mut().waits(context, Go::First) {
                    return Poll::Pending;
                }
                first.as_mut().poll(context)
            })
            .await;
            stage.borrow_mut().go_on(Go::Second);
            end
        });
        let second: Task<'_, T> = Box::pin(async move {
            let mut second = pin!(second);
            let end = poll_fn(|context| match stage.borrow_mut().waits(context, Go::Second) {
                true => Poll::Pending,
                false => second.as_mut().poll(context),
            })
            .await;
            stage.borrow_mut().go_on(Go::First);
            end
        });
        Interleaving::new(clock, 0).run(vec![first, second])
    };
    (ends.into_iter().flatten().collect(), stood)
}

/// Time passes at every step.
fn ticking<'w, T: 'w>(clock: &'w ManualClock, mut task: Task<'w, T>) -> Task<'w, T> {
    Box::pin(poll_fn(move |context| {
        clock.advance(Duration::MILLISECOND);
        task.as_mut().poll(context)
    }))
}

/// Who may go on behind the place where the first stands still.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Go {
    #[default]
    Nobody,
    Second,
    First,
}

#[derive(Default)]
struct Stage {
    go: Go,
    waiting: Vec<Waker>,
}

impl Stage {
    fn waits(&mut self, context: &Context<'_>, who: Go) -> bool {
        if self.go < who {
            self.waiting.push(context.waker().clone());
        }
        self.go < who
    }

    fn go_on(&mut self, go: Go) {
        self.go = self.go.max(go);
        self.waiting.drain(..).for_each(Waker::wake);
    }
}
