//! What the table must be like.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
        TimeToLiveSpecification,
    },
};
use futures_timer::Delay;

use super::api::failed;
use crate::ports::StoreError;

pub(super) const SUBJECT: &str = "subject";
pub(super) const VALUE: &str = "value";
pub(super) const DEAD_AT: &str = "dead_at";
pub(super) const EXPIRES: &str = "expires";

/// What the table of a [`DynamoDbLedger`](super::DynamoDbLedger) must be like: one key, no index, no stream, billed per
/// request unless you know better.
///
/// In CloudFormation:
///
/// ```yaml
/// Ledger:
///   Type: AWS::DynamoDB::Table
///   Properties:
///     BillingMode: PAY_PER_REQUEST
///     AttributeDefinitions: [{AttributeName: subject, AttributeType: B}]
///     KeySchema: [{AttributeName: subject, KeyType: HASH}]
///     TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
/// ```
///
/// Whoever uses it needs `dynamodb:GetItem`, `BatchGetItem` and `PutItem` on it, and nothing else: `TransactWriteItems` is allowed by
/// `PutItem`.
///
/// Never delete, clear or restore it while people sign in: what it has counted is what bounds an attacker. No point-in-time recovery
/// and no backup is needed, since its entries live for a day, and those of consecutive failures for a year.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DynamoDbTable {
    /// The attribute that is the partition key; there is no sort key.
    pub key: &'static str,
    /// Its type, as the API writes it.
    pub key_type: &'static str,
    /// The attribute by which Time to Live removes what has been dead for an hour.
    pub time_to_live: &'static str,
}

/// How often a new table is asked whether it is there.
const LOOKS: u32 = 120;

impl DynamoDbTable {
    /// The one form there is.
    pub const FORM: Self = Self { key: SUBJECT, key_type: "B", time_to_live: EXPIRES };

    /// Makes the table and waits until it can be used; one that is there already is left as it is. For development and tests: in
    /// production a template makes it.
    ///
    /// # Errors
    /// [`StoreError`] if the service refuses, or the table is not there within two minutes.
    pub async fn create(client: &Client, table: &str) -> Result<(), StoreError> {
        let refused = |_| StoreError::Refused("the table's form".into());
        let form = Self::FORM;
        let key = AttributeDefinition::builder()
            .attribute_name(form.key)
            .attribute_type(ScalarAttributeType::from(form.key_type));
        let schema = KeySchemaElement::builder().attribute_name(form.key).key_type(KeyType::Hash);
        let made = client
            .create_table()
            .table_name(table)
            .attribute_definitions(key.build().map_err(refused)?)
            .key_schema(schema.build().map_err(refused)?)
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await;
        if let Err(error) = made {
            let is_there = error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception());
            return if is_there { Ok(()) } else { Err(failed("CreateTable", &error)) };
        }
        Self::wait_for(client, table).await?;
        let expiry = TimeToLiveSpecification::builder().attribute_name(form.time_to_live).enabled(true);
        let expiry = expiry.build().map_err(refused)?;
        let told =
            client.update_time_to_live().table_name(table).time_to_live_specification(expiry).send().await;
        told.map(drop).map_err(|error| failed("UpdateTimeToLive", &error))
    }

    async fn wait_for(client: &Client, table: &str) -> Result<(), StoreError> {
        for _ in 0..LOOKS {
            let described = client.describe_table().table_name(table).send().await;
            let described = described.map_err(|error| failed("DescribeTable", &error))?;
            if described.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active) {
                return Ok(());
            }
            Delay::new(core::time::Duration::from_secs(1)).await;
        }
        Err(StoreError::Unavailable("the table is still being made".into()))
    }
}
