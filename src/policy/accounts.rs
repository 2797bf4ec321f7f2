//! What a host chooses about accounts: recovery, sweeping, dormancy.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{PolicyError, given::Given, object::Object, seconds, validate::within};

/// What becomes of an unconfirmed account when somebody wants to sign its number up again.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecoveryStrategy {
    /// The same account gets a new random password and its tokens are revoked; then its code is texted again. Whoever signed
    /// it up first knows nothing of it any more, code or no code.
    Adopt,
    /// The account is deleted once it is older than the grace time, and the caller signs up anew. The old remedy: whoever
    /// types the first code too late finds the account gone.
    DeleteAndSignUp,
    /// Its code is texted again, and the caller goes on to confirm. Nothing is changed until somebody has the code.
    #[default]
    Resend,
}

/// What a host has chosen about accounts, checked as a whole.
///
/// ```
/// use custom_auth::{AccountPolicy, RecoveryStrategy};
///
/// let policy = AccountPolicy::builder().recovery(RecoveryStrategy::Adopt).build()?;
/// assert_eq!(policy.dormant_after().map(|age| age.whole_days()), Some(180));
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "AccountPolicyBuilder", into = "AccountPolicyBuilder")]
pub struct AccountPolicy(AccountPolicyBuilder);

choices! {
    /// Chooses what becomes of accounts. Everything has a default; [`build`](Self::build) checks the whole. Each choice says
    /// its default, its range, and why.
    ///
    /// In JSON each choice is a member of the same name, durations in seconds; unknown members are refused.
    AccountPolicyBuilder => AccountPolicy;

    /// What becomes of an unconfirmed account whose number is signed up again. Default: [`RecoveryStrategy::Resend`].
    /// Range: one of the three. Why: texting again changes nothing until somebody proves the number, so nobody can use it to
    /// take a sign-up from whoever is typing its code right now.
    recovery: RecoveryStrategy = RecoveryStrategy::Resend, copy;

    /// How old an unconfirmed account must be before recovery may delete it. Default: 15 min. Range: 10 min to 7 days. Why: somebody
    /// may be typing its code this moment; no code of ours lives longer than ten minutes. Where Cognito itself sends sign-up
    /// codes, which live 24 h, take a day.
    #[serde(with = "seconds")]
    grace: Duration = Duration::minutes(15), copy;

    /// How old an account that nobody proved must be before a sweep takes it. Default: 7 days. Range: 1 h to 365 days, and at
    /// least grace. Why: it holds a number that may be a stranger's; but people who signed up on Friday may come back on
    /// Monday.
    #[serde(with = "seconds")]
    sweep_after: Duration = Duration::days(7), copy;

    /// After how long without a success a code alone no longer opens an account. Default: 180 days. Range: 1 day or more; or `None`,
    /// never. Why: numbers are given to other people. Of 259 numbers that could be had, 171 still led to somebody's account
    /// (Lee and Narayanan, "Security and Privacy Risks of Number Recycling", 2021). A host that has no other proof to ask for
    /// and nothing of value behind the account may choose `None`.
    #[serde(with = "seconds::optional")]
    dormant_after: Option<Duration> = Some(Duration::days(180)), copy;

    /// How often a day the state of one number may be asked before sign-up. Default: 5. Range: 1 to 100. Why: the answer tells who
    /// has an account, and may text; five are more than a person needs.
    questions_per_number: u32 = 5, copy;

    /// How often an hour one client (an address, a device: whatever the host names it by) may ask before sign-up. Default: 20.
    /// Range: 1 to 100. Why: who asks about many numbers is making a list of who has an account; offices and homes share
    /// addresses, so it is not one.
    questions_per_client: u32 = 20, copy;

    /// How many accounts a day are made before anybody has proven their number, by sign-ups and by `prepare`. Default: 10,000. Range: 1 or
    /// more. Why: such an account costs whoever asks nothing. Set it a little above your busiest day. Accounts that a right code makes are
    /// not counted.
    new_accounts_per_day: u32 = 10_000, copy;

    /// How often a day a password is compared for one account, right or wrong. Default: 20. Range: 1 to 100. Why: what people choose can
    /// be guessed, and NIST allows a hundred failures in a row at most (SP 800-63B-4, 3.2.2). The right one counts too, since nobody knows
    /// which it is before it is compared. Past it a code opens the account all the same.
    passwords_per_day: u32 = 20, copy;

    /// How long [`prepare`](crate::Accounts::prepare) takes, whatever it does. Default: 2 s. Range: 0 to 30 s. Why: it makes an account or
    /// does not, and the difference must not show. Make it longer than the calls take: up to three to a store of your own, up to eight, one after the
    /// other, to a Cognito user pool.
    #[serde(with = "seconds")]
    preparing: Duration = Duration::seconds(2), copy;

    /// How long the token lives that confirming a sign-up gives out, to sign in without a second text. Default: 3 min.
    /// Range: 1 to 15 min. Why: it is used by the same program in the next moment; Cognito's own lives 3 to 15 minutes
    /// (`AuthSessionValidity`).
    #[serde(with = "seconds")]
    continuation: Duration = Duration::minutes(3), copy;
}

