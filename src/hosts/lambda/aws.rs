//! What a function takes from AWS: clients made once, before the first event.

use core::{fmt, time::Duration};
use std::sync::Arc;

use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use zeroize::Zeroizing;

use super::{
    function::{AccountsOf, Function, KeySource},
    settings::{KeysSetting, LedgerSetting, SenderSetting, Settings, TextSettings, in_turn, put_together},
};
use crate::{
    accounts::Accounts,
    adapters::{CognitoUsers, DynamoDbLedger, EndUserMessagingSender, MemoryLedger, SnsSender},
    engine::CustomAuth,
    hosts::settings::{KEYS, SettingErrors},
    ports::{BoxError, Ledger, NumberRule, SmsSender},
    types::{CodeKeys, IndianTemplate},
};

/// A connection is there in so long, or is not made.
const CONNECT: Duration = Duration::from_millis(700);
/// One request. Three to the ledger, the SDK's most, end within Cognito's patience.
const ATTEMPT: Duration = Duration::from_secs(1);
/// Before the ledger is asked again: a text has a second and a half in all, and the SDK would wait up to one.
const BACKOFF: Duration = Duration::from_millis(25);
/// How often the keys are asked for when a process starts; later once, as a person waits.
const MOST_READS: usize = 3;

impl Settings {
    /// Opens what the settings name and puts the function together: makes the clients of AWS that it needs, from the standard variables,
    /// and reads its keys. Inside a Tokio runtime.
    ///
    /// # Errors
    /// [`SettingErrors`] if the outbox cannot be opened, the keys cannot be read, or the policy's plan has a step that this host does
    /// not know.
    pub async fn build(self) -> Result<Function, SettingErrors> {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .timeout_config(timeouts)
            .load()
            .await;
        let (keys, source) = match self.keys {
            KeysSetting::Here(keys) => (keys, None),
            KeysSetting::Secret(name) => StoredKeys::open(Store::secrets(&config), name).await?,
            KeysSetting::Parameter(name) => StoredKeys::open(Store::parameters(&config), name).await?,
        };
        let ledger: Arc<dyn Ledger> = match self.ledger {
            LedgerSetting::Memory => Arc::new(MemoryLedger::new()),
            LedgerSetting::DynamoDb(table) => {
                let client = aws_sdk_dynamodb::Client::new(&config);
                Arc::new(DynamoDbLedger::new(client, table).shards(self.shards))
            }
        };
        let sender = in_turn(&self.senders, |setting| Ok(self.texts.sender(setting, &config)))?;
        let mut function = put_together(keys.clone(), self.policy, sender, Arc::clone(&ledger), self.audit)?;
        if let Some(source) = source {
            function = function.keys_from(source);
        }
        if let Some(rule) = self.users {
            let client = aws_sdk_cognitoidentityprovider::Client::new(&config);
            function = function.accounts_of(PoolAccounts { client, rule, keys, ledger });
        }
        Ok(function)
    }
}

impl TextSettings {
    fn sender(&self, setting: &SenderSetting, config: &SdkConfig) -> Box<dyn SmsSender> {
        let india = self.india.as_ref().map(|(entity, template)| IndianTemplate::new(entity, template));
        if *setting == SenderSetting::Sns {
            let mut sender = SnsSender::new(aws_sdk_sns::Client::new(config));
            if let Some(sender_id) = &self.sender_id {
                sender = sender.sender_id(sender_id);
            }
            if let Some(number) = self.origination.as_ref().filter(|origination| origination.starts_with('+'))
            {
                sender = sender.origination_number(number);
            }
            return match india {
                Some(template) => Box::new(sender.indian_template(template)),
                None => Box::new(sender),
            };
        }
        let mut sender = EndUserMessagingSender::new(aws_sdk_pinpointsmsvoicev2::Client::new(config));
        if let Some(origination) = &self.origination {
            sender = sender.origination_identity(origination);
        }
        if let Some(name) = &self.configuration_set {
            sender = sender.configuration_set(name);
        }
        if let Some(dollars) = &self.max_price {
            sender = sender.max_price(dollars);
        }
        match india {
            Some(template) => Box::new(sender.indian_template(template)),
            None => Box::new(sender),
        }
    }
}

/// Keys in a store of AWS.
struct StoredKeys {
    store: Store,
    name: String,
}

enum Store {
    Secrets(aws_sdk_secretsmanager::Client),
    Parameters(aws_sdk_ssm::Client),
}

impl Store {
    fn secrets(config: &SdkConfig) -> Self {
        let config =
            aws_sdk_secretsmanager::config::Builder::from(config).retry_config(RetryConfig::disabled());
        Self::Secrets(aws_sdk_secretsmanager::Client::from_conf(config.build()))
    }

    fn parameters(config: &SdkConfig) -> Self {
        let config = aws_sdk_ssm::config::Builder::from(config).retry_config(RetryConfig::disabled());
        Self::Parameters(aws_sdk_ssm::Client::from_conf(config.build()))
    }
}

impl StoredKeys {
    async fn open(store: Store, name: String) -> Result<(CodeKeys, Option<Self>), SettingErrors> {
        let source = Self { store, name };
        let mut problem = String::new();
        for _ in 0..MOST_READS {
            match source.read().await {
                Ok(keys) => return Ok((keys, Some(source))),
                Err(error) => problem = error.to_string(),
            }
        }
        Err(SettingErrors::one(KEYS, problem))
    }
}

#[async_trait]
impl KeySource for StoredKeys {
    async fn read(&self) -> Result<CodeKeys, BoxError> {
        // A name's error is all that is told of a failure: its text may repeat what was sent, or what was found.
        let unread = |code: Option<&str>| {
            let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric()));
            BoxError::from(format!("cannot be read: {}", code.unwrap_or("no answer")))
        };
        let text = match &self.store {
            Store::Secrets(client) => {
                let got = client.get_secret_value().secret_id(&self.name).send().await;
                got.map_err(|error| {
                    unread(aws_sdk_secretsmanager::error::ProvideErrorMetadata::code(&error))
                })?
                .secret_string
            }
            Store::Parameters(client) => {
                let got = client.get_parameter().name(&self.name).with_decryption(true).send().await;
                got.map_err(|error| unread(aws_sdk_ssm::error::ProvideErrorMetadata::code(&error)))?
                    .parameter
                    .and_then(|parameter| parameter.value)
            }
        };
        let text = Zeroizing::new(text.ok_or("holds no text")?);
        Ok(text.trim().parse::<CodeKeys>()?)
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKeys").finish_non_exhaustive()
    }
}

/// The accounts of whichever pool an event comes from.
struct PoolAccounts {
    client: aws_sdk_cognitoidentityprovider::Client,
    rule: NumberRule,
    keys: CodeKeys,
    ledger: Arc<dyn Ledger>,
}

impl AccountsOf for PoolAccounts {
    fn with_accounts(&self, auth: &CustomAuth, pool_id: &str) -> Option<CustomAuth> {
        let users = CognitoUsers::new(self.client.clone(), pool_id, self.rule);
        // Nothing is texted through these: they do the work behind a proof that was given in a sign-in.
        let codes = auth.codes(pool_id, "");
        let accounts = Accounts::builder(self.keys.clone(), users, codes, Arc::clone(&self.ledger));
        Some(auth.with_accounts(accounts.pool_id(pool_id).build().ok()?))
    }
}

impl fmt::Debug for PoolAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolAccounts").field("rule", &self.rule).finish_non_exhaustive()
    }
}
