//! Plays a history on the real engine: every call a process of its own over one ledger.

use core::pin::Pin;
use std::{collections::BTreeMap, ops::Range};

use custom_auth::{
    Action, ChallengeMetadata, Claimant, Clock as _, Nonce, PolicyBuilder, Session, Status, Timestamp,
    machine::{Decision, Verdict},
    testing::Interleaving,
};
use time::Duration;

use crate::{
    common::{Person, START, SignIn, World, spy::Watched},
    reference::{binding, code_of},
    script::{Call, Guess, Step, Weather},
};

/// One trigger call that may compare or send, as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) sign_in: usize,
    pub(crate) person: Person,
    pub(crate) started: Timestamp,
    /// The challenge of the newest round in its session.
    pub(crate) after: Option<Nonce>,
    /// The round and the answer, if it went to *verify*.
    pub(crate) asked: Option<(ChallengeMetadata, String)>,
    /// What *verify* said; nothing if the call died before.
    pub(crate) verdict: Option<Verdict>,
}

pub(crate) struct Stage {
    pub(crate) watched: Watched,
    pub(crate) people: Vec<Person>,
    pub(crate) sign_ins: Vec<SignIn>,
    pub(crate) made: Vec<Made>,
    /// The weather of every stretch of the journal.
    pub(crate) storms: Vec<(Weather, Range<usize>)>,
    /// The latest that the clock has shown.
    latest: Timestamp,
    /// Per sign-in: the last answer and the state in which it was given.
    last: BTreeMap<usize, (SignIn, String)>,
}

type Task<'a> = Pin<Box<dyn Future<Output = (Option<SignIn>, Option<Verdict>)> + 'a>>;

/// Who signs in: one phone of two users, one user at two clients, one whose number changed, a stranger, one who may not be texted.
fn people() -> Vec<Person> {
    let ana = Person::known("ana", "+919999900001");
    vec![
        ana,
        Person::known("ana", "+919999900004"),
        Person { client: "another-client", ..ana },
        Person::known("flatmate", "+919999900001"),
        Person::known("bob", "+15550100002"),
        Person::known("carol", "+919999900003"),
        Person::unknown("nobody"),
        Person::known("far", "+18765550100"),
    ]
}

