//! What the environment tells the function.

mod parse;

use std::{env, path::PathBuf, sync::Arc};

use super::{function::Function, metrics::MetricLines};
#[cfg(not(feature = "aws"))]
use crate::adapters::MemoryLedger;
use crate::{
    adapters::Failover,
    engine::CustomAuth,
    hosts::settings::{KEYS, POLICY, SMS, SettingErrors, keep, open_outbox, policy},
    policy::Policy,
    ports::{Ledger, NumberRule, SmsSender},
    types::CodeKeys,
};

const LEDGER: &str = "CUSTOM_AUTH_LEDGER";
const USERS: &str = "CUSTOM_AUTH_USERS";
const SHARDS: &str = "CUSTOM_AUTH_SHARDS";
const AUDIT: &str = "CUSTOM_AUTH_AUDIT";
const SENDER_ID: &str = "CUSTOM_AUTH_SENDER_ID";
const ORIGINATION: &str = "CUSTOM_AUTH_ORIGINATION";
const CONFIGURATION_SET: &str = "CUSTOM_AUTH_CONFIGURATION_SET";
const INDIA: &str = "CUSTOM_AUTH_INDIA";
const MAX_PRICE: &str = "CUSTOM_AUTH_MAX_PRICE";

/// The function's settings, read from its environment. What is marked *AWS* needs feature `aws`, and the standard variables for region,
/// endpoints and credentials, which Lambda sets.
///
/// | variable | holds |
/// |---|---|
/// | `CUSTOM_AUTH_KEYS` | the keys of [`CodeKeys`]: `name:base64[,name:base64…]`, the first signs; an entry `names:base64` names people in the ledger. *AWS:* `secret:NAME`, a secret of Secrets Manager, or `ssm:NAME`, a parameter of SSM, that holds such a list; read anew as [`Function::keys_from`] says |
/// | `CUSTOM_AUTH_SMS` | who sends the texts, the first first, with commas between them: `outbox:PATH`, a file in place of a provider, for development alone. *AWS:* `sns`, `end-user-messaging` |
/// | `CUSTOM_AUTH_LEDGER` | where limits are kept: `memory`. *AWS:* `dynamodb:TABLE` ([`DynamoDbTable`](crate::DynamoDbTable)) |
/// | `CUSTOM_AUTH_POLICY` | a [`Policy`] as a JSON object, such as `{"preset":"nist"}` ([`PolicyBuilder`](crate::PolicyBuilder)); optional, durations are seconds, unknown members are refused |
/// | `CUSTOM_AUTH_USERS` | optional. *AWS:* `cognito`, where the number is the pool's sign-in name, or `cognito-aliases`, where it is an alias: Post Confirmation and Post Authentication then do the first proof's work on the accounts of the pool that the event comes from |
/// | `CUSTOM_AUTH_AUDIT` | `log`, the default: what happens is written to the function's log, as [`MetricLines`]; or `off` |
/// | `CUSTOM_AUTH_SHARDS` | optional, 1 to 255. *AWS:* [`DynamoDbLedger::shards`](crate::DynamoDbLedger::shards) |
/// | `CUSTOM_AUTH_SENDER_ID` | optional. *AWS:* whom texts by SNS are from |
/// | `CUSTOM_AUTH_ORIGINATION` | optional. *AWS:* what texts are sent from: a number; for End User Messaging alone also a sender id or a pool |
/// | `CUSTOM_AUTH_CONFIGURATION_SET`, `CUSTOM_AUTH_MAX_PRICE` | optional. *AWS:* of texts by End User Messaging |
/// | `CUSTOM_AUTH_INDIA` | optional, `ENTITY_ID:TEMPLATE_ID`. *AWS:* what texts to India are registered under |
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
    pub keys: KeysSetting,
    /// `CUSTOM_AUTH_POLICY`, or the default.
    pub policy: Policy,
    /// `CUSTOM_AUTH_SMS`: one at least.
    pub senders: Vec<SenderSetting>,
    /// `CUSTOM_AUTH_LEDGER`.
    pub ledger: LedgerSetting,
    /// `CUSTOM_AUTH_USERS`: how the pool takes a number.
    pub users: Option<NumberRule>,
    /// `CUSTOM_AUTH_SHARDS`, or 1.
    pub shards: u8,
    /// `CUSTOM_AUTH_AUDIT`: whether what happens is written to the log.
    pub audit: bool,
    /// What texts are sent with.
    pub texts: TextSettings,
}

/// Where the keys are.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // there is one
pub enum KeysSetting {
    /// In the variable itself.
    Here(CodeKeys),
    /// `secret:NAME`: a secret of AWS Secrets Manager.
    Secret(String),
    /// `ssm:NAME`: a parameter of AWS Systems Manager.
    Parameter(String),
}

/// Who sends a function's texts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SenderSetting {
    /// `outbox:PATH`: appended to a file, which then holds codes. For development.
    Outbox(PathBuf),
    /// `sns`: Amazon SNS.
    Sns,
    /// `end-user-messaging`: AWS End User Messaging.
    EndUserMessaging,
}

/// Where limits and live challenges are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LedgerSetting {
    /// `memory`: in this process, and for this process alone. For development.
    Memory,
    /// `dynamodb:TABLE`.
    DynamoDb(String),
}

