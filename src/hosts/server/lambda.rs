//! Triggers that somebody else wrote: Lambda functions behind an invoke URL.

use core::{fmt, future::poll_fn, pin::Pin, time::Duration};
use std::{borrow::Cow, str::FromStr};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, Uri, uri},
};
use hyper::body::{Body as _, Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde::{Deserialize, de::IgnoredAny};
use tokio::{net::TcpStream, time::timeout};

use crate::pool::{Trigger, TriggerError, Triggers};

/// Where every invoke URL of the Lambda API leads through.
const FUNCTIONS: &str = "/2015-03-31/functions/";
/// What is behind a URL that names no function: the only name that the Runtime Interface Emulator knows.
const ONLY: &str = "function/invocations";
/// The largest answer of a function, in bytes (Lambda quotas: 6 MB, and what Lambda's own error says).
const MOST: usize = 6_291_556;
/// How long a connection is kept for the next event. Below the 5 s after which Node closes one: an event that is written to a
/// connection just as it closes is lost, and must not be sent again by us, since the function may have got it.
const IDLE: Duration = Duration::from_secs(4);

/// Hands each event to a Lambda function behind an invoke URL, so that a pool is driven by define, create and verify functions in any
/// language: under a local Lambda emulator, the Runtime Interface Emulator, or `examples/triggers/invoke.mjs`.
///
/// An event is sent as `POST {url}/2015-03-31/functions/function/invocations`. A URL that has `/2015-03-31/functions/` in it is used as
/// it is, so it can name another function. Plain HTTP only, without credentials: it is for functions on this machine or behind a
/// proxy of one's own.
///
/// What comes back is read as Cognito reads it:
///
/// | the answer | is |
/// |---|---|
/// | 200 | the event, which the pool reads |
/// | 200 with `X-Amz-Function-Error` | [`TriggerError::Failed`] with the body's `errorMessage`; where there is none, its `errorType`, or `Unhandled` |
/// | 200 with `errorMessage` and `errorType` in its body, and no `response` | the same: the Runtime Interface Emulator sets no header |
/// | 200 with a body of more than 6,291,556 bytes | [`TriggerError::Failed`] in Lambda's words: there the function fails too |
/// | any other status, such as 403, 404, 429 and 5xx | [`TriggerError::NotInvokable`] |
/// | no connection, or one that breaks | [`TriggerError::NotInvokable`] |
/// | late | the pool's affair: it invokes again |
///
/// An event that was sent is never sent again from here. Cognito may try again where a function is throttled (429) or Lambda fails
/// (5xx), but does not say how often; here it is told at once.
///
/// It needs a tokio runtime.
///
/// ```
/// use custom_auth::{hosts::server::{LambdaTriggers, LambdaUrlError}, pool::Trigger};
///
/// let triggers = LambdaTriggers::new("http://127.0.0.1:9000")?
///     .trigger(Trigger::CreateAuthChallenge, "http://127.0.0.1:9001/2015-03-31/functions/create/invocations")?;
/// # Ok::<(), LambdaUrlError>(())
/// ```
#[derive(Clone)]
pub struct LambdaTriggers {
    client: Client<HttpConnector, Body>,
    url: Uri,
    own: Vec<(Trigger, Uri)>,
}

/// A URL that no function can be invoked at. Found when the program starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LambdaUrlError {
    /// It carries a user name or a password. Calls are not signed, so neither would be used.
    #[error("an invoke URL carries no user name and no password")]
    Credentials,
    /// It is `https`.
    #[error("an invoke URL is plain http; put a local proxy in front of one that is https")]
    Https,
    /// It is no URL with `http://` and a host.
    #[error("an invoke URL is http://host:port, or goes on with /2015-03-31/functions/NAME/invocations")]
    Invalid,
    /// It has a query, and names no function that the query would be for.
    #[error("an invoke URL has a query only if it names its function")]
    Query,
}

