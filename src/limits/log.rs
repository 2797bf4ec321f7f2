//! The sliding log: every payment with its time, so that several windows are answered exactly.
//!
//! Bytes: the newest payment's time (6, milliseconds), then per payment, oldest first, its age then (4, in
//! milliseconds before the newest), its payer (6) and its cost (1 or more). 17 bytes for one payment, 11 for each
//! further one. A payment leaves a window when it is as old as the window is long, and the bytes at the next payment
//! after it left the longest.

use super::{
    bytes::{Reader, push_millis, push_number},
    payer::Payer,
    quota::Window,
};

/// A log as it stands at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlidingLog<'a> {
    windows: &'a [Window],
    payments: Reader<'a>,
    /// The later of now and the newest payment: time that goes backwards frees nothing.
    time: u64,
    /// How long ago the newest payment was.
    newest_age: u64,
    /// The length of the longest window.
    longest: u64,
    /// What could be paid now. A log without windows admits nothing.
    remaining: u64,
}

/// One payment, as old as it is at the log's time.
#[derive(Clone, Copy, Debug)]
struct Payment {
    age: u64,
    payer: Payer,
    cost: u64,
}

impl<'a> SlidingLog<'a> {
    pub(crate) fn read(windows: &'a [Window], bytes: &'a [u8], now: u64) -> Option<Self> {
        let mut payments = Reader::new(bytes);
        let newest = if payments.is_empty() { 0 } else { payments.millis()? };
        if payments.is_empty() && !bytes.is_empty() {
            return None;
        }
        let time = now.max(newest);
        let longest = windows.iter().map(|window| u64::from(window.length_millis)).max().unwrap_or_default();
        let log = Self { windows, payments, time, newest_age: time - newest, longest, remaining: 0 };
        let mut sums = [0_u64; 4];
        log.visit(|payment| {
            for (sum, window) in sums.iter_mut().zip(windows) {
                if payment.age < u64::from(window.length_millis) {
                    *sum = sum.saturating_add(payment.cost);
                }
            }
        })?;
        let room = |(window, sum): (&Window, u64)| u64::from(window.capacity).saturating_sub(sum);
        Some(Self { remaining: windows.iter().zip(sums).map(room).min().unwrap_or_default(), ..log })
    }

    /// Whether `payer` paid within the longest window.
    pub(crate) fn has_paid(&self, payer: Payer) -> Option<bool> {
        let mut paid = false;
        self.visit(|payment| paid |= payment.payer == payer && payment.age < self.longest)?;
        Some(paid)
    }

    /// What could be paid now.
    pub(crate) const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// When `cost` can be paid, if not now, once `beside` has been paid now.
    pub(crate) fn wait(&self, cost: u64, beside: u64) -> Option<Option<u64>> {
        if self.remaining.checked_sub(beside).is_some_and(|room| room >= cost) {
            return Some(None);
        }
        let mut latest = None;
        for window in self.windows {
            latest = latest.max(Some(self.wait_for_window(window, cost, beside)?));
        }
        Some(Some(latest.unwrap_or(u64::MAX)))
    }

    /// Appends the payments that still count and the new one; says when they are all dead.
    pub(crate) fn write_paid(&self, payer: Payer, cost: u64, out: &mut Vec<u8>) -> Option<u64> {
        push_millis(out, self.time);
        self.visit(|payment| {
            if let Some(age) = u32::try_from(payment.age).ok().filter(|age| u64::from(*age) < self.longest) {
                push_payment(out, age, payment.payer, payment.cost);
            }
        })?;
        push_payment(out, 0, payer, cost);
        Some(self.time.saturating_add(self.longest))
    }

    /// When as much of `window` has left as `cost` needs: now, if it has room.
    fn wait_for_window(&self, window: &Window, cost: u64, beside: u64) -> Option<u64> {
        let (capacity, length) = (u64::from(window.capacity), u64::from(window.length_millis));
        if cost > capacity {
            return Some(u64::MAX);
        }
        let mut held = beside;
        self.visit(|payment| {
            if payment.age < length {
                held = held.saturating_add(payment.cost);
            }
        })?;
        let mut at = self.time;
        let mut leave = |paid, age| {
            if age < length && held > capacity - cost {
                held = held.saturating_sub(paid);
                at = self.time.saturating_add(length - age);
            }
        };
        self.visit(|payment| leave(payment.cost, payment.age))?;
        leave(beside, 0);
        Some(at)
    }

    /// Shows every payment, the oldest first; `None` if the bytes are not payments.
    fn visit(&self, mut see: impl FnMut(Payment)) -> Option<()> {
        let mut rest = self.payments;
        while !rest.is_empty() {
            let [a, b, c, d, payer @ ..]: [u8; 10] = rest.array()?;
            let age = u64::from(u32::from_le_bytes([a, b, c, d])).saturating_add(self.newest_age);
            let payer = Payer(payer);
            see(Payment { age, payer, cost: rest.number()? });
        }
        Some(())
    }
}

