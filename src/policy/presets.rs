//! Policies for those who must follow a rule book. Each is a builder: destinations are still to be named.

use serde::{Deserialize, Deserializer, de::Error as _};
use time::Duration;

use super::{Policy, PolicyBuilder};
use crate::types::CodeLength;

/// A preset by the name that it has in JSON.
#[derive(Clone, Copy, Debug)]
pub(super) enum Preset {
    Nist,
    Psd2,
    High,
}

impl<'de> Deserialize<'de> for Preset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "nist" => Ok(Self::Nist),
            "psd2" => Ok(Self::Psd2),
            "high" => Ok(Self::High),
            other => Err(D::Error::unknown_variant(other, &["nist", "psd2", "high"])),
        }
    }
}

impl Preset {
    pub(super) fn builder(self) -> PolicyBuilder {
        match self {
            Self::Nist => Policy::nist(),
            Self::Psd2 => Policy::psd2(),
            Self::High => Policy::high(),
        }
    }
}

impl Policy {
    /// NIST SP 800-63B: a code serves only the request it was made for, and at most 100 failures in a row.
    ///
    /// A new sign-in joins a challenge only within 20 s, enough for a trigger that is invoked again (10 s, its deadline of 4 s
    /// and a skew of 5 s), and the gap is as long: a tap after it gets a code of its own. All else is as by default.
    pub fn nist() -> PolicyBuilder {
        Self::builder().join_window(Some(Duration::seconds(20))).resend_gap(Duration::seconds(20))
    }

    /// RTS on strong customer authentication (EU) 2018/389, article 4(3): at most five failures in a row, then the
    /// account is blocked until an operator starts a new series. Five guesses a day as well, so that an owner's
    /// successes in between give an attacker no more. Anybody who knows a number can block it with five answers: have the procedure ready.
    pub fn psd2() -> PolicyBuilder {
        Self::nist().consecutive_failures(5).guesses_per_day(5)
    }

