//! What must have been paid before anything is done, for every suite that judges invariant I9.
#![allow(dead_code, unreachable_pub)] // each suite uses its own part

use std::collections::BTreeMap;

use custom_auth::{Charge, Nonce, PhoneNumber, Policy, QuotaName, Subject, SubjectKind};

/// What every text must have paid, beside what only some policies ask for.
const OF_A_TEXT: [(SubjectKind, QuotaName); 5] = [
    (SubjectKind::Challenge, QuotaName::Sends),
    (SubjectKind::Challenge, QuotaName::Texted),
    (SubjectKind::Phone, QuotaName::Sends),
    (SubjectKind::Prefix, QuotaName::Sends),
    (SubjectKind::Everybody, QuotaName::Sends),
];

/// What every comparison must have paid.
const OF_AN_ANSWER: [(SubjectKind, QuotaName); 4] = [
    (SubjectKind::Challenge, QuotaName::Tries),
    (SubjectKind::Phone, QuotaName::Guesses),
    (SubjectKind::Account, QuotaName::Guesses),
    (SubjectKind::Series, QuotaName::Failures),
];

/// What a challenge is called in the ledger: the most of its nonce.
pub type Name = [u8; 12];

pub fn name(nonce: Nonce) -> Name {
    *nonce.as_bytes().first_chunk().unwrap()
}

/// Behind the second that the challenge was made in.
pub fn name_of(challenge: Subject) -> Name {
    *challenge.id.as_bytes().last_chunk().unwrap()
}

/// What each call heard was paid and has not used up yet.
#[derive(Debug, Default)]
pub struct Heard(BTreeMap<usize, Vec<Charge>>);

impl Heard {
    /// The call heard that these were paid.
    pub fn paid(&mut self, call: usize, charges: &[Charge]) {
        self.0.entry(call).or_default().extend(charges);
    }

    /// The call sends a text, and what it heard is used up. The challenge that was paid for.
    pub fn text(&mut self, call: usize, policy: &Policy, to: &PhoneNumber, told: &str) -> Name {
        let (_, terms) = policy.destinations().find(to).expect("I9: a text to where none may go");
        let price = u64::from(if policy.budget_per_day().is_some() { terms.price } else { 0 });
        let capped = terms.per_day.map(|_| (SubjectKind::Destination, QuotaName::Sends, 1));
        let priced = (price > 0).then_some((SubjectKind::Everybody, QuotaName::Money, price));
        let every = OF_A_TEXT.map(|(kind, name)| (kind, name, 1));
        self.use_up(call, every.into_iter().chain(capped).chain(priced), &format!("a text: {told}"))
    }

    /// The call compares an answer, and what it heard is used up. The challenge that was paid for.
    pub fn comparison(&mut self, call: usize, told: &str) -> Name {
        let every = OF_AN_ANSWER.map(|(kind, name)| (kind, name, 1));
        self.use_up(call, every.into_iter(), &format!("a comparison: {told}"))
    }

    fn use_up(
        &mut self,
        call: usize,
        wanted: impl Iterator<Item = (SubjectKind, QuotaName, u64)>,
        told: &str,
    ) -> Name {
        let bill = self.0.remove(&call).unwrap_or_default();
        let mut challenges = Vec::new();
        for (kind, name, cost) in wanted {
            let key = |charge: &&Charge| (charge.key.subject.kind, charge.key.quota.name) == (kind, name);
            // The newest: a challenge that turned out to be used up was paid for before the one in its place.
            let paid = bill.iter().filter(key).rfind(|charge| charge.cost == cost);
            let paid = paid.unwrap_or_else(|| panic!("I9: {name:?} of {kind:?} was not paid for {told}"));
            if kind == SubjectKind::Challenge {
                challenges.push(name_of(paid.key.subject));
            }
        }
        assert!(challenges.iter().all(|one| *one == challenges[0]), "I9: two challenges paid for {told}");
        challenges[0]
    }
}
