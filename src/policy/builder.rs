//! Every choice, with its default, range and reason.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{Destinations, MessageTemplate, Plan, PolicyError, seconds};
use crate::types::CodeLength;

/// One row is one choice: it makes the builder's field and setter and the policy's getter, so that the three cannot
/// disagree and the documentation stands once.
macro_rules! choices {
    ($( $(#[doc = $doc:literal])* $(#[serde($with:meta)])? $name:ident: $kind:ty = $default:expr, $by:ident; )+) => {
        /// Chooses a policy. Everything but the destinations has a default; [`build`](Self::build) checks the whole.
        ///
        /// In JSON each choice is a member of the same name, durations in seconds; unknown members are refused.
        #[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[serde(default, deny_unknown_fields)]
        #[must_use]
        pub struct PolicyBuilder {
            $( $(#[serde($with)])? pub(super) $name: $kind, )+
        }

        impl Default for PolicyBuilder {
            fn default() -> Self {
                Self { $( $name: $default, )+ }
            }
        }

        impl PolicyBuilder {
            $( $(#[doc = $doc])* pub fn $name(mut self, $name: $kind) -> Self { self.$name = $name; self } )+
        }

        impl Policy {
            $( choices!(@getter $by $(#[doc = $doc])* $name: $kind); )+
        }
    };
    (@getter copy $(#[doc = $doc:literal])* $name:ident: $kind:ty) => {
        $(#[doc = $doc])* #[must_use] pub const fn $name(&self) -> $kind { self.0.$name }
    };
    (@getter borrow $(#[doc = $doc:literal])* $name:ident: $kind:ty) => {
        $(#[doc = $doc])* #[must_use] pub const fn $name(&self) -> &$kind { &self.0.$name }
    };
}

/// What a host has chosen, checked as a whole.
///
/// ```
/// use custom_auth::{Destinations, Policy};
/// use time::Duration;
///
/// let policy = Policy::builder()
///     .destinations(Destinations::allow(["+91"]))
///     .challenge_lifetime(Duration::minutes(3))
///     .build()?;
/// assert_eq!(policy.code_length().digits(), 6);
/// assert!(Policy::builder().build().is_err(), "nothing may be texted until it is named");
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "PolicyBuilder", into = "PolicyBuilder")]
pub struct Policy(PolicyBuilder);

choices! {
    #[doc = "Which numbers may be texted. No default: nothing is allowed until it is named."]
    destinations: Destinations = Destinations::default(), borrow;

    #[doc = "How many digits a code has. Default 6, from 6 (20 bits, NIST SP 800-63B 5.1.3.2) to 10."]
    code_length: CodeLength = CodeLength::SIX, copy;

    #[doc = "How long a code is accepted. Default 300 s, from 30 s to 600 s (NIST SP 800-63B 5.1.3.2: at most 10 minutes)."]
    #[doc = "Keep Cognito's `AuthSessionValidity` at least as long."]
    #[serde(with = "seconds")]
    challenge_lifetime: Duration = Duration::seconds(300), copy;

    #[doc = "How many answers are compared on one challenge, over all sign-ins that share it. Default 3, from 1 to 5 (RTS SCA 4(3)b)."]
    tries_per_challenge: u8 = 3, copy;

    #[doc = "How many rounds of ours one sign-in may have, resends included. Default 9, from 1 to 20: Cognito's session has a hard size limit."]
    rounds_per_session: u8 = 9, copy;

    #[doc = "How many answers are compared for one account, and for one phone, in any 24 h. Default 20, from 1 to 100."]
    #[doc = "With six digits this bounds takeover to 20 in a million per account and day, whatever the attacker does."]
    guesses_per_day: u32 = 20, copy;

    #[doc = "How many answers are compared for one account since its owner last succeeded. Default 100, from 1 to 100"]
    #[doc = "(NIST SP 800-63B 5.2.2), of which right answers before them may take a tenth. After that an operator must start a"]
    #[doc = "new series."]
    consecutive_failures: u32 = 100, copy;

    #[doc = "How many texts one challenge may cause. Default 3, from 1 to 10."]
    sends_per_challenge: u8 = 3, copy;

    #[doc = "How long after a text the same challenge is not texted again. Default 30 s; at least 10 s more than"]
    #[doc = "the trigger deadline, since Cognito invokes a slow trigger at 0, 5 and 10 s, so that a retried trigger never texts"]
    #[doc = "twice; at most the join window and the lifetime."]
    #[serde(with = "seconds")]
    resend_gap: Duration = Duration::seconds(30), copy;

    #[doc = "How many texts one phone gets: up to four windows of `[count, seconds]`, seconds from 1 to 2,592,000 (30 days)."]
    #[doc = "Default `[[3, 600], [5, 3600], [10, 86400]]`."]
    sends_per_phone: Vec<(u32, u32)> = vec![(3, 600), (5, 3_600), (10, 86_400)], borrow;

    #[doc = "How long after a challenge was made a new sign-in may join it. Default `None`: as long as it lives, as people"]
    #[doc = "expect of a reloaded page. 20 s in the strict presets, where a code serves only the request it was made for"]
    #[doc = "(OWASP ASVS 6.6.2); not below the gap."]
    #[serde(with = "seconds::optional")]
    join_window: Option<Duration> = None, copy;

    #[doc = "How much of its life a challenge must have left to be joined, and how much beside the gap to be texted"]
    #[doc = "again; otherwise a fresh one takes its place. Default 60 s; below the lifetime."]
    #[serde(with = "seconds")]
    min_left_to_join: Duration = Duration::seconds(60), copy;

    #[doc = "How many texts the numbers of one prefix (their first seven digits, never the last four) get in any"]
    #[doc = "hour. Default 50, 1 or more."]
    sends_per_prefix_per_hour: u32 = 50, copy;

    #[doc = "How many texts are sent in all in any 24 h. Default 10,000, 1 or more. It also bounds guesses over all accounts:"]
    #[doc = "each code needs a text."]
    sends_per_day: u32 = 10_000, copy;

    #[doc = "How much money is spent on texts in any 24 h, in millionths of the currency unit of the destinations' prices."]
    #[doc = "Default `None`: bounded by the counts alone. 1 or more."]
    budget_per_day: Option<u64> = None, copy;

    #[doc = "By how much the clocks of two processes may differ. Default 30 s, from 0 to 60 s."]
    #[serde(with = "seconds")]
    clock_skew: Duration = Duration::seconds(30), copy;

    #[doc = "How long one trigger may take in all. Default 4 s, from 0.5 s to 4.5 s: Cognito gives up after five and invokes again."]
    #[serde(with = "seconds")]
    trigger_deadline: Duration = Duration::seconds(4), copy;

    #[doc = "How long a *create* takes that may send, whether it sends or not; the sender gets no longer. Default 1.5 s, from 0 to the"]
    #[doc = "deadline less 0.5 s. Shorter than the sender needs, and texts are given up on that may have been sent; 0 gives"]
    #[doc = "up equal times (fit for tests alone)."]
    #[serde(with = "seconds")]
    send_window: Duration = Duration::milliseconds(1500), copy;

    #[doc = "What the text says."]
    message: MessageTemplate = MessageTemplate::default(), borrow;

    #[doc = "The steps of a sign-in. Default: a code by SMS."]
    plan: Plan = Plan::default(), borrow;
}

impl Policy {
    /// Begins with every default.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// How long a record is kept: until no clock within the skew, and no act begun before its expiry, could still care.
    #[must_use]
    pub fn record_lifetime(&self) -> Duration {
        self.challenge_lifetime() + self.clock_skew() + self.trigger_deadline()
    }

    /// How long after it was made a challenge may be joined.
    #[must_use]
    pub fn joinable_for(&self) -> Duration {
        self.join_window().unwrap_or_else(|| self.challenge_lifetime())
    }
}

impl PolicyBuilder {
    /// Checks every choice and the choices against each other.
    ///
    /// # Errors
    /// [`PolicyError`], naming the first field that is off. Nothing is adjusted.
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.check()?;
        Ok(Policy(self))
    }
}

impl TryFrom<PolicyBuilder> for Policy {
    type Error = PolicyError;
    fn try_from(builder: PolicyBuilder) -> Result<Self, Self::Error> {
        builder.build()
    }
}

impl From<Policy> for PolicyBuilder {
    fn from(policy: Policy) -> Self {
        policy.0
    }
}
