//! A user pool's Admin API in this process, as far as the adapter uses it, for both kinds of pool.
//!
//! It stands for the service where no emulator does: numbers are unique as the pool's kind has it, a change of the number
//! un-verifies it, attributes that are not declared are refused, a new password confirms, and nothing is conditional. Between any
//! two calls a test may act, and any call may fail, done or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use custom_auth::NumberRule;
use serde_json::{Value, json};

use crate::service::Service;

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct User {
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) status: String,
    pub(crate) enabled: bool,
    pub(crate) made_at: i64,
    pub(crate) password: String,
    pub(crate) sign_outs: usize,
    /// The last code that was texted; empty once it was used.
    pub(crate) code: String,
}

impl User {
    pub(crate) fn value(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// What a test puts in the way of one call.
pub(crate) enum Trap {
    /// Acts before it is carried out, or after.
    Before(Box<dyn FnOnce(&Fake) + Send>),
    After(Box<dyn FnOnce(&Fake) + Send>),
    /// Fails with this status and name, done or not.
    Fails {
        done: bool,
        status: u16,
        code: &'static str,
    },
    /// Hangs up, done or not.
    HangsUp {
        done: bool,
    },
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Pool>>);

pub(crate) struct Pool {
    rule: NumberRule,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) declared: BTreeSet<String>,
    pub(crate) now: i64,
    pub(crate) calls: Vec<String>,
    /// What a Pre Sign-up trigger answers.
    pub(crate) auto_verifies: bool,
    pub(crate) auto_confirms: bool,
    traps: Vec<(String, Trap)>,
    serial: u32,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

type Answer = Result<Value, (&'static str, &'static str)>;

const NOBODY: (&str, &str) = ("UserNotFoundException", "User does not exist.");
const TAKEN: (&str, &str) =
    ("AliasExistsException", "An account with the given phone_number already exists.");

impl Fake {
    pub(crate) fn new(rule: NumberRule) -> Self {
        let declared = ["deleting", "last_success", "lost_number", "tokens_nbf", "was_verified"];
        Self(Arc::new(Mutex::new(Pool {
            rule,
            users: BTreeMap::new(),
            declared: declared.map(|name| format!("custom:{name}")).into(),
            now: 1_790_000_000_000,
            calls: Vec::new(),
            auto_verifies: false,
            auto_confirms: false,
            traps: Vec::new(),
            serial: 0,
        })))
    }

    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At the next call of this operation.
    pub(crate) fn trap(&self, operation: &str, trap: Trap) {
        self.pool().traps.push((operation.to_owned(), trap));
    }

    pub(crate) fn before(&self, operation: &str, act: impl FnOnce(&Self) + Send + 'static) {
        self.trap(operation, Trap::Before(Box::new(act)));
    }

    pub(crate) fn user(&self, name: &str) -> Option<User> {
        self.pool().users.get(name).cloned()
    }

    /// Changes a user behind everybody's back, as an operator or Cognito's own pages do.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut User)) {
        change(self.pool().users.get_mut(name).expect("a user of this name"));
    }

    /// Whether Cognito would begin a sign-in by code (for `CUSTOM_AUTH`), by this number.
    pub(crate) fn signs_in(&self, number: &str) -> bool {
        let pool = self.pool();
        let user = pool.resolve(number).and_then(|name| pool.users.get(&name));
        user.is_some_and(|user| {
            user.enabled && ["CONFIRMED", "FORCE_CHANGE_PASSWORD"].contains(&user.status.as_str())
        })
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.pool().calls.clone()
    }
}

impl Service for Fake {
    fn answer(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let trap = {
            let mut pool = self.pool();
            pool.calls.push(operation.to_owned());
            let place = pool.traps.iter().position(|(name, _)| name == operation);
            place.map(|place| pool.traps.remove(place).1)
        };
        let body: Value = serde_json::from_str(body).expect("JSON");
        let done = || {
            let (status, answer) = match self.pool().answer(operation, &body) {
                Ok(answer) => (200, answer),
                Err((code, message)) => (400, json!({"__type": code, "message": message})),
            };
            Some((status, answer.to_string()))
        };
        match trap {
            None => done(),
            Some(Trap::Before(act)) => {
                act(self);
                done()
            }
            Some(Trap::After(act)) => {
                let answer = done();
                act(self);
                answer
            }
            Some(Trap::Fails { done: it_is, status, code }) => {
                if it_is {
                    done();
                }
                // The text repeats what was sent, as the service's may.
                Some((status, json!({"__type": code, "message": body.to_string()}).to_string()))
            }
            Some(Trap::HangsUp { done: it_is }) => {
                if it_is {
                    done();
                }
                None
            }
        }
    }
}

impl Pool {
    fn answer(&mut self, operation: &str, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let is_a_clients = ["ConfirmSignUp", "ResendConfirmationCode", "SignUp"].contains(&operation);
        assert!(is_a_clients || text("UserPoolId") == "us-east-1_Fake", "another pool's");
        assert!(!is_a_clients || body["ClientId"] == "client" && body["SecretHash"].is_string());
        match operation {
            "SignUp" | "AdminCreateUser" => return self.create(operation, body),
            "ListUsers" => return self.list(body),
            _ => {}
        }
        let name = self.resolve(&text("Username")).ok_or(NOBODY)?;
        match operation {
            "AdminUpdateUserAttributes" => return self.update(&name, body),
            "AdminDeleteUser" => {
                self.users.remove(&name);
                return Ok(json!({}));
            }
            _ => {}
        }
        let user = self.users.get_mut(&name).expect("resolved");
        match operation {
            "AdminGetUser" => return Ok(shown(&name, user, "UserAttributes")),
            "AdminDisableUser" => user.enabled = false,
            "AdminEnableUser" => user.enabled = true,
            "AdminUserGlobalSignOut" => user.sign_outs += 1,
            "AdminSetUserPassword" => {
                assert!(body["Permanent"] == true);
                (user.password, user.status) = (text("Password"), "CONFIRMED".to_owned());
            }
            "AdminConfirmSignUp" if !user.enabled => {
                return Err(("NotAuthorizedException", "User is disabled."));
            }
            "AdminConfirmSignUp" if user.status != "UNCONFIRMED" => {
                return Err((
                    "NotAuthorizedException",
                    "User cannot be confirmed. Current status is CONFIRMED",
                ));
            }
            "AdminConfirmSignUp" => user.status = "CONFIRMED".to_owned(),
            "ResendConfirmationCode" if user.status != "UNCONFIRMED" => {
                return Err(("InvalidParameterException", "User is already confirmed."));
            }
            "ResendConfirmationCode" => user.code = "482913".to_owned(),
            "ConfirmSignUp" if user.status != "UNCONFIRMED" => {
                return Err((
                    "NotAuthorizedException",
                    "User cannot be confirmed. Current status is CONFIRMED",
                ));
            }
            "ConfirmSignUp" if user.code.is_empty() || text("ConfirmationCode") != user.code => {
                return Err((
                    "CodeMismatchException",
                    "Invalid verification code provided, please try again.",
                ));
            }
            "ConfirmSignUp" => {
                user.code.clear();
                user.status = "CONFIRMED".to_owned();
                user.attributes.insert("phone_number_verified".to_owned(), "true".to_owned());
            }
            other => panic!("the adapter does not ask for {other}"),
        }
        Ok(json!({}))
    }

