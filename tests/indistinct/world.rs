//! Worlds that differ inside and must not differ outside.

use std::{
    future::{Future, pending},
    sync::Arc,
};

use async_trait::async_trait;
use custom_auth::{
    Clock as _, CodeKeys, CreateUser, CustomAuth, Destination, Destinations, MemoryUsers, NewUser, Policy,
    PolicyBuilder, SendError, SendReceipt, SmsMessage, SmsSender, Timestamp, UserPool, UserStatus,
    UserStore as _,
    pool::SealKey,
    testing::{Fault, Faulty, ManualClock, RecordingSms, SeededEntropy, run},
};
use time::Duration;

use super::routes::Routes;

pub(crate) const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
pub(crate) const POOL: &str = "ap-south-1_EXAMPLE01";
pub(crate) const CLIENT: &str = "1example23456789abcdefghij";
pub(crate) const ANA: &str = "0588acd1-0000-4000-8000-000000000001";
const BOB: &str = "0588acd1-0000-4000-8000-000000000002";

/// Why nobody can tell whether a text was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Case {
    /// Texted.
    Genuine,
    /// The pool does not know the user.
    Unknown,
    /// Known, at a destination that is not allowed.
    Blocked,
    /// Known, without a number.
    NoPhone,
    /// Known, with a number that is none.
    BrokenPhone,
    /// The texts of the number's prefix are used up.
    PrefixUsedUp,
    /// The texts of the destination are used up.
    DestinationUsedUp,
    /// The texts of the day are used up.
    DayUsedUp,
    /// The budget is used up.
    MoneyUsedUp,
    SenderRefuses,
    SenderFails,
    SenderUnsure,
    /// Takes the text after 700 ms.
    SenderSlow,
    /// Would take the text after 10 s, long after it was given up.
    SenderLate,
    SenderHangs,
}

impl Case {
    pub(crate) const OTHERS: [Self; 14] = [
        Self::Unknown,
        Self::Blocked,
        Self::NoPhone,
        Self::BrokenPhone,
        Self::PrefixUsedUp,
        Self::DestinationUsedUp,
        Self::DayUsedUp,
        Self::MoneyUsedUp,
        Self::SenderRefuses,
        Self::SenderFails,
        Self::SenderUnsure,
        Self::SenderSlow,
        Self::SenderLate,
        Self::SenderHangs,
    ];

    /// Nobody is texted, and nothing that others share is charged.
    pub(crate) const fn is_decoy(self) -> bool {
        matches!(self, Self::Unknown | Self::Blocked | Self::NoPhone | Self::BrokenPhone)
    }

    /// A pool's accounts have a sound number; without one there is Cognito's event alone.
    pub(crate) const fn has_an_account_in_our_pool(self) -> bool {
        !matches!(self, Self::NoPhone | Self::BrokenPhone)
    }

    pub(crate) const fn phone(self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::NoPhone => None,
            Self::Blocked => Some("+18765550100"),
            Self::BrokenPhone => Some("+91 99999 00001"),
            _ => Some("+919999900001"),
        }
    }

    fn policy(self, base: PolicyBuilder) -> PolicyBuilder {
        let allow = |terms| Destinations::allow(["+1"]).allow_at("+91", terms).deny("+1876");
        let base = base.destinations(allow(Destination::new(0, None)));
        match self {
            Self::PrefixUsedUp => base.sends_per_prefix_per_hour(1),
            Self::DestinationUsedUp => base.destinations(allow(Destination::new(0, Some(1)))),
            Self::DayUsedUp => base.sends_per_day(1),
            Self::MoneyUsedUp => {
                let priced = allow(Destination::new(7, None)).allow_at("+1", Destination::new(7, None));
                base.destinations(priced).budget_per_day(Some(7))
            }
            _ => base,
        }
    }
}

/// A sender of any mood.
#[derive(Debug)]
struct Sender {
    case: Case,
    clock: ManualClock,
    texts: RecordingSms,
}

