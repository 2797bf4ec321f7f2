//! Several senders, one after the other.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::Duration;

use crate::{
    ports::{Clock, SendError, SendReceipt, SmsMessage, SmsSender, SystemClock},
    types::{PhoneNumber, Timestamp},
};

/// An [`SmsSender`] that asks several in turn, until one takes the message.
///
/// * *Not taken* ([`SendError::TryAnother`]): the next is asked.
/// * *Refused for good* ([`SendError::Refused`]): nobody else is asked.
/// * *Unknown* ([`SendError::Unknown`]), and a send that the engine stops waiting for: the message **may have been sent, so nobody else
///   is asked** in the same tap. The person's next tap, after the gap, begins anew.
///
/// A sender that failed three times in a row rests for half a minute: others are asked first, and it only if none of them takes the
/// message. So the tap after an unknown outcome soon goes another way. What it did not take counts as its failure if another took it:
/// else it may be the number's. Each process keeps this to itself.
///
/// All share the time that the policy gives one text (`send_window`): a sender that takes all of it leaves nothing for the next.
///
/// ```
/// use custom_auth::{Failover, testing::RecordingSms};
///
/// let (first, second, local) = (RecordingSms::new(), RecordingSms::new(), RecordingSms::new());
/// let sender = Failover::new("first", first)
///     .or("second", second)
///     .or("local", local)
///     .for_prefix("+91", ["local", "first"])? // in India another order, and `second` never
///     .for_all_others(["first", "second"])?;
/// assert!(sender.for_prefix("+1", ["pigeon"]).is_err());
/// # Ok::<(), custom_auth::FailoverError>(())
/// ```
pub struct Failover {
    senders: Vec<(String, Arc<dyn SmsSender>)>,
    /// Places of senders in the order they are asked in, by prefix; the longest prefix that fits decides.
    orders: Vec<(String, Vec<usize>)>,
    health: Mutex<Vec<Health>>,
    failures: u32,
    rest: Duration,
    clock: Arc<dyn Clock>,
}

/// How a sender has done of late.
#[derive(Clone, Copy, Debug, Default)]
struct Health {
    /// In a row.
    failures: u32,
    rests_until: Option<Timestamp>,
}

/// An order that cannot be kept.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FailoverError {
    /// It names a sender that is not there.
    #[error("no sender is called {0:?}")]
    NoSuchSender(String),
    /// It is no prefix: `+` and 1 to 15 digits.
    #[error("not a number prefix: {0:?}")]
    Prefix(String),
    /// It is empty.
    #[error("an order names at least one sender")]
    Empty,
}

/// A sender that fails so often in a row rests.
const FAILURES: u32 = 3;
/// For so long.
const REST: Duration = Duration::seconds(30);

impl Failover {
    /// Begins with the sender that is asked first.
    #[must_use]
    pub fn new(name: impl Into<String>, sender: impl SmsSender) -> Self {
        let senders: Vec<(String, Arc<dyn SmsSender>)> = vec![(name.into(), Arc::new(sender))];
        Self {
            senders,
            orders: Vec::new(),
            health: Mutex::new(vec![Health::default()]),
            failures: FAILURES,
            rest: REST,
            clock: Arc::new(SystemClock),
        }
    }

    /// Adds one that is asked if none before it takes the message.
    #[must_use]
    pub fn or(mut self, name: impl Into<String>, sender: impl SmsSender) -> Self {
        self.senders.push((name.into(), Arc::new(sender)));
        self.health().push(Health::default());
        self
    }

    /// For numbers with this prefix, asks these senders in this order, and no others. The longest prefix that fits decides.
    ///
    /// # Errors
    /// [`FailoverError`].
    pub fn for_prefix<'n>(
        mut self,
        prefix: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, FailoverError> {
        let digits = prefix.strip_prefix('+').unwrap_or_default();
        if !(1..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(FailoverError::Prefix(prefix.to_owned()));
        }
        let order = self.places(names)?;
        self.orders.push((prefix.to_owned(), order));
        Ok(self)
    }

