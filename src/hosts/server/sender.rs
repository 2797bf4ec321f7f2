//! Who sends the texts.

use std::path::PathBuf;

use crate::{
    adapters::Outbox,
    hosts::settings::{SettingErrors, open_outbox},
};

/// Who sends the server's texts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SenderSetting {
    /// `outbox:PATH`: appended to a file, which then holds codes. For development.
    Outbox(PathBuf),
}

impl SenderSetting {
    /// Whether a text costs money; then the policy must name the destinations.
    #[must_use]
    pub const fn is_paid(&self) -> bool {
        match self {
            Self::Outbox(_) => false,
        }
    }

    /// Opens what it names.
    pub(super) fn open(&self) -> Result<Outbox, SettingErrors> {
        match self {
            Self::Outbox(path) => open_outbox(path),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("outbox", path)) if !path.is_empty() => Ok(Self::Outbox(path.into())),
            _ => Err("must be outbox:PATH".to_owned()),
        }
    }
}
