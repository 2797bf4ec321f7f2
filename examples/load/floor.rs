//! The least that a sign-in can cost: two RSA signatures of 2048 bits, since it hands out two tokens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};

/// Signs as the issuer of tokens does, and nothing else.
#[derive(Debug)]
pub(crate) struct Floor {
    keys: [KeyPair; 2],
    message: Vec<u8>,
}

/// How many pairs of signatures are made in a row.
const ROUND: u32 = 5;
/// Between two rounds: they take an eighth of a processor.
const PAUSE: Duration = Duration::from_millis(60);

impl Floor {
    pub(crate) fn new() -> Self {
        let key = || KeyPair::generate(KeySize::Rsa2048).unwrap();
        // As long as the signed part of a token.
        Self { keys: [key(), key()], message: vec![b'e'; 600] }
    }

    /// Begins to measure, beside the server and whatever it does to the machine: processors that share a core or a cache make each
    /// other slow, and a neighbour on the same host takes from all alike.
    pub(crate) fn measure(self: &Arc<Self>) -> Measuring {
        let (floor, ended) = (Arc::clone(self), Arc::<AtomicBool>::default());
        let end = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            // Linux brings the count up to date when a thread goes to sleep, so it is read after that.
            std::thread::sleep(PAUSE);
            let (begun, mut pairs) = (thread_cpu(), 0);
            loop {
                floor.sign(ROUND);
                pairs += ROUND;
                std::thread::sleep(PAUSE);
                if ended.load(Ordering::Relaxed) {
                    return (thread_cpu() - begun) / f64::from(pairs);
                }
            }
        });
        Measuring { thread, end }
    }

    fn sign(&self, pairs: u32) {
        let mut signature = [0; 256];
        for _ in 0..pairs {
            for key in &self.keys {
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &self.message, &mut signature).unwrap();
            }
        }
    }
}

/// A measurement that goes on.
#[derive(Debug)]
pub(crate) struct Measuring {
    thread: JoinHandle<f64>,
    end: Arc<AtomicBool>,
}

impl Measuring {
    /// Processor time of two signatures, in microseconds.
    pub(crate) fn end(self) -> f64 {
        self.end.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Processor time of this thread so far, in microseconds.
fn thread_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1_000.0
}
