//! A disk that is full, or may only be read, or fails, under the whole server: refused in the protocol's own words, and well again
//! without a start.

use core::time::Duration;
use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Ledger, OnlyIf, Pseudonym, Put, QuotaName, RedbStore, StoreError, Subject,
    SubjectKind, Timestamp, testing::SplitMix64,
};
use redb::StorageBackend;
use serde_json::{Value, json};

use crate::world::{Answer, Site, World, world_on};

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trouble {
    /// The file cannot become larger.
    NoGrowth,
    /// Nothing can be written.
    NoWrites(io::ErrorKind),
    /// Nothing can be read either.
    Nothing,
}

#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Platters>>);

#[derive(Debug, Default)]
struct Platters {
    bytes: Vec<u8>,
    trouble: Option<Trouble>,
    refused: u64,
}

impl Disk {
    fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, trouble: Option<Trouble>) {
        self.platters().trouble = trouble;
    }

    fn refused(&self) -> u64 {
        self.platters().refused
    }

    fn store(&self) -> RedbStore {
        let disk = self.clone();
        RedbStore::with_backend(move || Ok(disk.clone())).unwrap()
    }
}

impl Platters {
    fn write(&mut self, grows: bool) -> io::Result<()> {
        let kind = match self.trouble {
            Some(Trouble::NoGrowth) if grows => io::ErrorKind::StorageFull,
            Some(Trouble::NoWrites(kind)) => kind,
            Some(Trouble::Nothing) => io::ErrorKind::Other,
            Some(Trouble::NoGrowth) | None => return Ok(()),
        };
        self.refused += 1;
        Err(kind.into())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platters().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (at, platters) = (usize::try_from(offset).unwrap(), self.platters());
        if platters.trouble == Some(Trouble::Nothing) {
            return Err(io::ErrorKind::Other.into());
        }
        out.copy_from_slice(platters.bytes.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let (len, mut platters) = (usize::try_from(len).unwrap(), self.platters());
        let grows = len > platters.bytes.len();
        platters.write(grows)?;
        platters.bytes.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.platters().write(false)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (at, mut platters) = (usize::try_from(offset).unwrap(), self.platters());
        let end = at + data.len();
        let grows = end > platters.bytes.len();
        platters.write(grows)?;
        let longer = platters.bytes.len().max(end);
        platters.bytes.resize(longer, 0);
        platters.bytes[at..end].copy_from_slice(data);
        Ok(())
    }
}

/// Counts the texts that the ledger said were paid.
#[derive(Clone, Debug)]
struct Paid<L> {
    inner: L,
    texts: Arc<AtomicU64>,
}

#[async_trait]
impl<L: Ledger> Ledger for Paid<L> {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        let admission = self.inner.charge(id, charges, now).await?;
        let of_a_text = |charge: &Charge| {
            let key = charge.key;
            charge.cost > 0
                && key.quota.name == QuotaName::Sends
                && key.subject.kind == SubjectKind::Everybody
        };
        if admission.refused().is_none() && charges.iter().any(of_a_text) {
            self.texts.fetch_add(1, Ordering::SeqCst);
        }
        Ok(admission)
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.inner.put(subject, value, dead_at, only_if, now).await
    }
}

/// A server on a disk, and how many texts were paid.
async fn on(disk: &Disk) -> (World, RedbStore, Arc<AtomicU64>) {
    let (store, texts) = (disk.store(), Arc::default());
    let ledger = Paid { inner: store.ledger(), texts: Arc::clone(&texts) };
    let site = Site { users: Arc::new(store.users()), ledger: Arc::new(ledger), ..Site::default() };
    (world_on(site, |_| {}, |_| {}).await, store, texts)
}

fn number(last: u32) -> String {
    format!("+1555010{last:04}")
}

/// Answered in time, or the test ends.
async fn soon<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), call).await.expect("an answer in time")
}

fn is_signed_in(answer: &Answer) -> bool {
    answer.body.get("AuthenticationResult").is_some()
}

fn is_refused(answer: &Answer) -> bool {
    (answer.status, answer.code()) == (500, "InternalErrorException")
}

