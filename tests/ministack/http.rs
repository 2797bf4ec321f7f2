//! Plain HTTP to the emulator, and pools on it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, SystemTime},
};

use custom_auth::{CognitoUsers, NumberRule, Timestamp};
use serde_json::{Value, json};

use crate::{client::client, service::Service};

/// A running emulator.
#[derive(Clone, Debug)]
pub(crate) struct Ministack {
    pub(crate) address: String,
}

impl Ministack {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.trim_end_matches('/').to_owned() }
    }

    /// The machine's time, which is the emulator's.
    #[allow(clippy::disallowed_methods)] // only it tells what the emulator will note
    pub(crate) fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        Timestamp::from_unix_millis(i64::try_from(since.as_millis()).expect("before the year 10000"))
    }

    /// The adapter over a new pool of this kind.
    pub(crate) fn users(&self, rule: NumberRule) -> CognitoUsers {
        let attributes = ["deleting", "last_success", "lost_number", "tokens_nbf", "was_verified"];
        let schema: Vec<Value> = attributes
            .iter()
            .map(|name| json!({"Name": name, "AttributeDataType": "String", "Mutable": true}))
            .collect();
        let mut pool = json!({"PoolName": "users", "Schema": schema});
        let option = match rule {
            NumberRule::FirstHolds => "UsernameAttributes",
            NumberRule::VerifiedHolds => "AliasAttributes",
        };
        pool[option] = json!(["phone_number"]);
        let pool = self.ask("CreateUserPool", &pool);
        let pool_id = pool["UserPool"]["Id"].as_str().expect("a pool");
        let app = self.ask("CreateUserPoolClient", &json!({"UserPoolId": pool_id, "ClientName": "users"}));
        let app_id = app["UserPoolClient"]["ClientId"].as_str().expect("an app client");
        CognitoUsers::new(client(self.api(COGNITO), 1), pool_id, rule).sign_up_through(app_id, None)
    }

    fn ask(&self, operation: &str, body: &Value) -> Value {
        let (status, answer) =
            self.api(COGNITO).answer(operation, &body.to_string()).expect("ministack answers");
        assert_eq!(status, 200, "{operation}: {answer}");
        serde_json::from_str(&answer).expect("JSON")
    }

    /// One of its services.
    pub(crate) fn api(&self, api: Api) -> At {
        At { ministack: self.clone(), api }
    }

    fn post(&self, api: Api, operation: &str, body: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.{}\r\n\
             X-Amz-Target: {}.{operation}\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/{}/aws4_request, \
             SignedHeaders=host, Signature=0\r\n\r\n{body}",
            self.address,
            api.json,
            api.target,
            body.len(),
            api.name,
        )?;
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut length = None;
        loop {
            line.clear();
            answer.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.ok_or_else(|| std::io::Error::other("no length"))?];
        answer.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(std::io::Error::other)?;
        Ok((status.ok_or_else(|| std::io::Error::other("no status"))?, body))
    }
}

/// How a service is called: its name, what its operations are named after, and the minor version of its JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api {
    name: &'static str,
    target: &'static str,
    json: u8,
}

pub(crate) const COGNITO: Api =
    Api { name: "cognito-idp", target: "AWSCognitoIdentityProviderService", json: 1 };
pub(crate) const DYNAMODB: Api = Api { name: "dynamodb", target: "DynamoDB_20120810", json: 0 };

/// One service of the emulator.
#[derive(Clone, Debug)]
pub(crate) struct At {
    ministack: Ministack,
    api: Api,
}

impl Service for At {
    fn answer(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let answer = self.ministack.post(self.api, operation, body);
        answer.inspect_err(|error| eprintln!("{operation}: {error}")).ok()
    }
}
