//! Signing in with a password that is proven and not sent: SRP, between `SRP_A` and `PASSWORD_VERIFIER`.
//!
//! What the second call needs travels sealed in the secret block, as the state of a challenge does in its session; the client signs it.

use core::fmt;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::{
    Outcome, PoolError, PresentedChallenge, SessionToken, SignUpPassword, SingleProof, UserPool,
    around::carried,
    flow::{Flow, RoundName, RoundResult},
    password::tried,
    run::Parts,
    user::User,
};
use crate::{
    srp::{self, Claim, SessionKey},
    types::{Mark, Parameters},
};

/// Answers the challenge `PASSWORD_VERIFIER` (Cognito: `RespondToAuthChallenge`).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ProvePassword<'a> {
    /// Who, as the challenge names them (`USERNAME` or `USER_ID_FOR_SRP`), or as the number was typed.
    pub username: &'a str,
    /// The challenge's `SECRET_BLOCK`, given back (`PASSWORD_CLAIM_SECRET_BLOCK`).
    pub secret_block: &'a str,
    /// What the client signed with the key that it worked out, in Base64 (`PASSWORD_CLAIM_SIGNATURE`).
    pub signature: &'a str,
    /// When, in the client's words (`TIMESTAMP`): signed, and not otherwise looked at, since the secret block expires by itself.
    pub timestamp: &'a str,
    /// The call's client metadata, which *define* and *create* see where a custom challenge follows.
    pub client_metadata: Option<&'a Parameters>,
}

impl<'a> ProvePassword<'a> {
    /// Proves the password of `username`.
    #[must_use]
    pub const fn new(
        username: &'a str,
        secret_block: &'a str,
        signature: &'a str,
        timestamp: &'a str,
    ) -> Self {
        Self { username, secret_block, signature, timestamp, client_metadata: None }
    }

    /// Sets the call's client metadata.
    #[must_use]
    pub const fn client_metadata(mut self, metadata: &'a Parameters) -> Self {
        self.client_metadata = Some(metadata);
        self
    }
}

/// Private parameters of the sealed flow.
const KEY: &str = "key";
const SALT: &str = "salt";

impl UserPool {
    /// Begins a sign-in with a password that is proven and not sent (Cognito: `InitiateAuth`, flow `USER_SRP_AUTH`): the challenge is
    /// `PASSWORD_VERIFIER`, with `SALT`, `SRP_B`, `SECRET_BLOCK` and `USER_ID_FOR_SRP`, for somebody unknown and for whoever has no
    /// password too.
    ///
    /// # Errors
    /// [`PoolError::SrpInvalid`]; [`UserNotFound`](PoolError::UserNotFound) under `PreventUserExistenceErrors` LEGACY.
    pub async fn initiate_srp(&self, username: &str, srp_a: &str) -> Result<PresentedChallenge, PoolError> {
        self.0.accounts()?;
        if self.0.settings.single_proof == SingleProof::Refuse {
            return Err(PoolError::PasswordVerifierUnsupported);
        }
        let user = self.0.find(username).await?;
        self.0.before_authentication(&user, None).await?;
        self.0.ask_for_password(&user, srp_a, Vec::new()).await
    }

    /// Whose secret block this is, by name; whether it is still good is not asked. For checking a client's secret hash.
    ///
    /// # Errors
    /// [`PoolError::SessionInvalid`].
    pub fn user_of_block(&self, secret_block: &str) -> Result<String, PoolError> {
        Ok(self.0.open_block(secret_block)?.1.user_name)
    }

