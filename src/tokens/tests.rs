use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::types::{PhoneNumber, Timestamp};

const NAME: &str = "0588acd1-0000-4000-8000-000000000001";
const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_999);
const ISSUER: &str = "https://auth.example.com/local_CustomAuth";

fn phone() -> PhoneNumber {
    "+919999900001".parse().unwrap()
}

fn issuer(keys: &TokenKeys) -> TokenIssuer {
    TokenIssuer::new(ISSUER, "customauth", keys.clone())
}

fn issue(issuer: &TokenIssuer, changes: Option<&ClaimsOverride>) -> IssuedTokens {
    let phone = phone();
    let grant = Grant { changes, ..Grant::new(NAME, &phone, NOW - Duration::HOUR, "origin", "event") };
    issuer.issue(&grant, ["jti of id", "jti of access"], NOW).unwrap()
}

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

#[test]
fn an_id_token_says_what_cognitos_says() {
    let keys = TokenKeys::generate().unwrap();
    let token = issue(&issuer(&keys), None);
    assert_eq!(part(token.id(), 0), json!({"kid": keys.id[0].kid(), "alg": "RS256"}));
    assert_eq!(
        part(token.id(), 1),
        json!({
            "sub": NAME, "aud": "customauth", "token_use": "id", "auth_time": 1_789_996_400, "iss": ISSUER,
            "cognito:username": NAME, "exp": 1_790_003_600, "iat": 1_790_000_000, "jti": "jti of id",
            "origin_jti": "origin", "event_id": "event", "phone_number": "+919999900001",
            "phone_number_verified": true,
        })
    );
}

#[test]
fn an_access_token_says_what_cognitos_says_and_no_number() {
    let keys = TokenKeys::generate().unwrap();
    let token = issue(&issuer(&keys), None);
    assert_eq!(part(token.access(), 0), json!({"kid": keys.access[0].kid(), "alg": "RS256"}));
    assert_eq!(
        part(token.access(), 1),
        json!({
            "sub": NAME, "client_id": "customauth", "token_use": "access", "auth_time": 1_789_996_400,
            "scope": "aws.cognito.signin.user.admin", "iss": ISSUER, "username": NAME, "exp": 1_790_003_600,
            "iat": 1_790_000_000, "jti": "jti of access", "origin_jti": "origin", "event_id": "event",
        })
    );
    assert_eq!(token.expires_in(), 3600);
}

#[test]
fn a_trigger_changes_what_is_not_the_services_own() {
    let issuer = issuer(&TokenKeys::generate().unwrap());
    let mut changes = ClaimsOverride { groups: Some(vec!["admins".to_owned()]), ..ClaimsOverride::default() };
    for (name, value) in [
        ("sub", json!("eve")),
        ("aud", json!("eve")),
        ("iss", json!("eve")),
        ("exp", json!(1)),
        ("token_use", json!("access")),
        ("cognito:username", json!("eve")),
        ("auth_time", json!(1)),
        ("phone_number", json!("+15550100123")),
        ("team", json!({"deep": [1]})),
        ("gone", json!(1)),
    ] {
        changes.id.add.insert(name.to_owned(), value.clone());
        changes.access.add.insert(name.to_owned(), value);
    }
    changes.id.add.insert("client_id".to_owned(), json!("eve"));
    changes.access.add.insert("username".to_owned(), json!("eve"));
    changes.access.add.insert("scope".to_owned(), json!("eve"));
    for change in [&mut changes.id, &mut changes.access] {
        change.suppress =
            vec!["gone".to_owned(), "sub".to_owned(), "jti".to_owned(), "phone_number_verified".to_owned()];
        change.scopes_to_add = vec!["a/read".to_owned(), "a/write".to_owned()];
        change.scopes_to_suppress = vec!["a/write".to_owned()];
    }
    let (plain, token) = (issue(&issuer, None), issue(&issuer, Some(&changes)));
    for (plain, changed, own) in [(plain.id(), token.id(), "id"), (plain.access(), token.access(), "access")]
    {
        let mut expected = part(plain, 1);
        let members = expected.as_object_mut().unwrap();
        members.insert("cognito:groups".to_owned(), json!(["admins"]));
        members.insert("team".to_owned(), json!({"deep": [1]}));
        members.insert("phone_number".to_owned(), json!("+15550100123"));
        members.remove("phone_number_verified");
        if own == "access" {
            members.insert("scope".to_owned(), json!("aws.cognito.signin.user.admin a/read"));
        }
        assert_eq!(part(changed, 1), expected, "{own}");
    }
}

#[test]
fn an_access_token_is_taken_until_it_expires_and_from_its_own_issuer_and_client_alone() {
    let keys = TokenKeys::generate().unwrap();
    let ours = issuer(&keys);
    let token = issue(&ours, None);
    let claims = ours.open_access(token.access(), NOW + Duration::minutes(59)).unwrap();
    assert_eq!(
        (claims.user_name.as_str(), claims.origin.as_str(), claims.auth_time),
        (NAME, "origin", 1_789_996_400)
    );
    assert!(claims.is_for_self_service());
    assert_eq!(ours.open_access(token.access(), NOW + Duration::HOUR), None);
    assert_eq!(
        TokenIssuer::new("https://eve", "customauth", keys.clone()).open_access(token.access(), NOW),
        None
    );
    assert_eq!(TokenIssuer::new(ISSUER, "other", keys.clone()).open_access(token.access(), NOW), None);
    assert_eq!(issuer(&TokenKeys::generate().unwrap()).open_access(token.access(), NOW), None);
}

