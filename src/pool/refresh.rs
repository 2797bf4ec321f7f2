//! Staying signed in: refresh tokens, and the family of tokens that comes from one sign-in.
//!
//! A refresh token is sealed and names its family; the ledger keeps one small record of each family, live or revoked, and the
//! number of the newest token where they rotate. So nothing that is stored signs anybody in, and one record ends all tokens of a
//! sign-in, over every process.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;
use time::Duration;

use super::{
    PoolError, SessionToken, SignedIn, TokenChanges, UserPool,
    claims::Occasion,
    family::{Family, Record},
    run::Parts,
    user::User,
};
use crate::{
    ports::{OnlyIf, Put, Subject, SubjectKind, Subscriber},
    types::{Pseudonym, Timestamp, Uuid},
};

/// What a client keeps to get new tokens without a new sign-in (Cognito: `RefreshToken`): opaque, good for one pool and client.
#[derive(Clone, Eq, PartialEq)]
pub struct RefreshToken(String);

impl RefreshToken {
    /// The text, as it travels. Whoever has it is signed in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RefreshToken {
    /// Takes what a client sent; whether it is a token shows when it is used.
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({} characters)", self.0.len())
    }
}

/// Whether a refresh token is replaced when it is used (Cognito: `RefreshTokenRotation`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RefreshTokenRotation {
    /// It is good until it expires.
    #[default]
    Off,
    /// Each use gives the next one. The one before stays good for `grace`, 0 to 60 s (Cognito: `RetryGracePeriodSeconds`), and
    /// gives the same next one, so that a client that lost the answer may ask again. **Used later, it was stolen or its successor
    /// was: every token of that sign-in is revoked.**
    On {
        /// How long the one before stays good.
        grace: Duration,
    },
}

/// A sign-in that still stands: what tokens are made from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OngoingSignIn {
    /// The account, as it is now.
    pub account: Subscriber,
    /// When the sign-in was.
    pub auth_time: Timestamp,
    /// Its name, which all its tokens carry (`origin_jti`): a UUID that begins with its second and is else random.
    pub origin: String,
    /// What Pre Token Generation wants changed in the tokens.
    pub changes: TokenChanges,
    /// The refresh token to hand out; `None` if the client's own stays as it is.
    pub refresh_token: Option<RefreshToken>,
}

/// The longest text that is looked at.
const LONGEST: usize = 2048;

impl UserPool {
    /// Lets somebody who has just signed in stay so: begins the family of their tokens.
    ///
    /// # Errors
    /// [`PoolError`]; then nobody stays signed in.
    pub async fn stay_signed_in(&self, person: &SignedIn) -> Result<OngoingSignIn, PoolError> {
        let pool = &*self.0;
        let (id, nonce) = pool.draw()?;
        let id = Uuid::from_random(id);
        let account = pool.users.find_by_name(person.user_name()).await?.ok_or(PoolError::NotAuthorized)?;
        let changes = pool.token_changes(&account, Occasion::SignIn).await?;
        let family =
            Family { id, generation: 0, auth_time: person.at(), user_name: account.user_name.clone() };
        let record = Record::Live { generation: 0, since: person.at(), auth_time: person.at() };
        let dead_at = pool.dead_at(&family);
        match pool
            .ledger
            .put(family.subject(), &record.encode(), dead_at, OnlyIf::Absent, pool.clock.now())
            .await?
        {
            Put::Done => pool.ongoing(account, &family, changes, Some(nonce)),
            Put::Held(_) => Err(PoolError::Internal("randomness that repeats".into())),
        }
    }

