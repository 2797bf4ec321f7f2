//! What a host may choose, checked when it is built and never repaired silently.
//!
//! Knows types; knows no store, no clock and no technology.

#[macro_use]
mod choices;

mod accounts;
mod builder;
mod destinations;
mod error;
mod given;
mod message;
mod object;
mod plan;
mod presets;
mod seconds;
mod sign_up;
mod validate;

pub use accounts::{AccountPolicy, AccountPolicyBuilder, RecoveryStrategy};
pub use builder::{Policy, PolicyBuilder};
pub use destinations::{Destination, Destinations, Rule};
pub use error::PolicyError;
pub use message::MessageTemplate;
pub use plan::{Opening, Plan};
pub use sign_up::{SignUpPolicy, SignUpPolicyBuilder};