#[test]
fn an_id_token_is_no_access_token_even_under_one_key() {
    let keys = TokenKeys::generate().unwrap();
    let ours = issuer(&keys);
    assert_eq!(ours.open_access(issue(&ours, None).id(), NOW), None);
    let one = TokenKeys { id: keys.id.clone(), access: keys.id };
    let ours = issuer(&one);
    assert_eq!(ours.open_access(issue(&ours, None).id(), NOW), None);
}

#[test]
fn a_token_with_one_bit_changed_is_none() {
    let ours = issuer(&TokenKeys::generate().unwrap());
    let token = issue(&ours, None).access().to_owned();
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(ours.open_access(&changed, NOW), None, "{place}");
    }
    for text in
        ["", ".", "..", "a.b.c", &token[..token.len() - 1], &format!("{token}A"), &"a".repeat(1 << 20)]
    {
        assert_eq!(ours.open_access(text, NOW), None);
    }
}

#[test]
fn a_token_without_a_signature_or_of_another_algorithm_is_none() {
    let ours = issuer(&TokenKeys::generate().unwrap());
    let token = issue(&ours, None).access().to_owned();
    let claims = token.split('.').nth(1).unwrap();
    let kid = ours.keys().access[0].kid();
    for head in
        [json!({"alg": "none"}), json!({"kid": kid, "alg": "none"}), json!({"kid": kid, "alg": "HS256"})]
    {
        let head = data_encoding::BASE64URL_NOPAD.encode(head.to_string().as_bytes());
        for signature in ["", token.split('.').nth(2).unwrap()] {
            assert_eq!(ours.open_access(&format!("{head}.{claims}.{signature}"), NOW), None);
        }
    }
}

#[test]
fn keys_rotate_without_a_token_that_is_refused() {
    let (old, new) = (TokenKeys::generate().unwrap(), TokenKeys::generate().unwrap());
    let list = |first: &TokenKeys, second: &TokenKeys| {
        let id = [first.id.clone(), second.id.clone()].concat();
        TokenKeys::new(id, [first.access.clone(), second.access.clone()].concat()).unwrap()
    };
    let (announced, moved) = (list(&old, &new), list(&new, &old));
    let by_old = issue(&issuer(&old), None);
    let by_announced = issue(&issuer(&announced), None);
    let by_moved = issue(&issuer(&moved), None);
    for token in [&by_old, &by_announced, &by_moved] {
        assert!(issuer(&announced).open_access(token.access(), NOW).is_some());
        assert!(issuer(&moved).open_access(token.access(), NOW).is_some());
    }
    assert_eq!(part(by_announced.access(), 0)["kid"], old.access[0].kid());
    assert_eq!(part(by_moved.access(), 0)["kid"], new.access[0].kid());
    assert_eq!(issuer(&new).open_access(by_announced.access(), NOW), None);
}

#[test]
fn every_listed_key_is_published_and_no_private_part() {
    let keys = TokenKeys::generate().unwrap();
    let jwks: Value = serde_json::from_str(&keys.jwks()).unwrap();
    let published = jwks["keys"].as_array().unwrap();
    assert_eq!(published.len(), 2);
    for (key, published) in keys.all().zip(published) {
        assert_eq!(published["kid"], key.kid());
        let members: Vec<_> = published.as_object().unwrap().keys().collect();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(published["e"], "AQAB");
    }
}

#[test]
fn the_name_of_a_key_is_its_thumbprint() {
    // The key and the thumbprint of RFC 7638 section 3.1.
    let thumbprint = keys::thumbprint(
        "AQAB",
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
         tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n\
         91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    );
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn keys_read_back_from_their_text_and_bad_text_says_what_is_wrong() {
    let keys = TokenKeys::generate().unwrap();
    let text = keys.to_text().unwrap();
    let read: TokenKeys = format!("{}\n", text.as_str()).parse().unwrap();
    assert_eq!((&read.id, &read.access), (&keys.id, &keys.access));
    let key = data_encoding::BASE64.encode(&keys.id[0].to_pkcs8().unwrap());
    for (text, error) in [
        (String::new(), TokenKeysError::Lists),
        ("id=;access=".to_owned(), TokenKeysError::Key),
        (format!("id={key}"), TokenKeysError::Lists),
        (format!("access={key};id={key}"), TokenKeysError::Lists),
        (format!("id={key};access={key}"), TokenKeysError::Duplicate),
        (format!("id={key};access=!"), TokenKeysError::Base64),
        (format!("id={key};access=AAAA"), TokenKeysError::Key),
    ] {
        assert_eq!(text.parse::<TokenKeys>().err(), Some(error), "{error:?}");
    }
}

#[test]
fn i7_keys_and_tokens_show_nothing() {
    let keys = TokenKeys::generate().unwrap();
    let token = issue(&issuer(&keys), None);
    assert_eq!(format!("{token:?}"), "IssuedTokens { expires_in: 3600, .. }");
    let shown = format!("{:?} {:?}", issuer(&keys), issuer(&keys).open_access(token.access(), NOW));
    for secret in [&keys.to_text().unwrap()[10..60], NAME, "+919999900001"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn lifetimes_are_those_that_cognito_takes() {
    let check = |id, access| TokenLifetimes::new(id, access).is_ok();
    assert!(check(Duration::minutes(5), Duration::DAY) && check(Duration::DAY, Duration::minutes(5)));
    assert!(!check(Duration::minutes(4), Duration::HOUR) && !check(Duration::HOUR, Duration::hours(25)));
}
