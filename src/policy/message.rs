//! The text of the message: what it says, and the machine-readable line at its end.

use serde::{Deserialize, Serialize};

use super::PolicyError;
use crate::types::SmsBody;

/// What a text message says. Independent of the sender; one language.
///
/// Parts are written `{app}`, `{code}` and `{minutes}`; code and app must be there, each once. The last line, if any, is for machines:
/// either an origin-bound code (`@example.com #123456`, WICG "Origin-bound one-time codes": browsers fill it in on
/// that site alone) or an Android app hash (SMS Retriever). Not both: each must be the last line.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageTemplate {
    app: String,
    text: String,
    origin: Option<String>,
    android_hash: Option<String>,
    max_segments: u8,
}

impl Default for MessageTemplate {
    /// "123456 is your sign-in code for this app. It expires in 5 min. Do not share it." in one segment.
    fn default() -> Self {
        Self {
            app: "this app".to_owned(),
            text: "{code} is your sign-in code for {app}. It expires in {minutes} min. Do not share it."
                .to_owned(),
            origin: None,
            android_hash: None,
            max_segments: 1,
        }
    }
}

impl MessageTemplate {
    /// The default text for an app of this name. Names and texts are checked when the policy is built.
    #[must_use]
    pub fn new(app: &str) -> Self {
        Self { app: app.to_owned(), ..Self::default() }
    }

    /// The text for a sign-up's code that Cognito sends, for an app of this name: "123456 is your code for Example. Do not share it."
    #[must_use]
    pub fn for_sign_up(app: &str) -> Self {
        Self::new(app).with_text("{code} is your code for {app}. Do not share it.")
    }

    /// Another text, with `{code}` and `{app}` in it once each, and `{minutes}` at most once: the whole minutes until
    /// the code is dead, at least 1.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Adds the origin-bound last line for `host`.
    #[must_use]
    pub fn with_origin(mut self, host: &str) -> Self {
        self.origin = Some(host.to_owned());
        self
    }

    /// Adds the Android app hash (11 characters) as the last line.
    #[must_use]
    pub fn with_android_hash(mut self, hash: &str) -> Self {
        self.android_hash = Some(hash.to_owned());
        self
    }

    /// How many segments it may take. Default 1, from 1 to 3: each is paid for, and one letter outside the 7-bit alphabet cuts a
    /// segment from 160 characters to 70, so a translation must not triple the bill unseen.
    #[must_use]
    pub const fn with_max_segments(mut self, segments: u8) -> Self {
        self.max_segments = segments;
        self
    }

    /// Writes the message of a template that a policy has checked; of any other, parts it does not know read as minutes. The
    /// buffer does not grow: each time it did, a copy of the code would stay behind unwiped.
    #[must_use]
    pub fn write(&self, code: &str, minutes: u64) -> SmsBody {
        let minutes = minutes.to_string();
        let mut text = String::with_capacity(self.room(code, &minutes));
        self.write_into(&mut text, code, &minutes);
        SmsBody::new(text)
    }

    /// As many bytes as the message takes, or a few more: `{code}` and the like are counted beside what takes their place.
    fn room(&self, code: &str, minutes: &str) -> usize {
        let last = self.origin.as_deref().or(self.android_hash.as_deref()).map_or(0, |line| line.len() + 4);
        self.text.len() + self.app.len() + 2 * code.len() + minutes.len() + last
    }

