//! What every [`SmsSender`] must do.

use core::error::Error;

use super::race::{RACERS, race};
use crate::{
    ports::{SmsMessage, SmsSender},
    testing::block_on,
    types::{PhoneNumber, SmsBody},
};

/// Every [`SmsSender`] must pass this. `received` tells what has arrived so far at the far end (a recorder, an emulator,
/// a file), each as the number in E.164 form and the text; the order does not matter, and what was there before is left
/// alone.
///
/// A message that was taken arrives whole, once, and at the right number, whatever characters are in it; so do
/// messages sent at the same time; and the sender's `Debug` shows neither texts nor numbers.
///
/// # Panics
///
/// With a sentence, at the first of these that does not hold.
pub fn sms_sender_conforms<S: SmsSender>(sender: S, received: impl Fn() -> Vec<(String, String)>) {
    let expect = |before: Vec<(String, String)>, sent: Vec<(String, String)>, what: &str| {
        let arrived = beyond(&before, received());
        for message in &sent {
            let times = arrived.iter().filter(|other| *other == message).count();
            assert!(times > 0, "{what} did not arrive whole at the number it was sent to");
            assert!(times < 2, "{what} arrived {times} times");
        }
        assert!(arrived.len() == sent.len(), "{what}: something arrived that was not sent, or changed");
    };

    for (what, body) in texts() {
        let before = received();
        deliver(&sender, number(0), &body, what);
        expect(before, vec![(number(0), body)], what);
    }

    let before = received();
    deliver(&sender, number(1), "first", "a message");
    deliver(&sender, INDIAN.to_owned(), "second", "a message");
    let sent = vec![(number(1), "first".to_owned()), (INDIAN.to_owned(), "second".to_owned())];
    expect(before, sent, "one of two messages to two numbers");

    let before = received();
    let long = |place: usize| format!("{place} {} {place}", "0123456789".repeat(14));
    race(RACERS, |place| deliver(&sender, number(place), &long(place), "one of many messages at once"));
    let sent = (0..RACERS).map(|place| (number(place), long(place))).collect();
    expect(before, sent, "one of many messages at once");

    deliver(&sender, number(777), SECRET, "a message");
    silent(&format!("{sender:?} {sender:#?}"), "the sender's Debug");
}

/// Every [`SmsSender`] must pass this, set up so that it cannot deliver: its error, with all its sources, shows neither
/// the text nor the number, since errors are logged.
///
/// # Panics
///
/// With a sentence, if it delivers, or if its error says too much.
pub fn sms_sender_fails_silently<S: SmsSender>(sender: S) {
    let Err(error) = block_on(sender.send(&message(number(777), SECRET))) else {
        panic!("the suite needs a sender that cannot deliver, and this one took the message")
    };
    let mut next: Option<&dyn Error> = Some(&error);
    while let Some(error) = next {
        silent(&format!("{error} {error:?}"), "the sender's error");
        next = error.source();
    }
}

const INDIAN: &str = "+919999900042";
const SECRET: &str = "271828182845";

fn texts() -> Vec<(&'static str, String)> {
    [
        ("a plain message", "482913 is your Example code."),
        ("a message of two lines", "482913 is your code.\n\n@example.com #482913"),
        ("a message with a carriage return and a tab", "one\r\ntwo\tthree"),
        ("a message with quotes and backslashes", r#"say "482913" or 'nothing' \ \n \" \u0041"#),
        ("a message that looks like JSON", r#"{"to":"+15550100999","body":"x"}"#),
        ("a message with characters of markup", "<#> code & more &amp; <b>482913</b> %20 + = ?"),
        ("a message with spaces at its ends", "  482913  "),
        ("a message in the extended default alphabet", "^{}\\[~]| €äöñüà Ææß"),
        ("a message in another script", "आपका कोड 482913 है · رمزك 482913 · код"),
        ("a message with emoji and joined characters", "👩‍👩‍👧 🇮🇳 482913 e\u{301} \u{2028}"),
    ]
    .map(|(what, text)| (what, text.to_owned()))
    .into_iter()
    .chain([("a message of several segments", "0123456789 ".repeat(60) + "end")])
    .collect()
}

fn number(place: usize) -> String {
    format!("+15550100{place:03}")
}

fn message(to: String, body: &str) -> SmsMessage {
    let Ok(to) = to.parse::<PhoneNumber>() else { panic!("the suite's own numbers are in E.164 form") };
    SmsMessage::new(to, SmsBody::new(body.to_owned()))
}

fn deliver(sender: &impl SmsSender, to: String, body: &str, what: &str) {
    let sent = block_on(sender.send(&message(to, body)));
    assert!(sent.is_ok(), "{what} was not taken");
}

fn silent(shown: &str, what: &str) {
    assert!(!shown.contains(SECRET), "{what} shows a text (invariant I7)");
    let number = number(777);
    let national = number.get(2..).unwrap_or_default();
    assert!(!shown.contains(national), "{what} shows a phone number (invariant I7)");
}

/// What is in `now` beyond `before`.
fn beyond(before: &[(String, String)], mut now: Vec<(String, String)>) -> Vec<(String, String)> {
    for message in before {
        match now.iter().position(|other| other == message) {
            Some(place) => drop(now.swap_remove(place)),
            None => panic!("a message that had arrived is gone"),
        }
    }
    now
}

#[cfg(test)]
#[path = "sms_tests.rs"]
mod tests;
