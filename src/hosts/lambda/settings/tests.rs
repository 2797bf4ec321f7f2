use super::*;
use crate::policy::Destinations;

const KEY: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const GOOD: [(&str, &str); 3] = [(KEYS, KEY), (SMS, "outbox:texts.jsonl"), (LEDGER, "memory")];

fn read(values: &[(&str, &str)]) -> Result<Settings, String> {
    // The last word counts, so that a test can override one of the good values.
    let get = |name: &str| {
        values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Settings::read(get).map_err(|errors| errors.to_string())
}

/// Builds, as a function's `main` does.
fn build(settings: Settings) -> Result<Function, SettingErrors> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(settings.build())
}

fn with(name: &str, value: &str) -> Result<Settings, String> {
    read(&[&GOOD[..], &[(name, value)]].concat())
}

#[test]
fn the_three_that_are_required_are_enough() {
    let settings = read(&GOOD).unwrap();
    assert_eq!(settings.senders, [SenderSetting::Outbox("texts.jsonl".into())]);
    assert_eq!(settings.ledger, LedgerSetting::Memory);
    assert!(settings.policy.destinations().allows_any());
    assert_eq!(settings.policy, Policy::builder().destinations(Destinations::danger_any()).build().unwrap());
}

#[test]
fn every_mistake_is_told_at_once_one_a_line() {
    let told =
        read(&[(KEYS, "k1:AAAA"), (SMS, "pigeon"), (LEDGER, "paper"), (POLICY, "{\"x\":1}")]).unwrap_err();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 4, "{told}");
    for (line, name) in lines.iter().zip([KEYS, SMS, LEDGER, POLICY]) {
        assert!(line.starts_with(&format!("{name}: ")), "{line}");
    }
}

#[test]
fn what_is_missing_or_blank_is_named() {
    for name in [KEYS, SMS, LEDGER] {
        let told = format!("{name}: is not set");
        assert_eq!(with(name, "").unwrap_err(), told);
        assert_eq!(with(name, " ").unwrap_err(), told);
        let rest: Vec<_> = GOOD.into_iter().filter(|(known, _)| *known != name).collect();
        assert_eq!(read(&rest).unwrap_err(), told);
    }
    assert!(with(POLICY, " ").is_ok());
}

