//! Codes outside a sign-in: they confirm a sign-up, or a new number.

use core::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::types::{Claimant, PhoneNumber, PublicChallengeParameters, Purpose};

/// To whom a code goes, and what it is for.
#[derive(Clone, Copy)]
#[allow(clippy::exhaustive_structs)] // complete: what a code is bound to
pub struct Recipient<'a> {
    /// The store's name for the account.
    pub user_name: &'a str,
    /// The number it is sent to.
    pub phone: PhoneNumber,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether there is such an account. If not, the same is done as if there were, and nobody is texted.
    pub claimant: Claimant,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use = "only a right answer proves a number"]
#[non_exhaustive]
pub enum CodeCheck {
    /// There is no code to be answered any more: ask for another.
    Expired,
    /// It was the code, and is used up: nobody hears this twice.
    Right,
    /// Too many answers; nothing was compared.
    Throttled,
    /// It was not the code.
    Wrong,
}

/// Texts and checks codes outside a sign-in.
///
/// # Contract
///
/// What holds for the codes of a sign-in holds here: at most one is live for a recipient, a repeated call within the gap texts
/// nobody, answers are charged before they are compared, on the same quotas, and **of many right answers at once one hears
/// [`Right`](CodeCheck::Right)**. A code sent for one recipient or purpose answers no other.
///
/// Checking changes no account. Where the service that made the codes does so all the same, as a user pool does for
/// `CognitoCodes`, a right answer has moved the number before anybody asks whether it should (`force_alias_creation`): say so.
#[async_trait]
pub trait Codes: Debug + Send + Sync + 'static {
    /// Whether this number could be texted at all, by its kind and its destination. Pure; asked before an account is made for it.
    fn reaches(&self, phone: &PhoneNumber) -> bool;

    /// Sends the recipient a code, or the live one again where its gap has passed. Says what the person may be shown, `None`
    /// if the service tells nothing. Whether a text went out is not said.
    ///
    /// # Errors
    /// [`StoreError`] if it is not known whether anything was sent.
    async fn send(&self, recipient: &Recipient<'_>) -> Result<Option<PublicChallengeParameters>, StoreError>;

    /// Whether `answer` is the code that was sent.
    ///
    /// # Errors
    /// [`StoreError`] if that could not be found out; it is not right then.
    async fn check(&self, recipient: &Recipient<'_>, answer: &str) -> Result<CodeCheck, StoreError>;
}

/// Without name and number.
impl Debug for Recipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("purpose", &self.purpose)
            .field("claimant", &self.claimant)
            .finish_non_exhaustive()
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        #[async_trait]
        impl<T: Codes + ?Sized> Codes for $pointer {
            fn reaches(&self, phone: &PhoneNumber) -> bool {
                (**self).reaches(phone)
            }
            async fn send(
                &self, recipient: &Recipient<'_>,
            ) -> Result<Option<PublicChallengeParameters>, StoreError> {
                (**self).send(recipient).await
            }
            async fn check(&self, recipient: &Recipient<'_>, answer: &str) -> Result<CodeCheck, StoreError> {
                (**self).check(recipient, answer).await
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
