//! What a client may do, and playing it on two worlds at once.

use std::collections::HashMap;

use custom_auth::{
    Clock as _, Policy,
    testing::{Fault, SplitMix64},
};

use super::world::{Case, Trouble, World};

/// One thing a client does. Tabs are sign-ins of one person, side by side. No answer here is right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    SignIn(usize),
    Answer(usize, &'static str),
    Resend(usize),
    /// Seconds.
    Wait(i64),
}

pub(crate) const TABS: usize = 3;
const WRONG: &str = "000000";

/// Everything the design speaks of, in one life.
pub(crate) const LONG: &[Act] = &[
    Act::SignIn(0),
    Act::Answer(0, WRONG),
    Act::Resend(0), // too early
    Act::Wait(10),
    Act::SignIn(1), // joins within the gap
    Act::Wait(21),
    Act::Resend(0), // after the gap
    Act::Answer(0, "no code"),
    Act::Answer(0, ""),
    Act::Answer(1, WRONG),
    Act::Answer(0, "00 00 00"), // the third
    Act::Answer(1, WRONG),
    Act::SignIn(0), // the used-up one gives way
    Act::Wait(31),
    Act::SignIn(1), // joins after the gap: no text is left for this phone
    Act::Resend(1),
    Act::Wait(241),
    Act::SignIn(2), // too little time left
    Act::Resend(2),
    Act::Wait(30), // past its expiry, and its record still there
    Act::Resend(1),
    Act::Answer(0, WRONG), // expired
    Act::Answer(1, WRONG),
    Act::Wait(330),
    Act::SignIn(0),
    Act::Wait(299),
    Act::SignIn(1),
    Act::Wait(2),
    Act::Answer(0, WRONG), // replaced meanwhile
    Act::Answer(1, WRONG),
    Act::Answer(1, WRONG),
    Act::Answer(1, WRONG),
    Act::SignIn(2),
    Act::Wait(3_600),
    Act::SignIn(2),
    Act::Resend(2),
];

/// A life short enough to fail at each of its calls.
pub(crate) const SHORT: &[Act] = &[
    Act::SignIn(0),
    Act::Answer(0, WRONG),
    Act::Wait(31),
    Act::SignIn(1),
    Act::Resend(0),
    Act::Wait(250),
    Act::Resend(0),
    Act::Answer(1, WRONG),
    Act::Answer(0, WRONG),
];

/// A life that a seed repeats.
pub(crate) fn random(seed: u64, length: usize) -> Vec<Act> {
    let mut prng = SplitMix64::new(seed);
    let mut pick = |from: &[i64]| from[prng.below(from.len())];
    (0..length)
        .map(|_| {
            let tab = usize::try_from(pick(&[0, 0, 1, 2])).unwrap();
            match pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 4, 4]) {
                0 => Act::SignIn(tab),
                1 => Act::Answer(tab, WRONG),
                2 => Act::Resend(tab),
                3 => Act::Answer(tab, "12345"),
                _ => {
                    Act::Wait(pick(&[1, 5, 17, 20, 28, 29, 30, 31, 60, 120, 239, 241, 300, 301, 600, 3_600]))
                }
            }
        })
        .collect()
}

/// A client of one world.
pub(crate) trait Player<'w> {
    fn new(world: &'w World) -> Self;
    fn world(&self) -> &'w World;
    /// Does it; what the outside sees of it, random values masked.
    fn act(&mut self, act: Act) -> String;
}

/// Plays `script` on both worlds, step by step, and compares what is seen and how long it took.
pub(crate) fn same<'w, P: Player<'w>>(one: &'w World, other: &'w World, script: &[Act], about: &str) {
    let (mut first, mut second) = (P::new(one), P::new(other));
    for (step, act) in script.iter().enumerate() {
        let (seen, expected) = (timed(&mut second, *act), timed(&mut first, *act));
        assert!(
            seen == expected,
            "{about}: {:?} and {:?} differ at step {step}, {act:?}\n{expected}\n{seen}\n{script:?}",
            one.case,
            other.case
        );
    }
}

/// Plays a short life under every trouble on a genuine and on two decoy worlds, and compares.
pub(crate) fn same_under_every_fault<'w, P: Player<'w>>(faults: &[Fault]) {
    let mut troubles = vec![Trouble::LedgerDown, Trouble::EntropyDown];
    troubles.extend((1..=20).map(Trouble::Draw));
    let calls =
        |worlds: &[&World]| worlds.iter().map(|world| world.ledger.narrow.calls()).collect::<Vec<_>>();
    troubles.extend(faults.iter().flat_map(|fault| (1..=36).map(|nth| Trouble::Ledger(nth, *fault))));
    for trouble in troubles {
        let about = format!("{trouble:?}");
        // Leaked: a player borrows its world for as long as it is named. A few hundred, in a test.
        let world = |case| &*Box::leak(Box::new(World::under(case, Policy::builder(), trouble)));
        for case in [Case::Unknown, Case::Blocked] {
            let worlds: [&'w World; 2] = [world(Case::Genuine), world(case)];
            same::<P>(worlds[0], worlds[1], SHORT, &about);
            let made = calls(&worlds);
            assert_eq!(made[0], made[1], "{about}: the nth call is the same act for both");
            assert!(made[0] < 36 + 1, "{about}: every call had its turn: {made:?}");
        }
    }
}

pub(crate) fn timed<'w>(player: &mut impl Player<'w>, act: Act) -> String {
    let begun = player.world().clock.now();
    let seen = player.act(act);
    let took = player.world().clock.now() - begun;
    format!("{seen}\ntook {} ms", took.whole_milliseconds())
}

/// Random values, by the order in which they first came: who repeats one is seen to, what it is does not count.
#[derive(Debug, Default)]
pub(crate) struct Mask(HashMap<String, usize>);

impl Mask {
    /// The value's number, written as long as the value.
    pub(crate) fn of(&mut self, value: &str) -> String {
        let next = self.0.len();
        let number = self.0.entry(value.to_owned()).or_insert(next);
        format!("<{number:0>width$}>", width = value.len().saturating_sub(2))
    }
}
