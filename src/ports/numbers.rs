//! What a number is good for, beyond its form.

use core::fmt::Debug;
use std::sync::Arc;

use crate::types::PhoneNumber;

/// Whether a number may be texted and signed up, as far as the numbering plans tell.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use = "a number that does not fit must not be texted"]
#[allow(clippy::exhaustive_enums)] // complete: good, bad, or dear
pub enum NumberFit {
    /// It may.
    Fits,
    /// The plans have no such number.
    NoSuchNumber,
    /// There is such a number, but not of a kind that is texted: premium-rate, toll-free, a fixed line.
    WrongKind,
}

/// Knows the numbering plans.
///
/// # Contract
///
/// Pure and quick: called once for every text and every sign-up, before anything is paid. **Whoever owns a premium-rate number earns
/// by each text to it**, so a rule that cannot tell says [`WrongKind`](NumberFit::WrongKind). Nothing of the number is logged.
pub trait NumberRules: Debug + Send + Sync + 'static {
    /// Judges one number.
    fn check(&self, phone: &PhoneNumber) -> NumberFit;
}

/// Takes every number in E.164 form: the policy's destinations alone decide.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs)] // a unit
pub struct AnyNumber;

impl NumberRules for AnyNumber {
    fn check(&self, _: &PhoneNumber) -> NumberFit {
        NumberFit::Fits
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => { $(
        impl<T: NumberRules + ?Sized> NumberRules for $pointer {
            fn check(&self, phone: &PhoneNumber) -> NumberFit {
                (**self).check(phone)
            }
        }
    )+ };
}
forward!(Arc<T>, Box<T>, &'static T);
