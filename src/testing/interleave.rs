//! Many futures, in an order that a seed repeats, some of which die on the way.

use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use std::{collections::BTreeSet, sync::Arc, task::Waker, thread};

use super::{
    ManualClock, SplitMix64,
    executor::{Flag, Patience},
};

/// Runs `tasks` at once on this thread, in the order that `seed` gives. Shorthand for an [`Interleaving`] in which
/// nobody dies.
///
/// # Panics
///
/// As [`Interleaving::run`].
#[allow(clippy::must_use_candidate)] // many are run for what they do
pub fn interleave<'a, T>(
    clock: &ManualClock,
    seed: u64,
    tasks: Vec<Pin<Box<dyn Future<Output = T> + 'a>>>,
) -> Vec<T> {
    // Nobody dies, so nobody is missing.
    Interleaving::new(clock, seed).run(tasks).into_iter().flatten().collect()
}

/// Runs many futures at once on one thread. Whenever more than one could go on, the seed chooses; time moves only
/// when none can. The same seed gives the same order of events, so a failure is repeated by its seed, which a panic
/// prints.
///
/// One half of the seeds choose evenly at every step; the other half follow priorities that now and then change (after
/// Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010), so that one
/// task stands still in the middle of something while others run to their ends, which even choices never show.
///
/// A task goes on until it next waits, so what is between two `.await`s is never cut. [`Faulty`](super::Faulty) ports
/// wait before and after every call; with them each call is a place for another task to step in, and for this one to
/// die.
///
/// ```
/// use custom_auth::Timestamp;
/// use custom_auth::testing::{Interleaving, ManualClock, yield_now};
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let tasks = (0..3).map(|n| Box::pin(async move { yield_now().await; n }) as _).collect();
/// let ends = Interleaving::new(&clock, 7).crash_at(1, 2).run(tasks);
/// assert_eq!(ends, [Some(0), None, Some(2)]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing runs until `run`"]
pub struct Interleaving<'c> {
    clock: &'c ManualClock,
    seed: u64,
    crash_one_in: u32,
    crashes: BTreeSet<(usize, u64)>,
}

impl<'c> Interleaving<'c> {
    /// The order that `seed` gives; nobody dies.
    pub const fn new(clock: &'c ManualClock, seed: u64) -> Self {
        Self { clock, seed, crash_one_in: 0, crashes: BTreeSet::new() }
    }

    /// Lets every task die before any of its polls with the chance of one in `n`; with 0, never.
    pub const fn crash_one_in(mut self, n: u32) -> Self {
        self.crash_one_in = n;
        self
    }

    /// Lets the task at place `task` (from 0) die just before its `poll`-th poll (from 1). A test that counts `poll`
    /// up until the task ends alive has let it die at each of its waits.
    pub fn crash_at(mut self, task: usize, poll: u64) -> Self {
        self.crashes.insert((task, poll));
        self
    }

    /// Runs all to their ends: what each gave, in the order of `tasks`; `None` for a task that died, which is a future
    /// dropped part-way, as by a crash or a caller that went away.
    ///
    /// # Panics
    ///
    /// If some wait for something that can never come, or a million polls pass while the time stands still.
    pub fn run<'a, T>(&self, tasks: Vec<Pin<Box<dyn Future<Output = T> + 'a>>>) -> Vec<Option<T>> {
        let _seed = TellSeed(self.seed);
        let mut prng = SplitMix64::new(self.seed);
        let mut patience = Patience::new();
        let by_priority = prng.one_in(2);
        let mut tasks: Vec<Task<'a, T>> =
            tasks.into_iter().map(|future| Task::new(future, prng.next())).collect();
        loop {
            let mut ready: Vec<_> =
                tasks.iter_mut().enumerate().filter(|(_, task)| task.is_ready()).collect();
            if ready.is_empty() {
                if tasks.iter().all(Task::is_over) {
                    return tasks.into_iter().map(|task| task.end).collect();
                }
                assert!(
                    self.clock.jump(),
                    "deadlock: tasks wait, nobody sleeps on the clock and nothing will wake them"
                );
                patience = Patience::new();
                continue;
            }
            patience.spend();
            let chosen = prng.below(ready.len());
            let highest = ready.iter().enumerate().max_by_key(|(_, (_, task))| task.priority).map(|(n, _)| n);
            let (place, task) = ready.swap_remove(highest.filter(|_| by_priority).unwrap_or(chosen));
            if prng.one_in(8) {
                task.priority = prng.next();
            }
            task.polls += 1;
            if self.crashes.contains(&(place, task.polls)) || prng.one_in(self.crash_one_in) {
                task.future = None;
            } else {
                task.poll();
            }
        }
    }
}

struct Task<'a, T> {
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    flag: Arc<Flag>,
    waker: Waker,
    priority: u64,
    polls: u64,
    end: Option<T>,
}

impl<'a, T> Task<'a, T> {
    fn new(future: Pin<Box<dyn Future<Output = T> + 'a>>, priority: u64) -> Self {
        let flag = Arc::new(Flag::raised());
        Self { future: Some(future), waker: Arc::clone(&flag).into(), flag, priority, polls: 0, end: None }
    }

