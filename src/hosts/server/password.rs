//! Signing in with a password: sent, or proven by SRP.

use serde_json::Value;

use super::{
    AppClient,
    api::Api,
    body::Map,
    caller::Caller,
    fault::Fault,
    sign_in::{answer, challenge, result},
};
use crate::{
    pool::{ProvePassword, SignUpPassword, SingleProof},
    types::{Parameters, Password},
};

/// `USER_PASSWORD_AUTH`, and an operator's `ADMIN_USER_PASSWORD_AUTH`.
pub(super) async fn sign_in(
    api: &Api,
    caller: Caller,
    client: &AppClient,
    parameters: &Map,
    flow: &str,
) -> Result<Value, Fault> {
    let username = named(client, parameters, flow)?;
    let password = Password::from_text(parameters.required("PASSWORD")?.to_owned());
    caller.pay_password(api, client).await?;
    let person = client.pool.sign_in_with_password(&username, &password).await?;
    Ok(result(&api.grant(client, &person).await?))
}

/// `USER_SRP_AUTH`. As on Cognito there is no session beside the secret block. Each block is good for one proof, so this is what is paid.
pub(super) async fn initiate_srp(
    api: &Api,
    caller: Caller,
    client: &AppClient,
    parameters: &Map,
) -> Result<Value, Fault> {
    let username = named(client, parameters, "USER_SRP_AUTH")?;
    let srp_a = parameters.required("SRP_A")?;
    caller.pay_password(api, client).await?;
    let presented = client.pool.initiate_srp(&username, srp_a).await?;
    let mut told = challenge(&presented);
    if let Some(members) = told.as_object_mut() {
        members.remove("Session");
    }
    Ok(told)
}

/// `PASSWORD_VERIFIER`, after `USER_SRP_AUTH` and within `CUSTOM_AUTH`.
pub(super) async fn prove(
    api: &Api,
    client: &AppClient,
    responses: &Map,
    metadata: Option<Parameters>,
) -> Result<Value, Fault> {
    let username = responses.required("USERNAME")?;
    let block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK").unwrap_or_default();
    let own = || client.pool.user_of_block(block).unwrap_or_default();
    client.check_hash_or(responses.get("SECRET_HASH"), username, own)?;
    let block = responses.required("PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = responses.required("PASSWORD_CLAIM_SIGNATURE")?;
    let request = ProvePassword {
        client_metadata: metadata.as_ref(),
        ..ProvePassword::new(username, block, signature, responses.required("TIMESTAMP")?)
    };
    answer(api, client, client.pool.prove_password(request).await?).await
}

/// Who signs in, where the client may with a password.
fn named(client: &AppClient, parameters: &Map, flow: &str) -> Result<String, Fault> {
    let settings = client.pool.settings();
    if settings.sign_up_password == SignUpPassword::Ignore || settings.single_proof == SingleProof::Refuse {
        return Err(Fault::flow_not_enabled(flow));
    }
    let username = parameters.required("USERNAME")?;
    client.check_hash(parameters.get("SECRET_HASH"), &[username])?;
    Ok(username.to_owned())
}
