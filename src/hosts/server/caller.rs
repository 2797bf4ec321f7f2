//! Who calls, and how many texts they may ask for.

use core::net::IpAddr;

use super::{AppClient, api::Api, door::prefix, fault::Fault};
use crate::pool::PoolError;

/// Who makes a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Caller {
    Operator,
    /// Anybody, from this address, if whoever serves the router says so.
    Public(Option<IpAddr>),
}

impl Caller {
    /// Pays for a call that may text somebody, before anything is looked up: whoever it is about.
    pub(super) async fn pay_text(self, api: &Api, client: &AppClient) -> Result<(), Fault> {
        let Some(name) = self.name() else { return Ok(()) };
        unless_down(client.pool.pay_text(&name, api.door.limits.texts_per_hour).await)
    }

    /// Pays for a password that is sent, or begun to be proven, likewise. Unpaid there is no proof to begin: what comes of it stays good
    /// when the ledger is back.
    pub(super) async fn pay_password(self, api: &Api, client: &AppClient) -> Result<(), Fault> {
        let Some(name) = self.name() else { return Ok(()) };
        Ok(client.pool.pay_password_try(&name, api.door.limits.passwords_per_hour).await?)
    }

    fn name(self) -> Option<String> {
        match self {
            Self::Operator | Self::Public(None) => None,
            Self::Public(Some(address)) => Some(format!("{:032x}", prefix(address))),
        }
    }
}

/// A ledger that does not answer refuses nobody here: what texts pays it again, and fails closed with its own outward face.
fn unless_down(paid: Result<(), PoolError>) -> Result<(), Fault> {
    match paid {
        Err(PoolError::Internal(_)) => Ok(()),
        paid => Ok(paid?),
    }
}
