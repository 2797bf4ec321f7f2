//! Every public error, one by one.

use std::{error::Error, fs, path::Path};

use custom_auth::{
    AnswerShapeError, BuildError, ChallengeAnswer, CodeKeys, CodeKeysError, CodeLength, CodeLengthError,
    EntropyError, FailoverError, ParsePhoneNumberError, PhoneNumber, PolicyError, Quota, QuotaError,
    QuotaName, SendError, StepError, StepName, StepNameError, StoreError, TriggerRefusal, UserStatus,
    accounts::AccountError,
    pool::{BuildPoolError, PoolError, SealKeyError, Trigger, TriggerError},
    wire::{MAX_EVENT_BYTES, WireError},
};

fn ours() -> Vec<Box<dyn Error>> {
    let cause = || "+919999900077".into();
    #[allow(unused_mut)] // by feature
    let mut all: Vec<Box<dyn Error>> = vec![
        Box::new(StoreError::Corrupt(cause())),
        Box::new(StoreError::Full),
        Box::new(StoreError::Refused(cause())),
        Box::new(StoreError::Unavailable(cause())),
        Box::new(SendError::Refused(cause())),
        Box::new(SendError::TryAnother(cause())),
        Box::new(SendError::Unknown(cause())),
        Box::new(StepError::new("+919999900077")),
        Box::new(EntropyError::new("+919999900077")),
        Box::new(AnswerShapeError::from_text("+919999900077")),
        Box::new(CodeLength::new(3).unwrap_err() as CodeLengthError),
        Box::new("9199999".parse::<PhoneNumber>().unwrap_err() as ParsePhoneNumberError),
        Box::new(StepName::new("+919999900077").unwrap_err() as StepNameError),
        Box::new(Quota::log(QuotaName::Sends, &[]).unwrap_err() as QuotaError),
        Box::new("".parse::<custom_auth::pool::SealKey>().unwrap_err() as SealKeyError),
        Box::new(CodeKeysError::Base64),
        Box::new(CodeKeysError::Duplicate),
        Box::new(CodeKeysError::Empty),
        Box::new(CodeKeysError::Name),
        Box::new(CodeKeysError::Short),
        Box::new(PolicyError::NoDestination),
        Box::new(PolicyError::Prefix),
        Box::new(PolicyError::Range { field: "clock_skew", range: "0 to 60 s" }),
        Box::new(PolicyError::Message("too long")),
        Box::new(PolicyError::Plan),
        Box::new(FailoverError::Empty),
        Box::new(FailoverError::NoSuchSender("pigeon".to_owned())),
        Box::new(FailoverError::Prefix("91".to_owned())),
        Box::new(BuildError::StepMissing(StepName::sms_code())),
        Box::new(BuildError::StepTwice(StepName::sms_code())),
        Box::new(BuildError::Quota),
        Box::new(BuildPoolError::ClientId),
        Box::new(BuildPoolError::Missing("users")),
        Box::new(BuildPoolError::PoolId),
        Box::new(BuildPoolError::RefreshTokenValidity),
        Box::new(BuildPoolError::RotationGrace),
        Box::new(BuildPoolError::SessionValidity),
        Box::new(BuildPoolError::TriggerTimeout),
        Box::new(WireError::Duplicate("request")),
        Box::new(WireError::NotAnObject),
        Box::new(WireError::NotJson { at: 7 }),
        Box::new(WireError::TooLarge),
        Box::new(custom_auth::Error::Wire(WireError::NotAnObject)),
        Box::new(custom_auth::Error::Refused(TriggerRefusal::NumberInvalid)),
        Box::new(TriggerRefusal::AccountClosed),
        Box::new(TriggerRefusal::AccountDormant),
        Box::new(TriggerRefusal::NumberInvalid),
        Box::new(TriggerRefusal::NumberLost),
        Box::new(TriggerRefusal::NumberNotSupported),
        Box::new(TriggerRefusal::TooManySignUps),
        Box::new(TriggerRefusal::Unavailable),
        Box::new(TriggerError::Failed("+919999900077".to_owned())),
        Box::new(TriggerError::NotConfigured),
        Box::new(TriggerError::NotInvokable),
        Box::new(AccountError::Changed),
        Box::new(AccountError::CodeMismatch),
        Box::new(AccountError::ExpiredCode),
        Box::new(AccountError::Exists),
        Box::new(AccountError::NotFound),
        Box::new(AccountError::NumberNotSupported),
        Box::new(AccountError::NumberTaken),
        Box::new(AccountError::Status(UserStatus::Other("+919999900077".to_owned()))),
        Box::new(AccountError::Entropy(EntropyError::new("+919999900077"))),
        Box::new(AccountError::Store(StoreError::Full)),
        Box::new(AccountError::Throttled),
    ];
    #[cfg(feature = "tokens")]
    all.extend(of_tokens());
    #[cfg(feature = "phonenumber")]
    all.extend(super::phone_numbers::errors());
    #[cfg(feature = "redb")]
    all.extend(of_files());
    all
}

