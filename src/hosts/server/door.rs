//! Limits at the door: how much of the server one address may have, and how much all may have at once.

use core::net::IpAddr;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::fault::Fault;
use crate::types::Timestamp;

/// What the door lets through. Texts, guesses and accounts have limits of their own behind it, in the ledger; these keep the
/// server itself from being used up.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DoorLimits {
    /// The largest body that is read, in bytes. Default 65,536.
    pub body: usize,
    /// How long a body may take to arrive. Default 10 s.
    pub body_timeout: core::time::Duration,
    /// How long the head of a request may take to arrive, and how long a connection may be idle. Default 10 s.
    pub head_timeout: core::time::Duration,
    /// How many connections are open at once; others wait to be taken. Default 1,024.
    pub connections: usize,
    /// How many requests are carried out at once; others are answered 503. Default 256.
    pub concurrency: usize,
    /// How many requests one address may make at once after a rest. Default 60.
    pub burst: u32,
    /// How many requests one address may make a second in the long run. Default 10.
    pub per_second: u32,
    /// The proxies whose `X-Forwarded-For` is believed, by address. Default: none, so the header is not looked at.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            body: 65_536,
            body_timeout: core::time::Duration::from_secs(10),
            head_timeout: core::time::Duration::from_secs(10),
            connections: 1024,
            concurrency: 256,
            burst: 60,
            per_second: 10,
            trusted_proxies: Vec::new(),
        }
    }
}

/// How many addresses are remembered at most. When all of them are busy, new ones share one budget.
const MOST_ADDRESSES: usize = 65_536;

pub(super) struct Door {
    pub(super) limits: DoorLimits,
    running: Arc<Semaphore>,
    budgets: Mutex<HashMap<Prefix, Timestamp>>,
}

/// An address: of IPv6 the first 64 bits, which one subscriber has to themselves. All zeros is everybody who found no room.
type Prefix = u128;
const EVERYBODY: Prefix = 0;

impl Door {
    pub(super) fn new(limits: DoorLimits) -> Self {
        let running = Arc::new(Semaphore::new(limits.concurrency));
        Self { limits, running, budgets: Mutex::default() }
    }

    /// Whether an address may make another request now. Asked before its body is read.
    pub(super) fn knock(&self, from: Option<IpAddr>, now: Timestamp) -> Result<(), Fault> {
        from.map_or(Ok(()), |address| self.spend(prefix(address), now))
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
    fn spend(&self, who: Prefix, now: Timestamp) -> Result<(), Fault> {
        let (burst, rate) = (i64::from(self.limits.burst.max(1)), i64::from(self.limits.per_second.max(1)));
        let each = Duration::milliseconds((1000 / rate).max(1));
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if budgets.len() >= MOST_ADDRESSES && !budgets.contains_key(&who) {
            budgets.retain(|_, whole_at| *whole_at > now);
        }
        let full = budgets.len() >= MOST_ADDRESSES && !budgets.contains_key(&who);
        let whole_at = budgets.entry(if full { EVERYBODY } else { who }).or_insert(now);
        let next = (*whole_at).max(now) + each;
        let latest = now + each * i32::try_from(burst).unwrap_or(i32::MAX);
        if next > latest {
            // Up to the next whole second: asked a moment too early, it would be refused again.
            let wait = (next - latest).whole_milliseconds().max(1).unsigned_abs();
            return Err(Fault::too_many(u64::try_from(wait.div_ceil(1000)).unwrap_or(u64::MAX)));
        }
        *whole_at = next;
        Ok(())
    }

    /// Whose request it is: the peer, or what a trusted proxy says of whom it asks for. Of a chain the last address that is no
    /// trusted proxy, since what stands before it may be made up.
    pub(super) fn address(&self, peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
        let trusted = |address: &IpAddr| self.limits.trusted_proxies.contains(&address.to_canonical());
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

fn prefix(address: IpAddr) -> Prefix {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & !(u128::from(u64::MAX)) | 1,
    }
}

#[cfg(test)]
mod tests {
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
            assert!(door.knock(one, NOW).is_ok());
        }
        let refused = door.knock(one, NOW).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (429, Some(1)));
        assert!(door.knock(other, NOW).is_ok());
        let slow = door_with(|limits| (limits.burst, limits.per_second) = (1, 1));
        assert!(slow.knock(one, NOW).is_ok());
        assert_eq!(slow.knock(one, NOW).unwrap_err().retry_after, Some(1), "a whole second is one");
        assert!(door.knock(one, NOW + Duration::milliseconds(499)).is_err());
        assert!(door.knock(one, NOW + Duration::milliseconds(500)).is_ok());
        assert!(door.knock(one, NOW + Duration::milliseconds(500)).is_err());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_budget() {
        let door = door_with(|_| {});
        for host in 1..=3 {
            let address = format!("2001:db8::{host}").parse().unwrap();
            assert!(door.knock(Some(address), NOW).is_ok());
        }
        assert!(door.knock(Some("2001:db8::9".parse().unwrap()), NOW).is_err());
        assert!(door.knock(Some("2001:db8:0:1::9".parse().unwrap()), NOW).is_ok());
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
    }
}
