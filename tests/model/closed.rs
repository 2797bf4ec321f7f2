//! Invariant I9 (*closed*): what is not paid, or cannot be, is not done.

use std::collections::BTreeMap;

use custom_auth::{LiveChallenge, LiveRecord, LiveState, Occurrence, SubjectKind};

use crate::{
    common::{
        bill::{Heard, Name, name},
        spy::{Entry, What},
    },
    reference::code,
    script::Weather,
    stage::Stage,
};

pub(crate) fn closed(stage: &Stage, entries: &[Entry]) {
    paid_for(stage, entries);
    for (weather, stretch) in &stage.storms {
        for entry in &entries[stretch.clone()] {
            still(*weather, &entry.what);
        }
    }
}

/// No text and no comparison but on a whole bill, for that very challenge, that this call itself heard was paid.
fn paid_for(stage: &Stage, entries: &[Entry]) {
    let policy = &stage.watched.world.policy;
    let mut heard = Heard::default();
    let mut issued: BTreeMap<Name, LiveChallenge> = BTreeMap::new();
    for entry in entries {
        if let What::Wrote { subject, value, .. } = &entry.what
            && subject.kind == SubjectKind::Person
        {
            let live = LiveRecord::decode(value).expect("a record").challenge;
            issued.insert(name(live.nonce), live);
        }
        let Some(call) = entry.call else { continue };
        let made = || &stage.made[call];
        match &entry.what {
            What::HeardPaid { charges } => heard.paid(call, charges),
            What::Texted { to, body } => {
                let challenge = heard.text(call, policy, to, &format!("{:?}", made()));
                let live = issued.get(&challenge).expect("I9: paid for a challenge that was never put");
                let code = code(stage, &made().person, live);
                assert!(body.contains(&code), "I9: paid for another challenge's text: {:?}", made());
            }
            What::Noted(Occurrence::AnswerWrong) | What::WentToRedeem => {
                let challenge = heard.comparison(call, &format!("{:?}", made()));
                let asked = made().asked.as_ref().and_then(|(round, _)| round.challenge);
                assert_eq!(
                    Some(challenge),
                    asked.map(|live| name(live.nonce)),
                    "I9: paid on another: {:?}",
                    made()
                );
            }
            _ => {}
        }
    }
}

/// With the whole ledger down nothing is compared, sent or issued. Without randomness nothing new is issued and nothing
/// sent; what was texted before may still let in.
fn still(weather: Weather, what: &What) {
    use Occurrence as O;
    let new = |value: &[u8]| LiveRecord::decode(value).is_some_and(|record| record.state == LiveState::Open);
    let issues = matches!(what, What::Wrote { subject, value, .. }
        if subject.kind == SubjectKind::Person && new(value));
    let sends = matches!(what, What::Texted { .. } | What::Noted(O::CodeSent));
    let compares = matches!(
        what,
        What::WentToRedeem | What::Noted(O::AnswerWrong | O::AnswerAcceptedAgain | O::AnswerAfterRedemption)
    );
    let lets_in = matches!(what, What::Noted(O::AnswerAccepted | O::TokensIssued));
    match weather {
        Weather::Down => {
            assert!(!(issues || sends || compares || lets_in), "I9: with the ledger down: {what:?}");
        }
        Weather::NoRandomness => assert!(!(issues || sends), "I9: without randomness: {what:?}"),
        Weather::Fair | Weather::Fault(..) | Weather::Sender(_) => {}
    }
}
