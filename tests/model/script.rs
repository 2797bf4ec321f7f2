//! What may happen: a history is a list of steps, each a few calls at once or a move of the clock.

use custom_auth::testing::Fault;
use proptest::{collection::vec, prelude::*, sample::select};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Calls at once, in the order that the seed gives; each dies before any of its polls once in `deaths` (0: never).
    Calls { calls: Vec<Call>, seed: u64, deaths: u32, weather: Weather },
    /// Time passes; the clock of a machine may also be set back a little.
    Wait { millis: i64 },
}

/// How the ports are while calls are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weather {
    Fair,
    /// One of the first calls to it fails.
    Fault(u64, Fault),
    /// All fail.
    Down,
    /// There is no randomness.
    NoRandomness,
    /// The sender's next call fails.
    Sender(Fault),
}

/// One call. Places are taken modulo how many there are.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// A new sign-in of this person.
    Start { person: usize },
    /// The same, and the service calls *create* twice for it; the first that ends is presented.
    StartTwice { person: usize },
    /// An answer in this sign-in.
    Answer { sign_in: usize, guess: Guess },
    /// A resend in this sign-in.
    Resend { sign_in: usize },
    /// *Create* is called again for this sign-in's round, as if begun so long ago.
    RetryCreate { sign_in: usize, late: i64 },
    /// *Verify* is called again for this sign-in's last answer, as if begun so long ago.
    RetryVerify { sign_in: usize, late: i64 },
    /// This sign-in's round and its right code, under another person's name.
    Cross { sign_in: usize, person: usize },
    /// The last round of one sign-in is slipped into another's session.
    Splice { from: usize, into: usize },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Guess {
    /// The code of the round's challenge, texted or not.
    Right,
    /// The code in the newest text to the person's phone.
    Texted,
    /// A code that is not: few, so that the same comes again.
    Wrong(u8),
    /// The code in the newest text to somebody.
    Theirs(usize),
    /// No code at all.
    Nonsense,
}

fn guess() -> impl Strategy<Value = Guess> {
    prop_oneof![
        4 => Just(Guess::Right),
        2 => Just(Guess::Texted),
        6 => (0_u8..4).prop_map(Guess::Wrong),
        2 => (0_usize..8).prop_map(Guess::Theirs),
        1 => Just(Guess::Nonsense),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    // Newer sign-ins count from the end: small numbers, so that several calls meet on one.
    let (person, sign_in, late) = (0_usize..8, 0_usize..4, 0_i64..5_000);
    prop_oneof![
        5 => person.clone().prop_map(|person| Call::Start { person }),
        1 => person.clone().prop_map(|person| Call::StartTwice { person }),
        12 => (sign_in.clone(), guess()).prop_map(|(sign_in, guess)| Call::Answer { sign_in, guess }),
        3 => sign_in.clone().prop_map(|sign_in| Call::Resend { sign_in }),
        2 => (sign_in.clone(), late.clone()).prop_map(|(sign_in, late)| Call::RetryCreate { sign_in, late }),
        2 => (sign_in.clone(), late).prop_map(|(sign_in, late)| Call::RetryVerify { sign_in, late }),
        1 => (sign_in.clone(), person).prop_map(|(sign_in, person)| Call::Cross { sign_in, person }),
        1 => (sign_in.clone(), sign_in).prop_map(|(from, into)| Call::Splice { from, into }),
    ]
}

pub(crate) fn steps(most: usize, deaths: u32) -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![
        3 => 0_i64..4_000,
        4 => 18_000_i64..34_000,
        3 => 50_000_i64..70_000,
        3 => 170_000_i64..310_000,
        1 => 600_000_i64..4_000_000,
        1 => 80_000_000_i64..90_000_000,
        1 => -20_000_i64..0,
    ];
    let weather = prop_oneof![
        12 => Just(Weather::Fair),
        4 => (1_u64..8, select(&Fault::ALL[..])).prop_map(|(nth, fault)| Weather::Fault(nth, fault)),
        1 => Just(Weather::Down),
        1 => Just(Weather::NoRandomness),
        1 => select(&Fault::ALL[..]).prop_map(Weather::Sender),
    ];
    let step = prop_oneof![
        5 => (vec(call(), 1..=5), any::<u64>(), weather).prop_map(move |(calls, seed, weather)| {
            Step::Calls { calls, seed, deaths, weather }
        }),
        2 => wait.prop_map(|millis| Step::Wait { millis }),
    ];
    vec(step, 1..=most)
}
