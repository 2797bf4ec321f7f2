//! Sign-up codes that Cognito itself texts and checks.

use core::fmt;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::Client;
use zeroize::Zeroizing;

use super::{api::App, error::Failure};
use crate::{
    ports::{CodeCheck, Codes, Recipient, StoreError},
    types::{Claimant, PhoneNumber, PublicChallengeParameters, Purpose},
};

/// [`Codes`] of sign-ups that a Cognito user pool texts and checks by itself: `ResendConfirmationCode` and `ConfirmSignUp`, by
/// one app client. For pools where people sign up in two steps through Cognito's own `SignUp`.
///
/// Its limits are Cognito's, not the policy's: 5 texts and 15 answers an hour for each account (2023), and a code lives a day.
/// A right answer confirms the account and takes the number from whoever had it (`ForceAliasCreation`), and a Post
/// Confirmation trigger runs. Changes of a number are not confirmed by it.
///
/// The number moves whatever the caller wants: [`ConfirmSignUp::force_alias_creation`](crate::pool::ConfirmSignUp::force_alias_creation)
/// set to `false` has no effect with these codes. Whoever has the code has the number, and without being forced Cognito would refuse
/// them their own.
///
/// The pool must text sign-up codes (`AutoVerifiedAttributes` with `phone_number`). People sign up through Cognito's `SignUp`, which texts
/// the first one; `Accounts::sign_up` would ask for a second at once.
///
/// ```
/// # #[cfg(feature = "cognito")] {
/// use aws_sdk_cognitoidentityprovider::Client;
/// use custom_auth::{Accounts, CodeKeys, CognitoCodes, CognitoUsers, Ledger, NumberRule, accounts::AccountsBuilder};
///
/// fn accounts(client: Client, keys: CodeKeys, ledger: impl Ledger) -> AccountsBuilder {
///     let (pool, app) = ("ap-south-1_EXAMPLE01", "1example23456789");
///     let users = CognitoUsers::new(client.clone(), pool, NumberRule::FirstHolds);
///     Accounts::builder(keys, users, CognitoCodes::new(client, app, None), ledger).pool_id(pool)
/// }
/// # }
/// ```
pub struct CognitoCodes {
    client: Client,
    app: App,
}

impl CognitoCodes {
    /// The codes of this app client, whose secret it is told if it has one.
    #[must_use]
    pub fn new(client: Client, client_id: impl Into<String>, secret: Option<&str>) -> Self {
        let secret = secret.map(|secret| Zeroizing::new(secret.to_owned()));
        Self { client, app: App { id: client_id.into(), secret } }
    }
}

#[async_trait]
impl Codes for CognitoCodes {
    /// Cognito decides when it texts.
    fn reaches(&self, _: &PhoneNumber) -> bool {
        true
    }

    async fn send(&self, recipient: &Recipient<'_>) -> Result<Option<PublicChallengeParameters>, StoreError> {
        const CALL: &str = "ResendConfirmationCode";
        let Some(name) = signing_up(recipient, CALL)? else { return Ok(None) };
        let request = self.client.resend_confirmation_code().client_id(&self.app.id).username(name);
        let sent = request.set_secret_hash(self.app.secret_hash(name)).send().await;
        match sent.map_err(|error| Failure::of(CALL, &error)) {
            Ok(_) => Ok(None),
            // Too soon or too often: nobody is texted, as within a gap.
            Err(failure) if is_too_often(&failure) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn check(&self, recipient: &Recipient<'_>, answer: &str) -> Result<CodeCheck, StoreError> {
        const CALL: &str = "ConfirmSignUp";
        let Some(name) = signing_up(recipient, CALL)? else { return Ok(CodeCheck::Wrong) };
        // What Cognito would refuse as a code is none (`ConfirmationCodeType`).
        if answer.is_empty() || answer.len() > 2048 || answer.contains(char::is_whitespace) {
            return Ok(CodeCheck::Wrong);
        }
        let request = self.client.confirm_sign_up().client_id(&self.app.id).username(name);
        let request = request.confirmation_code(answer).force_alias_creation(true);
        let judged = request.set_secret_hash(self.app.secret_hash(name)).send().await;
        let Err(failure) = judged.map_err(|error| Failure::of(CALL, &error)) else {
            return Ok(CodeCheck::Right);
        };
        match failure.code() {
            Some("CodeMismatchException") => Ok(CodeCheck::Wrong),
            // Confirmed meanwhile, or gone: there is no code to be answered.
            Some("ExpiredCodeException" | "NotAuthorizedException" | "UserNotFoundException") => {
                Ok(CodeCheck::Expired)
            }
            _ if is_too_often(&failure) => Ok(CodeCheck::Throttled),
            _ => Err(failure.into()),
        }
    }
}

/// Whose sign-up it is; `None` if there is nobody.
fn signing_up<'a>(recipient: &Recipient<'a>, call: &'static str) -> Result<Option<&'a str>, StoreError> {
    if recipient.purpose != Purpose::SignUp {
        return Err(Failure::ours(call).into());
    }
    Ok(Some(recipient.user_name).filter(|_| recipient.claimant == Claimant::Known))
}

fn is_too_often(failure: &Failure) -> bool {
    matches!(
        failure.code(),
        Some("LimitExceededException" | "TooManyFailedAttemptsException" | "TooManyRequestsException")
    )
}

/// Without the secret.
impl fmt::Debug for CognitoCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CognitoCodes").field("client_id", &self.app.id).finish_non_exhaustive()
    }
}
