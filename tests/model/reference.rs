//! The naive reference: what happened, as plain lists, and the invariants over them.

use std::collections::{BTreeMap, BTreeSet};

use custom_auth::{
    Binding, ChallengeMetadata, Claimant, ClientId, LiveChallenge, LiveRecord, LiveState, Nonce, Occurrence,
    Policy, Pseudonym, Purpose, SubjectKind, Timestamp, UserName, UserPoolId, machine::Verdict,
};
use time::Duration;

use crate::{
    closed::closed,
    common::{
        POOL, Person,
        bill::{name, name_of},
        spy::{Entry, What},
    },
    rules::at_most,
    stage::{Made, Stage},
};

/// One text, and the challenge it was for.
struct Text<'a> {
    place: usize,
    at: Timestamp,
    made: &'a Made,
    live: LiveChallenge,
}

/// One answer that was compared.
struct Compared<'a> {
    at: Timestamp,
    made: &'a Made,
    round: &'a ChallengeMetadata,
    answer: &'a str,
}

pub(crate) fn binding<'a>(stage: &Stage, person: &'a Person) -> Binding<'a> {
    let allowed = |phone: &_| stage.watched.world.policy.destinations().find(phone).is_some();
    let known = person.claimant == Claimant::Known;
    Binding {
        pool: UserPoolId::new(POOL),
        client: ClientId::new(person.client),
        user: UserName::new(person.user),
        phone: person.phone.filter(|phone| known && allowed(phone)),
        purpose: Purpose::SignIn,
    }
}

/// The code of a round's challenge for a person.
pub(crate) fn code_of(stage: &Stage, person: &Person, round: &ChallengeMetadata) -> String {
    code(stage, person, &round.challenge.unwrap())
}

pub(crate) fn code(stage: &Stage, person: &Person, live: &LiveChallenge) -> String {
    let code = stage.watched.world.keys.derive(live, &binding(stage, person)).unwrap();
    code.expose_secret().to_owned()
}

pub(crate) fn check(stage: &Stage) {
    let entries = stage.watched.journal.entries();
    let redeemed = records(stage, &entries);
    verdicts(stage, &redeemed);
    tokens(stage);
    guesses(stage, &entries, &redeemed);
    texts(stage, &entries);
    closed(stage, &entries);
}

/// Follows every record: what is redeemed was open and alive (I5), once (I2). When each challenge was redeemed, where
/// in the journal, and by which flow.
fn records(stage: &Stage, entries: &[Entry]) -> BTreeMap<Nonce, (Timestamp, usize, custom_auth::FlowTag)> {
    let skew = stage.watched.world.policy.clock_skew();
    let mut current: BTreeMap<Pseudonym, Vec<u8>> = BTreeMap::new();
    let mut redeemed = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let What::Wrote { subject, value, over } = &entry.what else { continue };
        if subject.kind != SubjectKind::Person {
            continue;
        }
        let record = LiveRecord::decode(value).expect("a record");
        if let LiveState::Redeemed { by, .. } = record.state {
            let open = LiveRecord::open(record.challenge).encode().into_bytes();
            assert_eq!(current.get(&subject.id), Some(&open), "I5: a superseded challenge was redeemed");
            assert_eq!(over.as_ref(), Some(&open), "I2: redeemed without a swap");
            assert!(record.challenge.counts_at(entry.at, skew), "I5: redeemed out of its lifetime");
            let before = redeemed.insert(record.challenge.nonce, (entry.at, place, by));
            assert!(before.is_none(), "I2: redeemed twice");
        }
        current.insert(subject.id, value.clone());
    }
    redeemed
}

/// Every right verdict was right (I6), in time (I5), and one sign-in alone hears it of a challenge (I2).
fn verdicts(stage: &Stage, redeemed: &BTreeMap<Nonce, (Timestamp, usize, custom_auth::FlowTag)>) {
    let mut winners: BTreeMap<Nonce, usize> = BTreeMap::new();
    for made in &stage.made {
        let (Some(verdict), Some((round, answer))) = (made.verdict, &made.asked) else { continue };
        if !verdict.is_right() {
            continue;
        }
        let live = round.challenge.unwrap();
        assert!(!made.is_decoy(stage), "I6: a decoy was right: {made:?}");
        assert_eq!(code(stage, &made.person, &live), *answer, "I6: not the code: {made:?}");
        let (_, _, by) = redeemed.get(&live.nonce).expect("I2: right, but not redeemed");
        assert_eq!(*by, round.flow, "I2: right in a flow that did not redeem it");
        assert!(made.started < live.expires_at, "I5: right after it expired: {made:?}");
        let winner = *winners.entry(live.nonce).or_insert(made.sign_in);
        assert_eq!(winner, made.sign_in, "I2: two sign-ins were right on one challenge");
        let same = |one: &Person| (one.user, one.client, one.phone);
        assert_eq!(
            same(&stage.sign_ins[made.sign_in].person),
            same(&made.person),
            "I6: under another's name"
        );
    }
}

