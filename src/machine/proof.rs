//! Evidence that a sign-in was completed.

use crate::types::FlowTag;

/// Evidence that every step of the plan was answered rightly in one flow (invariant I1). Only *define* makes one;
/// whatever issues tokens asks for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "a proof that is dropped signs nobody in"]
pub struct Proof {
    flow: FlowTag,
}

impl Proof {
    pub(super) const fn new(flow: FlowTag) -> Self {
        Self { flow }
    }

    /// The flow in which it was given; its tag stands in every round's metadata.
    #[must_use]
    pub const fn flow(&self) -> FlowTag {
        self.flow
    }
}
