//! Phone numbers as people type them.

mod error;
mod plan;
#[cfg(test)]
mod tests;
mod typed;

use crate::{
    ports::{NumberFit, NumberRules},
    types::PhoneNumber,
};

pub use error::{NumberError, RegionError};

/// Reads phone numbers as people type them, and says what kind of number one is.
///
/// [`PhoneNumber`] takes E.164 form and nothing else. People type `099999 00001`, `(+91) 99999-00001` or `٩٩٩٩٩…`; this
/// turns it into the one number that is reached by dialling it in the default region, or refuses it.
///
/// ```
/// use custom_auth::{NumberError, PhoneNumberReader};
///
/// let reader = PhoneNumberReader::in_region("IN")?;
/// assert_eq!(reader.read("099999 00001")?.e164(), "+919999900001");
/// assert_eq!(reader.read("+1 (555) 010-0123")?.e164(), "+15550100123");
/// assert_eq!(reader.read("099999 00001 ext. 5"), Err(NumberError::Character));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is read
///
/// At most 128 bytes: decimal digits of any script, one `+` before the first of them, and between them spaces, dashes,
/// full stops and brackets. Letters, extensions, `tel:`, `#` and `*` are refused, never cut off or looked up on a keypad.
/// What is dialled at home becomes international by the rules of the default region: `0` before a number, `00` or `011`
/// before a calling code. A calling code without either is seen only if no number at home is that long. Without a default
/// region only numbers with `+` are read.
///
/// # What is checked
///
/// [`NumberCheck`] says how much; [`Possible`](NumberCheck::Possible) unless chosen. Premium-rate, shared-cost and
/// toll-free numbers are refused at every level but [`Syntax`](NumberCheck::Syntax): whoever owns one may earn by each
/// text to it. This is no country list: which countries are texted, and at what price, is the policy's
/// [`Destinations`](crate::Destinations).
///
/// # What it costs
///
/// Plans are loaded when the first reader with a region is made, or else when the first number is read; the rules of a
/// country, when its first number comes. Nothing is fetched: plans are as old as the version of `rlibphonenumber`, the port
/// of Google's libphonenumber behind this.
///
/// # What it logs
///
/// Nothing. But `rlibphonenumber` writes the numbers it is asked about to [`log`] at trace level. So if a logger is set to take
/// that, every call that needs the library refuses with [`NumberError::WouldBeLogged`]; switch off target `rlibphonenumber`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PhoneNumberReader {
    region: Option<rlibphonenumber::Region>,
    check: NumberCheck,
    special_rates: bool,
}

/// How much must be right about a number. Each level asks for all that the one before it does.
///
/// | level | asks for | choose it |
/// |---|---|---|
/// | `Syntax` | E.164 form | for numbers that somebody has proved to have: an account's, an event's |
/// | `Possible` | a calling code that exists, and a length that its country has | **for a login**, and for nearly everything that is typed |
/// | `Valid` | a range that its country has given out | where a text to nobody costs more than a person who is turned away |
/// | `Mobile` | a range of mobile phones | the same, and land lines cannot be texted |
///
/// **Plans age.** A program runs for years with the plans that it was built with, while countries open ranges and close them. At
/// `Valid` a person with a number from a new range cannot sign in until the program is built anew. A number that nobody has
/// costs one text at worst, within the limits; whether somebody has it only the text can tell. So a login asks for
/// `Possible`: lengths change far less often than ranges do.
///
/// They do change. Each mobile phone of Mexico was `+52 1` and ten digits until 3 August 2019, and is `+52` and ten digits
/// since: a number of the old form, right when its account was made, is not even possible today. So do not check again what an
/// account has; move such accounts to their new numbers.
///
/// Sources: ITU-T E.164, 6.2.1 (form); ITU Operational Bulletin 1151 (Mexico); the FAQ of libphonenumber, *What does it mean
/// for a phone number to be valid?* (ranges come with some latency; who has a number is for a text to find out) and *What types of phone
/// numbers can SMSs be sent to?* (mobile, and land lines in some countries).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum NumberCheck {
    /// E.164 form: `+` and 7 to 15 digits. Plans are used only for turning what was dialled into that form.
    Syntax,
    /// Its calling code exists, and its length is one that its country uses, with area code. The default.
    #[default]
    Possible,
    /// It is in a range that its country has given out, as far as this version knows.
    Valid,
    /// It is in a range of mobile phones, or in one that they share with land lines, as in North America.
    Mobile,
}

