//! What the environment tells the server.

use core::{fmt, net::SocketAddr};
use std::{
    env,
    io::stderr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::{
    AppClient, DoorLimits, LambdaTriggers, RuntimeClock, SenderSetting, Server, audit::AuditLines, files,
};
use crate::{
    accounts::Accounts,
    adapters::{MemoryLedger, MemoryUsers, RedbStore, RedbStoreError},
    engine::CustomAuth,
    hosts::settings::{KEYS, POLICY, SMS, SettingError, SettingErrors, keep, policy},
    policy::{AccountPolicy, Plan, Policy},
    pool::{
        BuildPoolError, PoolSettings, SealKey, SignUpPassword, SingleProof, TokenGeneration, Triggers,
        UserPool,
    },
    ports::{AuditSink, Discard, Entropy as _, Ledger, OsEntropy, UserStore},
    tokens::{TokenIssuer, TokenKeys},
    types::CodeKeys,
};

const ADDR: &str = "CUSTOM_AUTH_ADDR";
const ADMIN_ADDR: &str = "CUSTOM_AUTH_ADMIN_ADDR";
const AUDIT: &str = "CUSTOM_AUTH_AUDIT";
const DATA: &str = "CUSTOM_AUTH_DATA";
const DOOR: &str = "CUSTOM_AUTH_DOOR";
const POOL_ID: &str = "CUSTOM_AUTH_POOL_ID";
const CLIENT_ID: &str = "CUSTOM_AUTH_CLIENT_ID";
const STORE: &str = "CUSTOM_AUTH_STORE";
const TOKEN_KEY: &str = "CUSTOM_AUTH_TOKEN_KEY";
const SEAL_KEY: &str = "CUSTOM_AUTH_SEAL_KEY";
const ISSUER: &str = "CUSTOM_AUTH_ISSUER";
const LAMBDA: &str = "CUSTOM_AUTH_LAMBDA";
const SIGN_UP_PASSWORD: &str = "CUSTOM_AUTH_SIGN_UP_PASSWORD";
const SINGLE_PROOF: &str = "CUSTOM_AUTH_SINGLE_PROOF";
const LAMBDA_TOKENS: &str = "CUSTOM_AUTH_LAMBDA_TOKENS";

/// The server's settings, read from its environment. None is required: [`HELP`](Self::HELP) says what each is without being set.
#[derive(Debug)]
#[non_exhaustive]
pub struct Settings {
    /// `CUSTOM_AUTH_ADDR`.
    pub address: SocketAddr,
    /// `CUSTOM_AUTH_ADMIN_ADDR`.
    pub admin_address: Option<SocketAddr>,
    /// `CUSTOM_AUTH_DATA`.
    pub data: PathBuf,
    /// `CUSTOM_AUTH_POOL_ID`.
    pub pool_id: String,
    /// `CUSTOM_AUTH_CLIENT_ID`.
    pub client_id: String,
    /// `CUSTOM_AUTH_ISSUER`.
    pub issuer: String,
    /// `CUSTOM_AUTH_LAMBDA`: what defines, creates and verifies challenges in place of the engine.
    pub lambda: Option<LambdaTriggers>,
    /// `CUSTOM_AUTH_SIGN_UP_PASSWORD`.
    pub sign_up_password: SignUpPassword,
    /// `CUSTOM_AUTH_SINGLE_PROOF`; `None` if it is not set.
    pub single_proof: Option<SingleProof>,
    /// `CUSTOM_AUTH_LAMBDA_TOKENS`: whether it is asked what tokens say, too.
    pub token_generation: TokenGeneration,
    /// `CUSTOM_AUTH_AUDIT`: whether what happens is written to standard error.
    pub audit: bool,
    /// `CUSTOM_AUTH_SMS`.
    pub sender: SenderSetting,
    /// `CUSTOM_AUTH_STORE`.
    pub store: StoreSetting,
    /// `CUSTOM_AUTH_POLICY`, or the default.
    pub policy: Policy,
    /// `CUSTOM_AUTH_DOOR`, or the default.
    pub limits: DoorLimits,
    keys: Option<CodeKeys>,
    token_keys: Option<TokenKeys>,
    seal_key: Option<SealKey>,
}

/// Where accounts, limits and sign-ins are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreSetting {
    /// `memory`: in this process; all is lost with it.
    Memory,
    /// `redb:PATH`: in one file of this process.
    Redb(PathBuf),
}

