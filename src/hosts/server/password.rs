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
    pool::{PoolError, ProvePassword, SignUpPassword, SingleProof},
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
    let pool = client.pool.clone();
    let person = aside(async move { pool.sign_in_with_password(&username, &password).await }).await?;
    Ok(result(&api.grant(client, &person).await?))
}

/// `USER_SRP_AUTH`. As on Cognito there is no session beside the secret block.
pub(super) async fn initiate_srp(client: &AppClient, parameters: &Map) -> Result<Value, Fault> {
    let username = named(client, parameters, "USER_SRP_AUTH")?;
    let (pool, srp_a) = (client.pool.clone(), parameters.required("SRP_A")?.to_owned());
    let presented = aside(async move { pool.initiate_srp(&username, &srp_a).await }).await?;
    let mut told = challenge(&presented);
    if let Some(members) = told.as_object_mut() {
        members.remove("Session");
    }
    Ok(told)
}

/// `PASSWORD_VERIFIER`, after `USER_SRP_AUTH` and within `CUSTOM_AUTH`.
pub(super) async fn prove(
    api: &Api,
    caller: Caller,
    client: &AppClient,
    responses: &Map,
    metadata: Option<Parameters>,
) -> Result<Value, Fault> {
    let username = responses.required("USERNAME")?;
    let block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK").unwrap_or_default();
    let own = || client.pool.user_of_block(block).unwrap_or_default();
    client.check_hash_or(responses.get("SECRET_HASH"), username, own)?;
    let owned = |name: &'static str| responses.required(name).map(str::to_owned);
    let (pool, username) = (client.pool.clone(), username.to_owned());
    let (block, signature, timestamp) =
        (owned("PASSWORD_CLAIM_SECRET_BLOCK")?, owned("PASSWORD_CLAIM_SIGNATURE")?, owned("TIMESTAMP")?);
    caller.pay_password(api, client).await?;
    let outcome = aside(async move {
        let request = ProvePassword::new(&username, &block, &signature, &timestamp);
        pool.prove_password(ProvePassword { client_metadata: metadata.as_ref(), ..request }).await
    });
    answer(api, client, outcome.await?).await
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

/// Arithmetic takes milliseconds, so it is done on a thread that nobody else waits for.
pub(super) async fn aside<T: Send + 'static>(
    work: impl Future<Output = Result<T, PoolError>> + Send + 'static,
) -> Result<T, Fault> {
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    Ok(done.map_err(|_| Fault::internal())??)
}
