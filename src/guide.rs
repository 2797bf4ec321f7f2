//! The long prose: what the words mean, why it is as it is, what it defends against, Cognito, and adapters of your own.
//!
//! These are the pages of `docs/` in the repository, so that their examples are compiled and run as tests.

// A page links to files of the repository, for those who read it there. Of two definitions of a link the first counts, so
// the lines before a page turn its links into links of this documentation.

#[doc = "[`NumberRule`]: crate::NumberRule"]
#[doc = "[`Session`]: crate::Session"]
#[doc = "[`Unproven`]: crate::Unproven"]
#[doc = "[`UserStatus`]: crate::UserStatus"]
#[doc = "[`Plan`]: crate::Plan"]
#[doc = "[`Challenge`]: crate::Challenge"]
#[doc = "[`Decision`]: crate::machine::Decision"]
#[doc = "[`Verdict`]: crate::machine::Verdict"]
#[doc = "[`Ledger`]: crate::Ledger"]
#[doc = ""]
#[doc = include_str!("../docs/glossary.md")]
pub mod glossary {}

#[doc = "[`CodeKeys`]: crate::CodeKeys"]
#[doc = "[`Ledger`]: crate::Ledger"]
#[doc = "[`ActId`]: crate::ActId"]
#[doc = "[`Timestamp`]: crate::Timestamp"]
#[doc = "[`Clock`]: crate::Clock"]
#[doc = "[`Triggers`]: crate::pool::Triggers"]
#[doc = "[`Policy`]: crate::Policy"]
#[doc = "[`machine`]: crate::machine"]
#[doc = "[`ChallengeMetadata`]: crate::ChallengeMetadata"]
#[doc = ""]
#[doc = include_str!("../docs/design.md")]
pub mod design {}

#[doc = "[`Odds`]: crate::Odds"]
#[doc = "[`WorstBill`]: crate::WorstBill"]
#[doc = "[design]: crate::guide::design"]
#[doc = ""]
#[doc = include_str!("../docs/threat-model.md")]
pub mod threat_model {}

#[doc = "[`UserPool`]: crate::UserPool"]
#[doc = "[`Ledger`]: crate::Ledger"]
#[doc = "[adapter]: crate::guide::writing_an_adapter"]
#[doc = ""]
#[doc = include_str!("../docs/cognito.md")]
pub mod cognito {}

#[cfg(all(feature = "dynamodb", feature = "lambda"))]
#[doc = "[`DynamoDbLedger`]: crate::DynamoDbLedger"]
#[doc = "[`Failover`]: crate::Failover"]
#[doc = "[`Occurrence`]: crate::Occurrence"]
#[doc = ""]
#[doc = include_str!("../docs/aws.md")]
pub mod aws {}

#[cfg(feature = "server")]
#[doc = "[`Server`]: crate::hosts::server::Server"]
#[doc = "[`serve`]: crate::hosts::server::serve"]
#[doc = "[`LambdaTriggers`]: crate::hosts::server::LambdaTriggers"]
#[doc = "[`PublicChallengeParameters`]: crate::PublicChallengeParameters"]
#[doc = "[`Triggers`]: crate::pool::Triggers"]
#[doc = "[`DoorLimits`]: crate::hosts::server::DoorLimits"]
#[doc = "[`Occurrence`]: crate::Occurrence"]
#[doc = "[`PolicyBuilder`]: crate::PolicyBuilder"]
#[doc = ""]
#[doc = include_str!("../docs/server.md")]
pub mod server {}

#[doc = "[`AccountPolicy`]: crate::AccountPolicy"]
#[doc = "[`Accounts`]: crate::Accounts"]
#[doc = "[`UserStore`]: crate::UserStore"]
#[doc = "[`MemoryUsers`]: crate::MemoryUsers"]
#[doc = "[`UserPool`]: crate::UserPool"]
#[doc = ""]
#[doc = include_str!("../docs/sign-up.md")]
pub mod sign_up {}

#[doc = "[`SmsSender`]: crate::SmsSender"]
#[doc = "[`Ledger`]: crate::Ledger"]
#[doc = "[`UserStore`]: crate::UserStore"]
#[doc = "[`Step`]: crate::Step"]
#[doc = "[`guessable`]: crate::Step::guessable"]
#[doc = ""]
#[doc = include_str!("../docs/writing-an-adapter.md")]
pub mod writing_an_adapter {}

/// The readme's example, for `cargo test --doc`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub mod readme {}