#[async_trait]
impl SmsSender for Sender {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let wait = |millis| self.clock.sleep_until(self.clock.now() + Duration::milliseconds(millis));
        match self.case {
            Case::SenderRefuses => return Err(SendError::Refused("no such number".into())),
            Case::SenderFails => return Err(SendError::TryAnother("down".into())),
            Case::SenderUnsure => return Err(SendError::Unknown("cut off".into())),
            Case::SenderSlow => wait(700).await,
            Case::SenderLate => wait(10_000).await,
            Case::SenderHangs => pending().await,
            _ => {}
        }
        self.texts.send(message).await
    }
}

/// What else goes wrong, for everybody alike.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// Nothing; and bob has signed in, who takes the only text where there is only one.
    None,
    /// Nothing, and nobody was there before.
    Quiet,
    LedgerDown,
    EntropyDown,
    /// The nth call of the ledger that everybody makes.
    Ledger(u64, Fault),
    /// The nth call of the ledger that only a real text makes.
    Wide(u64, Fault),
    /// The nth draw.
    Draw(u64),
}

pub(crate) struct World {
    pub(crate) case: Case,
    pub(crate) clock: ManualClock,
    pub(crate) ledger: Arc<Routes>,
    pub(crate) texts: RecordingSms,
    pub(crate) auth: CustomAuth,
    pub(crate) pool: UserPool,
    pub(crate) users: Arc<Faulty<MemoryUsers>>,
}

impl World {
    pub(crate) fn new(case: Case) -> Self {
        Self::under(case, Policy::builder(), Trouble::None)
    }

    pub(crate) fn under(case: Case, policy: PolicyBuilder, trouble: Trouble) -> Self {
        let clock = ManualClock::new(START);
        let mut ledger = Routes::new();
        let mut entropy = SeededEntropy::new(1);
        match trouble {
            Trouble::None | Trouble::Quiet => {}
            Trouble::LedgerDown => {
                ledger.narrow.down(true);
                ledger.wide.down(true);
            }
            Trouble::EntropyDown => entropy.down(true),
            Trouble::Ledger(nth, fault) => ledger.narrow = ledger.narrow.failing(nth, fault),
            Trouble::Wide(nth, fault) => ledger.wide = ledger.wide.failing(nth, fault),
            Trouble::Draw(nth) => entropy = entropy.failing(nth),
        }
        let (ledger, texts) = (Arc::new(ledger), RecordingSms::new());
        let auth = CustomAuth::builder()
            .keys(CodeKeys::from_bytes("k1", &[7; 32]).unwrap())
            .policy(case.policy(policy).build().unwrap())
            .sms(Sender { case, clock: clock.clone(), texts: texts.clone() })
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .entropy(entropy.clone())
            .build()
            .unwrap();
        let users = MemoryUsers::new();
        let mut accounts = vec![(BOB, "+919999900002")];
        if let Some(phone) = case.phone().filter(|_| case.has_an_account_in_our_pool()) {
            accounts.push((ANA, phone));
        }
        for (name, phone) in accounts {
            let user =
                NewUser::new(name.to_owned(), phone.parse().unwrap(), UserStatus::Confirmed, clock.now());
            let made = run(&clock, users.create(user)).unwrap();
            assert!(matches!(made, CreateUser::Created(_)));
        }
        let users = Arc::new(Faulty::new(users));
        let pool = UserPool::builder()
            .triggers(auth.clone())
            .users(Arc::clone(&users))
            .ledger(Arc::clone(&ledger))
            .seal_key(SealKey::from_bytes(&[9; 32]))
            .clock(clock.clone())
            .entropy(entropy.clone())
            .pool_id(POOL)
            .client_id(CLIENT)
            .build()
            .unwrap();
        let world = Self { case, clock, ledger, texts, auth, pool, users };
        if matches!(trouble, Trouble::None) {
            drop(world.run(world.pool.sign_in(BOB)).unwrap());
        }
        world
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    /// What to type: the number of the account, if there is one; else some number.
    pub(crate) fn typed(&self) -> &'static str {
        self.case.phone().unwrap_or("+919999900099")
    }
}
