//! Operations of one process on one account, or on one number, wait for each other.

use core::hash::{Hash as _, Hasher as _};
use std::hash::DefaultHasher;

use tokio::sync::{Mutex, MutexGuard};

/// So many that strangers seldom meet; each is a few words.
const LANES: usize = 256;

/// Locks by name. Two names may share one, and then wait for each other in vain, which does no harm.
pub(super) struct Lanes(Vec<Mutex<()>>);

impl Lanes {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| Mutex::new(())).collect())
    }

    /// Waits until all these names are free, and holds them. Always in one order, so that no two wait for each other.
    pub(super) async fn hold(&self, names: &[&str]) -> Vec<MutexGuard<'_, ()>> {
        let mut places: Vec<usize> = names.iter().map(|name| place(name)).collect();
        places.sort_unstable();
        places.dedup();
        let mut held = Vec::with_capacity(places.len());
        for lane in places.into_iter().filter_map(|place| self.0.get(place)) {
            held.push(lane.lock().await);
        }
        held
    }
}

fn place(name: &str) -> usize {
    let mut hash = DefaultHasher::new();
    name.hash(&mut hash);
    usize::try_from(hash.finish() % 256).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::testing::block_on;

    #[test]
    fn every_name_has_a_lane_and_one_at_a_time_is_in_it() {
        let (lanes, inside) = (Lanes::new(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for n in 0..16 {
                let (lanes, inside) = (&lanes, &inside);
                scope.spawn(move || {
                    for round in 0..100 {
                        let other = format!("{n} {round}");
                        let names = if n % 2 == 0 { [other.as_str(), "a"] } else { ["a", other.as_str()] };
                        let held = block_on(lanes.hold(&names));
                        assert!(!held.is_empty());
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((0..1_000).all(|n| place(&n.to_string()) < LANES));
    }
}