    /// Takes a refresh token for new tokens (Cognito: `GetTokensFromRefreshToken`).
    ///
    /// # Errors
    /// [`PoolError::RefreshTokenInvalid`], [`RefreshTokenExpired`](PoolError::RefreshTokenExpired),
    /// [`RefreshTokenRevoked`](PoolError::RefreshTokenRevoked), [`RefreshTokenReused`](PoolError::RefreshTokenReused); what the
    /// account's status says.
    pub async fn renew(&self, token: &RefreshToken) -> Result<OngoingSignIn, PoolError> {
        let pool = &*self.0;
        let family = pool.family(token)?;
        if pool.clock.now() >= family.auth_time + pool.settings.refresh_token_validity {
            return Err(PoolError::RefreshTokenExpired);
        }
        let account = pool.holder(&family).await?;
        let RefreshTokenRotation::On { grace } = pool.settings.refresh_token_rotation else {
            pool.live_record(&family).await?;
            let changes = pool.token_changes(&account, Occasion::Refresh).await?;
            return pool.ongoing(account, &family, changes, None);
        };
        // Before the token is replaced: a trigger that fails costs nobody their place.
        let changes = pool.token_changes(&account, Occasion::Refresh).await?;
        let (_, nonce) = pool.draw()?;
        let next = pool.rotate(&family, grace).await?;
        pool.ongoing(account, &Family { generation: next, ..family }, changes, Some(nonce))
    }

    /// Ends the sign-in that a refresh token comes from, with every token of it (Cognito: `RevokeToken`). A text that is no
    /// token, or one that is revoked already, is no error.
    ///
    /// # Errors
    /// [`PoolError::Internal`]: it may not be revoked.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<(), PoolError> {
        match self.0.family(token) {
            Ok(family) => self.0.revoke(&family).await,
            Err(_) => Ok(()),
        }
    }

    /// Whose session token this is, by name; whether it is still good is not asked. For checking a client's secret hash, as
    /// [`holder_of`](Self::holder_of).
    ///
    /// # Errors
    /// [`PoolError::SessionInvalid`].
    pub fn user_of(&self, token: &SessionToken) -> Result<String, PoolError> {
        let flow = token.open(&self.0.keys, &self.0.context).ok_or(PoolError::SessionInvalid)?;
        Ok(flow.user_name)
    }

    /// Whose refresh token this is, by name; whether it is still good is not asked. For checking a client's secret hash, which covers the
    /// name, before anything comes of the call.
    ///
    /// # Errors
    /// [`PoolError::RefreshTokenInvalid`].
    pub fn holder_of(&self, token: &RefreshToken) -> Result<String, PoolError> {
        Ok(self.0.family(token)?.user_name)
    }

    /// The account of a sign-in, by what an access token says of it, if that sign-in still stands: not revoked, not signed out
    /// everywhere since, the account not switched off.
    ///
    /// # Errors
    /// [`PoolError::AccessTokenRevoked`]; what the account's status says.
    pub async fn bearer(&self, user_name: &str, origin: &str) -> Result<Subscriber, PoolError> {
        let id = Uuid::parse(origin).ok_or(PoolError::AccessTokenRevoked)?;
        let family =
            Family { id, generation: 0, auth_time: Timestamp::UNIX_EPOCH, user_name: user_name.to_owned() };
        let Some(Record::Live { auth_time, .. }) = self.0.record(&family).await?.1 else {
            return Err(PoolError::AccessTokenRevoked);
        };
        match self.0.holder(&Family { auth_time, ..family }).await {
            Err(PoolError::RefreshTokenRevoked) => Err(PoolError::AccessTokenRevoked),
            account => account,
        }
    }

    /// Ends every sign-in of an account (Cognito: `GlobalSignOut`). Also one of this very millisecond.
    ///
    /// # Errors
    /// [`PoolError::UserNotFound`]; [`PoolError::Internal`].
    pub async fn sign_out_everywhere(&self, user_name: &str) -> Result<(), PoolError> {
        let from = self.0.clock.now() + Duration::MILLISECOND;
        let account = self.0.users.revoke_tokens(user_name, from).await?;
        account.map(|_| ()).ok_or(PoolError::UserNotFound)
    }
}

