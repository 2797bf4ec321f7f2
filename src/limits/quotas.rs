//! Which quotas a policy means.

use time::Duration;

use super::{Quota, QuotaError, QuotaName, Window};
use crate::policy::{Destination, Policy, SignUpPolicy};

/// Every quota of a policy, made once.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quotas {
    /// Answers compared on one challenge.
    pub tries: Quota,
    /// Texts of one challenge: the gap and the number.
    pub challenge_sends: Quota,
    /// Texts of one challenge that every other quota admitted; an answer is compared only if there was one.
    pub texted: Quota,
    /// Texts to one phone.
    pub phone_sends: Quota,
    /// Answers compared for one account, and for one phone.
    pub guesses: Quota,
    /// Answers compared in one series of an account.
    pub failures: Quota,
    /// The same for a decoy, which nothing is behind: kept for a day, since anybody can make up names without end.
    pub decoy_failures: Quota,
    /// Texts to one prefix.
    pub prefix_sends: Quota,
    /// Texts in all.
    pub all_sends: Quota,
    /// Money spent, if there is a budget.
    pub money: Option<Quota>,
    /// Sign-ups of one number, and of all, if the policy answers sign-ups.
    pub sign_ups: Option<[Quota; 2]>,
}

const DAY: Duration = Duration::DAY;

impl Quotas {
    /// The quotas that `policy` means.
    ///
    /// # Errors
    /// [`QuotaError`]; no policy that was built has a number that makes none.
    pub fn of(policy: &Policy) -> Result<Self, QuotaError> {
        let life = policy.record_lifetime() + policy.clock_skew();
        let gap = Window::new(1, policy.resend_gap())?;
        let sends = Window::new(u32::from(policy.sends_per_challenge()), life)?;
        let mut phone = Vec::with_capacity(4);
        for (count, seconds) in policy.sends_per_phone() {
            phone.push(Window::new(*count, Duration::seconds(i64::from(*seconds)))?);
        }
        let failures = u64::from(policy.consecutive_failures());
        let money = policy.budget_per_day().map(|budget| Quota::slots(QuotaName::Money, budget, DAY, 24));
        Ok(Self {
            // A window as long as the record lives: no try is forgotten while the challenge counts.
            tries: Quota::log(
                QuotaName::Tries,
                &[Window::new(u32::from(policy.tries_per_challenge()), life)?],
            )?,
            challenge_sends: Quota::log(QuotaName::Sends, &[gap, sends])?,
            texted: Quota::log(QuotaName::Texted, &[sends])?,
            phone_sends: Quota::log(QuotaName::Sends, &phone)?,
            guesses: Quota::log(QuotaName::Guesses, &[Window::new(policy.guesses_per_day(), DAY)?])?,
            // NIST counts failures in a row without end; a year without one try is taken for an end.
            failures: Quota::slots(QuotaName::Failures, failures, DAY * 365, 12)?,
            decoy_failures: Quota::slots(QuotaName::Failures, failures, DAY, 12)?,
            prefix_sends: Quota::slots(
                QuotaName::Sends,
                u64::from(policy.sends_per_prefix_per_hour()),
                Duration::HOUR,
                12,
            )?,
            all_sends: Quota::slots(QuotaName::Sends, u64::from(policy.sends_per_day()), DAY, 24)?,
            money: money.transpose()?,
            sign_ups: policy.sign_up().as_ref().map(sign_ups).transpose()?,
        })
    }

    /// The daily cap of a destination, if it has one.
    #[must_use]
    pub fn destination_sends(destination: Destination) -> Option<Quota> {
        Quota::slots(QuotaName::Sends, u64::from(destination.per_day?), DAY, 24).ok()
    }
}

fn sign_ups(policy: &SignUpPolicy) -> Result<[Quota; 2], QuotaError> {
    let of_number = [Window::new(policy.sign_ups_per_number(), DAY)?];
    let of_all = u64::from(policy.sign_ups_per_day());
    Ok([Quota::log(QuotaName::SignUps, &of_number)?, Quota::slots(QuotaName::SignUps, of_all, DAY, 24)?])
}
