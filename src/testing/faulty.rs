//! Ports that fail on demand.

use core::fmt::Debug;

use async_trait::async_trait;

use super::{Fault, fault::Plan};
use crate::{
    ports::{
        ActId, Admission, Charge, CreateUser, DeleteUser, Foresight, Ledger, NewUser, OnlyIf, Put, SendError,
        SendReceipt, SmsMessage, SmsSender, StoreError, Subject, Subscriber, Unproven, UserPage, UserStore,
    },
    types::{Password, PasswordVerifier, PhoneNumber, Timestamp},
};

/// A [`Ledger`], [`SmsSender`] or [`UserStore`] that counts its calls, fails those it was told to fail, and steps aside
/// ([`yield_now`](super::yield_now)) before and after each, so that in an [`Interleaving`](super::Interleaving) every
/// call is a place for others to step in. Clones share the count and the plan.
///
/// To fail every call of some act, one run each, for n = 1, 2, … until a run makes fewer than n calls:
///
/// ```
/// use custom_auth::testing::{Fault, Faulty, ManualClock, RecordingSms, run};
/// use custom_auth::{SmsBody, SmsMessage, SmsSender as _, Timestamp};
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let message = SmsMessage::new("+919999900001".parse()?, SmsBody::new("482913".to_owned()));
/// for nth in 1.. {
///     let sms = Faulty::new(RecordingSms::new()).failing(nth, Fault::DoneButReportedFailed);
///     let answer = run(&clock, sms.send(&message)); // the act under test
///     if sms.calls() < nth {
///         assert!(answer.is_ok()); // nothing failed: every call has had its turn
///         break;
///     }
///     assert!(answer.is_err());
///     assert_eq!(sms.inner().count(), 1);
/// }
/// # Ok::<(), custom_auth::ParsePhoneNumberError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Faulty<T> {
    inner: T,
    plan: Plan,
}

impl<T> Faulty<T> {
    /// Wraps `inner`; nothing fails yet.
    #[must_use]
    pub fn new(inner: T) -> Self {
        Self { inner, plan: Plan::default() }
    }

    /// Fails the `nth` call (from 1), beside those already told.
    #[must_use]
    pub fn failing(self, nth: u64, fault: Fault) -> Self {
        self.plan.fail(nth, fault);
        self
    }

    /// Fails the `nth` call (from 1, since the beginning), beside those already told.
    pub fn fail(&self, nth: u64, fault: Fault) {
        self.plan.fail(nth, fault);
    }

    /// Fails the next call.
    pub fn fail_next(&self, fault: Fault) {
        self.plan.fail_next(fault);
    }

    /// Whether every call fails from now on, as by [`Fault::Error`].
    pub fn down(&self, down: bool) {
        self.plan.down(down);
    }

    /// How many calls were begun, failed ones too; one that is done twice counts once.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.plan.calls()
    }

    /// What is wrapped. Calls made on it are neither counted nor failed.
    pub const fn inner(&self) -> &T {
        &self.inner
    }
}

#[async_trait]
impl<T: Ledger> Ledger for Faulty<T> {
    async fn charge(&self, id: ActId, charges: &[Charge], now: Timestamp) -> Result<Admission, StoreError> {
        self.plan.disturb(|| self.inner.charge(id, charges, now)).await
    }

    async fn put(
        &self,
        subject: Subject,
        value: &[u8],
        dead_at: Timestamp,
        only_if: OnlyIf<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.plan.disturb(|| self.inner.put(subject, value, dead_at, only_if, now)).await
    }

    // Does nothing, so nothing can go wrong with it.
    fn foresee<'a>(&'a self, id: ActId, charges: &'a [Charge]) -> Option<Foresight<'a>> {
        self.inner.foresee(id, charges)
    }
}

#[async_trait]
impl<T: SmsSender> SmsSender for Faulty<T> {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        self.plan.disturb(|| self.inner.send(message)).await
    }
}

