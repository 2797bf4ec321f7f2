//! Random lives, and the same search through all that came out.

use custom_auth::{
    pool::PresentedChallenge,
    testing::{Fault, SplitMix64},
};
use time::Duration;

use super::{
    cases::seeds,
    logins::{ANA, BLOCKED, NOBODYS, World},
    secrets::Canaries,
};

/// How many things happen in one life.
const ACTS: usize = 10;

/// But for a port that hangs: a pool has no deadline of its own.
const FAULTS: [Fault; 3] = [Fault::Error, Fault::DoneButReportedFailed, Fault::DoneTwice];

/// A number that nobody has, another one each time.
fn number(random: &mut SplitMix64) -> String {
    if random.below(2) == 0 {
        format!("+9199999000{:02}", random.below(100))
    } else {
        format!("+15550100{:03}", random.below(1_000))
    }
}

fn live(world: &mut World, phone: &str, random: &mut SplitMix64) {
    let mut challenge: Option<PresentedChallenge> = None;
    for _ in 0..ACTS {
        if random.below(4) == 0 {
            let fault = FAULTS[random.below(FAULTS.len())];
            match random.below(4) {
                0 => world.ledger.fail_next(fault),
                1 => world.sms.fail_next(fault),
                2 => world.users.down(random.below(2) == 0),
                _ => world.entropy.down(random.below(2) == 0),
            }
        }
        let next = match (random.below(10), &challenge) {
            (0..4, Some(open)) => {
                let texted = world.sms.inner().last_code();
                let answers = [texted.as_deref().unwrap_or("used before"), "0000000000", "no code", phone];
                let answer = answers[[0, 0, 1, 2, 3][random.below(5)]].to_owned();
                world.answer(&open.clone(), &answer)
            }
            (4, Some(open)) => world.resend(&open.clone()),
            (5..7, _) => {
                let seconds = [1, 12, 31, 120, 250, 400, 90_000][random.below(7)];
                world.clock.advance(Duration::seconds(seconds));
                continue;
            }
            _ => {
                let names = [phone, phone, ANA, NOBODYS, "nobody", BLOCKED];
                world.sign_in(names[random.below(names.len())])
            }
        };
        challenge = next.or(challenge);
    }
}

#[test]
fn i7_random_lives_show_neither_code_nor_key_nor_number() {
    let (mut texts, mut lives) = (0, 0);
    for seed in seeds(1_000) {
        let mut random = SplitMix64::new(seed);
        let phone = number(&mut random);
        let canaries = Canaries::random(&mut random);
        let mut world = World::with(&phone, canaries, random.next());
        live(&mut world, &phone, &mut random);
        texts += world.sms.inner().count();
        lives += 1;
        println!("seed {seed}"); // shown if it fails
        world.search();
    }
    assert!(texts > lives / 2, "{texts} texts in {lives} lives: the search would look for nothing");
}
