//! Putting a server together.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use axum::Router;

use super::{
    AppClient, DoorLimits, RuntimeClock, api::Api, door::Door, http, metrics::Metrics, page::Page,
    signers::Signers,
};
use crate::ports::{Clock, Entropy, OsEntropy};

/// A user pool behind Cognito's protocol: made of app clients, gives a router.
///
/// ```
/// # use custom_auth::{UserPool, hosts::server::{AppClient, BuildServerError, Server}, tokens::{TokenIssuer, TokenKeys}};
/// # fn router(pool: UserPool, keys: TokenKeys) -> Result<axum::Router, BuildServerError> {
/// let issuer = TokenIssuer::new("https://auth.example.com/local_CustomAuth", pool.client_id(), keys);
/// let router = Server::new().client(AppClient::new(pool, issuer)).router()?;
/// # Ok(router) }
/// ```
#[must_use]
#[derive(Debug)]
pub struct Server {
    clients: Vec<AppClient>,
    limits: DoorLimits,
    outbox: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What a server is served by.
#[derive(Debug)]
#[non_exhaustive]
pub struct Routers {
    /// For everybody: `POST /` is the protocol, the rest is read.
    pub public: Router,
    /// For the operator, on a listener that nobody else reaches: `Admin…` calls at `POST /`, unsigned; `/healthz`; `/metrics`.
    pub operator: Router,
}

/// A server that cannot be built. Found when the program starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildServerError {
    /// Two clients have one id.
    #[error("two app clients have the same id")]
    DuplicateClient,
    /// There is no client.
    #[error("a server needs an app client")]
    NoClient,
    /// The clients belong to different pools, or their tokens to different issuers or keys.
    #[error("app clients of one server share their user pool, its issuer and its token keys")]
    OtherPool,
}

impl Server {
    /// Nobody's yet.
    pub fn new() -> Self {
        Self {
            clients: Vec::new(),
            limits: DoorLimits::default(),
            outbox: None,
            clock: Arc::new(RuntimeClock::new()),
            entropy: Arc::new(OsEntropy::new()),
        }
    }

    /// Adds an app client. The first is the one that the page signs in to, so it has no secret.
    pub fn client(mut self, client: AppClient) -> Self {
        self.clients.push(client);
        self
    }

    /// The limits at the door.
    pub fn limits(mut self, limits: DoorLimits) -> Self {
        self.limits = limits;
        self
    }

    /// **Development only**: shows the texts in this file on the page, to this machine alone. The file is an
    /// [`Outbox`](crate::Outbox)'s.
    pub fn danger_show_outbox(mut self, path: impl Into<PathBuf>) -> Self {
        self.outbox = Some(path.into());
        self
    }

    /// What tells the time: the pools' own clock. Default: the operating system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where token ids come from. Default: the operating system.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// The router for everybody, where no operator's is wanted.
    ///
    /// # Errors
    /// [`BuildServerError`].
    pub fn router(self) -> Result<Router, BuildServerError> {
        Ok(self.routers()?.public)
    }

    /// The routers, for everybody and for the operator.
    ///
    /// # Errors
    /// [`BuildServerError`].
    pub fn routers(self) -> Result<Routers, BuildServerError> {
        let first = self.clients.first().ok_or(BuildServerError::NoClient)?;
        let pool_id = first.pool.pool_id().to_owned();
        let (issuer, jwks) = (first.issuer.issuer().to_owned(), first.issuer.keys().jwks());
        let page = Page::new(&pool_id, first.id(), self.outbox);
        let mut clients = BTreeMap::new();
        for client in self.clients {
            let is_same = client.pool.pool_id() == pool_id
                && client.issuer.issuer() == issuer
                && client.issuer.keys().jwks() == jwks;
            if !is_same {
                return Err(BuildServerError::OtherPool);
            }
            if clients.insert(client.id().to_owned(), client).is_some() {
                return Err(BuildServerError::DuplicateClient);
            }
        }
        let (clock, entropy, door) = (self.clock, self.entropy, Door::new(self.limits));
        let (metrics, signers) = (Metrics::default(), Signers::new());
        let passwords = Arc::new(Signers::of_passwords());
        clients.values().for_each(|client: &AppClient| client.pool.compute_on(passwords.clone()));
        let api = Arc::new(Api { clients, clock, entropy, door, metrics, page, signers });
        Ok(Routers { public: http::router(Arc::clone(&api), &pool_id), operator: http::operator(api) })
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}
