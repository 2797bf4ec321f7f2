//! The whole Lambda function: one binary for all triggers of a Cognito user pool.
//!
//! ```sh
//! cargo build --release --example lambda --features aws
//! cp target/release/examples/lambda bootstrap && zip function.zip bootstrap
//! ```
//!
//! Make a function of `function.zip` with runtime `provided.al2023` (build it on or for Amazon Linux, so that the C
//! library fits), set its environment, and name it in the pool's `LambdaConfig` as `DefineAuthChallenge`,
//! `CreateAuthChallenge` and `VerifyAuthChallengeResponse`; as `PreSignUp`, `CustomMessage` and `PreTokenGeneration` too, if the policy
//! answers them, and as `PostConfirmation` and `PostAuthentication`, which do their work with `CUSTOM_AUTH_USERS` set.
//! The app client needs `ALLOW_CUSTOM_AUTH`.
//!
//! | variable | example |
//! |---|---|
//! | `CUSTOM_AUTH_KEYS` | `secret:custom-auth/keys`, a secret that holds `k1:` and the output of `openssl rand -base64 32`, then `,names:` and another |
//! | `CUSTOM_AUTH_SMS` | `sns`; or `outbox:/tmp/texts.jsonl`: a file in place of a provider, for development |
//! | `CUSTOM_AUTH_LEDGER` | `dynamodb:custom-auth`; or `memory`: limits hold in this process only, for development |
//! | `CUSTOM_AUTH_POLICY` | such as `{"destinations":{"+91":{"allow":{}}},"challenge_lifetime":180}`; without a sender that costs money, optional |
//!
//! `docs/aws.md` deploys it with a template; all settings are in the documentation of `Settings`. With `--features lambda` alone it is
//! smaller, and knows the development settings only.
//!
//! For a sender and a ledger of your own, replace `settings.build()` by `CustomAuth::builder()`.

use std::error::Error;

use custom_auth::{
    Clock as _, SystemClock,
    hosts::lambda::{self, Settings},
};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = SystemClock::new().now(); // first: Cognito's five seconds run already
    // Lambda gives a process one event at a time, so one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let function = match Settings::from_env() {
            Ok(settings) => settings.build().await,
            Err(mistakes) => Err(mistakes),
        };
        match function {
            Ok(function) => lambda::run(function, started).await,
            Err(mistakes) => {
                eprintln!("{mistakes}"); // one a line
                Err("the settings have mistakes".into())
            }
        }
    })
}
