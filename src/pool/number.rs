//! Another number for somebody who is signed in.
//!
//! The call that confirms it does not say which number (Cognito: `VerifyUserAttribute`), so it is kept until then: sealed, in one record of
//! the ledger, since the account has its old number until the code was typed.

use time::Duration;
use zeroize::Zeroizing;

use super::{PoolError, UserPool, run::Parts};
use crate::{
    accounts::AccountError,
    ports::{OnlyIf, Put, Subject, SubjectKind, Subscriber},
    types::{PhoneNumber, PublicChallengeParameters},
};

/// How long it is kept: longer than any code is good.
const KEPT: Duration = Duration::DAY;
/// Sealed numbers have one length, whatever the number's.
const LONGEST: usize = 16;

impl UserPool {
    /// Texts a code to the number that an account is to have (Cognito: `UpdateUserAttributes`). The newest number asked for is the one
    /// that [`confirm_number`](Self::confirm_number) gives it. Called for somebody who is signed in to the account.
    ///
    /// # Errors
    /// [`PoolError`]; [`NotAuthorized`](PoolError::NotAuthorized) if no number of the account was ever proven.
    pub async fn change_number(
        &self,
        user_name: &str,
        to: &PhoneNumber,
    ) -> Result<Option<PublicChallengeParameters>, PoolError> {
        let pool = &*self.0;
        let accounts = pool.accounts()?;
        pool.keep_number(user_name, to).await?;
        Ok(accounts.change_number(user_name, to).await?)
    }

    /// Gives the account the number that was asked for, if `code` is what was texted to it (Cognito: `VerifyUserAttribute`).
    ///
    /// # Errors
    /// [`PoolError::CodeMismatch`]; [`ExpiredCode`](PoolError::ExpiredCode), also if no number was asked for;
    /// [`LimitExceeded`](PoolError::LimitExceeded).
    pub async fn confirm_number(&self, user_name: &str, code: &str) -> Result<Subscriber, PoolError> {
        let pool = &*self.0;
        let accounts = pool.accounts()?;
        let held = pool.held_number(user_name).await?;
        let to = held.and_then(|held| pool.open_number(user_name, &held)).ok_or(PoolError::ExpiredCode)?;
        match accounts.confirm_number(user_name, &to, code).await {
            // It has another number by now.
            Err(AccountError::Changed) => Err(PoolError::ExpiredCode),
            done => Ok(done?),
        }
    }
}

impl Parts {
    async fn keep_number(&self, user_name: &str, to: &PhoneNumber) -> Result<(), PoolError> {
        let (_, nonce) = self.draw()?;
        let mut plain = Zeroizing::new(to.e164().as_bytes().to_vec());
        plain.resize(LONGEST, 0);
        let sealed = self.keys.seal(nonce, &self.number_context(user_name), plain);
        let sealed = sealed.ok_or_else(|| PoolError::Internal("the number could not be sealed".into()))?;
        let subject = self.number_subject(user_name)?;
        let mut held = None;
        // Of two at once either may be the newest; more are too many.
        for _ in 0..3 {
            let now = self.clock.now();
            let only_if = held.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
            match self.ledger.put(subject, &sealed, now + KEPT, only_if, now).await? {
                Put::Done => return Ok(()),
                Put::Held(there) => held = there,
            }
        }
        Err(PoolError::LimitExceeded)
    }

    async fn held_number(&self, user_name: &str) -> Result<Option<Vec<u8>>, PoolError> {
        let now = self.clock.now();
        // Nothing is written: no record is empty.
        match self.ledger.put(self.number_subject(user_name)?, b"", now, OnlyIf::Is(b""), now).await? {
            Put::Held(held) => Ok(held),
            Put::Done => Ok(None),
        }
    }

    fn open_number(&self, user_name: &str, sealed: &[u8]) -> Option<PhoneNumber> {
        let plain = self.keys.open(sealed, &self.number_context(user_name))?;
        core::str::from_utf8(&plain).ok()?.trim_end_matches('\0').parse().ok()
    }

    /// Clients have different codes, so they have different numbers on their way.
    fn number_context(&self, user_name: &str) -> Vec<u8> {
        [b"number", self.refresh.as_slice(), user_name.as_bytes()].concat()
    }

    fn number_subject(&self, user_name: &str) -> Result<Subject, PoolError> {
        self.made_up_subject(SubjectKind::PendingNumber, [3, 4], &self.client_id, user_name)
    }
}
