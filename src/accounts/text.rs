//! The texts of a sign-up's code, and when the last one was.

use super::{AccountError, Parts};
use crate::{
    ports::{OnlyIf, Put, Subject, SubjectKind, Subscriber},
    types::{PublicChallengeParameters, Purpose, Timestamp},
};

impl Parts {
    /// Texts the code of a sign-up again, and notes first that somebody may be typing it now: recovery leaves the account alone
    /// for as long as that (`grace`).
    pub(super) async fn text_sign_up(
        &self,
        account: &Subscriber,
    ) -> Result<Option<PublicChallengeParameters>, AccountError> {
        self.note_text(&account.user_name).await?;
        Ok(self.codes.send(&Self::recipient(account, Purpose::SignUp)).await?)
    }

    /// When the code of this sign-up was last texted again, if that was within the grace time.
    pub(super) async fn last_text(&self, user_name: &str) -> Result<Option<Timestamp>, AccountError> {
        let now = self.clock.now();
        // Reads by a swap that cannot succeed: no record is empty.
        let held = self.ledger.put(self.texted(user_name), b"", now, OnlyIf::Is(b""), now).await?;
        Ok(match held {
            Put::Held(Some(record)) => Some(read(&record)),
            Put::Held(None) | Put::Done => None,
        })
    }

    pub(super) async fn note_text(&self, user_name: &str) -> Result<(), AccountError> {
        let (subject, now) = (self.texted(user_name), self.clock.now());
        let (record, dead_at) = (now.as_unix_millis().to_be_bytes(), now + self.policy.grace());
        let mut held = None;
        // Whoever notes it at the same moment notes the same.
        for _ in 0..2 {
            let only_if = held.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
            match self.ledger.put(subject, &record, dead_at, only_if, now).await? {
                Put::Done => return Ok(()),
                Put::Held(found) => held = found,
            }
        }
        Ok(())
    }

    fn texted(&self, user_name: &str) -> Subject {
        let id = self.keys.pseudonym(b"sign-up-text", &[self.pool_id.as_bytes(), user_name.as_bytes()]);
        Subject::new(SubjectKind::Account, id)
    }
}

/// A record that cannot be read was written just now: then nothing is done to the account.
fn read(record: &[u8]) -> Timestamp {
    record.try_into().map_or(Timestamp::from_unix_millis(i64::MAX), |bytes| {
        Timestamp::from_unix_millis(i64::from_be_bytes(bytes))
    })
}
