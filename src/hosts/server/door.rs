//! Limits at the door: how much of the server one address may have, and how much all may have at once.

use core::net::IpAddr;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{DoorLimits, fault::Fault};
use crate::types::Timestamp;

/// How many addresses are remembered at most. When all of them are busy, new ones share one budget.
const MOST_ADDRESSES: usize = 65_536;

pub(super) struct Door {
    pub(super) limits: DoorLimits,
    running: Arc<Semaphore>,
    /// The moment, in microseconds, from which on the budget of an address is whole again.
    budgets: Mutex<HashMap<Prefix, i64>>,
}

/// What an address wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    /// An operation of the protocol.
    Call,
    /// What is read from memory: the page, `jwks.json`, leave to call from another page.
    Reading,
}

/// How many readings cost as much as one call.
const READINGS: i64 = 10;
const SECOND: i64 = 1_000_000;

/// An address: of IPv6 the first 64 bits, which one subscriber has to themselves. All zeros is everybody who found no room.
pub(super) type Prefix = u128;
const EVERYBODY: Prefix = 0;

impl Door {
    pub(super) fn new(limits: DoorLimits) -> Self {
        let running = Arc::new(Semaphore::new(limits.concurrency));
        Self { limits, running, budgets: Mutex::default() }
    }

    /// Whether an address may make another request now. Asked before its body is read.
    pub(super) fn knock(&self, from: Option<IpAddr>, want: Want, now: Timestamp) -> Result<(), Fault> {
        from.map_or(Ok(()), |address| self.spend(prefix(address), want, now))
    }

    /// Lets one request in, if there is room; it holds its place while the permit lives. Asked once its body is there: a body that
    /// comes slowly keeps nobody's place.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Fault> {
        Arc::clone(&self.running).try_acquire_owned().map_err(|_| Fault::busy())
    }

    /// How many requests are being carried out.
    pub(super) fn inside(&self) -> usize {
        self.limits.concurrency.saturating_sub(self.running.available_permits())
    }

    /// The generic cell rate algorithm: one moment for each address, from which on its budget is whole again.
    fn spend(&self, who: Prefix, want: Want, now: Timestamp) -> Result<(), Fault> {
        let (burst, rate) = (i64::from(self.limits.burst.max(1)), i64::from(self.limits.per_second.max(1)));
        // Rounded up: more time for each is never more than the rate.
        let each = (SECOND + rate - 1) / rate;
        let cost = match want {
            Want::Call => each,
            Want::Reading => (each / READINGS).max(1),
        };
        let now = now.as_unix_millis().saturating_mul(1000);
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if budgets.len() >= MOST_ADDRESSES && !budgets.contains_key(&who) {
            budgets.retain(|_, whole_at| *whole_at > now);
        }
        let full = budgets.len() >= MOST_ADDRESSES && !budgets.contains_key(&who);
        let whole_at = budgets.entry(if full { EVERYBODY } else { who }).or_insert(now);
        let next = (*whole_at).max(now).saturating_add(cost);
        let latest = now.saturating_add(each.saturating_mul(burst));
        if next > latest {
            // Up to the next whole second: asked a moment too early, it would be refused again.
            let wait = (next - latest).max(1).unsigned_abs();
            return Err(Fault::too_many(wait.div_ceil(SECOND.unsigned_abs())));
        }
        *whole_at = next;
        Ok(())
    }

    /// Whose request it is: the peer, or what a trusted proxy says of whom it asks for. Of a chain the last address that is no
    /// trusted proxy, since what stands before it may be made up.
    pub(super) fn address(&self, peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
        let trusted = |address: &IpAddr| self.limits.trusts(*address);
        let peer = peer?;
        if !trusted(&peer) {
            return Some(peer);
        }
        let chain = forwarded.unwrap_or_default().rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
        for hop in chain {
            match hop {
                Ok(address) if trusted(&address) => {}
                Ok(address) => return Some(address),
                Err(_) => break,
            }
        }
        Some(peer)
    }
}

