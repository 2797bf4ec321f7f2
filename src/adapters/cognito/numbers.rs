//! Who has a number: proving one, taking it from others, letting it go.

use super::{
    Account, CognitoUsers, Failure, MOST_RACES, Meaning,
    account::{PHONE, PHONE_VERIFIED},
};
use crate::{
    ports::{NumberRule, StoreError, Subscriber},
    types::{PhoneNumber, Timestamp},
};

impl CognitoUsers {
    /// Gives the account the number `to`, proven, if `from` is its number.
    ///
    /// The number is written with the proof, even if it is there already: if another process has changed it meanwhile, the old
    /// number comes back with its proof, and the new one is never verified by a code to the old.
    pub(super) async fn prove(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name, from.e164(), to.e164()]).await;
        for _ in 0..MOST_RACES {
            let Some(account) = self.named(user_name).await? else { return Ok(None) };
            if account.subscriber.phone != *from {
                return Ok(None);
            }
            if let Some(holder) = self.holder(to).await?
                && holder.subscriber.user_name != user_name
            {
                match self.let_go(&holder).await {
                    Err(failure) if failure.meaning != Meaning::NotFound => return Err(failure.into()),
                    Ok(()) | Err(_) => {}
                }
            }
            let names = &self.api.names;
            let mut proof =
                vec![(PHONE, to.e164()), (PHONE_VERIFIED, "true"), (names.was_verified.as_str(), "true")];
            if account.lost {
                proof.push((&names.lost_number, ""));
            }
            match self.api.update(user_name, &proof).await {
                // Somebody else took it in this moment: take it from them.
                Err(failure) if failure.meaning == Meaning::Taken => {}
                wrote => return self.changed(user_name, wrote).await,
            }
        }
        Err(StoreError::Unavailable("a number changes hands too often".into()))
    }

    pub(super) async fn release(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        let _held = self.lanes.hold(&[user_name, phone.e164()]).await;
        let Some(account) = self.named(user_name).await? else { return Ok(None) };
        let Subscriber { phone: its, last_success: last, .. } = &account.subscriber;
        if its != phone || *last != last_success {
            return Ok(None);
        }
        let wrote = self.let_go(&account).await;
        self.changed(user_name, wrote).await
    }

    /// Un-verifies the account's number, so that it leads nowhere; that it was verified is kept, in the same call.
    async fn let_go(&self, account: &Account) -> Result<(), Failure> {
        let Subscriber { user_name, phone, phone_verified, .. } = &account.subscriber;
        let names = &self.api.names;
        let mut changes = match self.rule {
            // The number alone leads there: the account cannot keep it.
            NumberRule::FirstHolds if !account.lost => {
                vec![(names.lost_number.as_str(), phone.e164()), (PHONE, "")]
            }
            NumberRule::VerifiedHolds if *phone_verified => vec![(PHONE_VERIFIED, "false")],
            NumberRule::FirstHolds | NumberRule::VerifiedHolds => return Ok(()),
        };
        if *phone_verified {
            changes.push((&names.was_verified, "true"));
        }
        self.api.update(user_name, &changes).await
    }

    /// Writes one moment.
    pub(super) async fn note(&self, user_name: &str, attribute: &str, at: Timestamp) -> Result<(), Failure> {
        self.api.update(user_name, &[(attribute, &at.as_unix_millis().to_string())]).await
    }
}
