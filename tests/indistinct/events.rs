//! The triggers: JSON event in, bytes out, looped as Cognito loops.

use custom_auth::{Policy, testing::Fault};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    cases::seeds,
    script::{Act, LONG, Mask, Player, SHORT, TABS, random, same, same_under_every_fault, timed},
    world::{ANA, CLIENT, Case, POOL, Trouble, World},
};

#[derive(Default)]
struct Tab {
    session: Vec<Value>,
    /// The private parameters and the metadata of the open challenge.
    open: Option<(Value, Value)>,
}

pub(crate) struct Events<'w> {
    world: &'w World,
    tabs: [Tab; TABS],
    mask: Mask,
}

impl Events<'_> {
    fn event(&self, trigger: &str, mut request: Value, resend: bool) -> String {
        let case = self.world.case;
        let mut attributes = json!({});
        if case != Case::Unknown {
            attributes = json!({"sub": ANA, "cognito:user_status": "CONFIRMED"});
        }
        if let Some(phone) = case.phone() {
            attributes["phone_number"] = json!(phone);
        }
        request["userAttributes"] = attributes;
        request["userNotFound"] = json!(case == Case::Unknown);
        if resend {
            request["clientMetadata"] = json!({"action": "resend"});
        }
        let source = format!("{trigger}_Authentication");
        json!({
            "version": "1", "region": "ap-south-1", "userPoolId": POOL, "userName": ANA,
            "callerContext": {"awsSdkVersion": "3", "clientId": CLIENT},
            "triggerSource": source, "request": request, "response": {}
        })
        .to_string()
    }

    /// The `response` as it was written.
    fn invoke(&self, event: &str) -> String {
        #[derive(Deserialize)]
        struct Answered<'a> {
            #[serde(borrow)]
            response: &'a RawValue,
        }
        let bytes = self.world.run(self.world.auth.handle(event.as_bytes())).unwrap();
        serde_json::from_slice::<Answered<'_>>(&bytes).unwrap().response.get().to_owned()
    }

    /// Define, and create if define says so.
    fn advance(&mut self, tab: usize, resend: bool) -> String {
        let session = json!(self.tabs[tab].session);
        let define =
            self.invoke(&self.event("DefineAuthChallenge", json!({"session": session.clone()}), resend));
        let parsed: Value = serde_json::from_str(&define).unwrap();
        self.tabs[tab].open = None;
        if parsed["challengeName"] != "CUSTOM_CHALLENGE" {
            return define;
        }
        let request = json!({"session": session, "challengeName": "CUSTOM_CHALLENGE"});
        let create = self.invoke(&self.event("CreateAuthChallenge", request, resend));
        let made: Value = serde_json::from_str(&create).unwrap();
        let metadata = made["challengeMetadata"].as_str().unwrap();
        // The public parameters are masked nowhere: nothing in them is random.
        let masked = create.replace(metadata, &self.masked(metadata));
        self.tabs[tab].open =
            Some((made["privateChallengeParameters"].clone(), made["challengeMetadata"].clone()));
        format!("{define}\n{masked}")
    }

    /// Metadata with flow tag and nonce masked, and whose round it is, which Cognito keeps from clients.
    fn masked(&mut self, metadata: &str) -> String {
        let mut fields: Vec<String> = metadata.split('.').map(str::to_owned).collect();
        assert!(["k", "u"].contains(&fields[1].as_str()));
        fields[1] = "*".to_owned();
        fields[3] = self.mask.of(&fields[3]);
        fields[8] = self.mask.of(&fields[8]);
        fields.join(".")
    }

    fn respond(&mut self, tab: usize, answer: &str, resend: bool) -> String {
        let Some((private, metadata)) = self.tabs[tab].open.clone() else { return "closed".to_owned() };
        let request = json!({"privateChallengeParameters": private, "challengeAnswer": answer});
        let verify = self.invoke(&self.event("VerifyAuthChallengeResponse", request, resend));
        assert_eq!(verify, r#"{"answerCorrect":false}"#, "no answer of a script is right");
        self.tabs[tab].session.push(json!({
            "challengeName": "CUSTOM_CHALLENGE", "challengeResult": false, "challengeMetadata": metadata
        }));
        format!("{verify}\n{}", self.advance(tab, resend))
    }
}

impl<'w> Player<'w> for Events<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, tabs: Default::default(), mask: Mask::default() }
    }

    fn world(&self) -> &'w World {
        self.world
    }

    fn act(&mut self, act: Act) -> String {
        match act {
            Act::SignIn(tab) => {
                self.tabs[tab] = Tab::default();
                self.advance(tab, false)
            }
            Act::Answer(tab, answer) => self.respond(tab, answer, false),
            Act::Resend(tab) => self.respond(tab, "resend", true),
            Act::Wait(seconds) => {
                self.world.clock.advance(time::Duration::seconds(seconds));
                String::new()
            }
        }
    }
}

