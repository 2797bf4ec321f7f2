//! Phone login on the custom-auth challenge state machine.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapters;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod error;
#[cfg(feature = "lambda")]
pub mod hosts;
mod limits;
pub mod machine;
mod policy;
pub mod pool;
mod ports;
#[cfg(feature = "testing")]
pub mod testing;
mod types;
pub mod wire;

#[cfg(feature = "outbox")]
pub use adapters::Outbox;
pub use adapters::{MemoryLedger, MemoryUsers};
pub use engine::{BuildError, CustomAuth, CustomAuthBuilder, Missing, Requester};
pub use error::Error;
pub use limits::{Odds, Quota, QuotaError, QuotaName, Quotas, Shape, Window, WorstBill};
pub use policy::{
    Destination, Destinations, MessageTemplate, Opening, Plan, Policy, PolicyBuilder, PolicyError, Rule,
};
pub use pool::UserPool;
pub use ports::{
    ActId, Admission, AuditEvent, AuditSink, BoxError, Charge, Clock, CreateUser, DeleteUnconfirmed, Discard,
    Entropy, EntropyError, Key, Ledger, MAX_CHARGES, NewUser, Occurrence, OnlyIf, OsEntropy, Presentation,
    Put, Refusal, SendError, SendReceipt, SmsMessage, SmsSender, Standing, Step, StepContext, StepError,
    StoreError, Subject, SubjectKind, Subscriber, SystemClock, UserStatus, UserStore,
};
pub use types::{
    Action, AnswerShapeError, Binding, Challenge, ChallengeAnswer, ChallengeMetadata, ChallengeName,
    ChallengeResult, Claimant, ClientId, CodeKeys, CodeKeysError, CodeLength, CodeLengthError,
    CodeParameters, Encoding, FlowTag, KeyId, LiveChallenge, LiveRecord, LiveState, Mark, MaskedNumber,
    Nonce, OneTimeCode, Parameters, ParsePhoneNumberError, PhoneNumber, PrivateChallengeParameters,
    Pseudonym, Pseudonyms, PublicChallengeParameters, Purpose, Session, SmsBody, Status, StepName,
    StepNameError, Timestamp, UserName, UserPoolId,
};
