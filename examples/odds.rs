//! What an attacker may hope for, and what the worst day costs, under each preset.
//!
//! ```sh
//! cargo run --example odds
//! ```

use std::error::Error;

use custom_auth::{Destination, Destinations, Odds, Policy, WorstBill};

fn main() -> Result<(), Box<dyn Error>> {
    // Prices in millionths of a dollar; yours are on your provider's page.
    let destinations = Destinations::default()
        .allow_at("+91", Destination::new(2_780, Some(5_000)))
        .allow_at("+1", Destination::new(7_900, None))
        .deny("+1876");
    println!(
        "{:<10}{:>14}{:>14}{:>16}{:>14}{:>14}",
        "policy", "account/day", "account/year", "all/day", "texts/day", "$/day"
    );
    for (name, builder) in [
        ("default", Policy::builder()),
        ("nist", Policy::nist()),
        ("psd2", Policy::psd2()),
        ("high", Policy::high()),
    ] {
        let policy = builder.destinations(destinations.clone()).budget_per_day(Some(60_000_000)).build()?;
        let (odds, bill) = (Odds::of(&policy), WorstBill::of(&policy));
        println!(
            "{name:<10}{:>14.1e}{:>14.1e}{:>16.4}{:>14}{:>14.2}",
            odds.per_account_per_day(),
            odds.per_account_in_days(365),
            odds.fleet_takeovers_per_day(),
            bill.texts_per_day(),
            bill.millionths_per_day() as f64 / 1e6,
        );
    }
    println!(
        "\nUpper bounds on takeovers of one account, on expected takeovers over all accounts, and on the bill,"
    );
    println!("for any number of sessions, clients, resends and processes.");
    Ok(())
}
