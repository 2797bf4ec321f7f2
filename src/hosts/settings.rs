//! What the environment of every host tells it in the same words.

use core::fmt;
use std::{io::ErrorKind, path::Path};

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    adapters::Outbox,
    policy::{Destinations, Policy, PolicyBuilder, PolicyError},
};

pub(super) const KEYS: &str = "CUSTOM_AUTH_KEYS";
pub(super) const POLICY: &str = "CUSTOM_AUTH_POLICY";
pub(super) const SMS: &str = "CUSTOM_AUTH_SMS";

/// One mistake in the settings: which variable, and what is wrong with it. It repeats no key and no path.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("{variable}: {problem}")]
#[non_exhaustive]
pub struct SettingError {
    /// The name of the variable.
    pub variable: &'static str,
    /// What is wrong, in one line.
    pub problem: String,
}

/// Every mistake that was found, one a line.
#[derive(Debug, Eq, PartialEq)]
pub struct SettingErrors(Vec<SettingError>);

/// Opens the file in place of a provider.
pub(super) fn open_outbox(path: &Path) -> Result<Outbox, SettingErrors> {
    // The kind alone: the operating system's own text may repeat the path.
    Outbox::open(path).map_err(|error| {
        let advice = if error.kind() == ErrorKind::NotFound { "; its folder must be there" } else { "" };
        SettingErrors::one(SMS, format!("the outbox cannot be opened: {}{advice}", error.kind()))
    })
}

/// Reads a policy; with a sender that costs nothing, one that names no destinations allows all.
pub(super) fn policy(json: &str, is_paid: bool) -> Result<Policy, String> {
    #[derive(Deserialize)]
    struct Named {
        destinations: Option<IgnoredAny>,
    }
    // Only an object is looked into: a parser's error may repeat a lone string, and somebody may have pasted a key.
    if !json.trim_start().starts_with('{') {
        return Err("is not a JSON object".to_owned());
    }
    let builder: PolicyBuilder = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let named = serde_json::from_str::<Named>(json).is_ok_and(|named| named.destinations.is_some());
    let builder = if named || is_paid { builder } else { builder.destinations(Destinations::danger_any()) };
    builder.build().map_err(|error: PolicyError| error.to_string())
}

pub(super) fn keep<T>(
    errors: &mut Vec<SettingError>,
    variable: &'static str,
    read: Result<T, String>,
) -> Option<T> {
    read.map_err(|problem| errors.push(SettingError { variable, problem })).ok()
}

impl SettingErrors {
    pub(super) const fn new(errors: Vec<SettingError>) -> Self {
        Self(errors)
    }

    pub(super) fn one(variable: &'static str, problem: String) -> Self {
        Self(vec![SettingError { variable, problem }])
    }

    /// The mistakes: keys, sender, ledger, policy.
    pub fn iter(&self) -> impl Iterator<Item = &SettingError> {
        self.0.iter()
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.0.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            write!(f, "{line}{error}")?;
        }
        Ok(())
    }
}

impl core::error::Error for SettingErrors {}
