use super::*;
use crate::{
    SmsBody,
    testing::{ManualClock, RecordingSms, run},
};

/// Answers every message alike, and counts them.
#[derive(Clone, Debug)]
struct Scripted {
    answer: Answer,
    asked: Arc<Mutex<u32>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    Taken,
    Refused,
    TryAnother,
    Unknown,
    Never,
}

impl Scripted {
    fn new(answer: Answer) -> Self {
        Self { answer, asked: Arc::default() }
    }

    fn asked(&self) -> u32 {
        core::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[async_trait]
impl SmsSender for Scripted {
    async fn send(&self, _: &SmsMessage) -> Result<SendReceipt, SendError> {
        *self.asked.lock().unwrap() += 1;
        match self.answer {
            Answer::Taken => Ok(SendReceipt::new(None)),
            Answer::Refused => Err(SendError::Refused("no".into())),
            Answer::TryAnother => Err(SendError::TryAnother("busy".into())),
            Answer::Unknown => Err(SendError::Unknown("silence".into())),
            Answer::Never => core::future::pending().await,
        }
    }
}

struct Stage {
    clock: ManualClock,
    senders: [Scripted; 3],
    failover: Failover,
}

impl Stage {
    fn new(answers: [Answer; 3]) -> Self {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let senders = answers.map(Scripted::new);
        let [one, two, three] = senders.clone();
        let failover = Failover::new("one", one).or("two", two).or("three", three).clock(clock.clone());
        Self { clock, senders, failover }
    }

    fn send_to(&self, number: &str) -> Result<SendReceipt, SendError> {
        let message = SmsMessage::new(number.parse().unwrap(), SmsBody::new("123456".to_owned()));
        run(&self.clock, self.failover.send(&message))
    }

    fn send(&self) -> Result<SendReceipt, SendError> {
        self.send_to("+15550100123")
    }

    /// Who was asked since it was asked last, and how often.
    fn asked(&self) -> [u32; 3] {
        [0, 1, 2].map(|place| self.senders[place].asked())
    }
}

#[test]
fn whoever_does_not_take_it_leaves_it_to_the_next() {
    let stage = Stage::new([Answer::TryAnother, Answer::Taken, Answer::Taken]);
    assert!(stage.send().is_ok());
    assert_eq!(stage.asked(), [1, 1, 0]);
    let stage = Stage::new([Answer::TryAnother; 3]);
    assert!(matches!(stage.send(), Err(SendError::TryAnother(_))));
    assert_eq!(stage.asked(), [1, 1, 1]);
}

#[test]
fn i4_what_may_have_been_sent_is_left_to_nobody_else() {
    let stage = Stage::new([Answer::Unknown, Answer::Taken, Answer::Taken]);
    assert!(matches!(stage.send(), Err(SendError::Unknown(_))));
    assert_eq!(stage.asked(), [1, 0, 0]);
}

#[test]
fn what_is_refused_for_good_is_left_to_nobody_else() {
    let stage = Stage::new([Answer::Refused, Answer::Taken, Answer::Taken]);
    assert!(matches!(stage.send(), Err(SendError::Refused(_))));
    assert_eq!(stage.asked(), [1, 0, 0]);
}

#[test]
fn a_sender_that_keeps_failing_rests_and_is_asked_again_after_that() {
    for answer in [Answer::TryAnother, Answer::Unknown] {
        let stage = Stage::new([answer, Answer::Taken, Answer::Taken]);
        for _ in 0..3 {
            let _ = stage.send();
        }
        let asked = stage.asked();
        assert_eq!(asked[0], 3, "{answer:?}");
        assert!(stage.send().is_ok());
        assert_eq!(stage.asked(), [0, 1, 0], "{answer:?}");
        stage.clock.advance(Duration::milliseconds(29_999));
        assert!(stage.send().is_ok());
        assert_eq!(stage.asked()[0], 0);
        stage.clock.advance(Duration::MILLISECOND);
        let _ = stage.send();
        assert_eq!(stage.asked()[0], 1);
        // Failed again: it rests at once.
        let _ = stage.send();
        assert_eq!(stage.asked()[0], 0);
    }
}

#[test]
fn a_sender_that_rests_is_asked_if_all_others_do_not_take_it() {
    let mut stage = Stage::new([Answer::TryAnother, Answer::TryAnother, Answer::Taken]);
    for _ in 0..4 {
        let _ = stage.send();
    }
    stage.asked();
    let _ = stage.send();
    assert_eq!(stage.asked(), [0, 0, 1], "the third is rested and takes it");
    stage.failover = stage.failover.for_prefix("+91", ["one", "two"]).unwrap();
    let _ = stage.send_to("+919999900001");
    assert_eq!(stage.asked(), [1, 1, 0], "there is nobody else");
}

#[test]
fn a_number_that_nobody_takes_puts_no_sender_to_rest() {
    let stage = Stage::new([Answer::TryAnother; 3]);
    for _ in 0..5 {
        let _ = stage.send();
    }
    assert_eq!(stage.asked(), [5, 5, 5]);
    assert!(stage.failover.health().iter().all(|health| health.failures == 0));
}

#[test]
fn an_answer_ends_a_row_of_failures() {
    let stage = Stage::new([Answer::Refused, Answer::Taken, Answer::Taken]);
    stage.failover.note(0, true);
    stage.failover.note(0, true);
    let _ = stage.send();
    stage.failover.note(0, true);
    let _ = stage.send();
    assert_eq!(stage.asked()[0], 2);
}

#[test]
fn a_send_that_nobody_waits_for_any_more_is_a_failure() {
    let stage = Stage::new([Answer::Never, Answer::Taken, Answer::Taken]);
    let message = SmsMessage::new("+15550100123".parse().unwrap(), SmsBody::new("123456".to_owned()));
    for _ in 0..3 {
        let mut send = stage.failover.send(&message);
        let waker = core::task::Waker::noop();
        assert!(send.as_mut().poll(&mut core::task::Context::from_waker(waker)).is_pending());
    }
    assert!(stage.send().is_ok());
    assert_eq!(stage.asked(), [3, 1, 0]);
}

#[test]
fn the_longest_prefix_says_who_is_asked() {
    let mut stage = Stage::new([Answer::TryAnother; 3]);
    stage.failover = stage
        .failover
        .for_prefix("+91", ["three", "one"])
        .and_then(|failover| failover.for_prefix("+9199999001", ["two"]))
        .and_then(|failover| failover.for_all_others(["one"]))
        .unwrap();
    for (number, asked) in
        [("+15550100123", [1, 0, 0]), ("+919999900001", [1, 0, 1]), ("+919999900101", [0, 1, 0])]
    {
        let _ = stage.send_to(number);
        assert_eq!(stage.asked(), asked, "{number}");
    }
}

#[test]
fn an_order_that_cannot_be_kept_is_told() {
    let failover = || Failover::new("one", RecordingSms::new());
    let told = |made: Result<Failover, FailoverError>| made.err().unwrap().to_string();
    assert_eq!(told(failover().for_prefix("+91", ["two"])), "no sender is called \"two\"");
    assert_eq!(told(failover().for_prefix("91", ["one"])), "not a number prefix: \"91\"");
    assert_eq!(told(failover().for_prefix("+", ["one"])), "not a number prefix: \"+\"");
    assert_eq!(told(failover().for_all_others([])), "an order names at least one sender");
}
