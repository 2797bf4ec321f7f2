//! Trigger events, written as Cognito writes them.
//!
//! Members of `response` are there and null. `clientMetadata` is there only if the call carried some, and never on
//! `InitiateAuth`; `userNotFound` only under `PreventUserExistenceErrors` ENABLED. Attributes are strings. An unknown
//! user has none.

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::{PoolError, Trigger, flow::RoundResult, user::User};
use crate::types::{Mark, Parameters};

/// What all events of one call have in common.
#[derive(Clone, Copy)]
pub(super) struct Envelope<'a> {
    pub(super) pool: &'a str,
    pub(super) client: &'a str,
    pub(super) user: &'a User,
    /// `Some` under ENABLED.
    pub(super) user_not_found: Option<bool>,
}

impl Envelope<'_> {
    pub(super) fn define(&self, session: &[RoundResult], metadata: Option<&Parameters>) -> Written {
        #[derive(Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response {
            challenge_name: (),
            issue_tokens: (),
            fail_authentication: (),
        }
        let request = Request { session: Some(Rounds(session)), client_metadata: metadata, ..self.request() };
        self.write(Trigger::DefineAuthChallenge, request, Response::default())
    }

    pub(super) fn create(&self, session: &[RoundResult], metadata: Option<&Parameters>) -> Written {
        #[derive(Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response {
            public_challenge_parameters: (),
            private_challenge_parameters: (),
            challenge_metadata: (),
        }
        let request = Request {
            challenge_name: Some("CUSTOM_CHALLENGE"),
            session: Some(Rounds(session)),
            client_metadata: metadata,
            ..self.request()
        };
        self.write(Trigger::CreateAuthChallenge, request, Response::default())
    }

    pub(super) fn verify(
        &self,
        private: &Parameters,
        answer: &str,
        metadata: Option<&Parameters>,
    ) -> Written {
        #[derive(Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response {
            answer_correct: (),
        }
        let request = Request {
            private_challenge_parameters: Some(private),
            challenge_answer: Some(answer),
            client_metadata: metadata,
            ..self.request()
        };
        self.write(Trigger::VerifyAuthChallengeResponse, request, Response::default())
    }

    pub(super) fn pre_authentication(&self, validation_data: Option<&Parameters>) -> Written {
        let request = Request { validation_data: Some(validation_data), ..self.request() };
        self.write(Trigger::PreAuthentication, request, Nothing {})
    }

    pub(super) fn post_confirmation(&self, metadata: Option<&Parameters>) -> Written {
        let request = Request { client_metadata: metadata, user_not_found: None, ..self.request() };
        self.write(Trigger::PostConfirmation, request, Nothing {})
    }

    pub(super) fn post_authentication(&self, metadata: Option<&Parameters>) -> Written {
        let request = Request {
            new_device_used: Some(false),
            client_metadata: metadata,
            user_not_found: None,
            ..self.request()
        };
        self.write(Trigger::PostAuthentication, request, Nothing {})
    }

    /// `source` says why there are to be tokens. No account here has groups of its own.
    pub(super) fn token_generation(&self, source: &'static str) -> Written {
        #[derive(Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response {
            claims_override_details: (),
        }
        let request =
            Request { group_configuration: Some(Groups::default()), user_not_found: None, ..self.request() };
        self.write_from(source, request, Response::default())
    }

    /// About an account that is not there yet: it has a name and a number, and no status.
    pub(super) fn pre_sign_up(
        &self,
        metadata: Option<&Parameters>,
        validation_data: Option<&Parameters>,
    ) -> Written {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response {
            auto_confirm_user: bool,
            auto_verify_email: bool,
            auto_verify_phone: bool,
        }
        let all = self.request();
        let user_attributes =
            Attributes { phone_number: all.user_attributes.phone_number, ..Attributes::default() };
        let request = Request {
            user_attributes,
            validation_data: Some(validation_data),
            client_metadata: metadata,
            user_not_found: None,
            ..all
        };
        let no = Response { auto_confirm_user: false, auto_verify_email: false, auto_verify_phone: false };
        self.write(Trigger::PreSignUp, request, no)
    }

    fn request(&self) -> Request<'_> {
        Request {
            user_attributes: Attributes::of(self.user),
            group_configuration: None,
            validation_data: None,
            private_challenge_parameters: None,
            challenge_answer: None,
            challenge_name: None,
            session: None,
            new_device_used: None,
            client_metadata: None,
            user_not_found: self.user_not_found,
        }
    }

    fn write(&self, trigger: Trigger, request: Request<'_>, response: impl Serialize) -> Written {
        self.write_from(trigger.source(), request, response)
    }

    fn write_from(
        &self,
        trigger_source: &'static str,
        request: Request<'_>,
        response: impl Serialize,
    ) -> Written {
        let event = Event {
            version: "1",
            region: self.pool.split_once('_').map_or(self.pool, |(region, _)| region),
            user_pool_id: self.pool,
            user_name: self.user.name(),
            caller_context: CallerContext {
                aws_sdk_version: "aws-sdk-unknown-unknown",
                client_id: self.client,
            },
            trigger_source,
            request,
            response,
        };
        // Verify's event holds what the person typed. Room enough, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *bytes, &event).map_err(|error| PoolError::Internal(error.into()))?;
        Ok(bytes)
    }
}

pub(super) type Written = Result<Zeroizing<Vec<u8>>, PoolError>;

/// The `response` of a trigger that is only told something.
#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a, A> {
    version: &'static str,
    region: &'a str,
    user_pool_id: &'a str,
    user_name: &'a str,
    caller_context: CallerContext<'a>,
    trigger_source: &'static str,
    request: Request<'a>,
    response: A,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallerContext<'a> {
    aws_sdk_version: &'static str,
    client_id: &'a str,
}

/// The members of every trigger's request, in the order in which events show them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    user_attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_configuration: Option<Groups>,
    /// Pre Authentication's is there and null when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_data: Option<Option<&'a Parameters>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_challenge_parameters: Option<&'a Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge_answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Rounds<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_device_used: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_metadata: Option<&'a Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_not_found: Option<bool>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    groups_to_override: [&'static str; 0],
    iam_roles_to_override: [&'static str; 0],
    preferred_role: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Attributes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    #[serde(rename = "cognito:user_status", skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_verified: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
}

impl<'a> Attributes<'a> {
    fn of(user: &'a User) -> Self {
        let subscriber = match user {
            User::Known(subscriber) => subscriber,
            User::Unknown { .. } => return Self::default(),
            User::Holder { user_name, phone } => {
                return Self {
                    sub: Some(user_name),
                    status: Some("CONFIRMED"),
                    phone_number_verified: Some("false"),
                    phone_number: Some(phone.e164()),
                };
            }
        };
        Self {
            sub: Some(&subscriber.user_name),
            status: Some(subscriber.status.as_cognito()),
            phone_number_verified: Some(if subscriber.phone_verified { "true" } else { "false" }),
            phone_number: Some(subscriber.phone.e164()),
        }
    }
}

struct Rounds<'a>(&'a [RoundResult]);

impl Serialize for Rounds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Round<'a> {
            challenge_name: &'static str,
            challenge_result: bool,
            challenge_metadata: Option<&'a str>,
        }
        serializer.collect_seq(self.0.iter().map(|result| Round {
            challenge_name: result.name.as_cognito(),
            challenge_result: result.mark == Mark::Right,
            challenge_metadata: result.metadata.as_deref(),
        }))
    }
}
