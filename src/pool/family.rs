//! What a refresh token says, and what the ledger keeps of the family of tokens that it belongs to.

use zeroize::Zeroizing;

use super::flow::{NAME_BUCKET, Reader, Writer};
use crate::types::{Timestamp, Uuid};

/// A refresh token, opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Family {
    pub(super) id: Uuid,
    /// The how-manieth token of the family; 0 where they do not rotate.
    pub(super) generation: u32,
    /// When the sign-in was.
    pub(super) auth_time: Timestamp,
    pub(super) user_name: String,
}

/// What the ledger keeps of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Record {
    Live {
        /// The newest token's.
        generation: u32,
        /// Since when it is the newest.
        since: Timestamp,
        auth_time: Timestamp,
    },
    Revoked,
}

const VERSION: u8 = 1;
const LIVE: u8 = 1;
const REVOKED: u8 = 2;

impl Family {
    /// `None` if the name has 4 GiB.
    pub(super) fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut out = Writer(Zeroizing::new(Vec::with_capacity(128)));
        out.byte(VERSION);
        out.bytes(&self.id.as_bytes());
        out.bytes(&self.generation.to_be_bytes());
        out.bytes(&self.auth_time.as_unix_millis().to_be_bytes());
        out.text(&self.user_name)?;
        out.pad(self.user_name.len(), NAME_BUCKET);
        Some(out.0)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub(super) fn decode(plain: &[u8]) -> Option<Self> {
        let mut rest = Reader(plain);
        if rest.byte()? != VERSION {
            return None;
        }
        let id = Uuid::from_random(rest.array()?);
        let generation = u32::from_be_bytes(rest.array()?);
        let auth_time = rest.moment()?;
        let user_name = rest.text()?;
        rest.padding(user_name.len(), NAME_BUCKET)?;
        rest.0.is_empty().then_some(Self { id, generation, auth_time, user_name })
    }
}

impl Record {
    pub(super) fn encode(self) -> Vec<u8> {
        let Self::Live { generation, since, auth_time } = self else { return vec![VERSION, REVOKED] };
        let mut bytes = vec![VERSION, LIVE];
        bytes.extend_from_slice(&generation.to_be_bytes());
        bytes.extend_from_slice(&since.as_unix_millis().to_be_bytes());
        bytes.extend_from_slice(&auth_time.as_unix_millis().to_be_bytes());
        bytes
    }

    /// `None` for anything else.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        let record = match (rest.byte()?, rest.byte()?) {
            (VERSION, REVOKED) => Self::Revoked,
            (VERSION, LIVE) => Self::Live {
                generation: u32::from_be_bytes(rest.array()?),
                since: rest.moment()?,
                auth_time: rest.moment()?,
            },
            _ => return None,
        };
        rest.0.is_empty().then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_and_a_record_read_back_as_they_were_written(
            id: [u8; 16], generation: u32, times: [i64; 2], user_name in "\\PC{0,130}",
        ) {
            let [auth_time, since] = times.map(Timestamp::from_unix_millis);
            let family = Family { id: Uuid::from_random(id), generation, auth_time, user_name };
            let plain = family.encode().unwrap();
            prop_assert_eq!(Family::decode(&plain), Some(family));
            prop_assert_eq!(Family::decode(&plain[..plain.len() - 1]), None);
            for record in [Record::Revoked, Record::Live { generation, since, auth_time }] {
                let bytes = record.encode();
                prop_assert_eq!(Record::decode(&bytes), Some(record));
                prop_assert_eq!(Record::decode(&bytes[..bytes.len() - 1]), None);
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = (Family::decode(&bytes), Record::decode(&bytes));
        }
    }
}
