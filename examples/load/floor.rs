//! The least that a sign-in can cost: two RSA signatures of 2048 bits, since it hands out two tokens.

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

/// How many pairs of signatures are one round, and how many come before it.
const ROUND: u32 = 150;
const WARM_UP: u32 = 20;

impl Floor {
    pub(crate) fn new() -> Self {
        let key = || KeyPair::generate(KeySize::Rsa2048).unwrap();
        // As long as the signed part of a token.
        Self { keys: [key(), key()], message: vec![b'e'; 600] }
    }

    /// Processor time of two signatures, in microseconds, on so many threads at once as a run keeps busy: processors that share a core or a
    /// cache make each other slow, and that befalls the server alike.
    pub(crate) fn measure(&self, threads: usize) -> f64 {
        std::thread::scope(|scope| {
            let signing: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.alone())).collect();
            let spent: f64 = signing.into_iter().map(|thread| thread.join().unwrap()).sum();
            spent / threads as f64
        })
    }

    fn alone(&self) -> f64 {
        self.sign(WARM_UP);
        let begun = thread_cpu();
        self.sign(ROUND);
        (thread_cpu() - begun) / f64::from(ROUND)
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

/// Processor time of this thread so far, in microseconds.
fn thread_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1_000.0
}
