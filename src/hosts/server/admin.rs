//! What an operator asks, on the operator's own listener: there calls are not signed, so whoever reaches it may ask.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    AppClient,
    api::Api,
    body::{self, Attribute, Map, required},
    caller::Caller,
    fault::Fault,
    sign_in,
};
use crate::{
    ports::{Subscriber, UserStatus},
    types::{PhoneNumber, Timestamp},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Whose {
    user_pool_id: Option<String>,
    username: Option<String>,
    user_attributes: Option<Vec<Attribute>>,
    client_metadata: Option<Map>,
}

pub(super) async fn get_user(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let (_, account, _) = account(api, bytes).await?;
    let mut attributes = vec![json!({"Name": "sub", "Value": account.user_name})];
    let verified = if account.phone_verified { "true" } else { "false" };
    attributes.push(json!({"Name": "phone_number_verified", "Value": verified}));
    attributes.push(json!({"Name": "phone_number", "Value": account.phone.e164()}));
    let created = seconds(account.created_at);
    Ok(json!({
        "Username": account.user_name,
        "UserAttributes": attributes,
        "UserCreateDate": created,
        "UserLastModifiedDate": account.last_success.map_or(created, seconds),
        "Enabled": account.status != UserStatus::Disabled,
        "UserStatus": account.status.as_cognito(),
    }))
}

pub(super) async fn user_global_sign_out(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let (client, account, _) = account(api, bytes).await?;
    client.pool.sign_out_everywhere(&account.user_name).await?;
    Ok(json!({}))
}

pub(super) async fn confirm_sign_up(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let (client, account, whose) = account(api, bytes).await?;
    let metadata = body::metadata(whose.client_metadata);
    client.pool.confirm_unproven(&account.user_name, metadata.as_ref()).await?;
    Ok(json!({}))
}

pub(super) async fn delete_user(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let (client, account, _) = account(api, bytes).await?;
    client.pool.delete_account(&account.user_name).await?;
    Ok(json!({}))
}

/// A number, proven on the operator's word. One that nobody vouches for never takes the place of one that was proven.
pub(super) async fn update_user_attributes(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let (client, account, whose) = account(api, bytes).await?;
    let given = whose.user_attributes.ok_or_else(|| Fault::absent("userAttributes"))?;
    let (verified, others): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|one| one.name.as_deref() == Some("phone_number_verified"));
    let to: PhoneNumber = match body::phone_attribute(&others)? {
        Some(typed) => typed.parse().map_err(|_| Fault::invalid("Invalid phone number format."))?,
        None => account.phone,
    };
    let is_vouched_for = verified
        .iter()
        .any(|one| one.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("true")));
    if !is_vouched_for {
        return Err(Fault::invalid("A phone_number is set here together with phone_number_verified true."));
    }
    client.pool.vouch_for_number(&account.user_name, &to).await?;
    Ok(json!({}))
}

pub(super) async fn initiate_auth(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    check_pool(api, bytes)?;
    sign_in::initiate_auth(api, Caller::Operator, bytes).await
}

pub(super) async fn respond_to_auth_challenge(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    check_pool(api, bytes)?;
    sign_in::respond_to_auth_challenge(api, Caller::Operator, bytes).await
}

/// The pool that a call names must be this one; any client of it will do.
fn check_pool<'a>(api: &'a Api, bytes: &[u8]) -> Result<(&'a AppClient, Whose), Fault> {
    let whose: Whose = body::read(bytes)?;
    let id = required("userPoolId", whose.user_pool_id.as_ref())?;
    let client = api.clients.values().next().filter(|client| client.pool.pool_id() == id);
    let unknown = || Fault::new("ResourceNotFoundException", "User pool does not exist.");
    Ok((client.ok_or_else(unknown)?, whose))
}

/// The account that a call is about, by its name or its number.
async fn account<'a>(api: &'a Api, bytes: &[u8]) -> Result<(&'a AppClient, Subscriber, Whose), Fault> {
    let (client, whose) = check_pool(api, bytes)?;
    let account = client.pool.account(required("username", whose.username.as_ref())?).await?;
    Ok((client, account, whose))
}

/// Seconds since the epoch, with their fraction, as the service writes them.
fn seconds(moment: Timestamp) -> f64 {
    #[allow(clippy::cast_precision_loss)] // exact to the millisecond for 285,000 years
    let millis = moment.as_unix_millis() as f64;
    millis / 1000.0
}
