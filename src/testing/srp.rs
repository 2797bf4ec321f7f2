//! The client's side of SRP, as Amplify has it.

use core::fmt;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::{
    srp::{self, Claim},
    types::{Parameters, Password},
};

/// A client that proves a password and does not send it, for tests of a host: `SRP_A` first, then the answer to
/// `PASSWORD_VERIFIER`. Feature `passwords`.
#[derive(Clone)]
pub struct SrpClient {
    secret: [u8; 32],
}

impl SrpClient {
    /// A client that draws no randomness: `secret` stands for it.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// Its public value, for `SRP_A`.
    #[must_use]
    pub fn srp_a(&self) -> String {
        HEXLOWER.encode(&srp::client::public(&self.secret)).trim_start_matches('0').to_owned()
    }

    /// What it signs to answer a challenge with these parameters: `PASSWORD_CLAIM_SIGNATURE`. `None` if they are no such challenge's.
    #[must_use]
    pub fn sign(
        &self,
        pool_id: &str,
        parameters: &Parameters,
        password: &Password,
        timestamp: &str,
    ) -> Option<String> {
        let realm = srp::realm(pool_id);
        let user_name = parameters.get("USER_ID_FOR_SRP")?;
        let number = |name: &str| HEXLOWER_PERMISSIVE.decode(parameters.get(name)?.as_bytes()).ok();
        let b = number("SRP_B")?.try_into().ok()?;
        let key = srp::client::key((realm, user_name, password), &self.secret, (&number("SALT")?, &b))?;
        let secret_block = BASE64.decode(parameters.get("SECRET_BLOCK")?.as_bytes()).ok()?;
        let claim = Claim { realm, user_name, secret_block: &secret_block, timestamp, signature: &[] };
        Some(BASE64.encode(&srp::client::sign(&key, &claim)?))
    }
}

impl fmt::Debug for SrpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SrpClient(…)")
    }
}