fn sign_up(phone: &str) -> Value {
    json!({"ClientId": "open", "Username": phone, "Password": "Passw0rd!",
        "UserAttributes": [{"Name": "phone_number", "Value": phone}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_disk_that_takes_nothing_refuses_everybody_and_all_is_well_when_it_does_again() {
    for trouble in [
        Trouble::NoWrites(io::ErrorKind::StorageFull),
        Trouble::NoWrites(io::ErrorKind::ReadOnlyFilesystem),
        Trouble::Nothing,
    ] {
        let disk = Disk::default();
        let (world, _store, paid) = on(&disk).await;
        let tokens = world.signed_in(&number(1)).await;
        let begun = world.start(&number(2)).await.text("/Session");
        let code = world.code(&number(2));
        world.call("SignUp", sign_up(&number(3))).await;
        assert_eq!(world.ask_operator("/healthz").await.status, 200);
        let texts = world.texts.count();

        disk.trouble(Some(trouble));
        for round in 0..3 {
            let answered = soon(world.respond(&begun, &number(2), &code)).await;
            assert!(is_refused(&answered), "{trouble:?}: {answered:?}");
            // A sign-in that begins looks as it always does, whatever is wrong inside; no text comes, and no answer is taken.
            let start = soon(world.start(&number(10 + round))).await;
            assert_eq!(start.text("/ChallengeName"), "CUSTOM_CHALLENGE", "{trouble:?}: {start:?}");
            let answered = soon(world.respond(&start.text("/Session"), &number(10 + round), "000000")).await;
            assert!(is_refused(&answered), "{trouble:?}: {answered:?}");
            for (operation, body) in [
                ("SignUp", sign_up(&number(20 + round))),
                (
                    "ConfirmSignUp",
                    json!({"ClientId": "open", "Username": number(3), "ConfirmationCode": "000000"}),
                ),
                ("ResendConfirmationCode", json!({"ClientId": "open", "Username": number(3)})),
                ("RevokeToken", json!({"ClientId": "open", "Token": tokens["RefreshToken"]})),
                ("GlobalSignOut", json!({"AccessToken": tokens["AccessToken"]})),
            ] {
                let answer = soon(world.call(operation, body)).await;
                assert!(is_refused(&answer), "{trouble:?}: {operation}: {answer:?}");
            }
        }
        assert!(disk.refused() > 0);
        assert_eq!(soon(world.ask_operator("/healthz")).await.status, 503, "{trouble:?}");
        assert_eq!(world.texts.count(), texts, "no text that was not paid: {trouble:?}");

        disk.trouble(None);
        assert_eq!(soon(world.ask_operator("/healthz")).await.status, 200);
        let account = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
        assert_eq!(account.status, 200, "what was refused was not done: {trouble:?}: {account:?}");
        let answered = world.respond(&begun, &number(2), &code).await;
        assert!(is_signed_in(&answered), "{trouble:?}: {answered:?}");
        world.signed_in(&number(4)).await;
        assert_eq!(world.call("SignUp", sign_up(&number(5))).await.status, 200);
        assert!(world.texts.count() as u64 <= paid.load(Ordering::SeqCst));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_file_that_may_not_grow_holds_what_it_held_and_grows_again_without_a_start() {
    let disk = Disk::default();
    let (world, store, paid) = on(&disk).await;
    let tokens = world.signed_in(&number(1)).await;
    disk.trouble(Some(Trouble::NoGrowth));
    let ledger = store.ledger();
    let (now, later) = (Timestamp::from_unix_millis(0), Timestamp::from_unix_millis(i64::MAX / 2));
    let mut next = 0_u128;
    // Whatever is free is used up: what is left then is too little for anything.
    for size in [65_536, 4_096, 256, 16, 1] {
        let mut left = 10_000;
        while left > 0 {
            next += 1;
            let subject = Subject::new(SubjectKind::Token, Pseudonym::from_bytes(next.to_be_bytes()));
            left = match ledger.put(subject, &vec![7; size], later, OnlyIf::Absent, now).await {
                Ok(_) => left - 1,
                Err(_) => 0,
            };
        }
    }
    assert!(disk.refused() > 0, "it was never full");
    let texts = (world.texts.count(), paid.load(Ordering::SeqCst));
    let mut refused = 0;
    for person in 10..40 {
        let answer = soon(world.call("SignUp", sign_up(&number(person)))).await;
        assert!(answer.status == 200 || is_refused(&answer), "{answer:?}");
        refused += u32::from(is_refused(&answer));
    }
    assert!(refused > 0, "there was room for all");
    let sent = world.texts.count() - texts.0;
    assert!(sent as u64 <= paid.load(Ordering::SeqCst) - texts.1, "no text that was not paid");

    disk.trouble(None);
    for person in 50..53 {
        world.signed_in(&number(person)).await;
        assert_eq!(world.call("SignUp", sign_up(&number(person + 10))).await.status, 200);
    }
    assert_eq!(world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await.status, 200);
    assert_eq!(world.ask_operator("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_a_disk_that_comes_and_goes_under_many_people_sends_no_text_that_was_not_paid() {
    let disk = Disk::default();
    let (world, _store, paid) = on(&disk).await;
    let world = Arc::new(world);
    let people = (0..40).map(|person| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let phone = number(100 + person);
            let mut signed_in = 0;
            for _ in 0..5 {
                let begun = soon(world.start(&phone)).await;
                let Some(session) = begun.body["Session"].as_str() else { continue };
                let Some(code) = world.texts.last_code_to(&phone.parse().unwrap()) else { continue };
                let answer = soon(world.respond(session, &phone, &code)).await;
                assert!([200, 400, 500].contains(&answer.status), "{answer:?}");
                signed_in += u32::from(is_signed_in(&answer));
            }
            signed_in
        })
    });
    let people: Vec<_> = people.collect();
    let weather = tokio::spawn({
        let disk = disk.clone();
        async move {
            let mut random = SplitMix64::new(7);
            loop {
                // Calm for longer than a whole call writes, however slow the machine.
                tokio::time::sleep(Duration::from_millis(random.next() % 400)).await;
                disk.trouble(Some(Trouble::NoWrites(io::ErrorKind::StorageFull)));
                tokio::time::sleep(Duration::from_millis(random.next() % 10)).await;
                disk.trouble(None);
            }
        }
    });
    let mut signed_in = 0;
    for person in people {
        signed_in += person.await.unwrap();
    }
    weather.abort();
    let _ = weather.await;
    disk.trouble(None);
    assert!(signed_in > 0 && disk.refused() > 0, "{signed_in} signed in, {} refused", disk.refused());
    let (sent, paid) = (world.texts.count() as u64, paid.load(Ordering::SeqCst));
    assert!(sent <= paid, "{sent} texts, {paid} paid");
    assert_eq!(world.ask_operator("/healthz").await.status, 200);
    // What is not known counts as sent, so the day's texts may be used up.
    world.clock.advance(time::Duration::days(1));
    world.signed_in(&number(900)).await;
}