impl Parts {
    fn family(&self, token: &RefreshToken) -> Result<Family, PoolError> {
        let text = token.as_str();
        if text.len() > LONGEST {
            return Err(PoolError::RefreshTokenInvalid);
        }
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| PoolError::RefreshTokenInvalid)?;
        let plain = self.keys.open(&sealed, &self.refresh).ok_or(PoolError::RefreshTokenInvalid)?;
        Family::decode(&plain).ok_or(PoolError::RefreshTokenInvalid)
    }

    /// The account of a family, if it may still be signed in by it.
    async fn holder(&self, family: &Family) -> Result<Subscriber, PoolError> {
        let account = self.users.find_by_name(&family.user_name).await?;
        let account = account.ok_or(PoolError::RefreshTokenRevoked)?;
        if account.tokens_not_before.is_some_and(|not_before| family.auth_time < not_before) {
            return Err(PoolError::RefreshTokenRevoked);
        }
        User::Known(account.clone()).gate()?;
        Ok(account)
    }

    fn ongoing(
        &self,
        account: Subscriber,
        family: &Family,
        changes: TokenChanges,
        nonce: Option<[u8; 24]>,
    ) -> Result<OngoingSignIn, PoolError> {
        let seal = |nonce| {
            let sealed = self.keys.seal(nonce, &self.refresh, family.encode()?)?;
            Some(RefreshToken(BASE64URL_NOPAD.encode(&sealed)))
        };
        let refresh_token = match nonce {
            None => None,
            Some(nonce) => {
                Some(seal(nonce).ok_or_else(|| PoolError::Internal("no token could be sealed".into()))?)
            }
        };
        let origin = family.id.to_string();
        Ok(OngoingSignIn { account, auth_time: family.auth_time, origin, changes, refresh_token })
    }

    /// As long as a token of the family may live, so that its absence means that it is dead.
    fn dead_at(&self, family: &Family) -> Timestamp {
        family.auth_time + self.settings.refresh_token_validity + Duration::DAY
    }

    /// What the ledger holds of a family, as it is written and as it is read.
    async fn record(&self, family: &Family) -> Result<(Option<Vec<u8>>, Option<Record>), PoolError> {
        let (subject, now) = (family.subject(), self.clock.now());
        // Nothing is written: no record is empty.
        let held = match self.ledger.put(subject, b"", now, OnlyIf::Is(b""), now).await? {
            Put::Held(held) => held,
            Put::Done => None,
        };
        let record = held.as_deref().and_then(Record::decode);
        Ok((held, record))
    }

    async fn live_record(&self, family: &Family) -> Result<(Vec<u8>, u32, Timestamp), PoolError> {
        match self.record(family).await? {
            (Some(held), Some(Record::Live { generation, since, .. })) => Ok((held, generation, since)),
            _ => Err(PoolError::RefreshTokenRevoked),
        }
    }

    /// The number of the token that replaces this one.
    async fn rotate(&self, family: &Family, grace: Duration) -> Result<u32, PoolError> {
        let mut held = self.live_record(family).await?;
        // Of two at once one writes; the other then finds that it was the one before, and waits no third time.
        for _ in 0..2 {
            let (bytes, newest, since) = &held;
            let now = self.clock.now();
            if family.generation == *newest {
                let next = newest.checked_add(1).ok_or(PoolError::RefreshTokenExpired)?;
                let record =
                    Record::Live { generation: next, since: now, auth_time: family.auth_time }.encode();
                let dead_at = self.dead_at(family);
                let put = self.ledger.put(family.subject(), &record, dead_at, OnlyIf::Is(bytes), now);
                if put.await? == Put::Done {
                    return Ok(next);
                }
                held = self.live_record(family).await?;
            } else if family.generation.checked_add(1) == Some(*newest) && now < *since + grace {
                return Ok(*newest);
            } else {
                break;
            }
        }
        self.revoke(family).await?;
        Err(PoolError::RefreshTokenReused)
    }

    async fn revoke(&self, family: &Family) -> Result<(), PoolError> {
        // Whoever renews meanwhile changes the record; so it is read again. Nobody renews that often.
        for _ in 0..8 {
            let (Some(held), Some(Record::Live { .. })) = self.record(family).await? else { return Ok(()) };
            let (record, dead_at, now) = (Record::Revoked.encode(), self.dead_at(family), self.clock.now());
            if self.ledger.put(family.subject(), &record, dead_at, OnlyIf::Is(&held), now).await? == Put::Done
            {
                return Ok(());
            }
        }
        Err(PoolError::Internal("a record that does not stay the same".into()))
    }
}

impl Family {
    fn subject(&self) -> Subject {
        Subject::new(SubjectKind::TokenFamily, Pseudonym::from_bytes(self.id.as_bytes()))
    }
}
