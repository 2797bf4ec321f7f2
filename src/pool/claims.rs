//! What tokens say beside what they always do.

use core::fmt;
use std::collections::BTreeMap;

use super::{PoolError, TokenGeneration, Trigger, output, run::Parts, user::User};
use crate::ports::Subscriber;

/// What Pre Token Generation wants changed (Cognito: `claimsOverrideDetails`, V1). Claims that nobody may change are for whoever makes
/// the tokens to leave alone.
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TokenChanges {
    /// Claims of the id token, added or put in the place of what is there.
    pub add: BTreeMap<String, String>,
    /// Claims that are taken away from the id token; stronger than `add`.
    pub suppress: Vec<String>,
    /// The account's groups in both tokens (`cognito:groups`); `None` where nothing was said of them.
    pub groups: Option<Vec<String>>,
}

/// Why there are to be tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Occasion {
    Refresh,
    SignIn,
}

impl Parts {
    /// Asks what tokens are to say. Before anything is written: where it fails there are no tokens, and the client's own stay good.
    pub(super) async fn token_changes(
        &self,
        account: &Subscriber,
        occasion: Occasion,
    ) -> Result<TokenChanges, PoolError> {
        if self.settings.token_generation == TokenGeneration::Skip {
            return Ok(TokenChanges::default());
        }
        let source = match occasion {
            Occasion::Refresh => "TokenGeneration_RefreshTokens",
            Occasion::SignIn => Trigger::PreTokenGeneration.source(),
        };
        let user = User::Known(account.clone());
        let event = self.envelope(&user).token_generation(source)?;
        output::token_generation(&self.invoke(Trigger::PreTokenGeneration, &event).await?)
    }
}

// A claim may be a number or a name.
impl fmt::Debug for TokenChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenChanges").finish_non_exhaustive()
    }
}