    /// By name, or by a number that leads somewhere.
    fn resolve(&self, name: &str) -> Option<String> {
        if self.users.contains_key(name) {
            return Some(name.to_owned());
        }
        self.holder(name, "")
    }

    fn holder(&self, number: &str, but: &str) -> Option<String> {
        let leads = |user: &User| match self.rule {
            NumberRule::FirstHolds => user.value("phone_number") == number,
            NumberRule::VerifiedHolds => {
                user.value("phone_number") == number && user.value("phone_number_verified") == "true"
            }
        };
        let mut all =
            self.users.iter().filter(|(name, user)| *name != but && leads(user) && !number.is_empty());
        let found = all.next().map(|(name, _)| name.clone());
        assert!(all.next().is_none(), "a number leads to two");
        found
    }

    fn create(&mut self, operation: &str, body: &Value) -> Answer {
        let typed = body["Username"].as_str().unwrap_or_default();
        let signs_up = operation == "SignUp";
        let password = if signs_up { &body["Password"] } else { &body["TemporaryPassword"] };
        let password = password.as_str().expect("every account has a password");
        if password.len() < 8 {
            return Err(("InvalidPasswordException", "Password did not conform with policy"));
        }
        assert!(signs_up || body["MessageAction"] == "SUPPRESS", "somebody is sent a text");
        self.serial += 1;
        let sub = format!("{:08x}-0000-4000-9000-00000000c09d", self.serial);
        let mut user =
            User { enabled: true, made_at: self.now, password: password.to_owned(), ..User::default() };
        user.attributes = sent(body);
        let name = match self.rule {
            NumberRule::FirstHolds if !typed.starts_with('+') => {
                return Err(("InvalidParameterException", "Username should be a phone number."));
            }
            NumberRule::FirstHolds => {
                user.attributes.insert("phone_number".to_owned(), typed.to_owned());
                sub.clone()
            }
            NumberRule::VerifiedHolds => typed.to_owned(),
        };
        user.attributes.insert("sub".to_owned(), sub.clone());
        if self.resolve(typed).is_some() {
            return Err((
                "UsernameExistsException",
                "An account with the given phone_number already exists.",
            ));
        }
        user.status = (if !signs_up {
            "FORCE_CHANGE_PASSWORD"
        } else if self.auto_confirms {
            "CONFIRMED"
        } else {
            "UNCONFIRMED"
        })
        .to_owned();
        if signs_up && self.auto_verifies {
            if let Some(before) = self.holder(user.value("phone_number"), "") {
                let before = self.users.get_mut(&before).expect("found");
                before.attributes.insert("phone_number_verified".to_owned(), "false".to_owned());
            }
            user.attributes.insert("phone_number_verified".to_owned(), "true".to_owned());
        }
        let answer = if signs_up {
            json!({"UserConfirmed": user.status == "CONFIRMED", "UserSub": sub})
        } else {
            json!({"User": shown(&name, &user, "Attributes")})
        };
        self.users.insert(name, user);
        Ok(answer)
    }

