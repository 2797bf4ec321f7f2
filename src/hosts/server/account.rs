//! What somebody who is signed in may do with their own account.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::Api,
    body::{self, Attribute, required},
    caller::Caller,
    fault::Fault,
    sign_up::delivery,
};
use crate::{pool::RefreshToken, types::PhoneNumber};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bearer {
    access_token: Option<String>,
}

pub(super) async fn get_user(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: Bearer = body::read(bytes)?;
    let (_, account) = api.bearer(required("accessToken", body.access_token.as_ref())?).await?;
    let verified = if account.phone_verified { "true" } else { "false" };
    Ok(json!({
        "Username": account.user_name,
        "UserAttributes": [
            {"Name": "sub", "Value": account.user_name},
            {"Name": "phone_number_verified", "Value": verified},
            {"Name": "phone_number", "Value": account.phone.e164()},
        ],
    }))
}

pub(super) async fn global_sign_out(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: Bearer = body::read(bytes)?;
    let (client, account) = api.bearer(required("accessToken", body.access_token.as_ref())?).await?;
    client.pool.sign_out_everywhere(&account.user_name).await?;
    Ok(json!({}))
}

pub(super) async fn delete_user(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: Bearer = body::read(bytes)?;
    let (client, account) = api.bearer(required("accessToken", body.access_token.as_ref())?).await?;
    client.pool.delete_account(&account.user_name).await?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RevokeBody {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// A token that is none of ours is answered like one that is, as RFC 7009 (section 2.2) says.
pub(super) async fn revoke_token(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: RevokeBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let token = required("token", body.token.as_ref())?;
    client.check_secret(body.client_secret.as_deref())?;
    client.pool.revoke(&RefreshToken::from(token)).await?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateBody {
    access_token: Option<String>,
    user_attributes: Option<Vec<Attribute>>,
}

/// Texts a code to the new number; the account has its old one until the code was typed.
pub(super) async fn update_user_attributes(api: &Api, caller: Caller, bytes: &[u8]) -> Result<Value, Fault> {
    let body: UpdateBody = body::read(bytes)?;
    let (client, account) = api.bearer(required("accessToken", body.access_token.as_ref())?).await?;
    let attributes = body.user_attributes.ok_or_else(|| Fault::absent("userAttributes"))?;
    let Some(typed) = body::phone_attribute(&attributes)? else {
        return Ok(json!({"CodeDeliveryDetailsList": []}));
    };
    let to: PhoneNumber = typed.parse().map_err(|_| Fault::invalid("Invalid phone number format."))?;
    caller.pay_text(api, client).await?;
    client.pool.change_number(&account.user_name, &to).await?;
    Ok(json!({"CodeDeliveryDetailsList": [delivery(typed)]}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VerifyBody {
    access_token: Option<String>,
    attribute_name: Option<String>,
    code: Option<String>,
}

pub(super) async fn verify_user_attribute(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: VerifyBody = body::read(bytes)?;
    let (client, account) = api.bearer(required("accessToken", body.access_token.as_ref())?).await?;
    let name = required("attributeName", body.attribute_name.as_ref())?;
    let code = required("code", body.code.as_ref())?;
    if name != "phone_number" {
        return Err(Fault::invalid("Attribute does not exist in the schema."));
    }
    client.pool.confirm_number(&account.user_name, code).await?;
    Ok(json!({}))
}
