//! Making an account, and never touching one that is there.

use zeroize::Zeroizing;

use super::{
    CognitoUsers, Failure, MOST_RACES, Meaning,
    account::{PHONE, PHONE_VERIFIED},
};
use crate::{
    ports::{CreateUser, NewUser, NumberRule, StoreError, Subscriber, UserStatus},
    types::Password,
};

impl CognitoUsers {
    pub(super) async fn make(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let _held = self.lanes.hold(&[&user.user_name, user.phone.e164()]).await;
        let password = match &user.password {
            Some(password) => password.clone(),
            None => self.unknown_password()?,
        };
        for _ in 0..MOST_RACES {
            let failure = match self.made(&user, &password).await {
                Ok(name) => return self.as_made(&name).await,
                Err(failure) => failure,
            };
            if failure.meaning != Meaning::Taken {
                return Err(failure.into());
            }
            if let Some(holder) = self.in_the_way(&user).await? {
                return Ok(CreateUser::Exists(holder));
            }
            // Whoever had it is gone by now.
        }
        Err(StoreError::Unavailable("a number changes hands too often".into()))
    }

    /// The one call that makes it and, for all but two statuses, one that brings it there; its name.
    async fn made(&self, user: &NewUser, password: &Password) -> Result<String, Failure> {
        let number = [(PHONE, user.phone.e164())];
        let (name, more) = match self.rule {
            NumberRule::FirstHolds => (user.phone.e164(), &[][..]),
            NumberRule::VerifiedHolds => (user.user_name.as_str(), &number[..]),
        };
        let given = |by_cognito: Option<String>| match self.rule {
            NumberRule::FirstHolds => by_cognito.ok_or_else(|| Failure::ours("AdminCreateUser")),
            NumberRule::VerifiedHolds => Ok(user.user_name.clone()),
        };
        match &user.status {
            UserStatus::Unconfirmed => {
                let app = self.api.app.as_ref().ok_or_else(|| Failure::ours("SignUp"))?;
                let sub = self.api.sign_up(app, name, password, more).await?;
                given(Some(sub))
            }
            UserStatus::ForceChangePassword => given(self.api.create(name, password, more).await?),
            UserStatus::Confirmed => {
                let name = given(self.api.create(name, password, more).await?)?;
                self.api.set_password(&name, password).await?;
                Ok(name)
            }
            UserStatus::Disabled => {
                let name = given(self.api.create(name, password, more).await?)?;
                self.api.disable(&name).await?;
                Ok(name)
            }
            UserStatus::External | UserStatus::Other(_) | UserStatus::ResetRequired => {
                Err(Failure::ours("AdminCreateUser"))
            }
        }
    }

    async fn as_made(&self, name: &str) -> Result<CreateUser, StoreError> {
        let gone = || StoreError::Unavailable("an account was gone as soon as it was made".into());
        let account = self.named(name).await?.ok_or_else(gone)?.subscriber;
        if !account.phone_verified {
            return Ok(CreateUser::Created(account));
        }
        // A trigger verified it: that somebody signed a number up proves nothing.
        self.api.update(name, &[(PHONE_VERIFIED, "false")]).await?;
        Ok(CreateUser::Created(Subscriber { phone_verified: false, was_verified: false, ..account }))
    }

    /// Whose the number or the name is.
    async fn in_the_way(&self, user: &NewUser) -> Result<Option<Subscriber>, StoreError> {
        let holder = match self.rule {
            NumberRule::FirstHolds => self.holder(&user.phone).await?,
            NumberRule::VerifiedHolds => self.named(&user.user_name).await?,
        };
        Ok(holder.map(|holder| holder.subscriber))
    }

    /// Cognito wants a password of every account.
    fn unknown_password(&self) -> Result<Password, StoreError> {
        let mut random = Zeroizing::new([0; Password::RANDOM]);
        self.entropy.fill(&mut *random).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Password::from_random(&random))
    }
}
