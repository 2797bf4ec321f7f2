//! Steps of a host's own, through the engine and through the pool: a captcha, a PIN, and steps that are out of order.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::wildcard_enum_match_arm)] // a test ends there

mod common;

use common::{
    POOL, Person, SignIn, World, ana, policy,
    steps::{Broken, Captcha, Fate, Pin, name, solved},
};
use custom_auth::{
    Action, ChallengeName, ChallengeResult, Clock as _, CustomAuth, Mark, MemoryLedger, MemoryUsers, NewUser,
    Occurrence, Parameters, Plan, Session, Status, StepName, UserPool, UserStatus, UserStore as _,
    machine::{Decision, FailureReason, Verdict},
    pool::{Outcome, SealKey},
};
use serde_json::{Value, json};

const ANSWERS: [&str; 3] = ["0000", "1111", "2222"];

fn nobody() -> Person {
    Person::unknown("nobody")
}

/// A captcha, then the code.
fn guarded() -> (World, CustomAuth) {
    let world = World::under(policy().plan(Plan::new([name("captcha"), StepName::sms_code()])));
    let auth = world.engine_with_step(name("captcha"), Captcha);
    (world, auth)
}

fn with_pin(plan: impl IntoIterator<Item = StepName>) -> (World, CustomAuth) {
    let world = World::under(policy().plan(Plan::new(plan)));
    let auth = world.engine_with_step(name("pin"), Pin);
    (world, auth)
}

fn broken(present: Fate, check: Fate) -> (World, CustomAuth) {
    let world = World::under(policy().plan(Plan::new([name("device")])));
    let auth = world.engine_with_step(name("device"), Broken { present, check });
    (world, auth)
}

fn step(sign_in: &SignIn) -> StepName {
    sign_in.metadata().step
}

#[test]
fn i4_nobody_is_texted_before_the_captcha_is_solved() {
    let (world, auth) = guarded();
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!((step(&sign_in), sign_in.public().code), (name("captcha"), None));
    assert_eq!(world.answer(&mut sign_in, "robot"), Verdict::Wrong);
    let _ = world.resend(&mut sign_in);
    assert_eq!((step(&sign_in), world.texts.count()), (name("captcha"), 0));
    assert_eq!(world.answer(&mut sign_in, &solved(3)), Verdict::Right);
    assert_eq!((step(&sign_in), world.texts.count()), (StepName::sms_code(), 1));
    assert_eq!((sign_in.public().attempts_left, sign_in.public().status), (3, Status::Open));
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    assert!(sign_in.signed_in());
}

#[test]
fn i1_a_solved_captcha_alone_signs_nobody_in() {
    let (world, auth) = guarded();
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!(world.answer(&mut sign_in, &solved(1)), Verdict::Right);
    assert!(!sign_in.signed_in());
    for _ in 0..3 {
        assert!(!world.answer(&mut sign_in, &solved(1)).is_right(), "it is no code");
    }
    assert!(!sign_in.signed_in());
}

#[test]
fn i1_a_right_code_spliced_in_without_the_captcha_signs_nobody_in() {
    let (world, auth) = guarded();
    let mut sign_in = world.sign_in_through(&auth, ana());
    let _ = world.answer(&mut sign_in, &solved(1));
    assert!(world.answer(&mut sign_in, &world.code()).is_right());
    let [captcha, code] = [0, 1].map(|place| sign_in.session.results()[place]);
    let foreign = Decision::FailAuthentication(FailureReason::ForeignRound);
    let define = |rounds: &[&ChallengeResult]| {
        let session: Session = rounds.iter().map(|round| *(*round)).collect();
        auth.define(&ana().requester(), &session, Action::Answer)
    };
    for rounds in [&[&code][..], &[&code, &captcha], &[&code, &code], &[&captcha, &captcha]] {
        assert_eq!(define(rounds), foreign, "{rounds:?}");
    }
    // Another sign-in's captcha is none for this one.
    let mut other = world.sign_in_through(&auth, ana());
    let _ = world.answer(&mut other, &solved(1));
    assert_eq!(define(&[&other.session.results()[0], &code]), foreign);
    // A right answer to what is not ours is none.
    let unread = ChallengeResult::new(ChallengeName::Custom, Mark::Right, None);
    assert_eq!(define(&[&unread, &code]), foreign);
    assert!(matches!(define(&[&captcha, &code]), Decision::IssueTokens(_)));
}

