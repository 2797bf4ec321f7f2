//! Sign in or sign up at a terminal, which is the same: type a number, read the text, type the code.
//!
//! ```sh
//! cargo run --example login
//! ```
//!
//! The text is shown on the screen instead of being sent, so any number will do; `+15550100123` for one. Type `resend` for
//! the code again, and `quit` to leave. A number that is new gets an account when its code was typed.

use std::{
    error::Error,
    io::{self, BufRead as _, Write as _},
    sync::Arc,
};

use async_trait::async_trait;
use custom_auth::{
    Accounts, CodeKeys, CustomAuth, Destinations, Entropy as _, MemoryLedger, MemoryUsers, MessageTemplate,
    OsEntropy, PhoneNumber, Policy, SendError, SendReceipt, SmsMessage, SmsSender, UserPool,
    pool::{Outcome, PoolError, SealKey},
};

/// Shows the text as a phone would. A real sender hands it to a provider and keeps nothing.
#[derive(Debug)]
struct Screen;

#[async_trait]
impl SmsSender for Screen {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        println!("\n  ┌─ text to {}", message.to);
        message.body.expose_secret().lines().for_each(|line| println!("  │ {line}"));
        println!("  └─");
        Ok(SendReceipt::default())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut codes, mut seal) = ([0; 32], [0; 32]);
    OsEntropy::new().fill(&mut codes)?; // an app keeps its keys; this one forgets them with you
    OsEntropy::new().fill(&mut seal)?;
    let ledger = Arc::new(MemoryLedger::new());
    let users = Arc::new(MemoryUsers::new());
    let policy = Policy::builder()
        .destinations(Destinations::danger_any()) // nothing is sent, so nothing can be pumped
        .message(MessageTemplate::new("Example"))
        .build()?;
    let keys = CodeKeys::from_bytes("k1", &codes)?;
    let auth =
        CustomAuth::builder().keys(keys.clone()).policy(policy).sms(Screen).ledger(ledger.clone()).build()?;
    let texts = auth.codes("local_CustomAuth", "customauth");
    let accounts = Accounts::builder(keys, users.clone(), texts, ledger.clone()).build()?;
    let pool = UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(ledger)
        .accounts(accounts)
        .seal_key(SealKey::from_bytes(&seal))
        .build()?;

    let phone: PhoneNumber = loop {
        match ask("Phone number, with + and country code: ")?.as_str() {
            "quit" => return Ok(()),
            typed => match typed.replace([' ', '-'], "").parse() {
                Ok(phone) => break phone,
                Err(error) => println!("  {error}"),
            },
        }
    };
    let mut outcome = pool.start(&phone).await.map(Outcome::Challenge);
    loop {
        let challenge = match outcome {
            Ok(Outcome::SignedIn(person)) => {
                println!("\nSigned in as {}.", person.user_name());
                return Ok(());
            }
            Ok(Outcome::Challenge(challenge)) => challenge,
            Ok(_) => return Err("an outcome this example does not know".into()),
            Err(PoolError::NotAuthorized) => {
                println!("\nNo tries left. Start over.");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let said = |key: &str| challenge.parameters().get(key).cloned().unwrap_or_default();
        match said("status").as_str() {
            "wrong" => println!("  That was not it. {} tries left.", said("attemptsLeft")),
            "wait" => println!("  No text yet: ask again in {} s.", said("resendIn")),
            "replaced" => println!("  That code had run out; this is a fresh one."),
            _ => println!("  {} digits, good for {} s.", said("codeLength"), said("expiresIn")),
        }
        outcome = match ask("Code (or resend, or quit): ")?.as_str() {
            "quit" => return Ok(()),
            "resend" => pool.resend(challenge.token()).await,
            typed => pool.answer(challenge.token(), typed).await,
        };
    }
}

fn ask(question: &str) -> io::Result<String> {
    print!("{question}");
    io::stdout().flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Ok("quit".to_owned()); // end of input
    }
    Ok(line.trim().to_owned())
}