/// Tokens only where a right verdict was given in that sign-in (I1).
fn tokens(stage: &Stage) {
    for (place, sign_in) in stage.sign_ins.iter().enumerate() {
        let right = |made: &Made| made.sign_in == place && made.verdict.is_some_and(Verdict::is_right);
        assert!(!sign_in.signed_in() || stage.made.iter().any(right), "I1: tokens without a proof");
    }
}

/// Whatever was compared was charged first, and no limit was passed (I3).
fn guesses(
    stage: &Stage,
    entries: &[Entry],
    redeemed: &BTreeMap<Nonce, (Timestamp, usize, custom_auth::FlowTag)>,
) {
    let policy = &stage.watched.world.policy;
    let mut paid = BTreeSet::new();
    let mut compared: Vec<Compared<'_>> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let Some(call) = entry.call else { continue };
        match entry.what {
            What::HeardPaid { .. } => {
                paid.insert(call);
            }
            What::Noted(Occurrence::AnswerWrong | Occurrence::AnswerAcceptedAgain) | What::WentToRedeem => {
                let made = &stage.made[call];
                let (round, answer) = made.asked.as_ref().expect("only verify compares");
                let live = round.challenge.unwrap();
                let own =
                    redeemed.get(&live.nonce).is_some_and(|(_, at, by)| *at < place && *by == round.flow);
                assert!(paid.contains(&call) || own, "I3: compared before it was charged: {made:?}");
                assert!(
                    live.counts_at(entry.at, policy.clock_skew()),
                    "I5: compared out of its lifetime: {made:?}"
                );
                // The same answer in the same round of the same flow, heard again, tells nothing new.
                let same = |other: &Compared<'_>| {
                    (other.round.flow, other.round.round, other.answer) == (round.flow, round.round, answer)
                        && other.round.challenge == round.challenge
                        && other.made.person.user == made.person.user
                };
                if !own && !compared.iter().any(same) {
                    compared.push(Compared { at: entry.at, made, round, answer });
                }
            }
            _ => {}
        }
    }
    let mut counts: BTreeMap<String, Vec<(Timestamp, u64)>> = BTreeMap::new();
    let mut tries: BTreeMap<Nonce, Vec<(Timestamp, u64)>> = BTreeMap::new();
    for one in &compared {
        let person = &one.made.person;
        let phone = binding(stage, person)
            .phone
            .map_or_else(|| person.user.to_owned(), |phone| phone.e164().to_owned());
        counts.entry(format!("account {}", person.user)).or_default().push((one.at, 1));
        counts.entry(format!("phone {phone}")).or_default().push((one.at, 1));
        tries.entry(one.round.challenge.unwrap().nonce).or_default().push((one.at, 1));
    }
    for (whose, events) in counts {
        let most = u64::from(policy.guesses_per_day());
        // A call that is repeated compares on what the first one paid, for as long as its challenge lives.
        at_most(
            most,
            Duration::DAY - policy.challenge_lifetime(),
            &events,
            &format!("I3: answers compared for {whose}"),
        );
    }
    for (nonce, events) in tries {
        let most = u64::from(policy.tries_per_challenge());
        at_most(most, Duration::MAX, &events, &format!("I3: answers compared on {nonce:?}"));
    }
}

