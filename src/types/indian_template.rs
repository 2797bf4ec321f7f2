//! India's register of texts.

#[cfg(any(feature = "end-user-messaging", feature = "sns"))]
use super::PhoneNumber;

/// What a text to India is registered under (TRAI's Distributed Ledger Technology, DLT): operators there drop texts without. The text
/// itself must be the registered template, word for word, with the code in its slot.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct IndianTemplate {
    /// The principal entity's id.
    pub entity_id: String,
    /// The id of the template that the policy's message is.
    pub template_id: String,
}

impl IndianTemplate {
    /// A template by the two ids that its registration gave.
    #[must_use]
    pub fn new(entity_id: impl Into<String>, template_id: impl Into<String>) -> Self {
        Self { entity_id: entity_id.into(), template_id: template_id.into() }
    }

    /// The template, if the text goes there.
    #[cfg(any(feature = "end-user-messaging", feature = "sns"))]
    pub(crate) fn of<'t>(template: Option<&'t Self>, to: &PhoneNumber) -> Option<&'t Self> {
        template.filter(|_| to.e164().starts_with("+91"))
    }
}