/// A server that is ready to be served.
#[derive(Debug)]
#[non_exhaustive]
pub struct Running {
    /// The router.
    pub router: Router,
    /// The operator's router.
    pub operator: Router,
    /// The limits at the door, which serving keeps too.
    pub limits: DoorLimits,
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`SettingErrors`], all at once.
    pub fn from_env() -> Result<Self, SettingErrors> {
        Self::read(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the settings from `get`, which gives the value of a variable if it is set. Touches nothing else.
    ///
    /// # Errors
    /// [`SettingErrors`], all at once.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingErrors> {
        let given = |name| get(name).filter(|value| !value.trim().is_empty());
        let or = |name, default: &str| given(name).unwrap_or_else(|| default.to_owned());
        let mut errors = Vec::new();
        let no_address = |_| "must be an IP address and a port, such as 127.0.0.1:8080".to_owned();
        let address = or(ADDR, "127.0.0.1:8080").parse().map_err(no_address);
        let address: Option<SocketAddr> = keep(&mut errors, ADDR, address);
        let admin = given(ADMIN_ADDR).map(|text| text.parse().map_err(no_address));
        let admin_address: Option<Option<SocketAddr>> = keep(&mut errors, ADMIN_ADDR, admin.transpose());
        let data = PathBuf::from(or(DATA, "custom-auth-data"));
        let (pool_id, client_id) = (or(POOL_ID, "local_CustomAuth"), or(CLIENT_ID, "customauth"));
        let sender = match given(SMS) {
            Some(text) => SenderSetting::parse(&text),
            None => Ok(SenderSetting::Outbox(data.join("outbox.jsonl"))),
        };
        let sender = keep(&mut errors, SMS, sender);
        let store = match given(STORE) {
            Some(text) => StoreSetting::parse(&text),
            None => Ok(StoreSetting::Redb(data.join("store.redb"))),
        };
        let store = keep(&mut errors, STORE, store);
        let is_paid = sender.as_ref().is_some_and(SenderSetting::is_paid);
        let policy = keep(&mut errors, POLICY, policy(&or(POLICY, "{}"), is_paid));
        let limits = keep(&mut errors, DOOR, DoorLimits::from_json(&or(DOOR, "{}")));
        let keys = keep(&mut errors, KEYS, optional(given(KEYS)));
        let token_keys = keep(&mut errors, TOKEN_KEY, optional(given(TOKEN_KEY)));
        let seal_key = keep(&mut errors, SEAL_KEY, optional(given(SEAL_KEY)));
        let issuer = match given(ISSUER) {
            Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
                Err("must be a URL, https://HOST/PATH".to_owned())
            }
            issuer => Ok(issuer),
        };
        let issuer = keep(&mut errors, ISSUER, issuer);
        let audit = match or(AUDIT, "stderr").as_str() {
            "stderr" => Ok(true),
            "off" => Ok(false),
            _ => Err("must be stderr or off".to_owned()),
        };
        let audit = keep(&mut errors, AUDIT, audit);
        let lambda = given(LAMBDA).map(|url| LambdaTriggers::new(&url).map_err(|error| error.to_string()));
        let lambda = keep(&mut errors, LAMBDA, lambda.transpose());
        let tokens = match or(LAMBDA_TOKENS, "off").as_str() {
            "on" if given(LAMBDA).is_none() => Err("needs CUSTOM_AUTH_LAMBDA".to_owned()),
            "on" => Ok(TokenGeneration::Invoke),
            "off" => Ok(TokenGeneration::Skip),
            _ => Err("must be on or off".to_owned()),
        };
        let tokens = keep(&mut errors, LAMBDA_TOKENS, tokens);
        let password = match given(SIGN_UP_PASSWORD).as_deref() {
            None | Some("session") => Ok(SignUpPassword::KeepWithSession),
            Some("keep") => Ok(SignUpPassword::DangerKeep),
            Some("ignore") => Ok(SignUpPassword::Ignore),
            Some(_) => Err("must be session, keep or ignore".to_owned()),
        };
        let password = keep(&mut errors, SIGN_UP_PASSWORD, password);
        let single_proof = match given(SINGLE_PROOF).as_deref() {
            None => Ok(None),
            Some("on") => Ok(Some(SingleProof::SignsIn)),
            Some("off") => Ok(Some(SingleProof::Refuse)),
            Some(_) => Err("must be on or off".to_owned()),
        };
        let single_proof = keep(&mut errors, SINGLE_PROOF, single_proof);
        let read = (
            address,
            admin_address,
            sender,
            store,
            policy,
            limits,
            keys,
            token_keys,
            seal_key,
            (lambda, tokens, password, single_proof),
            (issuer, audit),
        );
        let (
            Some(address),
            Some(admin_address),
            Some(sender),
            Some(store),
            Some(policy),
            Some(limits),
            Some(keys),
            Some(token_keys),
            Some(seal_key),
            (Some(lambda), Some(token_generation), Some(sign_up_password), Some(single_proof)),
            (Some(issuer), Some(audit)),
        ) = read
        else {
            return Err(SettingErrors::new(errors));
        };
        let issuer = issuer.unwrap_or_else(|| format!("http://{address}/{pool_id}"));
        Ok(Self {
            address,
            admin_address,
            data,
            pool_id,
            client_id,
            issuer,
            audit,
            sign_up_password,
            single_proof,
            sender,
            lambda,
            token_generation,
            store,
            policy,
            limits,
            keys,
            token_keys,
            seal_key,
        })
    }

    /// Makes what is not there yet, opens what the settings name, and puts the server together.
    ///
    /// # Errors
    /// [`SettingErrors`] if a file cannot be opened or made, a kept key is damaged, or a setting does not fit another.
    pub fn build(self) -> Result<Running, SettingErrors> {
        files::folder(&self.data).map_err(|error| {
            SettingErrors::one(DATA, format!("the folder cannot be made: {}", error.kind()))
        })?;
        let keys = match self.keys {
            Some(keys) => keys,
            None => {
                kept(&self.data.join("codes.key"), KEYS, || Ok(Zeroizing::new(format!("k1:{}", *random()?))))?
            }
        };
        let seal_key = match self.seal_key {
            Some(key) => key,
            None => kept(&self.data.join("sessions.key"), SEAL_KEY, random)?,
        };
        let token_keys = match self.token_keys {
            Some(keys) => keys,
            None => kept(&self.data.join("tokens.key"), TOKEN_KEY, || {
                TokenKeys::generate().and_then(|keys| keys.to_text()).map_err(|error| error.to_string())
            })?,
        };
        let (users, ledger) = self.store.open()?;
        let audit: Arc<dyn AuditSink> =
            match self.audit {
                true => Arc::new(AuditLines::start(stderr()).map_err(|error| {
                    SettingErrors::one(AUDIT, format!("no thread for it: {}", error.kind()))
                })?),
                false => Arc::new(Discard),
            };
        // What proves less than the plan asks for signs nobody in; what a function asks for is not known.
        let has_more_steps = self.lambda.is_none() && *self.policy.plan() != Plan::default();
        let is_enough = self.lambda.is_none() && !has_more_steps;
        let by_default = if is_enough { SingleProof::SignsIn } else { SingleProof::Refuse };
        let single_proof = self.single_proof.unwrap_or(by_default);
        if has_more_steps && single_proof == SingleProof::SignsIn {
            let why = "must be off: the policy's plan has more steps than the code".to_owned();
            return Err(SettingErrors::one(SINGLE_PROOF, why));
        }
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(self.policy)
            .sms(self.sender.open()?)
            .ledger(Arc::clone(&ledger))
            .audit(Arc::clone(&audit))
            .clock(RuntimeClock::new())
            .build()
            .map_err(|error| SettingErrors::one(POLICY, error.to_string()))?;
        let texts = auth.codes(self.pool_id.as_str(), self.client_id.as_str());
        let accounts = Accounts::builder(keys, Arc::clone(&users), texts, Arc::clone(&ledger))
            .pool_id(self.pool_id.as_str())
            .policy(awake()?)
            .audit(audit)
            .clock(RuntimeClock::new())
            .build()
            .map_err(|error| SettingErrors::one(POLICY, error.to_string()))?;
        // Codes of sign-ups stay the engine's: they are no challenge, and Cognito makes them itself.
        let triggers: Arc<dyn Triggers> = match self.lambda {
            Some(lambda) => Arc::new(lambda),
            None => Arc::new(auth),
        };
        let settings = PoolSettings {
            sign_up_password: self.sign_up_password,
            token_generation: self.token_generation,
            single_proof,
            ..PoolSettings::default()
        };
        let pool = UserPool::builder()
            .settings(settings)
            .triggers(triggers)
            .users(users)
            .ledger(ledger)
            .accounts(accounts)
            .seal_key(seal_key)
            .clock(RuntimeClock::new())
            .pool_id(self.pool_id)
            .client_id(self.client_id.as_str())
            .build()
            .map_err(|error| {
                let variable = if error == BuildPoolError::ClientId { CLIENT_ID } else { POOL_ID };
                SettingErrors::one(variable, error.to_string())
            })?;
        let issuer = TokenIssuer::new(self.issuer, self.client_id, token_keys);
        let mut server = Server::new().client(AppClient::new(pool, issuer)).limits(self.limits.clone());
        match self.sender {
            SenderSetting::Outbox(path) => server = server.danger_show_outbox(path),
        }
        let routers = server.routers().map_err(|error| SettingErrors::one(CLIENT_ID, error.to_string()))?;
        Ok(Running { router: routers.public, operator: routers.operator, limits: self.limits })
    }
}

