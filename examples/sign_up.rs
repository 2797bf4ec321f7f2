//! Two ways in for people who have no account yet, a sign-up that was left in limbo, and a stranger's sign-up taken back.
//!
//! ```sh
//! cargo run --example sign_up
//! ```
//!
//! Feature `testing` gives it a clock to turn and a sender that keeps its texts; everything else is what an app runs.

use std::{error::Error, sync::Arc};

use custom_auth::{
    Accounts, Clock as _, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, PhoneNumber, Policy,
    Timestamp, Unproven, UserPool,
    accounts::Advice,
    pool::{Outcome, PoolError, SealKey},
    testing::{ManualClock, RecordingSms, run},
};
use time::Duration;

type Done<T = ()> = Result<T, Box<dyn Error>>;

struct App {
    clock: ManualClock,
    sms: RecordingSms,
    accounts: Accounts,
    pool: UserPool,
}

impl App {
    fn new() -> Done<Self> {
        let (clock, sms) = (ManualClock::new(Timestamp::from_unix_millis(0)), RecordingSms::new());
        let (ledger, users) = (Arc::new(MemoryLedger::new()), Arc::new(MemoryUsers::new()));
        let keys = CodeKeys::from_bytes("k1", &[7; 32])?; // random bytes of your own, in earnest
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(Policy::builder().destinations(Destinations::allow(["+91"])).build()?)
            .sms(sms.clone())
            .ledger(ledger.clone())
            .clock(clock.clone())
            .build()?;
        let codes = auth.codes("local_CustomAuth", "customauth");
        let accounts =
            Accounts::builder(keys, users.clone(), codes, ledger.clone()).clock(clock.clone()).build()?;
        let pool = UserPool::builder()
            .triggers(auth)
            .users(users)
            .ledger(ledger)
            .accounts(accounts.clone())
            .seal_key(SealKey::from_bytes(&[8; 32]))
            .clock(clock.clone())
            .build()?;
        Ok(Self { clock, sms, accounts, pool })
    }

    fn code(&self, phone: &PhoneNumber) -> Done<String> {
        Ok(self.sms.last_code_to(phone).ok_or("no text")?)
    }

    async fn one_step(&self, who: &str, phone: &PhoneNumber) -> Done {
        let challenge = self.pool.start(phone).await?;
        let code = self.code(phone)?;
        let Outcome::SignedIn(person) = self.pool.answer(challenge.token(), &code).await? else {
            return Err("the right code should do".into());
        };
        println!("  {who} typed the code: signed in as {}", person.user_name());
        Ok(())
    }
}

fn main() -> Done {
    let app = App::new()?;
    run(&app.clock, async {
        let (ana, bo, cy): (PhoneNumber, PhoneNumber, PhoneNumber) =
            ("+919999900001".parse()?, "+919999900002".parse()?, "+919999900003".parse()?);

        println!("One step: nobody is asked whether there is an account.");
        app.one_step("Ana, who is new,", &ana).await?;
        app.clock.advance(Duration::minutes(5));
        app.one_step("Ana, who is known now,", &ana).await?;
        println!("  texts in all: {}\n", app.sms.count());

        println!("Two steps: sign up, confirm, and no second text.");
        let sign_up = app.pool.sign_up(&bo).await?;
        let started = app.pool.confirm_sign_up(bo.e164(), &app.code(&bo)?, Some(&sign_up.password)).await?;
        let person = app.pool.continue_sign_in(started.token()).await?;
        println!("  Bo confirmed and is signed in as {}; one text\n", person.user_name());

        println!("Limbo: a stranger signs up Cy's number, and walks away.");
        let strangers = app.pool.sign_up(&cy).await?.password;
        let again = app.pool.sign_up(&cy).await.err();
        println!("  Cy signs up:  {}", again.ok_or("the number should be taken")?);
        app.clock.advance(Duration::hours(1));
        let Advice::Confirm { user_name, .. } = app.accounts.before_sign_up(&cy, None).await? else {
            return Err("there should be an account to confirm".into());
        };
        println!("  Cy asks before signing up: a code was texted again, confirm {user_name}");
        let started = app.pool.confirm_sign_up(&user_name, &app.code(&cy)?, None).await?;
        let _ = app.pool.continue_sign_in(started.token()).await?;
        println!("  Cy typed the code: signed in, and the account is Cy's");
        match app.pool.sign_in_with_password(cy.e164(), &strangers).await {
            Err(PoolError::NotAuthorized) => println!("  The stranger's password opens nothing any more\n"),
            other => return Err(format!("the stranger is in: {other:?}").into()),
        }

        println!("A sweep takes what nobody proves.");
        let _ = app.pool.sign_up(&"+919999900004".parse()?).await?;
        app.clock.advance(Duration::days(8));
        let swept = app.accounts.sweep(Unproven::Unconfirmed, None, 100).await?;
        println!(
            "  accounts deleted: {}; it is {} days later",
            swept.deleted,
            app.clock.now().as_unix_millis() / 86_400_000
        );
        Ok(())
    })
}
