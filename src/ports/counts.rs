//! How the charges of one subject are paid in bytes that a ledger keeps: the same arithmetic for every ledger that keeps bytes.

use super::{Admission, Charge, Standing, StoreError};
use crate::{
    limits::{Answer, Payer, Room, Tally, blob},
    types::Timestamp,
};

/// Where counts are written before they are put in place.
#[derive(Default)]
pub(crate) struct Scratch {
    blob: Vec<u8>,
    next: Vec<u8>,
}

impl Scratch {
    pub(crate) const fn new() -> Self {
        Self { blob: Vec::new(), next: Vec::new() }
    }

    /// The counts as they are once paid: after [`Payment::Paid`].
    pub(crate) fn paid(&self) -> &[u8] {
        &self.blob
    }
}

/// What came of the charges of one subject.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Payment {
    /// Nothing was left to pay.
    Nothing,
    /// They are paid; the counts are dead at this millisecond.
    Paid(u64),
    /// One did not fit, and none is paid.
    Refused,
}

/// Pays the charges of one subject, of which the first is the call's charge number `first`, together or not at all.
///
/// `before` and `dead_at` are what is kept of the subject: no bytes and 0 if nothing is. `time` is the moment that counts, `now` the caller's.
///
/// # Errors
/// [`StoreError::Corrupt`] if the bytes are no counts.
pub(crate) fn pay_all(
    (before, mut dead_at): (&[u8], u64),
    payer: Payer,
    (first, charges): (usize, &[Charge]),
    (time, now): (u64, Timestamp),
    admission: &mut Admission,
    scratch: &mut Scratch,
) -> Result<Payment, StoreError> {
    let (mut refused, mut paid) = (false, false);
    for (number, charge) in (first..).zip(charges) {
        let blob = if paid { &scratch.blob } else { before };
        let (answer, room, dies_at) =
            pay(charge, payer, blob, time, &mut scratch.next).ok_or_else(unreadable)?;
        admission.note(number, standing(room, now));
        match answer {
            Answer::Settled => {}
            Answer::Fits => {
                dead_at = dead_at.max(dies_at);
                core::mem::swap(&mut scratch.blob, &mut scratch.next);
                paid = true;
            }
            Answer::Wait(retry_at) => {
                admission.refuse(number, retry_at);
                refused = true;
                break;
            }
        }
    }
    if refused || names_one_quota_twice(charges) {
        // What was noted is not how they stand after the call.
        let after = if refused || !paid { before } else { &scratch.blob };
        for (number, charge) in (first..).zip(charges) {
            let cut = blob::cut(after, blob::tag(&charge.key.quota));
            let room = cut.and_then(|cut| Tally::read(&charge.key.quota, cut.counts, time)?.room_beside(0));
            admission.note(number, standing(room.ok_or_else(unreadable)?, now));
        }
    }
    Ok(match (refused, paid) {
        (true, _) => Payment::Refused,
        (false, false) => Payment::Nothing,
        (false, true) => Payment::Paid(dead_at),
    })
}

/// About what a payment adds to a blob.
const A_PAYMENT: usize = 64;

/// Whether `charge` can be paid, what is then left, and when it is dead; if it can, `next` is the blob with it paid.
/// `None` if the blob is unreadable.
fn pay(
    charge: &Charge,
    payer: Payer,
    blob: &[u8],
    time: u64,
    next: &mut Vec<u8>,
) -> Option<(Answer, Room, u64)> {
    let (quota, tag) = (&charge.key.quota, blob::tag(&charge.key.quota));
    let cut = blob::cut(blob, tag)?;
    let tally = Tally::read(quota, cut.counts, time)?;
    let answer = tally.ask(payer, charge.cost)?;
    if answer != Answer::Fits {
        return Some((answer, tally.room_beside(0)?, 0));
    }
    next.clear();
    next.reserve(blob.len() + A_PAYMENT);
    next.extend_from_slice(cut.front);
    let dead_at = blob::push_section(next, tag, |out| tally.write_paid(payer, charge.cost, out))?;
    next.extend_from_slice(cut.back);
    Some((answer, tally.room_beside(charge.cost)?, dead_at))
}

fn standing(room: Room, now: Timestamp) -> Standing {
    Standing::new(room.remaining, room.more_at.unwrap_or(now))
}

fn names_one_quota_twice(charges: &[Charge]) -> bool {
    let mut rest = charges;
    while let [charge, others @ ..] = rest {
        let tag = blob::tag(&charge.key.quota);
        if others.iter().any(|other| blob::tag(&other.key.quota) == tag) {
            return true;
        }
        rest = others;
    }
    false
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("the counts of a subject".into())
}
