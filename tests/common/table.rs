//! DynamoDB in this process, as far as the ledger uses it: single reads, batches, writes on a condition, transactions.

use core::{
    cmp::Ordering,
    pin::Pin,
    sync::atomic::{self, AtomicUsize},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use custom_auth::{
    ActId, Admission, Charge, Clock as _, DynamoDbLedger, Foresight, Ledger, OnlyIf, Put, StoreError,
    Subject, Timestamp,
    testing::{ManualClock, yield_now},
};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};
use time::Duration;

use super::service::{self, Service};

/// What befalls a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mishap {
    /// It is not asked, and the caller hears nothing.
    LostOnTheWay,
    /// It is done, and the caller hears nothing.
    LostOnTheWayBack,
    /// The service is asked too much.
    Throttled,
    /// The service fails; whether it did it is not known, and it did not.
    Broken,
    /// The caller may not do it.
    Denied,
    /// Another transaction has the item in hand.
    Conflict,
    /// A transaction is cancelled, and no item is said to be the reason.
    NoReason,
    /// A batch is answered without its first item.
    LeftOut,
    /// A proxy answers in the service's place.
    Page,
}

/// One table, and what is to befall its next calls.
#[derive(Clone, Debug)]
pub struct Table {
    state: Arc<Mutex<State>>,
    clock: Option<ManualClock>,
    way: Duration,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Vec<u8>, Value>,
    /// By the tokens of transactions, which land once.
    tokens: BTreeMap<String, (u16, String)>,
    mishaps: VecDeque<Option<Mishap>>,
    calls: Vec<String>,
}

/// The name of the only table.
const NAME: &str = "ledger";

impl Table {
    /// A table that answers at once, once all others that are ready have had their turn. Whoever waits does so by the system's clock.
    pub fn new() -> Self {
        Self { state: Arc::default(), clock: None, way: Duration::ZERO }
    }

    /// The same by this clock, with so long a way for each call.
    pub fn far_away(clock: &ManualClock, way: Duration) -> Self {
        Self { clock: Some(clock.clone()), way, ..Self::new() }
    }

    /// A process with a ledger in this table. Its client asks each thing at most `attempts` times.
    pub fn ledger(&self, attempts: u32) -> DynamoDbLedger {
        let client = service::client!(aws_sdk_dynamodb, self.clone(), attempts);
        let ledger = DynamoDbLedger::new(client, NAME);
        match &self.clock {
            Some(clock) => ledger.clock(clock.clone()),
            None => ledger,
        }
    }

    /// What befalls the next calls, one each.
    pub fn befall(&self, mishaps: impl IntoIterator<Item = Option<Mishap>>) {
        self.state(|state| state.mishaps = mishaps.into_iter().collect());
    }

    /// Whether all of it has befallen.
    pub fn has_befallen(&self) -> bool {
        self.state(|state| state.mishaps.is_empty())
    }

    /// The operations that were asked for since it was asked last, in order.
    pub fn calls(&self) -> Vec<String> {
        self.state(|state| core::mem::take(&mut state.calls))
    }

    /// Every item, as the service keeps it.
    pub fn items(&self) -> Vec<Value> {
        self.state(|state| state.items.values().cloned().collect())
    }

    /// Writes over an attribute of every item.
    pub fn overwrite(&self, attribute: &str, value: &Value) {
        self.state(|state| {
            for item in state.items.values_mut() {
                item[attribute] = value.clone();
            }
        });
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }
}

impl Service for Table {
    fn on_the_way(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (clock, way) = (self.clock.clone(), self.way);
        Box::pin(async move {
            match clock {
                Some(clock) if way.is_positive() => clock.sleep_until(clock.now() + way).await,
                Some(_) | None => yield_now().await,
            }
        })
    }

