//! What triggers gave back: strict where it decides something, lenient elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::{ParameterCoercion, PoolError, TokenChanges};
use crate::types::{Mark, Parameters};

/// What *define* decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    Fail,
    IssueTokens,
    Custom,
    PasswordVerifier,
}

/// What *create* made.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Made {
    pub(super) public: Parameters,
    pub(super) private: Parameters,
    pub(super) metadata: Option<String>,
}

/// Failing wins over issuing, issuing over presenting; deciding nothing, or a challenge that does not exist, is no
/// answer.
pub(super) fn define(output: &[u8]) -> Result<Next, PoolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        challenge_name: Option<String>,
        issue_tokens: Option<bool>,
        fail_authentication: Option<bool>,
    }
    let response: Response = response(output)?;
    if response.fail_authentication == Some(true) {
        return Ok(Next::Fail);
    }
    if response.issue_tokens == Some(true) {
        return Ok(Next::IssueTokens);
    }
    match response.challenge_name.as_deref() {
        Some("CUSTOM_CHALLENGE") => Ok(Next::Custom),
        Some("PASSWORD_VERIFIER") => Ok(Next::PasswordVerifier),
        _ => Err(PoolError::TriggerOutputUnrecognizable),
    }
}

/// Private parameters that are empty end the sign-in, as on Cognito.
pub(super) fn create(output: &[u8], coercion: ParameterCoercion) -> Result<Made, PoolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        public_challenge_parameters: Option<BTreeMap<String, Value>>,
        private_challenge_parameters: Option<BTreeMap<String, Value>>,
        challenge_metadata: Option<String>,
    }
    let response: Response = response(output)?;
    let made = Made {
        public: strings(response.public_challenge_parameters, coercion)?,
        private: strings(response.private_challenge_parameters, coercion)?,
        metadata: response.challenge_metadata,
    };
    if made.private.is_empty() {
        return Err(PoolError::NotAuthorized);
    }
    Ok(made)
}

/// What Pre Sign-up consented to: whether the account is confirmed at once, and whether its number counts as proven. Anything but
/// `true` is no.
pub(super) fn pre_sign_up(output: &[u8]) -> Result<(bool, bool), PoolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        auto_confirm_user: Option<bool>,
        auto_verify_phone: Option<bool>,
    }
    let response: Response = response(output)?;
    Ok((response.auto_confirm_user == Some(true), response.auto_verify_phone == Some(true)))
}

/// Anything but `true` is wrong.
pub(super) fn verify(output: &[u8]) -> Result<Mark, PoolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        answer_correct: Option<bool>,
    }
    let response: Response = response(output)?;
    Ok(if response.answer_correct == Some(true) { Mark::Right } else { Mark::Wrong })
}

/// What tokens are to say (V1). A list of groups that is null or absent within its details is an empty one, as on Cognito; values are
/// texts there.
pub(super) fn token_generation(output: &[u8]) -> Result<TokenChanges, PoolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        claims_override_details: Option<Details>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Details {
        claims_to_add_or_override: Option<BTreeMap<String, String>>,
        claims_to_suppress: Option<Vec<String>>,
        group_override_details: Option<Groups>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Groups {
        groups_to_override: Option<Vec<String>>,
    }
    let response: Response = response(output)?;
    let Some(details) = response.claims_override_details else { return Ok(TokenChanges::default()) };
    Ok(TokenChanges {
        add: details.claims_to_add_or_override.unwrap_or_default(),
        suppress: details.claims_to_suppress.unwrap_or_default(),
        groups: details.group_override_details.map(|groups| groups.groups_to_override.unwrap_or_default()),
    })
}

/// A trigger that is only told something answers nothing; not to fail is to allow.
pub(super) fn told(output: &[u8]) -> Result<(), PoolError> {
    #[derive(Deserialize)]
    struct Response {}
    response(output).map(|Response {}| ())
}

fn response<R: DeserializeOwned>(output: &[u8]) -> Result<R, PoolError> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        response: &'a RawValue,
    }
    let whole: &RawValue = serde_json::from_slice(output).map_err(|_| PoolError::TriggerOutputInvalid)?;
    if whole.get() == "null" {
        return Err(PoolError::TriggerOutputInvalid);
    }
    object::<Event<'_>>(whole.get())
        .and_then(|event| object(event.response.get()))
        .ok_or(PoolError::TriggerOutputUnrecognizable)
}

/// Reads an object and nothing else: serde would take an array for a struct.
fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    json.starts_with('{').then(|| serde_json::from_str(json).ok()).flatten()
}

