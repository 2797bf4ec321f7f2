//! Phone login by SMS code on the custom-auth challenge state machine of Amazon Cognito: pure decisions, pluggable
//! senders and stores, limits that hold under attack.
//!
//! A sign-in is a loop with three questions. *Define*: what comes next? *Create*: make the challenge, send the code.
//! *Verify*: is this answer right? In Cognito's `CUSTOM_AUTH` flow the service runs the loop and asks Lambda triggers;
//! this crate answers them, and can run the loop itself.
//!
//! # Three ways in
//!
//! **Cognito runs the loop.** [`CustomAuth`] takes a trigger event and gives it back with its `response` filled in;
//! every other byte stays as it came. With feature `lambda`, `examples/lambda.rs` is the whole function.
//!
//! ```
//! use custom_auth::{CodeKeys, CustomAuth, Destinations, Ledger, Policy, SmsSender};
//! # use custom_auth::{MemoryLedger, testing::{RecordingSms, run, ManualClock}};
//!
//! # fn make(sms: impl SmsSender, ledger: impl Ledger) -> Result<CustomAuth, Box<dyn std::error::Error>> {
//! let auth = CustomAuth::builder()
//!     .keys("k1:MzIgcmFuZG9tIGJ5dGVzIG9mIHlvdXIgb3duLCBlYXJuZXN0".parse::<CodeKeys>()?)
//!     .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build()?)
//!     .sms(sms)         // yours
//!     .ledger(ledger)   // shared by every process
//!     .build()?;
//! # Ok(auth) }
//! # let auth = make(RecordingSms::new(), MemoryLedger::new()).unwrap();
//! # run(&ManualClock::new(custom_auth::Timestamp::UNIX_EPOCH), async {
//! let event = br#"{"triggerSource":"DefineAuthChallenge_Authentication","userPoolId":"p_1","userName":"ana",
//!     "callerContext":{"clientId":"c"},"request":{"session":[]},"response":{}}"#;
//! let answer = auth.handle(event).await?;
//! assert!(String::from_utf8_lossy(&answer).contains(r#""challengeName":"CUSTOM_CHALLENGE""#));
//! # Ok::<(), custom_auth::Error>(())
//! # }).unwrap();
//! ```
//!
//! **You run the loop**, in a server or a test. [`UserPool`] keeps what Cognito keeps, and nothing else:
//!
//! ```
//! use custom_auth::pool::{Outcome, PoolError, SignedIn, UserPool};
//!
//! # async fn login(pool: &UserPool, ask: impl Fn() -> String) -> Result<SignedIn, PoolError> {
//! let mut outcome = Outcome::Challenge(pool.sign_in("+919999900001").await?);
//! loop {
//!     outcome = match outcome {
//!         Outcome::Challenge(challenge) => pool.answer(challenge.token(), &ask()).await?,
//!         Outcome::SignedIn(person) => return Ok(person),
//! #       _ => return Err(PoolError::NotAuthorized),
//!     };
//! }
//! # }
//! ```
//!
//! **You hold the pieces.** [`machine`] is the same decisions as plain functions, without clock, store or `async`:
//!
//! ```
//! use custom_auth::{Action, Claimant, Plan, Session, StepName, machine};
//!
//! let next = machine::define(&Plan::default(), &Session::new(), Claimant::Known, Action::Answer, 9);
//! assert_eq!(next, machine::Decision::Present(StepName::sms_code()));
//! ```
//!
//! # Where to find what
//!
//! | | |
//! |---|---|
//! | what a host chooses, with ranges and defaults | [`Policy`], [`PolicyBuilder`], [`CodeKeys`] |
//! | what a host supplies | [`SmsSender`], [`Ledger`], [`UserStore`], [`Step`], [`AuditSink`], [`Clock`], [`Entropy`] |
//! | what comes with the crate | [`MemoryLedger`], [`MemoryUsers`], [`OsEntropy`], [`SystemClock`]; by feature `Outbox`, `RedbStore`, `hosts::lambda` and `hosts::server` |
//! | a server that clients of Cognito sign in to, and a page | `hosts::server`, with feature `server`; `guide::server` |
//! | limits and live challenges that many processes share | `DynamoDbLedger`, with feature `dynamodb` |
//! | texts by AWS | `SnsSender`, `EndUserMessagingSender`, with features `sns` and `end-user-messaging` |
//! | several senders, one after the other | [`Failover`] |
//! | accounts in a Cognito user pool | `CognitoUsers`, with feature `cognito` |
//! | numbers as people type them | `PhoneNumberReader`, with feature `phonenumber` |
//! | tokens for people who are signed in | `tokens`, with feature `tokens`; [`UserPool::stay_signed_in`] |
//! | what a client is told | [`PublicChallengeParameters`] |
//! | an attacker's odds, and the worst bill | [`Odds`], [`WorstBill`] |
//! | what happened, for operators | [`AuditEvent`], [`Occurrence`] |
//! | the decision tables | [`machine`] |
//! | how Cognito's events are read | [`wire`] |
//! | what the words mean | [`guide::glossary`] |
//! | why it is as it is | [`guide::design`] |
//! | what is defended, where, and which test shows it | [`guide::threat_model`] |
//! | people without an account, sign-up, recovery | [`Accounts`], [`guide::sign_up`] |
//! | wiring a user pool and its clients | [`guide::cognito`] |
//! | an adapter of your own | [`guide::writing_an_adapter`] |
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod accounts;
mod adapters;
#[cfg(any(feature = "cognito", feature = "dynamodb", feature = "end-user-messaging", feature = "sns"))]
mod aws;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod error;
pub mod guide;
#[cfg(any(feature = "lambda", feature = "server"))]
pub mod hosts;
mod limits;
pub mod machine;
mod policy;
pub mod pool;
mod ports;
#[cfg(feature = "passwords")]
mod srp;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokens")]
pub mod tokens;
mod types;
pub mod wire;