#[async_trait]
impl<T: UserStore> UserStore for Faulty<T> {
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.find_by_phone(phone)).await
    }

    async fn find_by_name(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.find_by_name(user_name)).await
    }

    async fn create(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        self.plan.disturb(|| self.inner.create(user.clone())).await
    }

    async fn confirm(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.confirm(user_name)).await
    }

    async fn mark_phone_verified(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.mark_phone_verified(user_name, phone)).await
    }

    async fn change_phone(
        &self,
        user_name: &str,
        from: &PhoneNumber,
        to: &PhoneNumber,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.change_phone(user_name, from, to)).await
    }

    async fn release_phone(
        &self,
        user_name: &str,
        phone: &PhoneNumber,
        last_success: Option<Timestamp>,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.release_phone(user_name, phone, last_success)).await
    }

    async fn replace_password(
        &self,
        user_name: &str,
        password: &Password,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.replace_password(user_name, password)).await
    }

    async fn has_password(&self, user_name: &str, password: &Password) -> Result<bool, StoreError> {
        self.plan.disturb(|| self.inner.has_password(user_name, password)).await
    }

    async fn password_verifier(&self, user_name: &str) -> Result<Option<PasswordVerifier>, StoreError> {
        self.plan.disturb(|| self.inner.password_verifier(user_name)).await
    }

    async fn revoke_tokens(&self, user_name: &str, now: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.revoke_tokens(user_name, now)).await
    }

    async fn note_success(&self, user_name: &str, at: Timestamp) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.note_success(user_name, at)).await
    }

    async fn delete_if(&self, user_name: &str, unproven: Unproven) -> Result<DeleteUser, StoreError> {
        self.plan.disturb(|| self.inner.delete_if(user_name, unproven)).await
    }

    async fn delete(&self, user_name: &str) -> Result<Option<Subscriber>, StoreError> {
        self.plan.disturb(|| self.inner.delete(user_name)).await
    }

    async fn list_unproven(
        &self,
        unproven: Unproven,
        before: Timestamp,
        page: Option<&str>,
        at_most: usize,
    ) -> Result<UserPage, StoreError> {
        self.plan.disturb(|| self.inner.list_unproven(unproven, before, page, at_most)).await
    }
}

#[cfg(test)]
mod tests {
    use core::{
        future::{Future, poll_fn},
        sync::atomic::{AtomicU32, Ordering},
        task::Poll,
    };
    use std::{pin::Pin, sync::Arc};

    use time::Duration;

    use super::*;
    use crate::{
        adapters::MemoryUsers,
        ports::{Clock as _, SubjectKind, UserStatus},
        testing::{Interleaving, ManualClock, RecordingSms, interleave, run},
        types::{Pseudonym, SmsBody},
    };

    fn message() -> SmsMessage {
        SmsMessage::new("+919999900001".parse().expect("a number"), SmsBody::new("482913".to_owned()))
    }

    fn clock() -> ManualClock {
        ManualClock::new(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_send_is_done_or_not_as_the_fault_says() {
        let send = |fault| {
            let sms = Faulty::new(RecordingSms::new()).failing(1, fault);
            let answer = run(&clock(), sms.send(&message()));
            (answer, sms.inner().count(), sms.calls())
        };
        assert!(matches!(send(Fault::Error), (Err(SendError::TryAnother(_)), 0, 1)));
        assert!(matches!(send(Fault::DoneButReportedFailed), (Err(SendError::Unknown(_)), 1, 1)));
        assert!(matches!(send(Fault::DoneTwice), (Ok(_), 2, 1)));
    }

    #[test]
    fn a_call_that_times_out_is_ended_by_the_callers_deadline_only() {
        let clock = clock();
        let sms = Faulty::new(RecordingSms::new()).failing(1, Fault::NotDoneAndTimedOut);
        let message = message();
        let answer = run(&clock, async {
            let mut send = sms.send(&message);
            let mut deadline = clock.sleep_until(clock.now() + Duration::seconds(4));
            poll_fn(|context| match send.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
            })
            .await
        });
        assert!(answer.is_none());
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + Duration::seconds(4));
        assert_eq!((sms.inner().count(), sms.calls()), (0, 1));
    }

    #[test]
    fn a_caller_can_die_before_and_after_its_call_is_done() {
        let clock = clock();
        let message = message();
        let die_at = |poll| {
            let sms = Faulty::new(RecordingSms::new());
            let ends = Interleaving::new(&clock, 0).crash_at(0, poll).run(vec![sms.send(&message)]);
            (sms.calls(), sms.inner().count(), ends.iter().flatten().count())
        };
        assert_eq!([1, 2, 3, 4].map(die_at), [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]);
    }

