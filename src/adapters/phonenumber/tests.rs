//! Of the whole reader. Numbers are the examples' and, of other countries, a calling code, a network and zeros; what the
//! library has as examples is asked of it and stands nowhere.

use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};

use super::*;

use NumberCheck::{Mobile, Possible, Syntax, Valid};

const ALL: [NumberCheck; 4] = [Syntax, Possible, Valid, Mobile];

fn reader(region: &str) -> PhoneNumberReader {
    if region.is_empty() { PhoneNumberReader::new() } else { PhoneNumberReader::in_region(region).unwrap() }
}

fn number(e164: &str) -> PhoneNumber {
    e164.parse().unwrap()
}

/// What is read whatever the check, and the strictest check that lets it pass.
const READ: &[(&str, &str, &str, NumberCheck)] = &[
    ("", "+919999900001", "+919999900001", Mobile),
    ("", "  (+91) 99999-00001\n", "+919999900001", Mobile),
    ("", "+91 (0) 99999.00001", "+919999900001", Mobile),
    ("", "\u{ff0b}\u{ff19}\u{ff11}\u{3000}99999\u{3000}00001", "+919999900001", Mobile),
    ("", "+٩١ ٩٩٩٩٩ ٠٠٠٠١", "+919999900001", Mobile),
    ("", "\u{202a}+91 99999 00001\u{202c}", "+919999900001", Mobile),
    ("IN", "99999 00001", "+919999900001", Mobile),
    ("in", "099999 00001", "+919999900001", Mobile),
    ("IN", "91 99999 00001", "+919999900001", Mobile),
    ("IN", "0091 99999 00001", "+919999900001", Mobile),
    ("IN", "९९९९९ ००००१", "+919999900001", Mobile),
    ("US", "011 91 99999 00001", "+919999900001", Mobile),
    // No area code is 555, but one may be.
    ("", "+1 (555) 010-0123", "+15550100123", Possible),
    ("US", "(555) 010-0123", "+15550100123", Possible),
    ("CA", "1-555-010-0123", "+15550100123", Possible),
    // Seven digits reach somebody in one's own town, and from abroad nobody.
    ("US", "555-0100", "+15550100", Syntax),
    // Mexico's mobile phones had a 1 until 2019, and Argentina's have a 9 from abroad alone.
    ("", "+521 55 0000 0000", "+5215500000000", Syntax),
    ("", "+52 55 0000 0000", "+525500000000", Mobile),
    ("AR", "011 15 0000-0000", "+5491100000000", Mobile),
    // Brazil dials a carrier before the area, Russia 8 for home.
    ("BR", "0 15 11 90000-0000", "+5511900000000", Mobile),
    ("RU", "8 (900) 000-00-00", "+79000000000", Mobile),
    // The zero of Italy's land lines belongs to the number, that of Britain's does not.
    ("IT", "06 0000 0000", "+390600000000", Valid),
    ("", "+39 06 0000 0000", "+390600000000", Valid),
    ("", "+44 (0)20 0000 0000", "+442000000000", Valid),
    ("FR", "06 00 00 00 00", "+33600000000", Mobile),
    ("", "+44 70 0000 0000", "+447000000000", Valid),
    ("", "+44 56 0000 0000", "+445600000000", Valid),
    // Dear ones, and one of a calling code that is nobody's.
    ("", "+44 900 000 0000", "+449000000000", Syntax),
    ("DE", "0180 0000000", "+491800000000", Syntax),
    ("", "+33 800 000000", "+33800000000", Syntax),
    ("", "+999 0000000", "+9990000000", Syntax),
];

/// What is read with no check.
const REFUSED: &[(&str, &str, NumberError)] = &[
    // The letter is a 2 to one library and the end to another.
    ("", "+9198765432a0", NumberError::Character),
    ("IN", "99999 0000O", NumberError::Character),
    ("US", "1-800-FLOWERS", NumberError::Character),
    ("", "+1 555 010 0123 ext. 5", NumberError::Character),
    ("", "+15550100123x5", NumberError::Character),
    ("", "+15550100123;ext=5", NumberError::Character),
    ("", "+15550100123#5", NumberError::Character),
    ("", "tel:+15550100123", NumberError::Character),
    ("IN", "*31#99999 00001", NumberError::Character),
    ("", "+919999900001,+919999900002", NumberError::Character),
    ("", "++919999900001", NumberError::Plus),
    ("IN", "+ 91 99999 + 00001", NumberError::Plus),
    ("IN", "99999+00001", NumberError::Plus),
    ("", "99999 00001", NumberError::NoRegion),
    ("", "0091 99999 00001", NumberError::NoRegion),
    ("", "", NumberError::Length),
    ("IN", " \u{202a}", NumberError::Length),
    ("IN", "+", NumberError::Length),
    ("IN", "()", NumberError::Length),
    ("IN", "0", NumberError::Length),
    ("", "+91", NumberError::Length),
    ("", "+1 555", NumberError::Length),
    ("", "+91 99999 00001 0000000000", NumberError::Length),
    ("", "+0 99999 00001", NumberError::CallingCode),
    ("IN", "+00 91 99999 00001", NumberError::CallingCode),
    // Two zeros for dialling at home: without the first, the second is one again.
    ("", "+49 00 30 0000000", NumberError::Ambiguous),
];

