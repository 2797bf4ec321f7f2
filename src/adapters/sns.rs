//! Texts through Amazon SNS.

use core::fmt;

use async_trait::async_trait;
use aws_sdk_sns::{
    Client, Config, config::retry::RetryConfig, error::ProvideErrorMetadata as _,
    types::MessageAttributeValue,
};

use crate::{
    aws::{CallFailure, send_failed},
    ports::{SendError, SendReceipt, SmsMessage, SmsSender},
    types::IndianTemplate,
};

/// An [`SmsSender`] by Amazon SNS: `Publish` to a phone number, as a transactional message. The client's credentials need
/// `sns:Publish`.
///
/// It takes a ready client and makes none. **The client's own retries are off for these calls**, since SNS has no idempotency key for
/// texts: a repeated request is a second text. Core 1.88; AWS features follow the SDK.
///
/// Whatever SNS refuses with, an invalid number among it, leaves the text to another sender; an answer that did not come may have been a
/// text. **SNS does not say that a number opted out**: it takes the text, and drops it. Should it say so one day, the number is
/// refused for good.
///
/// ```
/// # #[cfg(feature = "sns")] {
/// use custom_auth::{IndianTemplate, SnsSender};
///
/// fn sender(client: aws_sdk_sns::Client) -> SnsSender {
///     SnsSender::new(client).sender_id("EXAMPLE").indian_template(IndianTemplate::new("1101", "1107"))
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct SnsSender {
    client: Client,
    sender_id: Option<String>,
    origination_number: Option<String>,
    indian_template: Option<IndianTemplate>,
}

impl SnsSender {
    /// Texts through this client's account and region.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client, sender_id: None, origination_number: None, indian_template: None }
    }

    /// Who the text is from, where the destination shows it: 1 to 11 letters and digits, one letter at least
    /// (`AWS.SNS.SMS.SenderID`).
    #[must_use]
    pub fn sender_id(self, sender_id: impl Into<String>) -> Self {
        Self { sender_id: Some(sender_id.into()), ..self }
    }

    /// The number that texts are sent from (`AWS.MM.SMS.OriginationNumber`), in E.164 form.
    #[must_use]
    pub fn origination_number(self, number: impl Into<String>) -> Self {
        Self { origination_number: Some(number.into()), ..self }
    }

    /// What texts to India are registered under (`AWS.MM.SMS.EntityId`, `AWS.MM.SMS.TemplateId`).
    #[must_use]
    pub fn indian_template(self, template: IndianTemplate) -> Self {
        Self { indian_template: Some(template), ..self }
    }
}

#[async_trait]
impl SmsSender for SnsSender {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let template = IndianTemplate::of(self.indian_template.as_ref(), &message.to);
        let attributes = [
            ("AWS.SNS.SMS.SMSType", Some("Transactional")),
            ("AWS.SNS.SMS.SenderID", self.sender_id.as_deref()),
            ("AWS.MM.SMS.OriginationNumber", self.origination_number.as_deref()),
            ("AWS.MM.SMS.EntityId", template.map(|template| template.entity_id.as_str())),
            ("AWS.MM.SMS.TemplateId", template.map(|template| template.template_id.as_str())),
        ];
        let mut publish = self.client.publish();
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let value = value.map_err(|_| SendError::TryAnother("an attribute of the message".into()))?;
            publish = publish.message_attributes(name, value);
        }
        let publish = publish.phone_number(message.to.e164()).message(message.body.expose_secret());
        let once = Config::builder().retry_config(RetryConfig::disabled());
        match publish.customize().config_override(once).send().await {
            Ok(taken) => Ok(SendReceipt::new(taken.message_id)),
            Err(error) => {
                let code = error.as_service_error().and_then(|error| error.code());
                let is_for_good = code.is_some_and(|code| code.starts_with("OptedOut"));
                Err(send_failed(&error, CallFailure::of("Publish", &error), is_for_good))
            }
        }
    }
}

impl fmt::Debug for SnsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnsSender").field("sender_id", &self.sender_id).finish_non_exhaustive()
    }
}
