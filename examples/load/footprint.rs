//! How much memory people take: accounts alone, then each with a sign-in under way.

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{MemoryLedger, MemoryUsers, SendError, SendReceipt, SmsMessage, SmsSender, UserStore};

use crate::{child, people};

/// Takes every message and does nothing with it.
#[derive(Debug)]
struct NoSender;

#[async_trait]
impl SmsSender for NoSender {
    async fn send(&self, _: &SmsMessage) -> Result<SendReceipt, SendError> {
        Ok(SendReceipt::default())
    }
}

pub(crate) fn run(accounts: u32) {
    let many = usize::try_from(accounts).unwrap();
    let users: Arc<dyn UserStore> = Arc::new(MemoryUsers::bounded(many));
    let ledger = Arc::new(MemoryLedger::with_capacity(8 * many));
    let empty = resident();
    for number in 0..accounts {
        ready(people::settle_one(&*users, number));
    }
    let settled = resident();
    let pool = child::pool(users, ledger.clone(), NoSender);
    for number in 0..accounts {
        let begun = ready(pool.sign_in(people::phone(number).e164())).unwrap();
        assert_eq!(begun.parameters()["status"], "open");
    }
    let open = resident();
    let each = |from: f64, to: f64| (to - from) * 1_024.0 / f64::from(accounts);
    println!("{accounts} accounts on memory; {ledger:?}");
    println!("resident, empty                     {:>8.0} MiB", empty / 1_024.0);
    println!(
        "resident, accounts alone            {:>8.0} MiB {:>6.0} bytes an account",
        settled / 1_024.0,
        each(empty, settled)
    );
    println!(
        "resident, each with its limits open {:>8.0} MiB {:>6.0} bytes an account",
        open / 1_024.0,
        each(empty, open)
    );
}

/// Resident memory of this process, in KiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Every port here answers at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("no port in memory waits"),
    }
}