#[test]
fn what_people_type_is_read_as_the_number_they_mean() {
    for (region, typed, e164, strictest) in READ {
        for check in ALL {
            let read = reader(region).with_check(check).read(typed);
            let passes = ALL.iter().position(|c| *c == check) <= ALL.iter().position(|c| c == strictest);
            assert_eq!(read.is_ok(), passes, "{region} {typed} {check:?}: {read:?}");
            assert!(read.is_err() || read == Ok(number(e164)), "{region} {typed}");
        }
    }
}

#[test]
fn what_is_no_number_is_refused_at_every_level_and_says_why() {
    for (region, typed, error) in REFUSED {
        for check in ALL {
            let error_at = reader(region).with_check(check).danger_special_rates().read(typed).unwrap_err();
            assert_eq!(error_at, *error, "{region} {typed:?} {check:?}");
        }
    }
}

#[test]
fn what_a_level_refuses_it_gives_the_reason_for() {
    for (check, e164, error) in [
        (Possible, "+9990000000", NumberError::CallingCode),
        (Possible, "+5215500000000", NumberError::Length),
        (Possible, "+15550100", NumberError::Length),
        (Valid, "+15550100123", NumberError::Unassigned),
        (Mobile, "+15550100123", NumberError::Unassigned),
        (Mobile, "+442000000000", NumberError::NotMobile),
        (Possible, "+449000000000", NumberError::SpecialRate),
        (Valid, "+491800000000", NumberError::SpecialRate),
        (Mobile, "+33800000000", NumberError::SpecialRate),
    ] {
        let reader = reader("").with_check(check);
        assert_eq!(reader.check(&number(e164)), Err(error), "{e164}");
        assert_eq!(reader.read(e164), Err(error), "{e164}");
        assert_eq!(reader.with_check(Syntax).check(&number(e164)), Ok(()));
    }
}

#[test]
fn a_number_in_e164_form_is_checked_as_it_stands() {
    // Typed, the zero is for dialling at home; in a stored number it is a digit too many.
    assert_eq!(reader("").read("+44 (0)20 0000 0000"), Ok(number("+442000000000")));
    assert_eq!(reader("").check(&number("+4402000000000")), Err(NumberError::Length));
    assert_eq!(reader("").with_check(Valid).check(&number("+390600000000")), Ok(()));
}

#[test]
fn i4_numbers_of_special_rates_pass_only_when_they_are_allowed() {
    for e164 in ["+449000000000", "+491800000000", "+33800000000", "+80000000000"] {
        let reader = reader("").with_check(Valid);
        assert_eq!(reader.read(e164), Err(NumberError::SpecialRate));
        assert_eq!(reader.danger_special_rates().read(e164), Ok(number(e164)));
    }
}

#[test]
fn a_number_is_told_by_its_type() {
    for (e164, kind) in [
        ("+442000000000", NumberType::FixedLine),
        ("+525500000000", NumberType::FixedLineOrMobile),
        ("+919999900001", NumberType::Mobile),
        ("+445500000000", NumberType::Other),
        ("+447000000000", NumberType::Personal),
        ("+449000000000", NumberType::PremiumRate),
        ("+491800000000", NumberType::SharedCost),
        ("+33800000000", NumberType::TollFree),
        ("+15550100123", NumberType::Unknown),
        ("+445600000000", NumberType::Voip),
    ] {
        for check in ALL {
            assert_eq!(reader("").with_check(check).number_type(&number(e164)), kind, "{e164}");
        }
    }
}

#[test]
fn a_region_is_two_letters_that_have_a_plan() {
    for region in ["", "I", "IND", "91", "+91", "ZZ", "001", "I\u{212a}", "in ", "\u{0}\u{0}", "AA", "AQ"] {
        assert_eq!(PhoneNumberReader::in_region(region), Err(RegionError), "{region:?}");
    }
    assert_eq!(reader("in"), reader("IN"));
}

#[test]
fn every_calling_code_of_the_library_is_split_off_as_ours() {
    let codes: Vec<_> = PHONE_NUMBER_UTIL.get_supported_calling_codes().collect();
    assert!(codes.len() > 200, "{}", codes.len());
    for code in codes {
        assert_eq!(number(&format!("+{code}0000000")).calling_code(), code.to_string());
    }
}

#[test]
fn i7_nothing_of_a_number_is_in_an_error_or_a_reader() {
    let mut seen = String::new();
    for (region, typed) in REFUSED.iter().map(|(region, typed, _)| (region, typed)) {
        let error = reader(region).read(typed).unwrap_err();
        seen += &format!("{error} {error:?} {:?} ", reader(region));
    }
    for (region, typed, _, _) in READ {
        let read = reader(region).with_check(Mobile).read(typed);
        seen += &read.err().map(|error| format!("{error} {error:?} ")).unwrap_or_default();
    }
    assert!(seen.len() > 1000 && !seen.contains(|c: char| c.is_ascii_digit()), "{seen}");
}

