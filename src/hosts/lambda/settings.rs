//! What the environment tells the function.

use std::env;

use crate::{
    adapters::MemoryLedger,
    engine::CustomAuth,
    hosts::settings::{KEYS, POLICY, SMS, SenderSetting, SettingErrors, keep, policy},
    policy::Policy,
    types::CodeKeys,
};

const LEDGER: &str = "CUSTOM_AUTH_LEDGER";

/// The function's settings, read from its environment.
///
/// | variable | holds |
/// |---|---|
/// | `CUSTOM_AUTH_KEYS` | the keys of [`CodeKeys`]: `name:base64[,name:base64…]`, the first signs; an entry `names:base64` names people in the ledger |
/// | `CUSTOM_AUTH_SMS` | who sends the texts: `outbox:PATH`, a file in place of a provider, for development alone |
/// | `CUSTOM_AUTH_LEDGER` | where limits are kept: `memory` |
/// | `CUSTOM_AUTH_POLICY` | a [`Policy`] as a JSON object, such as `{"preset":"nist"}` ([`PolicyBuilder`](crate::PolicyBuilder)); optional, durations are seconds, unknown members are refused |
///
/// **`memory` limits hold for one process only.** Lambda runs a process for each call that overlaps another, and stops
/// them as it likes: an attacker who calls in parallel has as many times the guesses as there are processes, and
/// challenges are lost with theirs. It is for development and tests; that is why it must be asked for by name.
///
/// The outbox costs nothing, so with it every destination is allowed unless the policy names some. A sender that costs
/// money does not start before the policy names the destinations it may text.
///
/// ```
/// use custom_auth::hosts::lambda::Settings;
///
/// let errors = Settings::read(|name| (name == "CUSTOM_AUTH_LEDGER").then(|| "memory".to_owned())).unwrap_err();
/// assert_eq!(errors.to_string(), "CUSTOM_AUTH_KEYS: is not set\nCUSTOM_AUTH_SMS: is not set");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Settings {
    /// `CUSTOM_AUTH_KEYS`.
    pub keys: CodeKeys,
    /// `CUSTOM_AUTH_POLICY`, or the default.
    pub policy: Policy,
    /// `CUSTOM_AUTH_SMS`.
    pub sender: SenderSetting,
    /// `CUSTOM_AUTH_LEDGER`.
    pub ledger: LedgerSetting,
}

/// Where limits and live challenges are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LedgerSetting {
    /// `memory`: in this process, and for this process alone. For development.
    Memory,
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`SettingErrors`], all at once.
    pub fn from_env() -> Result<Self, SettingErrors> {
        // What is no Unicode is no setting either, and is refused by the rules below.
        Self::read(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the settings from `get`, which gives the value of a variable if it is set. Touches nothing else.
    ///
    /// # Errors
    /// [`SettingErrors`], all at once.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingErrors> {
        let given = |name| get(name).filter(|value| !value.trim().is_empty());
        let required = |name| given(name).ok_or_else(|| "is not set".to_owned());
        let mut errors = Vec::new();
        let keys =
            required(KEYS).and_then(|text| text.parse::<CodeKeys>().map_err(|error| error.to_string()));
        let keys = keep(&mut errors, KEYS, keys);
        let sender = keep(&mut errors, SMS, required(SMS).and_then(|text| SenderSetting::parse(&text)));
        let ledger = keep(&mut errors, LEDGER, required(LEDGER).and_then(|text| LedgerSetting::parse(&text)));
        let is_paid = sender.as_ref().is_some_and(SenderSetting::is_paid);
        let policy = keep(&mut errors, POLICY, policy(given(POLICY).as_deref().unwrap_or("{}"), is_paid));
        match (keys, policy, sender, ledger) {
            (Some(keys), Some(policy), Some(sender), Some(ledger)) => {
                Ok(Self { keys, policy, sender, ledger })
            }
            _ => Err(SettingErrors::new(errors)),
        }
    }

    /// Opens what the settings name and puts the engine together.
    ///
    /// # Errors
    /// [`SettingErrors`] if the outbox cannot be opened, or the policy's plan has a step that this host does not know.
    pub fn build(self) -> Result<CustomAuth, SettingErrors> {
        let sender = self.sender.open()?;
        let ledger = match self.ledger {
            LedgerSetting::Memory => MemoryLedger::new(),
        };
        CustomAuth::builder()
            .keys(self.keys)
            .policy(self.policy)
            .sms(sender)
            .ledger(ledger)
            .build()
            .map_err(|error| SettingErrors::one(POLICY, error.to_string()))
    }
}

