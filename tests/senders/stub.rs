//! A service on loopback that answers each request as it is told, and keeps what it was asked.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With this status and body.
    With(u16, String),
    /// With the first half of a body, and then nothing.
    Half(String),
    /// Not at all: the connection stays open.
    Silence,
    /// By closing the connection.
    HangUp,
}

/// It ends with its test.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) endpoint: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    pub(crate) fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, answer, kept) = (stream.unwrap(), answer.clone(), Arc::clone(&kept));
                thread::spawn(move || serve(stream, &answer, &kept));
            }
        });
        Self { endpoint, asked }
    }

    /// The bodies of all requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Where nobody listens.
    pub(crate) fn nowhere() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }
}

/// Nobody waits longer than this for a test.
const LONG: Duration = Duration::from_secs(10);

fn serve(mut stream: TcpStream, answer: &Answer, kept: &Mutex<Vec<String>>) {
    let mut request = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while request.read_line(&mut line).is_ok_and(|read| read > 0) && !line.trim().is_empty() {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if line.is_empty() {
            return;
        }
        let mut body = vec![0; length];
        request.read_exact(&mut body).unwrap();
        kept.lock().unwrap().push(String::from_utf8(body).unwrap());
        let head = |status, length| {
            format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\ncontent-type: text/plain\r\n\r\n")
        };
        match answer {
            Answer::With(status, body) => {
                write!(stream, "{}{body}", head(*status, body.len())).unwrap();
            }
            Answer::Half(body) => {
                write!(stream, "{}{}", head(200, body.len()), &body[..body.len() / 2]).unwrap();
                stream.flush().unwrap();
                thread::sleep(LONG);
                return;
            }
            Answer::Silence => {
                thread::sleep(LONG);
                return;
            }
            Answer::HangUp => return,
        }
    }
}

/// A client of the SDK crate `$sdk` at this endpoint, which gives up a request after a second and, if it were asked, would ask three times.
macro_rules! client {
    ($sdk:ident, $endpoint:expr) => {{
        use $sdk::config::{
            BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
        };
        let timeout =
            TimeoutConfig::builder().operation_attempt_timeout(core::time::Duration::from_secs(1)).build();
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url($endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeout);
        $sdk::Client::from_conf(config.build())
    }};
}
pub(crate) use client;
