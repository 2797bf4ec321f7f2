//! `InitiateAuth`, `RespondToAuthChallenge`, `GetTokensFromRefreshToken`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    AppClient,
    api::{Api, Granted},
    body::{self, Map, required},
    caller::Caller,
    fault::Fault,
    password,
};
use crate::{
    pool::{
        InitiateAuth, Outcome, PresentedChallenge, RefreshToken, Respond, SessionToken, SignUpPassword,
        SingleProof,
    },
    types::{ChallengeName, Parameters, PhoneNumber},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InitiateBody {
    auth_flow: Option<String>,
    client_id: Option<String>,
    auth_parameters: Option<Map>,
    client_metadata: Option<Map>,
    session: Option<String>,
}

pub(super) async fn initiate_auth(api: &Api, caller: Caller, bytes: &[u8]) -> Result<Value, Fault> {
    let body: InitiateBody = body::read(bytes)?;
    let flow = required("authFlow", body.auth_flow.as_ref())?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let parameters = body.auth_parameters.unwrap_or_default();
    let is_operator = caller == Caller::Operator;
    match flow {
        "CUSTOM_AUTH" => custom(api, caller, client, &parameters, body::metadata(body.client_metadata)).await,
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => refresh(api, client, &parameters).await,
        "USER_AUTH" => go_on(api, client, &parameters, body.session.as_deref()).await,
        "USER_SRP_AUTH" => password::initiate_srp(api, caller, client, &parameters).await,
        "USER_PASSWORD_AUTH" => password::sign_in(api, caller, client, &parameters, flow).await,
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" if is_operator => {
            password::sign_in(api, caller, client, &parameters, flow).await
        }
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => Err(Fault::flow_not_enabled(flow)),
        _ => Err(Fault::invalid(
            "1 validation error detected: Value at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set",
        )),
    }
}

/// With `{"action": "start"}` as client metadata the one-step way in: for whoever has the number, with or without an account.
async fn custom(
    api: &Api,
    caller: Caller,
    client: &AppClient,
    parameters: &Map,
    metadata: Option<Parameters>,
) -> Result<Value, Fault> {
    let username = parameters.required("USERNAME")?;
    client.check_hash(parameters.get("SECRET_HASH"), &[username])?;
    let looks_at_passwords = client.pool.settings().sign_up_password != SignUpPassword::Ignore;
    if looks_at_passwords && parameters.get("SRP_A").is_some() {
        caller.pay_password(api, client).await?;
    }
    caller.pay_text(api, client).await?;
    if metadata.as_ref().and_then(|all| all.get("action")).is_some_and(|action| action == "start") {
        let phone: PhoneNumber =
            username.parse().map_err(|_| Fault::invalid("Invalid phone number format."))?;
        return Ok(challenge(&client.pool.start(&phone).await?));
    }
    let mut request = InitiateAuth { client_metadata: metadata.as_ref(), ..InitiateAuth::new(username) };
    if let Some(srp_a) = parameters.get("SRP_A") {
        request = request.srp_a(srp_a);
    }
    answer(api, client, client.pool.initiate_auth(request).await?).await
}

async fn refresh(api: &Api, client: &AppClient, parameters: &Map) -> Result<Value, Fault> {
    let token = RefreshToken::from(parameters.required("REFRESH_TOKEN")?);
    let holder = client.pool.holder_of(&token)?;
    client.check_hash(parameters.get("SECRET_HASH"), &[&holder])?;
    renew(api, client, &token).await
}

