//! Decoys cost nobody else anything (invariant I4): else whoever makes up names could use up the texts of all.

use custom_auth::{Policy, SubjectKind};

use super::{
    cases::seeds,
    events::Events,
    pool::Clients,
    script::{LONG, Player, random},
    world::{Case, Trouble, World},
};

const SHARED: [SubjectKind; 3] = [SubjectKind::Prefix, SubjectKind::Destination, SubjectKind::Everybody];

fn shared(world: &World) -> usize {
    let kept = world.ledger.tape.kept();
    SHARED.into_iter().map(|kind| kept.charged(kind)).sum()
}

#[test]
fn i4_a_decoy_never_charges_what_others_share() {
    let decoys: Vec<Case> = Case::OTHERS.into_iter().filter(|case| case.is_decoy()).collect();
    for case in &decoys {
        let world = World::new(*case);
        let bobs = shared(&world);
        let mut player = Events::new(&world);
        for act in LONG {
            player.act(*act);
        }
        assert_eq!(shared(&world), bobs, "{case:?}");
    }
    for seed in seeds(1_000) {
        let case = decoys[usize::try_from(seed).unwrap() % decoys.len()];
        let world = World::new(case);
        let bobs = shared(&world);
        let mut player = Events::new(&world);
        for act in random(seed, 40) {
            player.act(act);
        }
        assert_eq!(shared(&world), bobs, "{case:?}, seed {seed}");
    }
    for case in [Case::Unknown, Case::Blocked] {
        let world = World::new(case);
        let bobs = shared(&world);
        let mut player = Clients::new(&world);
        for act in LONG {
            player.act(*act);
        }
        assert_eq!(shared(&world), bobs, "{case:?}");
    }
}

#[test]
fn a_genuine_sign_in_charges_what_others_share() {
    let world = World::new(Case::Genuine);
    let bobs = shared(&world);
    let mut player = Events::new(&world);
    player.act(LONG[0]);
    assert!(shared(&world) > bobs);
}

#[test]
fn i4_a_thousand_made_up_names_leave_the_only_text_of_the_day_to_a_genuine_user() {
    let world = World::under(Case::Genuine, Policy::builder().sends_per_day(1), Trouble::Quiet);
    for number in 0..1_000 {
        drop(world.run(world.pool.sign_in(&format!("nobody-{number}"))).unwrap());
    }
    assert_eq!(world.texts.count(), 0);
    drop(world.run(world.pool.sign_in(world.typed())).unwrap());
    assert_eq!(world.texts.count(), 1);
}
