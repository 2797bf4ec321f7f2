//! Which operation a request asks for.

use serde_json::Value;

use super::{account, admin, api::Api, caller::Caller, fault::Fault, sign_in, sign_up};

const SERVICE: &str = "AWSCognitoIdentityProviderService.";

/// An operation of the protocol, under its own name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Operation {
    AdminConfirmSignUp,
    AdminDeleteUser,
    AdminGetUser,
    AdminInitiateAuth,
    AdminRespondToAuthChallenge,
    AdminUpdateUserAttributes,
    AdminUserGlobalSignOut,
    ConfirmSignUp,
    DeleteUser,
    GetTokensFromRefreshToken,
    GetUser,
    GlobalSignOut,
    InitiateAuth,
    ResendConfirmationCode,
    RespondToAuthChallenge,
    RevokeToken,
    SignUp,
    UpdateUserAttributes,
    VerifyUserAttribute,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Listener {
    /// The operator, on a listener of their own.
    Operator,
    /// Anybody.
    Public,
}

impl Operation {
    /// The one that the header `X-Amz-Target` names, if there is such a one for who asks.
    pub(super) fn named(target: &str, listener: Listener) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|known| target.strip_prefix(SERVICE) == Some(known.name()))?;
        (found.is_admin() == (listener == Listener::Operator)).then_some(found)
    }

    const ALL: [Self; 19] = [
        Self::AdminConfirmSignUp,
        Self::AdminDeleteUser,
        Self::AdminGetUser,
        Self::AdminInitiateAuth,
        Self::AdminRespondToAuthChallenge,
        Self::AdminUpdateUserAttributes,
        Self::AdminUserGlobalSignOut,
        Self::ConfirmSignUp,
        Self::DeleteUser,
        Self::GetTokensFromRefreshToken,
        Self::GetUser,
        Self::GlobalSignOut,
        Self::InitiateAuth,
        Self::ResendConfirmationCode,
        Self::RespondToAuthChallenge,
        Self::RevokeToken,
        Self::SignUp,
        Self::UpdateUserAttributes,
        Self::VerifyUserAttribute,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AdminConfirmSignUp => "AdminConfirmSignUp",
            Self::AdminDeleteUser => "AdminDeleteUser",
            Self::AdminGetUser => "AdminGetUser",
            Self::AdminInitiateAuth => "AdminInitiateAuth",
            Self::AdminRespondToAuthChallenge => "AdminRespondToAuthChallenge",
            Self::AdminUpdateUserAttributes => "AdminUpdateUserAttributes",
            Self::AdminUserGlobalSignOut => "AdminUserGlobalSignOut",
            Self::ConfirmSignUp => "ConfirmSignUp",
            Self::DeleteUser => "DeleteUser",
            Self::GetTokensFromRefreshToken => "GetTokensFromRefreshToken",
            Self::GetUser => "GetUser",
            Self::GlobalSignOut => "GlobalSignOut",
            Self::InitiateAuth => "InitiateAuth",
            Self::ResendConfirmationCode => "ResendConfirmationCode",
            Self::RespondToAuthChallenge => "RespondToAuthChallenge",
            Self::RevokeToken => "RevokeToken",
            Self::SignUp => "SignUp",
            Self::UpdateUserAttributes => "UpdateUserAttributes",
            Self::VerifyUserAttribute => "VerifyUserAttribute",
        }
    }

    fn is_admin(self) -> bool {
        self.name().starts_with("Admin")
    }

    /// Carries it out.
    pub(super) async fn carry_out(self, api: &Api, caller: Caller, body: &[u8]) -> Result<Value, Fault> {
        match self {
            Self::AdminConfirmSignUp => admin::confirm_sign_up(api, body).await,
            Self::AdminDeleteUser => admin::delete_user(api, body).await,
            Self::AdminGetUser => admin::get_user(api, body).await,
            Self::AdminInitiateAuth => admin::initiate_auth(api, body).await,
            Self::AdminRespondToAuthChallenge => admin::respond_to_auth_challenge(api, body).await,
            Self::AdminUpdateUserAttributes => admin::update_user_attributes(api, body).await,
            Self::AdminUserGlobalSignOut => admin::user_global_sign_out(api, body).await,
            Self::ConfirmSignUp => sign_up::confirm_sign_up(api, body).await,
            Self::DeleteUser => account::delete_user(api, body).await,
            Self::GetTokensFromRefreshToken => sign_in::get_tokens_from_refresh_token(api, body).await,
            Self::GetUser => account::get_user(api, body).await,
            Self::GlobalSignOut => account::global_sign_out(api, body).await,
            Self::InitiateAuth => sign_in::initiate_auth(api, caller, body).await,
            Self::ResendConfirmationCode => sign_up::resend_confirmation_code(api, caller, body).await,
            Self::RespondToAuthChallenge => sign_in::respond_to_auth_challenge(api, caller, body).await,
            Self::RevokeToken => account::revoke_token(api, body).await,
            Self::SignUp => sign_up::sign_up(api, caller, body).await,
            Self::UpdateUserAttributes => account::update_user_attributes(api, caller, body).await,
            Self::VerifyUserAttribute => account::verify_user_attribute(api, body).await,
        }
    }
}
