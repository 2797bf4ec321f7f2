//! What is not done, and why.

use crate::ports::{EntropyError, StoreError, UserStatus};

/// A call about an account that was not carried out.
///
/// It says what the host must know. Most of it says who has an account: **pass it on only where that is no secret**.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The account changed under our hands, again and again; nothing is known to be wrong. Ask again.
    #[error("the account was changed at the same moment")]
    Changed,
    /// The code was not right.
    #[error("the code is not right")]
    CodeMismatch,
    /// There is no code to be answered any more; ask for another.
    #[error("the code is not valid any more")]
    ExpiredCode,
    /// The number is taken (Cognito: `UsernameExistsException`).
    #[error("the number has an account")]
    Exists,
    /// The number was proven for another account, and was to stay there (Cognito: `AliasExistsException`).
    #[error("the number was proven for another account")]
    NumberTaken,
    /// The number could not be texted: its kind or its destination is not served.
    #[error("the number is not served")]
    NumberNotSupported,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account's status does not let it. (Cognito: `NotAuthorizedException`, and the status.)
    #[error("the account's status does not allow it")]
    Status(UserStatus),
    /// Randomness failed; nothing was done.
    #[error("no randomness was to be had")]
    Entropy(#[from] EntropyError),
    /// A store failed. What was asked may have been done in part; doing it again is safe.
    #[error("a store failed")]
    Store(#[from] StoreError),
    /// Asked too often; nothing was done.
    #[error("asked too often")]
    Throttled,
}
