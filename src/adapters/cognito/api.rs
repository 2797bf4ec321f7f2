//! The calls themselves: one function each, no decision.

use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{AttributeType, MessageActionType, UserType},
};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    account::{Account, CognitoAttributes},
    error::{Failure, Meaning},
};
use crate::types::Password;

/// One user pool.
pub(super) struct Api {
    pub(super) client: Client,
    pub(super) pool_id: String,
    pub(super) app: Option<App>,
    pub(super) names: CognitoAttributes,
}

/// The app client that people are signed up through.
pub(super) struct App {
    pub(super) id: String,
    pub(super) secret: Option<Zeroizing<String>>,
}

/// Sends a request with the pool's id in it, and says what its failure means.
macro_rules! call {
    ($api:expr, $name:literal, $operation:ident $(, $member:ident($value:expr))*) => {
        $api.client.$operation().user_pool_id(&$api.pool_id)$(.$member($value))*.send().await
            .map_err(|error| Failure::of($name, &error))
    };
}

impl Api {
    /// By name, or by a number that leads to an account: it is up to date, where a listing lags behind.
    pub(super) async fn get(&self, name_or_number: &str) -> Result<Option<Account>, Failure> {
        match call!(self, "AdminGetUser", admin_get_user, username(name_or_number)) {
            Ok(user) => Ok(Account::of(&self.names, &user)),
            Err(failure) if failure.meaning == Meaning::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Writes all of these at once; an empty value deletes the attribute.
    pub(super) async fn update(&self, name: &str, changes: &[(&str, &str)]) -> Result<(), Failure> {
        let changes = attributes("AdminUpdateUserAttributes", changes)?;
        call!(
            self,
            "AdminUpdateUserAttributes",
            admin_update_user_attributes,
            username(name),
            set_user_attributes(Some(changes))
        )
        .map(drop)
    }

    pub(super) async fn confirm(&self, name: &str) -> Result<(), Failure> {
        call!(self, "AdminConfirmSignUp", admin_confirm_sign_up, username(name)).map(drop)
    }

    pub(super) async fn disable(&self, name: &str) -> Result<(), Failure> {
        call!(self, "AdminDisableUser", admin_disable_user, username(name)).map(drop)
    }

    pub(super) async fn enable(&self, name: &str) -> Result<(), Failure> {
        call!(self, "AdminEnableUser", admin_enable_user, username(name)).map(drop)
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), Failure> {
        call!(self, "AdminDeleteUser", admin_delete_user, username(name)).map(drop)
    }

    pub(super) async fn sign_out(&self, name: &str) -> Result<(), Failure> {
        call!(self, "AdminUserGlobalSignOut", admin_user_global_sign_out, username(name)).map(drop)
    }

    pub(super) async fn set_password(&self, name: &str, password: &Password) -> Result<(), Failure> {
        call!(
            self,
            "AdminSetUserPassword",
            admin_set_user_password,
            username(name),
            password(password.expose_secret()),
            permanent(true)
        )
        .map(drop)
    }

    /// Makes an account that is to change its password, tells nobody, and answers with its name.
    pub(super) async fn create(
        &self,
        name: &str,
        password: &Password,
        more: &[(&str, &str)],
    ) -> Result<Option<String>, Failure> {
        let more = attributes("AdminCreateUser", more)?;
        let made = call!(
            self,
            "AdminCreateUser",
            admin_create_user,
            username(name),
            temporary_password(password.expose_secret()),
            message_action(MessageActionType::Suppress),
            set_user_attributes(Some(more))
        )?;
        Ok(made.user().and_then(UserType::username).map(str::to_owned))
    }

    /// Signs somebody up, and answers with Cognito's `sub`.
    pub(super) async fn sign_up(
        &self,
        app: &App,
        name: &str,
        password: &Password,
        more: &[(&str, &str)],
    ) -> Result<String, Failure> {
        let more = attributes("SignUp", more)?;
        let request = self.client.sign_up().client_id(&app.id).username(name);
        let request = request.password(password.expose_secret()).set_user_attributes(Some(more));
        let made = request.set_secret_hash(app.secret_hash(name)).send().await;
        made.map(|made| made.user_sub).map_err(|error| Failure::of("SignUp", &error))
    }

    /// One page of the accounts of this status, and what the next is asked for with.
    pub(super) async fn list(
        &self,
        status: &str,
        page: Option<&str>,
        at_most: i32,
    ) -> Result<(Vec<Account>, Option<String>), Failure> {
        let page = call!(
            self,
            "ListUsers",
            list_users,
            filter(format!("cognito:user_status = \"{status}\"")),
            set_pagination_token(page.map(str::to_owned)),
            limit(at_most)
        )?;
        let accounts = page.users().iter().filter_map(|user| Account::listed(&self.names, user)).collect();
        Ok((accounts, page.pagination_token))
    }
}

impl App {
    /// Cognito's `SecretHash`, for an app client that has a secret.
    pub(super) fn secret_hash(&self, user_name: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_ref()?.as_bytes()).ok()?;
        mac.update(user_name.as_bytes());
        mac.update(self.id.as_bytes());
        Some(BASE64.encode(&mac.finalize().into_bytes()))
    }
}

fn attributes(operation: &'static str, all: &[(&str, &str)]) -> Result<Vec<AttributeType>, Failure> {
    let one = |(name, value): &(&str, &str)| AttributeType::builder().name(*name).value(*value).build();
    let all: Result<Vec<AttributeType>, _> = all.iter().map(one).collect();
    all.map_err(|_| Failure::ours(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_hash_is_of_the_name_and_the_clients_id() {
        let app = |secret: Option<&str>| App {
            id: "example".to_owned(),
            secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
        };
        // printf '%s' '+919999900001example' | openssl dgst -sha256 -hmac 9secret -binary | base64
        let expected = "yqDRXYmUV63oRMk1kzAySj3GGHBqkUTaUVD34mGhFI0=";
        assert_eq!(app(Some("9secret")).secret_hash("+919999900001").as_deref(), Some(expected));
        assert_eq!(app(None).secret_hash("+919999900001"), None);
    }
}
