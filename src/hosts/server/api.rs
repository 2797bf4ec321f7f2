//! What all calls share: the clients, the clock, and tokens for whoever is signed in.

use std::{collections::BTreeMap, sync::Arc};

use super::{AppClient, door::Door, fault::Fault, signers::Signers};
use crate::{
    pool::{OngoingSignIn, SignedIn, TokenChanges},
    ports::{Clock, Entropy, StoreError, Subscriber},
    tokens::{ClaimsChange, ClaimsOverride, Grant, IssuedTokens},
    types::Uuid,
};

pub(super) struct Api {
    pub(super) clients: BTreeMap<String, AppClient>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) door: Door,
    pub(super) metrics: super::metrics::Metrics,
    pub(super) page: super::page::Page,
    pub(super) signers: Signers,
}

/// Tokens, and the refresh token beside them if the client gets a new one.
pub(super) struct Granted {
    pub(super) tokens: IssuedTokens,
    pub(super) refresh: Option<String>,
}

impl Api {
    pub(super) fn client(&self, id: &str) -> Result<&AppClient, Fault> {
        self.clients.get(id).ok_or_else(|| Fault::unknown_client(id))
    }

    /// Whether the stores answer, which all clients share.
    pub(super) async fn ask_stores(&self) -> Result<(), StoreError> {
        match self.clients.values().next() {
            Some(client) => client.pool.ask_stores().await,
            None => Ok(()),
        }
    }

    pub(super) fn uuid(&self) -> Result<String, Fault> {
        let mut random = [0; 16];
        self.entropy.fill(&mut random).map_err(|_| Fault::internal())?;
        Ok(Uuid::from_random(random).to_string())
    }

    /// Lets somebody who has just signed in stay so.
    pub(super) async fn grant(&self, client: &AppClient, person: &SignedIn) -> Result<Granted, Fault> {
        let ongoing = client.pool.stay_signed_in(person).await?;
        self.issue(client, ongoing).await
    }

    /// Signs two tokens: half a millisecond of work, on a thread that nobody else waits for.
    pub(super) async fn issue(&self, client: &AppClient, ongoing: OngoingSignIn) -> Result<Granted, Fault> {
        let (event, id, access) = (self.uuid()?, self.uuid()?, self.uuid()?);
        let (issuer, now) = (client.issuer.clone(), self.clock.now());
        let signed = self.signers.run(move || {
            let OngoingSignIn { account, auth_time, origin, changes, refresh_token } = ongoing;
            let changes = claims(changes);
            let grant = Grant {
                phone_verified: account.phone_verified,
                changes: Some(&changes),
                ..Grant::new(&account.user_name, &account.phone, auth_time, &origin, &event)
            };
            let tokens = issuer.issue(&grant, [&id, &access], now)?;
            Ok(Granted { tokens, refresh: refresh_token.map(|token| token.as_str().to_owned()) })
        });
        signed.await.ok_or_else(Fault::internal)?
    }

    /// The account that an access token was issued for, and by which client, if its sign-in still stands.
    pub(super) async fn bearer(&self, token: &str) -> Result<(&AppClient, Subscriber), Fault> {
        let now = self.clock.now();
        let opened =
            self.clients.values().find_map(|client| Some((client, client.issuer.open_access(token, now)?)));
        let (client, claims) = opened.ok_or_else(|| Fault::not_authorized("Invalid Access Token"))?;
        if !claims.is_for_self_service() {
            return Err(Fault::not_authorized("Access Token does not have required scopes"));
        }
        Ok((client, client.pool.bearer(&claims.user_name, &claims.origin).await?))
    }
}

/// As Cognito's first form of the trigger has it: claims of the id token, groups of both.
fn claims(changes: TokenChanges) -> ClaimsOverride {
    let add = changes.add.into_iter().map(|(name, value)| (name, value.into())).collect();
    let id = ClaimsChange { add, suppress: changes.suppress, ..ClaimsChange::default() };
    ClaimsOverride { id, groups: changes.groups, ..ClaimsOverride::default() }
}