    /// Answers `PASSWORD_VERIFIER`: after `USER_SRP_AUTH` the person is signed in; where a custom flow began with `SRP_A`, *define* says
    /// what comes next.
    ///
    /// # Errors
    /// As [`sign_in_with_password`](Self::sign_in_with_password), and for the secret block those of a session. A wrong password ends the
    /// sign-in, also in a custom flow: *define* does not see it.
    pub async fn prove_password(&self, request: ProvePassword<'_>) -> Result<Outcome, PoolError> {
        let pool = &*self.0;
        let accounts = pool.accounts()?;
        let (block, mut flow) = pool.open_block(request.secret_block)?;
        pool.check_alive(&flow)?;
        let user = pool.find_again(&flow).await?;
        if !user.is_called(request.username, &pool.made_up_name(request.username)?) {
            return Err(PoolError::SessionInvalid);
        }
        pool.burn(&flow).await?;
        accounts.pay_password(user.name()).await.map_err(tried)?;
        // Read again: a password that was replaced meanwhile opens nothing.
        let (kept, verifier) = pool.verifier(user.name()).await?;
        let is_same = flow.private.get(SALT).is_some_and(|salt| *salt == BASE64.encode(&verifier.salt()));
        let is_right = key(&flow).is_some_and(|key| {
            key.signed(&Claim {
                realm: srp::realm(&pool.pool_id),
                user_name: user.name(),
                secret_block: &block,
                timestamp: request.timestamp,
                signature: &BASE64.decode(request.signature.as_bytes()).unwrap_or_default(),
            })
        });
        let User::Known(account) = &user else { return Err(PoolError::NotAuthorized) };
        if !(kept && is_same && is_right) {
            return Err(PoolError::NotAuthorized);
        }
        if flow.results.is_empty() {
            let metadata = carried(request.client_metadata);
            return Ok(Outcome::SignedIn(pool.let_in_by_password(account.clone(), metadata).await?));
        }
        user.gate()?;
        flow.results.push(RoundResult {
            name: RoundName::PasswordVerifier,
            mark: Mark::Right,
            metadata: None,
        });
        pool.advance(&user, flow.results, carried(request.client_metadata)).await
    }
}

impl Parts {
    /// The bytes of a secret block, which the client signs, and what is sealed in them.
    fn open_block(&self, text: &str) -> Result<(Vec<u8>, Flow), PoolError> {
        let block = BASE64.decode(text.as_bytes()).map_err(|_| PoolError::SessionInvalid)?;
        let opened = self.keys.open(&block, &self.password).and_then(|plain| Flow::decode(&plain));
        Ok((block, opened.ok_or(PoolError::SessionInvalid)?))
    }

    /// Answers the client's public value with a challenge.
    pub(super) async fn ask_for_password(
        &self,
        user: &User,
        srp_a: &str,
        results: Vec<RoundResult>,
    ) -> Result<PresentedChallenge, PoolError> {
        if self.settings.sign_up_password == SignUpPassword::Ignore {
            return Err(PoolError::PasswordVerifierUnsupported);
        }
        let (token_id, nonce) = self.draw()?;
        let mut secret = Zeroizing::new([0; 32]);
        self.entropy.fill(&mut *secret)?;
        let (_, verifier) = self.verifier(user.name()).await?;
        let (public, salt) = (srp_a.to_owned(), BASE64.encode(&verifier.salt()));
        let offer = self.compute(move || srp::offer(&public, &verifier, &secret)).await?;
        let offer = offer.ok_or(PoolError::SrpInvalid)?;
        let expires_at = self.clock.now() + self.settings.session_validity;
        let flow = Flow {
            claimant: user.claimant(),
            results,
            private: [(KEY, BASE64.encode(offer.key.as_bytes())), (SALT, salt)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            ..Flow::new(token_id, expires_at, user.name())
        };
        let plain =
            flow.encode().ok_or_else(|| PoolError::Internal("the session does not fit a token".into()))?;
        let sealed = self.keys.seal(nonce, &self.password, plain);
        let sealed = sealed.ok_or_else(|| PoolError::Internal("the session does not fit a token".into()))?;
        let parameters = [
            ("SALT", offer.salt),
            ("SECRET_BLOCK", BASE64.encode(&sealed)),
            ("SRP_B", offer.srp_b),
            ("USERNAME", user.name().to_owned()),
            ("USER_ID_FOR_SRP", user.name().to_owned()),
        ];
        Ok(PresentedChallenge {
            name: RoundName::PasswordVerifier,
            token: SessionToken::of(&sealed),
            parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
            expires_at,
        })
    }
}

fn key(flow: &Flow) -> Option<SessionKey> {
    let bytes = Zeroizing::new(BASE64.decode(flow.private.get(KEY)?.as_bytes()).ok()?);
    bytes.as_slice().try_into().ok().map(SessionKey::from_bytes)
}

impl fmt::Debug for ProvePassword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvePassword").finish_non_exhaustive()
    }
}
