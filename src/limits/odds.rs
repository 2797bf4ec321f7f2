//! What an attacker may hope for, and what the worst day costs: computed from the policy alone.

use crate::policy::Policy;

/// Upper bounds on an attacker's luck. They hold for every strategy, any number of sessions, clients, resends and
/// processes, because every compared answer is charged first to one account's quota.
///
/// With codes uniform over 10^d values and at most A compared in a day, P ≤ A / 10^d: of the guesses against
/// independent uniform codes, `1 − Π(1 − qᵢ/N) ≤ Σ qᵢ/N`, with equality when all guesses meet one code.
///
/// ```
/// use custom_auth::{Destinations, Odds, Policy};
///
/// let policy = Policy::builder().destinations(Destinations::allow(["+91"])).build()?;
/// let odds = Odds::of(&policy);
/// assert_eq!(odds.per_account_per_day(), 20.0 / 1e6);
/// assert_eq!(odds.fleet_takeovers_per_day(), 0.03); // 10,000 texts, 3 tries each, a million codes
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Odds {
    space: f64,
    guesses_per_day: f64,
    tries: f64,
    failures: f64,
    sends_per_day: f64,
}

impl Odds {
    /// The odds of `policy`. A figure for planning and for tests: nothing is decided from it.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            space: 10_f64.powi(i32::from(policy.code_length().digits())),
            guesses_per_day: f64::from(policy.guesses_per_day()),
            tries: f64::from(policy.tries_per_challenge()),
            failures: f64::from(policy.consecutive_failures()),
            sends_per_day: f64::from(policy.sends_per_day()),
        }
    }

    /// The probability that one challenge is guessed: tries / 10^d.
    #[must_use]
    pub fn per_challenge(&self) -> f64 {
        (self.tries / self.space).min(1.0)
    }

    /// The probability that a given account is taken over in any 24 h.
    #[must_use]
    pub fn per_account_per_day(&self) -> f64 {
        (self.guesses_per_day / self.space).min(1.0)
    }

    /// The probability that a given account is taken over in `days` days of unbroken attack: bounded by the days, and by
    /// the failures in a row between two sign-ins of its owner.
    #[must_use]
    pub fn per_account_in_days(&self, days: u32) -> f64 {
        let by_days = 1.0 - (1.0 - self.per_account_per_day()).powf(f64::from(days));
        by_days.min(self.failures / self.space).min(1.0)
    }

    /// The expected number of takeovers in any 24 h over all accounts, however many there are: every code that can be
    /// guessed needs a text, and each has `tries` tries.
    #[must_use]
    pub fn fleet_takeovers_per_day(&self) -> f64 {
        self.tries * self.sends_per_day / self.space
    }
}

/// The greatest spend in any 24 h, in millionths of the currency unit of the destinations' prices.
///
/// ```
/// use custom_auth::{Destination, Destinations, Policy, WorstBill};
///
/// let india = Destination::new(2_780, Some(2_000));
/// let policy = Policy::builder().destinations(Destinations::default().allow_at("+91", india)).build()?;
/// assert_eq!(WorstBill::of(&policy).millionths_per_day(), 2_000 * 2_780);
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WorstBill {
    texts: u64,
    millionths: u64,
}

impl WorstBill {
    /// The worst bill of `policy`: the dearest destinations first, each to its cap, until the texts in all or the budget
    /// are used up.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let mut terms: Vec<_> = policy.destinations().allowed().map(|(_, terms)| terms).collect();
        terms.sort_by_key(|terms| core::cmp::Reverse(terms.price));
        let mut texts_left = u64::from(policy.sends_per_day());
        let mut millionths = 0_u64;
        for terms in terms {
            let texts = terms.per_day.map_or(texts_left, |cap| texts_left.min(u64::from(cap)));
            millionths = millionths.saturating_add(texts.saturating_mul(u64::from(terms.price)));
            texts_left -= texts;
        }
        let texts = u64::from(policy.sends_per_day()) - texts_left;
        Self {
            texts,
            millionths: policy.budget_per_day().map_or(millionths, |budget| millionths.min(budget)),
        }
    }

    /// The greatest number of texts in any 24 h.
    #[must_use]
    pub const fn texts_per_day(&self) -> u64 {
        self.texts
    }

    /// The greatest spend in any 24 h. The sum is taken at each destination's highest price.
    #[must_use]
    pub const fn millionths_per_day(&self) -> u64 {
        self.millionths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Destination, Destinations};

    #[test]
    fn the_worst_bill_fills_the_dearest_destinations_first_and_stops_at_the_budget() {
        let destinations = || {
            Destinations::default()
                .allow_at("+91", Destination::new(10, None))
                .allow_at("+1", Destination::new(100, Some(3)))
                .allow_at("+44", Destination::new(50, Some(4)))
        };
        let policy = Policy::builder().destinations(destinations()).sends_per_day(10).build().unwrap();
        assert_eq!(WorstBill::of(&policy), WorstBill { texts: 10, millionths: 300 + 200 + 30 });
        let policy =
            Policy::builder().destinations(destinations()).sends_per_day(10).budget_per_day(Some(400));
        assert_eq!(WorstBill::of(&policy.build().unwrap()).millionths_per_day(), 400);
    }

    #[test]
    fn a_long_attack_is_bounded_by_the_failures_in_a_row() {
        let policy = Policy::builder().destinations(Destinations::allow(["+91"])).build().unwrap();
        let odds = Odds::of(&policy);
        assert!(odds.per_account_in_days(1) <= odds.per_account_per_day() * 1.000_001);
        assert_eq!(odds.per_account_in_days(3_650), 100.0 / 1e6);
    }
}