    fn answer(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.state(|state| {
            state.calls.push(operation.to_owned());
            let body: Value = serde_json::from_str(body).expect("the SDK writes JSON");
            let mishap = state.mishaps.pop_front().flatten();
            let reasons = |code: &str| {
                let all = body["TransactItems"].as_array().map_or(1, Vec::len);
                let reasons: Vec<Value> =
                    (0..all).map(|place| json!({"Code": if place == 0 { code } else { "None" }})).collect();
                let mut answer = error("TransactionCanceledException");
                answer["CancellationReasons"] = json!(reasons);
                answer
            };
            let is_transaction = operation == "TransactWriteItems";
            match mishap {
                Some(Mishap::LostOnTheWay) => None,
                Some(Mishap::LostOnTheWayBack) => {
                    state.serve(operation, &body);
                    None
                }
                Some(Mishap::Throttled) if is_transaction => {
                    Some((400, reasons("ThrottlingError").to_string()))
                }
                Some(Mishap::Throttled) => Some((400, error("ThrottlingException").to_string())),
                Some(Mishap::Broken) => Some((500, error("InternalServerError").to_string())),
                Some(Mishap::Denied) => Some((400, error("AccessDeniedException").to_string())),
                Some(Mishap::Conflict) if is_transaction => {
                    Some((400, reasons("TransactionConflict").to_string()))
                }
                Some(Mishap::NoReason) if is_transaction => Some((400, reasons("None").to_string())),
                Some(Mishap::Conflict) if operation == "PutItem" => {
                    Some((400, error("TransactionConflictException").to_string()))
                }
                Some(Mishap::LeftOut) if operation == "BatchGetItem" => {
                    let mut rest = body.clone();
                    let keys = rest["RequestItems"][NAME]["Keys"].as_array_mut().expect("keys");
                    let left_out = keys.remove(0);
                    let (status, answer) = state.serve(operation, &rest);
                    let mut answer: Value = serde_json::from_str(&answer).expect("ours");
                    answer["UnprocessedKeys"] = json!({NAME: {"Keys": [left_out]}});
                    Some((status, answer.to_string()))
                }
                Some(Mishap::Page) => Some((502, "<html>".to_owned())),
                Some(Mishap::Conflict | Mishap::LeftOut | Mishap::NoReason) | None => {
                    Some(state.serve(operation, &body))
                }
            }
        })
    }
}

impl State {
    fn serve(&mut self, operation: &str, body: &Value) -> (u16, String) {
        let (status, answer) = match operation {
            "GetItem" => {
                assert_eq!(body["ConsistentRead"], true, "a count is read as it is now");
                (
                    200,
                    self.items
                        .get(&key(&body["Key"]))
                        .map_or_else(|| json!({}), |item| json!({"Item": item})),
                )
            }
            "BatchGetItem" => {
                let asked = &body["RequestItems"][NAME];
                assert_eq!(asked["ConsistentRead"], true, "a count is read as it is now");
                let keys = asked["Keys"].as_array().expect("keys");
                // In another order than asked for.
                let found: Vec<_> = keys.iter().rev().filter_map(|name| self.items.get(&key(name))).collect();
                (200, json!({"Responses": {NAME: found}, "UnprocessedKeys": {}}))
            }
            "PutItem" => match self.check(body) {
                Ok(()) => {
                    self.items.insert(key(&body["Item"]), body["Item"].clone());
                    (200, json!({}))
                }
                Err(held) => {
                    let mut answer = error("ConditionalCheckFailedException");
                    answer["Item"] = held.unwrap_or_default();
                    (400, answer)
                }
            },
            "TransactWriteItems" => return self.transact(body),
            other => panic!("the ledger never asks for {other}"),
        };
        (status, answer.to_string())
    }