#[cfg(feature = "redb")]
fn of_files() -> Vec<Box<dyn Error>> {
    use custom_auth::RedbStoreError;
    vec![
        Box::new(RedbStoreError::InUse),
        Box::new(RedbStoreError::Open(std::io::ErrorKind::PermissionDenied)),
        Box::new(RedbStoreError::Version),
    ]
}

#[cfg(feature = "tokens")]
fn of_tokens() -> Vec<Box<dyn Error>> {
    use custom_auth::tokens::{TokenError, TokenKeysError};
    vec![
        Box::new(TokenError::Claims),
        Box::new(TokenError::Lifetime),
        Box::new(TokenError::Sign),
        Box::new(TokenKeysError::Base64),
        Box::new(TokenKeysError::Duplicate),
        Box::new(TokenKeysError::Generate),
        Box::new(TokenKeysError::Key),
        Box::new(TokenKeysError::Lists),
    ]
}

/// Their words are Cognito's, to the letter.
fn cognitos() -> Vec<PoolError> {
    let trigger = Trigger::DefineAuthChallenge;
    vec![
        PoolError::AccountsNotConfigured,
        PoolError::AccessTokenRevoked,
        PoolError::AliasExists,
        PoolError::CodeMismatch,
        PoolError::ExpiredCode,
        PoolError::LimitExceeded,
        PoolError::UserAlreadyConfirmed,
        PoolError::UserCannotBeConfirmed("CONFIRMED".to_owned()),
        PoolError::UsernameExists,
        PoolError::Disabled,
        PoolError::Internal("+919999900077".into()),
        PoolError::ParameterTooLong { name: "session", limit: 8192 },
        PoolError::MissingParameter("USERNAME"),
        PoolError::NumberNotSupported,
        PoolError::NotAuthorized,
        PoolError::PasswordAttemptsExceeded,
        PoolError::PasswordLength,
        PoolError::PasswordResetRequired,
        PoolError::PasswordVerifierUnsupported,
        PoolError::RefreshTokenExpired,
        PoolError::RefreshTokenInvalid,
        PoolError::RefreshTokenReused,
        PoolError::RefreshTokenRevoked,
        PoolError::SessionExpired,
        PoolError::SessionInvalid,
        PoolError::SessionUsed,
        PoolError::SrpInvalid,
        PoolError::TriggerFailed { trigger, message: "no".to_owned() },
        PoolError::TriggerNotConfigured,
        PoolError::TriggerNotInvokable(trigger),
        PoolError::TriggerOutputInvalid,
        PoolError::TriggerOutputUnrecognizable,
        PoolError::TriggerTimedOut(trigger),
        PoolError::UnexpectedTokens,
        PoolError::UserNotConfirmed,
        PoolError::UserNotFound,
        PoolError::UsernameNotFound,
    ]
}

/// An answer's shape has no other way to be wrong than by being read.
trait FromText {
    fn from_text(text: &str) -> Self;
}

impl FromText for AnswerShapeError {
    fn from_text(text: &str) -> Self {
        ChallengeAnswer::parse(text, CodeLength::SIX).unwrap_err()
    }
}

#[test]
fn i7_an_error_is_a_lower_case_phrase_without_full_stop_or_number() {
    for error in ours() {
        let words = error.to_string();
        assert!(words.starts_with(|c: char| c.is_lowercase()), "{words}");
        assert!(!words.ends_with(['.', '!', '\n']), "{words}");
        assert!(!has_a_number(&words), "{words}");
    }
}

#[test]
fn i7_what_a_pool_tells_clients_holds_no_number() {
    for error in cognitos() {
        assert!(!has_a_number(&error.to_string()), "{error}");
    }
}

#[test]
fn every_error_there_is_was_looked_at() {
    let count = written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert_eq!(ours().len() + cognitos().len(), count);
}

#[test]
fn i7_keys_that_cannot_be_read_are_not_repeated() {
    let canary = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk";
    for text in
        [format!("k1:{canary}!"), canary.to_owned(), format!("{canary}{canary}:AAAA"), format!("k:{canary}=")]
    {
        let error = text.parse::<CodeKeys>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(canary));
    }
}

/// Seven digits or more in a row: the shortest numbers have as many (ITU-T E.164).
fn has_a_number(words: &str) -> bool {
    words
        .replace(&MAX_EVENT_BYTES.to_string(), "")
        .split(|c: char| !c.is_ascii_digit())
        .any(|run| run.len() >= 7)
}

/// How many messages of errors stand in the sources.
fn written(folder: &Path) -> usize {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        // A host's settings are an operator's, who reads the name of the variable first; they have tests of their own.
        let is_left_out = path.ends_with("hosts")
            || !cfg!(feature = "phonenumber") && path.ends_with("adapters/phonenumber")
            || !cfg!(feature = "redb") && path.ends_with("adapters/redb_store.rs");
        if is_left_out {
            0
        } else if path.is_dir() {
            written(&path)
        } else {
            fs::read_to_string(path).unwrap().matches("#[error(").count()
        }
    };
    fs::read_dir(folder).unwrap().map(entry).sum()
}
