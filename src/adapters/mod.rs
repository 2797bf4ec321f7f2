//! One technology each, each behind a feature named after it; the memory ones are always there. Adapters know types and
//! ports, never each other.

#[cfg(feature = "cognito")]
mod cognito;
#[cfg(feature = "dynamodb")]
mod dynamodb_ledger;
#[cfg(feature = "end-user-messaging")]
mod end_user_messaging;
mod failover;
mod memory_ledger;
mod memory_users;
#[cfg(feature = "outbox")]
mod outbox;
#[cfg(feature = "phonenumber")]
mod phonenumber;
#[cfg(feature = "redb")]
mod redb_store;
#[cfg(feature = "sns")]
mod sns;

#[cfg(feature = "cognito")]
pub use cognito::{CognitoAttributes, CognitoCodes, CognitoUsers};
#[cfg(feature = "dynamodb")]
pub use dynamodb_ledger::{DynamoDbLedger, DynamoDbTable};
#[cfg(feature = "end-user-messaging")]
pub use end_user_messaging::EndUserMessagingSender;
pub use failover::{Failover, FailoverError};
pub use memory_ledger::MemoryLedger;
pub use memory_users::MemoryUsers;
#[cfg(feature = "outbox")]
pub use outbox::Outbox;
#[cfg(feature = "phonenumber")]
pub use phonenumber::{NumberCheck, NumberError, NumberType, PhoneNumberReader, RegionError};
#[cfg(feature = "redb")]
pub use redb_store::{RedbLedger, RedbStore, RedbStoreError, RedbUsers};
#[cfg(feature = "sns")]
pub use sns::SnsSender;
