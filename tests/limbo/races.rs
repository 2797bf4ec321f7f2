//! Two things happen to one number at the same moment, and the clock goes on by a millisecond at every step of either: what
//! the one revokes late is later than what the other was given.

use std::{collections::BTreeMap, pin::Pin};

use custom_auth::{
    Clock as _, NewUser, NumberRule, Password, RecoveryStrategy, Timestamp, Unproven, UserStatus,
    UserStore as _,
    accounts::Dormant,
    pool::{Outcome, SessionToken, SignedIn},
};
use time::Duration;

use super::{
    cases::seeds,
    order::{seeded, standing_still},
    people::{K, N},
    world::{World, number},
};

/// What the number leads to before.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Before {
    /// A stranger signed it up, eight days ago; it was never confirmed.
    Limbo,
    /// The same, and it was confirmed when it was made.
    Unproven,
    /// The owner's account.
    Proven,
    /// The owner's, not used for half a year.
    Dormant,
}

/// What happens.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Act {
    /// The owner answers a code of the one-step way in.
    Answer,
    /// The owner answers a code of a sign-in.
    AnswerSignIn,
    /// The owner confirms the sign-up, and goes on.
    Confirm,
    /// The owner wakes the dormant account.
    Wake,
    /// The owner leaves the dormant account, and begins a new one.
    StartAnew,
    /// The owner's account gets the number K.
    GiveUpNumber,
    /// The flatmate's account gets the number N.
    TakeNumber,
    BeforeSignUp,
    Prepare,
    Sweep,
    /// The stranger tries the password of the sign-up.
    Password,
}

use Act as A;

/// Every two that are tried beside each other.
fn pairs() -> Vec<(Before, Act, Act)> {
    let everybody = [A::TakeNumber, A::BeforeSignUp, A::Prepare, A::Sweep, A::Password];
    let all = [
        (Before::Limbo, vec![A::Answer, A::Confirm]),
        (Before::Unproven, vec![A::Answer, A::AnswerSignIn]),
        (Before::Proven, vec![A::Answer, A::AnswerSignIn, A::GiveUpNumber]),
        (Before::Dormant, vec![A::Answer, A::Wake, A::StartAnew]),
    ];
    let mut pairs = Vec::new();
    for (before, owners) in all {
        for one in &owners {
            pairs.extend(owners.iter().chain(&everybody).map(|other| (before, *one, *other)));
        }
    }
    pairs
}

const RULES: [NumberRule; 2] = [NumberRule::FirstHolds, NumberRule::VerifiedHolds];
const STRATEGIES: [RecoveryStrategy; 3] =
    [RecoveryStrategy::Resend, RecoveryStrategy::Adopt, RecoveryStrategy::DeleteAndSignUp];

/// What was found: how often, and where first.
type Found = BTreeMap<String, (u32, String)>;

fn note(found: &mut Found, race: &Race, place: String, outcome: Result<(), &'static str>) {
    if let Err(why) = outcome {
        let Race { before, acts: [one, other], .. } = race;
        found.entry(format!("{before:?}, {one:?} beside {other:?}: {why}")).or_insert((0, place)).0 += 1;
    }
}

