//! The calls themselves: one function each, no decision.

use aws_sdk_dynamodb::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    primitives::Blob,
    types::{
        AttributeValue, CancellationReason, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem,
    },
};

use super::{
    item::{Item, Key},
    table::{DEAD_AT, SUBJECT, VALUE},
};
use crate::{aws::CallFailure, ports::StoreError};

/// One table.
pub(super) struct Api {
    pub(super) client: Client,
    pub(super) table: String,
}

/// When an item may be written.
pub(super) enum Condition<'a> {
    /// It holds exactly these bytes, or is not there.
    Is(Option<&'a [u8]>),
    /// It is not there, or dead at this millisecond.
    Dead(u64),
    /// It holds these bytes and lives at this millisecond.
    Live(&'a [u8], u64),
}

/// What came of a write on a condition.
#[derive(Debug)]
pub(super) enum Written {
    Done,
    /// The condition did not hold: this is there.
    Held(Option<Item>),
    /// Somebody else has it in hand, or the service is busy. Nothing was written, and what is there was not told.
    Busy,
}

impl Api {
    pub(super) async fn get(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(SUBJECT, key.attribute())
            .consistent_read(true)
            .send()
            .await;
        let got = got.map_err(|error| failed("GetItem", &error))?;
        got.item().map(Item::read).transpose()
    }

    /// What is there under these names. The service may leave some out when it is busy.
    pub(super) async fn get_all(&self, keys: &[Key]) -> Result<Vec<(Key, Option<Item>)>, StoreError> {
        let names = |key: &Key| [(SUBJECT.to_owned(), key.attribute())].into();
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(names).collect()))
            .consistent_read(true)
            .build()
            .map_err(|_| StoreError::Refused(Box::new(CallFailure::new("BatchGetItem", None, None))))?;
        let got = self.client.batch_get_item().request_items(&self.table, wanted).send().await;
        let got = got.map_err(|error| failed("BatchGetItem", &error))?;
        let found = got.responses().and_then(|tables| tables.get(&self.table));
        let found = found.map_or(&[][..], Vec::as_slice);
        let left_out = got.unprocessed_keys().and_then(|tables| tables.get(&self.table));
        let left_out = left_out.map_or(&[][..], |left_out| left_out.keys());
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let Some(item) = found.iter().find(|item| Key::of(item) == Some(*key)) else {
                if !left_out.iter().any(|item| Key::of(item) == Some(*key)) {
                    items.push((*key, None));
                }
                continue;
            };
            items.push((*key, Some(Item::read(item)?)));
        }
        Ok(items)
    }

    pub(super) async fn write(
        &self,
        key: Key,
        new: &Item,
        condition: &Condition<'_>,
    ) -> Result<Written, StoreError> {
        let put = self.request(key, new, condition)?;
        let written = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .set_return_values_on_condition_check_failure(put.return_values_on_condition_check_failure)
            .send()
            .await;
        let Err(error) = written else { return Ok(Written::Done) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                Ok(Written::Held(held.item().filter(|item| !item.is_empty()).map(Item::read).transpose()?))
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(Written::Busy),
            _ => Err(failed("PutItem", &error)),
        }
    }

    /// Writes all or nothing, in one transaction: nothing was written unless all are done.
    pub(super) async fn write_all(
        &self,
        changes: &[(Key, &Item, Condition<'_>)],
    ) -> Result<Vec<Written>, StoreError> {
        let puts = changes.iter().map(|(key, new, condition)| {
            Ok(TransactWriteItem::builder().put(self.request(*key, new, condition)?).build())
        });
        let puts = puts.collect::<Result<Vec<_>, StoreError>>()?;
        let written = self.client.transact_write_items().set_transact_items(Some(puts)).send().await;
        let Err(error) = written else {
            return Ok(changes.iter().map(|_| Written::Done).collect());
        };
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons()
            }
            _ => return Err(failed("TransactWriteItems", &error)),
        };
        if reasons.len() != changes.len() {
            return Err(failed("TransactWriteItems", &error));
        }
        let outcomes = reasons.iter().map(reason).collect::<Result<Vec<_>, _>>()?;
        // Nothing was written, and nobody is said to be the reason.
        if outcomes.iter().all(|outcome| matches!(outcome, Written::Done)) {
            return Err(failed("TransactWriteItems", &error));
        }
        Ok(outcomes)
    }

    fn request(&self, key: Key, new: &Item, condition: &Condition<'_>) -> Result<Put, StoreError> {
        let bytes = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
        let number = |number: u64| AttributeValue::N(number.to_string());
        let put = Put::builder().table_name(&self.table).set_item(Some(new.attributes(key)));
        let put = match condition {
            Condition::Is(None) => put
                .condition_expression("attribute_not_exists(#subject)")
                .expression_attribute_names("#subject", SUBJECT),
            Condition::Is(Some(old)) => put
                .condition_expression("#value = :old")
                .expression_attribute_names("#value", VALUE)
                .expression_attribute_values(":old", bytes(old)),
            Condition::Dead(now) => put
                .condition_expression("attribute_not_exists(#subject) OR #dead_at <= :now")
                .expression_attribute_names("#subject", SUBJECT)
                .expression_attribute_names("#dead_at", DEAD_AT)
                .expression_attribute_values(":now", number(*now)),
            Condition::Live(old, now) => put
                .condition_expression("#value = :old AND #dead_at > :now")
                .expression_attribute_names("#value", VALUE)
                .expression_attribute_names("#dead_at", DEAD_AT)
                .expression_attribute_values(":old", bytes(old))
                .expression_attribute_values(":now", number(*now)),
        };
        put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|_| StoreError::Refused(Box::new(CallFailure::new("PutItem", None, None))))
    }
}

/// Why a transaction was not made, as far as one of its items is concerned.
fn reason(reason: &CancellationReason) -> Result<Written, StoreError> {
    match reason.code() {
        None | Some("None") => Ok(Written::Done), // its condition held
        Some("ConditionalCheckFailed") => {
            let held = reason.item().filter(|item| !item.is_empty());
            Ok(Written::Held(held.map(Item::read).transpose()?))
        }
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {
            Ok(Written::Busy)
        }
        Some(code) => {
            Err(StoreError::Refused(Box::new(CallFailure::new("TransactWriteItems", Some(code), Some(400)))))
        }
    }
}

/// Errors that pass by themselves, though the service answers them as if they were ours.
const PASSING: &[&str] = &[
    "ExpiredTokenException", // the caller's credentials; the next ones are good
    "InternalServerError",
    "ItemCollectionSizeLimitExceededException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ResourceInUseException",
    "ThrottlingException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// A call that did not succeed, as the port tells it.
pub(super) fn failed<E: ProvideErrorMetadata>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> StoreError {
    let call = CallFailure::of(operation, error);
    let is_ours = matches!(error, SdkError::ConstructionFailure(_))
        || call.code().is_some_and(|code| !PASSING.contains(&code))
            && matches!(call.status(), Some(400..=428 | 430..=499));
    let source = Box::new(call);
    if is_ours { StoreError::Refused(source) } else { StoreError::Unavailable(source) }
}
