//! The server host: Cognito's JSON protocol over the crate's own pool, so that clients made for Cognito sign people in with no
//! change but the endpoint; and a page to sign in on.
//!
//! ```text
//! POST / ─► door ─► operation ─► UserPool ─► tokens
//! GET  / ─► page            jwks.json, openid-configuration
//! ```
//!
//! [`Server`] makes a router to be mounted in any axum app; [`serve`] serves it by itself, and `examples/server.rs` is the whole
//! program. What the protocol can say is what Cognito can say; what is different on purpose is in
//! [`crate::guide::server`].

mod account;
mod admin;
mod api;
mod audit;
mod body;
mod builder;
mod caller;
mod client;
mod clock;
mod crowd;
mod door;
mod fault;
mod files;
mod help;
mod http;
mod lambda;
mod limits;
mod metrics;
mod operation;
mod page;
mod password;
mod patience;
mod sender;
mod serve;
mod settings;
mod sign_in;
mod sign_up;
mod signers;
mod to_its_end;

pub use builder::{BuildServerError, Routers, Server};
pub use client::AppClient;
pub use clock::RuntimeClock;
pub use lambda::{LambdaTriggers, LambdaUrlError};
pub use limits::DoorLimits;
pub use sender::SenderSetting;
pub use serve::serve;
pub use settings::{Running, Settings, StoreSetting};
