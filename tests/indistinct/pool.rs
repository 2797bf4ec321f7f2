//! The pool: what a client of `UserPool` sees.

use custom_auth::{
    Policy,
    pool::{Outcome, PoolError, PresentedChallenge, SessionToken},
    testing::Fault,
};

use super::{
    cases::seeds,
    script::{Act, LONG, Mask, Player, TABS, random, same, same_under_every_fault, timed},
    world::{Case, START, Trouble, World},
};

pub(crate) struct Clients<'w> {
    world: &'w World,
    tabs: [Option<SessionToken>; TABS],
    mask: Mask,
}

impl Clients<'_> {
    fn seen(&mut self, tab: usize, result: Result<Outcome, PoolError>) -> String {
        self.tabs[tab] = None;
        match result {
            Ok(Outcome::Challenge(challenge)) => self.challenge(tab, &challenge),
            Ok(other) => panic!("no answer of a script is right: {other:?}"),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    fn challenge(&mut self, tab: usize, challenge: &PresentedChallenge) -> String {
        let mut parameters = challenge.parameters().clone();
        for (name, value) in &mut parameters {
            if name == "USERNAME" {
                assert_eq!((value.len(), &value[14..15]), (36, "4"), "a random uuid");
                *value = self.mask.of(value);
            }
        }
        self.tabs[tab] = Some(challenge.token().clone());
        let (size, expires_in) = (challenge.token().as_str().len(), challenge.expires_at() - START);
        format!("{parameters:?}, a token of {size} characters until {expires_in}")
    }

    fn respond(&mut self, tab: usize, answer: Option<&str>) -> String {
        let Some(token) = self.tabs[tab].clone() else { return "closed".to_owned() };
        let pool = &self.world.pool;
        let result = match answer {
            Some(answer) => self.world.run(pool.answer(&token, answer)),
            None => self.world.run(pool.resend(&token)),
        };
        self.seen(tab, result)
    }
}

impl<'w> Player<'w> for Clients<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, tabs: Default::default(), mask: Mask::default() }
    }

    fn world(&self) -> &'w World {
        self.world
    }

    fn act(&mut self, act: Act) -> String {
        match act {
            Act::SignIn(tab) => {
                let result = self.world.run(self.world.pool.sign_in(self.world.typed()));
                self.seen(tab, result.map(Outcome::Challenge))
            }
            Act::Answer(tab, answer) => self.respond(tab, Some(answer)),
            Act::Resend(tab) => self.respond(tab, None),
            Act::Wait(seconds) => {
                self.world.clock.advance(time::Duration::seconds(seconds));
                String::new()
            }
        }
    }
}

fn cases() -> impl Iterator<Item = Case> {
    Case::OTHERS.into_iter().filter(|case| case.has_an_account_in_our_pool())
}

#[test]
fn i8_a_long_life_in_a_pool_looks_the_same_whatever_happens_inside() {
    for case in cases() {
        let (genuine, other) = (World::new(Case::Genuine), World::new(case));
        same::<Clients<'_>>(&genuine, &other, LONG, "the long script");
    }
}

#[test]
fn i8_random_lives_in_a_pool_look_the_same() {
    let cases: Vec<Case> = cases().collect();
    for seed in seeds(1_000) {
        let case = cases[usize::try_from(seed / 2).unwrap() % cases.len()];
        let policy = if seed % 2 == 0 { Policy::builder } else { Policy::nist };
        let genuine = World::under(Case::Genuine, policy(), Trouble::None);
        let other = World::under(case, policy(), Trouble::None);
        same::<Clients<'_>>(&genuine, &other, &random(seed, 40), &format!("seed {seed}"));
    }
}

/// But for a ledger that hangs: a pool has no deadline of its own, its host has.
#[test]
fn i8_in_a_pool_under_one_and_the_same_fault_known_and_unknown_look_alike() {
    same_under_every_fault::<Clients<'_>>(&[Fault::Error, Fault::DoneButReportedFailed, Fault::DoneTwice]);
}

/// A name that was shown can be typed: a made-up one must then behave as a real one does.
#[test]
fn i8_whoever_types_the_username_that_was_shown_is_taken_for_the_same_person() {
    for case in [Case::Genuine, Case::Blocked, Case::Unknown] {
        let world = World::new(case);
        let first = world.run(world.pool.sign_in(world.typed())).unwrap();
        let shown = first.parameters()["USERNAME"].clone();
        let second = world.run(world.pool.sign_in(&shown)).unwrap();
        assert_eq!(second.parameters()["USERNAME"], shown, "{case:?}");
        assert_eq!(second.parameters()["resendIn"], "29", "{case:?}: it joined");
        let third = world.run(world.pool.sign_in(world.typed())).unwrap();
        assert_eq!(third.parameters(), second.parameters(), "{case:?}");
    }
}

#[test]
fn i8_a_user_store_that_is_down_makes_everybody_look_alike() {
    let down = |case| {
        let world = World::new(case);
        world.users.down(true);
        let mut player = Clients::new(&world);
        [Act::SignIn(0), Act::Resend(0), Act::SignIn(1)].map(|act| timed(&mut player, act))
    };
    assert_eq!(down(Case::Genuine), down(Case::Unknown));
    assert_eq!(down(Case::Genuine), down(Case::Blocked));
}

#[test]
fn i8_one_made_up_person_does_not_use_up_anothers_limits() {
    let world = World::new(Case::Unknown);
    for number in 10..20 {
        let challenge = world.run(world.pool.sign_in(&format!("+9199999000{number}"))).unwrap();
        assert_eq!(challenge.parameters()["status"], "open", "number {number}");
    }
}