#[test]
fn i8_a_long_life_looks_the_same_from_outside_whatever_happens_inside() {
    for case in Case::OTHERS {
        let (genuine, other) = (World::new(Case::Genuine), World::new(case));
        same::<Events<'_>>(&genuine, &other, LONG, "the long script");
        assert!(genuine.texts.count() > 4, "the genuine one was texted: {}", genuine.texts.count());
        if case.is_decoy() {
            assert_eq!(other.texts.count(), 1, "{case:?}: bob's");
        }
    }
}

#[test]
fn the_long_life_shows_every_status_and_ends_a_sign_in() {
    let world = World::new(Case::Genuine);
    let mut player = Events::new(&world);
    let seen: String = LONG.iter().map(|act| timed(&mut player, *act)).collect();
    for status in ["open", "wrong", "resent", "wait", "replaced"] {
        assert!(seen.contains(&format!(r#""status":"{status}""#)), "{status}");
    }
    for sight in [
        r#""failAuthentication":true"#,
        r#""attemptsLeft":"1""#,
        "took 1500 ms",
        "took 0 ms",
        r#""expiresIn":"0""#,
    ] {
        assert!(seen.contains(sight), "{sight}");
    }
}

#[test]
fn i8_random_lives_look_the_same_from_outside() {
    let policies = [
        Policy::builder,
        Policy::nist,
        Policy::psd2,
        || Policy::builder().sends_per_phone(vec![(1, 60), (2, 600)]),
        || Policy::builder().sends_per_challenge(1).tries_per_challenge(1),
    ];
    for seed in seeds(1_000) {
        let nth = usize::try_from(seed).unwrap();
        let policy = policies[nth % policies.len()];
        let case = Case::OTHERS[nth / policies.len() % Case::OTHERS.len()];
        let genuine = World::under(Case::Genuine, policy(), Trouble::None);
        let other = World::under(case, policy(), Trouble::None);
        same::<Events<'_>>(&genuine, &other, &random(seed, 40), &format!("seed {seed}"));
    }
}

/// A fault tells that something is down, which says nothing of anybody's account; so accounts are compared with each
/// other under the same fault.
#[test]
fn i8_under_one_and_the_same_fault_known_and_unknown_look_alike() {
    same_under_every_fault::<Events<'_>>(&Fault::ALL);
}

/// A hot item that only real texts need: decoys never ask for it, so its failure must not show at all.
#[test]
fn i8_a_wide_quota_that_fails_or_hangs_does_not_show() {
    for fault in Fault::ALL {
        for nth in 1..=3 {
            let genuine = World::under(Case::Genuine, Policy::builder(), Trouble::Wide(nth, fault));
            let other = World::under(Case::Unknown, Policy::builder(), Trouble::Quiet);
            same::<Events<'_>>(&genuine, &other, SHORT, &format!("{fault:?} of wide call {nth}"));
        }
    }
}

/// Later rounds may tell that the ledger or the randomness is down: what a live challenge had left is not known then.
/// A call of the ledger that hangs may tell too, by its time: up to the deadline.
#[test]
fn i8_a_first_sign_in_looks_the_same_with_the_ledger_or_the_randomness_down() {
    for trouble in [Trouble::LedgerDown, Trouble::EntropyDown] {
        for case in [Case::Genuine, Case::Unknown, Case::Blocked] {
            let fine = World::under(Case::Genuine, Policy::builder(), Trouble::Quiet);
            let down = World::under(case, Policy::builder(), trouble);
            same::<Events<'_>>(&fine, &down, &[Act::SignIn(0)], &format!("{trouble:?}"));
            assert_eq!((fine.texts.count(), down.texts.count()), (1, 0), "i9");
        }
    }
}

#[test]
fn a_claimants_letter_is_all_that_tells_a_decoys_metadata_from_a_genuine_one() {
    let seen = [Case::Genuine, Case::Unknown, Case::Blocked].map(|case| {
        let world = World::new(case);
        let mut player = Events::new(&world);
        player.act(Act::SignIn(0));
        let (_, metadata) = player.tabs[0].open.clone().unwrap();
        metadata.as_str().unwrap().replacen(".k.", ".u.", 1)
    });
    // The seeds are the same, so even the random values are.
    assert!(seen[0] == seen[1] && seen[1] == seen[2], "{seen:?}");
}

#[test]
fn i2_sign_ins_that_begin_in_the_same_moment_with_the_ledger_down_are_flows_of_their_own() {
    let world = World::under(Case::Genuine, Policy::builder(), Trouble::LedgerDown);
    let flow = || {
        world.clock.set(super::world::START);
        let mut player = Events::new(&world);
        player.act(Act::SignIn(0));
        let (_, metadata) = player.tabs[0].open.clone().unwrap();
        metadata.as_str().unwrap().split('.').nth(3).unwrap().to_owned()
    };
    assert_ne!(flow(), flow());
}
