//! Cognito's trigger events: read leniently, answered by writing `response` and nothing else.
//!
//! Cognito sends a trigger one JSON object and wants the *whole* object back with its `response` filled in
//! (Cognito: "Lambda triggers"). What it sends has grown over the years, and a host that reads an event into
//! its own structs and prints them again changes it. So an [`Event`] borrows the bytes as they came, notes the
//! few members this crate decides from, and an answer splices the new `response` into the same bytes (I11):
//! white space, order, spelling of numbers and unknown members are not looked at, let alone rewritten.
//!
//! | what comes | what it is read as |
//! |---|---|
//! | a member that is absent, null, or of another type | absent |
//! | `session` that is no array | empty: a sign-in that has just begun |
//! | an element of `session` that is no object | a wrong answer to a challenge nobody knows |
//! | `challengeResult` other than `true` | wrong |
//! | `userNotFound`: `true`, or the string in any case | [`Claimant::Unknown`](crate::Claimant::Unknown) |
//! | another `triggerSource` | [`Trigger::Other`]: hand back [`Event::untouched`] |
//! | any value nobody reads, however deep or odd | left alone |
//! | a member that is read, given twice | [`WireError::Duplicate`]: two parsers would disagree about it |
//! | what is no JSON object | [`WireError`] |
//!
//! Of the three triggers of a challenge, incoming values of `response` are never looked at: all of it is written anew. For
//! the triggers around it ([`Trigger::Account`]) single members of `response` are set and the others stay, so that a function
//! that answered before ours is not undone.

mod account;
mod answer;
mod error;
mod event;
mod mark;
mod nesting;
mod patch;
mod plain;
mod request;
mod scan;
mod splice;
mod text;

pub use account::{AccountEvent, AccountTrigger};
pub use answer::DefineAnswer;
pub use error::{MAX_EVENT_BYTES, WireError};
pub use event::{CreateEvent, DefineEvent, Event, Trigger, VerifyEvent};