#[test]
fn every_countrys_examples_are_read_as_they_are_written_at_home() {
    let (mut read, mut short) = (0, 0);
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        for kind in KINDS {
            let example = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, *kind);
            match example.map(|example| at_home(&example)) {
                Ok(Some((typed, number))) => {
                    assert_eq!(typed, Ok(number), "{region} {kind:?}");
                    read += 1;
                }
                Ok(None) => short += 1,
                Err(_) => {}
            }
        }
    }
    assert!(read > 900 && short < 10, "{read} read, {short} too short for E.164");
}

/// What comes of writing a number as at home and reading it there, and the number. None is shorter than 7 digits.
fn at_home(theirs: &rlibphonenumber::PhoneNumber) -> Option<(Result<PhoneNumber, NumberError>, PhoneNumber)> {
    let number = PHONE_NUMBER_UTIL.format(theirs, PhoneNumberFormat::E164).parse().ok()?;
    let region = PHONE_NUMBER_UTIL.get_region_for_number(theirs)?;
    let reader = PhoneNumberReader { region: Some(region), check: Valid, special_rates: true };
    Some((reader.read(&PHONE_NUMBER_UTIL.format(theirs, PhoneNumberFormat::National)), number))
}

const KINDS: &[PhoneNumberType] = &[
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::TollFree,
    PhoneNumberType::VoIP,
];

fn any_reader() -> impl Strategy<Value = PhoneNumberReader> {
    let mut regions: Vec<_> = PHONE_NUMBER_UTIL.get_supported_regions().collect();
    regions.sort();
    let region = proptest::option::weighted(0.9, proptest::sample::select(regions));
    (region, proptest::sample::select(&ALL[..]), any::<bool>())
        .prop_map(|(region, check, special_rates)| PhoneNumberReader { region, check, special_rates })
}

fn any_typed() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[0-9+(). \\-]{0,40}", "\\+?[0-9]{1,20}", "(00|0|011|8)?[1-9][0-9]{5,13}"]
}

proptest! {
    #[test]
    fn what_is_read_prints_as_e164_and_is_read_again_as_the_same(
        reader in any_reader(), again in any_reader(), typed in any_typed(),
    ) {
        if let Ok(number) = reader.read(&typed) {
            let again = PhoneNumberReader { region: again.region, ..reader };
            prop_assert_eq!(number.e164().parse(), Ok(number));
            prop_assert_eq!(again.read(number.e164()), Ok(number));
            prop_assert_eq!(reader.check(&number), Ok(()));
        }
    }

    #[test]
    fn a_stricter_level_reads_less_and_never_another_number(reader in any_reader(), typed in any_typed()) {
        let read = ALL.map(|check| reader.with_check(check).read(&typed));
        for (laxer, stricter) in read.iter().zip(&read[1..]) {
            prop_assert!(stricter.is_err() || stricter == laxer);
        }
    }

    #[test]
    fn a_valid_number_is_read_as_it_is_written_at_home(
        reader in any_reader(), kind in proptest::sample::select(KINDS), last in 0_u64..1000,
    ) {
        let example = reader.region.map(|region| {
            PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind)
        });
        if let Some(Ok(mut theirs)) = example {
            theirs.national_number = theirs.national_number / 1000 * 1000 + last;
            if let Some((read, number)) = at_home(&theirs).filter(|_| PHONE_NUMBER_UTIL.is_valid_number(&theirs)) {
                prop_assert_eq!(read, Ok(number));
            }
        }
    }

    #[test]
    fn a_number_as_it_stands_is_the_one_that_the_library_makes_of_it(
        e164 in prop_oneof!["\\+[1-9][0-9]{6,14}", "\\+[1-9][0-9]{0,2}0{1,4}[0-9]{5,8}"],
    ) {
        let (number, theirs) = (number(&e164), PHONE_NUMBER_UTIL.parse(&e164, None));
        let kind = reader("").number_type(&number);
        let _ = reader("").with_check(Mobile).check(&number);
        // Parsing may drop digits; where it does not, both are the same number.
        if let Some(theirs) = theirs.ok().filter(|n| PHONE_NUMBER_UTIL.format(n, PhoneNumberFormat::E164) == e164) {
            prop_assert_eq!(kind == NumberType::Unknown, !PHONE_NUMBER_UTIL.is_valid_number(&theirs));
            let is_possible = PHONE_NUMBER_UTIL.is_possible_number(&theirs);
            prop_assert!(is_possible || reader("").check(&number).is_err());
        }
    }
}

#[test]
fn nothing_is_put_in_behind_a_plus() {
    // Seven digits of Madagascar's, which had no area codes once.
    assert_eq!(PhoneNumberReader::new().read(&format!("+261 2{}", "0".repeat(6))), Err(NumberError::Length));
}
