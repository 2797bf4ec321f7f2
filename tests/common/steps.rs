//! Steps of a host's own, as tests need them.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use custom_auth::{
    Action, Clock as _, CustomAuth, Mark, Parameters, Presentation, Step, StepContext, StepError, StepName,
    machine::Verdict,
};

use super::{Person, SignIn, World};

/// A secret that can be guessed: 4711.
#[derive(Debug)]
pub struct Pin;

#[async_trait]
impl Step for Pin {
    fn guessable(&self) -> bool {
        true
    }
    async fn present(&self, _: &StepContext<'_>) -> Result<Presentation, StepError> {
        Ok(Presentation::default())
    }
    async fn check(&self, _: &StepContext<'_>, _: &Parameters, answer: &str) -> Result<Mark, StepError> {
        Ok(if answer == "4711" { Mark::Right } else { Mark::Wrong })
    }
}

/// A secret that can be guessed, another each time it is presented: a code by e-mail, of two digits.
#[derive(Debug, Default)]
pub struct Mailed(AtomicU32);

#[async_trait]
impl Step for Mailed {
    fn guessable(&self) -> bool {
        true
    }
    async fn present(&self, _: &StepContext<'_>) -> Result<Presentation, StepError> {
        let code = format!("{:02}", (self.0.fetch_add(1, Ordering::Relaxed) + 1) * 37 % 100);
        Ok(Presentation { public: Parameters::new(), private: Parameters::from([("code".to_owned(), code)]) })
    }
    async fn check(&self, _: &StepContext<'_>, kept: &Parameters, answer: &str) -> Result<Mark, StepError> {
        Ok(if kept.get("code").is_some_and(|code| code == answer) { Mark::Right } else { Mark::Wrong })
    }
}

/// A riddle that cannot be guessed: the answer names what was kept. It would like to write over what is ours.
#[derive(Debug)]
pub struct Captcha;

/// What solves [`Captcha`] in a sign-in's round.
pub fn solved(round: u8) -> String {
    format!("human-{round}")
}

#[async_trait]
impl Step for Captcha {
    fn guessable(&self) -> bool {
        false
    }
    async fn present(&self, context: &StepContext<'_>) -> Result<Presentation, StepError> {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut public = Parameters::from([own("siteKey", "site-1")]);
        for name in ["challenge", "attemptsLeft", "status", "codeLength", "expiresIn", "resendIn", "USERNAME"]
        {
            public.insert(name.to_owned(), "mine".to_owned());
        }
        let private =
            Parameters::from([own("customAuth", "1.k.sms_code.mine"), own("riddle", &solved(context.round))]);
        Ok(Presentation { public, private })
    }
    async fn check(&self, _: &StepContext<'_>, kept: &Parameters, answer: &str) -> Result<Mark, StepError> {
        Ok(if kept.get("riddle").is_some_and(|riddle| riddle == answer) { Mark::Right } else { Mark::Wrong })
    }
}

/// What a step's call comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    Well,
    Fails,
    Hangs,
}

/// A step that fails or hangs. What gets through is right.
#[derive(Debug)]
pub struct Broken {
    pub present: Fate,
    pub check: Fate,
}

async fn meet(fate: Fate) -> Result<(), StepError> {
    match fate {
        Fate::Well => Ok(()),
        Fate::Fails => Err(StepError::new("out of order")),
        Fate::Hangs => std::future::pending().await,
    }
}

#[async_trait]
impl Step for Broken {
    fn guessable(&self) -> bool {
        false
    }
    async fn present(&self, _: &StepContext<'_>) -> Result<Presentation, StepError> {
        meet(self.present).await?;
        let shown = Parameters::from([("shown".to_owned(), "yes".to_owned())]);
        Ok(Presentation { private: shown.clone(), public: shown })
    }
    async fn check(&self, _: &StepContext<'_>, _: &Parameters, _: &str) -> Result<Mark, StepError> {
        meet(self.check).await.map(|()| Mark::Right)
    }
}

pub fn name(step: &str) -> StepName {
    StepName::new(step).unwrap()
}

impl World {
    /// One more process, which has this step.
    pub fn engine_with_step(&self, name: StepName, step: impl Step) -> CustomAuth {
        self.builder(self.keys.clone()).step(name, step).build().unwrap()
    }

    /// A sign-in through `auth` that has got its first challenge.
    pub fn sign_in_through(&self, auth: &CustomAuth, person: Person) -> SignIn {
        let mut sign_in = SignIn::new(auth.clone(), person);
        self.run(sign_in.present(Action::Answer, self.clock.now()));
        sign_in
    }

    /// Verify alone: the sign-in stays in its round.
    pub fn verdict(&self, sign_in: &SignIn, answer: &str) -> Verdict {
        self.run(sign_in.verify(answer, Action::Answer, self.clock.now()))
    }
}