#[test]
fn i1_the_order_of_a_plan_cannot_be_skipped_by_answering_with_the_code_first() {
    let (world, auth) = guarded();
    // A code that a finished first sign-in had by text.
    let mut first = world.sign_in_through(&auth, ana());
    let _ = world.answer(&mut first, &solved(1));
    let code = world.code();
    let mut second = world.sign_in_through(&auth, ana());
    assert_eq!(world.answer(&mut second, &code), Verdict::Wrong);
    assert_eq!(step(&second), name("captcha"));
    assert!(world.answer(&mut first, &code).is_right() && first.signed_in());
}

#[test]
fn i3_checks_of_a_step_that_can_be_guessed_are_bounded_for_the_account_and_for_the_phone() {
    let world = World::under(policy().guesses_per_day(7).plan(Plan::new([name("pin")])));
    let auth = world.engine_with_step(name("pin"), Pin);
    let (mut wrong, mut throttled) = (0, 0);
    // By account, whatever its number; by number, whatever the account and the client.
    for nth in 0..12 {
        let user = ["ana", "other", "third"][nth % 3];
        let client = ["a", "b"][nth % 2];
        let mut sign_in =
            world.sign_in_through(&auth, Person { client, ..Person::known(user, "+919999900001") });
        for answer in ANSWERS {
            if sign_in.challenge.is_some() {
                match world.answer(&mut sign_in, answer) {
                    Verdict::Wrong => wrong += 1,
                    Verdict::Throttled => throttled += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert_eq!((wrong, throttled), (7, 29));
    // The right one is not looked at either, at another number too: its account has had its guesses.
    let mut moved = world.sign_in_through(&auth, Person::known("ana", "+919999900009"));
    let _ = world.answer(&mut moved, "4711");
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!(world.answer(&mut sign_in, "4711"), Verdict::Throttled);
    world.wait(25 * 3_600);
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!(world.answer(&mut sign_in, "4711"), Verdict::Right);
}

#[test]
fn i3_codes_and_pins_draw_on_the_same_guesses() {
    let plan = Plan::new([StepName::sms_code(), name("pin")]);
    let world = World::under(policy().guesses_per_day(4).plan(plan));
    let auth = world.engine_with_step(name("pin"), Pin);
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!(world.answer(&mut sign_in, &world.wrong(1)), Verdict::Wrong);
    assert_eq!(world.answer(&mut sign_in, &world.code()), Verdict::Right);
    assert_eq!(world.answer(&mut sign_in, "0000"), Verdict::Wrong);
    assert_eq!(world.answer(&mut sign_in, "1111"), Verdict::Wrong);
    assert_eq!(world.answer(&mut sign_in, "4711"), Verdict::Throttled);
}

#[test]
fn a_repeated_check_of_the_same_answer_in_the_same_round_is_paid_once() {
    let world = World::under(policy().guesses_per_day(1).plan(Plan::new([name("pin")])));
    let auth = world.engine_with_step(name("pin"), Pin);
    let sign_in = world.sign_in_through(&auth, ana());
    for _ in 0..3 {
        assert_eq!(world.verdict(&sign_in, "0000"), Verdict::Wrong);
    }
    assert_eq!(world.verdict(&sign_in, "1111"), Verdict::Throttled);
}

#[test]
fn a_step_that_cannot_be_guessed_costs_the_ledger_nothing_before_the_last() {
    let (world, auth) = guarded();
    for _ in 0..10 {
        let mut sign_in = world.sign_in_through(&auth, ana());
        for answer in ANSWERS {
            assert_eq!(world.answer(&mut sign_in, answer), Verdict::Wrong);
        }
        assert!(sign_in.failed());
    }
    assert_eq!(world.ledger.calls(), 0);
}

#[test]
fn i9_a_guess_is_not_checked_while_the_ledger_is_down() {
    let (world, auth) = with_pin([name("pin")]);
    let mut sign_in = world.sign_in_through(&auth, ana());
    world.ledger.down(true);
    assert_eq!(world.answer(&mut sign_in, "4711"), Verdict::Unavailable);
    assert!(!sign_in.signed_in());
    assert_eq!(world.audit.count(Occurrence::StepAnswered), 0);
}

#[test]
fn i9_a_step_that_cannot_be_presented_leaves_a_challenge_without_its_parameters() {
    for fate in [Fate::Fails, Fate::Hangs] {
        let (world, auth) = broken(fate, Fate::Well);
        let before = world.clock.now();
        let sign_in = world.sign_in_through(&auth, ana());
        assert!(world.clock.now() - before <= world.policy.trigger_deadline(), "{fate:?}");
        assert_eq!((step(&sign_in), sign_in.public().status), (name("device"), Status::Open), "{fate:?}");
        assert_eq!(sign_in.public().extra, Parameters::new(), "{fate:?}");
        assert_eq!(sign_in.challenge.as_ref().unwrap().private.extra, Parameters::new(), "{fate:?}");
        assert_eq!(world.audit.count(Occurrence::StepFailed), 1, "{fate:?}");
    }
}

#[test]
fn i9_a_check_that_fails_or_hangs_is_a_wrong_answer_within_the_deadline() {
    for fate in [Fate::Fails, Fate::Hangs] {
        let (world, auth) = broken(Fate::Well, fate);
        let mut sign_in = world.sign_in_through(&auth, ana());
        assert_eq!(sign_in.public().extra["shown"], "yes");
        let before = world.clock.now();
        assert_eq!(world.answer(&mut sign_in, "anything"), Verdict::Unavailable, "{fate:?}");
        assert!(world.clock.now() - before <= world.policy.trigger_deadline(), "{fate:?}");
        assert!(!sign_in.signed_in());
        assert_eq!((sign_in.public().attempts_left, sign_in.public().status), (2, Status::Wrong), "{fate:?}");
    }
}

#[test]
fn nothing_is_asked_of_a_step_past_the_deadline() {
    let (world, auth) = broken(Fate::Well, Fate::Well);
    let sign_in = world.sign_in_through(&auth, ana());
    let started = world.clock.now();
    world.wait(4);
    let verdict = world.run(sign_in.verify("anything", Action::Answer, started));
    assert_eq!((verdict, world.audit.count(Occurrence::StepAnswered)), (Verdict::Unavailable, 0));
    let mut late = SignIn::new(auth, ana());
    world.run(late.present(Action::Answer, started));
    assert_eq!(late.public().extra, Parameters::new());
}

#[test]
fn i8_a_decoy_is_led_through_the_same_rounds() {
    let seen = |person: Person| {
        let (world, auth) = guarded();
        let mut sign_in = world.sign_in_through(&auth, person);
        let mut seen = Vec::new();
        for (answer, action) in [
            ("robot", Action::Answer),
            ("resend", Action::Resend),
            (&*solved(3), Action::Answer),
            ("no code", Action::Answer),
            ("resend", Action::Resend),
            ("0000000", Action::Answer),
            ("0000000", Action::Answer),
        ] {
            seen.push((sign_in.public().clone(), world.clock.now()));
            let _ = world.run(sign_in.respond(answer, action, &world.clock));
            world.wait(7);
        }
        seen.push((sign_in.public().clone(), world.clock.now()));
        let _ = world.resend(&mut sign_in);
        (seen, sign_in.public().clone(), world.clock.now())
    };
    assert_eq!(seen(ana()), seen(nobody()));
}

#[test]
fn i1_nobody_unknown_is_signed_in_by_a_step_that_says_right() {
    let (world, auth) = with_pin([name("pin")]);
    let mut sign_in = world.sign_in_through(&auth, nobody());
    let _ = world.answer(&mut sign_in, "4711");
    assert!(sign_in.failed(), "{:?}", sign_in.end);
}

#[test]
fn a_resend_presents_a_step_anew_and_costs_a_round_but_no_try() {
    let (world, auth) = guarded();
    let mut sign_in = world.sign_in_through(&auth, ana());
    for round in 2..=9 {
        assert_eq!(world.resend(&mut sign_in), Verdict::NotLookedAt);
        let public = sign_in.public();
        assert_eq!((public.status, public.attempts_left), (Status::Resent, 3), "round {round}");
        let kept = &sign_in.challenge.as_ref().unwrap().private.extra;
        assert_eq!(kept["riddle"], solved(round), "made anew");
    }
    assert_eq!(world.verdict(&sign_in, &solved(1)), Verdict::Wrong, "the old one counts no more");
    let _ = world.resend(&mut sign_in);
    assert!(sign_in.failed(), "its rounds are used up");
}

#[test]
fn a_resend_never_looks_at_the_answer_of_a_step() {
    let (world, auth) = with_pin([name("pin")]);
    let mut sign_in = world.sign_in_through(&auth, ana());
    let calls = world.ledger.calls();
    let verdict = world.run(sign_in.respond("4711", Action::Resend, &world.clock));
    assert_eq!((verdict, world.ledger.calls()), (Verdict::NotLookedAt, calls));
    assert!(!sign_in.signed_in());
}

#[test]
fn the_tries_of_a_step_count_down_and_the_last_wrong_one_ends_the_sign_in() {
    let (world, auth) = with_pin([name("pin")]);
    let mut sign_in = world.sign_in_through(&auth, ana());
    assert_eq!(sign_in.public().attempts_left, 3);
    for left in [2, 1] {
        assert_eq!(world.answer(&mut sign_in, "0000"), Verdict::Wrong);
        assert_eq!((sign_in.public().attempts_left, sign_in.public().status), (left, Status::Wrong));
    }
    assert_eq!(world.answer(&mut sign_in, "0000"), Verdict::Wrong);
    assert_eq!(sign_in.end, Some(Decision::FailAuthentication(FailureReason::TriesUsedUp)));
}

#[test]
fn i1_what_a_step_adds_never_stands_over_what_is_ours() {
    let (world, auth) = guarded();
    let event = json!({
        "version": "1", "region": "ap-south-1", "userPoolId": POOL, "userName": "ana",
        "callerContext": {"awsSdkVersion": "3", "clientId": "c"},
        "triggerSource": "CreateAuthChallenge_Authentication",
        "request": {"session": [], "challengeName": "CUSTOM_CHALLENGE", "userAttributes": {"phone_number": "+919999900001"}},
        "response": {}
    });
    let bytes = world.run(auth.handle(event.to_string().as_bytes())).unwrap();
    let answered: Value = serde_json::from_slice(&bytes).unwrap();
    let response = &answered["response"];
    let public = json!({"challenge": "captcha", "attemptsLeft": "3", "status": "open", "siteKey": "site-1"});
    assert_eq!(response["publicChallengeParameters"], public);
    let private = &response["privateChallengeParameters"];
    assert_eq!(private["customAuth"], response["challengeMetadata"]);
    assert_eq!(private["riddle"], solved(1));
    // Once each, also where a reader takes the last of two.
    let text = String::from_utf8(bytes).unwrap();
    for name in ["\"customAuth\":", "\"attemptsLeft\":", "\"status\":", "\"challenge\":"] {
        assert_eq!(text.matches(name).count(), 1, "{name}");
    }
}

#[test]
fn a_captcha_then_a_code_sign_a_person_in_through_the_pool() {
    let (world, auth) = guarded();
    let users = MemoryUsers::new();
    let phone = ana().phone.unwrap();
    let ana = NewUser::new("ana".to_owned(), phone, UserStatus::Confirmed, world.clock.now());
    let _ = world.run(users.create(ana)).unwrap();
    let pool = UserPool::builder()
        .triggers(auth)
        .users(users)
        .ledger(MemoryLedger::new())
        .seal_key(SealKey::from_bytes(&[8; 32]))
        .clock(world.clock.clone())
        .build()
        .unwrap();
    for (number, texts) in [("+919999900099", 0), ("+919999900001", 1)] {
        let first = world.run(pool.sign_in(number)).unwrap();
        let shown = first.parameters();
        assert_eq!((shown["challenge"].as_str(), shown["siteKey"].as_str()), ("captcha", "site-1"));
        assert!(shown["USERNAME"] != "mine" && !shown.contains_key("riddle"));
        let wrong = world.run(pool.answer(first.token(), "robot")).unwrap();
        let Outcome::Challenge(again) = wrong else { panic!("{wrong:?}") };
        assert_eq!((again.parameters()["status"].as_str(), world.texts.count()), ("wrong", 0));
        let right = world.run(pool.answer(again.token(), &solved(2))).unwrap();
        let Outcome::Challenge(code) = right else { panic!("{right:?}") };
        assert_eq!((code.parameters()["challenge"].as_str(), world.texts.count()), ("sms_code", texts));
        if texts > 0 {
            let done = world.run(pool.answer(code.token(), &world.code())).unwrap();
            assert!(matches!(done, Outcome::SignedIn(_)), "{done:?}");
        }
    }
}
