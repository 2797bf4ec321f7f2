//! AWS End User Messaging. The bodies are those of its API reference, "SendTextMessage".

use custom_auth::{EndUserMessagingSender, IndianTemplate};
use serde_json::{Value, json};

use crate::{
    INDIA, TEXT, US, send,
    stub::{Answer, Stub, client},
    told,
};

fn taken() -> Answer {
    Answer::With(200, json!({"MessageId": "0a1b2c3d-example"}).to_string())
}

/// An error whose text repeats the number, as some do.
fn error(status: u16, code: &str, reason: Option<&str>) -> Answer {
    let mut body = json!({"__type": code, "Message": format!("{US} is not valid")});
    if let Some(reason) = reason {
        body["Reason"] = reason.into();
    }
    Answer::With(status, body.to_string())
}

fn sender(endpoint: &str) -> EndUserMessagingSender {
    EndUserMessagingSender::new(client!(aws_sdk_pinpointsmsvoicev2, endpoint))
}

/// The only request.
fn request(stub: &Stub) -> Value {
    let asked = stub.asked();
    assert_eq!(asked.len(), 1, "one call, one request");
    serde_json::from_str(&asked[0]).unwrap()
}

#[test]
fn a_text_is_sent_as_transactional_with_what_was_chosen() {
    let stub = Stub::answering(taken());
    let receipt = send(&sender(&stub.endpoint), US).unwrap().unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some("0a1b2c3d-example"));
    let plain = json!({
        "DestinationPhoneNumber": US, "MessageBody": TEXT, "MessageType": "TRANSACTIONAL", "DryRun": false,
    });
    assert_eq!(request(&stub), plain);
    let stub = Stub::answering(taken());
    let chosen = sender(&stub.endpoint)
        .origination_identity("pool-example")
        .configuration_set("set")
        .protect_configuration("protect-example")
        .indian_template(IndianTemplate::new("1101", "1107"))
        .time_to_live(300)
        .max_price("0.05")
        .dry_run();
    send(&chosen, INDIA).unwrap().unwrap();
    let expected = json!({
        "DestinationPhoneNumber": INDIA, "MessageBody": TEXT, "MessageType": "TRANSACTIONAL", "DryRun": true,
        "OriginationIdentity": "pool-example", "ConfigurationSetName": "set", "ProtectConfigurationId": "protect-example",
        "TimeToLive": 300, "MaxPrice": "0.05",
        "DestinationCountryParameters": {"IN_ENTITY_ID": "1101", "IN_TEMPLATE_ID": "1107"},
    });
    assert_eq!(request(&stub), expected);
}

#[test]
fn a_text_elsewhere_carries_nothing_of_india() {
    let stub = Stub::answering(taken());
    send(&sender(&stub.endpoint).indian_template(IndianTemplate::new("1101", "1107")), US).unwrap().unwrap();
    assert_eq!(request(&stub).get("DestinationCountryParameters"), None);
}

#[test]
fn each_error_of_the_service_means_what_it_says_and_is_asked_once() {
    for (status, code, reason, meaning) in [
        (400, "AccessDeniedException", Some("ACCOUNT_DISABLED"), "try another"),
        (400, "ConflictException", Some("DESTINATION_PHONE_NUMBER_OPTED_OUT"), "refused"),
        (
            400,
            "ConflictException",
            Some("DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE"),
            "refused",
        ),
        (400, "ConflictException", Some("DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"), "refused"),
        (400, "ConflictException", Some("NO_ORIGINATION_IDENTITIES_FOUND"), "try another"),
        (400, "ResourceNotFoundException", None, "try another"),
        (400, "ServiceQuotaExceededException", Some("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"), "try another"),
        (400, "ThrottlingException", None, "try another"),
        (400, "ValidationException", Some("DESTINATION_COUNTRY_BLOCKED"), "refused"),
        (400, "ValidationException", Some("PRICE_OVER_THRESHOLD"), "try another"),
        (400, "ValidationException", None, "try another"),
        (403, "ExpiredTokenException", None, "try another"),
        (500, "InternalServerException", None, "unknown"),
    ] {
        let stub = Stub::answering(error(status, code, reason));
        let shown = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let shown = format!("SendTextMessage: {code}{shown}");
        assert_eq!(told(send(&sender(&stub.endpoint), US)), (meaning, shown));
        assert_eq!(stub.asked().len(), 1, "{code}: a repeated request is a second text");
    }
}

#[test]
fn i4_where_no_answer_comes_a_text_may_have_been_sent_and_it_is_not_asked_again() {
    let half = Answer::Half(json!({"MessageId": "0a1b2c3d-example"}).to_string());
    for answer in [Answer::Silence, half, Answer::HangUp, Answer::With(200, "<html>".to_owned())] {
        let stub = Stub::answering(answer.clone());
        assert_eq!(told(send(&sender(&stub.endpoint), US)).0, "unknown", "{answer:?}");
        assert_eq!(stub.asked().len(), 1, "{answer:?}");
    }
    assert_eq!(told(send(&sender(&Stub::nowhere()), US)).0, "try another");
}

#[test]
fn i7_a_sender_shows_no_text() {
    let shown = format!("{:?}", sender("http://127.0.0.1:1").origination_identity("pool-example"));
    assert_eq!(
        shown,
        "EndUserMessagingSender { origination_identity: Some(\"pool-example\"), dry_run: false, .. }"
    );
}
