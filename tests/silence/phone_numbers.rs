//! The reader of phone numbers, whose library logs what it is asked about. Every line that any logger is given is kept
//! here, at every level, and searched.

use std::{
    error::Error,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use custom_auth::{NumberCheck, NumberError, NumberType, PhoneNumber, PhoneNumberReader};
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::secrets::{Canaries, PHONE, Secrets};

pub(crate) fn errors() -> Vec<Box<dyn Error>> {
    vec![
        Box::new(NumberError::Ambiguous),
        Box::new(NumberError::CallingCode),
        Box::new(NumberError::Character),
        Box::new(NumberError::Length),
        Box::new(NumberError::NoRegion),
        Box::new(NumberError::NotMobile),
        Box::new(NumberError::Plus),
        Box::new(NumberError::SpecialRate),
        Box::new(NumberError::Unassigned),
        Box::new(NumberError::WouldBeLogged),
        Box::new(PhoneNumberReader::in_region(PHONE).unwrap_err()),
    ]
}

/// Takes everything, but of the library only what its operator asked for.
struct Everything {
    of_the_library: AtomicBool,
    lines: Mutex<String>,
}

static LOGGER: Everything =
    Everything { of_the_library: AtomicBool::new(false), lines: Mutex::new(String::new()) };

impl Log for Everything {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        let is_the_librarys = of.target().starts_with("rlibphonenumber") && of.level() == Level::Trace;
        !is_the_librarys || self.of_the_library.load(Ordering::SeqCst)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut lines = self.lines.lock().unwrap();
            *lines += &format!("{} {} {}\n", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

/// What is logged meanwhile, with the library's trace level on or off. One at a time.
fn logged(of_the_library: bool, act: impl FnOnce()) -> String {
    static INSTALL: Once = Once::new();
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    INSTALL.call_once(|| {
        log::set_logger(&LOGGER).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
    LOGGER.of_the_library.store(of_the_library, Ordering::SeqCst);
    act();
    LOGGER.of_the_library.store(false, Ordering::SeqCst);
    std::mem::take(&mut *LOGGER.lines.lock().unwrap())
}

fn reads(check: NumberCheck) -> Vec<Result<PhoneNumber, NumberError>> {
    let reader = PhoneNumberReader::in_region("IN").unwrap().with_check(check);
    let number = PHONE.parse().unwrap();
    let mut all: Vec<_> =
        [PHONE, "099999 00077", "0091 99999 00077", "+91 (0) 99999-00077", "99999-000777777"]
            .map(|typed| reader.read(typed))
            .into();
    all.push(reader.check(&number).map(|()| number));
    all
}

fn holds_the_number(lines: &str) -> bool {
    Secrets::new(&Canaries::FIXED, PHONE.parse().unwrap()).found_in(lines.as_bytes()).is_some()
}

const CHECKS: [NumberCheck; 4] =
    [NumberCheck::Syntax, NumberCheck::Possible, NumberCheck::Valid, NumberCheck::Mobile];

#[test]
fn i7_a_reader_of_numbers_logs_none_at_any_level() {
    let lines = logged(false, || {
        for check in CHECKS {
            assert!(reads(check).iter().filter(|read| read.is_ok()).count() >= 5);
        }
        let number = PHONE.parse().unwrap();
        assert_eq!(PhoneNumberReader::new().number_type(&number), NumberType::Mobile);
    });
    assert!(!holds_the_number(&lines), "{lines}");
}

#[test]
fn i7_nothing_is_read_while_the_library_would_be_heard() {
    let lines = logged(true, || {
        for check in CHECKS {
            let asked = reads(check).into_iter().filter(|read| read != &Ok(PHONE.parse().unwrap()));
            assert!(asked.clone().count() >= 5);
            assert!(asked.into_iter().all(|read| read == Err(NumberError::WouldBeLogged)));
        }
        let number = PHONE.parse().unwrap();
        assert_eq!(PhoneNumberReader::new().number_type(&number), NumberType::Unknown);
    });
    assert!(!holds_the_number(&lines), "{lines}");
}

#[test]
fn the_library_still_logs_numbers_and_where_the_reader_looks() {
    let lines = logged(true, || {
        let number = rlibphonenumber::PHONE_NUMBER_UTIL.parse(PHONE, None).unwrap();
        let _ = rlibphonenumber::PHONE_NUMBER_UTIL.get_number_type(&number);
    });
    let telling: Vec<_> = lines.lines().filter(|line| holds_the_number(line)).collect();
    assert!(!telling.is_empty(), "it does so no longer: the reader need not look");
    let target = "TRACE rlibphonenumber::phonenumberutil::phonenumberutil_internal ";
    assert!(telling.iter().all(|line| line.starts_with(target)), "{telling:?}");
}
