//! What is begun, and meets something on its way: a client that hangs up, an account that goes, another call like it.

use std::sync::Arc;

use async_trait::async_trait;
use custom_auth::{
    UserStore as _,
    pool::{TriggerError, Triggers},
};
use serde_json::json;
use time::Duration;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::world::{Site, World, world, world_on, written};

const PHONE: &str = "+15550100123";

/// Triggers that take their time.
#[derive(Debug)]
struct Slow(Arc<dyn Triggers>);

#[async_trait]
impl Triggers for Slow {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        tokio::time::sleep(core::time::Duration::from_millis(300)).await;
        self.0.invoke(event).await
    }
}

fn right_answer(world: &World, session: &str) -> serde_json::Value {
    json!({"ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE", "Session": session,
        "ChallengeResponses": {"USERNAME": PHONE, "ANSWER": world.code(PHONE)}})
}

#[tokio::test]
async fn an_answer_counts_though_its_client_hangs_up() {
    let site = Site { wrap: |triggers| Arc::new(Slow(triggers)), ..Site::default() };
    let world = world_on(site, |_| {}, |_| {}).await;
    let session = world.start(PHONE).await.text("/Session");
    assert!(world.users.find_by_phone(&PHONE.parse().unwrap()).await.unwrap().is_none());
    let body = right_answer(&world, &session);
    hang_up(&world, "RespondToAuthChallenge", body).await;
    let mut made = None;
    for _ in 0..50 {
        made = world.users.find_by_phone(&PHONE.parse().unwrap()).await.unwrap();
        if made.as_ref().is_some_and(|account| account.last_success.is_some()) {
            break;
        }
        tokio::time::sleep(core::time::Duration::from_millis(100)).await;
    }
    let account = made.expect("the answer was dropped on its way");
    assert!(account.phone_verified && account.last_success.is_some(), "{account:?}");
}

/// Sends a call, and hangs up a moment later.
async fn hang_up(world: &World, operation: &str, body: serde_json::Value) {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(&written(operation, body.to_string().as_bytes())).await.unwrap();
    tokio::time::sleep(core::time::Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_server_that_stops_waits_for_a_call_whose_client_has_gone() {
    let site = Site { wrap: |triggers| Arc::new(Slow(triggers)), ..Site::default() };
    let mut world = world_on(site, |_| {}, |_| {}).await;
    let session = world.start(PHONE).await.text("/Session");
    hang_up(&world, "RespondToAuthChallenge", right_answer(&world, &session)).await;
    world.stop().await;
    let account = world.users.find_by_phone(&PHONE.parse().unwrap()).await.unwrap();
    assert!(account.is_some_and(|account| account.last_success.is_some()), "it was dropped on its way");
}

#[tokio::test]
async fn a_call_keeps_its_place_until_it_ends_though_its_client_has_gone() {
    let site = Site { wrap: |triggers| Arc::new(Slow(triggers)), ..Site::default() };
    let world = world_on(site, |door| door.concurrency = 1, |_| {}).await;
    let session = world.start(PHONE).await.text("/Session");
    hang_up(&world, "RespondToAuthChallenge", right_answer(&world, &session)).await;
    let ask = || world.call("GetUser", json!({"AccessToken": "none"}));
    assert_eq!(ask().await.status, 503);
    for _ in 0..50 {
        tokio::time::sleep(core::time::Duration::from_millis(100)).await;
        if ask().await.status == 400 {
            return;
        }
    }
    panic!("its place was never free again");
}

#[tokio::test]
async fn a_right_answer_that_meets_the_accounts_end_is_no_failure_of_the_server() {
    let site = Site { wrap: |triggers| Arc::new(Slow(triggers)), ..Site::default() };
    let world = world_on(site, |_| {}, |_| {}).await;
    world.signed_in(PHONE).await;
    world.clock.advance(Duration::minutes(20));
    let body = json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "AuthParameters": {"USERNAME": PHONE}});
    let session = world.call("InitiateAuth", body).await.text("/Session");
    let ended = async {
        tokio::time::sleep(core::time::Duration::from_millis(150)).await;
        world.admin("AdminDeleteUser", json!({"UserPoolId": "local_CustomAuth", "Username": PHONE})).await
    };
    let body = right_answer(&world, &session);
    let (answered, deleted) = tokio::join!(world.call("RespondToAuthChallenge", body), ended);
    assert_eq!(deleted.status, 200, "{deleted:?}");
    assert_eq!((answered.status, answered.code()), (400, "NotAuthorizedException"), "{answered:?}");
}

#[tokio::test]
async fn many_changes_of_one_number_at_once_are_no_failure_of_the_server() {
    let world = world().await;
    let tokens = world.signed_in(PHONE).await;
    let change = |nth: usize| {
        let attributes = json!([{"Name": "phone_number", "Value": format!("+155501001{nth:02}")}]);
        json!({"AccessToken": tokens["AccessToken"], "UserAttributes": attributes})
    };
    let world = Arc::new(world);
    let asked: Vec<_> = (0..24)
        .map(|nth| {
            let (world, body) = (Arc::clone(&world), change(nth));
            tokio::spawn(async move { world.call("UpdateUserAttributes", body).await })
        })
        .collect();
    let mut done = 0;
    for asked in asked {
        let told = asked.await.unwrap();
        assert!(told.status < 500, "{told:?}");
        done += usize::from(told.status == 200);
    }
    assert!(done > 0);
}
