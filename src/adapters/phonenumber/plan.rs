//! The library: numbering plans, and how a country dials.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, PhoneNumberType, Region,
    ValidationError,
};

use crate::types::PhoneNumber;

use super::{NumberError, NumberType};

/// Whose logging shows numbers, at trace level.
const TARGET: &str = "rlibphonenumber::phonenumberutil::phonenumberutil_internal";

/// A region that has a plan. What belongs to no country (`001`) has none of its own.
pub(super) fn region(code: &str) -> Option<Region> {
    let region = Region::from_code(code).ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| region)
}

/// Whether the library may be asked: at trace level it logs the numbers it is asked about, and cannot be told not to.
/// Only a logger that would really take it is in the way; without one this is a look at a number in memory.
pub(super) fn keeps_silent() -> Result<(), NumberError> {
    let is_heard = log::log_enabled!(target: TARGET, log::Level::Trace);
    if is_heard { Err(NumberError::WouldBeLogged) } else { Ok(()) }
}

/// Which number is reached by dialling this in `region`; with `+` it is the same from everywhere.
pub(super) fn reached(dialled: &str, region: Option<Region>) -> Result<PhoneNumber, NumberError> {
    let number = parse(dialled, region)?;
    // What is kept is read again some day, and must then be the same number.
    if number.e164() != dialled && parse(number.e164(), None) != Ok(number) {
        return Err(NumberError::Ambiguous);
    }
    // Behind `+` nothing is missing. The library puts an area code in where a country's numbers had none once: somebody else's
    // number, if it was digits that were forgotten.
    if dialled.starts_with('+') && number.e164().len() > dialled.len() {
        return Err(NumberError::Length);
    }
    Ok(number)
}

fn parse(dialled: &str, region: Option<Region>) -> Result<PhoneNumber, NumberError> {
    // Else the library reads an unknown calling code behind `+` as if it were dialled at home.
    let region = region.filter(|_| !dialled.starts_with('+'));
    let number = PHONE_NUMBER_UTIL.parse(dialled, region).map_err(|error| match error {
        ParseError::InvalidCountryCode => NumberError::CallingCode,
        ParseError::NotANumber(_)
        | ParseError::TooLongNsn
        | ParseError::TooShortAfterIdd
        | ParseError::TooShortNsn => NumberError::Length,
    })?;
    PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).parse().map_err(|_| NumberError::Length)
}

/// Whether any number of its country is as long, area code included.
pub(super) fn has_possible_length(number: &PhoneNumber) -> Result<(), NumberError> {
    match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&as_it_stands(number)) {
        Ok(NumberLengthType::IsPossible) => Ok(()),
        Err(ValidationError::InvalidCountryCode) => Err(NumberError::CallingCode),
        Ok(NumberLengthType::IsPossibleLocalOnly)
        | Err(ValidationError::InvalidLength | ValidationError::TooLong | ValidationError::TooShort) => {
            Err(NumberError::Length)
        }
    }
}

pub(super) fn number_type(number: &PhoneNumber) -> NumberType {
    match PHONE_NUMBER_UTIL.get_number_type(&as_it_stands(number)) {
        PhoneNumberType::FixedLine => NumberType::FixedLine,
        PhoneNumberType::FixedLineOrMobile => NumberType::FixedLineOrMobile,
        PhoneNumberType::Mobile => NumberType::Mobile,
        PhoneNumberType::Pager | PhoneNumberType::UAN | PhoneNumberType::VoiceMail => NumberType::Other,
        PhoneNumberType::PersonalNumber => NumberType::Personal,
        PhoneNumberType::PremiumRate => NumberType::PremiumRate,
        PhoneNumberType::SharedCost => NumberType::SharedCost,
        PhoneNumberType::TollFree => NumberType::TollFree,
        PhoneNumberType::Unknown => NumberType::Unknown,
        PhoneNumberType::VoIP => NumberType::Voip,
    }
}

/// The number digit by digit: parsing would drop a prefix for dialling at home and judge what is left.
fn as_it_stands(number: &PhoneNumber) -> rlibphonenumber::PhoneNumber {
    let code = number.calling_code();
    let national = number.digits().get(code.len()..).unwrap_or_default();
    // Of nothing but zeros, the last is the number.
    let zeros = national.bytes().take_while(|b| *b == b'0').count().min(national.len().saturating_sub(1));
    rlibphonenumber::PhoneNumber {
        // At most 3 and 14 digits: both parse.
        country_code: code.parse().unwrap_or_default(),
        national_number: national.parse().unwrap_or_default(),
        italian_leading_zero: (zeros > 0).then_some(true),
        number_of_leading_zeros: i32::try_from(zeros).ok().filter(|zeros| *zeros > 0),
        ..Default::default()
    }
}
