//! How many connections each address has open.

use core::net::IpAddr;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::door::{Prefix, prefix};

/// Counts by address. One that has none is not kept, so what is kept is bounded by the connections.
#[derive(Default)]
pub(super) struct Crowd(Mutex<HashMap<Prefix, usize>>);

/// One connection of an address, for as long as this lives.
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    of: Prefix,
}

impl Crowd {
    /// Counts one more connection of an address; `None` if it has as many as it may.
    pub(super) fn seat(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Seat> {
        let of = prefix(address);
        let mut counts = self.counts();
        let count = counts.entry(of).or_default();
        // It is there with 0 only if none is allowed at all.
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Seat { crowd: Arc::clone(self), of })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Prefix, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts();
        if let Some(count) = counts.get_mut(&self.of) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_own_seats_and_none_is_kept_of_who_left() {
        let crowd = Arc::new(Crowd::default());
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let held = [crowd.seat(one, 2), crowd.seat(one, 2)];
        assert!(held.iter().all(Option::is_some));
        assert!(crowd.seat(one, 2).is_none() && crowd.seat(other, 2).is_some());
        drop(held);
        assert!(crowd.seat(one, 1).is_some());
        assert!(crowd.counts().is_empty());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_their_seats() {
        let crowd = Arc::new(Crowd::default());
        let _held = crowd.seat("2001:db8::1".parse().unwrap(), 1).unwrap();
        assert!(crowd.seat("2001:db8::2".parse().unwrap(), 1).is_none());
        assert!(crowd.seat("2001:db8:0:1::1".parse().unwrap(), 1).is_some());
    }
}