    fn transact(&mut self, body: &Value) -> (u16, String) {
        let token = body["ClientRequestToken"].as_str().expect("the SDK draws one").to_owned();
        if let Some(answer) = self.tokens.get(&token) {
            return answer.clone();
        }
        let puts: Vec<&Value> =
            body["TransactItems"].as_array().expect("items").iter().map(|one| &one["Put"]).collect();
        let names: std::collections::BTreeSet<_> = puts.iter().map(|put| key(&put["Item"])).collect();
        assert_eq!(names.len(), puts.len(), "the service refuses a transaction that names an item twice");
        let checked: Vec<_> = puts.iter().map(|put| self.check(put)).collect();
        if checked.iter().all(Result::is_ok) {
            for put in puts {
                self.items.insert(key(&put["Item"]), put["Item"].clone());
            }
            self.tokens.insert(token, (200, "{}".to_owned()));
            return (200, "{}".to_owned());
        }
        let reason = |checked: &Result<(), Option<Value>>| match checked {
            Ok(()) => json!({"Code": "None"}),
            Err(None) => json!({"Code": "ConditionalCheckFailed"}),
            Err(Some(held)) => json!({"Code": "ConditionalCheckFailed", "Item": held}),
        };
        let mut answer = error("TransactionCanceledException");
        answer["CancellationReasons"] = checked.iter().map(reason).collect();
        (400, answer.to_string())
    }

    /// Whether the condition of a write holds; else what is there.
    fn check(&self, put: &Value) -> Result<(), Option<Value>> {
        assert_eq!(put["TableName"], NAME);
        assert_eq!(put["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
        let held = self.items.get(&key(&put["Item"]));
        let condition = put["ConditionExpression"].as_str().expect("nothing is written without one");
        let holds = condition.split(" OR ").any(|all| all.split(" AND ").all(|one| holds(one, put, held)));
        if holds { Ok(()) } else { Err(held.cloned()) }
    }
}

/// One comparison.
fn holds(comparison: &str, put: &Value, held: Option<&Value>) -> bool {
    let name =
        |word: &str| put["ExpressionAttributeNames"][word].as_str().expect("reserved words, so placeholders");
    if let Some(word) = comparison.strip_prefix("attribute_not_exists(") {
        return held.is_none_or(|item| item.get(name(word.trim_end_matches(')'))).is_none());
    }
    let [attribute, sign, value] = comparison.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{comparison}")
    };
    let Some(one) = held.and_then(|item| item.get(name(attribute))) else { return false };
    let other = &put["ExpressionAttributeValues"][value];
    let order = match (&one["N"], &other["N"]) {
        (Value::String(one), Value::String(other)) => {
            one.parse::<u64>().expect("a number").cmp(&other.parse().expect("a number"))
        }
        _ => bytes(one).cmp(&bytes(other)),
    };
    match sign {
        "=" => order == Ordering::Equal,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        other => panic!("{other}"),
    }
}

fn key(item: &Value) -> Vec<u8> {
    bytes(&item["subject"])
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64.decode(value["B"].as_str().expect("bytes").as_bytes()).expect("base64")
}

fn error(code: &str) -> Value {
    let name = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Value::Object(Map::from_iter([
        ("__type".to_owned(), name.into()),
        ("message".to_owned(), "+919999900001".into()),
    ]))
}

/// Several processes with one table; each call is another's.
#[derive(Debug)]
pub struct Processes {
    all: Vec<DynamoDbLedger>,
    next: AtomicUsize,
}

impl Processes {
    pub fn new(table: &Table, many: usize) -> Self {
        Self { all: (0..many).map(|_| table.ledger(1)).collect(), next: AtomicUsize::new(0) }
    }

    fn next(&self) -> &DynamoDbLedger {
        let number = self.next.fetch_add(1, atomic::Ordering::Relaxed);
        &self.all[number % self.all.len()]
    }
}

#[async_trait]
impl Ledger for Processes {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        self.next().charge(id, charges, now).await
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.next().put(subject, value, dead_at, only_if, now).await
    }
    // Another process may be the one that pays: then it was in vain.
    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        self.next().foresee(id, charges)
    }
}
