//! What the service's refusals mean, and what of them may be told.

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};

use crate::{aws::CallFailure, ports::StoreError};

/// What a call that did not succeed means to this adapter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// The account is not in a state that allows it.
    NotAllowed,
    /// There is no such account.
    NotFound,
    /// The pool, its schema, or the caller's rights do not allow it, and will not by themselves.
    Refused,
    /// The name or the number is taken.
    Taken,
    /// It may have been done, or may be done later.
    Unavailable,
}

/// Everything that the calls of this adapter, and those that stand near them, are known to answer.
pub(super) const MEANINGS: &[(&str, Meaning)] = &[
    ("AccessDeniedException", Meaning::Refused),
    ("AliasExistsException", Meaning::Taken),
    ("CodeDeliveryFailureException", Meaning::Unavailable), // the account was made
    ("CodeMismatchException", Meaning::Refused),
    ("ConcurrentModificationException", Meaning::Unavailable),
    ("ExpiredCodeException", Meaning::Refused),
    ("ExpiredTokenException", Meaning::Unavailable), // the caller's credentials; the next ones are good
    ("ForbiddenException", Meaning::Refused),
    ("InternalErrorException", Meaning::Unavailable),
    ("InvalidEmailRoleAccessPolicyException", Meaning::Refused),
    ("InvalidLambdaResponseException", Meaning::Unavailable),
    ("InvalidParameterException", Meaning::Refused),
    ("InvalidPasswordException", Meaning::Refused),
    ("InvalidSmsRoleAccessPolicyException", Meaning::Refused),
    ("InvalidSmsRoleTrustRelationshipException", Meaning::Refused),
    ("InvalidUserPoolConfigurationException", Meaning::Refused),
    ("LimitExceededException", Meaning::Unavailable), // of SignUp: the account may have been made
    ("NotAuthorizedException", Meaning::NotAllowed),
    ("PasswordHistoryPolicyViolationException", Meaning::Refused),
    ("PasswordResetRequiredException", Meaning::NotAllowed),
    ("PreconditionNotMetException", Meaning::Refused),
    ("ResourceNotFoundException", Meaning::Refused), // the pool or the app client, never an account
    ("ThrottlingException", Meaning::Unavailable),
    ("TooManyFailedAttemptsException", Meaning::Unavailable),
    ("TooManyRequestsException", Meaning::Unavailable),
    ("UnexpectedLambdaException", Meaning::Unavailable),
    ("UnrecognizedClientException", Meaning::Refused),
    ("UnsupportedUserStateException", Meaning::NotAllowed),
    ("UserImportInProgressException", Meaning::Unavailable),
    ("UserLambdaValidationException", Meaning::Refused), // a Pre Sign-up trigger said no
    ("UserNotConfirmedException", Meaning::NotAllowed),
    ("UserNotFoundException", Meaning::NotFound),
    ("UsernameExistsException", Meaning::Taken),
];

/// What an error of this name and HTTP status means. One without a name is no answer of the service.
pub(super) fn meaning(code: Option<&str>, status: Option<u16>) -> Meaning {
    let known = MEANINGS.iter().find(|(name, _)| Some(*name) == code);
    match (known, code, status) {
        (Some((_, meaning)), _, _) => *meaning,
        (None, Some(_), Some(400..=428 | 430..=499)) => Meaning::Refused,
        (None, _, _) => Meaning::Unavailable,
    }
}

/// A call that did not succeed, and what that means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Failure {
    call: CallFailure,
    pub(super) meaning: Meaning,
}

impl Failure {
    /// A request that could not be made.
    pub(super) fn ours(operation: &'static str) -> Self {
        Self { call: CallFailure::new(operation, None, None), meaning: Meaning::Refused }
    }

    pub(super) fn of<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Self {
        let call = CallFailure::of(operation, error);
        let is_ours = matches!(error, SdkError::ConstructionFailure(_));
        let meaning = if is_ours { Meaning::Refused } else { meaning(call.code(), call.status()) };
        Self { call, meaning }
    }

    /// The name of the error, if the service gave one.
    pub(super) fn code(&self) -> Option<&str> {
        self.call.code()
    }

    /// Whether the service answered that it did nothing: not whether an attempt before this one did.
    pub(super) fn is_answer(&self) -> bool {
        self.code().is_some() && self.call.status().is_some_and(|status| (400..=499).contains(&status))
    }

    /// An act that was given up.
    pub(super) fn late(operation: &'static str) -> Self {
        Self { call: CallFailure::new(operation, None, None), meaning: Meaning::Unavailable }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure.meaning {
            Meaning::NotAllowed | Meaning::Refused => Self::Refused(Box::new(failure.call)),
            // A number or an account that comes and goes while we look: the same call may succeed later.
            Meaning::NotFound | Meaning::Taken | Meaning::Unavailable => {
                Self::Unavailable(Box::new(failure.call))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_one_meaning_and_the_table_is_in_order() {
        assert!(MEANINGS.is_sorted_by(|a, b| a.0 < b.0));
        for (code, expected) in MEANINGS {
            for status in [None, Some(400), Some(429), Some(500)] {
                assert_eq!(meaning(Some(code), status), *expected, "{code}");
            }
        }
    }

    #[test]
    fn only_a_name_that_is_taken_is_taken_and_only_a_user_that_is_not_found_is_not_found() {
        let named = |wanted| -> Vec<&str> {
            MEANINGS.iter().filter(|(_, meaning)| *meaning == wanted).map(|(name, _)| *name).collect()
        };
        assert_eq!(named(Meaning::Taken), ["AliasExistsException", "UsernameExistsException"]);
        assert_eq!(named(Meaning::NotFound), ["UserNotFoundException"]);
    }

    #[test]
    fn what_is_not_known_is_unavailable_unless_the_service_says_that_it_is_our_fault() {
        for (code, status, expected) in [
            (None, None, Meaning::Unavailable),
            (None, Some(400), Meaning::Unavailable), // a proxy's page
            (None, Some(503), Meaning::Unavailable),
            (Some("OfALaterYearException"), Some(400), Meaning::Refused),
            (Some("OfALaterYearException"), Some(429), Meaning::Unavailable),
            (Some("OfALaterYearException"), Some(500), Meaning::Unavailable),
            (Some("OfALaterYearException"), None, Meaning::Unavailable),
        ] {
            assert_eq!(meaning(code, status), expected, "{code:?} {status:?}");
        }
    }

    #[test]
    fn i7_a_failure_shows_the_call_and_the_name_of_the_error_only() {
        let failure = |code: Option<&str>, status| Failure {
            call: CallFailure::new("AdminGetUser", code, status),
            meaning: meaning(code, status),
        };
        let shown = |failure: Failure| {
            let error = StoreError::from(failure);
            let source = core::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            (error.to_string(), source, error.is_retryable())
        };
        for (code, status, words, source, again) in [
            (
                Some("TooManyRequestsException"),
                Some(400),
                "the store is unavailable",
                "AdminGetUser: TooManyRequestsException",
                true,
            ),
            (
                Some("InvalidParameterException"),
                Some(400),
                "the store refused",
                "AdminGetUser: InvalidParameterException",
                false,
            ),
            (None, Some(502), "the store is unavailable", "AdminGetUser: HTTP 502", true),
            (None, None, "the store is unavailable", "AdminGetUser: not done", true),
        ] {
            assert_eq!(shown(failure(code, status)), (words.to_owned(), source.to_owned(), again));
        }
    }
}
