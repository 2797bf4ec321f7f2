//! Every choice, with its default, range and reason.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{
    Destinations, MessageTemplate, Plan, PolicyError, SignUpPolicy, given::Given, object::Object,
    presets::Preset, seconds,
};
use crate::types::CodeLength;

/// What a host has chosen, checked as a whole.
///
/// ```
/// use custom_auth::{Destinations, Policy};
/// use time::Duration;
///
/// let policy = Policy::builder()
///     .destinations(Destinations::allow(["+91"]))
///     .challenge_lifetime(Duration::minutes(3))
///     .build()?;
/// assert_eq!(policy.code_length().digits(), 6);
/// assert!(Policy::builder().build().is_err(), "nothing may be texted until it is named");
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "PolicyBuilder", into = "PolicyBuilder")]
pub struct Policy(PolicyBuilder);

choices! {
    /// Chooses a policy. Everything but the destinations has a default; [`build`](Self::build) checks the whole. Each
    /// choice says its default, its range, and why.
    ///
    /// In JSON each choice is a member of the same name, durations in seconds; unknown members are refused. One more,
    /// `preset`, names the choices to begin with, whatever its place; the other members are laid over them. Default:
    /// none, so what is left out is as by default. Range: `"nist"`, `"psd2"` or `"high"`, the functions of [`Policy`].
    /// Why: who must follow a rule book names it, and what the preset learns later holds without copying numbers.
    ///
    /// ```
    /// use custom_auth::{CodeLength, Policy};
    ///
    /// let json = r#"{"code_length":8, "destinations":{"+91":{"allow":{}}}, "preset":"psd2"}"#;
    /// let policy: Policy = serde_json::from_str(json)?;
    /// assert_eq!((policy.code_length(), policy.guesses_per_day()), (CodeLength::EIGHT, 5));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    PolicyBuilder => Policy, preset Preset;

    /// Which numbers may be texted, by prefix, with the price of a text and a daily cap.
    /// Default: none, so it must be given. Range: at least one allowed prefix; a prefix is `+` and 1 to 7 digits, a price 0 or
    /// more (above 0 where there is a budget), a cap 1 or more. Why: SMS pumping is texts to dear numbers, asked for by
    /// whoever shares the fee; the countries an app has users in are the only list that stops it, and nobody else knows it.
    destinations: Destinations = Destinations::default(), borrow;

    /// How many digits a code has. Default: 6. Range: 6 to 10. Why: six are the fewest that hold the 20 bits of NIST SP 800-63B
    /// 5.1.3.2, and what people expect; each more divides an attacker's odds by ten; more than ten cannot be typed reliably.
    code_length: CodeLength = CodeLength::SIX, copy;

    /// How long a code is accepted. Default: 300 s. Range: 30 s to 600 s. Why: texts arrive late, and people look for their
    /// phones; in less than 30 s many a text is not there yet; NIST SP 800-63B 5.1.3.2 allows 10 minutes. A longer life gives no more
    /// guesses, but more time to talk somebody out of the code. Keep Cognito's `AuthSessionValidity` at least as long.
    #[serde(with = "seconds")]
    challenge_lifetime: Duration = Duration::seconds(300), copy;

    /// How many answers are compared on one challenge, over all sign-ins that share it. Default: 3. Range: 1 to 5. Why: if every
    /// tenth code is mistyped, three tries fail one person in a thousand; RTS (EU) 2018/389 article 4(3)(b) allows five.
    /// Takeovers over all accounts are at most this times `sends_per_day` over the number of codes.
    tries_per_challenge: u8 = 3, copy;

    /// How many rounds of ours one sign-in may have: each answer, right or wrong, and each resend is one. Default: 9.
    /// Range: 1 to 20. Why: Cognito's `Session` string carries every round, and one of more than 8,192 characters has been
    /// refused by the live service; nine are three tries, two resends, and room for a plan of several steps.
    rounds_per_session: u8 = 9, copy;

    /// How many answers are compared for one account, and for one phone, in any 24 h. Right answers count too: that an answer
    /// is right is known only once it was compared, so an account can sign in this often a day and no more. Default: 20.
    /// Range: 1 to 100. Why: with six digits this bounds takeover to 20 in a million per account and day, over any
    /// sessions, clients and resends (RFC 4226 7.3 wants the limit across sessions; Cognito has none here); 100 is the cap
    /// of NIST SP 800-63B 5.2.2, here for one day.
    guesses_per_day: u32 = 20, copy;

    /// How many codes are compared for one number, and answers to one guessable step of one account, since the last success there;
    /// after that it stays shut until an operator's
    /// [`start_new_series`](crate::CustomAuth::start_new_series), or until they leave their window of a year. Right answers before
    /// them may take up to a tenth of the number. Default: 100. Range: 1 to 100. Why: NIST SP
    /// 800-63B 5.2.2 allows 100 failures in a row; without an end, a patient attacker's odds grow with the days. A smaller number
    /// lets a stranger lock the owner out sooner.
    consecutive_failures: u32 = 100, copy;

    /// How many texts one challenge may cause, the first and its resends. Default: 3. Range: 1 to 10. Why: texts get lost, and two
    /// resends heal that. All carry the same code, so a resend gives nobody more tries; each one costs money and rings a phone.
    sends_per_challenge: u8 = 3, copy;

    /// How long after a text the same challenge is not texted again. Default: 30 s.
    /// Range: at least 10 s more than trigger_deadline and clock_skew together, at most join_window and challenge_lifetime. Why:
    /// Cognito invokes a trigger that takes more than 5 s again, at 0, 5 and 10 s (Developer Guide, "Customizing user pool
    /// workflows with Lambda triggers"), maybe in a process whose clock is ahead, so a shorter gap would make one tap two texts;
    /// and people tap again before a text had time to arrive.
    #[serde(with = "seconds")]
    resend_gap: Duration = Duration::seconds(30), copy;

    /// How many texts one phone gets, all its accounts and clients together: windows of `[count, seconds]` that all hold at
    /// once. Default: `[[3, 600], [5, 3600], [10, 86400]]`.
    /// Range: 1 to 4 windows of 1 to 100 texts in 1 to 2,592,000 seconds (30 days). Why: anybody can have a stranger's phone ring;
    /// the short window stops a burst, the long one a siege. Three in ten minutes and five an hour are what providers' guides
    /// against SMS pumping name. The counts are exact, one entry a text, hence at most 100; and the ledger keeps a phone's pseudonym for
    /// the longest window.
    sends_per_phone: Vec<(u32, u32)> = vec![(3, 600), (5, 3_600), (10, 86_400)], borrow;

    /// How long after a challenge was made a new sign-in may join it. Default: `None`, as long as it lives.
    /// Range: at most challenge_lifetime, at least resend_gap; or `None`. Why: people reload pages and open second tabs, and expect the code they
    /// got to work. The strict presets have 20 s, enough for a trigger that is invoked again, since OWASP ASVS 5.0 6.6.2 wants a code
    /// to serve only the request it was made for; who knows a number sees that long that a challenge is live.
    #[serde(with = "seconds::optional")]
    join_window: Option<Duration> = None, copy;

    /// How much of its life a challenge must have left, and a moment more, to be joined, and how much beside the gap to be texted
    /// again; otherwise a fresh one takes its place. Default: 60 s. Range: 0 to challenge_lifetime less 10 s, trigger_deadline and
    /// clock_skew. Why: a code has to arrive, be read and be typed before it dies; a minute is enough for that. 0 presents codes
    /// that nobody can type in time; with more, a trigger that is invoked again would find its own challenge too old.
    #[serde(with = "seconds")]
    min_left_to_join: Duration = Duration::seconds(60), copy;

    /// How many texts the numbers of one prefix (their first seven digits, never the last four) get in any hour.
    /// Default: 50. Range: 1 or more. Why: pumpers hold blocks of neighbouring numbers, each of which stays below a phone's own
    /// limit. Seven digits are ten thousand numbers in North America and a hundred thousand in India; raise it where your users
    /// are dense.
    sends_per_prefix_per_hour: u32 = 50, copy;

    /// How many texts are sent in all in any 24 h. Default: 10,000. Range: 1 or more. Why: each code that can be guessed needs a
    /// text, so this bounds takeovers over all accounts, however many there are: with the defaults 0.03 a day. It bounds the
    /// bill too. Set it a little above your busiest day; where that is more, take more digits.
    sends_per_day: u32 = 10_000, copy;

    /// How much money is spent on texts in any 24 h, in millionths of the currency unit of the destinations' prices:
    /// `Some(50_000_000)` is 50 dollars where prices are in dollars. Paid before each text, at its destination's price. Default:
    /// `None`, bounded by the counts alone. Range: 1 or more, or `None`; every destination then has a price above 0 and not above
    /// the budget. Why: prices of two countries differ many times over, so a count of texts says little of the bill. There is no
    /// default because prices and currency are yours.
    budget_per_day: Option<u64> = None, copy;

    /// By how much the clocks of two processes may differ. Default: 5 s. Range: 0 to 60 s, and resend_gap has room for it. Why: the
    /// process that checks an answer may be behind the one that made the challenge; within the skew it takes "not yet issued"
    /// for "just issued", and records are kept that much longer. A tap that is invoked again in a process that is ahead must
    /// still find its gap running, so the gap is longer by as much. It never lets a code live longer. Clocks that are set over
    /// the network differ by milliseconds; one that is a minute off is broken, and accepting it would hide that.
    #[serde(with = "seconds")]
    clock_skew: Duration = Duration::seconds(5), copy;

    /// How long one trigger may take in all; what is undone then fails closed. Default: 4 s. Range: 0.5 s to 4.5 s. Why: Cognito
    /// gives up after 5 s and invokes again (Developer Guide, "Customizing user pool workflows with Lambda triggers"); the
    /// rest is for the way there and back. Below 0.5 s a store in a network would hardly answer in time.
    #[serde(with = "seconds")]
    trigger_deadline: Duration = Duration::seconds(4), copy;

    /// How long a *create* takes that may send, whether it sends or not; the sender gets no longer. Default: 1.5 s.
    /// Range: 0 to 0.5 s less than trigger_deadline. Why: a text takes as long as the provider does and no text takes no time, so the
    /// difference would tell who has an account. Shorter than the sender needs, and texts are given up on that may have been
    /// sent; 0 gives up equal times (fit for tests alone).
    #[serde(with = "seconds")]
    send_window: Duration = Duration::milliseconds(1500), copy;

    /// What the text says. Default: "123456 is your sign-in code for this app. It expires in 5 min. Do not share it."; give at least
    /// your app's name. Range: `{code}` and `{app}` in it, 1 to 3 segments with the longest code. Why: a text that names its
    /// sender and warns is harder to talk out of somebody; and it is checked before the first one is paid for. See
    /// [`MessageTemplate`].
    message: MessageTemplate = MessageTemplate::default(), borrow;

    /// The steps of a sign-in. Default: one, a code by SMS. Range: 1 to 8 steps, each once. Why: tokens are issued when all were
    /// answered rightly, so a plan without steps would let everybody in; each step is at least one of the rounds. See [`Plan`].
    plan: Plan = Plan::default(), borrow;

    /// What sign-ups are answered that Cognito asks about (Pre Sign-up, Custom Message). Default: `None`, those events go back
    /// untouched. Range: any [`SignUpPolicy`], or `None`. Why: an app that signs people up elsewhere must not have accounts
    /// confirmed by a trigger it attached for something else; `{}` in JSON takes every default.
    sign_up: Option<SignUpPolicy> = None, borrow;

    /// Whether tokens say how and when the code was proven, as claims `custom_auth:method` and `custom_auth:time` (Pre Token Generation).
    /// Default: no. Range: yes or no. Why: a service behind the app may ask for a fresh proof; who does not ask spares the
    /// tokens the bytes and the sign-in a look at the ledger.
    token_claims: bool = false, copy;
}

impl Policy {
    /// How long a record is kept: until no clock within the skew, and no act begun before its expiry, could still care.
    #[must_use]
    pub fn record_lifetime(&self) -> Duration {
        self.challenge_lifetime() + self.clock_skew() + self.trigger_deadline()
    }

    /// How long after it was made a challenge may be joined.
    #[must_use]
    pub fn joinable_for(&self) -> Duration {
        self.join_window().unwrap_or_else(|| self.challenge_lifetime())
    }
}
