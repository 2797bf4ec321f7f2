//! What an act costs: its charges, narrow to wide.

use super::call::Call;
use crate::{
    limits::{Quota, Quotas},
    ports::{Admission, Charge, Standing, Subject, SubjectKind},
    types::{LiveChallenge, PhoneNumber, Pseudonym},
};

/// Where the parts of a bill stand in its answer.
pub(super) mod place {
    /// Tries and texts of the challenge and texts to the phone, in the bill of a text.
    pub(in super::super) const PAID: [usize; 3] = [0, 1, 2];
    /// The same, in the bill that asks about a challenge that was there.
    pub(in super::super) const JOINED: [usize; 3] = [1, 2, 0];
    /// Tries of the challenge, in a bill of the challenge alone.
    pub(in super::super) const TRIES: usize = 0;
    /// Texts of the challenge that every quota admitted, in an answer's bill.
    pub(in super::super) const TEXTED: usize = 1;
    /// Failures in a row, in an answer's bill.
    pub(in super::super) const ANSWER_FAILURES: usize = 4;
    /// Failures in a row, in the bill of a step of the host's own.
    pub(in super::super) const GUESS_FAILURES: usize = 2;
}

/// How what a round shows stands; what was not told is `None`.
pub(super) struct Standings {
    /// Tries of the challenge.
    pub(super) tries: Option<Standing>,
    /// Texts of the challenge.
    pub(super) texts: Option<Standing>,
    /// Texts to the phone.
    pub(super) phone: Option<Standing>,
}

impl Standings {
    /// Reads them off the answer to a bill that has them at `places`.
    pub(super) fn of(said: &Admission, places: [usize; 3]) -> Self {
        let [tries, texts, phone] = places.map(|place| said.standing(place));
        Self { tries, texts, phone }
    }

    pub(super) fn tries_left(&self) -> u64 {
        self.tries.map_or(0, |tries| tries.remaining)
    }
}

fn challenge(live: &LiveChallenge) -> Subject {
    Subject::new(SubjectKind::Challenge, Pseudonym::in_order(live.issued_at, live.nonce.as_bytes()))
}

impl Call<'_> {
    const fn quotas(&self) -> &Quotas {
        &self.engine.quotas
    }

    /// Asks how many tries a challenge has left, and pays for `texts` of its texts, or asks with 0.
    pub(super) fn challenge_bill(&self, live: &LiveChallenge, texts: u64) -> [Charge; 2] {
        let subject = challenge(live);
        [
            Charge::new(subject, self.quotas().tries, 0),
            Charge::new(subject, self.quotas().challenge_sends, texts),
        ]
    }

    /// Pays for `texts` to the phone, or asks with 0.
    pub(super) const fn phone_bill(&self, texts: u64) -> [Charge; 1] {
        [Charge::new(self.phone(), self.quotas().phone_sends, texts)]
    }

    /// Pays for a text: the challenge and the phone.
    pub(super) fn text_bill(&self, live: &LiveChallenge) -> [Charge; 3] {
        let ([tries, sends], [phone]) = (self.challenge_bill(live, 1), self.phone_bill(1));
        [tries, sends, phone]
    }

    /// Asks how the phone and a challenge stand, and pays nothing.
    pub(super) fn joined_bill(&self, live: &LiveChallenge) -> [Charge; 3] {
        let ([tries, sends], [phone]) = (self.challenge_bill(live, 0), self.phone_bill(0));
        [phone, tries, sends]
    }

    /// What counts the failures in a row.
    pub(super) const fn failures(&self) -> &Quota {
        if self.decoy.is_some() { &self.quotas().decoy_failures } else { &self.quotas().failures }
    }

    /// Pays for comparing one answer: the challenge, the phone, the account, and the account's series of failures. Asks,
    /// at [`place::TEXTED`], whether the challenge was texted.
    pub(super) fn answer_bill(&self, live: &LiveChallenge, series: Subject) -> [Charge; 5] {
        let (subject, [phone, account, failures]) = (challenge(live), self.guess_bill(series));
        let tries = Charge::new(subject, self.quotas().tries, 1);
        [tries, Charge::new(subject, self.quotas().texted, 0), phone, account, failures]
    }

    /// Pays for one check of a step of the host's own that can be guessed.
    pub(super) fn guess_bill(&self, series: Subject) -> [Charge; 3] {
        [
            Charge::new(self.phone(), self.quotas().guesses, 1),
            Charge::new(self.account(), self.quotas().guesses, 1),
            Charge::new(series, *self.failures(), 1),
        ]
    }
}