impl LedgerSetting {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "memory" => Ok(Self::Memory),
            _ => Err("must be memory".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Destinations;

    const KEY: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const GOOD: [(&str, &str); 3] = [(KEYS, KEY), (SMS, "outbox:texts.jsonl"), (LEDGER, "memory")];

    fn read(values: &[(&str, &str)]) -> Result<Settings, String> {
        // The last word counts, so that a test can override one of the good values.
        let get = |name: &str| {
            values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(get).map_err(|errors| errors.to_string())
    }

    fn with(name: &str, value: &str) -> Result<Settings, String> {
        read(&[&GOOD[..], &[(name, value)]].concat())
    }

    #[test]
    fn the_three_that_are_required_are_enough() {
        let settings = read(&GOOD).unwrap();
        assert_eq!(settings.sender, SenderSetting::Outbox("texts.jsonl".into()));
        assert_eq!(settings.ledger, LedgerSetting::Memory);
        assert!(settings.policy.destinations().allows_any());
        assert_eq!(
            settings.policy,
            Policy::builder().destinations(Destinations::danger_any()).build().unwrap()
        );
    }

    #[test]
    fn every_mistake_is_told_at_once_one_a_line() {
        let told = read(&[(KEYS, "k1:AAAA"), (SMS, "pigeon"), (LEDGER, "paper"), (POLICY, "{\"x\":1}")])
            .unwrap_err();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 4, "{told}");
        for (line, name) in lines.iter().zip([KEYS, SMS, LEDGER, POLICY]) {
            assert!(line.starts_with(&format!("{name}: ")), "{line}");
        }
    }

    #[test]
    fn what_is_missing_or_blank_is_named() {
        for name in [KEYS, SMS, LEDGER] {
            let told = format!("{name}: is not set");
            assert_eq!(with(name, "").unwrap_err(), told);
            assert_eq!(with(name, " ").unwrap_err(), told);
            let rest: Vec<_> = GOOD.into_iter().filter(|(known, _)| *known != name).collect();
            assert_eq!(read(&rest).unwrap_err(), told);
        }
        assert!(with(POLICY, " ").is_ok());
    }

    #[test]
    fn i7_no_value_is_repeated() {
        let secret = "c2VjcmV0LXNlY3JldA==";
        for name in [KEYS, SMS, LEDGER, POLICY] {
            for value in [
                secret.to_owned(),
                format!("k1:{secret}"),
                format!("\"{secret}\""),
                format!("[\"{secret}\"]"),
            ] {
                let told = with(name, &value).unwrap_err();
                assert!(!told.contains("c2Vjc"), "{told}");
                assert_eq!(told.lines().count(), 1, "{told}");
            }
        }
    }

    #[test]
    fn i7_debug_shows_no_key() {
        let told = format!("{:?}", read(&GOOD).unwrap());
        assert!(!told.contains("AAAA"), "{told}");
    }

    #[test]
    fn a_policy_is_read_and_its_own_destinations_stand() {
        let json = r#"{"destinations":{"+91":{"allow":{}}},"challenge_lifetime":120}"#;
        let settings = with(POLICY, json).unwrap();
        assert_eq!(settings.policy.challenge_lifetime(), time::Duration::seconds(120));
        assert!(!settings.policy.destinations().allows_any());
        // Destinations that allow nothing are a mistake, not an invitation.
        for json in [r#"{"destinations":{}}"#, r#"{"destinations":{"+1876":"deny"}}"#] {
            assert!(with(POLICY, json).unwrap_err().contains("destinations"), "{json}");
        }
    }

    #[test]
    fn a_preset_is_named_and_names_no_destinations() {
        let settings = with(POLICY, r#"{"preset":"nist"}"#).unwrap();
        assert_eq!(settings.policy, Policy::nist().destinations(Destinations::danger_any()).build().unwrap());
        assert!(policy(r#"{"preset":"nist"}"#, true).unwrap_err().contains("destinations"));
        assert!(with(POLICY, r#"{"preset":"strict"}"#).unwrap_err().contains("`nist`"));
    }

    #[test]
    fn a_sender_that_costs_money_waits_for_destinations() {
        assert!(policy("{}", true).unwrap_err().contains("destinations"));
        assert!(policy(r#"{"destinations":{"+91":{"allow":{}}}}"#, true).is_ok());
        assert!(!SenderSetting::Outbox("x".into()).is_paid());
    }

    #[test]
    fn an_outbox_that_cannot_be_opened_is_told_without_its_path() {
        let told = with(SMS, "outbox:/no/such/place/texts").unwrap().build().unwrap_err().to_string();
        assert!(
            told.starts_with("CUSTOM_AUTH_SMS: the outbox cannot be opened: ") && !told.contains("place"),
            "{told}"
        );
    }

    #[test]
    fn a_plan_with_a_step_of_somebody_elses_is_a_mistake_in_the_policy() {
        let Ok(settings) = with(POLICY, r#"{"plan":{"steps":["sms_code","pin"]}}"#) else {
            panic!(
                "the plan's form has changed: {:?}",
                with(POLICY, r#"{"plan":{"steps":["sms_code","pin"]}}"#)
            );
        };
        let outbox = env::temp_dir().join(format!("custom-auth-settings-{}", std::process::id()));
        let settings = Settings { sender: SenderSetting::Outbox(outbox.clone()), ..settings };
        let told = settings.build().unwrap_err().to_string();
        std::fs::remove_file(outbox).unwrap();
        assert!(told.starts_with("CUSTOM_AUTH_POLICY: ") && told.contains("pin"), "{told}");
    }
}