/// What kind of number its country has made of it, as far as this version knows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NumberType {
    /// A land line.
    FixedLine,
    /// A land line or a mobile phone: the plan does not tell them apart (North America).
    FixedLineOrMobile,
    /// A mobile phone.
    Mobile,
    /// A pager, a voice mailbox, or a number of a company for all its offices.
    Other,
    /// A number that its owner has forwarded at will.
    Personal,
    /// The caller pays the owner.
    PremiumRate,
    /// Caller and owner share the price.
    SharedCost,
    /// The owner pays.
    TollFree,
    /// In no range that is given out. Every number that is not *valid* is this.
    Unknown,
    /// A telephone of the Internet, bound to no place.
    Voip,
}

impl PhoneNumberReader {
    /// A reader of numbers with `+`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that takes a number without `+` as one that was dialled in `region`, ISO 3166-1 alpha-2, as in `IN`.
    ///
    /// # Errors
    /// [`RegionError`] if it is not two letters, or no numbering plan goes by them.
    pub fn in_region(region: &str) -> Result<Self, RegionError> {
        let region = plan::region(region).ok_or(RegionError)?;
        Ok(Self { region: Some(region), ..Self::default() })
    }

    /// How much must be right about a number. [`NumberCheck::Possible`] unless chosen.
    #[must_use]
    pub const fn with_check(mut self, check: NumberCheck) -> Self {
        self.check = check;
        self
    }

    /// Takes premium-rate, shared-cost and toll-free numbers too.
    ///
    /// They are what SMS pumping lives on: the attacker owns such a number, and is paid for each text that you send to it.
    #[must_use]
    pub const fn danger_special_rates(mut self) -> Self {
        self.special_rates = true;
        self
    }

    /// Reads what was typed, and [checks](Self::check) it.
    ///
    /// What is read prints as E.164, and reading that gives the same number.
    ///
    /// # Errors
    /// [`NumberError`]: what was typed is no number, or one that the check refuses.
    pub fn read(&self, typed: &str) -> Result<PhoneNumber, NumberError> {
        let dialled = typed::dialled(typed)?;
        let is_international = dialled.starts_with('+');
        if !is_international && self.region.is_none() {
            let nothing = dialled.is_empty();
            return Err(if nothing { NumberError::Length } else { NumberError::NoRegion });
        }
        plan::keeps_silent()?;
        let number = match plan::reached(&dialled, self.region) {
            Err(NumberError::CallingCode) if is_international && self.check == NumberCheck::Syntax => {
                dialled.parse().map_err(|_| NumberError::CallingCode)?
            }
            reached => reached?,
        };
        self.check(&number)?;
        Ok(number)
    }

    /// Checks a number that is in E.164 form already, an event's or an account's, as it stands.
    ///
    /// # Errors
    /// [`NumberError`]: what it lacks. With [`NumberCheck::Syntax`] it lacks nothing.
    pub fn check(&self, number: &PhoneNumber) -> Result<(), NumberError> {
        if self.check == NumberCheck::Syntax {
            return Ok(());
        }
        plan::keeps_silent()?;
        plan::has_possible_length(number)?;
        let kind = plan::number_type(number);
        if kind.has_special_rate() && !self.special_rates {
            return Err(NumberError::SpecialRate);
        }
        match (self.check, kind) {
            (NumberCheck::Syntax | NumberCheck::Possible, _) => Ok(()),
            (NumberCheck::Valid | NumberCheck::Mobile, NumberType::Unknown) => Err(NumberError::Unassigned),
            (NumberCheck::Mobile, kind) if !kind.is_mobile() => Err(NumberError::NotMobile),
            (NumberCheck::Valid | NumberCheck::Mobile, _) => Ok(()),
        }
    }

    /// What kind of number it is, whatever the check. [`NumberType::Unknown`] too while asking
    /// [would be logged](NumberError::WouldBeLogged).
    #[must_use]
    pub fn number_type(&self, number: &PhoneNumber) -> NumberType {
        plan::keeps_silent().map_or(NumberType::Unknown, |()| plan::number_type(number))
    }
}

impl NumberRules for PhoneNumberReader {
    /// While asking [would be logged](NumberError::WouldBeLogged) nothing is known of a number, so it does not fit.
    fn check(&self, phone: &PhoneNumber) -> NumberFit {
        match Self::check(self, phone) {
            Ok(()) => NumberFit::Fits,
            Err(NumberError::SpecialRate | NumberError::NotMobile | NumberError::WouldBeLogged) => {
                NumberFit::WrongKind
            }
            Err(_) => NumberFit::NoSuchNumber,
        }
    }
}

impl NumberType {
    /// Whether it is premium-rate, shared-cost or toll-free.
    #[must_use]
    pub const fn has_special_rate(self) -> bool {
        matches!(self, Self::PremiumRate | Self::SharedCost | Self::TollFree)
    }

    /// Whether it may be a mobile phone.
    #[must_use]
    pub const fn is_mobile(self) -> bool {
        matches!(self, Self::FixedLineOrMobile | Self::Mobile)
    }
}
