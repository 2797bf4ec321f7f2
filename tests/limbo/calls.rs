//! The calls that are tried in every state.

use custom_auth::{
    Clock as _, CreateUser, NewUser, Password, Unproven, UserStatus, UserStore as _,
    pool::{Outcome, PoolError},
    testing::Fault,
};
use time::Duration;

use super::{
    people::{K, N, Who},
    world::{World, number},
};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Call {
    SignUp(Who),
    /// With the newest code, and the password that was given out, if there is one.
    Confirm(Who),
    /// With the newest code alone.
    ConfirmWithoutPassword(Who),
    ConfirmWrongly(Who),
    Resend,
    Continue(Who),
    Password(Who),
    Start(Who),
    SignIn(Who),
    Answer(Who),
    AnswerWrongly(Who),
    BeforeSignUp,
    Prepare,
    Sweep,
    /// A sweep or a recovery that looked before and deletes now.
    Look,
    DeleteWhatWasSeen,
    /// Signs N up with a password of one's own, confirmed at once: what Cognito does where Pre Sign-up says so.
    SignUpConfirmed(Who),
    /// Gives an account that this person is signed in to the number N.
    TakeNumber(Who),
    /// The owner's account gets the number K, read by the flatmate.
    GiveUpNumber,
    Minutes(i64),
    Days(i64),
}

/// A call, and at which call to the store it breaks off, if it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) crash: Option<(u64, Fault)>,
}

/// Every call that is tried.
pub(crate) fn calls() -> Vec<Call> {
    use Call as C;
    use Who::{Flatmate, Owner, Stranger};
    let each = [Owner, Flatmate].into_iter().flat_map(|who| {
        [
            C::SignUp(who),
            C::Confirm(who),
            C::ConfirmWithoutPassword(who),
            C::Continue(who),
            C::Password(who),
            C::Start(who),
            C::SignIn(who),
            C::Answer(who),
        ]
    });
    let others = [
        C::SignUp(Stranger),
        C::ConfirmWrongly(Stranger),
        C::Resend,
        C::Continue(Stranger),
        C::Password(Stranger),
        C::Start(Stranger),
        C::AnswerWrongly(Stranger),
        C::BeforeSignUp,
        C::Prepare,
        C::Sweep,
        C::Look,
        C::DeleteWhatWasSeen,
        C::SignUpConfirmed(Stranger),
        C::TakeNumber(Flatmate),
        C::TakeNumber(Stranger),
        C::GiveUpNumber,
        C::Minutes(6),
        C::Minutes(16),
        C::Days(8),
        C::Days(181),
    ];
    each.chain(others).collect()
}

impl Call {
    /// Whether it is tried with each of its calls to the store broken, too.
    pub(crate) const fn is_broken_too(self) -> bool {
        matches!(
            self,
            Self::Answer(Who::Owner)
                | Self::BeforeSignUp
                | Self::Confirm(Who::Owner)
                | Self::Continue(Who::Owner)
                | Self::GiveUpNumber
                | Self::Prepare
                | Self::SignUp(Who::Owner)
                | Self::Sweep
                | Self::TakeNumber(Who::Flatmate)
        )
    }
}

impl World {
    /// Makes the call, and says how often it asked the store. Half a minute passes before, so that no gap is in the way.
    pub(crate) fn make(&mut self, step: Step) -> u64 {
        self.clock.advance(Duration::seconds(31));
        let before = self.users.calls();
        if let Some((nth, fault)) = step.crash {
            self.users.fail(before + nth, fault);
        }
        self.call(step.call);
        let made = self.users.calls() - before;
        self.take_note();
        made
    }

    /// Whether these people have what the call takes; nothing comes of it if not.
    pub(crate) fn can(&self, call: Call) -> bool {
        let pocket = |who: Who| &self.pockets[who as usize];
        match call {
            Call::Confirm(_) | Call::ConfirmWrongly(_) | Call::Resend => self.sign_up_under_way().is_some(),
            Call::ConfirmWithoutPassword(who) => {
                !pocket(who).passwords.is_empty() && self.sign_up_under_way().is_some()
            }
            Call::Continue(who) => pocket(who).continuation.is_some(),
            Call::Password(who) => !pocket(who).passwords.is_empty(),
            Call::Answer(who) | Call::AnswerWrongly(who) => pocket(who).session.is_some(),
            Call::TakeNumber(who) => self.signed_in_to(who).is_some(),
            Call::GiveUpNumber => self.signed_in_to(Who::Owner).is_some(),
            Call::DeleteWhatWasSeen => !self.seen.is_empty(),
            Call::BeforeSignUp
            | Call::Days(_)
            | Call::Look
            | Call::Minutes(_)
            | Call::Prepare
            | Call::SignIn(_)
            | Call::Start(_)
            | Call::Sweep => true,
            // Any number of accounts may have the number where a verified one leads to it; two are enough.
            Call::SignUp(_) | Call::SignUpConfirmed(_) => {
                self.all().iter().filter(|account| account.phone.e164() == N).count() < 2
            }
        }
    }

