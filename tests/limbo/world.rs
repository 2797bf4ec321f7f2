//! A pool with accounts, three people, and a clock.

use std::{collections::BTreeSet, sync::Arc};

use custom_auth::{
    AccountPolicy, Accounts, CodeKeys, CustomAuth, Destinations, MemoryLedger, MemoryUsers, NumberRule,
    PhoneNumber, Policy, RecoveryStrategy, Subscriber, Timestamp, UserPool, UserStore as _,
    pool::SealKey,
    testing::{Faulty, ManualClock, RecordingAudit, RecordingSms, SeededEntropy, run},
};
use time::Duration;

use super::people::{K, M, N, Pocket, Who};

pub(crate) const START: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
const POOL: &str = "local_CustomAuth";
const CLIENT: &str = "customauth";

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) texts: RecordingSms,
    /// What is told of accounts.
    pub(crate) audit: RecordingAudit,
    pub(crate) users: Arc<Faulty<MemoryUsers>>,
    pub(crate) ledger: Arc<Faulty<MemoryLedger>>,
    pub(crate) auth: CustomAuth,
    pub(crate) accounts: Accounts,
    pub(crate) pool: UserPool,
    pub(crate) pockets: [Pocket; 3],
    /// The names of all accounts that were ever made.
    pub(crate) names: BTreeSet<String>,
    /// Those that were ever verified.
    pub(crate) verified: BTreeSet<String>,
    /// What a stalled sweep has seen.
    pub(crate) seen: Vec<Subscriber>,
}

impl World {
    pub(crate) fn new(rule: NumberRule, recovery: RecoveryStrategy) -> Self {
        let (clock, texts, entropy) = (ManualClock::new(START), RecordingSms::new(), SeededEntropy::new(3));
        let audit = RecordingAudit::new();
        let ledger = Arc::new(Faulty::new(MemoryLedger::new()));
        let users = Arc::new(Faulty::new(MemoryUsers::new().under(rule)));
        let keys = CodeKeys::from_bytes("k1", &[7; 32]).unwrap();
        // Limits so wide that they are in nobody's way here: they have tests of their own.
        let policy = Policy::builder()
            .destinations(Destinations::allow(["+91"]))
            .send_window(Duration::ZERO)
            .guesses_per_day(100)
            .sends_per_challenge(10)
            .sends_per_phone(vec![(100, 60)]);
        let auth = CustomAuth::builder()
            .keys(keys.clone())
            .policy(policy.build().unwrap())
            .sms(texts.clone())
            .ledger(Arc::clone(&ledger))
            .clock(clock.clone())
            .entropy(entropy.clone())
            .build()
            .unwrap();
        let policy = AccountPolicy::builder().recovery(recovery).questions_per_number(100);
        let codes = auth.codes(POOL, CLIENT);
        let accounts = Accounts::builder(keys, Arc::clone(&users), codes, Arc::clone(&ledger))
            .policy(policy.build().unwrap())
            .clock(clock.clone())
            .entropy(entropy.clone())
            .audit(audit.clone())
            .build()
            .unwrap();
        let pool = UserPool::builder()
            .triggers(auth.clone())
            .users(Arc::clone(&users))
            .ledger(Arc::clone(&ledger))
            .accounts(accounts.clone())
            .seal_key(SealKey::from_bytes(&[9; 32]))
            .clock(clock.clone())
            .entropy(entropy)
            .build()
            .unwrap();
        let (pockets, names, verified, seen) = Default::default();
        Self { clock, texts, audit, users, ledger, auth, accounts, pool, pockets, names, verified, seen }
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.clock, future)
    }

    pub(crate) fn pocket(&mut self, who: Who) -> &mut Pocket {
        &mut self.pockets[who as usize]
    }

    pub(crate) fn leads_to(&self, phone: &str) -> Option<Subscriber> {
        self.run(self.users.inner().find_by_phone(&number(phone))).unwrap()
    }

    pub(crate) fn account(&self, name: &str) -> Option<Subscriber> {
        self.run(self.users.inner().find_by_name(name)).unwrap()
    }

    /// The newest code that this person can read on this number.
    pub(crate) fn code(&self, who: Who, phone: &str) -> Option<String> {
        let phone = number(phone);
        who.reads(&phone).then(|| self.texts.last_code_to(&phone)).flatten()
    }

    /// Every account that is there, by the order of its making.
    pub(crate) fn all(&self) -> Vec<Subscriber> {
        let mut all: Vec<Subscriber> = self.names.iter().filter_map(|name| self.account(name)).collect();
        all.sort_by_key(|account| account.created_at);
        all
    }

    /// What it looks like: what the calls from here on depend on, but for the ledger's counts.
    pub(crate) fn look(&self) -> String {
        use custom_auth::Clock as _;
        let now = self.clock.now();
        let age = |then: Timestamp| match (now - then).whole_minutes() {
            0..15 => 'y',
            15..10_080 => 'g',
            10_080..259_200 => 's',
            _ => 'd',
        };
        let mut look = String::new();
        for account in self.all() {
            let name = &account.user_name;
            let leads = |phone| self.leads_to(phone).is_some_and(|holder| holder.user_name == *name);
            look += &format!(
                "{} {:?} {} {} {} {:?} {:?} |",
                &account.phone.e164()[12..],
                account.status,
                account.phone_verified,
                account.was_verified,
                age(account.created_at),
                account.last_success.map(age),
                [N, K, M].map(leads),
            );
            for pocket in &self.pockets {
                let opens = |password| self.run(self.users.inner().has_password(name, password)).unwrap();
                let alive = pocket.tokens.iter().any(|token| is_alive(token, &account));
                look += &format!("{}{} ", u8::from(pocket.passwords.iter().any(opens)), u8::from(alive));
            }
            look += "\n";
        }
        for pocket in &self.pockets {
            look += if pocket.session.is_some() { "f" } else { "-" };
            look += if pocket.continuation.is_some() { "c" } else { "-" };
        }
        let seen = self.seen.iter().filter_map(|account| account.unproven());
        look += &format!("{:?}", seen.collect::<Vec<_>>());
        // Which of the last texts can still be answered.
        for phone in [N, K, M] {
            let newest = self.texts.sent().into_iter().rfind(|sent| sent.to == number(phone));
            look += if newest.is_some() { "t" } else { "-" };
        }
        look
    }
}

pub(crate) fn is_alive(token: &custom_auth::pool::SignedIn, account: &Subscriber) -> bool {
    token.user_name() == account.user_name && account.tokens_not_before.is_none_or(|from| from <= token.at())
}

pub(crate) fn number(phone: &str) -> PhoneNumber {
    phone.parse().unwrap()
}