pub(super) fn prefix(address: IpAddr) -> Prefix {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & !(u128::from(u64::MAX)) | 1,
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    fn door_with(change: impl FnOnce(&mut DoorLimits)) -> Door {
        let mut limits = DoorLimits { burst: 3, per_second: 2, ..DoorLimits::default() };
        change(&mut limits);
        Door::new(limits)
    }

    #[test]
    fn an_address_has_its_burst_then_its_rate_and_others_have_their_own() {
        let door = door_with(|_| {});
        let (one, other) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        for _ in 0..3 {
            assert!(door.knock(one, Want::Call, NOW).is_ok());
        }
        let refused = door.knock(one, Want::Call, NOW).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (429, Some(1)));
        assert!(door.knock(other, Want::Call, NOW).is_ok());
        let slow = door_with(|limits| (limits.burst, limits.per_second) = (1, 1));
        assert!(slow.knock(one, Want::Call, NOW).is_ok());
        assert_eq!(
            slow.knock(one, Want::Call, NOW).unwrap_err().retry_after,
            Some(1),
            "a whole second is one"
        );
        assert!(door.knock(one, Want::Call, NOW + Duration::milliseconds(499)).is_err());
        assert!(door.knock(one, Want::Call, NOW + Duration::milliseconds(500)).is_ok());
        assert!(door.knock(one, Want::Call, NOW + Duration::milliseconds(500)).is_err());
    }

    #[test]
    fn ten_readings_cost_as_much_as_a_call() {
        let door = door_with(|_| {});
        let one = Some([192, 0, 2, 1].into());
        for _ in 0..20 {
            assert!(door.knock(one, Want::Reading, NOW).is_ok());
        }
        assert!(door.knock(one, Want::Call, NOW).is_ok());
        assert!(door.knock(one, Want::Call, NOW).is_err());
        assert!(door.knock(one, Want::Reading, NOW).is_err());
        assert!(door.knock(one, Want::Reading, NOW + Duration::milliseconds(50)).is_ok());
        assert!(door.knock(one, Want::Reading, NOW + Duration::milliseconds(50)).is_err());
    }

    #[test]
    fn no_rate_is_rounded_up_to_more() {
        for rate in [1, 3, 7, 300, 600, 999, 1000] {
            let door = door_with(|limits| (limits.burst, limits.per_second) = (1, rate));
            let one = Some([192, 0, 2, 1].into());
            let second = (0..1000).map(|millis| NOW + Duration::milliseconds(millis));
            let let_in = second.filter(|now| door.knock(one, Want::Call, *now).is_ok()).count();
            assert!(let_in as u32 <= rate, "{let_in} at {rate}");
        }
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_budget() {
        let door = door_with(|_| {});
        for host in 1..=3 {
            let address = format!("2001:db8::{host}").parse().unwrap();
            assert!(door.knock(Some(address), Want::Call, NOW).is_ok());
        }
        assert!(door.knock(Some("2001:db8::9".parse().unwrap()), Want::Call, NOW).is_err());
        assert!(door.knock(Some("2001:db8:0:1::9".parse().unwrap()), Want::Call, NOW).is_ok());
    }

    #[test]
    fn more_requests_than_can_be_carried_out_are_shed() {
        let door = door_with(|limits| limits.concurrency = 1);
        let held = door.enter().unwrap();
        assert_eq!(door.enter().unwrap_err().status, 503);
        drop(held);
        assert!(door.enter().is_ok());
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        let door =
            door_with(|limits| limits.trusted_proxies = vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()]);
        let (proxy, peer): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [192, 0, 2, 1].into());
        let person: IpAddr = [198, 51, 100, 7].into();
        assert_eq!(door.address(Some(peer), Some("198.51.100.7")), Some(peer));
        assert_eq!(door.address(Some(proxy), Some("203.0.113.5, 198.51.100.7")), Some(person));
        assert_eq!(door.address(Some(proxy), Some("198.51.100.7, 10.0.0.2")), Some(person));
        assert_eq!(door.address(Some(proxy), Some("198.51.100.7, junk")), Some(proxy));
        assert_eq!(door.address(Some(proxy), None), Some(proxy));
        assert_eq!(door.address(None, Some("198.51.100.7")), None);
        let mapped = door_with(|limits| limits.trusted_proxies = vec!["::ffff:10.0.0.1".parse().unwrap()]);
        assert_eq!(mapped.address(Some(proxy), Some("198.51.100.7")), Some(person), "written in IPv6");
    }
}
