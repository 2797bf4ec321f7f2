//! A sender that remembers.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::Duration;

use crate::{
    ports::{Clock, SendError, SendReceipt, SmsMessage, SmsSender},
    types::PhoneNumber,
};

/// Keeps every message in place of sending it, codes and all, for a test to read. Clones share what they keep.
///
/// ```
/// use custom_auth::testing::{ManualClock, RecordingSms, run};
/// use custom_auth::{SmsBody, SmsMessage, SmsSender as _, Timestamp};
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let sms = RecordingSms::new();
/// let body = SmsBody::new("482913 is your Example code.".to_owned());
/// let message = SmsMessage::new("+919999900001".parse()?, body);
/// run(&clock, sms.send(&message)).map_err(|error| error.to_string())?;
/// assert_eq!(sms.last_code().as_deref(), Some("482913"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct RecordingSms {
    kept: Arc<Mutex<Vec<Sent>>>,
    takes: Option<(Arc<dyn Clock>, Duration)>,
}

/// A message that was sent. Its `Debug` masks the number and leaves out the text.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// To whom.
    pub to: PhoneNumber,
    /// The text, with the code.
    pub body: String,
}

impl Sent {
    /// The longest run of digits in the text, which in a message of one code is the code; of equals the first.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let runs = self.body.split(|character: char| !character.is_ascii_digit());
        runs.filter(|run| !run.is_empty()).rev().max_by_key(|run| run.len())
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("to", &self.to).finish_non_exhaustive()
    }
}

impl RecordingSms {
    /// Nothing sent yet; a send takes no time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets every send take `duration` on `clock`. The message is kept at the end of it: a send that is dropped
    /// before has sent nothing.
    #[must_use]
    pub fn taking(mut self, clock: impl Clock, duration: Duration) -> Self {
        self.takes = Some((Arc::new(clock), duration));
        self
    }

    /// What was sent, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.kept().clone()
    }

    /// The code in the last message, as [`Sent::code`] finds it.
    #[must_use]
    pub fn last_code(&self) -> Option<String> {
        self.kept().last()?.code().map(str::to_owned)
    }

    /// The code in the last message to `phone`, as [`Sent::code`] finds it.
    #[must_use]
    pub fn last_code_to(&self, phone: &PhoneNumber) -> Option<String> {
        self.kept().iter().rfind(|sent| sent.to == *phone)?.code().map(str::to_owned)
    }

    /// How many were sent.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kept().len()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Sent>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RecordingSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingSms").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[async_trait]
impl SmsSender for RecordingSms {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        if let Some((clock, duration)) = &self.takes {
            clock.sleep_until(clock.now() + *duration).await;
        }
        let mut kept = self.kept();
        kept.push(Sent { to: message.to, body: message.body.expose_secret().to_owned() });
        Ok(SendReceipt::new(Some(format!("recorded-{}", kept.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{Interleaving, ManualClock, run},
        types::{SmsBody, Timestamp},
    };

    fn message(to: &str, body: &str) -> SmsMessage {
        SmsMessage::new(to.parse().expect("a number"), SmsBody::new(body.to_owned()))
    }

    #[test]
    fn the_code_is_the_longest_run_of_digits() {
        let code = |body: &str| {
            let sent = Sent { to: "+919999900001".parse().expect("a number"), body: body.to_owned() };
            sent.code().map(str::to_owned)
        };
        assert_eq!(code("Valid for 5 minutes: 482913. Call 1930."), Some("482913".to_owned()));
        assert_eq!(code("111111 then 222222"), Some("111111".to_owned()));
        assert_eq!(code("no code"), None);
        assert_eq!(code(""), None);
    }

    #[test]
    fn each_phone_has_its_own_last_code() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let sms = RecordingSms::new();
        for (to, body) in
            [("+919999900001", "111111"), ("+15550100123", "222222"), ("+15550100123", "333333")]
        {
            assert!(run(&clock, sms.send(&message(to, body))).is_ok());
        }
        let code = |to: &str| sms.last_code_to(&to.parse().expect("a number"));
        assert_eq!(code("+919999900001").as_deref(), Some("111111"));
        assert_eq!(code("+15550100123").as_deref(), Some("333333"));
        assert_eq!(code("+15550100124"), None);
        assert_eq!((sms.last_code().as_deref(), sms.count()), (Some("333333"), 3));
    }

    #[test]
    fn a_slow_send_takes_its_time_and_a_dropped_one_sends_nothing() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let sms = RecordingSms::new().taking(clock.clone(), Duration::seconds(3));
        let message = message("+919999900001", "111111");
        let ends = Interleaving::new(&clock, 0).crash_at(0, 2).run(vec![sms.send(&message)]);
        assert!(matches!(ends.as_slice(), [None]));
        clock.set(Timestamp::UNIX_EPOCH);
        assert!(run(&clock, sms.send(&message)).is_ok());
        assert_eq!(clock.now(), Timestamp::from_unix_millis(3_000));
        assert_eq!(sms.count(), 1);
    }

    #[test]
    fn i7_debug_shows_counts_only() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let sms = RecordingSms::new();
        assert!(run(&clock, sms.send(&message("+919999900001", "code 482913"))).is_ok());
        assert_eq!(format!("{sms:?}"), "RecordingSms { count: 1, .. }");
        assert_eq!(format!("{:?}", sms.sent()), "[Sent { to: PhoneNumber(+91***01), .. }]");
    }
}