fn strings(
    map: Option<BTreeMap<String, Value>>,
    coercion: ParameterCoercion,
) -> Result<Parameters, PoolError> {
    let mut strings = Parameters::new();
    for (key, value) in map.unwrap_or_default() {
        let value = match (value, coercion) {
            (Value::String(text), _) => text,
            (Value::Bool(flag), ParameterCoercion::Stringify) => flag.to_string(),
            (Value::Number(number), ParameterCoercion::Stringify) => number.to_string(),
            (Value::Null, ParameterCoercion::Stringify) => continue,
            (Value::Bool(_) | Value::Number(_) | Value::Null, ParameterCoercion::Reject)
            | (Value::Array(_) | Value::Object(_), _) => return Err(PoolError::TriggerOutputUnrecognizable),
        };
        strings.insert(key, value);
    }
    Ok(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVALID: &str = "Invalid lambda function output : Invalid JSON";
    const UNRECOGNIZABLE: &str = "Unrecognizable lambda output";

    #[test]
    fn an_output_of_another_shape_is_named_as_cognito_names_it() {
        for (output, message) in [
            ("", INVALID),
            ("null", INVALID),
            (" null ", INVALID),
            ("{", INVALID),
            ("no", INVALID),
            ("{}{}", INVALID),
            ("\"\"", UNRECOGNIZABLE),
            ("\"done\"", UNRECOGNIZABLE),
            ("true", UNRECOGNIZABLE),
            ("7", UNRECOGNIZABLE),
            ("[]", UNRECOGNIZABLE),
            (r#"[{"answerCorrect":true}]"#, UNRECOGNIZABLE),
            ("{}", UNRECOGNIZABLE),
            (r#"{"response":null}"#, UNRECOGNIZABLE),
            (r#"{"response":"x"}"#, UNRECOGNIZABLE),
            (r#"{"response":[true]}"#, UNRECOGNIZABLE),
            (r#"{"response":{"answerCorrect":"true"}}"#, UNRECOGNIZABLE),
            (r#"{"response":{"answerCorrect":1}}"#, UNRECOGNIZABLE),
            (r#"{"response":{"answerCorrect":true,"answerCorrect":true}}"#, UNRECOGNIZABLE),
            (r#"{"response":{"answerCorrect":true},"response":{}}"#, UNRECOGNIZABLE),
        ] {
            assert_eq!(verify(output.as_bytes()).unwrap_err().to_string(), message, "{output}");
        }
        assert_eq!(verify(b"\xff").unwrap_err().to_string(), INVALID);
    }

    #[test]
    fn only_true_is_right() {
        for output in [
            r#"{"response":{}}"#,
            r#"{"response":{"answerCorrect":null}}"#,
            r#"{"response":{"answerCorrect":false}}"#,
        ] {
            assert_eq!(verify(output.as_bytes()).unwrap(), Mark::Wrong, "{output}");
        }
        assert_eq!(verify(br#"{"x":1, "response" : {"answerCorrect":true,"y":{}}}"#).unwrap(), Mark::Right);
    }

    #[test]
    fn failing_wins_over_issuing_and_issuing_over_presenting() {
        let next = |response: &str| define(format!(r#"{{"response":{{{response}}}}}"#).as_bytes());
        let all = r#""challengeName":"CUSTOM_CHALLENGE","issueTokens":true,"failAuthentication":"#;
        assert_eq!(next(&format!("{all}true")).unwrap(), Next::Fail);
        assert_eq!(next(&format!("{all}false")).unwrap(), Next::IssueTokens);
        assert_eq!(next(r#""challengeName":"CUSTOM_CHALLENGE","issueTokens":false"#).unwrap(), Next::Custom);
        for nothing in
            ["", r#""issueTokens":false"#, r#""challengeName":"custom_challenge""#, r#""challengeName":"""#]
        {
            assert_eq!(next(nothing).unwrap_err().to_string(), UNRECOGNIZABLE, "{nothing}");
        }
    }

    #[test]
    fn parameters_that_are_no_strings_become_strings_or_are_refused() {
        let output = |value: &str| {
            format!(
                r#"{{"response":{{"publicChallengeParameters":{{"a":{value}}},"privateChallengeParameters":{{"k":"v"}}}}}}"#
            )
        };
        let read = |value: &str, coercion| create(output(value).as_bytes(), coercion).map(|made| made.public);
        for (value, text) in [("true", "true"), ("6", "6"), ("1.5", "1.5"), (r#""x""#, "x")] {
            let public = read(value, ParameterCoercion::Stringify).unwrap();
            assert_eq!(public.get("a").map(String::as_str), Some(text));
            assert_eq!(read(value, ParameterCoercion::Reject).is_ok(), value.starts_with('"'));
        }
        assert!(read("null", ParameterCoercion::Stringify).unwrap().is_empty());
        for value in ["{}", "[]"] {
            assert_eq!(read(value, ParameterCoercion::Stringify).unwrap_err().to_string(), UNRECOGNIZABLE);
        }
    }

    #[test]
    fn private_parameters_that_are_empty_are_a_failed_sign_in() {
        for private in ["null", "{}", r#"{"k":null}"#] {
            let output = format!(r#"{{"response":{{"privateChallengeParameters":{private}}}}}"#);
            let error = create(output.as_bytes(), ParameterCoercion::Stringify).unwrap_err();
            assert_eq!(
                (error.code(), error.to_string().as_str()),
                ("NotAuthorizedException", "Incorrect username or password.")
            );
        }
    }
}
