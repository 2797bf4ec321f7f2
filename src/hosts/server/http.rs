//! The protocol over HTTP: JSON 1.1 as AWS writes it, with the headers that browsers and SDKs look for.

use core::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};

use serde_json::{Value, json};

use super::{
    api::Api,
    caller::Caller,
    door::Want,
    fault::Fault,
    operation::{Listener, Operation},
    page::ASSETS,
    serve::UnderWay,
    to_its_end::ToItsEnd,
};

const JSON_1_1: &str = "application/x-amz-json-1.1";
const JSON: &str = "application/json";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-amzn-errormessage");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How many characters of an error stand in a header.
const MOST_WORDS: usize = 1024;
/// How long the stores may take to show that they are well.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a call may take at all, beyond all that triggers may be repeated: whatever never answers keeps no place for ever.
const LONGEST: Duration = Duration::from_secs(300);
/// Nothing but what the server itself serves: no inline script, no frame around the page.
const CSP: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

pub(super) fn router(api: Arc<Api>, pool_id: &str) -> Router {
    let mut router = Router::new()
        .route("/", post(protocol).options(preflight))
        .route("/config.json", get(config))
        .route("/dev/outbox", get(outbox))
        .route(&format!("/{pool_id}/.well-known/jwks.json"), get(jwks))
        .route(&format!("/{pool_id}/.well-known/openid-configuration"), get(openid_configuration));
    for (path, asset) in ASSETS {
        router = router.route(path, get(async move || page(asset.kind, asset.text)));
    }
    let knocks = middleware::from_fn_with_state(Arc::clone(&api), knocked);
    router.with_state(api).fallback(nothing).layer(knocks)
}

/// The operator's: `Admin…` calls, health and counts.
pub(super) fn operator(api: Arc<Api>) -> Router {
    Router::new()
        .route("/", post(admin_protocol))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state(api)
        .fallback(nothing)
}

/// A call knocks when it is carried out, and is refused in the protocol's form. Whatever else is asked knocks here, for less.
async fn knocked(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let is_call = request.method() == Method::POST && request.uri().path() == "/";
    if is_call {
        return next.run(request).await;
    }
    let Err(fault) = api.door.knock(whose(&api, &request), Want::Reading, api.clock.now()) else {
        return next.run(request).await;
    };
    let mut response = unkept(answer(fault.status, JSON, "{}"));
    cross_origin(response.headers_mut());
    wait(response.headers_mut(), &fault);
    response
}

async fn protocol(State(api): State<Arc<Api>>, request: Request) -> Response {
    let mut response = told(&api, request, Listener::Public).await;
    cross_origin(response.headers_mut());
    response
}

async fn admin_protocol(State(api): State<Arc<Api>>, request: Request) -> Response {
    // A browser says where its page is from; SDKs say nothing. No page asks here, not even one whose name was pointed at this machine.
    if request.headers().contains_key(header::ORIGIN) {
        return answer(403, JSON, "{}");
    }
    told(&api, request, Listener::Operator).await
}

/// Carries a request out, counts it, and writes what came of it.
async fn told(api: &Arc<Api>, request: Request, listener: Listener) -> Response {
    let begun = api.clock.now();
    let request_id = api.uuid().unwrap_or_default();
    let target = text(request.headers(), &TARGET).unwrap_or_default();
    let operation = Operation::named(target, listener);
    let (status, body, fault) = match carried_out(api, operation, request, listener).await {
        Ok(body) => (200, body, None),
        Err(fault) => {
            let body = json!({"__type": fault.code, "message": fault.message});
            (fault.status, written(&body), Some(fault))
        }
    };
    let outcome = fault.as_ref().map_or("ok", |fault| fault.code);
    api.metrics.note(operation, outcome, api.clock.now() - begun);
    let mut response = unkept(answer(status, JSON_1_1, body));
    let headers = response.headers_mut();
    set(headers, REQUEST_ID, &request_id);
    if let Some(fault) = fault {
        set(headers, ERROR_TYPE, &format!("{}:", fault.code));
        // A trigger's own words may be long, and clients take so many headers and no more.
        let words: String = fault.message.chars().take(MOST_WORDS).collect();
        set(headers, ERROR_MESSAGE, &words);
        wait(headers, &fault);
    }
    response
}

/// What was begun is done to its end, also if whoever asked hangs up: half of it may be a code that is used up, and nobody signed in.
async fn carried_out(
    api: &Arc<Api>,
    operation: Option<Operation>,
    request: Request,
    listener: Listener,
) -> Result<Vec<u8>, Fault> {
    // An operator's machine asks for many.
    let address = whose(api, &request).filter(|_| listener == Listener::Public);
    let caller = match listener {
        Listener::Operator => Caller::Operator,
        Listener::Public => Caller::Public(address),
    };
    api.door.knock(address, Want::Call, api.clock.now())?;
    let under_way = request.extensions().get::<UnderWay>().cloned();
    let body = read(api, request.into_body()).await?;
    let place = api.door.enter()?;
    let operation = operation.ok_or_else(Fault::unknown_operation)?;
    let api = Arc::clone(api);
    let call = ToItsEnd::new(async move {
        let _held = (place, under_way);
        let done = tokio::time::timeout(LONGEST, operation.carry_out(&api, caller, &body)).await;
        done.unwrap_or_else(|_| Err(Fault::internal())).map(|answer| written(&answer))
    });
    // None that panicked is told more.
    call.await.unwrap_or_else(|| Err(Fault::internal()))
}

