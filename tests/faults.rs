//! Every call of whole logins fails once, in every way: nobody is let in wrongly, no tap is two texts, nothing is lost
//! or wedged, and with the ledger down for good nothing at all is done.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test ends there
#![allow(clippy::wildcard_enum_match_arm)] // what a test does not look at

mod common;

use common::{
    Person, SignIn, World, ana,
    bill::{Heard, Name, name},
    spy::{Watched, What},
};
use custom_auth::{
    Action, Challenge, Clock as _, FlowTag, LiveRecord, LiveState, Nonce, Occurrence, QuotaName, Status,
    Timestamp,
    machine::Verdict,
    testing::{Fault, Faulty},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Duration;

/// A login or two, told step by step: each function is one script.
struct Script {
    name: &'static str,
    play: fn(&mut Player),
}

const SCRIPTS: [Script; 7] = [
    Script {
        name: "the right code",
        play: |player| {
            let one = player.sign_in();
            player.right(one);
        },
    },
    Script {
        name: "wrong, then right",
        play: |player| {
            let one = player.sign_in();
            player.wrong(one);
            player.right(one);
        },
    },
    Script {
        name: "all tries, then afresh",
        play: |player| {
            let one = player.sign_in();
            for _ in 0..3 {
                player.wrong(one);
            }
            let two = player.sign_in();
            player.right(two);
        },
    },
    Script {
        name: "a resend",
        play: |player| {
            let one = player.sign_in();
            player.world().wait(31);
            player.resend(one);
            player.right(one);
        },
    },
    Script {
        name: "two sign-ins on one challenge",
        play: |player| {
            let (one, two) = (player.sign_in(), player.sign_in());
            player.wrong(two);
            player.right(one);
            player.right(two);
        },
    },
    Script {
        name: "expiry and replacement",
        play: |player| {
            let one = player.sign_in();
            player.world().wait(301);
            player.right(one);
            player.right(one);
            player.world().wait(245);
            let two = player.sign_in();
            player.right(two);
        },
    },
    Script {
        name: "the next login",
        play: |player| {
            let one = player.sign_in();
            player.right(one);
            player.right(one);
            let two = player.sign_in();
            player.wrong(two);
            player.right(two);
        },
    },
];

/// What fails.
#[derive(Clone, Copy, Debug)]
enum Port {
    Ledger,
    Sms,
    Entropy,
}

struct Player {
    watched: Watched,
    sign_ins: Vec<SignIn>,
    calls: usize,
    /// What each call to *verify* was asked about.
    asked: BTreeMap<usize, Asked>,
    /// The calls that said yes.
    rights: Vec<usize>,
    told: String,
}

/// A challenge, and in which sign-in and flow it was answered.
#[derive(Clone, Copy, Debug)]
struct Asked {
    place: usize,
    nonce: Nonce,
    flow: FlowTag,
}

impl Player {
    fn new(port: Port, nth: u64, fault: Fault, told: String) -> Self {
        let mut world = World::new();
        match port {
            Port::Ledger => {}
            Port::Sms => world.sms = Arc::new(Faulty::new(world.texts.clone()).failing(nth, fault)),
            Port::Entropy => world.entropy = world.entropy.clone().failing(nth),
        }
        let ledger = matches!(port, Port::Ledger).then_some((nth, fault));
        let watched = Watched::failing(world, ledger);
        Self { watched, sign_ins: vec![], calls: 0, asked: BTreeMap::new(), rights: vec![], told }
    }

    fn world(&self) -> &World {
        &self.watched.world
    }

    fn calls_of(&self, port: Port) -> u64 {
        match port {
            Port::Ledger => self.watched.ledger.calls(),
            Port::Sms => self.world().sms.calls(),
            Port::Entropy => self.world().entropy.draws(),
        }
    }

    fn engine(&mut self) -> custom_auth::CustomAuth {
        self.calls += 1;
        self.watched.engine(self.calls - 1)
    }

    fn sign_in(&mut self) -> usize {
        let mut sign_in = SignIn::new(self.engine(), ana());
        self.world().run(sign_in.present(Action::Answer, self.world().clock.now()));
        self.sign_ins.push(sign_in);
        self.sign_ins.len() - 1
    }

    fn respond(&mut self, place: usize, answer: &str, action: Action) -> Option<Verdict> {
        let mut sign_in = self.sign_ins[place].clone();
        sign_in.challenge.as_ref()?;
        sign_in.auth = self.engine();
        let live = sign_in.metadata().challenge.unwrap();
        self.asked.insert(self.calls - 1, Asked { place, nonce: live.nonce, flow: sign_in.metadata().flow });
        let started = self.world().clock.now();
        let verdict = self.world().run(sign_in.respond(answer, action, &self.world().clock));
        if verdict.is_right() {
            assert!(self.texted(name(live.nonce)) == Some(answer.to_owned()), "a wrong yes: {}", self.told);
            assert!(live.counts_at(started, Duration::seconds(30)), "I5: {}", self.told);
            self.rights.push(self.calls - 1);
        }
        assert_eq!(sign_in.signed_in(), verdict.is_right(), "I1: {}", self.told);
        self.sign_ins[place] = sign_in;
        Some(verdict)
    }

    /// The person types the newest text.
    fn right(&mut self, place: usize) {
        let code = self.world().texts.last_code().unwrap_or_else(|| "000000".to_owned());
        let _ = self.respond(place, &code, Action::Answer);
    }

    fn wrong(&mut self, place: usize) {
        let wrong = self.world().wrong(1);
        assert!(!self.respond(place, &wrong, Action::Answer).is_some_and(Verdict::is_right), "{}", self.told);
    }

    fn resend(&mut self, place: usize) {
        let _ = self.respond(place, "resend", Action::Resend);
    }

    /// The code of a challenge.
    fn texted(&self, challenge: Name) -> Option<String> {
        let live = self.watched.journal.entries().into_iter().find_map(|entry| match entry.what {
            What::Wrote { value, .. } => {
                LiveRecord::decode(&value).map(|r| r.challenge).filter(|live| name(live.nonce) == challenge)
            }
            _ => None,
        })?;
        let person = ana();
        let who = person.requester();
        let (pool, client, user) = (who.pool, who.client, who.user);
        let purpose = custom_auth::Purpose::SignIn;
        let binding = custom_auth::Binding { pool, client, user, phone: who.phone, purpose };
        Some(self.world().keys.derive(&live, &binding)?.expose_secret().to_owned())
    }

    /// What must hold whatever failed.
    fn check(&self) {
        let (mut texts, mut last): (Vec<Timestamp>, Option<Timestamp>) = (vec![], None);
        let mut done = true;
        let mut heard = Heard::default();
        let mut redeemed: BTreeMap<[u8; 16], FlowTag> = BTreeMap::new();
        let mut tries: BTreeMap<[u8; 16], BTreeSet<[u8; 16]>> = BTreeMap::new();
        for entry in self.watched.journal.entries() {
            let call = entry.call.unwrap_or(usize::MAX);
            match entry.what {
                What::HeardPaid { charges } => heard.paid(call, &charges),
                What::Noted(Occurrence::AnswerWrong) | What::WentToRedeem => {
                    let paid = heard.comparison(call, &self.told);
                    assert_eq!(paid, name(self.asked[&call].nonce), "I9: paid on another: {}", self.told);
                }
                What::Noted(Occurrence::AnswerAcceptedAgain | Occurrence::AnswerAfterRedemption) => {
                    let asked = self.asked[&call];
                    let by = redeemed.get(asked.nonce.as_bytes());
                    assert_eq!(by, Some(&asked.flow), "I3: unpaid for who did not redeem it: {}", self.told);
                }
                What::Texted { to, body } => {
                    let paid = heard.text(call, &self.world().policy, &to, &self.told);
                    let code = self.texted(paid).unwrap_or_default();
                    assert!(body.contains(&code), "I9: paid for another challenge's text: {}", self.told);
                    let close = last.is_some_and(|last| entry.at - last < Duration::seconds(30));
                    assert!(done || !close, "I4: two texts for one tap: {}", self.told);
                    (last, done) = (Some(entry.at), false);
                    texts.push(entry.at);
                }
                // The bill of an answer: what was charged counts as tried, even if nobody heard of it.
                What::Billed { id, charges, .. }
                    if charges[0].key.quota.name == QuotaName::Tries && charges[0].cost == 1 =>
                {
                    let tried = tries.entry(*charges[0].key.subject.id.as_bytes()).or_default();
                    tried.insert(*id.as_bytes());
                    done |= tried.len() == 3;
                }
                What::Wrote { value, .. } => {
                    if let Some(LiveRecord { challenge, state: LiveState::Redeemed { by, .. }, .. }) =
                        LiveRecord::decode(&value)
                    {
                        done = true;
                        let before = redeemed.insert(*challenge.nonce.as_bytes(), by);
                        assert_eq!(before, None, "I2: redeemed twice: {}", self.told);
                    }
                }
                _ => {}
            }
        }
        for window in texts.windows(4) {
            assert!(window[3] - window[0] >= Duration::seconds(600), "I4: {}", self.told);
        }
        let mut winners: BTreeMap<[u8; 16], usize> = BTreeMap::new();
        for call in &self.rights {
            let Asked { place, nonce, flow } = self.asked[call];
            let by = redeemed.get(nonce.as_bytes());
            assert_eq!(by, Some(&flow), "I2: a yes to who did not redeem it: {}", self.told);
            let winner = *winners.entry(*nonce.as_bytes()).or_insert(place);
            assert_eq!(winner, place, "I2: two sign-ins on one challenge: {}", self.told);
        }
    }

    /// The person waits as told, and types what has come for the challenge on the screen.
    fn gets_in(&mut self) {
        for _ in 0..4 {
            let place = self.sign_in();
            let shown = self.sign_ins[place].public().code.unwrap().resend_in;
            if self.texted(name(self.sign_ins[place].nonce())) == self.world().texts.last_code() {
                self.right(place);
            }
            if self.sign_ins[place].signed_in() {
                return;
            }
            self.world().wait(i64::try_from(shown).unwrap().max(1));
        }
        panic!("wedged: {}", self.told);
    }
}

fn every_call_fails_once(port: Port, faults: &[Fault]) {
    for script in &SCRIPTS {
        for fault in faults {
            for nth in 1.. {
                assert!(nth < 1_000, "{} never ends", script.name);
                let told = format!("{}, {port:?} call {nth}, {fault:?}", script.name);
                let mut player = Player::new(port, nth, *fault, told);
                (script.play)(&mut player);
                let over = player.calls_of(port) < nth;
                player.check();
                player.gets_in();
                player.check();
                if over {
                    assert!(nth > 1, "the script made calls");
                    break;
                }
            }
        }
    }
}

#[test]
fn i1_to_i5_and_i9_hold_when_any_one_call_to_the_ledger_fails_in_any_way() {
    every_call_fails_once(Port::Ledger, &Fault::ALL);
}

#[test]
fn i1_to_i5_hold_when_any_one_call_to_the_sender_fails_in_any_way() {
    every_call_fails_once(Port::Sms, &Fault::ALL);
}

#[test]
fn i1_to_i5_and_i9_hold_when_any_one_draw_of_randomness_fails() {
    every_call_fails_once(Port::Entropy, &[Fault::Error]);
}

/// What the outside sees of a challenge, without the numbers that are random.
fn outside(challenge: &Challenge) -> (Vec<&'static str>, usize, u8, Status) {
    let public = &challenge.public;
    let code = public.code.map_or(vec![], |_| vec!["codeLength", "expiresIn", "resendIn"]);
    (code, challenge.metadata().encode().len(), public.attempts_left, public.status)
}

#[test]
fn i8_i9_with_the_ledger_down_for_good_nothing_is_done_and_the_outside_looks_the_same() {
    let well = World::new();
    let down = World::new();
    down.ledger.down(true);
    let nobody = Person::unknown("nobody");
    let mut genuine = well.sign_in(nobody);
    let mut broken = down.sign_in(ana());
    for _ in 0..3 {
        let (a, b) = (genuine.challenge.as_ref(), broken.challenge.as_ref());
        assert_eq!(a.map(outside), b.map(outside));
        assert_eq!(well.clock.now(), down.clock.now());
        assert_eq!(well.answer(&mut genuine, "000000"), Verdict::Wrong);
        assert_eq!(down.answer(&mut broken, "000000"), Verdict::Unavailable);
    }
    assert!(genuine.failed() && broken.failed());
    let wrong = down.audit.count(Occurrence::AnswerWrong);
    assert_eq!((down.sms.calls(), wrong), (0, 0), "nothing sent, nothing compared");
}

#[test]
fn i9_when_the_ledger_goes_down_after_the_text_the_right_code_lets_nobody_in_until_it_is_back() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    world.ledger.down(true);
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Unavailable);
    world.ledger.down(false);
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Right);
}

#[test]
fn i9_with_no_randomness_for_good_nothing_is_sent_and_what_was_texted_still_lets_in() {
    let world = World::new();
    let mut sign_in = world.sign_in(ana());
    let code = world.code();
    world.entropy.down(true);
    let stranger = world.sign_in(common::bob());
    assert_eq!((world.texts.count(), stranger.public().attempts_left), (1, 3));
    assert_eq!(world.answer(&mut sign_in, &code), Verdict::Right);
}
