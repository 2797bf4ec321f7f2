//! *Define*: what comes next?

use super::Proof;
use crate::{
    policy::{Opening, Plan},
    types::{Action, ChallengeName, Claimant, FlowTag, Mark, Session, StepName},
};

/// What *define* answers (Cognito: Define Auth Challenge).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "an unread decision signs nobody in"]
#[allow(clippy::exhaustive_enums)] // complete: Cognito knows no other answer, and ignoring one would be a hole
pub enum Decision {
    /// No tokens; the sign-in is over.
    FailAuthentication(FailureReason),
    /// Every step was answered rightly.
    IssueTokens(Proof),
    /// Present this step of ours (Cognito: `CUSTOM_CHALLENGE`).
    Present(StepName),
    /// Let the service check the password first (Cognito: `PASSWORD_VERIFIER`).
    VerifyPassword,
}

/// Why a sign-in was ended. For operators; the outside hears "Incorrect username or password." whatever it was.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FailureReason {
    /// A right answer in a round that is not ours, of another flow or of another step.
    ForeignRound,
    /// The plan wants a password, and the session does not show one.
    PasswordMissing,
    /// The sign-in has had all its rounds.
    RoundsUsedUp,
    /// The last try on the challenge was wrong.
    TriesUsedUp,
    /// Nobody is signed in whom the pool does not know.
    UnknownClaimant,
}

/// Where a session stands in the plan.
enum Progress {
    /// The step to present next, how many of our rounds there were, and the newest if it was wrong.
    At {
        step: StepName,
        rounds: usize,
        wrong: bool,
    },
    Complete(FlowTag),
    Failed(FailureReason),
}

/// Decides what comes next. Called after every answer, and first with an empty session.
///
/// `max_rounds` is the policy's rounds per session; `action` is what the client asked for with this answer.
///
/// ```
/// use custom_auth::{Action, Claimant, Plan, Session, StepName, machine::{Decision, define}};
///
/// let decision = define(&Plan::default(), &Session::new(), Claimant::Known, Action::Answer, 9);
/// assert_eq!(decision, Decision::Present(StepName::sms_code()));
/// ```
pub fn define(
    plan: &Plan,
    session: &Session,
    claimant: Claimant,
    action: Action,
    max_rounds: u8,
) -> Decision {
    if let Some(decision) = opening(plan, session) {
        return decision;
    }
    match progress(plan, session) {
        Progress::Failed(reason) => Decision::FailAuthentication(reason),
        Progress::Complete(flow) => match claimant {
            Claimant::Known => Decision::IssueTokens(Proof::new(flow)),
            Claimant::Unknown => Decision::FailAuthentication(FailureReason::UnknownClaimant),
        },
        Progress::At { rounds, .. } if rounds >= usize::from(max_rounds) => {
            Decision::FailAuthentication(FailureReason::RoundsUsedUp)
        }
        Progress::At { wrong: true, .. } if action == Action::Answer && last_try(session) => {
            Decision::FailAuthentication(FailureReason::TriesUsedUp)
        }
        Progress::At { step, .. } => Decision::Present(step),
    }
}

/// The step that *create* is to present: *define*'s, but blind to limits, which *define* has already kept.
/// `None` if the session calls for no step of ours.
#[must_use]
pub fn step_to_present(plan: &Plan, session: &Session) -> Option<StepName> {
    match progress(plan, session) {
        Progress::At { step, .. } => Some(step),
        Progress::Complete(_) | Progress::Failed(_) => None,
    }
}

/// What the plan's opening demands before any step of ours, if it is not met yet.
fn opening(plan: &Plan, session: &Session) -> Option<Decision> {
    match plan.opening() {
        Opening::Any => None,
        Opening::Password => {
            let missing = Decision::FailAuthentication(FailureReason::PasswordMissing);
            let mut results = session.results().iter().map(|result| (result.name, result.mark));
            match (results.next(), results.next()) {
                (Some((ChallengeName::SrpA, Mark::Right)), None) => Some(Decision::VerifyPassword),
                (
                    Some((ChallengeName::SrpA, Mark::Right)),
                    Some((ChallengeName::PasswordVerifier, Mark::Right)),
                ) => None,
                _ => Some(missing),
            }
        }
    }
}

/// Walks the plan over our own rounds, oldest first.
fn progress(plan: &Plan, session: &Session) -> Progress {
    let mut steps = plan.steps().iter();
    let mut current = steps.next();
    let (mut flow, mut rounds, mut wrong) = (None, 0, false);
    for round in session.rounds() {
        rounds += 1;
        let Some(step) = current else {
            return Progress::Failed(FailureReason::ForeignRound); // a round after the last step
        };
        // A round of another flow or step is never a proof, whatever its mark.
        let ours =
            round.metadata.as_ref().filter(|m| m.step == *step && *flow.get_or_insert(m.flow) == m.flow);
        wrong = round.mark == Mark::Wrong;
        match (round.mark, ours) {
            (Mark::Right, Some(_)) => current = steps.next(),
            (Mark::Right, None) => return Progress::Failed(FailureReason::ForeignRound),
            (Mark::Wrong, _) => {}
        }
    }
    match (current, flow) {
        (Some(step), _) => Progress::At { step: *step, rounds, wrong },
        (None, Some(flow)) => Progress::Complete(flow),
        (None, None) => Progress::Failed(FailureReason::ForeignRound),
    }
}

/// Whether the newest round was presented with its last try.
fn last_try(session: &Session) -> bool {
    session.last_round().is_some_and(|round| round.tries_left <= 1)
}