/// An answer as it travels. Tokens and sessions make it a few kilobytes: there is room for them at once.
fn written(answer: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4096);
    // Nothing that is text or a number cannot be written.
    let _ = serde_json::to_writer(&mut bytes, answer);
    bytes
}

/// Asked anew each time, and slowly answered is not answered: who asks decides on it where people are sent.
async fn healthz(State(api): State<Arc<Api>>) -> Response {
    let failing =
        |reason: &str| answer(503, JSON, json!({"status": "failing", "reason": reason}).to_string());
    unkept(match tokio::time::timeout(PATIENCE, api.ask_stores()).await {
        Ok(Ok(())) => answer(200, JSON, r#"{"status":"ok"}"#),
        Ok(Err(error)) => failing(&error.to_string()),
        Err(_) => failing("a store does not answer"),
    })
}

async fn metrics(State(api): State<Arc<Api>>) -> Response {
    unkept(answer(200, "text/plain; version=0.0.4; charset=utf-8", api.metrics.text(api.door.inside())))
}

/// The whole body, if it is not too large and does not take too long.
async fn read(api: &Api, body: Body) -> Result<Bytes, Fault> {
    let limits = &api.door.limits;
    let bytes = tokio::time::timeout(limits.body_timeout, axum::body::to_bytes(body, limits.body));
    match bytes.await {
        Err(_) => Err(Fault::too_slow()),
        Ok(Ok(bytes)) => Ok(bytes),
        // The error's type is another crate's; a test sees that these are its words.
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(Fault::too_large()),
        Ok(Err(_)) => Err(Fault::serialization()),
    }
}

/// Browsers ask before they post (Fetch, "CORS-preflight request").
async fn preflight(headers: HeaderMap) -> Response {
    const ALLOWED: &str = "amz-sdk-invocation-id,amz-sdk-request,authorization,cache-control,content-type,\
                           x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target,x-amz-user-agent";
    let mut response = answer(200, JSON, String::new());
    let answered = response.headers_mut();
    cross_origin(answered);
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    answered.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(HeaderValue::from_static(ALLOWED)));
    answered.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    answered.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("172800"));
    response
}

async fn config(State(api): State<Arc<Api>>) -> Response {
    unkept(answer(200, JSON, api.page.config.clone()))
}

async fn outbox(State(api): State<Arc<Api>>, request: Request) -> Response {
    let host = text(request.headers(), &header::HOST);
    // A proxy on this machine asks for somebody else. One that says so in none of these ways cannot be told from a browser here.
    let by_proxy = [FORWARDED, header::FORWARDED, header::VIA, HeaderName::from_static("x-real-ip")];
    let forwarded = by_proxy.iter().any(|name| request.headers().contains_key(name));
    let from = peer(&request).filter(|_| !forwarded);
    unkept(match api.page.outbox(from, host) {
        Some(Ok(texts)) => answer(200, JSON, texts),
        Some(Err(_)) => answer(500, JSON, String::from("{}")),
        None => answer(404, JSON, String::from("{}")),
    })
}

async fn jwks(State(api): State<Arc<Api>>) -> Response {
    let keys = api.clients.values().next().map(|client| client.issuer.keys().jwks());
    shared(answer(200, JSON, keys.unwrap_or_default()))
}

async fn openid_configuration(State(api): State<Arc<Api>>) -> Response {
    let issuer = api.clients.values().next().map_or("", |client| client.issuer.issuer());
    let document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "phone"],
        "subject_types_supported": ["public"],
    });
    shared(answer(200, JSON, document.to_string()))
}

fn page(kind: &'static str, text: &'static str) -> Response {
    let mut response = answer(200, kind, text);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    unkept(response)
}

fn answer(status: u16, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn unkept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Public documents: kept for a while, and read from any page.
fn shared(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    cross_origin(response.headers_mut());
    response
}

/// Any page may call, as on the service: a call carries no cookie, so there is nothing to borrow.
fn cross_origin(headers: &mut HeaderMap) {
    const EXPOSED: &str = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,Retry-After";
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// When to ask again, where that is known.
fn wait(headers: &mut HeaderMap, fault: &Fault) {
    if let Some(seconds) = fault.retry_after {
        set(headers, header::RETRY_AFTER, &seconds.to_string());
    }
}

/// Sets a header to what of `value` a header can hold: a trigger's own words may be in any script.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let plain: String =
        value.chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).collect();
    if let Ok(value) = HeaderValue::from_str(&plain) {
        headers.insert(name, value);
    }
}

/// All lines of a header as one: a proxy may add a line of its own behind the client's. `None` if there is none, or one is no text.
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    all.filter(|all| !all.is_empty()).map(|all| all.join(","))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whose budget a request is paid from.
fn whose(api: &Api, request: &Request) -> Option<IpAddr> {
    let forwarded = lines(request.headers(), &FORWARDED);
    api.door.address(peer(request), forwarded.as_deref())
}

/// Who is at the other end, if whoever serves the router says so.
fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

/// For requests that no route takes.
async fn nothing(method: Method) -> Response {
    let status = if method == Method::GET || method == Method::HEAD { 404 } else { 405 };
    answer(status, JSON, "{}")
}