/// The bill of what others pay too: as many charges as the policy has such limits.
pub(super) struct WideBill {
    charges: [Charge; MOST_WIDE],
    len: usize,
}

/// Prefix, destination, everybody twice, and that the challenge was texted.
const MOST_WIDE: usize = 5;

impl WideBill {
    fn new(first: Charge) -> Self {
        Self { charges: [first; MOST_WIDE], len: 1 }
    }

    fn add(&mut self, charge: Charge) {
        if let Some(place) = self.charges.get_mut(self.len) {
            *place = charge;
        }
        self.len += 1;
    }

    /// The charges; `None` if there are more than there is room for, which then pay for nothing and may do nothing.
    pub(super) fn charges(&self) -> Option<&[Charge]> {
        self.charges.get(..self.len)
    }
}

impl Call<'_> {
    /// Pays for what one text to `phone` takes from others: its prefix, its destination, everybody, and the budget. A
    /// bill of its own, since decoys do not pay it: that would be a free denial of service. Last, when all have admitted
    /// it, the challenge counts as texted.
    pub(super) fn wide_bill(&self, phone: &PhoneNumber, live: &LiveChallenge) -> WideBill {
        let mut bill = WideBill::new(Charge::new(prefix(phone), self.quotas().prefix_sends, 1));
        let mut price = 0;
        if let Some((rule, terms)) = self.destination {
            price = u64::from(terms.price);
            if let Some(quota) = Quotas::destination_sends(terms) {
                bill.add(Charge::new(destination(rule), quota, 1));
            }
        }
        let everybody = everybody();
        bill.add(Charge::new(everybody, self.quotas().all_sends, 1));
        if let Some(quota) = self.quotas().money {
            bill.add(Charge::new(everybody, quota, price));
        }
        bill.add(Charge::new(challenge(live), self.quotas().texted, 1));
        bill
    }
}

impl Call<'_> {
    /// All that a text would be charged to, for the ledger to look at. As many for a decoy, which has no prefix: the look takes it no less
    /// time.
    pub(super) fn text_in_view(&self, live: &LiveChallenge) -> [Charge; 6] {
        let [tries, sends, phone] = self.text_bill(live);
        let prefix = self
            .binding
            .phone
            .map_or_else(|| Subject::new(SubjectKind::Prefix, self.names.phone), |phone| prefix(&phone));
        let destination = destination(self.destination.map_or("", |(rule, _)| rule));
        let wide = |subject| Charge::new(subject, self.quotas().all_sends, 1);
        [tries, sends, phone, wide(prefix), wide(destination), wide(everybody())]
    }
}

/// Calling code and the next few digits. The last four digits stay out: the shortest numbers have seven in all, and the ledger sees none
/// whole.
fn prefix(phone: &PhoneNumber) -> Subject {
    let digits = phone.digits();
    Subject::new(
        SubjectKind::Prefix,
        plain(digits.get(..digits.len().saturating_sub(4).min(7)).unwrap_or_default()),
    )
}

fn destination(rule: &str) -> Subject {
    Subject::new(SubjectKind::Destination, plain(rule))
}

fn everybody() -> Subject {
    Subject::new(SubjectKind::Everybody, plain("everybody"))
}

/// A name that says nothing of a person, as it is: at most 16 bytes of it.
fn plain(name: &str) -> Pseudonym {
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    Pseudonym::from_bytes(bytes)
}
