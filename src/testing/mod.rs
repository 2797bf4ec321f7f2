//! Doubles for a host's own tests: a clock that is moved by hand, two executors in virtual time, seeded randomness,
//! a sender and a sink that remember, and ports that fail on demand.
//!
//! With [`run`] a test that waits an hour takes no time; with [`Interleaving`] one seed is one order of events, and
//! every `.await` on a [`Faulty`] port is a place where another task may step in or the process may die. Nothing here
//! needs an async runtime.
//!
//! ```
//! use custom_auth::testing::{ManualClock, run};
//! use custom_auth::{Clock as _, Timestamp};
//! use time::Duration;
//!
//! let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
//! let tomorrow = clock.now() + Duration::days(1);
//! run(&clock, clock.sleep_until(tomorrow));
//! assert_eq!(clock.now(), tomorrow);
//! ```
//!
//! These types keep codes and numbers for a test to read, and panic where a test went wrong. They have no place in a
//! running service. Knows types and ports.
#![allow(clippy::panic)] // a test that went wrong ends with a sentence

mod audit;
#[cfg(any(test, feature = "conformance"))]
mod block_on;
mod clock;
mod entropy;
mod executor;
mod fault;
mod faulty;
mod interleave;
mod prng;
mod sms;
#[cfg(feature = "passwords")]
mod srp;
mod turn;

pub use audit::RecordingAudit;
#[cfg(any(test, feature = "conformance"))]
pub(crate) use block_on::block_on;
pub use clock::ManualClock;
pub use entropy::SeededEntropy;
pub use executor::run;
pub use fault::Fault;
pub use faulty::Faulty;
pub use interleave::{Interleaving, interleave};
pub use prng::SplitMix64;
pub use sms::{RecordingSms, Sent};
#[cfg(feature = "passwords")]
pub use srp::SrpClient;
pub use turn::yield_now;
