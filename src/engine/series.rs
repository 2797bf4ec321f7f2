//! Failures in a row: the series they are counted in, what is charged to it, and how a success starts the next.

use time::Duration;

use super::call::Call;
use crate::{
    ports::{ActId, Admission, Charge, Occurrence, OnlyIf, Put, Standing, Subject, SubjectKind},
    types::{Pseudonym, StepName, Timestamp},
};

/// A success keeps a series of which no more than one part in so many is used: that part may hold right answers too, so
/// the cap is reached after nine tenths of it at the earliest, and never later than it says.
const HARDLY: u64 = 10;

/// How long the record of a series is used before it is renewed. Long, as that is a write; it lives so much longer.
const SERIES_YOUNG: Duration = Duration::days(30);

/// The series of consecutive failures that somebody is in.
#[derive(Debug)]
pub(super) struct Series {
    /// Where its record is.
    place: Subject,
    /// Whom failures are charged to.
    subject: Subject,
    /// The record as it was read.
    record: Option<Vec<u8>>,
}

impl Call<'_> {
    /// Whose failures at this step are counted together: at codes the number's, since a one-step sign-in names no account, and one
    /// number may be signed up many times; at a host's own step the account's at that step, whose secret it is. So no success
    /// forgives failures at another step.
    pub(super) fn series_place(&self, step: StepName) -> Subject {
        let name = if step == StepName::sms_code() {
            self.names.phone
        } else {
            self.engine.keys.pseudonym(b"step", &[self.names.account.as_bytes(), step.as_bytes()])
        };
        Subject::new(SubjectKind::Series, name)
    }

    /// The series of consecutive failures at a step. Reads by a swap that cannot succeed: no series is empty. Whoever finds
    /// its record old renews it, since successes may have kept it: a record that died before what is charged to its series
    /// would let the failures begin anew.
    pub(super) async fn series(&self, step: StepName) -> Option<Series> {
        self.read_series(self.series_place(step)).await
    }

    async fn read_series(&self, place: Subject) -> Option<Series> {
        let mut record = match self.put(place, b"", self.started, OnlyIf::Is(b"")).await? {
            Put::Done => None,
            Put::Held(record) => record,
        };
        if let Some(old) = record.as_deref()
            && let Some((id, written)) = read_series(old)
            && written + SERIES_YOUNG <= self.now()?
        {
            let now = self.now()?;
            record = match self.put_series(place, &id, OnlyIf::Is(old), now).await? {
                Put::Done => Some(write_series(&id, now)),
                Put::Held(other) => other,
            };
        }
        let id = record.as_deref().and_then(read_series);
        let id = id.map_or(place.id, |(id, _)| Pseudonym::from_bytes(id));
        Some(Series { place, subject: Subject::new(SubjectKind::Series, id), record })
    }

    /// Pays for comparing one answer: `bill` for the series, which stands at `failures` in it. Says which series
    /// paid, and what the ledger said.
    ///
    /// A series that is used up may have been closed by a success since it was read: then its successor pays. What the bill
    /// has before it is the same act, and is not paid twice.
    pub(super) async fn pay_answer<const N: usize>(
        &self,
        id: ActId,
        series: Series,
        bill: impl Fn(Subject) -> [Charge; N],
        failures: usize,
    ) -> Option<(Series, Admission)> {
        let said = self.charge(id, &bill(series.subject), self.deadline).await?;
        if said.refused().is_none_or(|refusal| refusal.which != failures) {
            return Some((series, said));
        }
        let newest = self.read_series(series.place).await?;
        if newest.subject == series.subject {
            return Some((series, said));
        }
        let said = self.charge(id, &bill(newest.subject), self.deadline).await?;
        Some((newest, said))
    }

    /// After a success the failures at its step begin anew. A series that is hardly used is kept, `failures` being how it
    /// stands: most sign-ins then cost no
    /// randomness and no write, and leave no dead series behind.
    pub(super) async fn succeed(&self, series: &Series, failures: Option<Standing>) {
        let cap = self.cap();
        let is_hardly_used = failures.is_some_and(|standing| standing.remaining >= cap - cap / HARDLY);
        let left = failures.map_or(cap, |standing| standing.remaining);
        if !is_hardly_used && self.start_series(series, left).await.is_none() {
            self.note(Occurrence::SeriesNotReset); // stricter, not laxer: the failures go on counting
        }
    }

    /// Starts a new series, unless somebody did meanwhile, and closes the old one, of which at most `left` is unused.
    pub(super) async fn start_series(&self, series: &Series, left: u64) -> Option<Put> {
        let mut id = [0; 16];
        if self.engine.entropy.fill(&mut id).is_err() {
            self.note(Occurrence::EntropyFailed);
            return None;
        }
        let only_if = series.record.as_deref().map_or(OnlyIf::Absent, OnlyIf::Is);
        let mut put = self.put_series(series.place, &id, only_if, self.now()?).await?;
        // A client that repeated its request on the way finds its own.
        if let Put::Held(Some(held)) = &put
            && read_series(held).is_some_and(|(there, _)| there == id)
        {
            put = Put::Done;
        }
        if put == Put::Done {
            self.close(series, ActId::from_bytes(id), left).await;
        }
        Some(put)
    }

    /// Uses up a series that another has replaced: an answer that read the old record and is charged from now on must
    /// find the new one, or it would be compared on what the success should have ended.
    ///
    /// After the swap, since a process may stop between the two: the other way about, that would lock the owner out.
    async fn close(&self, series: &Series, id: ActId, mut left: u64) {
        while left > 0 {
            let bill = [Charge::new(series.subject, self.engine.quotas.failures, left)];
            let Some(said) = self.charge(id, &bill, self.deadline).await else { return };
            if said.refused().is_none() {
                return;
            }
            // Others paid since; each turn finds less.
            left = said.standing(0).map_or(0, |standing| standing.remaining).min(left - 1);
        }
    }

    /// The record outlives what is charged to its series while it is young.
    async fn put_series(
        &self,
        place: Subject,
        id: &[u8; 16],
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Option<Put> {
        let dead_at = now + SERIES_YOUNG + self.engine.quotas.failures.memory();
        self.put(place, &write_series(id, now), dead_at, only_if).await
    }

    /// How many failures in a row a series holds.
    pub(super) fn cap(&self) -> u64 {
        u64::from(self.engine.policy.consecutive_failures())
    }
}

/// A series' record: its id, and when that was written, in milliseconds.
fn write_series(id: &[u8; 16], written: Timestamp) -> Vec<u8> {
    [id.as_slice(), &written.as_unix_millis().to_be_bytes()].concat()
}

/// `None` if it is no such record. One without its moment is as old as can be.
fn read_series(record: &[u8]) -> Option<([u8; 16], Timestamp)> {
    let (id, written) = record.split_first_chunk()?;
    let written = written.try_into().map(i64::from_be_bytes).unwrap_or_default();
    Some((*id, Timestamp::from_unix_millis(written)))
}
