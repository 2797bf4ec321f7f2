//! `SignUp`, `ConfirmSignUp`, `ResendConfirmationCode`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::Api,
    body::{self, Attribute, Map, required},
    caller::Caller,
    fault::Fault,
};
use crate::{
    pool::{ConfirmSignUp, RequestSignUp, SessionToken},
    ports::UserStatus,
    types::{Password, PhoneNumber},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignUpBody {
    client_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
    secret_hash: Option<String>,
    user_attributes: Option<Vec<Attribute>>,
    validation_data: Option<Vec<Attribute>>,
    client_metadata: Option<Map>,
}

/// A password may come with it, or none: then a random one, which nobody needs, takes its place.
pub(super) async fn sign_up(api: &Api, caller: Caller, bytes: &[u8]) -> Result<Value, Fault> {
    let body: SignUpBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let username = required("username", body.username.as_ref())?;
    client.check_hash(body.secret_hash.as_deref(), &[username])?;
    let attribute = body::phone_attribute(body.user_attributes.as_deref().unwrap_or_default())?;
    let phone = number(username)?;
    if attribute.is_some_and(|attribute| attribute != username) {
        return Err(Fault::invalid("Username and phone_number must be the same."));
    }
    let metadata = body::metadata(body.client_metadata);
    let data: Option<_> = body.validation_data.map(|pairs| {
        pairs.into_iter().filter_map(|pair| Some((pair.name?, pair.value.unwrap_or_default()))).collect()
    });
    let password = body.password.filter(|text| !text.is_empty()).map(Password::from_text);
    let request = RequestSignUp {
        client_metadata: metadata.as_ref(),
        validation_data: data.as_ref(),
        password: password.as_ref(),
        ..RequestSignUp::new(phone)
    };
    caller.pay_text(api, client).await?;
    let made = client.pool.request_sign_up(request).await?;
    let confirmed = made.account.status == UserStatus::Confirmed;
    let mut answer = json!({"UserConfirmed": confirmed, "UserSub": made.account.user_name});
    if !confirmed && let Some(members) = answer.as_object_mut() {
        members.insert("CodeDeliveryDetails".to_owned(), delivery(username));
        members.insert("Session".to_owned(), client.pool.sign_up_session(&made)?.as_str().into());
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConfirmBody {
    client_id: Option<String>,
    username: Option<String>,
    confirmation_code: Option<String>,
    session: Option<String>,
    secret_hash: Option<String>,
    force_alias_creation: Option<bool>,
    client_metadata: Option<Map>,
}

pub(super) async fn confirm_sign_up(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: ConfirmBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let username = required("username", body.username.as_ref())?;
    let code = required("confirmationCode", body.confirmation_code.as_ref())?;
    client.check_hash(body.secret_hash.as_deref(), &[username])?;
    let metadata = body::metadata(body.client_metadata);
    let session = body.session.filter(|session| !session.is_empty()).map(SessionToken::from);
    let request = ConfirmSignUp {
        session: session.as_ref(),
        force_alias_creation: body.force_alias_creation == Some(true),
        client_metadata: metadata.as_ref(),
        ..ConfirmSignUp::new(username, code)
    };
    let started = client.pool.request_confirm_sign_up(request).await?;
    Ok(json!({"Session": started.token().as_str()}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResendBody {
    client_id: Option<String>,
    username: Option<String>,
    secret_hash: Option<String>,
}

pub(super) async fn resend_confirmation_code(
    api: &Api,
    caller: Caller,
    bytes: &[u8],
) -> Result<Value, Fault> {
    let body: ResendBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let username = required("username", body.username.as_ref())?;
    client.check_hash(body.secret_hash.as_deref(), &[username])?;
    caller.pay_text(api, client).await?;
    client.pool.resend_confirmation_code(username).await?;
    Ok(json!({"CodeDeliveryDetails": delivery(username)}))
}

/// Where a code went. Its last digits are shown to whoever has just typed them; a name tells nobody a number.
pub(super) fn delivery(typed: &str) -> Value {
    let number =
        typed.parse::<PhoneNumber>().ok().and_then(|_| typed.split_at_checked(typed.len().checked_sub(4)?));
    let destination = match number {
        Some((hidden, shown)) => format!("+{}{shown}", "*".repeat(hidden.len().saturating_sub(1))),
        None => "+***********".to_owned(),
    };
    json!({"Destination": destination, "DeliveryMedium": "SMS", "AttributeName": "phone_number"})
}

/// A name to sign up with: the number, as in a pool where people sign in by number.
fn number(username: &str) -> Result<PhoneNumber, Fault> {
    if !username.starts_with('+') {
        return Err(Fault::invalid("Username should be a phone number."));
    }
    username.parse().map_err(|_| Fault::invalid("Invalid phone number format."))
}