    /// For all other numbers, asks these senders in this order, and no others. Without, all in the order they were given.
    ///
    /// # Errors
    /// [`FailoverError`].
    pub fn for_all_others<'n>(
        mut self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, FailoverError> {
        let order = self.places(names)?;
        self.orders.push((String::new(), order));
        Ok(self)
    }

    /// A sender rests for `rest` once it has failed `failures` times in a row; 3 times and 30 s by default.
    #[must_use]
    pub fn rest_after(self, failures: u32, rest: Duration) -> Self {
        Self { failures, rest, ..self }
    }

    /// By this clock they rest; the system's, if none is given.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn places<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<usize>, FailoverError> {
        let place = |name: &'n str| {
            let place = self.senders.iter().position(|(known, _)| known == name);
            place.ok_or_else(|| FailoverError::NoSuchSender(name.to_owned()))
        };
        let places: Vec<usize> = names.into_iter().map(place).collect::<Result<_, _>>()?;
        if places.is_empty() { Err(FailoverError::Empty) } else { Ok(places) }
    }

    /// Who is asked about a number, in order: the rested first.
    fn order(&self, to: &PhoneNumber) -> Vec<usize> {
        let fitting = self.orders.iter().filter(|(prefix, _)| to.e164().starts_with(prefix.as_str()));
        let order = fitting.max_by_key(|(prefix, _)| prefix.len());
        let mut order = order.map_or_else(|| (0..self.senders.len()).collect(), |(_, order)| order.clone());
        let (now, health) = (self.clock.now(), self.health());
        let rests = |place: &usize| {
            health.get(*place).and_then(|health| health.rests_until).is_some_and(|until| now < until)
        };
        order.sort_by_key(rests); // stable
        order
    }

    fn note(&self, place: usize, has_failed: bool) {
        let now = self.clock.now();
        let mut health = self.health();
        let Some(health) = health.get_mut(place) else { return };
        if !has_failed {
            *health = Health::default();
            return;
        }
        health.failures = health.failures.saturating_add(1);
        if health.failures >= self.failures {
            health.rests_until = Some(now + self.rest);
        }
    }

    fn health(&self) -> MutexGuard<'_, Vec<Health>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One sender that is being asked. Whoever stops waiting for it drops this, and it has failed.
struct Asked<'f> {
    failover: &'f Failover,
    place: usize,
    /// Whether it has; `None` if that is not known yet.
    has_failed: Option<bool>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if let Some(has_failed) = self.has_failed {
            self.failover.note(self.place, has_failed);
        }
    }
}

#[async_trait]
impl SmsSender for Failover {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let (mut not_taken, mut passed_on) = (None, Vec::new());
        for place in self.order(&message.to) {
            let Some((_, sender)) = self.senders.get(place) else { continue };
            let mut asked = Asked { failover: self, place, has_failed: Some(true) };
            match sender.send(message).await {
                Err(error @ SendError::TryAnother(_)) => {
                    // Its fault if another takes the message; else the number's, perhaps.
                    asked.has_failed = None;
                    not_taken = Some(error);
                    passed_on.push(place);
                }
                end @ Ok(_) => {
                    asked.has_failed = Some(false);
                    passed_on.into_iter().for_each(|place| self.note(place, true));
                    return end;
                }
                // Its provider has answered, and is well.
                end @ Err(SendError::Refused(_)) => {
                    asked.has_failed = Some(false);
                    return end;
                }
                end @ Err(SendError::Unknown(_)) => return end,
            }
        }
        Err(not_taken.unwrap_or_else(|| SendError::TryAnother("there is no sender".into())))
    }
}

impl fmt::Debug for Failover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.senders.iter().map(|(name, _)| name).collect();
        f.debug_struct("Failover").field("senders", &names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
