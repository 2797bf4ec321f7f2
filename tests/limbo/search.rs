//! The search, and what must hold in every state it reaches.

use std::collections::BTreeSet;

use custom_auth::{
    NumberRule, RecoveryStrategy, UserStatus, accounts::Advice, pool::Outcome, testing::Fault,
};
use time::Duration;

use super::{
    calls::{Call, Step, calls},
    people::{K, M, N, Who},
    world::{World, is_alive, number},
};

/// How many calls a sequence has at most: `CUSTOM_AUTH_DEPTH`, else 4.
fn depth() -> usize {
    std::env::var("CUSTOM_AUTH_DEPTH").ok().and_then(|depth| depth.parse().ok()).unwrap_or(4)
}

/// How the people begin: the flatmate and the stranger have accounts of their own.
fn begin(rule: NumberRule, recovery: RecoveryStrategy) -> World {
    let mut world = World::new(rule, recovery);
    for (who, phone) in [(Who::Flatmate, K), (Who::Stranger, M)] {
        let challenge = world.run(world.pool.start(&number(phone))).unwrap();
        let code = world.code(who, phone).unwrap();
        let Outcome::SignedIn(signed_in) = world.run(world.pool.answer(challenge.token(), &code)).unwrap()
        else {
            panic!("{who:?} is not signed in");
        };
        world.names.insert(signed_in.user_name().to_owned());
        world.verified.insert(signed_in.user_name().to_owned());
        world.pocket(who).tokens.push(signed_in);
    }
    world
}

/// The state that a sequence of steps leads to, and how often the last one asked the store.
fn reach(rule: NumberRule, recovery: RecoveryStrategy, path: &[Step]) -> (World, u64) {
    let mut world = begin(rule, recovery);
    let mut asked = 0;
    for step in path {
        asked = world.make(*step);
    }
    (world, asked)
}

pub(crate) fn search(rule: NumberRule, recovery: RecoveryStrategy) {
    let mut search = Search {
        rule,
        recovery,
        seen: BTreeSet::new(),
        next: Vec::new(),
        sequences: 0,
        made: BTreeSet::new(),
    };
    search.visit(vec![]);
    for _ in 0..depth() {
        for (path, calls) in std::mem::take(&mut search.next) {
            for call in calls {
                let step = |crash| path.iter().copied().chain([Step { call, crash }]).collect();
                let asked = search.visit(step(None));
                for nth in 1..=if call.is_broken_too() { asked } else { 0 } {
                    for fault in [Fault::Error, Fault::DoneButReportedFailed] {
                        search.visit(step(Some((nth, fault))));
                    }
                }
            }
        }
    }
    println!("{} states, {} sequences", search.seen.len(), search.sequences);
    search.assert_everything_had_its_turn();
}

struct Search {
    rule: NumberRule,
    recovery: RecoveryStrategy,
    seen: BTreeSet<String>,
    /// What is to be gone on from, and the calls that can be made there.
    next: Vec<(Vec<Step>, Vec<Call>)>,
    sequences: u64,
    /// Every call that was made, and whether it was broken.
    made: BTreeSet<(Call, bool)>,
}

impl Search {
    /// Checks the state that a sequence leads to, and goes on from it if none looked like it. How often the last step asked
    /// the store.
    fn visit(&mut self, path: Vec<Step>) -> u64 {
        let here = || reach(self.rule, self.recovery, &path);
        let (world, asked) = here();
        self.sequences += 1;
        self.made.extend(path.last().map(|step| (step.call, step.crash.is_some())));
        check(&world, &path);
        let look = world.look();
        if !self.seen.contains(&look) {
            let calls = calls().into_iter().filter(|call| world.can(*call)).collect();
            the_owner_gets_in([world, here().0], &path);
            self.seen.insert(look);
            self.next.push((path, calls));
        }
        asked
    }

    fn assert_everything_had_its_turn(&self) {
        assert!(self.seen.len() > 100, "{} states are not many", self.seen.len());
        // Some calls take what only two others give.
        if depth() < 3 {
            return;
        }
        for call in calls() {
            // He confirms nothing, so there is nothing to go on with.
            let is_made = call == Call::Continue(Who::Stranger) || self.made.contains(&(call, false));
            assert!(is_made, "{call:?} was never made");
            assert_eq!(self.made.contains(&(call, true)), call.is_broken_too(), "{call:?}, broken");
        }
    }
}

/// What must hold in every state.
fn check(world: &World, path: &[Step]) {
    for name in &world.verified {
        assert!(world.account(name).is_some(), "an account that was verified is gone: {path:#?}");
    }
    for account in world.all() {
        let (name, pocket) = (&account.user_name, &world.pockets[Who::Stranger as usize]);
        let own = account.phone.e164() == M;
        if own {
            continue;
        }
        let alive = pocket.tokens.iter().any(|token| is_alive(token, &account));
        assert!(!alive, "a stranger has tokens of {account:?}: {path:#?}");
        let knows = pocket.passwords.iter().any(|password| {
            use custom_auth::UserStore as _;
            world.run(world.users.inner().has_password(name, password)).unwrap()
        });
        assert!(
            !(knows && account.phone_verified),
            "a stranger knows the password of {account:?}: {path:#?}"
        );
    }
}

/// From here on, alone, by either way in.
fn the_owner_gets_in([mut one, mut other]: [World; 2], path: &[Step]) {
    assert!(in_one_step(&mut one), "the owner cannot start: {path:#?}");
    assert!(in_two_steps(&mut other), "the owner cannot sign up, confirm or sign in: {path:#?}");
}

fn in_one_step(world: &mut World) -> bool {
    world.clock.advance(Duration::seconds(31));
    let challenge = world.run(world.pool.start(&number(N))).unwrap();
    answered(world, challenge.token())
}

fn answered(world: &World, token: &custom_auth::pool::SessionToken) -> bool {
    let Some(code) = world.code(Who::Owner, N) else { return false };
    match world.run(world.pool.answer(token, &code)) {
        Ok(Outcome::SignedIn(signed_in)) => {
            world.account(signed_in.user_name()).is_some_and(|account| is_alive(&signed_in, &account))
        }
        Ok(Outcome::Dormant(dormant)) => world.run(world.accounts.start_anew(dormant)).is_ok(),
        _ => false,
    }
}

/// As the advice says, at most a few times.
fn in_two_steps(world: &mut World) -> bool {
    for _ in 0..3 {
        world.clock.advance(Duration::seconds(31));
        let n = number(N);
        let name = match world.run(world.accounts.before_sign_up(&n, None)) {
            Ok(Advice::SignUp) => match world.run(world.pool.sign_up(&n)) {
                Ok(done) => {
                    world.names.insert(done.account.user_name.clone());
                    done.account.user_name
                }
                Err(_) => continue,
            },
            Ok(Advice::Confirm { user_name, .. }) => user_name,
            Ok(Advice::SignIn) => {
                let Ok(challenge) = world.run(world.pool.sign_in(N)) else { continue };
                return answered(world, challenge.token());
            }
            Ok(_) | Err(_) => continue,
        };
        let Some(code) = world.code(Who::Owner, N) else { continue };
        let Ok(started) = world.run(world.pool.confirm_sign_up(&name, &code, None)) else { continue };
        let Ok(signed_in) = world.run(world.pool.continue_sign_in(started.token())) else { continue };
        let Some(account) = world.account(signed_in.user_name()) else { continue };
        assert_eq!(account.status, UserStatus::Confirmed);
        return is_alive(&signed_in, &account);
    }
    false
}
