//! What comes next in a sign-in: a challenge, a password, tokens, or its end.

use super::{
    CreateMetadata, Outcome, PoolError, PreAuthentication, PresentedChallenge, SignedIn, Trigger,
    around::carried,
    flow::{Flow, RoundName, RoundResult},
    output::{self, Next},
    run::Parts,
    user::User,
};
use crate::{
    accounts::Proven,
    ports::{Subscriber, UserStatus},
    types::{Mark, Parameters},
};

impl Parts {
    /// Asks *define* what comes next, and does it.
    pub(super) async fn advance(
        &self,
        user: &User,
        session: Vec<RoundResult>,
        metadata: Option<&Parameters>,
    ) -> Result<Outcome, PoolError> {
        let next = self.next(user, &session, metadata).await?;
        self.go_on(user, session, metadata, next).await
    }

    /// The same for a client that has sent `SRP_A`: *define* may ask for the password.
    #[cfg(feature = "passwords")]
    pub(super) async fn advance_with_srp(
        &self,
        user: &User,
        session: Vec<RoundResult>,
        srp_a: &str,
    ) -> Result<Outcome, PoolError> {
        let next = self.next(user, &session, None).await?;
        if next == Next::PasswordVerifier {
            return Ok(Outcome::Challenge(self.ask_for_password(user, srp_a, session).await?));
        }
        self.go_on(user, session, None, next).await
    }

    async fn next(
        &self,
        user: &User,
        session: &[RoundResult],
        metadata: Option<&Parameters>,
    ) -> Result<Next, PoolError> {
        let event = self.envelope(user).define(session, metadata)?;
        output::define(&self.invoke(Trigger::DefineAuthChallenge, &event).await?)
    }

    async fn go_on(
        &self,
        user: &User,
        session: Vec<RoundResult>,
        metadata: Option<&Parameters>,
        next: Next,
    ) -> Result<Outcome, PoolError> {
        match next {
            Next::Fail => Err(PoolError::NotAuthorized),
            Next::IssueTokens => self.signed_in(user, &session, metadata).await,
            Next::Custom => self.present(user, session, metadata).await,
            Next::PasswordVerifier => match session.as_slice() {
                [RoundResult { name: RoundName::SrpA, .. }] => Err(PoolError::PasswordVerifierUnsupported),
                _ => Err(PoolError::TriggerOutputUnrecognizable),
            },
        }
    }

    /// Asks Pre Authentication, where it is to run.
    pub(super) async fn before_authentication(
        &self,
        user: &User,
        metadata: Option<&Parameters>,
    ) -> Result<(), PoolError> {
        if self.settings.pre_authentication == PreAuthentication::Skip {
            return Ok(());
        }
        let event = self.envelope(user).pre_authentication(carried(metadata))?;
        output::told(&self.invoke(Trigger::PreAuthentication, &event).await?)
    }

    /// Nobody is signed in who does not exist, whatever *define* says. A password proves no number, so where nothing but a password was
    /// answered the rules are those of a sign-in by password.
    async fn signed_in(
        &self,
        user: &User,
        session: &[RoundResult],
        metadata: Option<&Parameters>,
    ) -> Result<Outcome, PoolError> {
        user.gate()?;
        let right = |name| session.iter().any(|round| round.name == name && round.mark == Mark::Right);
        if let User::Known(account) = user
            && right(RoundName::PasswordVerifier)
            && !right(RoundName::Custom)
        {
            return Ok(Outcome::SignedIn(self.let_in_by_password(account.clone(), metadata).await?));
        }
        let now = self.clock.now();
        let proven = match (user, &self.accounts) {
            (User::Known(account), None) => Ok(Proven::SignedIn(account.clone())),
            (User::Known(account), Some(accounts)) => {
                accounts.note_sign_in(&account.user_name, &account.phone, now).await
            }
            (User::Holder { phone, .. }, Some(accounts)) => accounts.proven(phone, now).await,
            (User::Holder { .. }, None) | (User::Unknown { .. }, _) => return Err(PoolError::NotAuthorized),
        };
        match proven? {
            Proven::SignedIn(account) => {
                self.post_authentication(&account, metadata).await?;
                Ok(Outcome::SignedIn(self.evidence(&account)))
            }
            Proven::Dormant(dormant) => Ok(Outcome::Dormant(dormant)),
            Proven::Refused(UserStatus::Disabled) => Err(PoolError::Disabled),
            Proven::NumberLost | Proven::Refused(_) => Err(PoolError::NotAuthorized),
        }
    }

    /// Its moment is read when all is done: tokens issued before the account was made its owner's are dead.
    pub(super) fn evidence(&self, account: &Subscriber) -> SignedIn {
        SignedIn { user_name: account.user_name.clone(), phone: account.phone, at: self.clock.now() }
    }

    async fn present(
        &self,
        user: &User,
        session: Vec<RoundResult>,
        metadata: Option<&Parameters>,
    ) -> Result<Outcome, PoolError> {
        user.gate()?;
        // Drawn first: without randomness there is no token, and then no text may go out either.
        let (token_id, nonce) = self.draw()?;
        let metadata = metadata.filter(|_| self.settings.create_metadata == CreateMetadata::Pass);
        let event = self.envelope(user).create(&session, metadata)?;
        let made = self.invoke(Trigger::CreateAuthChallenge, &event).await?;
        let made = output::create(&made, self.settings.parameter_coercion)?;
        let mut parameters = made.public;
        parameters.insert("USERNAME".to_owned(), user.name().to_owned());
        let expires_at = self.clock.now() + self.settings.session_validity;
        let flow = Flow {
            token_id,
            expires_at,
            claimant: user.claimant(),
            user_name: user.name().to_owned(),
            phone: match user {
                User::Holder { phone, .. } => Some(*phone),
                User::Known(_) | User::Unknown { .. } => None,
            },
            results: session,
            private: made.private,
            metadata: made.metadata,
        };
        let token = self.seal(&flow, nonce, &self.context)?;
        Ok(Outcome::Challenge(PresentedChallenge { name: RoundName::Custom, token, parameters, expires_at }))
    }
}
