//! Request bodies, read as leniently as the service reads them: null is absent, unknown members are passed over, and a member of
//! another type is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::fault::Fault;
use crate::types::Parameters;

/// A map from text to text in which nulls are absent: identity-js sends `"DEVICE_KEY": null`.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Map(BTreeMap<String, Option<String>>);

impl Map {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// A member that the flow needs.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, Fault> {
        let missing = || Fault::invalid(format!("Missing required parameter {name}"));
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    pub(super) fn into_parameters(self) -> Parameters {
        self.0.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// `{"Name": …, "Value": …}`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

/// Reads an object and nothing else: serde would take an array for a struct.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Fault::serialization());
    }
    serde_json::from_slice(body).map_err(|_| Fault::serialization())
}

/// A required member; empty is absent.
pub(super) fn required<'a>(member: &'static str, value: Option<&'a String>) -> Result<&'a str, Fault> {
    value.map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| Fault::absent(member))
}

/// The client metadata of a call.
pub(super) fn metadata(given: Option<Map>) -> Option<Parameters> {
    given.map(Map::into_parameters)
}

/// What people with a number of their own have as attributes: the number, and nothing else. A pool on Cognito refuses what is not
/// in its schema in these words.
pub(super) fn phone_attribute(attributes: &[Attribute]) -> Result<Option<&str>, Fault> {
    let mut phone = None;
    for attribute in attributes {
        match (attribute.name.as_deref(), attribute.value.as_deref()) {
            (None, _) => return Err(Fault::absent("userAttributes.1.member.name")),
            (Some("phone_number"), value) => phone = value.or(phone),
            (Some(_), _) => {
                return Err(Fault::invalid(
                    "Attributes did not conform to the schema: only phone_number exists in the schema.",
                ));
            }
        }
    }
    Ok(phone)
}
