//! What a host chooses about sign-ups that Cognito asks about.

use serde::{Deserialize, Serialize};

use super::{MessageTemplate, PolicyError, given::Given, object::Object, validate::within};

/// What a host has chosen about sign-ups, checked as a whole.
///
/// ```
/// use custom_auth::{MessageTemplate, SignUpPolicy};
///
/// let policy = SignUpPolicy::builder()
///     .auto_confirm(false) // two steps: Cognito texts a code, in these words
///     .message(Some(MessageTemplate::for_sign_up("Example")))
///     .build()?;
/// assert!(!policy.auto_confirm());
/// # Ok::<(), custom_auth::PolicyError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "SignUpPolicyBuilder", into = "SignUpPolicyBuilder")]
pub struct SignUpPolicy(SignUpPolicyBuilder);

choices! {
    /// Chooses what Pre Sign-up and Custom Message answer. Everything has a default; [`build`](Self::build) checks the whole. Each
    /// choice says its default, its range, and why.
    ///
    /// In JSON each choice is a member of the same name; unknown members are refused.
    SignUpPolicyBuilder => SignUpPolicy;

    /// Whether an account is confirmed when it is signed up. Default: yes. Range: yes or no. Why: the code of the first sign-in is
    /// the proof then, so nobody is texted twice and nobody is left unconfirmed. The number is not marked verified by it.
    /// No is for two steps, where Cognito texts a code of its own.
    auto_confirm: bool = true, copy;

    /// Whether a number counts as verified when it is signed up. Default: no. Range: yes only with `auto_confirm`. Why: it proves nothing,
    /// and in a pool with aliases **it takes a number from whoever has it and hands it to whoever signs up** (Developer Guide,
    /// "Pre sign-up Lambda trigger"). Post Confirmation then takes the sign-up for proven, as it does a code of Cognito's: the password
    /// that was signed up with is replaced by one that nobody knows, and the account is one that was verified, which no
    /// recovery deletes and no sweep takes away, whoever's number it is. For pools whose sign-ups come from your own server alone, which
    /// has asked for proof.
    danger_auto_verify_phone: bool = false, copy;

    /// How often a day one number may be signed up. Default: 5. Range: 1 to 100. Why: a number is signed up once; each further time is
    /// somebody who tries what comes of it, or, in two steps, a text to a phone that is not theirs.
    sign_ups_per_number: u32 = 5, copy;

    /// How often a day numbers may be signed up in all. Default: 10,000. Range: 1 or more. Why: an account costs nothing to make, and
    /// Cognito's events carry no address to count by. Set it a little above your busiest day.
    sign_ups_per_day: u32 = 10_000, copy;

    /// What the text with a sign-up's code says, where Cognito texts it. Default: `None`, Cognito's own words. Range: a template without
    /// `{minutes}`, at most 140 characters with the code. Why: Cognito takes no more (Developer Guide, "Custom message Lambda
    /// trigger"), and its codes live a day.
    message: Option<MessageTemplate> = None, borrow;
}

impl Default for SignUpPolicy {
    /// Every default, which is sound.
    fn default() -> Self {
        Self(SignUpPolicyBuilder::default())
    }
}

impl SignUpPolicyBuilder {
    fn check(&self) -> Result<(), PolicyError> {
        let verified_alone = self.danger_auto_verify_phone && !self.auto_confirm;
        within("danger_auto_verify_phone", "no, or yes with auto_confirm", !verified_alone)?;
        within("sign_ups_per_number", "1 to 100", (1..=100).contains(&self.sign_ups_per_number))?;
        within("sign_ups_per_day", "1 or more", self.sign_ups_per_day > 0)?;
        self.message.as_ref().map_or(Ok(()), MessageTemplate::check_for_sign_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_range_is_kept_at_both_ends() {
        let field = |builder: SignUpPolicyBuilder| match builder.build() {
            Ok(_) => "sound",
            Err(PolicyError::Range { field, .. }) => field,
            Err(PolicyError::Message(_)) => "message",
            Err(other) => panic!("{other}"),
        };
        let base = SignUpPolicy::builder;
        let words = |text: &str| Some(MessageTemplate::new("Example").with_text(text));
        let long = |letters: usize| words(&format!("{{app}} {{code}} {}", "x".repeat(letters)));
        for (builder, expected) in [
            (base(), "sound"),
            (base().danger_auto_verify_phone(true), "sound"),
            (base().danger_auto_verify_phone(true).auto_confirm(false), "danger_auto_verify_phone"),
            (base().sign_ups_per_number(0), "sign_ups_per_number"),
            (base().sign_ups_per_number(100), "sound"),
            (base().sign_ups_per_number(101), "sign_ups_per_number"),
            (base().sign_ups_per_day(0), "sign_ups_per_day"),
            (base().message(Some(MessageTemplate::for_sign_up("Example"))), "sound"),
            (base().message(Some(MessageTemplate::new("Example"))), "message"),
            (base().message(words("{app}")), "message"),
            // "Example", a space, six digits, a space.
            (base().message(long(125)), "sound"),
            (base().message(long(126)), "message"),
        ] {
            assert_eq!(field(builder), expected);
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written_and_refuses_what_it_does_not_know() {
        let message = Some(MessageTemplate::for_sign_up("Example"));
        let policy = SignUpPolicy::builder().auto_confirm(false).message(message).build().unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<SignUpPolicy>(&json).unwrap(), policy);
        assert_eq!(serde_json::from_str::<SignUpPolicy>("{}").unwrap(), SignUpPolicy::default());
        for json in [r#"{"auto_verify_phone":true}"#, r#"{"sign_ups_per_day":0}"#] {
            assert!(serde_json::from_str::<SignUpPolicy>(json).is_err(), "{json}");
        }
    }
}
