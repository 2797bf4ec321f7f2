//! Values: what a phone number, a code, a key, a round and a sign-in are.
//!
//! Nothing here decides, reads a clock, draws randomness or does I/O, and nothing here knows another
//! module of this crate.

mod answer;
mod base64;
mod binding;
mod challenge;
mod code;
mod decimal;
mod derive;
mod fields;
mod ids;
mod indian_template;
mod inline;
mod keys;
mod live;
mod metadata;
mod password;
mod phone;
mod session;
mod sms_body;
mod timestamp;
mod uuid;
mod verifier;

pub use answer::{AnswerShapeError, ChallengeAnswer};
#[cfg(feature = "phonenumber")]
pub(crate) use answer::{decimal_digit, is_separator};
pub use binding::{Binding, Pseudonym, Pseudonyms, Purpose};
pub use challenge::{
    Challenge, CodeParameters, Parameters, PrivateChallengeParameters, PublicChallengeParameters,
};
pub use code::{CodeLength, CodeLengthError, OneTimeCode};
pub(crate) use decimal::{decimal_len, push_decimal};
pub use ids::{ClientId, FlowTag, Nonce, StepName, StepNameError, UserName, UserPoolId};
pub use indian_template::IndianTemplate;
pub use keys::{CodeKeys, CodeKeysError, KeyId};
pub use live::{LiveChallenge, LiveRecord, LiveState};
pub use metadata::{ChallengeMetadata, Claimant, Status};
pub use password::Password;
pub use phone::{MaskedNumber, ParsePhoneNumberError, PhoneNumber};
pub use session::{Action, ChallengeName, ChallengeResult, Mark, Session};
pub use sms_body::{Encoding, SmsBody};
pub use timestamp::Timestamp;
pub(crate) use uuid::Uuid;
pub use verifier::PasswordVerifier;
