//! Sign in on a page, or point an app made for Cognito here.
//!
//! ```sh
//! cargo run --release --example server --features server
//! ```
//!
//! Then open the address that it prints, type a number such as `+1 555 0100 123`, and read the text beside the page. Accounts, limits
//! and keys are kept in the folder `custom-auth-data`. `--help` says what can be set. With `--lambda URL` a function of yours defines,
//! creates and verifies the challenges: `guide::server`, "Test your own triggers offline".

use std::{
    error::Error,
    io::{Write as _, stdout},
    net::SocketAddr,
    process::ExitCode,
};

use custom_auth::hosts::server::{SenderSetting, Settings, serve};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// A sign-in allocates a few hundred times: with the system's allocator it takes five hundredths longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HEAD: &str = "Phone login over Cognito's protocol, with a page.\n\n\
                    --lambda URL           the same as CUSTOM_AUTH_LAMBDA\n\nSet by environment:\n\n";

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let lambda = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => None,
        (Some("--lambda"), Some(url)) => Some(url),
        (Some("--help" | "-h"), None) => {
            // Whoever reads no more of it, such as `head`, has read enough.
            let _ = write!(stdout(), "{HEAD}{}", Settings::HELP);
            return ExitCode::SUCCESS;
        }
        (Some("--lambda"), None) => {
            eprintln!("--lambda needs a URL, such as http://127.0.0.1:9000");
            return ExitCode::FAILURE;
        }
        (Some(other), _) => {
            eprintln!("{other} is not known here: see --help");
            return ExitCode::FAILURE;
        }
    };
    match run(lambda).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(lambda: Option<String>) -> Result<(), Box<dyn Error>> {
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in Settings::mistyped(set) {
        eprintln!("{name} is no setting, so it does nothing: see --help");
    }
    let settings = match lambda {
        Some(url) => Settings::read(|name| match name {
            "CUSTOM_AUTH_LAMBDA" => Some(url.clone()),
            _ => std::env::var(name).ok(),
        })?,
        None => Settings::from_env()?,
    };
    let (address, pool_id, client_id) =
        (settings.address, settings.pool_id.clone(), settings.client_id.clone());
    let admin_address = settings.admin_address;
    let texts = match &settings.sender {
        SenderSetting::Outbox(path) => path.display().to_string(),
        other => format!("{other:?}"),
    };
    if let Some(lambda) = &settings.lambda
        && !lambda.is_listened_to().await
    {
        eprintln!("CUSTOM_AUTH_LAMBDA: nothing listens there yet, and until then nobody can sign in");
    }
    let running = settings.build()?;
    let public = listen("CUSTOM_AUTH_ADDR", address).await?;
    let own = match admin_address {
        Some(address) => Some(listen("CUSTOM_AUTH_ADMIN_ADDR", address).await?),
        None => None,
    };
    println!("page       http://{}/", public.local_addr()?);
    println!("pool id    {pool_id}");
    println!("client id  {client_id}");
    println!("texts      {texts}");
    let stop = stop()?;
    if let Some(listener) = own {
        println!("operator   http://{}/", listener.local_addr()?);
        let operator = serve(listener, running.operator, &running.limits, stopped(stop.clone()));
        tokio::try_join!(operator, serve(public, running.router, &running.limits, stopped(stop)))?;
    } else {
        serve(public, running.router, &running.limits, stopped(stop)).await?;
    }
    Ok(())
}

async fn listen(variable: &str, address: SocketAddr) -> Result<TcpListener, String> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| format!("{variable}: {address} cannot be listened on: {error}"))
}

/// Turns true at Ctrl-C, or when the process is asked to end.
fn stop() -> std::io::Result<watch::Receiver<bool>> {
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        sender.send_replace(true);
        sender.closed().await;
    });
    Ok(receiver)
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