impl Stage {
    pub(crate) fn new(policy: PolicyBuilder) -> Self {
        let watched = Watched::new(World::under(policy));
        Self {
            watched,
            people: people(),
            sign_ins: vec![],
            made: vec![],
            storms: vec![],
            latest: START,
            last: BTreeMap::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.watched.world.clock.now()
    }

    pub(crate) fn play(&mut self, step: &Step) {
        match step {
            Step::Wait { millis } => {
                // Never back by more than the allowed skew in all: challenges from the future are no challenges.
                self.latest = self.latest.max(self.now());
                let to = self.now() + Duration::milliseconds(*millis);
                let skew = self.watched.world.policy.clock_skew();
                self.watched.world.clock.set(to.max(self.latest - skew));
            }
            Step::Calls { calls, seed, deaths, weather } => {
                match weather {
                    Weather::Fair => {}
                    Weather::Fault(nth, fault) => self.watched.fail(*nth, *fault),
                    Weather::Down => self.watched.ledger.down(true),
                    Weather::NoRandomness => self.watched.world.entropy.down(true),
                    Weather::Sender(fault) => self.watched.world.sms.fail_next(*fault),
                }
                let before = self.watched.journal.len();
                self.calls(calls, *seed, *deaths);
                self.watched.ledger.down(false);
                self.watched.world.entropy.down(false);
                self.storms.push((*weather, before..self.watched.journal.len()));
            }
        }
    }

    fn calls(&mut self, calls: &[Call], seed: u64, deaths: u32) {
        let first = self.made.len();
        let clock = self.watched.world.clock.clone();
        let mut tasks: Vec<Task<'static>> = Vec::new();
        for call in calls {
            self.prepare(call, &mut tasks);
        }
        let ends = Interleaving::new(&clock, seed).crash_one_in(deaths).run(tasks);
        let mut moved = Vec::new();
        for (made, end) in self.made.iter_mut().skip(first).zip(ends) {
            let Some((sign_in, verdict)) = end else { continue };
            made.verdict = verdict;
            // Of several calls for one sign-in the first that ended is what its service goes on from.
            if let Some(sign_in) = sign_in
                && !moved.contains(&made.sign_in)
            {
                moved.push(made.sign_in);
                self.sign_ins[made.sign_in] = sign_in;
            }
        }
    }

    /// The sign-in at `place`, counted from the newest, if it is still open.
    fn open(&self, place: usize) -> Option<usize> {
        let place = self.sign_ins.len().checked_sub(1 + place)?;
        self.sign_ins[place].challenge.is_some().then_some(place)
    }

    fn make(&mut self, sign_in: usize, person: Person, started: Timestamp, answer: Option<&str>) -> SignIn {
        let mut copy = self.sign_ins[sign_in].clone();
        let asked = answer.map(|answer| (*copy.metadata(), answer.to_owned()));
        copy.auth = self.watched.engine(self.made.len());
        let after = match answer {
            Some(_) => copy.challenge.as_ref().map(|challenge| *challenge.metadata()),
            None => copy.session.last_round().copied(),
        };
        let after = after.and_then(|round| round.challenge).map(|live| live.nonce);
        self.made.push(Made { sign_in, person, started, after, asked, verdict: None });
        copy
    }

    fn prepare(&mut self, call: &Call, tasks: &mut Vec<Task<'static>>) {
        let (now, clock) = (self.now(), self.watched.world.clock.clone());
        match *call {
            Call::Start { person } => self.start(person, 1, tasks),
            Call::StartTwice { person } => self.start(person, 2, tasks),
            Call::Answer { sign_in, guess } => {
                let Some(place) = self.open(sign_in) else { return };
                let answer = self.answer(place, guess);
                self.last.insert(place, (self.sign_ins[place].clone(), answer.clone()));
                let mut copy = self.make(place, self.sign_ins[place].person, now, Some(&answer));
                tasks.push(Box::pin(async move {
                    let verdict = copy.respond(&answer, Action::Answer, &clock).await;
                    (Some(copy), Some(verdict))
                }));
            }
            Call::Resend { sign_in } => {
                let Some(place) = self.open(sign_in) else { return };
                let mut copy = self.make(place, self.sign_ins[place].person, now, None);
                self.made.last_mut().unwrap().after = copy.metadata().challenge.map(|live| live.nonce);
                tasks.push(Box::pin(async move {
                    let _ = copy.respond("resend", Action::Resend, &clock).await;
                    (Some(copy), None)
                }));
            }
            Call::RetryCreate { sign_in, late } => {
                let Some(place) = self.open(sign_in) else { return };
                let started = now - Duration::milliseconds(late);
                let mut copy = self.make(place, self.sign_ins[place].person, started, None);
                tasks.push(Box::pin(async move {
                    copy.present(Action::Answer, started).await;
                    (Some(copy), None)
                }));
            }
            Call::RetryVerify { sign_in, late } => {
                let Some(place) = self.sign_ins.len().checked_sub(1 + sign_in) else { return };
                let Some((before, answer)) = self.last.get(&place).cloned() else { return };
                self.alone(place, before, answer, now - Duration::milliseconds(late), tasks);
            }
            Call::Cross { sign_in, person } => {
                let Some(place) = self.open(sign_in) else { return };
                let mut before = self.sign_ins[place].clone();
                let answer = code_of(self, &before.person, before.metadata());
                before.person = self.people[person % self.people.len()];
                self.alone(place, before, answer, now, tasks);
            }
            Call::Splice { from, into } => self.splice(from, into),
        }
    }

    /// *Verify* by itself, whose answer no service waits for.
    fn alone(
        &mut self,
        place: usize,
        before: SignIn,
        answer: String,
        started: Timestamp,
        tasks: &mut Vec<Task<'static>>,
    ) {
        let mut copy = before;
        let asked = Some((*copy.metadata(), answer.clone()));
        copy.auth = self.watched.engine(self.made.len());
        self.made.push(Made {
            sign_in: place,
            person: copy.person,
            started,
            after: None,
            asked,
            verdict: None,
        });
        tasks.push(Box::pin(async move {
            let verdict = copy.verify(&answer, Action::Answer, started).await;
            (None, Some(verdict))
        }));
    }

    fn start(&mut self, person: usize, times: usize, tasks: &mut Vec<Task<'static>>) {
        let (now, person) = (self.now(), self.people[person % self.people.len()]);
        let place = self.sign_ins.len();
        self.sign_ins.push(SignIn::new(self.watched.engine(usize::MAX), person));
        for _ in 0..times {
            let mut copy = self.make(place, person, now, None);
            tasks.push(Box::pin(async move {
                copy.present(Action::Answer, now).await;
                (Some(copy), None)
            }));
        }
    }

    fn splice(&self, from: usize, into: usize) {
        let places = [from, into].map(|place| self.sign_ins.len().checked_sub(1 + place));
        let [Some(from), Some(into)] = places else { return };
        let (from, into) = (&self.sign_ins[from], &self.sign_ins[into]);
        let (Some(theirs), Some(own)) = (from.session.results().last(), into.session.results().first())
        else {
            return;
        };
        if own.metadata.unwrap().flow == theirs.metadata.unwrap().flow {
            return;
        }
        let session: Session = into.session.results().iter().chain([theirs]).copied().collect();
        let end = into.auth.define(&into.person.requester(), &session, Action::Answer);
        assert!(
            !matches!(end, Decision::IssueTokens(_)) || into.signed_in(),
            "I1: tokens for a round of another flow"
        );
    }

    fn answer(&self, place: usize, guess: Guess) -> String {
        let sign_in = &self.sign_ins[place];
        let newest = |person: &Person| {
            let code = person.phone.and_then(|phone| self.watched.world.texts.last_code_to(&phone));
            code.unwrap_or_else(|| "0000000009".to_owned())
        };
        match guess {
            Guess::Right => code_of(self, &sign_in.person, sign_in.metadata()),
            Guess::Texted => newest(&sign_in.person),
            Guess::Wrong(nth) => format!("000000000{nth}"),
            Guess::Theirs(person) => newest(&self.people[person % self.people.len()]),
            Guess::Nonsense => "no code".to_owned(),
        }
    }

    /// After any history, alone and within the limits, each owner of a number gets in: as a person would, by doing
    /// what the screen says.
    pub(crate) fn everybody_can_sign_in_again(&mut self) {
        for person in [self.people[0], self.people[3], self.people[4], self.people[2]] {
            let end = self.now() + Duration::hours(50);
            assert!((0..400).any(|_| self.try_once(person, end)), "{person:?} cannot sign in any more");
        }
    }

    /// One sign-in with whatever text is newest, else waiting as long as it says.
    fn try_once(&mut self, person: Person, end: Timestamp) -> bool {
        assert!(self.now() < end, "{person:?} is kept waiting for more than two days");
        let place = self.sign_ins.len();
        self.start(place_of(&self.people, &person), 1, &mut Vec::new());
        let world = self.watched.world.clone();
        let mut sign_in = self.sign_ins[place].clone();
        sign_in.auth = self.watched.engine(self.made.len() - 1);
        world.run(sign_in.present(Action::Answer, world.clock.now()));
        let code = world.texts.last_code_to(&person.phone.unwrap()).unwrap_or_default();
        let round = *sign_in.metadata();
        let wait = i64::try_from(sign_in.public().code.unwrap().resend_in).unwrap();
        let waits = sign_in.public().status == Status::Wait;
        self.sign_ins[place] = sign_in;
        // Somebody who reads the text types it; one that belongs to an older challenge is not typed.
        if code == code_of(self, &person, &round) {
            let mut sign_in = self.make(place, person, world.clock.now(), Some(&code));
            let verdict = world.run(sign_in.respond(&code, Action::Answer, &world.clock));
            self.made.last_mut().unwrap().verdict = Some(verdict);
            let done = sign_in.signed_in();
            self.sign_ins[place] = sign_in;
            if done {
                return true;
            }
        }
        // The wait that is shown is the truth; a limit over many people is shown to nobody.
        world.clock.advance(Duration::seconds(if waits { wait.max(5) } else { 900 }));
        false
    }
}

fn place_of(people: &[Person], person: &Person) -> usize {
    let same = |other: &Person| (other.user, other.client) == (person.user, person.client);
    people.iter().position(same).unwrap()
}

impl Made {
    /// Whether every answer of this person is wrong.
    pub(crate) fn is_decoy(&self, stage: &Stage) -> bool {
        let allowed = |phone| stage.watched.world.policy.destinations().find(&phone).is_some();
        self.person.claimant == Claimant::Unknown || !self.person.phone.is_some_and(allowed)
    }

    /// The ledger's name of the one live challenge that this call is about.
    pub(crate) fn record(&self, stage: &Stage) -> custom_auth::Pseudonym {
        stage.watched.world.keys.pseudonyms(&binding(stage, &self.person)).person
    }
}