/// Every text belongs to a challenge that was alive, and no limit was passed (I4).
fn texts(stage: &Stage, entries: &[Entry]) {
    let policy = &stage.watched.world.policy;
    let mut issued: Vec<(Pseudonym, LiveChallenge)> = Vec::new();
    let mut texts: Vec<Text<'_>> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        match (&entry.what, entry.call) {
            (What::Wrote { subject, value, .. }, _) if subject.kind == SubjectKind::Person => {
                issued.push((subject.id, LiveRecord::decode(value).unwrap().challenge));
            }
            (What::Texted { to, body }, Some(call)) => {
                let made = &stage.made[call];
                assert_eq!(Some(*to), binding(stage, &made.person).phone, "I6: a text to somebody else");
                let known = |(record, live): &&(Pseudonym, LiveChallenge)| {
                    *record == made.record(stage) && body.contains(&code(stage, &made.person, live))
                };
                let (_, live) =
                    issued.iter().rfind(known).expect("I4: a text of a challenge that was never put");
                assert!(entry.at < live.expires_at, "I4: a text of a dead code");
                texts.push(Text { place, at: entry.at, made, live: *live });
            }
            _ => {}
        }
    }
    let (mut counts, mut gaps) = (BTreeMap::<String, Vec<(Timestamp, u64)>>::new(), BTreeMap::new());
    for text in &texts {
        let phone = text.made.person.phone.unwrap();
        let (rule, terms) = policy.destinations().find(&phone).unwrap();
        for whose in
            [format!("phone {}", phone.e164()), format!("prefix {}", &phone.e164()[1..8]), "all".to_owned()]
        {
            counts.entry(whose).or_default().push((text.at, 1));
        }
        counts.entry("money".to_owned()).or_default().push((text.at, u64::from(terms.price)));
        counts.entry(format!("destination {rule}")).or_default().push((text.at, 1));
        gaps.entry(text.live.nonce).or_insert_with(Vec::new).push((text.at, 1));
    }
    for (whose, events) in &counts {
        let limits: Vec<(u64, Duration)> = match whose.split_once(' ') {
            Some(("phone", _)) => policy
                .sends_per_phone()
                .iter()
                .map(|(n, s)| (u64::from(*n), Duration::seconds(i64::from(*s))))
                .collect(),
            Some(("prefix", _)) => vec![(u64::from(policy.sends_per_prefix_per_hour()), Duration::HOUR)],
            Some((_, rule)) => {
                let terms = policy.destinations().allowed().find(|(prefix, _)| *prefix == rule).unwrap().1;
                vec![(terms.per_day.map_or(u64::MAX, u64::from), Duration::DAY)]
            }
            None if whose == "money" => vec![(policy.budget_per_day().unwrap_or(u64::MAX), Duration::DAY)],
            None => vec![(u64::from(policy.sends_per_day()), Duration::DAY)],
        };
        for (most, window) in limits {
            at_most(most, window, events, &format!("I4: texts, {whose}"));
        }
    }
    for (nonce, events) in &gaps {
        at_most(1, policy.resend_gap(), events, &format!("I4: the gap of {nonce:?}"));
        at_most(
            u64::from(policy.sends_per_challenge()),
            Duration::MAX,
            events,
            &format!("I4: texts of {nonce:?}"),
        );
    }
    one_tap_one_text(stage, entries, &texts);
}

/// A person gets two texts within the gap only if the first challenge was answered or its tries were used up (I4).
fn one_tap_one_text(stage: &Stage, entries: &[Entry], texts: &[Text<'_>]) {
    let policy = &stage.watched.world.policy;
    for (place, second) in texts.iter().enumerate() {
        let same = |first: &&Text<'_>| first.made.record(stage) == second.made.record(stage);
        let Some(first) = texts[..place].iter().rfind(same) else { continue };
        let close = (second.at - first.at).abs() < policy.resend_gap();
        // Where a code serves only its own request, another request has a text of its own.
        let request = |text: &Text<'_>| (text.made.sign_in, text.made.after);
        let put = |entry: &Entry| match (&entry.what, entry.call) {
            (What::Wrote { value, .. }, Some(call)) => LiveRecord::decode(value)
                .filter(|record| record.challenge.nonce == second.live.nonce)
                .map(|_| (stage.made[call].sign_in, stage.made[call].after)),
            _ => None,
        };
        // So has one that finds the challenge of another request in its own one's place.
        let maker = entries.iter().find_map(put);
        let other = policy.join_window().is_some()
            && (request(first) != request(second) || maker.is_some_and(|maker| maker != request(first)));
        if !close || other || first.live.nonce == second.live.nonce {
            continue;
        }
        // Either one: a resend of the old challenge may be on its way while its answer makes room for the new.
        let done = [first.live.nonce, second.live.nonce]
            .iter()
            .any(|nonce| is_done(policy, &entries[..second.place], *nonce));
        assert!(
            done,
            "I4: two texts for one tap, at {} and {}, of challenges made at {} and {}",
            first.at, second.at, first.live.issued_at, second.live.issued_at
        );
    }
}

/// Whether a challenge was redeemed, or its tries used up.
fn is_done(policy: &Policy, entries: &[Entry], nonce: Nonce) -> bool {
    let mut tries = BTreeSet::new();
    entries.iter().any(|entry| match &entry.what {
        What::Wrote { value, .. } => LiveRecord::decode(value)
            .is_some_and(|r| r.challenge.nonce == nonce && matches!(r.state, LiveState::Redeemed { .. })),
        What::Billed { id, charges, refused }
            if charges.len() > 2 && charges[0].cost == 1 && *refused != Some(0) =>
        {
            if name_of(charges[0].key.subject) == name(nonce) {
                tries.insert(*id.as_bytes());
            }
            tries.len() >= usize::from(policy.tries_per_challenge())
        }
        _ => false,
    })
}
