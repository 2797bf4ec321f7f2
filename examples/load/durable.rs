//! Whether anything is acknowledged before it is on the disk: syncs are held up, and nobody may be answered meanwhile.

use std::time::{Duration, Instant};

use tokio::{
    task::{JoinHandle, LocalSet},
    time::{sleep, timeout},
};

use crate::{
    child::CLIENT,
    client::{Connection, Process},
    people,
};

/// How long syncs are held up: below a trigger's deadline, 4 s, after which a sign-in is answered with a challenge that nothing opens.
const HELD: Duration = Duration::from_secs(1);
/// The same where each sync is held up by itself.
const HELD_EACH: Duration = Duration::from_millis(50);
/// How long anything may take at all.
const PATIENCE: Duration = Duration::from_secs(10);
const MANY: u32 = 8;

/// A call, for one of the people from `first` on who is there for it alone.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin,
    Finish,
    SignUp,
    Confirm,
}

const ACTS: [Act; 4] = [Act::Begin, Act::Finish, Act::SignUp, Act::Confirm];

/// Somebody who has done all that comes before an act.
#[derive(Debug)]
struct Ready {
    connection: Connection,
    act: Act,
    phone: String,
    session: String,
    code: String,
}

impl Ready {
    /// `account` has an account, `stranger` has none.
    async fn new(server: &Process, act: Act, account: u32, stranger: u32) -> Self {
        let mut connection = Connection::open(server).await;
        let number = if matches!(act, Act::Begin | Act::Finish) { account } else { stranger };
        let phone = people::phone(number).e164().to_owned();
        let (mut session, mut code) = (String::new(), String::new());
        match act {
            Act::Begin | Act::SignUp => {}
            Act::Finish => session = connection.begin(&phone).await,
            Act::Confirm => sign_up(&mut connection, &phone).await,
        }
        if matches!(act, Act::Finish | Act::Confirm) {
            code = server.texts.code(&phone);
        }
        Self { connection, act, phone, session, code }
    }

    async fn go_on(self) {
        let Self { mut connection, act, phone, session, code } = self;
        match act {
            Act::Begin => drop(connection.begin(&phone).await),
            Act::Finish => connection.finish(&phone, &session, &code).await,
            Act::SignUp => sign_up(&mut connection, &phone).await,
            Act::Confirm => {
                let body =
                    format!(r#"{{"ClientId":"{CLIENT}","Username":"{phone}","ConfirmationCode":"{code}"}}"#);
                let answer = connection.call("ConfirmSignUp", &body).await;
                assert!(answer.contains("Session") && !answer.contains("__type"), "{phone}: {answer}");
            }
        }
    }
}

async fn sign_up(connection: &mut Connection, phone: &str) {
    let body = format!(r#"{{"ClientId":"{CLIENT}","Username":"{phone}","Password":"unused-Passw0rd"}}"#);
    let answer = connection.call("SignUp", &body).await;
    assert!(answer.contains(r#""UserConfirmed":false"#), "{phone}: {answer}");
}

/// Checks it for everybody at once, then sync by sync for each kind of call. The last `accounts` of those there are, are its own.
///
/// # Panics
/// Where it does not hold.
pub(crate) async fn check(server: &mut Process, accounts: u32) {
    let tasks = LocalSet::new();
    tasks.run_until(all_at_once(server, accounts)).await;
    tasks.run_until(sync_by_sync(server, accounts - 2 * MANY)).await;
}

async fn all_at_once(server: &mut Process, accounts: u32) {
    let mut ready = Vec::new();
    for each in 1..=MANY {
        for (act, account) in ACTS.into_iter().zip([each, MANY + each, 0, 0]) {
            let stranger = accounts + 2 * each + u32::from(matches!(act, Act::SignUp));
            ready.push(Ready::new(server, act, accounts.saturating_sub(account), stranger).await);
        }
    }
    server.ask("shut");
    let going: Vec<_> = ready.into_iter().map(|ready| tokio::task::spawn_local(ready.go_on())).collect();
    sleep(HELD).await;
    let (waiting, _) = server.ask("tell");
    let answered = going.iter().filter(|task| task.is_finished()).count();
    assert_eq!(answered, 0, "answered before the disk had it");
    assert!(waiting > 0, "nobody waited for the disk");
    server.ask("open");
    let count = going.len();
    for task in going {
        timeout(PATIENCE, task).await.expect("no answer after the disk had it").unwrap();
    }
    println!(
        "durable: {count} calls, none answered in the {HELD:?} in which the disk stood still, all afterwards"
    );
}

async fn sync_by_sync(server: &mut Process, accounts: u32) {
    for act in ACTS {
        let ready = Ready::new(server, act, accounts - 1 - act as u32, accounts * 2 + act as u32).await;
        server.ask("shut");
        let going = tokio::task::spawn_local(ready.go_on());
        let syncs = hold_each(server, &going).await;
        server.ask("open");
        timeout(PATIENCE, going).await.expect("no answer").unwrap();
        println!("durable: {act:?} waits for {syncs} syncs, one after another");
    }
}

/// Lets one sync after another pass, each after a while in which the call must not be answered. Gives how many there were.
async fn hold_each(server: &mut Process, going: &JoinHandle<()>) -> u32 {
    let (mut syncs, begun) = (0, Instant::now());
    while !going.is_finished() {
        assert!(begun.elapsed() < PATIENCE, "no answer and no sync");
        sleep(Duration::from_millis(1)).await;
        if server.ask("tell").0 == 0 {
            continue;
        }
        sleep(HELD_EACH).await;
        assert!(!going.is_finished(), "answered before the disk had it");
        server.ask("pass");
        syncs += 1;
    }
    assert!(syncs > 0, "nothing waited for the disk");
    syncs
}