impl Default for AccountPolicy {
    /// Every default, which is sound.
    fn default() -> Self {
        Self(AccountPolicyBuilder::default())
    }
}

impl AccountPolicyBuilder {
    fn check(&self) -> Result<(), PolicyError> {
        let (minute, day) = (Duration::MINUTE, Duration::DAY);
        within("grace", "10 min to 7 days", (minute * 10..=day * 7).contains(&self.grace))?;
        within(
            "sweep_after",
            "1 h to 365 days, and at least grace",
            (minute * 60..=day * 365).contains(&self.sweep_after) && self.sweep_after >= self.grace,
        )?;
        within("dormant_after", "1 day or more, or null", self.dormant_after.is_none_or(|age| age >= day))?;
        within("questions_per_number", "1 to 100", (1..=100).contains(&self.questions_per_number))?;
        within("questions_per_client", "1 to 100", (1..=100).contains(&self.questions_per_client))?;
        within("new_accounts_per_day", "1 or more", self.new_accounts_per_day > 0)?;
        within("passwords_per_day", "1 to 100", (1..=100).contains(&self.passwords_per_day))?;
        within("preparing", "0 to 30 s", (Duration::ZERO..=Duration::seconds(30)).contains(&self.preparing))?;
        within("continuation", "1 to 15 min", (minute..=minute * 15).contains(&self.continuation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_range_is_kept_at_both_ends() {
        let (second, day) = (Duration::SECOND, Duration::DAY);
        let field = |builder: AccountPolicyBuilder| match builder.build() {
            Ok(_) => "sound",
            Err(PolicyError::Range { field, .. }) => field,
            Err(other) => panic!("{other}"),
        };
        let base = AccountPolicy::builder;
        for (builder, expected) in [
            (base(), "sound"),
            (base().grace(second * 600), "sound"),
            (base().grace(second * 599), "grace"),
            (base().grace(day * 7), "sound"),
            (base().grace(day * 7 + second), "grace"),
            (base().sweep_after(second * 3_600), "sound"),
            (base().sweep_after(second * 3_599), "sweep_after"),
            (base().sweep_after(day).grace(day * 2), "sweep_after"),
            (base().sweep_after(day * 365 + second), "sweep_after"),
            (base().dormant_after(None), "sound"),
            (base().dormant_after(Some(day)), "sound"),
            (base().dormant_after(Some(day - second)), "dormant_after"),
            (base().questions_per_number(0), "questions_per_number"),
            (base().questions_per_number(101), "questions_per_number"),
            (base().questions_per_client(0), "questions_per_client"),
            (base().questions_per_client(101), "questions_per_client"),
            (base().new_accounts_per_day(0), "new_accounts_per_day"),
            (base().passwords_per_day(0), "passwords_per_day"),
            (base().passwords_per_day(100), "sound"),
            (base().passwords_per_day(101), "passwords_per_day"),
            (base().preparing(Duration::ZERO), "sound"),
            (base().preparing(second * 30), "sound"),
            (base().preparing(second * 31), "preparing"),
            (base().preparing(second * -1), "preparing"),
            (base().continuation(second * 60), "sound"),
            (base().continuation(second * 59), "continuation"),
            (base().continuation(second * 901), "continuation"),
        ] {
            assert_eq!(field(builder), expected);
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written_and_refuses_what_it_does_not_know() {
        let policy = AccountPolicy::builder().dormant_after(None).build().unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<AccountPolicy>(&json).unwrap(), policy);
        let known = r#"{"recovery":"delete_and_sign_up","grace":86400}"#;
        assert_eq!(serde_json::from_str::<AccountPolicy>(known).unwrap().grace(), Duration::DAY);
        for json in [r#"{"grcae":86400}"#, r#"{"grace":1}"#, r#"{"recovery":"delete"}"#] {
            assert!(serde_json::from_str::<AccountPolicy>(json).is_err(), "{json}");
        }
    }
}