    /// Eight digits and ten guesses a day: a takeover of one account in one day has odds of one in ten million. Else as
    /// [`nist`](Self::nist).
    pub fn high() -> PolicyBuilder {
        Self::nist().code_length(CodeLength::EIGHT).guesses_per_day(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Destinations, PolicyError};

    fn base() -> PolicyBuilder {
        Policy::builder().destinations(Destinations::allow(["+91"]))
    }

    #[test]
    fn the_presets_are_sound_and_the_strict_ones_do_not_join() {
        for preset in [Policy::nist(), Policy::psd2(), Policy::high()] {
            let policy = preset.destinations(Destinations::allow(["+91"])).build().unwrap();
            assert_eq!(policy.join_window(), Some(Duration::seconds(20)));
            assert!(policy.resend_gap() <= Duration::seconds(20));
        }
    }

    #[test]
    fn a_policy_reads_back_as_it_was_written_and_refuses_what_it_does_not_know() {
        let policy = base().send_window(Duration::milliseconds(1500)).build().unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
        let known = r#"{"destinations":{"+91":{"allow":{"price":2780,"per_day":2000}},"+1876":"deny"},"code_length":8}"#;
        assert_eq!(serde_json::from_str::<Policy>(known).unwrap().code_length(), CodeLength::EIGHT);
        for json in [
            r#"{"destinations":{"+91":{"allow":{}}},"code_lenght":8}"#,
            r#"{"destinations":{"+91":{"allow":{"prize":1}}}}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"code_length":4}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"challenge_lifetime":601}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"challenge_lifetime":-1}"#,
            r#"{}"#,
            // What is no whole millisecond, not even where it would be read as 0 or as the end of a range.
            r#"{"destinations":{"+91":{"allow":{}}},"send_window":1e-9}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"send_window":0.0004}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"send_window":1.0004}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"clock_skew":60.0009,"resend_gap":80}"#,
            // Lists in the place of objects.
            r#"{"destinations":{"+91":{"allow":[5,7]}}}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"plan":[["sms_code"]]}"#,
            r#"{"destinations":{"+91":{"allow":{}}},"plan":["any",["sms_code"]]}"#,
            r#"["high",{"+91":{"allow":{}}}]"#,
            r#"{"destinations":{"+91":{"allow":{}}},"preset":{"nist":null}}"#,
        ] {
            assert!(serde_json::from_str::<Policy>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn every_whole_millisecond_is_read_as_it_was_written() {
        for millis in (0..4_000).chain([599_999, 600_000]) {
            let window = Duration::milliseconds(millis);
            let json = serde_json::to_string(&Policy::builder().send_window(window)).unwrap();
            let read = serde_json::from_str::<PolicyBuilder>(&json).unwrap();
            assert_eq!(read, Policy::builder().send_window(window), "{json}");
        }
    }

    #[test]
    fn a_budget_pays_for_at_least_one_text_to_every_destination() {
        let priced = Destinations::default()
            .allow_at("+91", crate::policy::Destination::new(3, None))
            .allow_at("+1", crate::policy::Destination::new(8, None));
        let with =
            |budget| Policy::builder().destinations(priced.clone()).budget_per_day(Some(budget)).build();
        assert!(with(8).is_ok());
        let refused = with(7).map_err(|error| error.to_string());
        assert!(refused.is_err_and(|error| error.starts_with("budget_per_day: must be")));
    }

    #[test]
    fn a_preset_named_in_json_is_what_the_other_members_are_laid_over_in_any_order() {
        let read =
            |json: &str| serde_json::from_str::<PolicyBuilder>(json).map_err(|error| error.to_string());
        for (name, preset) in [("nist", Policy::nist()), ("psd2", Policy::psd2()), ("high", Policy::high())] {
            assert_eq!(read(&format!(r#"{{"preset":"{name}"}}"#)), Ok(preset.clone()));
            let over = preset.guesses_per_day(7).join_window(None);
            let members = r#""guesses_per_day":7,"join_window":null"#;
            assert_eq!(read(&format!(r#"{{"preset":"{name}",{members}}}"#)), Ok(over.clone()));
            assert_eq!(read(&format!(r#"{{{members},"preset":"{name}"}}"#)), Ok(over));
        }
        for (json, told) in [
            (r#"{"preset":"strict"}"#, "unknown variant `strict`"),
            (r#"{"preset":null}"#, "expected"),
            (r#"{"preset":"nist","preset":"nist"}"#, "duplicate field `preset`"),
            (r#"{"preset":"nist","presets":"nist"}"#, "unknown field `presets`"),
            (r#"{"preset":"nist","resend_gap":null}"#, "invalid type: null"),
            (r#"{"preset":"nist","code_length":null}"#, "invalid type: null"),
        ] {
            assert!(read(json).is_err_and(|error| error.contains(told)), "{json}");
        }
    }

    #[test]
    fn each_range_is_kept_at_both_ends() {
        let second = Duration::SECOND;
        let field = |builder: PolicyBuilder| match builder.build() {
            Ok(_) => "sound",
            Err(PolicyError::Range { field, .. }) => field,
            Err(other) => panic!("{other}"),
        };
        for (builder, expected) in [
            (base().challenge_lifetime(second * 600), "sound"),
            (base().challenge_lifetime(second * 601), "challenge_lifetime"),
            (base().challenge_lifetime(second * 29), "challenge_lifetime"),
            (base().challenge_lifetime(second * 60), "min_left_to_join"),
            (
                base().challenge_lifetime(second * 30).min_left_to_join(second).resend_gap(second * 30),
                "sound",
            ),
            (base().challenge_lifetime(second * 79), "sound"),
            (base().challenge_lifetime(second * 78), "min_left_to_join"),
            (base().resend_gap(second * 19), "sound"),
            (base().resend_gap(second * 18), "resend_gap"),
            (base().clock_skew(second * 16), "sound"),
            (base().clock_skew(second * 17), "resend_gap"),
            (Policy::nist().destinations(Destinations::allow(["+91"])).clock_skew(second * 7), "resend_gap"),
            (base().join_window(Some(second * 20)), "resend_gap"),
            (base().join_window(Some(second * 301)), "join_window"),
            (base().trigger_deadline(second * 5), "trigger_deadline"),
            (base().send_window(second * 4), "send_window"),
            (base().clock_skew(second * 61), "clock_skew"),
            (base().tries_per_challenge(0), "tries_per_challenge"),
            (base().tries_per_challenge(6), "tries_per_challenge"),
            (base().rounds_per_session(0), "rounds_per_session"),
            (base().guesses_per_day(0), "guesses_per_day"),
            (base().guesses_per_day(101), "guesses_per_day"),
            (base().consecutive_failures(101), "consecutive_failures"),
            (base().sends_per_challenge(0), "sends_per_challenge"),
            (base().sends_per_phone(vec![]), "sends_per_phone"),
            (base().sends_per_phone(vec![(1, 0)]), "sends_per_phone"),
            (base().sends_per_prefix_per_hour(0), "sends_per_prefix_per_hour"),
            (base().sends_per_day(0), "sends_per_day"),
            (base().budget_per_day(Some(0)), "budget_per_day"),
        ] {
            assert_eq!(field(builder), expected);
        }
    }
}