pub use accounts::Accounts;
#[cfg(feature = "end-user-messaging")]
pub use adapters::EndUserMessagingSender;
#[cfg(feature = "outbox")]
pub use adapters::Outbox;
#[cfg(feature = "sns")]
pub use adapters::SnsSender;
#[cfg(feature = "cognito")]
pub use adapters::{CognitoAttributes, CognitoCodes, CognitoUsers};
#[cfg(feature = "dynamodb")]
pub use adapters::{DynamoDbLedger, DynamoDbTable};
pub use adapters::{Failover, FailoverError, MemoryLedger, MemoryUsers};
#[cfg(feature = "phonenumber")]
pub use adapters::{NumberCheck, NumberError, NumberType, PhoneNumberReader, RegionError};
#[cfg(feature = "redb")]
pub use adapters::{RedbLedger, RedbStore, RedbStoreError, RedbUsers};
pub use engine::{AuthCodes, BuildError, CustomAuth, CustomAuthBuilder, Missing, Requester};
pub use error::{Error, TriggerRefusal};
pub use limits::{Odds, Quota, QuotaError, QuotaName, Quotas, Shape, Window, WorstBill};
pub use policy::{
    AccountPolicy, AccountPolicyBuilder, Destination, Destinations, MessageTemplate, Opening, Plan, Policy,
    PolicyBuilder, PolicyError, RecoveryStrategy, Rule, SignUpPolicy, SignUpPolicyBuilder,
};
pub use pool::UserPool;
pub use ports::{
    ActId, Admission, AnyNumber, AuditEvent, AuditSink, BoxError, Charge, Clock, CodeCheck, Codes,
    CreateUser, DeleteUser, Discard, Entropy, EntropyError, Foresight, Key, Ledger, MAX_CHARGES, NewUser,
    NumberFit, NumberRule, NumberRules, Occurrence, OnlyIf, OsEntropy, Presentation, Put, Recipient, Refusal,
    SendError, SendReceipt, SmsMessage, SmsSender, Standing, Step, StepContext, StepError, StoreError,
    Subject, SubjectKind, Subscriber, SystemClock, Unproven, UserPage, UserStatus, UserStore,
};
pub use types::{
    Action, AnswerShapeError, Binding, Challenge, ChallengeAnswer, ChallengeMetadata, ChallengeName,
    ChallengeResult, Claimant, ClientId, CodeKeys, CodeKeysError, CodeLength, CodeLengthError,
    CodeParameters, Encoding, FlowTag, IndianTemplate, KeyId, LiveChallenge, LiveRecord, LiveState, Mark,
    MaskedNumber, Nonce, OneTimeCode, Parameters, ParsePhoneNumberError, Password, PasswordVerifier,
    PhoneNumber, PrivateChallengeParameters, Pseudonym, Pseudonyms, PublicChallengeParameters, Purpose,
    Session, SmsBody, Status, StepName, StepNameError, Timestamp, UserName, UserPoolId,
};