#[test]
fn i7_no_value_is_repeated() {
    let secret = "c2VjcmV0LXNlY3JldA==";
    for name in [KEYS, SMS, LEDGER, POLICY] {
        for value in
            [secret.to_owned(), format!("k1:{secret}"), format!("\"{secret}\""), format!("[\"{secret}\"]")]
        {
            let told = with(name, &value).unwrap_err();
            assert!(!told.contains("c2Vjc"), "{told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }
}

#[test]
fn i7_debug_shows_no_key() {
    let told = format!("{:?}", read(&GOOD).unwrap());
    assert!(!told.contains("AAAA"), "{told}");
}

#[test]
fn a_policy_is_read_and_its_own_destinations_stand() {
    let json = r#"{"destinations":{"+91":{"allow":{}}},"challenge_lifetime":120}"#;
    let settings = with(POLICY, json).unwrap();
    assert_eq!(settings.policy.challenge_lifetime(), time::Duration::seconds(120));
    assert!(!settings.policy.destinations().allows_any());
    // Destinations that allow nothing are a mistake, not an invitation.
    for json in [r#"{"destinations":{}}"#, r#"{"destinations":{"+1876":"deny"}}"#] {
        assert!(with(POLICY, json).unwrap_err().contains("destinations"), "{json}");
    }
}

#[test]
fn a_preset_is_named_and_names_no_destinations() {
    let settings = with(POLICY, r#"{"preset":"nist"}"#).unwrap();
    assert_eq!(settings.policy, Policy::nist().destinations(Destinations::danger_any()).build().unwrap());
    assert!(policy(r#"{"preset":"nist"}"#, true).unwrap_err().contains("destinations"));
    assert!(with(POLICY, r#"{"preset":"strict"}"#).unwrap_err().contains("`nist`"));
}

#[test]
fn a_sender_that_costs_money_waits_for_destinations() {
    assert!(policy("{}", true).unwrap_err().contains("destinations"));
    assert!(policy(r#"{"destinations":{"+91":{"allow":{}}}}"#, true).is_ok());
    assert!(!SenderSetting::Outbox("x".into()).is_paid());
}

#[test]
fn an_outbox_that_cannot_be_opened_is_told_without_its_path() {
    let told = build(with(SMS, "outbox:/no/such/place/texts").unwrap()).unwrap_err().to_string();
    assert!(
        told.starts_with("CUSTOM_AUTH_SMS: the outbox cannot be opened: ") && !told.contains("place"),
        "{told}"
    );
}

#[test]
fn a_plan_with_a_step_of_somebody_elses_is_a_mistake_in_the_policy() {
    let Ok(settings) = with(POLICY, r#"{"plan":{"steps":["sms_code","pin"]}}"#) else {
        panic!("the plan's form has changed: {:?}", with(POLICY, r#"{"plan":{"steps":["sms_code","pin"]}}"#));
    };
    let outbox = env::temp_dir().join(format!("custom-auth-settings-{}", std::process::id()));
    let settings = Settings { senders: vec![SenderSetting::Outbox(outbox.clone())], ..settings };
    let told = build(settings).unwrap_err().to_string();
    std::fs::remove_file(outbox).unwrap();
    assert!(told.starts_with("CUSTOM_AUTH_POLICY: ") && told.contains("pin"), "{told}");
}

#[test]
fn what_aws_keeps_and_sends_is_named_in_few_words() {
    let all = [
        (KEYS, "secret:custom-auth/keys"),
        (SMS, "end-user-messaging, sns"),
        (LEDGER, "dynamodb:custom-auth"),
        (POLICY, r#"{"destinations":{"+91":{"allow":{}}}}"#),
        (USERS, "cognito-aliases"),
        (SHARDS, "4"),
        (INDIA, "1101:1107"),
        (SENDER_ID, "EXAMPLE"),
    ];
    let settings = read(&all).unwrap();
    assert!(matches!(&settings.keys, KeysSetting::Secret(name) if name == "custom-auth/keys"));
    assert_eq!(settings.senders, [SenderSetting::EndUserMessaging, SenderSetting::Sns]);
    assert_eq!(settings.ledger, LedgerSetting::DynamoDb("custom-auth".to_owned()));
    assert_eq!((settings.users, settings.shards), (Some(NumberRule::VerifiedHolds), 4));
    assert_eq!(settings.texts.india, Some(("1101".to_owned(), "1107".to_owned())));
    assert_eq!(settings.texts.sender_id.as_deref(), Some("EXAMPLE"));
    let parameter = with(KEYS, "ssm:/custom-auth/keys").unwrap().keys;
    assert!(matches!(parameter, KeysSetting::Parameter(name) if name == "/custom-auth/keys"));
}

#[test]
fn a_mistake_in_any_of_them_is_told() {
    for (name, value, told) in [
        (KEYS, "secret: ", "names no secret"),
        (KEYS, "ssm:", "names no secret and no parameter"),
        (SMS, "sns,sns", "names a sender twice"),
        (SMS, "sns,", "must be sns"),
        (SMS, "sns:us-east-1", "must be sns"),
        (LEDGER, "dynamodb:", "must be dynamodb:TABLE"),
        (LEDGER, "dynamodb", "must be dynamodb:TABLE"),
        (USERS, "cognito:pool", "must be cognito"),
        (AUDIT, "stdout", "must be log or off"),
        (SHARDS, "0", "from 1 to 255"),
        (SHARDS, "256", "from 1 to 255"),
        (INDIA, "1101", "ENTITY_ID:TEMPLATE_ID"),
        (INDIA, ":1107", "ENTITY_ID:TEMPLATE_ID"),
    ] {
        let error = with(name, value).unwrap_err();
        assert!(error.contains(told), "{name}={value}: {error}");
    }
}

#[test]
fn one_sender_of_several_that_costs_money_waits_for_destinations() {
    assert!(with(SMS, "outbox:x,sns").unwrap_err().contains("destinations"));
}
