//! The server, in a process of its own: the whole of it, as `examples/server.rs` serves it, but with limits that a load test does not
//! meet, and texts that are handed to the parent.
//!
//! On standard output: its address, then a line for each text, and an answer to each line of standard input.

use std::{future::pending, io::Write as _, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use custom_auth::{
    AccountPolicy, Accounts, CodeKeys, CustomAuth, Destinations, Ledger, MemoryLedger, MemoryUsers, Policy,
    RedbStore, SendError, SendReceipt, SmsMessage, SmsSender, UserPool, UserStore,
    hosts::server::{AppClient, DoorLimits, RuntimeClock, Server, serve},
    pool::SealKey,
    tokens::{TokenIssuer, TokenKeys},
};
use time::Duration;
use tokio::net::TcpListener;

use crate::{
    gate::{Disk, Gate},
    people,
};

pub(crate) const CLIENT: &str = "customauth";
const POOL: &str = "local_CustomAuth";

/// Serves until standard input ends.
pub(crate) fn run(store: &str, accounts: u32) {
    let gate = Arc::<Gate>::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(listen(store.to_owned(), accounts, Arc::clone(&gate)));
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "shut" => gate.set(|state| state.shut()),
            "open" => gate.set(|state| state.open()),
            "pass" => gate.set(|state| state.let_one_pass()),
            _ => {}
        }
        let state = *gate.state();
        say(&format!("{} {}\n", state.held(), state.synced));
    }
    // What is open may wait for a gate for ever.
    std::process::exit(0);
}

async fn listen(store: String, accounts: u32, gate: Arc<Gate>) {
    let (users, ledger) = open(&store, gate);
    people::settle(Arc::clone(&users), accounts).await;
    let pool = pool(users, ledger, Pipe);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let issuer = TokenIssuer::new(format!("http://{address}/{POOL}"), CLIENT, TokenKeys::generate().unwrap());
    let mut limits = DoorLimits::default();
    (limits.burst, limits.per_second, limits.concurrency) = (1 << 30, 1000, 4096);
    limits.texts_per_hour = u32::MAX;
    let router = Server::new().client(AppClient::new(pool, issuer)).limits(limits.clone()).router().unwrap();
    say(&format!("{address}\n"));
    serve(listener, router, &limits, pending()).await.unwrap();
}

fn open(store: &str, gate: Arc<Gate>) -> (Arc<dyn UserStore>, Arc<dyn Ledger>) {
    match store.strip_prefix("redb:").map(PathBuf::from) {
        Some(path) => {
            let store = RedbStore::with_backend(move || Disk::open(&path, &gate)).unwrap();
            (Arc::new(store.users()), Arc::new(store.ledger()))
        }
        None => (Arc::new(MemoryUsers::bounded(1 << 21)), Arc::new(MemoryLedger::with_capacity(1 << 23))),
    }
}

/// As the server's settings make it, every quota on and none that is met.
pub(crate) fn pool(users: Arc<dyn UserStore>, ledger: Arc<dyn Ledger>, sender: impl SmsSender) -> UserPool {
    let policy = Policy::builder()
        .destinations(Destinations::allow(["+1"]))
        // Equal times are an idle wait of 1.5 s, which is no work.
        .send_window(Duration::ZERO)
        .sends_per_phone(vec![(100, 600), (100, 3_600), (100, 86_400)])
        .guesses_per_day(100)
        .sends_per_prefix_per_hour(u32::MAX)
        .sends_per_day(u32::MAX);
    let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
    let auth = CustomAuth::builder()
        .keys(keys.clone())
        .policy(policy.build().unwrap())
        .sms(sender)
        .ledger(Arc::clone(&ledger))
        .clock(RuntimeClock::new())
        .build()
        .unwrap();
    let accounts = Accounts::builder(keys, Arc::clone(&users), auth.codes(POOL, CLIENT), Arc::clone(&ledger))
        .pool_id(POOL)
        .policy(AccountPolicy::builder().dormant_after(None).build().unwrap())
        .build()
        .unwrap();
    UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(ledger)
        .accounts(accounts)
        .seal_key(SealKey::from_bytes(&[9; 32]))
        .clock(RuntimeClock::new())
        .pool_id(POOL)
        .client_id(CLIENT)
        .build()
        .unwrap()
}

/// Hands the code to the parent. A provider's API would be a call over the network.
#[derive(Debug)]
struct Pipe;

#[async_trait]
impl SmsSender for Pipe {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let code: String =
            message.body.expose_secret().chars().filter(char::is_ascii_digit).take(6).collect();
        say(&format!("{} {code}\n", message.to.e164()));
        Ok(SendReceipt::default())
    }
}

/// One line, in one write.
fn say(line: &str) {
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}
