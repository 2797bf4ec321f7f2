//! The keys of tokens change while people are signed in: nobody notices who was given a token in time.

use std::collections::BTreeSet;

use custom_auth::tokens::{SigningKey, TokenKeys};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::world::{Site, World, world_on};

const PHONE: &str = "+15550100123";
const ISSUER: &str = "https://auth.example.com/local_CustomAuth";

struct Pair {
    id: SigningKey,
    access: SigningKey,
}

impl Pair {
    fn new() -> Self {
        Self { id: SigningKey::generate().unwrap(), access: SigningKey::generate().unwrap() }
    }

    fn kids(&self) -> [&str; 2] {
        [self.id.kid(), self.access.kid()]
    }
}

/// As it is written in the setting, and read from there.
fn keys(pairs: &[&Pair]) -> TokenKeys {
    let id = pairs.iter().map(|pair| pair.id.clone()).collect();
    let access = pairs.iter().map(|pair| pair.access.clone()).collect();
    TokenKeys::new(id, access).unwrap().to_text().unwrap().parse().unwrap()
}

async fn started_anew(site: &Site, pairs: &[&Pair]) -> World {
    let site = Site { keys: keys(pairs), issuer: Some(ISSUER), ..site.clone() };
    world_on(site, |_| {}, |_| {}).await
}

/// The key that a token names.
fn kid(token: &Value) -> String {
    let head = token.as_str().unwrap().split('.').next().unwrap();
    let head: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(head.as_bytes()).unwrap()).unwrap();
    head["kid"].as_str().unwrap().to_owned()
}

async fn published(world: &World) -> BTreeSet<String> {
    let jwks = world.get("/local_CustomAuth/.well-known/jwks.json", "").await;
    let keys = jwks.body["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn names(pairs: &[&Pair]) -> BTreeSet<String> {
    pairs.iter().flat_map(|pair| pair.kids()).map(str::to_owned).collect()
}

async fn get_user(world: &World, tokens: &Value) -> String {
    let told = world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})).await;
    if told.status == 200 { "known".to_owned() } else { told.message().to_owned() }
}

async fn refreshed(world: &World, tokens: &Value) -> Value {
    let body = json!({"ClientId": "open", "RefreshToken": tokens["RefreshToken"]});
    world.call("GetTokensFromRefreshToken", body).await.body["AuthenticationResult"].clone()
}

#[tokio::test]
async fn keys_rotate_with_an_overlap_and_the_old_ones_end_with_it() {
    let (site, old, new) = (Site::default(), Pair::new(), Pair::new());

    let world = started_anew(&site, &[&old]).await;
    assert_eq!(published(&world).await, names(&[&old]));
    let first = world.signed_in(PHONE).await;
    assert_eq!([kid(&first["IdToken"]), kid(&first["AccessToken"])], old.kids());

    // Published before it signs, so that whoever keeps jwks.json for a while has read it by then.
    let world = started_anew(&site, &[&old, &new]).await;
    assert_eq!(published(&world).await, names(&[&old, &new]));
    assert_eq!(get_user(&world, &first).await, "known");
    let second = refreshed(&world, &first).await;
    assert_eq!([kid(&second["IdToken"]), kid(&second["AccessToken"])], old.kids());

    let world = started_anew(&site, &[&new, &old]).await;
    assert_eq!(published(&world).await, names(&[&old, &new]));
    assert_eq!(get_user(&world, &first).await, "known");
    let third = refreshed(&world, &first).await;
    assert_eq!([kid(&third["IdToken"]), kid(&third["AccessToken"])], new.kids());
    assert_eq!(get_user(&world, &third).await, "known");

    let world = started_anew(&site, &[&new]).await;
    assert_eq!(published(&world).await, names(&[&new]));
    assert_eq!(get_user(&world, &third).await, "known");
    for late in [&first, &second] {
        assert_eq!(get_user(&world, late).await, "Invalid Access Token");
    }
    // The sign-in is as old as before: a refresh gives a token of the new key.
    let fresh = refreshed(&world, &first).await;
    assert_eq!(get_user(&world, &fresh).await, "known");
}

#[tokio::test]
async fn a_key_that_was_never_published_signs_for_nobody() {
    let (site, ours, others) = (Site::default(), Pair::new(), Pair::new());
    let world = started_anew(&site, &[&others]).await;
    let theirs = world.signed_in(PHONE).await;
    let world = started_anew(&site, &[&ours]).await;
    assert_eq!(get_user(&world, &theirs).await, "Invalid Access Token");
    // Keys of the two kinds do not stand in for each other.
    let crossed = TokenKeys::new(vec![others.access.clone()], vec![others.id.clone()]).unwrap();
    let world = world_on(Site { keys: crossed, issuer: Some(ISSUER), ..site }, |_| {}, |_| {}).await;
    assert_eq!(get_user(&world, &theirs).await, "Invalid Access Token");
    assert_eq!(published(&world).await, names(&[&others]));
}