/// Goes on after a confirmed sign-up, on the proof that was given then.
async fn go_on(
    api: &Api,
    client: &AppClient,
    parameters: &Map,
    session: Option<&str>,
) -> Result<Value, Fault> {
    let username = parameters.required("USERNAME")?;
    client.check_hash(parameters.get("SECRET_HASH"), &[username])?;
    // There is no choice of first factors to offer.
    let single = client.pool.settings().single_proof == SingleProof::SignsIn;
    let session = session.filter(|session| single && !session.is_empty());
    let session = session.ok_or_else(|| Fault::flow_not_enabled("USER_AUTH"))?;
    let person = client.pool.continue_sign_in(&SessionToken::from(session)).await?;
    if person.user_name() != username && person.phone().e164() != username {
        return Err(Fault::not_authorized("Invalid session for the user."));
    }
    Ok(result(&api.grant(client, &person).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RespondBody {
    client_id: Option<String>,
    challenge_name: Option<String>,
    session: Option<String>,
    challenge_responses: Option<Map>,
    client_metadata: Option<Map>,
}

pub(super) async fn respond_to_auth_challenge(
    api: &Api,
    caller: Caller,
    bytes: &[u8],
) -> Result<Value, Fault> {
    let body: RespondBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let name = required("challengeName", body.challenge_name.as_ref())?;
    let token = SessionToken::from(body.session.unwrap_or_default());
    let responses = body.challenge_responses.unwrap_or_default();
    if name == "PASSWORD_VERIFIER" {
        return password::prove(api, client, &responses, body::metadata(body.client_metadata)).await;
    }
    if name != "CUSTOM_CHALLENGE" {
        return Err(Fault::invalid("Challenge name is not the one that was asked for."));
    }
    if token.as_str().is_empty() {
        return Err(Fault::invalid("Missing required parameter Session"));
    }
    let username = responses.required("USERNAME")?;
    let typed = responses.required("ANSWER")?;
    // Of a session that is none of ours nobody's name is known; what is wrong with it is told below.
    let own = || client.pool.user_of(&token).unwrap_or_default();
    client.check_hash_or(responses.get("SECRET_HASH"), username, own)?;
    let metadata = body::metadata(body.client_metadata);
    if metadata.as_ref().and_then(|all| all.get("action")).is_some_and(|action| action == "resend") {
        caller.pay_text(api, client).await?;
    }
    let request =
        Respond { client_metadata: metadata.as_ref(), ..Respond::new(&token, typed).username(username) };
    answer(api, client, client.pool.respond(request).await?).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RefreshBody {
    refresh_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub(super) async fn get_tokens_from_refresh_token(api: &Api, bytes: &[u8]) -> Result<Value, Fault> {
    let body: RefreshBody = body::read(bytes)?;
    let client = api.client(required("clientId", body.client_id.as_ref())?)?;
    let token = required("refreshToken", body.refresh_token.as_ref())?;
    client.check_secret(body.client_secret.as_deref())?;
    renew(api, client, &RefreshToken::from(token)).await
}

async fn renew(api: &Api, client: &AppClient, token: &RefreshToken) -> Result<Value, Fault> {
    let ongoing = client.pool.renew(token).await?;
    Ok(result(&api.issue(client, ongoing).await?))
}

pub(super) async fn answer(api: &Api, client: &AppClient, outcome: Outcome) -> Result<Value, Fault> {
    match outcome {
        Outcome::Challenge(presented) => Ok(challenge(&presented)),
        Outcome::SignedIn(person) => Ok(result(&api.grant(client, &person).await?)),
        // The protocol has no words for it, and the way on is the host's own.
        Outcome::Dormant(_) => Err(Fault::not_authorized("Incorrect username or password.")),
    }
}

pub(super) fn challenge(presented: &PresentedChallenge) -> Value {
    json!({
        "ChallengeName": if presented.name() == ChallengeName::PasswordVerifier {
            "PASSWORD_VERIFIER"
        } else {
            "CUSTOM_CHALLENGE"
        },
        "Session": presented.token().as_str(),
        "ChallengeParameters": presented.parameters(),
    })
}

pub(super) fn result(granted: &Granted) -> Value {
    let tokens = &granted.tokens;
    let mut result = json!({
        "AccessToken": tokens.access(),
        "ExpiresIn": tokens.expires_in(),
        "TokenType": "Bearer",
        "IdToken": tokens.id(),
    });
    if let (Some(refresh), Some(members)) = (&granted.refresh, result.as_object_mut()) {
        members.insert("RefreshToken".to_owned(), refresh.as_str().into());
    }
    json!({"AuthenticationResult": result, "ChallengeParameters": {}})
}
