//! Why a number was not taken. Nothing here holds any of it.

/// A number was refused. No variant says which number it was, or any part of it.
///
/// These are for the person who typed, and tell nothing that is not in what was typed: no account is looked up.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Reading the outcome again would give another number: a prefix for dialling at home is in it more than once.
    #[error("phone number can be read in two ways")]
    Ambiguous,
    /// No country or network has this calling code.
    #[error("phone number has an unknown calling code")]
    CallingCode,
    /// A letter, an extension, `tel:`, `#`, `*`, or anything else that is neither digit, `+` nor a mark between digits.
    #[error("phone number holds something that is not part of one")]
    Character,
    /// Too few digits, too many, or as many as no number of that country has; a number without its area code.
    #[error("phone number has a wrong length")]
    Length,
    /// It is in no range that mobile phones have. With [`NumberCheck::Mobile`](super::NumberCheck::Mobile) only.
    #[error("phone number is not a mobile phone's")]
    NotMobile,
    /// It does not begin with `+`, and there is no default region.
    #[error("phone number does not begin with a calling code")]
    NoRegion,
    /// A second `+`, or one behind a digit.
    #[error("phone number has a plus sign that does not begin it")]
    Plus,
    /// Premium-rate, shared-cost or toll-free: nobody's own phone, and dear to text.
    #[error("phone number is premium-rate, shared-cost or toll-free")]
    SpecialRate,
    /// It is in no range that its country has given out, as far as this version knows. With
    /// [`NumberCheck::Valid`](super::NumberCheck::Valid) and [`NumberCheck::Mobile`](super::NumberCheck::Mobile) only.
    #[error("phone number is in no range that is given out")]
    Unassigned,
    /// A logger is set to take what the library says at trace level, which is numbers. Nothing was read.
    #[error("phone number would be logged: switch off trace level for target `rlibphonenumber`")]
    WouldBeLogged,
}

/// No country or territory with a numbering plan is called so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("region is not an ISO 3166-1 code of two letters that has a numbering plan")]
#[non_exhaustive]
pub struct RegionError;
