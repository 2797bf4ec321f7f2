//! The ranges of a policy's choices, and how they bound each other.

use time::Duration;

use super::{PolicyBuilder, PolicyError};

impl PolicyBuilder {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        self.destinations.check()?;
        if !self.plan.is_sound() {
            return Err(PolicyError::Plan);
        }
        self.check_times()?;
        self.check_counts()?;
        let minutes = u64::try_from(self.challenge_lifetime.whole_minutes()).unwrap_or_default();
        self.message.check(self.code_length.digits(), minutes)
    }

    fn check_times(&self) -> Result<(), PolicyError> {
        let (second, half) = (Duration::SECOND, Duration::milliseconds(500));
        let (life, gap, deadline) = (self.challenge_lifetime, self.resend_gap, self.trigger_deadline);
        within("challenge_lifetime", "30 s to 600 s", (second * 30..=second * 600).contains(&life))?;
        within("trigger_deadline", "0.5 s to 4.5 s", (half..=half * 9).contains(&deadline))?;
        let window = Duration::ZERO..=deadline - half;
        within("send_window", "0 to 0.5 s less than trigger_deadline", window.contains(&self.send_window))?;
        within("clock_skew", "0 to 60 s", (Duration::ZERO..=second * 60).contains(&self.clock_skew))?;
        let join = self.join_window.unwrap_or(life);
        within("join_window", "at most challenge_lifetime", join <= life)?;
        // Cognito invokes a slow trigger at 0, 5 and 10 s; the last of the three may work until its own deadline, in a
        // process whose clock is ahead of the first one's.
        let one_tap = second * 10 + deadline + self.clock_skew;
        within(
            "resend_gap",
            "at least 10 s more than trigger_deadline and clock_skew together, at most join_window and challenge_lifetime",
            one_tap <= gap && gap <= join,
        )?;
        // Else the last of the three would find the first one's challenge too old, and text another.
        let left = Duration::ZERO..=life - one_tap;
        within(
            "min_left_to_join",
            "0 to challenge_lifetime less 10 s, trigger_deadline and clock_skew",
            left.contains(&self.min_left_to_join),
        )
    }

    fn check_counts(&self) -> Result<(), PolicyError> {
        within("tries_per_challenge", "1 to 5", (1..=5).contains(&self.tries_per_challenge))?;
        within("rounds_per_session", "1 to 20", (1..=20).contains(&self.rounds_per_session))?;
        within("guesses_per_day", "1 to 100", (1..=100).contains(&self.guesses_per_day))?;
        within("consecutive_failures", "1 to 100", (1..=100).contains(&self.consecutive_failures))?;
        within("sends_per_challenge", "1 to 10", (1..=10).contains(&self.sends_per_challenge))?;
        let windows = &self.sends_per_phone;
        let sound = windows
            .iter()
            .all(|(count, seconds)| (1..=100).contains(count) && (1..=2_592_000).contains(seconds));
        let range = "1 to 4 windows of 1 to 100 texts in 1 to 2,592,000 seconds";
        within("sends_per_phone", range, (1..=4).contains(&windows.len()) && sound)?;
        within("sends_per_prefix_per_hour", "1 or more", self.sends_per_prefix_per_hour > 0)?;
        within("sends_per_day", "1 or more", self.sends_per_day > 0)?;
        within("budget_per_day", "1 or more, or null", self.budget_per_day != Some(0))?;
        let dear = |budget| self.destinations.allowed().any(|(_, terms)| u64::from(terms.price) > budget);
        within(
            "budget_per_day",
            "at least the price of one text to every destination; deny what may not be texted",
            !self.budget_per_day.is_some_and(dear),
        )?;
        let unpriced =
            self.budget_per_day.is_some() && self.destinations.allowed().any(|(_, terms)| terms.price == 0);
        within(
            "destinations",
            "priced above 0 where there is a budget: texts without a price cost it nothing",
            !unpriced,
        )
    }
}

pub(super) fn within(field: &'static str, range: &'static str, is: bool) -> Result<(), PolicyError> {
    if is { Ok(()) } else { Err(PolicyError::Range { field, range }) }
}
