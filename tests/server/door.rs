//! Limits at the door.

use core::time::Duration;

use custom_auth::{CreateUser, NewUser, Timestamp, UserStatus, UserStore as _};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::Instant,
};

use crate::world::{Silence as _, Site, answer, world, world_on, world_with};

const PHONE: &str = "+15550100123";

#[tokio::test]
async fn a_body_of_a_mebibyte_is_refused_and_one_within_the_limit_is_read() {
    let world = world().await;
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(1 << 20));
    let refused = world.post("SignUp", large.as_bytes()).await;
    assert_eq!((refused.status, refused.code()), (413, "RequestTooLargeException"));
    let fits = format!("{{\"x\":\"{}\"}}", "y".repeat(60_000));
    assert_eq!(world.post("SignUp", fits.as_bytes()).await.code(), "InvalidParameterException");
}

#[tokio::test]
async fn a_body_in_chunks_that_are_none_is_not_called_too_large() {
    let world = world().await;
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Amz-Target: AWSCognitoIdentityProviderService.SignUp\r\n";
    let answer =
        world.say(format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n").as_bytes()).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.code()), (400, "SerializationException"));
    // The same words where it is the length.
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(1 << 17));
    let chunked =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    assert_eq!(world.say(chunked.as_bytes()).await.expect("an answer").status, 413);
}