    fn call(&mut self, call: Call) {
        let n = number(N);
        match call {
            Call::SignUp(who) => {
                if let Ok(done) = self.run(self.pool.sign_up(&n)) {
                    self.names.insert(done.account.user_name.clone());
                    self.pocket(who).passwords.push(done.password);
                }
            }
            Call::Confirm(who) => self.confirm(who, self.code(who, N), true),
            Call::ConfirmWithoutPassword(who) => self.confirm(who, self.code(who, N), false),
            Call::ConfirmWrongly(who) => self.confirm(who, None, true),
            Call::Resend => {
                if let Some(name) = self.sign_up_under_way() {
                    let _ = self.run(self.pool.resend_confirmation_code(&name));
                }
            }
            Call::Continue(who) => {
                if let Some(token) = self.pocket(who).continuation.take()
                    && let Ok(signed_in) = self.run(self.pool.continue_sign_in(&token))
                {
                    self.pocket(who).tokens.push(signed_in);
                }
            }
            Call::Password(who) => {
                for password in self.pocket(who).passwords.clone() {
                    if let Ok(signed_in) = self.run(self.pool.sign_in_with_password(N, &password)) {
                        self.pocket(who).tokens.push(signed_in);
                    }
                }
            }
            Call::Start(who) => {
                let begun = self.run(self.pool.start(&n));
                self.pocket(who).session = begun.ok().map(|challenge| challenge.token().clone());
            }
            Call::SignIn(who) => {
                let begun = self.run(self.pool.sign_in(N));
                self.pocket(who).session = begun.ok().map(|challenge| challenge.token().clone());
            }
            Call::Answer(who) => self.answer(who, self.code(who, N)),
            Call::AnswerWrongly(who) => self.answer(who, None),
            Call::BeforeSignUp => drop(self.run(self.accounts.before_sign_up(&n, None))),
            Call::Prepare => drop(self.run(self.accounts.prepare(&n, None))),
            Call::Sweep => {
                for unproven in [Unproven::Unconfirmed, Unproven::NeverUsed] {
                    let _ = self.run(self.accounts.sweep(unproven, None, 100));
                }
            }
            Call::Look => self.seen = self.all(),
            Call::DeleteWhatWasSeen => {
                for account in std::mem::take(&mut self.seen) {
                    if let Some(unproven) = account.unproven() {
                        let _ = self.run(self.users.delete_if(&account.user_name, unproven));
                    }
                }
            }
            Call::SignUpConfirmed(who) => {
                let (nth, now) = (self.names.len(), self.clock.now());
                let password = Password::from_text(format!("of their own {nth}"));
                let user = NewUser::new(format!("own-{nth}"), n, UserStatus::Confirmed, now);
                let made = self.run(self.users.create(user.password(password.clone())));
                if let Ok(CreateUser::Created(account)) = made {
                    self.names.insert(account.user_name);
                    self.pocket(who).passwords.push(password);
                }
            }
            Call::TakeNumber(who) => self.change_number(who, N),
            Call::GiveUpNumber => self.change_number(Who::Owner, K),
            Call::Minutes(minutes) => self.clock.advance(Duration::minutes(minutes)),
            Call::Days(days) => self.clock.advance(Duration::days(days)),
        }
    }

    /// The account that waits to be confirmed: whoever signs up is told its name, and so is whoever asks before.
    pub(crate) fn sign_up_under_way(&self) -> Option<String> {
        let all = self.all();
        let newest = all
            .into_iter()
            .rfind(|account| account.phone.e164() == N && account.status == UserStatus::Unconfirmed);
        newest.map(|account| account.user_name)
    }

    fn confirm(&mut self, who: Who, code: Option<String>, with_password: bool) {
        let Some(name) = self.sign_up_under_way() else { return };
        let wrong = || wrong(self.texts.last_code_to(&number(N)));
        let code = code.unwrap_or_else(wrong);
        let kept = self.pockets[who as usize].passwords.last().filter(|_| with_password);
        if let Ok(started) = self.run(self.pool.confirm_sign_up(&name, &code, kept)) {
            self.pocket(who).continuation = Some(started.token().clone());
        }
    }

    fn answer(&mut self, who: Who, code: Option<String>) {
        let Some(token) = self.pocket(who).session.take() else { return };
        let code = code.unwrap_or_else(|| wrong(self.texts.last_code_to(&number(N))));
        match self.run(self.pool.answer(&token, &code)) {
            Ok(Outcome::SignedIn(signed_in)) => self.pocket(who).tokens.push(signed_in),
            Ok(Outcome::Challenge(next)) => self.pocket(who).session = Some(next.token().clone()),
            Ok(Outcome::Dormant(dormant)) => {
                drop(self.run(self.accounts.start_anew(dormant)));
            }
            Ok(_) | Err(PoolError::Internal(_) | PoolError::NotAuthorized) => {}
            Err(_) => {}
        }
    }

    /// Somebody signed in gives the account another number, if they can read the code.
    fn change_number(&mut self, who: Who, to: &str) {
        let Some(account) = self.signed_in_to(who) else { return };
        let to = number(to);
        if self.run(self.accounts.change_number(&account, &to)).is_err() {
            return;
        }
        let reads = if who == Who::Owner { Who::Flatmate } else { who };
        let code = self.code(reads, to.e164()).unwrap_or_else(|| wrong(self.texts.last_code_to(&to)));
        let _ = self.run(self.accounts.confirm_number(&account, &to, &code));
    }

    /// An account that this person has a living token of.
    fn signed_in_to(&self, who: Who) -> Option<String> {
        let pocket = &self.pockets[who as usize];
        let is_alive = |token: &&custom_auth::pool::SignedIn| {
            self.account(token.user_name()).is_some_and(|account| super::world::is_alive(token, &account))
        };
        pocket.tokens.iter().rfind(is_alive).map(|token| token.user_name().to_owned())
    }

    /// Finds accounts that were made and proven meanwhile.
    fn take_note(&mut self) {
        for phone in [N, K, super::people::M] {
            if let Some(account) = self.leads_to(phone) {
                self.names.insert(account.user_name);
            }
        }
        for account in self.all() {
            if account.was_verified {
                self.verified.insert(account.user_name);
            }
        }
    }
}

/// A code that is not this one.
fn wrong(right: Option<String>) -> String {
    let right: u32 = right.map_or(0, |code| code.parse().unwrap());
    format!("{:06}", (right + 1) % 1_000_000)
}
