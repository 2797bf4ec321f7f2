//! The words of the settings.

use super::{KeysSetting, LedgerSetting, SenderSetting};
use crate::ports::NumberRule;

impl KeysSetting {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let name = |name: &str| {
            let name = name.trim();
            if name.is_empty() {
                Err("names no secret and no parameter".to_owned())
            } else {
                Ok(name.to_owned())
            }
        };
        match text.trim().split_once(':') {
            Some(("secret", rest)) => name(rest).map(Self::Secret),
            Some(("ssm", rest)) => name(rest).map(Self::Parameter),
            _ => text.parse().map(Self::Here).map_err(|error: crate::CodeKeysError| error.to_string()),
        }
    }
}

impl SenderSetting {
    pub(super) fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for one in text.split(',') {
            let one = Self::parse(one.trim())?;
            if all.contains(&one) {
                return Err("names a sender twice".to_owned());
            }
            all.push(one);
        }
        Ok(all)
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("outbox", path)) if !path.is_empty() => Ok(Self::Outbox(path.into())),
            None if text == "sns" => Ok(Self::Sns),
            None if text == "end-user-messaging" => Ok(Self::EndUserMessaging),
            _ => {
                Err("must be sns, end-user-messaging or outbox:PATH, or several with commas between"
                    .to_owned())
            }
        }
    }

    /// Whether a text costs money; then the policy must name the destinations.
    #[must_use]
    pub const fn is_paid(&self) -> bool {
        match self {
            Self::Outbox(_) => false,
            Self::Sns | Self::EndUserMessaging => true,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Outbox(_) => "outbox",
            Self::Sns => "sns",
            Self::EndUserMessaging => "end-user-messaging",
        }
    }
}

impl LedgerSetting {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("dynamodb", table)) if !table.trim().is_empty() => {
                Ok(Self::DynamoDb(table.trim().to_owned()))
            }
            _ => Err("must be dynamodb:TABLE or memory".to_owned()),
        }
    }
}

pub(super) fn users(text: &str) -> Result<NumberRule, String> {
    match text {
        "cognito" => Ok(NumberRule::FirstHolds),
        "cognito-aliases" => Ok(NumberRule::VerifiedHolds),
        _ => Err("must be cognito or cognito-aliases".to_owned()),
    }
}

pub(super) fn shards(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|shards| *shards > 0).ok_or_else(|| "must be a number from 1 to 255".to_owned())
}

pub(super) fn india(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((entity, template)) if !entity.is_empty() && !template.is_empty() => {
            Ok((entity.to_owned(), template.to_owned()))
        }
        _ => Err("must be ENTITY_ID:TEMPLATE_ID".to_owned()),
    }
}

pub(super) fn audit(text: &str) -> Result<bool, String> {
    match text {
        "log" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be log or off".to_owned()),
    }
}