#[tokio::test]
async fn i4_a_server_over_a_pool_without_accounts_signs_in_who_has_one_and_counts_texts_by_address() {
    let site = Site { sign_up: false, ..Site::default() };
    let account = NewUser::new(
        "ana".to_owned(),
        PHONE.parse().unwrap(),
        UserStatus::Confirmed,
        Timestamp::from_unix_millis(1),
    );
    assert!(matches!(site.users.create(account).await.unwrap(), CreateUser::Created(_)));
    let world = world_on(site, |door| door.texts_per_hour = 1, |_| {}).await;
    let body = json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "AuthParameters": {"USERNAME": PHONE}});
    let begun = world.call("InitiateAuth", body.clone()).await;
    let done = world.respond(&begun.text("/Session"), PHONE, &world.code(PHONE)).await;
    assert!(done.body["AuthenticationResult"]["IdToken"].is_string(), "{done:?}");
    assert_eq!(world.call("InitiateAuth", body).await.code(), "LimitExceededException");
    world.clock.advance(time::Duration::hours(2));
    let refused = world.call("SignUp", json!({"ClientId": "open", "Username": "+15550100124"})).await;
    assert_eq!((refused.code(), world.texts.count()), ("InvalidParameterException", 1), "{refused:?}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let world = world_with(|door| door.body_timeout = Duration::from_millis(300), |_| {}).await;
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Amz-Target: AWSCognitoIdentityProviderService.SignUp\r\nContent-Length: 10\r\n\r\n{";
    let answer = world.say(head).await.unwrap();
    assert_eq!((answer.status, answer.code()), (408, "RequestTimeoutException"));
}

#[tokio::test]
async fn a_head_that_does_not_come_and_a_connection_left_open_are_closed() {
    let world = world_with(|door| door.head_timeout = Duration::from_millis(300), |_| {}).await;
    for begun in [&b""[..], b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        assert!(stream.closed_within(5).await, "{begun:?}");
    }
    // A head that comes a byte at a time is no faster than one that does not come.
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let begun = Instant::now();
    while slow.write_all(b"X").await.is_ok() && begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_a_place() {
    let world =
        world_with(|door| (door.connections, door.head_timeout) = (1, Duration::from_millis(500)), |_| {})
            .await;
    let _held = TcpStream::connect(world.address).await.unwrap();
    let begun = Instant::now();
    assert_eq!(world.get("/config.json", "").await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_ask_again() {
    let world = world_with(|door| (door.burst, door.per_second) = (3, 1), |_| {}).await;
    let begun = Instant::now();
    let asked: Vec<_> = (0..20).map(|_| world.call("Foo", json!({}))).collect();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await);
    }
    let (refused, let_in): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 429);
    assert!(let_in.len() as u64 <= 4 + begun.elapsed().as_secs(), "{}", let_in.len());
    assert!(let_in.len() >= 3);
    let refused = refused.first().expect("a refusal");
    assert_eq!(refused.code(), "TooManyRequestsException");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "else a page could not read it");
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_finishes_what_it_holds_and_takes_no_more() {
    let mut world = world().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let body = b"{\"AccessToken\":\"x\"}";
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSCognitoIdentityProviderService.GetUser\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let address = world.address;
    let stopping = tokio::spawn(async move { world.stop().await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
    stream.write_all(body).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    assert_eq!(answer(&heard).unwrap().code(), "NotAuthorizedException");
    tokio::time::timeout(Duration::from_secs(5), stopping).await.unwrap().unwrap();
}

#[tokio::test]
async fn of_two_forwarded_lines_the_proxys_own_counts() {
    let proxy = |door: &mut custom_auth::hosts::server::DoorLimits| {
        (door.burst, door.per_second) = (1, 1);
        door.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    };
    let world = world_with(proxy, |_| {}).await;
    let ask = |made_up: u8| {
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.{made_up}\r\n\
             X-Forwarded-For: 198.51.100.7\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    let mut refused = 0;
    for made_up in 1..20 {
        let answer = world.say(ask(made_up).as_bytes()).await.unwrap();
        refused += u8::from(answer.status == 429);
    }
    assert!(refused > 0, "a client that makes addresses up has no fresh budget");
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_have_theirs() {
    let world = world_with(|door| door.connections_per_address = 2, |_| {}).await;
    let mut held = vec![
        TcpStream::connect(world.address).await.unwrap(),
        TcpStream::connect(world.address).await.unwrap(),
    ];
    let get = b"GET /config.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(world.say(get).await.is_none(), "a third is closed without a word");
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(world.address).await.unwrap();
    other.write_all(get).await.unwrap();
    let mut heard = Vec::new();
    other.read_to_end(&mut heard).await.unwrap();
    assert_eq!(answer(&heard).unwrap().status, 200);
    drop(held.pop());
    let begun = Instant::now();
    while world.say(get).await.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(5), "its place is free again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_has_as_many_connections_as_there_are() {
    let world = world_with(
        |door| {
            door.connections_per_address = 1;
            door.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        },
        |_| {},
    )
    .await;
    let _held = TcpStream::connect(world.address).await.unwrap();
    assert_eq!(world.get("/config.json", "").await.status, 200);
}

/// Asks and asks, and takes only so many bytes at a time of what is answered.
async fn greedy(address: std::net::SocketAddr, taken: usize) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let (mut reader, mut writer) = socket.connect(address).await.unwrap().into_split();
    let asks = tokio::spawn(async move {
        let get = b"GET /countries.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
        while writer.write_all(&get).await.is_ok() {}
    });
    let takes = async {
        let mut bytes = vec![0; taken];
        while taken > 0 && reader.read_exact(&mut bytes).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        core::future::pending().await
    };
    tokio::select! {
        ended = asks => ended.unwrap(),
        () = takes => {}
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_keeps_nobodys_place() {
    for taken in [0, 2000] {
        let patience = Duration::from_millis(500);
        let world = world_with(|door| (door.connections, door.write_timeout) = (1, patience), |_| {}).await;
        let greedy = tokio::spawn(greedy(world.address, taken));
        // It is in before anybody else.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let asked = tokio::time::timeout(Duration::from_secs(20), world.get("/config.json", ""));
        assert_eq!(asked.await.expect("a place").status, 200);
        tokio::time::timeout(Duration::from_secs(20), greedy).await.expect("it is closed").unwrap();
    }
}

#[tokio::test]
async fn whoever_reads_late_but_in_time_reads_everything() {
    let world = world_with(|door| door.write_timeout = Duration::from_secs(20), |_| {}).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let get = b"GET /countries.js HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = b"GET /countries.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(&[get.repeat(200), last.to_vec()].concat()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    let answers = String::from_utf8_lossy(&heard).matches("HTTP/1.1 200 OK").count();
    assert_eq!(answers, 201);
}

#[tokio::test]
async fn what_is_only_read_costs_a_tenth_of_a_call_from_the_same_budget() {
    for path in ["/", "/local_CustomAuth/.well-known/jwks.json", "/nothing"] {
        let world = world_with(|door| (door.burst, door.per_second) = (2, 1), |_| {}).await;
        let begun = Instant::now();
        let mut refused = None;
        let mut let_in = 0;
        while refused.is_none() && let_in < 1000 {
            let answer = world.get(path, "").await;
            if answer.status == 429 { refused = Some(answer) } else { let_in += 1 }
        }
        let most = 20 + 10 * (1 + begun.elapsed().as_secs());
        assert!((20..=most).contains(&let_in), "{path}: {let_in}");
        let refused = refused.expect("a refusal");
        assert_eq!(refused.header("retry-after"), Some("1"), "{path}");
        assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(world.call("Foo", json!({})).await.code(), "TooManyRequestsException", "{path}");
    }
}

#[tokio::test]
async fn i4_one_address_asks_for_so_many_texts_an_hour_whoever_they_are_about() {
    let world = world_with(
        |door| {
            door.texts_per_hour = 4;
            door.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        },
        |_| {},
    )
    .await;
    let from = |address: &'static str, operation: &'static str, body: serde_json::Value| {
        let (world, body) = (&world, body.to_string());
        async move {
            let head = format!(
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: {address}\r\n\
                 X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            world.say(head.as_bytes()).await.unwrap()
        }
    };
    let of = |phone: &str| json!({"ClientId": "open", "Username": phone});
    let begin = |phone: &str, metadata: serde_json::Value| json!({"AuthFlow": "CUSTOM_AUTH", "ClientId": "open", "ClientMetadata": metadata, "AuthParameters": {"USERNAME": phone}});
    assert_eq!(from("192.0.2.1", "SignUp", of("+15550100123")).await.status, 200);
    assert_eq!(from("192.0.2.1", "ResendConfirmationCode", of("+15550100124")).await.status, 200);
    let start = from("192.0.2.1", "InitiateAuth", begin("+15550100125", json!({"action": "start"}))).await;
    let resend = json!({"ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE", "Session": start.body["Session"],
        "ClientMetadata": {"action": "resend"}, "ChallengeResponses": {"USERNAME": "+15550100125", "ANSWER": "resend"}});
    let again = from("192.0.2.1", "RespondToAuthChallenge", resend).await;
    assert_eq!(again.status, 200, "{again:?}");
    let texts = world.texts.count();
    for (operation, body) in [
        ("SignUp", of("+15550100126")),
        ("ResendConfirmationCode", of("+15550100123")),
        ("InitiateAuth", begin("+15550100123", json!({}))),
        ("InitiateAuth", begin("+15550100199", json!({}))),
        ("InitiateAuth", begin("+15550100127", json!({"action": "start"}))),
    ] {
        let told = from("192.0.2.1", operation, body.clone()).await;
        let words = ("LimitExceededException", "Attempt limit exceeded, please try after some time.");
        assert_eq!((told.code(), told.message()), words, "{operation} {body}");
    }
    assert_eq!(world.texts.count(), texts);
    // A code that was texted is still taken, somebody else is not held up, and an hour later all is as before.
    let answer = json!({"ClientId": "open", "ChallengeName": "CUSTOM_CHALLENGE", "Session": again.body["Session"],
        "ChallengeResponses": {"USERNAME": "+15550100125", "ANSWER": world.code("+15550100125")}});
    assert_eq!(from("192.0.2.1", "RespondToAuthChallenge", answer).await.status, 200);
    assert_eq!(from("192.0.2.2", "SignUp", of("+15550100126")).await.status, 200);
    world.clock.advance(time::Duration::minutes(66));
    assert_eq!(from("192.0.2.1", "SignUp", of("+15550100128")).await.status, 200);
}
