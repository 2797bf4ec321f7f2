//! Accounts in a Cognito user pool, through its Admin API.

mod account;
mod api;
mod codes;
mod create;
mod delete;
mod error;
mod lanes;
mod numbers;

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::Client;
use zeroize::Zeroizing;

use self::{
    account::Account,
    api::{Api, App},
    error::{Failure, Meaning},
    lanes::Lanes,
};
pub use self::{account::CognitoAttributes, codes::CognitoCodes};
use crate::{
    ports::{
        Clock, CreateUser, DeleteUser, Entropy, NewUser, NumberRule, OsEntropy, StoreError, Subscriber,
        SystemClock, Unproven, UserPage, UserStatus, UserStore,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// How often a number may change hands under ours before a call gives up.
const MOST_RACES: usize = 4;

/// A [`UserStore`] over a Cognito user pool: one whose sign-in name is the phone number.
///
/// It takes a ready client and makes none. The client's credentials need the calls named below; nothing else does.
/// `docs/cognito.md` says what the pool must be like. Core 1.88; AWS features follow the SDK.
///
/// ```
/// # #[cfg(feature = "cognito")] {
/// use aws_sdk_cognitoidentityprovider::Client;
/// use custom_auth::{CognitoUsers, NumberRule};
///
/// fn users(client: Client) -> CognitoUsers {
///     // `UsernameAttributes: [phone_number]`; of a pool with `AliasAttributes`, `NumberRule::VerifiedHolds`.
///     CognitoUsers::new(client, "ap-south-1_EXAMPLE01", NumberRule::FirstHolds)
///         .sign_up_through("1example23456789", None)
/// }
/// # }
/// ```
///
/// # Which calls
///
/// | operation | calls |
/// |---|---|
/// | `find_by_phone`, `find_by_name` | `AdminGetUser`, by number or by name. It is up to date; `ListUsers` lags behind, so nothing is found by it |
/// | `create`, confirmed | `AdminCreateUser` (told to nobody), then `AdminSetUserPassword` (permanent) |
/// | `create`, to change its password | `AdminCreateUser` |
/// | `create`, unconfirmed | `SignUp`, through the app client named by [`sign_up_through`](Self::sign_up_through): nothing else makes such an account |
/// | `create`, disabled | `AdminCreateUser`, `AdminDisableUser` |
/// | `confirm` | `AdminConfirmSignUp` |
/// | `mark_phone_verified`, `change_phone`, `release_phone`, `note_success` | `AdminUpdateUserAttributes` |
/// | `replace_password` | `AdminSetUserPassword` (permanent) |
/// | `revoke_tokens` | `AdminUserGlobalSignOut`, `AdminUpdateUserAttributes` |
/// | `delete_if` | `AdminUpdateUserAttributes`, `AdminDisableUser`, `AdminDeleteUser`, or `AdminEnableUser` |
/// | `delete` | `AdminDeleteUser` |
/// | `list_unproven` | `ListUsers` by status: for accounts that were never used that is every confirmed one |
///
/// Every change begins and ends with `AdminGetUser`, a deletion begins with it.
///
/// # What is Cognito's own here
///
/// * *Names.* Where the number is the sign-in name (`UsernameAttributes`), Cognito names accounts itself, by `sub`, and the
///   [`NewUser::user_name`] is not kept: go by the name in the answer. When an account was made is Cognito's to say, too.
/// * *Status.* It makes accounts that are confirmed, unconfirmed, disabled, or to change their password; any other is
///   refused. A Pre Sign-up trigger that confirms makes a confirmed account of an unconfirmed one; the answer says so. A
///   number that such a trigger verified is un-verified again; but **it was then taken from whoever had it**: never set
///   `autoVerifyPhone`.
/// * *Passwords.* Cognito checks them: [`has_password`](UserStore::has_password) answers `false`. **A replaced password
///   confirms an account that was unconfirmed**, since the service knows no other way; use
///   [`RecoveryStrategy::Resend`](crate::RecoveryStrategy::Resend) or `DeleteAndSignUp`, or [`prepare`](crate::Accounts::prepare),
///   which confirms anyway, and not `Adopt`, after which there is nothing left to confirm.
/// * *Tokens* die at the moment Cognito carries the call out, by its clock, whatever moment was named: those of a sign-in that has
///   just ended, too. Call [`note_sign_in`](crate::Accounts::note_sign_in) before they are made, from a Post Authentication trigger.
///   ID tokens and whoever checks
///   tokens by signature alone know nothing of it until they expire.
/// * *A code of its own*: `SignUp` texts one if the pool verifies numbers by itself (`AutoVerifiedAttributes`). Turn that off, unless
///   [`CognitoCodes`] checks it.
/// * *Numbers that lead nowhere.* Where the first holds a number, an account cannot keep one that leads elsewhere: it is moved to
///   [`CognitoAttributes::lost_number`], and moved back when it is proven again.
/// * Accounts without a phone number in E.164 form are not seen at all.
///
/// # What is not atomic
///
/// **The Admin API has no conditional calls**: no "change it if", no "delete it if". Within one process the operations on one
/// account and on one number wait for each other, and the port's contract holds as it stands. *Between processes* what follows
/// remains; between is the time from the last reading to the writing, one call to Cognito, some 10 to 100 ms.
///
/// * **Deletion.** The account is marked, switched off, read once more, and only then deleted; else it is switched on again. From
///   the moment it is off, nobody signs in to it and nobody confirms it through Cognito. What remains: *another process of this
///   adapter that confirms, verifies or notes a success of that account, **and** reads it back, both between the last reading and
///   the deletion.* One that reads it back later finds it gone and says so, so nobody is told of an account that is no more. A
///   deletion that took longer than half a minute is given up. One request that the network holds back for longer than that
///   could still delete, so give the client a short timeout for an attempt.
/// * **A deletion that breaks off** leaves an account that is off, and marked. It is shown as it stood before, so a sweep or a recovery
///   deletes it, and whoever is looking for it a minute later (`find_by_phone`, `find_by_name`) switches it on again: `prepare`
///   and `before_sign_up` do. Until somebody asks, Cognito refuses its sign-in, before any trigger.
/// * **An operator who switches an account off while it is marked** is taken for the deletion: it is switched on again, or deleted
///   as unproven. The mark is there while a deletion is under way, a few calls. It outlasts one that breaks off: one whose
///   process ends, or that does not hear whether the account was marked or switched off (where it hears *no*, it takes its mark
///   away). Then it stays until the first look a minute later, a proof that finds the account off, or a sweep. A look that finds the account *on* takes
///   the mark away and switches nothing on; one that finds it *off* switches it on and then takes the mark away, and should it
///   end between these two calls, the mark is left on an account that is on, until the next look. An operator who wants to be
///   sure deletes the attribute [`CognitoAttributes::deleting`] first, then switches the account off.
/// * **A number that is proven** is always written together with the proof, in one call: a code to one number never verifies
///   another. But of two changes of one account's number at once both are made, and the later stands. Who had the number before is
///   un-verified first; a crash between leaves the number leading nowhere, until it is proven again.
/// * **A release** looks at the last success first: one noted in that moment is not seen, and of a number changed in that moment
///   the new one is un-verified.
/// * **Moments** (`note_success`, `revoke_tokens`): of two at once the earlier may stand.
/// * **`create` of a confirmed account** that breaks off between its two calls leaves one that is to change its password: it signs in by
///   code all the same, holds its number where the first does, and is not swept.
///
/// # Retries
///
/// The SDK repeats a call whose outcome it does not know. All but two may be repeated. A repeated `SignUp` or `AdminCreateUser`
/// may hear that the number or name is taken by the account that it has just made itself: the answer is
/// [`CreateUser::Exists`], with that account, and nobody's account was touched. A repeated `AdminDeleteUser` may hear that
/// there is none: [`DeleteUser::NotFound`].
pub struct CognitoUsers {
    api: Api,
    rule: NumberRule,
    lanes: Lanes,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl CognitoUsers {
    /// The accounts of this pool. `rule` is what its sign-in options make of a number, which cannot be changed later:
    /// `UsernameAttributes` is [`NumberRule::FirstHolds`], `AliasAttributes` is [`NumberRule::VerifiedHolds`].
    #[must_use]
    pub fn new(client: Client, pool_id: impl Into<String>, rule: NumberRule) -> Self {
        let (pool_id, names) = (pool_id.into(), CognitoAttributes::default());
        let api = Api { client, pool_id, app: None, names };
        Self { api, rule, lanes: Lanes::new(), clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy) }
    }

    /// Signs people up through this app client, whose secret it is told if it has one. Without it no unconfirmed account can be
    /// made; sign-up in one step needs none.
    #[must_use]
    pub fn sign_up_through(self, client_id: impl Into<String>, secret: Option<&str>) -> Self {
        let secret = secret.map(|secret| Zeroizing::new(secret.to_owned()));
        Self { api: Api { app: Some(App { id: client_id.into(), secret }), ..self.api }, ..self }
    }

    /// Keeps what Cognito has no place for in these attributes.
    #[must_use]
    pub fn attributes(self, names: CognitoAttributes) -> Self {
        Self { api: Api { names, ..self.api }, ..self }
    }

    /// By this clock deletions are found to have broken off; the system's, if none is given.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Where the passwords of accounts come from that are made without one; the system's, if none is given.
    #[must_use]
    pub fn entropy(self, entropy: impl Entropy) -> Self {
        Self { entropy: Arc::new(entropy), ..self }
    }

    /// The account of exactly this name. Cognito would also take a number, or another of its names.
    async fn named(&self, user_name: &str) -> Result<Option<Account>, Failure> {
        // What Cognito would refuse as a name is the name of nobody.
        if user_name.is_empty() || user_name.chars().nth(128).is_some() {
            return Ok(None);
        }
        let found = self.api.get(user_name).await?;
        Ok(found.filter(|account| account.subscriber.user_name == user_name))
    }

    /// The account that the number leads to.
    async fn holder(&self, phone: &PhoneNumber) -> Result<Option<Account>, Failure> {
        let found = self.api.get(phone.e164()).await?;
        Ok(found.filter(|account| {
            let holds = match self.rule {
                NumberRule::FirstHolds => !account.lost,
                NumberRule::VerifiedHolds => account.subscriber.phone_verified,
            };
            holds && account.subscriber.phone == *phone
        }))
    }

    /// The account after it was changed; `None` if it is gone, whatever was written.
    ///
    /// A deletion by another process may have switched it off meanwhile. It reads it once more before it deletes, and will keep
    /// what was just proven; should it break off before, the account is on, and no mark is left on it.
    async fn settled(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let Some(account) = self.named(user_name).await? else { return Ok(None) };
        let unproven = account.subscriber.unproven();
        if account.deleting.is_some() && !account.enabled && unproven != Some(Unproven::Unconfirmed) {
            self.switch_on(user_name).await?;
        }
        Ok(Some(account.subscriber))
    }

    /// Writes, then reads. `None` if there is no such account.
    async fn changed(
        &self,
        user_name: &str,
        wrote: Result<(), Failure>,
    ) -> Result<Option<Subscriber>, StoreError> {
        match wrote {
            Ok(()) => self.settled(user_name).await,
            Err(failure) if failure.meaning == Meaning::NotFound => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl fmt::Debug for CognitoUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pool_id = &self.api.pool_id;
        f.debug_struct("CognitoUsers")
            .field("pool_id", pool_id)
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl UserStore for CognitoUsers {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        let found = self.holder(phone).await?;
        self.brought_back(found).await
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let found = self.named(user_name).await?;
        self.brought_back(found).await
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        self.make(user).await
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        let mut refused = None;
        for _ in 0..MOST_RACES {
            let Some(account) = self.named(user_name).await? else { return Ok(None) };
            if account.subscriber.status != UserStatus::Unconfirmed {
                return self.settled(user_name).await;
            }
            if !account.enabled {
                // By a deletion: it reads once more before it deletes, and keeps what has lost its mark.
                self.switch_on(user_name).await?;
            }
            match self.api.confirm(user_name).await {
                // Another process was quicker, or has switched it off in this moment: look again.
                Err(failure) if failure.meaning == Meaning::NotAllowed => refused = Some(failure),
                wrote => return self.changed(user_name, wrote).await,
            }
        }
        Err(refused.map_or_else(|| StoreError::Unavailable("not confirmed".into()), StoreError::from))
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.prove(user_name, phone, phone).await
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.prove(user_name, from, to).await
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.release(user_name, phone, last_success).await
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        if self.named(user_name).await?.is_none() {
            return Ok(None);
        }
        let wrote = self.api.set_password(user_name, password).await;
        self.changed(user_name, wrote).await
    }

    async fn has_password(&self, _: &str, _: &Password) -> Result<bool, StoreError> {
        Ok(false) // only Cognito can tell
    }

    async fn password_verifier(&self, _: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        Ok(None) // Cognito shows none
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        let Some(account) = self.named(user_name).await? else { return Ok(None) };
        let mut wrote = self.api.sign_out(user_name).await;
        if wrote.is_ok() && account.subscriber.tokens_not_before < Some(now) {
            wrote = self.note(user_name, &self.api.names.tokens_not_before, now).await;
        }
        self.changed(user_name, wrote).await
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name]).await;
        let Some(account) = self.named(user_name).await? else { return Ok(None) };
        if account.subscriber.last_success >= Some(at) {
            return Ok(Some(account.subscriber));
        }
        let wrote = self.note(user_name, &self.api.names.last_success, at).await;
        self.changed(user_name, wrote).await
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        self.delete_unproven(user_name, unproven).await
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.delete_whatever(user_name).await
    }

    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        let status = match unproven {
            Unproven::NeverUsed => UserStatus::Confirmed,
            Unproven::Unconfirmed => UserStatus::Unconfirmed,
        };
        // Cognito lists 60 at once.
        let at_most = i32::try_from(at_most.clamp(1, 60)).unwrap_or(60);
        let (accounts, next) = self.api.list(status.as_cognito(), page, at_most).await?;
        let accounts = accounts.into_iter().map(|account| account.subscriber);
        let due = |account: &Subscriber| account.created_at < before && account.unproven() == Some(unproven);
        Ok(UserPage::new(accounts.filter(due).collect(), next))
    }
}
