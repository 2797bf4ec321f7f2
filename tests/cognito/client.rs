//! A client of Cognito over an HTTP of the tests' own.

use aws_sdk_cognitoidentityprovider::Client;

use crate::service::{self, Service};

/// A client that asks each thing at most `attempts` times.
pub(crate) fn client(service: impl Service, attempts: u32) -> Client {
    service::client!(aws_sdk_cognitoidentityprovider, service, attempts)
}
