//! The naive model that counts are compared to: a list of payments, of which none is ever dropped.

use core::ops::RangeInclusive;

use proptest::{collection::vec, prelude::*};

use super::{
    bytes::moment,
    payer::Payer,
    quota::Window,
    tally::{Answer, Room},
};

/// One charge to one quota.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    pub(super) now: u64,
    pub(super) cost: u64,
    pub(super) payer: Payer,
}

/// Charges with small costs, payers that come back, and a clock that mostly goes on but may jump either way.
pub(super) fn acts(count: core::ops::Range<usize>) -> impl Strategy<Value = Vec<Act>> {
    let step = prop_oneof![8 => 0_i64..400, 1 => -3_000_i64..0, 1 => 0_i64..5_000];
    vec((step, 0_u64..5, 0_u8..30), count).prop_map(|steps| {
        let mut now = 10_000_u64;
        let mut act = |(step, cost, payer): (i64, u64, u8)| {
            now = now.saturating_add_signed(step);
            Act { now, cost, payer: Payer([payer; 6]) }
        };
        steps.into_iter().map(&mut act).collect()
    })
}

/// Windows of up to a few seconds.
pub(super) fn windows_of(count: RangeInclusive<usize>) -> impl Strategy<Value = Vec<Window>> {
    let window = (1_u32..12, 1_u32..4_000);
    vec(window.prop_map(|(capacity, length_millis)| Window { capacity, length_millis }), count)
}

/// Every payment ever made, under the latest moment that was paid at.
#[derive(Debug)]
pub(super) struct Naive {
    windows: Vec<Window>,
    paid: Vec<Act>,
}

impl Naive {
    pub(super) fn new(windows: &[Window]) -> Self {
        Self { windows: windows.to_vec(), paid: Vec::new() }
    }

    pub(super) fn pay(&mut self, act: &Act) -> Answer {
        let answer = self.ask(act);
        if answer == Answer::Fits {
            self.record(act);
        }
        answer
    }

    pub(super) fn ask(&self, act: &Act) -> Answer {
        let longest = self.windows.iter().map(|w| w.length_millis).max().unwrap();
        let time = self.time(act.now);
        let paid = self.paid.iter().any(|p| p.payer == act.payer && p.now + u64::from(longest) > time);
        if act.cost == 0 || paid {
            return Answer::Settled;
        }
        match self.first_moment(time, act.cost) {
            at if at == time => Answer::Fits,
            at => Answer::Wait(moment(at)),
        }
    }

    pub(super) fn record(&mut self, act: &Act) {
        self.paid.push(Act { now: self.time(act.now), ..*act });
    }

    pub(super) fn room(&self, now: u64) -> Room {
        let time = self.time(now);
        let remaining = self
            .windows
            .iter()
            .map(|w| u64::from(w.capacity).saturating_sub(self.sum(w, time)))
            .min()
            .unwrap();
        Room { remaining, more_at: (remaining == 0).then(|| moment(self.first_moment(time, 1))) }
    }

    /// By how much the fullest of all windows, wherever it begins, is beyond its capacity.
    pub(super) fn fullest_excess(&self) -> u64 {
        let ends = self.paid.iter().map(|p| p.now);
        let excess = |end| {
            self.windows
                .iter()
                .map(move |w| self.sum(w, end).saturating_sub(u64::from(w.capacity)))
                .max()
                .unwrap()
        };
        ends.map(excess).max().unwrap_or_default()
    }

    fn time(&self, now: u64) -> u64 {
        self.paid.iter().map(|p| p.now).max().unwrap_or_default().max(now)
    }

    /// What was paid in the stretch of the window's length that ends with `end`.
    fn sum(&self, window: &Window, end: u64) -> u64 {
        let inside = |p: &&Act| p.now <= end && end < p.now + u64::from(window.length_millis);
        self.paid.iter().filter(inside).map(|p| p.cost).sum()
    }

    fn first_moment(&self, time: u64, cost: u64) -> u64 {
        let fits = |at| self.windows.iter().all(|w| self.sum(w, at) + cost <= u64::from(w.capacity));
        let leaves =
            self.windows.iter().flat_map(|w| self.paid.iter().map(|p| p.now + u64::from(w.length_millis)));
        let mut moments: Vec<u64> = leaves.filter(|at| *at > time).chain([time]).collect();
        moments.sort_unstable();
        moments.into_iter().find(|at| fits(*at)).unwrap_or(u64::MAX)
    }
}