    #[test]
    fn only_the_calls_that_were_named_fail() {
        let sms = Faulty::new(RecordingSms::new()).failing(2, Fault::Error).failing(4, Fault::Error);
        let send = || run(&clock(), sms.send(&message())).is_ok();
        assert_eq!([send(), send(), send(), send(), send()], [true, false, true, false, true]);
        sms.fail_next(Fault::Error);
        assert_eq!([send(), send()], [false, true]);
        sms.clone().down(true);
        assert_eq!([send(), send()], [false, false]);
        sms.down(false);
        assert!(send());
        assert_eq!(sms.calls(), 10);
    }

    #[test]
    fn an_account_that_was_made_though_it_was_reported_failed_is_there() {
        let make = |fault| {
            let users = Faulty::new(MemoryUsers::new()).failing(1, fault);
            let user =
                NewUser::new("u".to_owned(), message().to, UserStatus::Unconfirmed, Timestamp::UNIX_EPOCH);
            let answer = run(&clock(), users.create(user));
            (answer, run(&clock(), users.find_by_name("u")).expect("the second call succeeds").is_some())
        };
        assert!(matches!(make(Fault::Error), (Err(StoreError::Unavailable(_)), false)));
        assert!(matches!(make(Fault::DoneButReportedFailed), (Err(StoreError::Unavailable(_)), true)));
        assert!(matches!(make(Fault::DoneTwice), (Ok(CreateUser::Exists(_)), true)));
    }

    /// Counts what reaches it.
    #[derive(Debug, Default)]
    struct Reached {
        charges: AtomicU32,
        puts: AtomicU32,
    }

    #[async_trait]
    impl Ledger for Reached {
        async fn charge(&self, _: ActId, _: &[Charge], _: Timestamp) -> Result<Admission, StoreError> {
            self.charges.fetch_add(1, Ordering::Relaxed);
            Ok(Admission::new())
        }
        async fn put(
            &self,
            _: Subject,
            _: &[u8],
            _: Timestamp,
            _: OnlyIf<'_>,
            _: Timestamp,
        ) -> Result<Put, StoreError> {
            self.puts.fetch_add(1, Ordering::Relaxed);
            Ok(Put::Done)
        }
    }

    #[test]
    fn both_operations_of_a_ledger_are_counted_and_fail() {
        for (fault, reached) in [(Fault::Error, 0), (Fault::DoneButReportedFailed, 1), (Fault::DoneTwice, 2)]
        {
            let clock = clock();
            let ledger = Faulty::new(Reached::default()).failing(1, fault).failing(3, fault);
            let charge = || run(&clock, ledger.charge(ActId::from_bytes([0; 16]), &[], clock.now())).is_ok();
            let subject = Subject::new(SubjectKind::Token, Pseudonym::from_bytes([0; 16]));
            let put =
                || run(&clock, ledger.put(subject, b"", clock.now(), OnlyIf::Absent, clock.now())).is_ok();
            let ok = fault == Fault::DoneTwice;
            assert_eq!([charge(), put(), put(), charge()], [ok, true, ok, true], "{fault:?}");
            let reach = |count: &AtomicU32| count.load(Ordering::Relaxed);
            assert_eq!(
                (reach(&ledger.inner().charges), reach(&ledger.inner().puts)),
                (1 + reached, 1 + reached)
            );
            assert_eq!(ledger.calls(), 4);
        }
    }

    #[test]
    fn a_caller_that_asks_and_then_acts_is_caught_between_the_two() {
        // Two callers sign up "if absent" in two steps. On a port that never waits, no order of events shows the race.
        let both_saw_nothing = |seed| {
            let clock = clock();
            let users = Faulty::new(Arc::new(MemoryUsers::new()));
            let caller = |name: &'static str| {
                let users = users.clone();
                Box::pin(async move {
                    let phone = message().to;
                    if users.find_by_phone(&phone).await.expect("no fault").is_some() {
                        return false;
                    }
                    let user =
                        NewUser::new(name.to_owned(), phone, UserStatus::Unconfirmed, Timestamp::UNIX_EPOCH);
                    drop(users.create(user).await.expect("no fault"));
                    true
                }) as Pin<Box<dyn Future<Output = bool>>>
            };
            interleave(&clock, seed, vec![caller("a"), caller("b")]) == [true, true]
        };
        let caught = (0..100).filter(|seed| both_saw_nothing(*seed)).count();
        assert!((10..95).contains(&caught), "{caught} of 100 seeds");
    }
}