fn push_payment(out: &mut Vec<u8>, age: u32, payer: Payer, cost: u64) {
    let ([a, b, c, d], [e, f, g, h, i, j]) = (age.to_le_bytes(), payer.0);
    out.extend_from_slice(&[a, b, c, d, e, f, g, h, i, j]);
    push_number(out, cost);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{
        reference::{Act, Naive, acts, windows_of},
        tally::Answer,
    };
    use super::*;
    use crate::{Quota, QuotaName, limits::Tally};

    const MINUTE: u64 = 60_000;

    /// Three texts in ten minutes, five in an hour.
    fn quota() -> Quota {
        let window = |capacity, minutes| Window::new(capacity, time::Duration::minutes(minutes)).unwrap();
        Quota::log(QuotaName::Sends, &[window(3, 10), window(5, 60)]).unwrap()
    }

    fn pay(quota: &Quota, bytes: &mut Vec<u8>, act: &Act) -> Answer {
        let tally = Tally::read(quota, bytes, act.now).unwrap();
        let answer = tally.ask(act.payer, act.cost).unwrap();
        if answer == Answer::Fits {
            let mut paid = Vec::new();
            tally.write_paid(act.payer, act.cost, &mut paid).unwrap();
            let then = Tally::read(quota, &paid, act.now).unwrap();
            assert_eq!(tally.room_beside(act.cost), then.room_beside(0), "told before and read after");
            *bytes = paid;
        }
        answer
    }

    fn once(now: u64, payer: u8) -> Act {
        Act { now, cost: 1, payer: Payer([payer; 6]) }
    }

    #[test]
    fn a_payment_leaves_a_window_at_the_very_millisecond() {
        let (quota, mut bytes) = (quota(), Vec::new());
        for payer in 0..3 {
            assert_eq!(pay(&quota, &mut bytes, &once(1_000, payer)), Answer::Fits);
        }
        let back = super::super::bytes::moment(1_000 + 10 * MINUTE);
        assert_eq!(pay(&quota, &mut bytes, &once(999 + 10 * MINUTE, 3)), Answer::Wait(back));
        assert_eq!(pay(&quota, &mut bytes, &once(1_000 + 10 * MINUTE, 3)), Answer::Fits);
    }

    #[test]
    fn a_payment_takes_17_bytes_and_each_further_one_11() {
        let (quota, mut bytes) = (quota(), Vec::new());
        pay(&quota, &mut bytes, &once(1_000, 0));
        assert_eq!(bytes.len(), 17);
        pay(&quota, &mut bytes, &once(1_001, 1));
        assert_eq!(bytes.len(), 28);
        pay(&quota, &mut bytes, &once(1_001 + 60 * MINUTE, 2));
        assert_eq!(bytes.len(), 17);
    }

    #[test]
    fn a_cost_above_the_capacity_is_never_paid() {
        let (quota, mut bytes) = (quota(), Vec::new());
        let end = Answer::Wait(crate::Timestamp::from_unix_millis(i64::MAX));
        assert_eq!(pay(&quota, &mut bytes, &Act { cost: 4, ..once(0, 0) }), end);
        assert_eq!(pay(&quota, &mut bytes, &Act { cost: u64::MAX, ..once(0, 0) }), end);
    }

    #[test]
    fn a_log_without_windows_admits_nothing() {
        let log = SlidingLog::read(&[], &[], 0).unwrap();
        assert_eq!((log.remaining(), log.wait(1, 0)), (0, Some(Some(u64::MAX))));
    }

    #[test]
    fn bytes_that_are_no_log_are_not_read_as_an_empty_one() {
        let (quota, mut bytes) = (quota(), Vec::new());
        pay(&quota, &mut bytes, &once(1_000, 0));
        for len in 1..bytes.len() {
            assert!(Tally::read(&quota, &bytes[..len], 1_000).is_none(), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn i3_i4_a_log_is_exact_over_any_charges_and_clock_jumps(
            windows in windows_of(1..=4), acts in acts(1..80),
        ) {
            let quota = Quota::log(QuotaName::Guesses, &windows).unwrap();
            let (mut bytes, mut naive) = (Vec::new(), Naive::new(&windows));
            for act in &acts {
                let expected = naive.pay(act);
                prop_assert_eq!(pay(&quota, &mut bytes, act), expected, "{:?}", act);
                let room = Tally::read(&quota, &bytes, act.now).unwrap().room_beside(0).unwrap();
                prop_assert_eq!(room, naive.room(act.now));
            }
            prop_assert_eq!(naive.fullest_excess(), 0);
        }
    }
}
