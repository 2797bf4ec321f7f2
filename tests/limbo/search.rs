//! The search, and what must hold in every state it reaches.

use std::collections::BTreeSet;

use custom_auth::{NumberRule, RecoveryStrategy, UserStatus, accounts::Advice, pool::Outcome};
use time::Duration;

use super::{
    calls::{Step, steps},
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

/// The state that a sequence of steps leads to; `None` if one of them does nothing that the last does not do.
fn reach(rule: NumberRule, recovery: RecoveryStrategy, path: &[Step]) -> Option<World> {
    let mut world = begin(rule, recovery);
    let mut told = true;
    for step in path {
        told = world.make(*step);
    }
    told.then_some(world)
}

pub(crate) fn search(rule: NumberRule, recovery: RecoveryStrategy) {
    let steps = steps();
    let mut seen = BTreeSet::from([reach(rule, recovery, &[]).unwrap().look()]);
    let mut frontier: Vec<Vec<Step>> = vec![vec![]];
    let mut sequences = 0_u64;
    for _ in 0..depth() {
        let mut next = Vec::new();
        for path in frontier {
            for step in &steps {
                let path: Vec<Step> = path.iter().chain([step]).copied().collect();
                let Some(world) = reach(rule, recovery, &path) else { continue };
                sequences += 1;
                check(&world, &path);
                if seen.insert(world.look()) {
                    the_owner_gets_in(|| reach(rule, recovery, &path).unwrap(), &path);
                    next.push(path);
                }
            }
        }
        frontier = next;
    }
    println!("{} states, {sequences} sequences", seen.len());
    assert!(seen.len() > 100, "{} states are not many", seen.len());
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
fn the_owner_gets_in(here: impl Fn() -> World, path: &[Step]) {
    assert!(in_one_step(&mut here()), "the owner cannot start: {path:#?}");
    assert!(in_two_steps(&mut here()), "the owner cannot sign up, confirm or sign in: {path:#?}");
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
