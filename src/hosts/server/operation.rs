//! Which operation a request asks for.

use serde_json::Value;

use super::{account, api::Api, fault::Fault, sign_in, sign_up};

const SERVICE: &str = "AWSCognitoIdentityProviderService.";

/// Carries out the operation that the header `X-Amz-Target` names.
pub(super) async fn carry_out(api: &Api, target: &str, body: &[u8]) -> Result<Value, Fault> {
    match target.strip_prefix(SERVICE) {
        Some("ConfirmSignUp") => sign_up::confirm_sign_up(api, body).await,
        Some("GetTokensFromRefreshToken") => sign_in::get_tokens_from_refresh_token(api, body).await,
        Some("GetUser") => account::get_user(api, body).await,
        Some("GlobalSignOut") => account::global_sign_out(api, body).await,
        Some("InitiateAuth") => sign_in::initiate_auth(api, body).await,
        Some("ResendConfirmationCode") => sign_up::resend_confirmation_code(api, body).await,
        Some("RespondToAuthChallenge") => sign_in::respond_to_auth_challenge(api, body).await,
        Some("RevokeToken") => account::revoke_token(api, body).await,
        Some("SignUp") => sign_up::sign_up(api, body).await,
        Some("UpdateUserAttributes") => account::update_user_attributes(api, body).await,
        Some("VerifyUserAttribute") => account::verify_user_attribute(api, body).await,
        _ => Err(Fault::unknown_operation()),
    }
}