/// One stands still at each of its steps while the other comes to its end.
#[test]
fn i10_whoever_stands_still_meanwhile_the_owner_gets_in_and_stays_in_and_nobody_else_has_a_way_in() {
    let (mut found, mut races) = (Found::new(), 0);
    for (before, one, other) in pairs() {
        for (rule, strategy) in RULES.into_iter().flat_map(|rule| STRATEGIES.map(|strategy| (rule, strategy)))
        {
            let is_asked = [one, other].contains(&A::BeforeSignUp);
            if strategy != RecoveryStrategy::Resend && !is_asked {
                continue; // the strategy is for that question alone
            }
            for acts in [[one, other], [other, one]] {
                for nth in 1.. {
                    let Some(race) = Race::ready(rule, strategy, before, acts) else { break };
                    let [first, second] = race.tasks();
                    let (ends, stood) = standing_still(&race.world.clock, nth, [first, second]);
                    note(&mut found, &race, format!("step {nth}, {rule:?}, {strategy:?}"), race.check(&ends));
                    races += 1;
                    if !stood {
                        break;
                    }
                    assert!(nth < 1_000, "it never ends: {acts:?}");
                }
            }
        }
    }
    println!("{races} races");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn i10_whatever_happens_at_one_moment_the_owner_gets_in_and_stays_in_and_nobody_else_has_a_way_in() {
    let mut found = Found::new();
    for seed in seeds(600) {
        let nth = usize::try_from(seed % 18).unwrap();
        let (rule, strategy) = (RULES[nth % 2], STRATEGIES[nth / 2 % 3]);
        // A third of the pairs: with a few seeds more, each has met every rule and strategy.
        for (before, one, other) in pairs().into_iter().skip(nth / 6).step_by(3) {
            let Some(race) = Race::ready(rule, strategy, before, [one, other]) else { continue };
            let ends = seeded(&race.world.clock, seed, race.tasks().into());
            note(&mut found, &race, format!("seed {seed}, {rule:?}, {strategy:?}"), race.check(&ends));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// What an act needs.
enum Ready {
    Answer(SessionToken, String),
    Confirm(String, String),
    Decide(Act, Dormant),
    NewNumber(String, &'static str, String),
    Password(String),
    Question(Act),
}

/// What came of an act: who was let in where, and when; or nobody.
type End = Option<(String, Timestamp)>;
type Task<'w> = Pin<Box<dyn Future<Output = End> + 'w>>;

struct Race {
    world: World,
    /// The account that there was.
    name: String,
    strangers: Password,
    before: Before,
    acts: [Act; 2],
    ready: Vec<Ready>,
}

impl Race {
    /// Everybody has what they need; `None` where an act cannot be tried.
    fn ready(rule: NumberRule, recovery: RecoveryStrategy, before: Before, acts: [Act; 2]) -> Option<Self> {
        let world = World::new(rule, recovery);
        let strangers = Password::from_text("of a stranger's choice".to_owned());
        let status = if before == Before::Limbo { UserStatus::Unconfirmed } else { UserStatus::Confirmed };
        let user = NewUser::new("s".to_owned(), number(N), status, world.clock.now());
        let _ = world.run(world.users.inner().create(user.password(strangers.clone()))).unwrap();
        let mut race = Self { world, name: "s".to_owned(), strangers, before, acts, ready: Vec::new() };
        let days = match before {
            Before::Limbo | Before::Unproven => 8,
            Before::Proven => 1,
            Before::Dormant => 181,
        };
        if matches!(before, Before::Proven | Before::Dormant) {
            let Outcome::SignedIn(signed_in) = race.start(N) else { panic!("not signed in") };
            race.name = signed_in.user_name().to_owned();
        }
        race.world.clock.advance(Duration::days(days));
        for act in acts {
            let ready = race.prepared(act)?;
            race.ready.push(ready);
        }
        Some(race)
    }

    fn prepared(&self, act: Act) -> Option<Ready> {
        let world = &self.world;
        world.clock.advance(Duration::seconds(31));
        let code = |phone| world.texts.last_code_to(&number(phone)).unwrap();
        Some(match act {
            A::Answer => {
                let begun = world.run(world.pool.start(&number(N))).unwrap();
                Ready::Answer(begun.token().clone(), code(N))
            }
            A::AnswerSignIn => {
                let texts = world.texts.count();
                let begun = world.run(world.pool.sign_in(N)).unwrap();
                // Where only a verified number leads to an account there is none to sign in to.
                (world.texts.count() > texts).then(|| Ready::Answer(begun.token().clone(), code(N)))?
            }
            A::Confirm => {
                let _ = world.run(world.pool.resend_confirmation_code(&self.name)).unwrap();
                Ready::Confirm(self.name.clone(), code(N))
            }
            A::Wake | A::StartAnew => {
                let Outcome::Dormant(dormant) = self.start(N) else { panic!("it was opened") };
                Ready::Decide(act, dormant)
            }
            A::GiveUpNumber => self.new_number(self.name.clone(), K),
            A::TakeNumber => {
                let Outcome::SignedIn(flatmate) = self.start(K) else { panic!("not signed in") };
                self.new_number(flatmate.user_name().to_owned(), N)
            }
            A::Password => Ready::Password(self.name.clone()),
            A::BeforeSignUp | A::Prepare | A::Sweep => Ready::Question(act),
        })
    }

    fn start(&self, phone: &str) -> Outcome {
        let world = &self.world;
        world.clock.advance(Duration::seconds(31));
        let begun = world.run(world.pool.start(&number(phone))).unwrap();
        let code = world.texts.last_code_to(&number(phone)).unwrap();
        world.run(world.pool.answer(begun.token(), &code)).unwrap()
    }

    fn new_number(&self, name: String, to: &'static str) -> Ready {
        let _ = self.world.run(self.world.accounts.change_number(&name, &number(to))).unwrap();
        let code = self.world.texts.last_code_to(&number(to)).unwrap();
        Ready::NewNumber(name, to, code)
    }

    fn task<'w>(&'w self, ready: &'w Ready) -> Task<'w> {
        let World { accounts, pool, clock, .. } = &self.world;
        let is_in = |signed_in: SignedIn| Some((signed_in.user_name().to_owned(), signed_in.at()));
        Box::pin(async move {
            match ready {
                Ready::Answer(token, code) => match pool.answer(token, code).await {
                    Ok(Outcome::SignedIn(signed_in)) => is_in(signed_in),
                    _ => None,
                },
                Ready::Confirm(name, code) => {
                    let started = pool.confirm_sign_up(name, code, None).await.ok()?;
                    is_in(pool.continue_sign_in(started.token()).await.ok()?)
                }
                Ready::Decide(A::Wake, dormant) => {
                    let woken = accounts.wake(dormant.clone()).await.ok()?;
                    Some((woken.user_name, clock.now()))
                }
                Ready::Decide(_, dormant) => {
                    let new = accounts.start_anew(dormant.clone()).await.ok()?;
                    Some((new.user_name, clock.now()))
                }
                Ready::NewNumber(name, to, code) => {
                    let _ = accounts.confirm_number(name, &number(to), code).await;
                    None
                }
                Ready::Password(name) => is_in(pool.sign_in_with_password(name, &self.strangers).await.ok()?),
                Ready::Question(act) => {
                    match act {
                        A::BeforeSignUp => drop(accounts.before_sign_up(&number(N), None).await),
                        A::Prepare => drop(accounts.prepare(&number(N), None).await),
                        _ => {
                            for unproven in [Unproven::Unconfirmed, Unproven::NeverUsed] {
                                let _ = accounts.sweep(unproven, None, 9).await;
                            }
                        }
                    }
                    None
                }
            }
        })
    }

    fn tasks(&self) -> [Task<'_>; 2] {
        [self.task(&self.ready[0]), self.task(&self.ready[1])]
    }

    fn check(&self, ends: &[End]) -> Result<(), &'static str> {
        let (world, name) = (&self.world, &self.name);
        let was = matches!(self.before, Before::Proven | Before::Dormant);
        for (act, end) in self.acts.iter().zip(ends) {
            let Some((name, at)) = end else { continue };
            if *act == A::Password {
                return Err("the stranger is in by password");
            }
            let account = world.account(name).ok_or("signed in to an account that is gone")?;
            let are_dead = account.tokens_not_before.is_some_and(|from| from > *at);
            if are_dead {
                return Err("signed in, and the tokens are dead");
            }
        }
        if was && world.account(name).is_none() {
            return Err("an account that was verified is gone");
        }
        let decided = self.acts.contains(&A::Wake) && self.acts.contains(&A::StartAnew);
        if decided && ends.iter().all(Option::is_some) {
            return Err("the account was woken, and left");
        }
        self.strangers_way_in()?;
        match self.start(N) {
            Outcome::SignedIn(owner) => {
                let holder = world.leads_to(N).ok_or("the number leads to nobody")?;
                if holder.user_name != owner.user_name() || !holder.phone_verified {
                    return Err("the number leads elsewhere");
                }
            }
            Outcome::Dormant(_) if was && ends.iter().all(Option::is_none) => {}
            _ => return Err("the owner is not in"),
        }
        self.strangers_way_in()
    }

    /// The store is asked first: to the pool, a password that is nobody's costs as much arithmetic as one that is somebody's. That none
    /// opens an account whose number nobody has proven, `scenes` shows.
    fn strangers_way_in(&self) -> Result<(), &'static str> {
        let World { users, pool, .. } = &self.world;
        let accounts = [self.world.account("s"), self.world.account(&self.name), self.world.leads_to(N)];
        for account in accounts.into_iter().flatten().filter(|account| account.phone_verified) {
            let name = &account.user_name;
            let is_theirs = self.world.run(users.inner().has_password(name, &self.strangers)).unwrap();
            let is_chosen = self.world.run(users.inner().password_verifier(name)).unwrap().is_some();
            let may = is_theirs || is_chosen;
            if may && self.world.run(pool.sign_in_with_password(name, &self.strangers)).is_ok() {
                return Err("the stranger has a password");
            }
        }
        Ok(())
    }
}