    fn update(&mut self, name: &str, body: &Value) -> Answer {
        let sent = sent(body);
        let mut changed = self.users.get(name).expect("resolved").clone();
        if let Some(number) =
            sent.get("phone_number").filter(|number| *number != changed.value("phone_number"))
        {
            if !number.is_empty() && !number.starts_with('+') {
                return Err(("InvalidParameterException", "Invalid phone number format."));
            }
            changed.attributes.remove("phone_number_verified");
        }
        for (attribute, value) in sent {
            if attribute.starts_with("custom:") && !self.declared.contains(&attribute) {
                return Err(("InvalidParameterException", "Attributes did not conform to the schema"));
            }
            assert!(value.len() <= 16, "{attribute} needs more room than the documents say");
            if value.is_empty() {
                changed.attributes.remove(&attribute);
            } else {
                changed.attributes.insert(attribute, value);
            }
        }
        let number = changed.value("phone_number");
        if number.is_empty() && !changed.value("phone_number_verified").is_empty() {
            return Err(("InvalidParameterException", "no number to verify"));
        }
        let claims = self.rule == NumberRule::FirstHolds || changed.value("phone_number_verified") == "true";
        if claims && self.holder(number, name).is_some() {
            return Err(TAKEN);
        }
        self.users.insert(name.to_owned(), changed);
        Ok(json!({}))
    }

    /// A page begins behind the name that its token says.
    fn list(&self, body: &Value) -> Answer {
        let filter = body["Filter"].as_str().expect("a filter");
        let status = filter.strip_prefix("cognito:user_status = \"").and_then(|rest| rest.strip_suffix('"'));
        let status = status.expect("a status");
        let token = body["PaginationToken"].as_str().map(|token| token.strip_prefix("after:"));
        if token == Some(None) {
            return Err(("InvalidParameterException", "Invalid pagination token"));
        }
        let after = token.flatten().unwrap_or_default();
        let limit = usize::try_from(body["Limit"].as_u64().expect("a limit")).expect("small");
        assert!((1..=60).contains(&limit));
        let of_status: Vec<_> =
            self.users.iter().filter(|(name, user)| name.as_str() > after && user.status == status).collect();
        let page: Vec<Value> =
            of_status.iter().take(limit).map(|(name, user)| shown(name, user, "Attributes")).collect();
        let mut answer = json!({"Users": page});
        if of_status.len() > limit {
            answer["PaginationToken"] = json!(format!("after:{}", of_status[limit - 1].0));
        }
        Ok(answer)
    }
}

fn sent(body: &Value) -> BTreeMap<String, String> {
    let all = body["UserAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| (text(&one["Name"]), text(&one["Value"]))).collect()
}

fn shown(name: &str, user: &User, attributes: &str) -> Value {
    let all: Vec<Value> =
        user.attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
    #[allow(clippy::cast_precision_loss)] // as the service writes moments: seconds, as a JSON number
    let made_at = user.made_at as f64 / 1000.0;
    json!({
        "Username": name, "UserStatus": user.status, "Enabled": user.enabled, "UserCreateDate": made_at, attributes: all,
    })
}
