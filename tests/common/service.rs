//! A client of the SDK over an HTTP of the tests' own: no TLS, no runtime, no sleep.

use core::{fmt, pin::Pin};
use std::sync::Arc;

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};

/// What answers: the operation and its JSON in, status and JSON out; `None` hangs up.
pub(crate) trait Service: fmt::Debug + Send + Sync + 'static {
    fn answer(&self, operation: &str, body: &str) -> Option<(u16, String)>;

    /// How long a question is on its way. At once, if nothing else is said.
    fn on_the_way(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }
}

/// A client of the SDK crate `$sdk` that asks `$service` each thing at most `$attempts` times.
macro_rules! client {
    ($sdk:ident, $service:expr, $attempts:expr) => {{
        use $sdk::config::{
            AsyncSleep, BehaviorVersion, Credentials, IdentityCache, Region, Sleep,
            StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
        };
        #[derive(Debug)]
        struct NoSleep;
        impl AsyncSleep for NoSleep {
            fn sleep(&self, _: core::time::Duration) -> Sleep {
                Sleep::new(async {})
            }
        }
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1:1")
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::standard().with_max_attempts($attempts))
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .sleep_impl(NoSleep)
            .http_client(service::Http::of($service));
        $sdk::Client::from_conf(config.build())
    }};
}
pub(crate) use client;

#[derive(Clone, Debug)]
pub(crate) struct Http(Arc<dyn Service>);

impl Http {
    pub(crate) fn of(service: impl Service) -> Self {
        Self(Arc::new(service))
    }
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("every call names its operation");
        let operation = target.rsplit('.').next().expect("the last part");
        let body = request.body().bytes().expect("a body in memory");
        let (service, operation) = (Arc::clone(&self.0), operation.to_owned());
        let body = std::str::from_utf8(body).expect("JSON").to_owned();
        HttpConnectorFuture::new(async move {
            service.on_the_way().await;
            match service.answer(&operation, &body) {
                Some((status, body)) => {
                    let status = StatusCode::try_from(status).expect("a status");
                    Ok(HttpResponse::new(status, body.into()))
                }
                None => Err(ConnectorError::io("hung up".into())),
            }
        })
    }
}
