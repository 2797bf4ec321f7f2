//! What a host supplies: traits for everything that touches the world.
//!
//! Each trait is a contract with a security sentence in it, dyn-compatible, forwarded for `Arc`, `Box` and `&`,
//! and has no permissive default body. Knows types and limits; knows no technology beyond the operating system's
//! clock and randomness, which are the two defaults.

mod account;
mod audit;
mod clock;
mod codes;
pub(crate) mod counts;
mod entropy;
mod error;
mod kept;
mod ledger;
mod numbers;
mod sms;
mod step;
mod users;

pub use account::{CreateUser, DeleteUser, NewUser, NumberRule, Subscriber, Unproven, UserPage, UserStatus};
pub use audit::{AuditEvent, AuditSink, Discard, Occurrence};
pub use clock::{Clock, SystemClock};
pub use codes::{CodeCheck, Codes, Recipient};
pub use entropy::{Entropy, EntropyError, OsEntropy};
pub use error::{BoxError, StoreError};
pub(crate) use kept::KeptPassword;
pub use ledger::{
    ActId, Admission, Charge, Foresight, Key, Ledger, MAX_CHARGES, OnlyIf, Put, Refusal, Standing, Subject,
    SubjectKind,
};
pub use numbers::{AnyNumber, NumberFit, NumberRules};
pub use sms::{SendError, SendReceipt, SmsMessage, SmsSender};
pub use step::{Presentation, Step, StepContext, StepError};
pub use users::UserStore;