    const fn is_over(&self) -> bool {
        self.future.is_none()
    }

    fn is_ready(&self) -> bool {
        self.future.is_some() && self.flag.is_up()
    }

    fn poll(&mut self) {
        self.flag.take();
        let Some(future) = &mut self.future else { return };
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            self.future = None;
            self.end = Some(value);
        }
    }
}

/// Prints the seed if the run panics.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("interleaving with seed {}", self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::{cell::RefCell, future::pending};

    use time::Duration;

    use super::*;
    use crate::{ports::Clock as _, testing::yield_now, types::Timestamp};

    type Tasks<'a> = Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>;

    fn order(seed: u64) -> Vec<(u8, u8)> {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let log = RefCell::new(Vec::new());
        let tasks: Tasks<'_> = (0..4)
            .map(|task| {
                let log = &log;
                Box::pin(async move {
                    for step in 0..3 {
                        log.borrow_mut().push((task, step));
                        yield_now().await;
                    }
                }) as _
            })
            .collect();
        interleave(&clock, seed, tasks);
        log.into_inner()
    }

    #[test]
    fn the_same_seed_gives_the_same_order_and_others_give_others() {
        let orders: BTreeSet<_> = (0..100).map(order).collect();
        assert!(orders.len() > 70, "{} orders from 100 seeds", orders.len());
        assert!((0..100).all(|seed| order(seed) == order(seed)));
    }

    #[test]
    fn every_order_of_two_short_tasks_comes_up() {
        let two = |seed| {
            let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
            let log = RefCell::new(String::new());
            let tasks: Tasks<'_> = ["a", "b"]
                .map(|name| {
                    let log = &log;
                    Box::pin(async move {
                        log.borrow_mut().push_str(name);
                        yield_now().await;
                        log.borrow_mut().push_str(name);
                    }) as _
                })
                .into();
            interleave(&clock, seed, tasks);
            log.into_inner()
        };
        let seen: BTreeSet<String> = (0..200).map(two).collect();
        assert_eq!(Vec::from_iter(seen), ["aabb", "abab", "abba", "baab", "baba", "bbaa"]);
    }

    #[test]
    fn one_task_may_stand_still_while_the_other_runs_to_its_end() {
        const STEPS: usize = 20;
        let stands_still = |seed| {
            let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
            let log = RefCell::new(Vec::new());
            let tasks: Tasks<'_> = (0..2)
                .map(|task| {
                    let log = &log;
                    Box::pin(async move {
                        for _ in 0..STEPS {
                            log.borrow_mut().push(task);
                            yield_now().await;
                        }
                    }) as _
                })
                .collect();
            interleave(&clock, seed, tasks);
            let log = log.into_inner();
            let alone = log.windows(STEPS - 2).any(|steps| steps.iter().all(|task| *task == 1));
            alone && log.first() == Some(&0) && log.last() == Some(&0)
        };
        let seeds = (0..1_000).filter(|seed| stands_still(*seed)).count();
        assert!(seeds >= 5, "{seeds} of 1000 seeds");
    }

    #[test]
    fn time_moves_only_when_nobody_is_ready() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let later = Timestamp::UNIX_EPOCH + Duration::hours(1);
        for seed in 0..50 {
            clock.set(Timestamp::UNIX_EPOCH);
            let busy = async {
                for _ in 0..20 {
                    assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
                    yield_now().await;
                }
            };
            let tasks: Tasks<'_> = vec![Box::pin(clock.sleep_until(later)), Box::pin(busy)];
            interleave(&clock, seed, tasks);
            assert_eq!(clock.now(), later);
        }
    }

    #[test]
    fn a_task_can_die_at_each_of_its_polls() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        for poll in 1.. {
            let done = RefCell::new(0);
            let task = async {
                for _ in 0..3 {
                    *done.borrow_mut() += 1;
                    yield_now().await;
                }
            };
            let tasks: Tasks<'_> = vec![Box::pin(task)];
            let ends = Interleaving::new(&clock, 0).crash_at(0, poll).run(tasks);
            assert_eq!(*done.borrow(), poll.min(4) - 1);
            if ends == [Some(())] {
                assert_eq!(poll, 5, "four polls end it");
                return;
            }
        }
    }

    #[test]
    fn some_die_and_some_live_when_death_is_a_matter_of_chance() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let dead = |seed| {
            let tasks: Tasks<'_> = (0..100).map(|_| Box::pin(yield_now()) as _).collect();
            let ends = Interleaving::new(&clock, seed).crash_one_in(10).run(tasks);
            ends.iter().filter(|end| end.is_none()).count()
        };
        for seed in 0..20 {
            assert!((3..50).contains(&dead(seed)), "{} died of 100, seed {seed}", dead(seed));
            assert_eq!(dead(seed), dead(seed));
        }
    }

    #[test]
    #[should_panic(expected = "deadlock")]
    fn tasks_that_can_never_end_are_a_deadlock() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        interleave(&clock, 0, vec![Box::pin(pending::<()>()), Box::pin(yield_now())]);
    }
}