    fn write_into(&self, text: &mut String, code: &str, minutes: &str) {
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (part, tail) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(match part {
                "app" => &self.app,
                "code" => code,
                _ => minutes,
            });
            rest = tail;
        }
        text.push_str(rest);
        if let Some(host) = &self.origin {
            text.push_str("\n@");
            text.push_str(host);
            text.push_str(" #");
            text.push_str(code);
        } else if let Some(hash) = &self.android_hash {
            text.push('\n');
            text.push_str(hash);
        }
    }

    /// The same for a text with a sign-up's code: Cognito puts six digits in, and takes no more than 140 characters.
    pub(super) fn check_for_sign_up(&self) -> Result<(), PolicyError> {
        self.check(6, 0)?;
        if self.text.contains("{minutes}") {
            return Err(PolicyError::Message("the code of a sign-up lives a day: its text has no {minutes}"));
        }
        if self.write("000000", 0).expose_secret().chars().count() > 140 {
            return Err(PolicyError::Message("the text of a sign-up has at most 140 characters (Cognito)"));
        }
        Ok(())
    }

    pub(super) fn check(&self, digits: u8, minutes: u64) -> Result<(), PolicyError> {
        let wrong = |why| Err(PolicyError::Message(why));
        let mut parts: Vec<&str> = Vec::new();
        for piece in self.text.split('{').skip(1) {
            match piece.split_once('}') {
                Some((part @ ("app" | "code" | "minutes"), _)) if !parts.contains(&part) => parts.push(part),
                _ => return wrong("its parts are {app}, {code} and {minutes}, each at most once"),
            }
        }
        if !parts.contains(&"code") || !parts.contains(&"app") {
            return wrong("the text must have {code} and {app}");
        }
        if self.text.split('{').any(|piece| piece.matches('}').count() > 1) || self.text.starts_with('}') {
            return wrong("a brace stands alone");
        }
        if self.app.is_empty() || self.app.chars().any(char::is_control) || self.app.contains(['{', '}']) {
            return wrong("the app's name is empty, or has control characters or braces");
        }
        // The origin-bound line is the last; an earlier line that looks like one would confuse its readers.
        if self.text.contains('@') && self.origin.is_some() || self.text.ends_with('\n') {
            return wrong("the text must not hold `@` beside an origin, nor end with an empty line");
        }
        let host = |host: &str| {
            !host.is_empty()
                && !host.starts_with(['.', '-'])
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        };
        if self.origin.as_deref().is_some_and(|origin| !host(origin)) {
            return wrong("the origin is a host name in lower-case ASCII, such as example.com");
        }
        let hash = |hash: &str| {
            hash.len() == 11 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        };
        if self.android_hash.as_deref().is_some_and(|android| !hash(android)) {
            return wrong("an Android app hash has 11 base64 characters");
        }
        if self.origin.is_some() && self.android_hash.is_some() {
            return wrong("an origin and an Android hash each want the last line; choose one");
        }
        if !(1..=3).contains(&self.max_segments) {
            return wrong("max_segments is 1 to 3");
        }
        let longest = self.write(&"0".repeat(usize::from(digits)), minutes);
        if longest.segments() > usize::from(self.max_segments) {
            return wrong("it takes more segments than max_segments");
        }
        if self.android_hash.is_some() && longest.expose_secret().len() > 140 {
            return wrong("a message with an Android hash has at most 140 bytes (SMS Retriever)");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(template: &MessageTemplate) -> String {
        template.write("012345", 5).expose_secret().to_owned()
    }

    #[test]
    fn the_default_message_is_one_segment_and_says_app_code_and_minutes() {
        let template = MessageTemplate::new("Example");
        assert_eq!(
            written(&template),
            "012345 is your sign-in code for Example. It expires in 5 min. Do not share it."
        );
        assert_eq!(template.check(10, 10), Ok(()));
    }

    #[test]
    fn the_last_line_is_for_machines() {
        let web = MessageTemplate::new("Example").with_origin("login.example.com");
        assert!(written(&web).ends_with("it.\n@login.example.com #012345"), "{}", written(&web));
        let android = MessageTemplate::new("Example").with_android_hash("FA+9qCX9VSu");
        assert!(written(&android).ends_with("it.\nFA+9qCX9VSu"));
        assert_eq!((web.check(6, 5), android.check(6, 5)), (Ok(()), Ok(())));
    }

    #[test]
    fn a_template_that_cannot_hold_its_parts_is_refused() {
        let base = || MessageTemplate::new("Example");
        for template in [
            base().with_text("your code"),
            base().with_text("{code}"),
            base().with_text("{app} {code} {code}"),
            base().with_text("{app} {code} {name}"),
            base().with_text("{app} {code"),
            base().with_text("{app} {code}}"),
            base().with_text("} {app} {code}"),
            base().with_text("{app} {code} @you").with_origin("example.com"),
            base().with_text(&format!("{{app}} {{code}} {}", "long ".repeat(40))),
            base().with_text(
                "{app} {code} \u{2014} ваш код входа, не сообщайте его никому, он действует недолго",
            ),
            base().with_origin("Example.com"),
            base().with_origin("example.com/login"),
            base().with_origin(""),
            base().with_android_hash("short"),
            base().with_origin("example.com").with_android_hash("FA+9qCX9VSu"),
            base().with_max_segments(0),
            MessageTemplate::new(""),
            MessageTemplate::new("a\nb"),
        ] {
            assert!(matches!(template.check(6, 5), Err(PolicyError::Message(_))), "{template:?}");
        }
    }

    #[test]
    fn i7_the_buffer_never_grows_so_that_no_copy_of_the_code_is_left_behind() {
        let long = "An app whose name is longer than all the rest of it";
        for app in ["A", long] {
            for text in ["{app}{code}", "{code} {app} {minutes}", "Your {app} code: {code}.", "{code}"] {
                let plain = MessageTemplate::new(app).with_text(text);
                let web = plain.clone().with_origin("a.example");
                let android = plain.clone().with_android_hash("FA+9qCX9VSu");
                for template in [plain, web, android] {
                    for (code, minutes) in [("012345", "5"), ("0123456789", "10")] {
                        let mut message = String::with_capacity(template.room(code, minutes));
                        let before = (message.as_ptr(), message.capacity());
                        template.write_into(&mut message, code, minutes);
                        assert!(message.contains(code));
                        assert_eq!((message.as_ptr(), message.capacity()), before, "{template:?}");
                    }
                }
            }
        }
    }
}