/// What texts are sent with, as far as the sender has a use for it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TextSettings {
    /// `CUSTOM_AUTH_SENDER_ID`.
    pub sender_id: Option<String>,
    /// `CUSTOM_AUTH_ORIGINATION`.
    pub origination: Option<String>,
    /// `CUSTOM_AUTH_CONFIGURATION_SET`.
    pub configuration_set: Option<String>,
    /// `CUSTOM_AUTH_MAX_PRICE`.
    pub max_price: Option<String>,
    /// `CUSTOM_AUTH_INDIA`: entity and template.
    pub india: Option<(String, String)>,
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
        let keys = keep(&mut errors, KEYS, required(KEYS).and_then(|text| KeysSetting::parse(&text)));
        let senders = keep(&mut errors, SMS, required(SMS).and_then(|text| SenderSetting::parse_all(&text)));
        let ledger = keep(&mut errors, LEDGER, required(LEDGER).and_then(|text| LedgerSetting::parse(&text)));
        let is_paid = senders.as_ref().is_some_and(|senders| senders.iter().any(SenderSetting::is_paid));
        let policy = keep(&mut errors, POLICY, policy(given(POLICY).as_deref().unwrap_or("{}"), is_paid));
        let users = given(USERS).map(|text| parse::users(&text)).transpose();
        let users = keep(&mut errors, USERS, users);
        let shards = given(SHARDS).map_or(Ok(1), |text| parse::shards(&text));
        let shards = keep(&mut errors, SHARDS, shards);
        let audit = given(AUDIT).map_or(Ok(true), |text| parse::audit(&text));
        let audit = keep(&mut errors, AUDIT, audit);
        let india = keep(&mut errors, INDIA, given(INDIA).map(|text| parse::india(&text)).transpose());
        let texts = TextSettings {
            sender_id: given(SENDER_ID),
            origination: given(ORIGINATION),
            configuration_set: given(CONFIGURATION_SET),
            max_price: given(MAX_PRICE),
            india: india.flatten(),
        };
        match (keys, policy, senders, ledger, users, shards, audit) {
            (
                Some(keys),
                Some(policy),
                Some(senders),
                Some(ledger),
                Some(users),
                Some(shards),
                Some(audit),
            ) if errors.is_empty() => Ok(Self { keys, policy, senders, ledger, users, shards, audit, texts }),
            _ => Err(SettingErrors::new(errors)),
        }
    }

    /// Opens what the settings name and puts the function together. With AWS's keys, reads them.
    ///
    /// # Errors
    /// [`SettingErrors`] if the outbox cannot be opened, the keys cannot be read, or the policy's plan has a step that this host does
    /// not know.
    #[cfg(not(feature = "aws"))]
    pub async fn build(self) -> Result<Function, SettingErrors> {
        let KeysSetting::Here(keys) = self.keys else {
            return Err(SettingErrors::one(KEYS, NEEDS_AWS.to_owned()));
        };
        let LedgerSetting::Memory = self.ledger else {
            return Err(SettingErrors::one(LEDGER, NEEDS_AWS.to_owned()));
        };
        if self.users.is_some() {
            return Err(SettingErrors::one(USERS, NEEDS_AWS.to_owned()));
        }
        let sender = in_turn(&self.senders, |_| Err(SettingErrors::one(SMS, NEEDS_AWS.to_owned())))?;
        put_together(keys, self.policy, sender, MemoryLedger::new(), self.audit)
    }
}

/// Said of what needs more than this program has.
#[cfg(not(feature = "aws"))]
const NEEDS_AWS: &str = "needs a function that was built with feature aws";

/// The function, with what all of them have.
pub(super) fn put_together(
    keys: CodeKeys,
    policy: Policy,
    sender: impl SmsSender,
    ledger: impl Ledger,
    audit: bool,
) -> Result<Function, SettingErrors> {
    let lines = audit.then(|| Arc::new(MetricLines::to_log()));
    let mut auth = CustomAuth::builder().keys(keys).policy(policy).sms(sender).ledger(ledger);
    if let Some(lines) = &lines {
        auth = auth.audit(Arc::clone(lines));
    }
    let auth = auth.build().map_err(|error| SettingErrors::one(POLICY, error.to_string()))?;
    Ok(Function::new(auth).timed_by(lines))
}

/// One sender, or several in turn; `open` opens those that are no outbox.
pub(super) fn in_turn(
    senders: &[SenderSetting],
    open: impl Fn(&SenderSetting) -> Result<Box<dyn SmsSender>, SettingErrors>,
) -> Result<Box<dyn SmsSender>, SettingErrors> {
    let open = |setting: &SenderSetting| match setting {
        SenderSetting::Outbox(path) => Ok(Box::new(open_outbox(path)?) as Box<dyn SmsSender>),
        SenderSetting::Sns | SenderSetting::EndUserMessaging => open(setting),
    };
    let mut senders = senders.iter();
    let Some(first) = senders.next() else { return Err(SettingErrors::one(SMS, "is not set".to_owned())) };
    let (name, first) = (first.name(), open(first)?);
    if senders.len() == 0 {
        return Ok(first);
    }
    let mut failover = Failover::new(name, first);
    for next in senders {
        failover = failover.or(next.name(), open(next)?);
    }
    Ok(Box::new(failover))
}

#[cfg(test)]
mod tests;
