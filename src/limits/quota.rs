//! What a quota is: a name, and how it counts.

use time::Duration;

/// Which quota of a subject. Its [`code`](Self::code) is what stores keep.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum QuotaName {
    /// Answers compared, per account and per phone. The lane *anyone*; lanes of known devices come beside it.
    Guesses,
    /// Answers compared since the account's owner last succeeded.
    Failures,
    /// Money spent on texts, in millionths of the currency unit.
    Money,
    /// Accounts made before anything was proven.
    NewAccounts,
    /// Passwords compared, per account.
    Passwords,
    /// Questions about an account, per number and per client.
    Questions,
    /// Texts sent.
    Sends,
    /// Accounts signed up.
    SignUps,
    /// Texts of one challenge that every quota admitted: the evidence that somebody may know its code.
    Texted,
    /// Answers compared on one challenge.
    Tries,
    /// A quota of a host's own.
    Own(u8),
}

impl QuotaName {
    /// A number that is never reused for another quota.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Guesses => 1,
            Self::Failures => 2,
            Self::Money => 3,
            Self::Sends => 4,
            Self::Tries => 5,
            Self::Texted => 6,
            Self::Questions => 7,
            Self::SignUps => 8,
            Self::NewAccounts => 9,
            Self::Passwords => 10,
            Self::Own(own) => 0x100 | own as u16,
        }
    }
}

/// At most `capacity` in any stretch of time as long as `length`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Window {
    /// How many.
    pub capacity: u32,
    /// In how long, in milliseconds.
    pub length_millis: u32,
}

impl Window {
    /// At most `capacity` in any `length`, rounded up to the millisecond.
    ///
    /// # Errors
    /// [`QuotaError`] if the capacity is 0 or the length is not between 1 ms and 40 days.
    pub fn new(capacity: u32, length: Duration) -> Result<Self, QuotaError> {
        let length_millis = u32::try_from(length.whole_milliseconds()).map_err(|_| QuotaError)?;
        if capacity == 0 || length_millis == 0 || length > Duration::days(40) {
            return Err(QuotaError);
        }
        Ok(Self { capacity, length_millis })
    }
}

/// The numbers make no quota.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a quota has 1 to 4 windows, each with a capacity of 1 or more and a length of 1 ms to 40 days")]
#[non_exhaustive]
pub struct QuotaError;

/// How a quota counts. Either way it never admits more than its capacity in any window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// One sliding log that answers several windows exactly. For what must be exact and is small.
    Log {
        /// The windows, in the first `count` places.
        windows: [Window; 4],
        /// How many places are used.
        count: u8,
    },
    /// Counts per slot of time. The oldest slot counts whole until it has left the window whole, so it is stricter
    /// than exact by at most one slot. For what is wide, and for what is counted for long.
    Slots {
        /// At most this much in any window.
        capacity: u64,
        /// The length of one slot in milliseconds.
        slot_millis: u64,
        /// How many slots are a window.
        slots: u8,
    },
}

/// A quota: its name and shape.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Quota {
    /// Which quota of its subject.
    pub name: QuotaName,
    /// How it counts.
    pub shape: Shape,
}

impl Quota {
    /// An exact quota over 1 to 4 windows.
    ///
    /// # Errors
    /// [`QuotaError`] for another number of windows.
    pub fn log(name: QuotaName, windows: &[Window]) -> Result<Self, QuotaError> {
        let first = *windows.first().ok_or(QuotaError)?;
        let mut places = [first; 4];
        places.get_mut(..windows.len()).ok_or(QuotaError)?.copy_from_slice(windows);
        let count = u8::try_from(windows.len()).map_err(|_| QuotaError)?;
        Ok(Self { name, shape: Shape::Log { windows: places, count } })
    }

    /// A coarse quota: at most `capacity` in any `window`, counted in `slots` equal parts.
    ///
    /// # Errors
    /// [`QuotaError`] if capacity or slots are 0, or a slot is shorter than 1 ms.
    pub fn slots(name: QuotaName, capacity: u64, window: Duration, slots: u8) -> Result<Self, QuotaError> {
        let millis = u64::try_from(window.whole_milliseconds()).map_err(|_| QuotaError)?;
        let slot_millis = millis.div_ceil(u64::from(slots.max(1)));
        if capacity == 0 || slots == 0 || slot_millis == 0 {
            return Err(QuotaError);
        }
        Ok(Self { name, shape: Shape::Slots { capacity, slot_millis, slots } })
    }

    /// The part number `part`, from 0, of `parts` of it: their capacities add up to this one's.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn part(&self, part: u8, parts: u8) -> Self {
        let (part, parts) = (u64::from(part), u64::from(parts.max(1)));
        let share = |capacity: u64| capacity / parts + u64::from(part < capacity % parts);
        let shape = match self.shape {
            Shape::Log { mut windows, count } => {
                for window in &mut windows {
                    window.capacity = u32::try_from(share(u64::from(window.capacity))).unwrap_or(u32::MAX);
                }
                Shape::Log { windows, count }
            }
            Shape::Slots { capacity, slot_millis, slots } => {
                Shape::Slots { capacity: share(capacity), slot_millis, slots }
            }
        };
        Self { name: self.name, shape }
    }

    /// The longest stretch of time it looks back over: after it an untouched entry is dead.
    #[must_use]
    pub fn memory(&self) -> Duration {
        let millis = match &self.shape {
            Shape::Log { .. } => {
                self.windows().iter().map(|w| u64::from(w.length_millis)).max().unwrap_or_default()
            }
            Shape::Slots { slot_millis, slots, .. } => slot_millis.saturating_mul(u64::from(*slots) + 1),
        };
        Duration::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// A log's windows; none for slots.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        match &self.shape {
            Shape::Log { windows, count } => windows.get(..usize::from(*count)).unwrap_or_default(),
            Shape::Slots { .. } => &[],
        }
    }
}
