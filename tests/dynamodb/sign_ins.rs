//! Whole sign-ins on a table that is far away: how long each trigger takes, in round trips, and what becomes of them when a request
//! goes wrong.

use custom_auth::{Action, Clock as _, CustomAuth, Ledger, machine::Verdict};
use std::sync::Arc;
use time::Duration;

use crate::common::{
    SignIn, World, ana, policy,
    table::{Mishap, Table},
};

/// How long a call takes.
const WAY: Duration = Duration::milliseconds(10);

struct Far {
    world: World,
    table: Table,
}

impl Far {
    fn new() -> Self {
        // Answers at once, so that what is measured is the ledger alone.
        let world = World::under(policy().send_window(Duration::ZERO));
        Self { table: Table::far_away(&world.clock, WAY), world }
    }

    /// One more process.
    fn process(&self) -> CustomAuth {
        let ledger: Arc<dyn Ledger> = Arc::new(self.table.ledger(1));
        self.world.builder(self.world.keys.clone()).ledger(ledger).build().expect("all is given")
    }

    /// What `act` came to, how many round trips it took, and what was asked.
    fn trips<T>(&self, act: impl Future<Output = T>) -> (T, i64, Vec<String>) {
        self.table.calls();
        let before = self.world.clock.now().as_unix_millis();
        let came_to = self.world.run(act);
        let took = self.world.clock.now().as_unix_millis() - before;
        let mut calls = self.table.calls();
        calls.sort_unstable();
        (came_to, took / WAY.whole_milliseconds() as i64, calls)
    }

    /// A sign-in with its first challenge, each of whose calls is another process's.
    fn sign_in(&self) -> (SignIn, i64, Vec<String>) {
        let mut sign_in = SignIn::new(self.process(), ana());
        let now = self.world.clock.now();
        let ((), trips, calls) = self.trips(sign_in.present(Action::Answer, now));
        (sign_in, trips, calls)
    }
}

#[test]
fn a_text_takes_three_round_trips_and_a_tap_that_joins_two() {
    let far = Far::new();
    let (_, trips, calls) = far.sign_in();
    assert_eq!(far.world.texts.count(), 1);
    assert_eq!(trips, 3);
    // What is read goes beside the record; then the person's own limits; then what is shared with others.
    assert_eq!(calls, ["BatchGetItem", "PutItem", "TransactWriteItems", "TransactWriteItems"]);
    let (_, trips, calls) = far.sign_in();
    assert_eq!(far.world.texts.count(), 1);
    assert_eq!(trips, 2);
    assert_eq!(calls, ["BatchGetItem", "BatchGetItem", "PutItem"]);
}

#[test]
fn a_wrong_answer_takes_two_round_trips_and_a_right_one_three() {
    let far = Far::new();
    let (mut sign_in, ..) = far.sign_in();
    for (answer, verdict, trips) in
        [(far.world.wrong(1), Verdict::Wrong, 2), (far.world.code(), Verdict::Right, 3)]
    {
        sign_in.auth = far.process();
        let now = far.world.clock.now();
        let (heard, took, calls) = far.trips(sign_in.verify(&answer, Action::Answer, now));
        assert_eq!((heard, took), (verdict, trips), "{calls:?}");
        let mut expected = vec!["BatchGetItem", "GetItem", "GetItem"];
        expected.extend((verdict == Verdict::Right).then_some("PutItem"));
        expected.push("TransactWriteItems");
        assert_eq!(calls, expected);
    }
}

/// Every way in which one request may go wrong.
const MISHAPS: [Mishap; 9] = [
    Mishap::LostOnTheWay,
    Mishap::LostOnTheWayBack,
    Mishap::Throttled,
    Mishap::Broken,
    Mishap::Denied,
    Mishap::Conflict,
    Mishap::LeftOut,
    Mishap::NoReason,
    Mishap::Page,
];

/// A tap, a wrong answer and the right one, each call another process's, the `nth` request going wrong. Says whether there was one.
fn plays(nth: usize, mishap: Mishap, attempts: u32) -> bool {
    let about = format!("request {nth}, {mishap:?}, {attempts} attempts");
    let far = Far::new();
    let process = || {
        let ledger: Arc<dyn Ledger> = Arc::new(far.table.ledger(attempts));
        far.world.builder(far.world.keys.clone()).ledger(ledger).build().expect("all is given")
    };
    far.table.befall((0..nth).map(|_| None).chain([Some(mishap)]));
    let mut sign_in = SignIn::new(process(), ana());
    far.world.run(sign_in.present(Action::Answer, far.world.clock.now()));
    assert!(far.world.texts.count() <= 1, "{about}: one tap, one text");
    let code = far.world.texts.last_code();
    let wrong = code.as_ref().map_or_else(|| "123456".to_owned(), |_| far.world.wrong(1));
    let answer = |answer: &str| {
        let mut again = sign_in.clone();
        again.auth = process();
        far.world.run(again.verify(answer, Action::Answer, far.world.clock.now()))
    };
    assert!(!answer(&wrong).is_right(), "{about}");
    if let Some(code) = &code {
        // Cognito calls a slow trigger again, and a person tries again: one of the two is right.
        let heard = [answer(code), answer(code)];
        assert!(heard.iter().any(|verdict| verdict.is_right()), "{about}: {heard:?}");
    }
    let had_its_turn = far.table.has_befallen();
    // What is undone now is healed by the next tap after the gap.
    far.table.befall([]);
    far.world.wait(31);
    let mut next = SignIn::new(process(), ana());
    far.world.run(next.present(Action::Answer, far.world.clock.now()));
    assert!(far.world.texts.count() <= 2, "{about}: two taps, two texts");
    let code = far.world.texts.last_code().unwrap_or_else(|| panic!("{about}: no text at the second tap"));
    next.auth = process();
    let heard = far.world.run(next.verify(&code, Action::Answer, far.world.clock.now()));
    assert_eq!(heard, Verdict::Right, "{about}");
    had_its_turn
}

#[test]
fn i2_i4_i9_hold_when_any_one_request_of_a_sign_in_goes_wrong_in_any_way() {
    for mishap in MISHAPS {
        for attempts in [1, 3] {
            let mut nth = 0;
            while plays(nth, mishap, attempts) {
                nth += 1;
            }
            assert!(nth >= 12, "{mishap:?}: every request had its turn, {nth} of them");
        }
    }
}
