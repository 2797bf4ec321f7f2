//! Texts through AWS End User Messaging.

use core::fmt;

use async_trait::async_trait;
use aws_sdk_pinpointsmsvoicev2::{
    Client, Config,
    config::retry::RetryConfig,
    operation::send_text_message::SendTextMessageError,
    types::{DestinationCountryParameterKey, MessageType},
};

use crate::{
    aws::{CallFailure, send_failed},
    ports::{SendError, SendReceipt, SmsMessage, SmsSender},
    types::IndianTemplate,
};

/// An [`SmsSender`] by AWS End User Messaging SMS (`SendTextMessage` of the API "Pinpoint SMS and voice, version 2"). The client's
/// credentials need `sms-voice:SendTextMessage`.
///
/// It takes a ready client and makes none. **The client's own retries are off for these calls**, since the service has no idempotency
/// key for texts: a repeated request is a second text. Core 1.88; AWS features follow the SDK.
///
/// A number that opted out, or that a protect configuration blocks, is refused for good: another sender must not get around what an
/// operator has blocked. Everything else that the service refuses with leaves the text to another sender; an answer that did not come
/// may have been a text.
///
/// ```
/// # #[cfg(feature = "end-user-messaging")] {
/// use custom_auth::EndUserMessagingSender;
///
/// fn sender(client: aws_sdk_pinpointsmsvoicev2::Client) -> EndUserMessagingSender {
///     EndUserMessagingSender::new(client).origination_identity("+15550100100").time_to_live(300).max_price("0.05")
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct EndUserMessagingSender {
    client: Client,
    origination_identity: Option<String>,
    configuration_set: Option<String>,
    protect_configuration: Option<String>,
    indian_template: Option<IndianTemplate>,
    time_to_live: Option<i32>,
    max_price: Option<String>,
    dry_run: bool,
}

impl EndUserMessagingSender {
    /// Texts through this client's account and region.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self {
            client,
            origination_identity: None,
            configuration_set: None,
            protect_configuration: None,
            indian_template: None,
            time_to_live: None,
            max_price: None,
            dry_run: false,
        }
    }

    /// What texts are sent from: a number, a sender id or a pool, by its name, id or ARN. Without, the service chooses.
    #[must_use]
    pub fn origination_identity(self, identity: impl Into<String>) -> Self {
        Self { origination_identity: Some(identity.into()), ..self }
    }

    /// The configuration set, which says where delivery reports go.
    #[must_use]
    pub fn configuration_set(self, name: impl Into<String>) -> Self {
        Self { configuration_set: Some(name.into()), ..self }
    }

    /// The protect configuration, which blocks countries and numbers.
    #[must_use]
    pub fn protect_configuration(self, id: impl Into<String>) -> Self {
        Self { protect_configuration: Some(id.into()), ..self }
    }

    /// What texts to India are registered under (`IN_ENTITY_ID`, `IN_TEMPLATE_ID`).
    #[must_use]
    pub fn indian_template(self, template: IndianTemplate) -> Self {
        Self { indian_template: Some(template), ..self }
    }

    /// How many seconds the service may try to deliver a text, 5 to 259,200. As long as a code lives is enough: 300 by default
    /// policy.
    #[must_use]
    pub fn time_to_live(self, seconds: i32) -> Self {
        Self { time_to_live: Some(seconds), ..self }
    }

    /// The most that a text may cost, in US dollars for each part, such as `0.05`.
    #[must_use]
    pub fn max_price(self, dollars: impl Into<String>) -> Self {
        Self { max_price: Some(dollars.into()), ..self }
    }

    /// Checks every request and sends nothing. For trying permissions.
    #[must_use]
    pub fn dry_run(self) -> Self {
        Self { dry_run: true, ..self }
    }
}

#[async_trait]
impl SmsSender for EndUserMessagingSender {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let request = self
            .client
            .send_text_message()
            .destination_phone_number(message.to.e164())
            .message_body(message.body.expose_secret())
            .message_type(MessageType::Transactional)
            .set_origination_identity(self.origination_identity.clone())
            .set_configuration_set_name(self.configuration_set.clone())
            .set_protect_configuration_id(self.protect_configuration.clone())
            .set_time_to_live(self.time_to_live)
            .set_max_price(self.max_price.clone())
            .dry_run(self.dry_run);
        let request = match IndianTemplate::of(self.indian_template.as_ref(), &message.to) {
            None => request,
            Some(template) => request
                .destination_country_parameters(
                    DestinationCountryParameterKey::InEntityId,
                    template.entity_id.as_str(),
                )
                .destination_country_parameters(
                    DestinationCountryParameterKey::InTemplateId,
                    template.template_id.as_str(),
                ),
        };
        let once = Config::builder().retry_config(RetryConfig::disabled());
        match request.customize().config_override(once).send().await {
            Ok(taken) => Ok(SendReceipt::new(taken.message_id)),
            Err(error) => {
                let reason = error.as_service_error().and_then(reason);
                let failure = CallFailure::of("SendTextMessage", &error).because(reason);
                let is_for_good = reason.is_some_and(|reason| FOR_GOOD.contains(&reason));
                Err(send_failed(&error, failure, is_for_good))
            }
        }
    }
}

/// Why no sender should text a number.
const FOR_GOOD: [&str; 4] = [
    "DESTINATION_COUNTRY_BLOCKED",
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
    "DESTINATION_PHONE_NUMBER_OPTED_OUT",
];

/// What the service gives as the reason.
#[allow(clippy::wildcard_enum_match_arm)] // the others have none
fn reason(error: &SendTextMessageError) -> Option<&str> {
    match error {
        SendTextMessageError::AccessDeniedException(denied) => Some(denied.reason.as_ref()?.as_str()),
        SendTextMessageError::ConflictException(conflict) => Some(conflict.reason.as_ref()?.as_str()),
        SendTextMessageError::ServiceQuotaExceededException(quota) => Some(quota.reason.as_ref()?.as_str()),
        SendTextMessageError::ValidationException(invalid) => Some(invalid.reason.as_ref()?.as_str()),
        _ => None,
    }
}

impl fmt::Debug for EndUserMessagingSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndUserMessagingSender")
            .field("origination_identity", &self.origination_identity)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}
