//! Amazon SNS. The bodies are those of its API reference, "Publish" and "Common Errors".

use std::collections::BTreeMap;

use custom_auth::{IndianTemplate, SnsSender};

use crate::{
    INDIA, TEXT, US, send,
    stub::{Answer, Stub, client},
    told,
};

fn taken() -> Answer {
    let body = "<PublishResponse xmlns=\"https://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                <MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult><ResponseMetadata>\
                <RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ResponseMetadata></PublishResponse>";
    Answer::With(200, body.to_owned())
}

/// An error whose text repeats the number, as some do.
fn error(status: u16, code: &str) -> Answer {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>{kind}</Type>\
         <Code>{code}</Code><Message>Invalid parameter: PhoneNumber Reason: {US} is not valid</Message></Error>\
         <RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ErrorResponse>"
    );
    Answer::With(status, body)
}

fn sender(endpoint: &str) -> SnsSender {
    SnsSender::new(client!(aws_sdk_sns, endpoint))
}

/// The form of the only request, decoded.
fn form(stub: &Stub) -> BTreeMap<String, String> {
    let asked = stub.asked();
    assert_eq!(asked.len(), 1, "one call, one request");
    let decode = |text: &str| {
        let (mut bytes, mut rest) = (Vec::new(), text.bytes());
        while let Some(byte) = rest.next() {
            let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap();
            bytes.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap() } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value))).unwrap();
    asked[0].split('&').map(pair).collect()
}

/// The message's attributes by name.
fn attributes(form: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    let value = |name: &str| form.get(&name.replace(".Name", ".Value.StringValue")).unwrap().as_str();
    let names =
        form.iter().filter(|(key, _)| key.starts_with("MessageAttributes.") && key.ends_with(".Name"));
    names.map(|(key, name)| (name.as_str(), value(key))).collect()
}

#[test]
fn a_text_is_published_to_the_number_as_transactional() {
    let stub = Stub::answering(taken());
    let receipt = send(&sender(&stub.endpoint).sender_id("EXAMPLE"), US).unwrap().unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some("567910cd-659e-55d4-8ccb-5aaf14679dc0"));
    let form = form(&stub);
    assert_eq!((form["Action"].as_str(), form["PhoneNumber"].as_str()), ("Publish", US));
    assert_eq!(form["Message"], TEXT);
    let expected = [("AWS.SNS.SMS.SMSType", "Transactional"), ("AWS.SNS.SMS.SenderID", "EXAMPLE")];
    assert_eq!(attributes(&form), BTreeMap::from(expected));
}

#[test]
fn a_text_to_india_carries_what_it_is_registered_under_and_one_elsewhere_does_not() {
    for (to, registered) in [(INDIA, true), (US, false)] {
        let stub = Stub::answering(taken());
        let template = IndianTemplate::new("1101", "1107");
        let sender = sender(&stub.endpoint).indian_template(template).origination_number("+15550100100");
        send(&sender, to).unwrap().unwrap();
        let form = form(&stub);
        let attributes = attributes(&form);
        assert_eq!(attributes.get("AWS.MM.SMS.EntityId"), registered.then_some(&"1101"));
        assert_eq!(attributes.get("AWS.MM.SMS.TemplateId"), registered.then_some(&"1107"));
        assert_eq!(attributes["AWS.MM.SMS.OriginationNumber"], "+15550100100");
    }
}

#[test]
fn each_error_of_the_service_means_what_it_says_and_is_asked_once() {
    for (status, code, meaning) in [
        (400, "OptedOut", "refused"),
        (400, "InvalidParameter", "try another"),
        (400, "ParameterValueInvalid", "try another"),
        (400, "ValidationError", "try another"),
        (403, "AuthorizationError", "try another"),
        (403, "InvalidSecurity", "try another"),
        (403, "ExpiredToken", "try another"),
        (404, "NotFound", "try another"),
        (400, "EndpointDisabled", "try another"),
        (400, "KMSThrottling", "try another"),
        (400, "Throttling", "try another"),
        (429, "Throttled", "try another"),
        (500, "InternalError", "unknown"),
        (503, "ServiceUnavailable", "unknown"),
    ] {
        let stub = Stub::answering(error(status, code));
        let shown = format!("Publish: {code}");
        assert_eq!(told(send(&sender(&stub.endpoint), US)), (meaning, shown));
        assert_eq!(stub.asked().len(), 1, "{code}: a repeated request is a second text");
    }
}

#[test]
fn i4_where_no_answer_comes_a_text_may_have_been_sent_and_it_is_not_asked_again() {
    let Answer::With(_, whole) = taken() else { panic!("it is an answer") };
    for answer in
        [Answer::Silence, Answer::Half(whole), Answer::HangUp, Answer::With(200, "<html>".to_owned())]
    {
        let stub = Stub::answering(answer.clone());
        assert_eq!(told(send(&sender(&stub.endpoint), US)).0, "unknown", "{answer:?}");
        assert_eq!(stub.asked().len(), 1, "{answer:?}");
    }
    let stub = Stub::answering(Answer::With(502, "<html>".to_owned()));
    assert_eq!(told(send(&sender(&stub.endpoint), US)).0, "unknown", "a proxy's page");
}

#[test]
fn where_nobody_listens_nothing_was_sent() {
    let nowhere = Stub::nowhere();
    assert_eq!(told(send(&sender(&nowhere), US)), ("try another", "Publish: not done".to_owned()));
}

#[test]
fn i7_a_sender_shows_no_number() {
    let sender = sender("http://127.0.0.1:1").sender_id("EXAMPLE").origination_number(US);
    assert_eq!(format!("{sender:?}"), "SnsSender { sender_id: Some(\"EXAMPLE\"), .. }");
}