impl LambdaTriggers {
    /// Hands every event to the function at `url`.
    ///
    /// # Errors
    /// [`LambdaUrlError`] if nothing can be invoked there. Whether something answers is not asked.
    pub fn new(url: &str) -> Result<Self, LambdaUrlError> {
        let mut connector = HttpConnector::new();
        // Small events, each at once.
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self { client, url: invoke_url(url)?, own: Vec::new() })
    }

    /// Whether something listens at each URL just now: to be told when a server starts, since who calls it hears no more than that a function
    /// cannot be invoked. It need not be there yet.
    pub async fn is_listened_to(&self) -> bool {
        for url in self.own.iter().map(|(_, url)| url).chain([&self.url]) {
            let place =
                (url.host().unwrap_or_default().trim_matches(['[', ']']), url.port_u16().unwrap_or(80));
            if !matches!(timeout(IDLE, TcpStream::connect(place)).await, Ok(Ok(_))) {
                return false;
            }
        }
        true
    }

    /// Hands the events of one trigger to the function at `url` instead.
    ///
    /// # Errors
    /// [`LambdaUrlError`], as for [`new`](Self::new).
    pub fn trigger(mut self, trigger: Trigger, url: &str) -> Result<Self, LambdaUrlError> {
        let url = invoke_url(url)?;
        self.own.retain(|(other, _)| *other != trigger);
        self.own.push((trigger, url));
        Ok(self)
    }

    fn url(&self, event: &[u8]) -> &Uri {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Event<'a> {
            #[serde(borrow)]
            trigger_source: Cow<'a, str>,
        }
        let event: Option<Event<'_>> = serde_json::from_slice(event).ok();
        // `CreateAuthChallenge_Authentication`: what stands behind `_` is the occasion, of which some triggers have several.
        let source = event.as_ref().and_then(|event| event.trigger_source.split('_').next());
        let own = self.own.iter().find(|(trigger, _)| source == trigger.source().split('_').next());
        own.map_or(&self.url, |(_, url)| url)
    }
}

#[async_trait]
impl Triggers for LambdaTriggers {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url(event).clone())
            .header("content-type", "application/json")
            .body(Body::from(event.to_vec()))
            .map_err(|_| TriggerError::NotInvokable)?;
        let answer = self.client.request(request).await.map_err(|_| TriggerError::NotInvokable)?;
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(TriggerError::NotInvokable);
        }
        let body = read(body).await?;
        match failure(&head.headers, &body) {
            Some(message) => Err(TriggerError::Failed(message)),
            None => Ok(body),
        }
    }
}

impl fmt::Debug for LambdaTriggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client is left out: what it holds are connections, and events go through them.
        f.debug_struct("LambdaTriggers")
            .field("url", &self.url)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}

fn invoke_url(url: &str) -> Result<Uri, LambdaUrlError> {
    let given = Uri::from_str(url.trim()).map_err(|_| LambdaUrlError::Invalid)?;
    match given.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(LambdaUrlError::Https),
        _ => return Err(LambdaUrlError::Invalid),
    }
    let authority = given.authority().ok_or(LambdaUrlError::Invalid)?;
    if authority.as_str().contains('@') {
        return Err(LambdaUrlError::Credentials);
    }
    // `http://host:junk` has a port that is passed over in silence.
    let is_whole = authority.port().is_some() || authority.as_str() == authority.host();
    if authority.host().is_empty() || !is_whole {
        return Err(LambdaUrlError::Invalid);
    }
    if given.path().contains(FUNCTIONS) {
        return Ok(given);
    }
    if given.query().is_some() {
        return Err(LambdaUrlError::Query);
    }
    let path = format!("{}{FUNCTIONS}{ONLY}", given.path().trim_end_matches('/'));
    uri::Builder::from(given).path_and_query(path).build().map_err(|_| LambdaUrlError::Invalid)
}

/// The body, but no more than Lambda would let through.
async fn read(mut body: Incoming) -> Result<Vec<u8>, TriggerError> {
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| TriggerError::NotInvokable)?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len().saturating_add(data.len()) > MOST {
            let words = format!("Response payload size exceeded maximum allowed payload size ({MOST} bytes)");
            return Err(TriggerError::Failed(words));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

/// What the function failed with, if it did.
fn failure(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure {
        error_message: Option<String>,
        error_type: Option<String>,
        response: Option<IgnoredAny>,
    }
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    if headers.contains_key("x-amz-function-error") {
        let words = failure.error_message.or(failure.error_type);
        return Some(words.unwrap_or_else(|| "Unhandled".to_owned()));
    }
    // The Runtime Interface Emulator does not set the header.
    let is_error = failure.error_type.is_some() && failure.response.is_none();
    failure.error_message.filter(|_| is_error)
}

const _: () = {
    const fn check<T: Send + Sync>() {}
    check::<LambdaTriggers>();
};
