//! A client that costs little: requests written by hand over one connection that stays open.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{child::CLIENT, people};

/// A server of our own, in a process of its own, which ends with this.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    pub(crate) texts: Texts,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts this program again as a server on `store`, with so many accounts.
    pub(crate) fn start(store: &str, accounts: u32) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--child", store, "--accounts", &accounts.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let texts = Texts(Arc::new(Mutex::new(Read { pipe: BufReader::new(output), codes: HashMap::new() })));
        let address = texts.0.lock().unwrap().answer().parse().expect("the server did not start");
        Self { child, input, texts, address }
    }

    /// Says something to its gate; gives how many syncs wait there and how many were done.
    pub(crate) fn ask(&mut self, line: &str) -> (u64, u64) {
        writeln!(self.input, "{line}").unwrap();
        let answer = self.texts.0.lock().unwrap().answer();
        let (waiting, synced) = answer.split_once(' ').unwrap();
        (waiting.parse().unwrap(), synced.parse().unwrap())
    }

    /// Processor time of all its threads so far, in microseconds, user's and system's. Linux keeps it to a hundredth of a second.
    pub(crate) fn cpu(&self) -> f64 {
        let path = Path::new("/proc").join(self.child.id().to_string()).join("stat");
        let stat = std::fs::read_to_string(path).unwrap();
        // Behind the name, which may hold anything: the 14th and 15th of all fields.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks * 10_000.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The texts that were sent, as the server writes them down.
#[derive(Clone, Debug)]
pub(crate) struct Texts(Arc<Mutex<Read>>);

#[derive(Debug)]
struct Read {
    pipe: BufReader<ChildStdout>,
    codes: HashMap<String, String>,
}

impl Texts {
    /// The code that went to a number. It was sent before the call that asked for it was answered, so it is in the pipe at the latest now.
    pub(crate) fn code(&self, phone: &str) -> String {
        let mut read = self.0.lock().unwrap();
        loop {
            if let Some(code) = read.codes.remove(phone) {
                return code;
            }
            let line = read.line();
            assert!(read.note(&line), "no text but: {line}");
        }
    }
}

impl Read {
    /// The next line that is no text.
    fn answer(&mut self) -> String {
        loop {
            let line = self.line();
            if !self.note(&line) {
                return line;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.pipe.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "the server has gone");
        line.trim_end().to_owned()
    }

    fn note(&mut self, line: &str) -> bool {
        let text = line.split_once(' ').filter(|(to, _)| to.starts_with('+'));
        text.map(|(to, code)| self.codes.insert(to.to_owned(), code.to_owned())).is_some()
    }
}

/// A connection, which makes one call after another.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    texts: Texts,
    request: String,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(server: &Process) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, texts: server.texts.clone(), request: String::new(), answer: Vec::new() }
    }

    /// A whole sign-in, to the tokens.
    pub(crate) async fn sign_in(&mut self, number: u32) {
        let phone = people::phone(number);
        let session = self.begin(phone.e164()).await;
        let code = self.texts.code(phone.e164());
        self.finish(phone.e164(), &session, &code).await;
    }

    /// Asks for a code; gives the session.
    pub(crate) async fn begin(&mut self, phone: &str) -> String {
        let body = format!(
            r#"{{"AuthFlow":"CUSTOM_AUTH","ClientId":"{CLIENT}","AuthParameters":{{"USERNAME":"{phone}"}}}}"#
        );
        let answer = self.call("InitiateAuth", &body).await;
        let (_, session) = answer.split_once(r#""Session":""#).unwrap_or_else(|| panic!("{answer}"));
        session.split_once('"').unwrap().0.to_owned()
    }

    /// Answers with the code, and is signed in.
    pub(crate) async fn finish(&mut self, phone: &str, session: &str, code: &str) {
        let body = format!(
            r#"{{"ChallengeName":"CUSTOM_CHALLENGE","ClientId":"{CLIENT}","ChallengeResponses":{{"USERNAME":"{phone}","ANSWER":"{code}"}},"Session":"{session}"}}"#
        );
        let answer = self.call("RespondToAuthChallenge", &body).await;
        assert!(answer.contains(r#""AccessToken":"ey"#), "{phone}: {answer}");
    }

    /// Makes a call; gives the body of its answer.
    pub(crate) async fn call(&mut self, operation: &str, body: &str) -> &str {
        use core::fmt::Write as _;
        self.request.clear();
        write!(
            self.request,
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        self.stream.write_all(self.request.as_bytes()).await.unwrap();
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            if let Some(body) = whole(&self.answer) {
                return core::str::from_utf8(&self.answer[body..]).unwrap();
            }
        }
    }
}

/// Where the body of an answer begins, once all of it is there.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let text = core::str::from_utf8(&answer[..head]).unwrap();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let body = head + 4;
    (answer.len() >= body + length.parse::<usize>().unwrap()).then_some(body)
}
