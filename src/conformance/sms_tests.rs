use core::fmt;
use std::{
    sync::{Arc, Mutex},
    thread::sleep,
    time::Duration,
};

use async_trait::async_trait;

use super::*;
use crate::{
    ports::{SendError, SendReceipt},
    testing::{Fault, Faulty, RecordingSms},
};

fn kept(sms: &RecordingSms) -> Vec<(String, String)> {
    sms.sent().into_iter().map(|sent| (sent.to.e164().to_owned(), sent.body)).collect()
}

#[test]
fn the_recording_sender_conforms() {
    let sms = RecordingSms::new();
    sms_sender_conforms(sms.clone(), || kept(&sms));
}

#[test]
fn the_recording_sender_conforms_boxed_shared_and_wrapped() {
    let sms = RecordingSms::new();
    sms_sender_conforms(Box::new(sms.clone()) as Box<dyn SmsSender>, || kept(&sms));
    sms_sender_conforms(Arc::new(sms.clone()) as Arc<dyn SmsSender>, || kept(&sms));
    sms_sender_conforms(Faulty::new(sms.clone()), || kept(&sms));
}

/// A sender with one thing wrong.
#[derive(Clone)]
struct Flawed {
    flaw: Flaw,
    kept: Arc<Mutex<Vec<(String, String)>>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    AsciiOnly,
    CutsAtOneSegment,
    EatsLines,
    LosesRaces,
    OneNumber,
    Refuses,
    RepeatsNumber,
    RepeatsText,
    ShowsNumbers,
    ShowsTexts,
    Trims,
    Twice,
}

impl fmt::Debug for Flawed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept.lock().expect("not poisoned");
        let last = kept.last().expect("something was sent");
        if self.flaw == Flaw::ShowsNumbers {
            write!(f, "sent to {}", last.0)
        } else if self.flaw == Flaw::ShowsTexts {
            write!(f, "sent {:?}", last.1)
        } else {
            f.write_str("Flawed")
        }
    }
}

#[async_trait]
impl SmsSender for Flawed {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let (mut to, mut body) = (message.to.e164().to_owned(), message.body.expose_secret().to_owned());
        let mut times = 1;
        match self.flaw {
            Flaw::AsciiOnly => body.retain(|c| c.is_ascii()),
            Flaw::CutsAtOneSegment => body = body.chars().take(160).collect(),
            Flaw::EatsLines => body = body.replace('\n', " "),
            Flaw::OneNumber => to = number(0),
            Flaw::Refuses => return Err(SendError::Refused("no".into())),
            Flaw::RepeatsNumber => return Err(SendError::Refused(format!("no such number: {to}").into())),
            Flaw::RepeatsText => return Err(SendError::Unknown(format!("sent {body:?}").into())),
            Flaw::Trims => body = body.trim().to_owned(),
            Flaw::Twice => times = 2,
            Flaw::LosesRaces => {
                let mut read = self.kept.lock().expect("not poisoned").clone();
                sleep(Duration::from_millis(1));
                read.push((to, body));
                *self.kept.lock().expect("not poisoned") = read;
                return Ok(SendReceipt::new(None));
            }
            Flaw::ShowsNumbers | Flaw::ShowsTexts => {}
        }
        self.kept.lock().expect("not poisoned").extend(std::iter::repeat_n((to, body), times));
        Ok(SendReceipt::new(None))
    }
}

fn flawed(flaw: Flaw) {
    let sender = Flawed { flaw, kept: Arc::default() };
    sms_sender_conforms(sender.clone(), || sender.kept.lock().expect("not poisoned").clone());
}

macro_rules! caught {
    ($($name:ident: $flaw:ident => $sentence:literal;)+) => { $(
        #[test]
        #[should_panic(expected = $sentence)]
        fn $name() {
            flawed(Flaw::$flaw);
        }
    )+ };
}

caught! {
    a_sender_that_drops_characters_is_caught: AsciiOnly => "extended default alphabet did not arrive whole";
    a_sender_that_cuts_is_caught: CutsAtOneSegment => "several segments did not arrive whole";
    a_sender_that_eats_line_ends_is_caught: EatsLines => "two lines did not arrive whole";
    a_sender_that_loses_messages_at_once_is_caught: LosesRaces => "one of many messages at once";
    a_sender_that_sends_to_another_number_is_caught: OneNumber => "two numbers did not arrive whole";
    a_sender_that_takes_nothing_is_caught: Refuses => "was not taken";
    i7_a_sender_whose_debug_shows_numbers_is_caught: ShowsNumbers => "shows a phone number";
    i7_a_sender_whose_debug_shows_texts_is_caught: ShowsTexts => "shows a text";
    a_sender_that_trims_is_caught: Trims => "spaces at its ends did not arrive whole";
    a_sender_that_sends_twice_is_caught: Twice => "arrived 2 times";
}

#[test]
fn every_fault_is_silent() {
    for fault in [Fault::Error, Fault::DoneButReportedFailed] {
        sms_sender_fails_silently(Faulty::new(RecordingSms::new()).failing(1, fault));
    }
}

#[test]
#[should_panic(expected = "the sender's error shows a text")]
fn i7_a_sender_whose_error_repeats_the_text_is_caught() {
    sms_sender_fails_silently(Flawed { flaw: Flaw::RepeatsText, kept: Arc::default() });
}

#[test]
#[should_panic(expected = "the sender's error shows a phone number")]
fn i7_a_sender_whose_error_repeats_the_number_is_caught() {
    sms_sender_fails_silently(Flawed { flaw: Flaw::RepeatsNumber, kept: Arc::default() });
}

#[test]
#[should_panic(expected = "this one took the message")]
fn a_sender_that_delivers_cannot_show_how_it_fails() {
    sms_sender_fails_silently(RecordingSms::new());
}