/// No account falls asleep: the protocol has no words for one that does, and nobody here could wake it.
fn awake() -> Result<AccountPolicy, SettingErrors> {
    let policy = AccountPolicy::builder().dormant_after(None).build();
    policy.map_err(|error| SettingErrors::one(POLICY, error.to_string()))
}

type Stores = (Arc<dyn UserStore>, Arc<dyn Ledger>);

impl StoreSetting {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self::Redb(path.into())),
            None if text == "memory" => Ok(Self::Memory),
            _ => Err("must be redb:PATH or memory".to_owned()),
        }
    }

    fn open(&self) -> Result<Stores, SettingErrors> {
        match self {
            Self::Memory => Ok((Arc::new(MemoryUsers::new()), Arc::new(MemoryLedger::new()))),
            Self::Redb(path) => {
                let opened = RedbStore::open(path);
                let store = opened.map_err(|error| {
                    let advice = match error {
                        RedbStoreError::InUse => ": stop the server that has it, or set another CUSTOM_AUTH_DATA and CUSTOM_AUTH_ADDR",
                        RedbStoreError::Open(_) | RedbStoreError::Version => "",
                    };
                    SettingErrors::one(STORE, format!("{error}{advice}"))
                })?;
                Ok((Arc::new(store.users()), Arc::new(store.ledger())))
            }
        }
    }
}

fn optional<T: core::str::FromStr<Err: fmt::Display>>(text: Option<String>) -> Result<Option<T>, String> {
    text.map(|text| text.parse().map_err(|error: T::Err| error.to_string())).transpose()
}

fn kept<T: core::str::FromStr<Err: fmt::Display>>(
    path: &Path,
    variable: &'static str,
    make: impl FnOnce() -> Result<Zeroizing<String>, String>,
) -> Result<T, SettingErrors> {
    let read =
        files::kept(path, make).and_then(|text| text.parse().map_err(|error: T::Err| error.to_string()));
    let told = |problem: String| format!("in the file {}: {problem}", path.display());
    read.map_err(|problem| SettingErrors::new(vec![SettingError { variable, problem: told(problem) }]))
}

fn random() -> Result<Zeroizing<String>, String> {
    let mut bytes = Zeroizing::new([0; 32]);
    OsEntropy::new().fill(&mut *bytes).map_err(|error| error.to_string())?;
    Ok(Zeroizing::new(BASE64.encode(&*bytes)))
}
