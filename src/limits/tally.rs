//! What both ways of counting answer, and the choice between them.

use super::{
    bytes::moment,
    log::SlidingLog,
    payer::Payer,
    quota::{Quota, Shape},
    slots::SlotCount,
};
use crate::types::Timestamp;

/// Whether a cost can be paid now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// It can, and is not yet.
    Fits,
    /// Nothing is left to pay: this act has paid, or asks only.
    Settled,
    /// Not before this moment; the end of time if it is more than the quota ever admits.
    Wait(Timestamp),
}

/// How much is left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Room {
    /// How much could be paid now.
    pub(crate) remaining: u64,
    /// When a cost of 1 can be paid; `None` if it can be now.
    pub(crate) more_at: Option<Timestamp>,
}

/// The counts of one quota, read from the bytes they are kept in. No bytes at all are a quota nobody paid in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tally<'a> {
    Log(SlidingLog<'a>),
    Slots(SlotCount<'a>),
}

impl<'a> Tally<'a> {
    /// Reads the counts as they stand at `now`, in milliseconds; `None` if the bytes are not such counts.
    pub(crate) fn read(quota: &'a Quota, bytes: &'a [u8], now: u64) -> Option<Self> {
        match quota.shape {
            Shape::Log { .. } => SlidingLog::read(quota.windows(), bytes, now).map(Self::Log),
            Shape::Slots { capacity, slot_millis, slots } => {
                SlotCount::read(capacity, slot_millis, slots, bytes, now).map(Self::Slots)
            }
        }
    }

    /// Whether `payer` can pay `cost`; `None` if the bytes are not such counts.
    pub(crate) fn ask(&self, payer: Payer, cost: u64) -> Option<Answer> {
        let paid = match self {
            Self::Log(log) => log.has_paid(payer)?,
            Self::Slots(slots) => slots.has_paid(payer),
        };
        if cost == 0 || paid {
            return Some(Answer::Settled);
        }
        Some(match self.wait(cost, 0)? {
            None => Answer::Fits,
            Some(millis) => Answer::Wait(moment(millis)),
        })
    }

    /// How much is left once `paid`, which fits, has been paid now; `None` if the bytes are not such counts.
    pub(crate) fn room_beside(&self, paid: u64) -> Option<Room> {
        let more_at = self.wait(1, paid)?.map(moment);
        Some(Room { remaining: self.remaining().saturating_sub(paid), more_at })
    }

    /// Appends the counts with `cost` paid by `payer`, and says when they are all dead. Only after [`Answer::Fits`].
    pub(crate) fn write_paid(&self, payer: Payer, cost: u64, out: &mut Vec<u8>) -> Option<u64> {
        match self {
            Self::Log(log) => log.write_paid(payer, cost, out),
            Self::Slots(slots) => slots.write_paid(payer, cost, out),
        }
    }

    fn remaining(&self) -> u64 {
        match self {
            Self::Log(log) => log.remaining(),
            Self::Slots(slots) => slots.remaining(),
        }
    }

    fn wait(&self, cost: u64, beside: u64) -> Option<Option<u64>> {
        match self {
            Self::Log(log) => log.wait(cost, beside),
            Self::Slots(slots) => slots.wait(cost, beside),
        }
    }
}
