//! Which numbers may be texted, at what price, and how many a day.

use core::{fmt, ops::Bound};
use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};

use super::{PolicyError, object};
use crate::types::PhoneNumber;

/// Rules by number prefix; the longest that fits decides. Nothing is allowed until it is named.
///
/// SMS pumping sends texts to expensive numbers that nobody reads; a list of the countries an app has users in is the
/// first defence. A prefix is `+` and 1 to 7 digits, the first not 0: a calling code, or the beginning of some of its numbers.
///
/// In JSON it is an object of rules by prefix, each `{"allow": {…}}` or `"deny"`:
///
/// ```
/// # use custom_auth::{Destination, Destinations};
/// let json = r#"{"+91": {"allow": {"price": 2780, "per_day": 2000}}, "+1": {"allow": {}}, "+1876": "deny"}"#;
/// let destinations: Destinations = serde_json::from_str(json)?;
/// let same = Destinations::allow(["+1"]).allow_at("+91", Destination::new(2_780, Some(2_000))).deny("+1876");
/// assert_eq!(destinations, same);
/// assert!(serde_json::from_str::<Destinations>(r#"{"+91": "allow"}"#).is_err(), "an allowed prefix has terms, if empty ones");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A prefix that stands twice is an error, since one of the two rules would be lost.
///
/// ```
/// use custom_auth::Destinations;
///
/// let destinations = Destinations::allow(["+91", "+1"]).deny("+1876");
/// assert!(destinations.find(&"+15550100123".parse()?).is_some());
/// assert!(destinations.find(&"+18765550100".parse()?).is_none());
/// assert!(destinations.find(&"+490000000".parse()?).is_none());
/// # Ok::<(), custom_auth::ParsePhoneNumberError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Destinations(BTreeMap<String, Rule>);

/// What a prefix may. In JSON `{"allow": {…}}` or `"deny"`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rule {
    /// It may be texted.
    Allow(#[serde(deserialize_with = "object::read")] Destination),
    /// It may not.
    Deny,
}

/// A prefix that may be texted, and its terms. Every member has a default, so `{}` allows without a cap.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Destination {
    /// What one text costs at most, in millionths of the currency unit: 2780 for 0.00278. Default 0, which a policy with a
    /// budget refuses: a text without a price would cost it nothing.
    pub price: u32,
    /// How many texts in any 24 h, 1 or more; `None`, the default, for no limit of its own. With the price it is what this
    /// destination can cost at worst.
    pub per_day: Option<u32>,
}

impl Destination {
    /// A destination with a price and a daily cap.
    #[must_use]
    pub const fn new(price: u32, per_day: Option<u32>) -> Self {
        Self { price, per_day }
    }
}

/// The prefix of every number. Spelled so that it is seen in a review.
const ANY: &str = "danger_any";
/// The longest prefix a rule may have.
const LONGEST: usize = 7;

impl Destinations {
    /// Allows these prefixes, without a price or a daily cap.
    #[must_use]
    pub fn allow<'a>(prefixes: impl IntoIterator<Item = &'a str>) -> Self {
        let rule = |prefix: &str| (prefix.to_owned(), Rule::Allow(Destination::default()));
        Self(prefixes.into_iter().map(rule).collect())
    }

    /// Allows every number in the world. An attacker then chooses the dearest; keep it to senders that cost nothing.
    #[must_use]
    pub fn danger_any() -> Self {
        Self::allow([ANY])
    }

    /// Allows `prefix`, with a price and a daily cap.
    #[must_use]
    pub fn allow_at(mut self, prefix: &str, destination: Destination) -> Self {
        self.0.insert(prefix.to_owned(), Rule::Allow(destination));
        self
    }

    /// Denies `prefix`, inside a shorter one that is allowed.
    #[must_use]
    pub fn deny(mut self, prefix: &str) -> Self {
        self.0.insert(prefix.to_owned(), Rule::Deny);
        self
    }

    /// The longest prefix that fits `phone` and its terms; `None` if it may not be texted.
    #[must_use]
    pub fn find(&self, phone: &PhoneNumber) -> Option<(&str, Destination)> {
        match self.longest(phone.e164()).or_else(|| self.0.get_key_value(ANY))? {
            (prefix, Rule::Allow(terms)) => Some((prefix, *terms)),
            (_, Rule::Deny) => None,
        }
    }

    /// The rule with the longest prefix that begins `number`. In the order of the map it is the last one before the number,
    /// or before what the number shares with the one that is.
    fn longest(&self, mut number: &str) -> Option<(&String, &Rule)> {
        loop {
            let up_to = (Bound::Unbounded, Bound::Included(number));
            let (prefix, rule) = self.0.range::<str, _>(up_to).next_back()?;
            if number.starts_with(prefix.as_str()) {
                return Some((prefix, rule));
            }
            let shared = number.bytes().zip(prefix.bytes()).take_while(|(one, other)| one == other).count();
            number = number.get(..shared)?;
        }
    }

    /// Whether every number in the world is allowed.
    #[must_use]
    pub fn allows_any(&self) -> bool {
        matches!(self.0.get(ANY), Some(Rule::Allow(_)))
    }

    /// Whether no rule was made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What may be texted, by prefix.
    pub fn allowed(&self) -> impl Iterator<Item = (&str, Destination)> {
        self.0.iter().filter_map(|(prefix, rule)| match rule {
            Rule::Allow(terms) => Some((prefix.as_str(), *terms)),
            Rule::Deny => None,
        })
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let sound = |prefix: &String| {
            let digits = prefix.strip_prefix('+').unwrap_or_default();
            let first = digits.bytes().next().is_some_and(|digit| (b'1'..=b'9').contains(&digit));
            prefix == ANY || first && digits.len() <= LONGEST && digits.bytes().all(|b| b.is_ascii_digit())
        };
        if !self.0.keys().all(sound) {
            return Err(PolicyError::Prefix);
        }
        if self.allowed().next().is_none() {
            return Err(PolicyError::NoDestination);
        }
        let zero = self.allowed().any(|(_, terms)| terms.per_day == Some(0));
        let range = PolicyError::Range {
            field: "destinations.per_day",
            range: "1 or more; deny the prefix instead of 0",
        };
        if zero { Err(range) } else { Ok(()) }
    }
}

impl<'de> Deserialize<'de> for Destinations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Rules)
    }
}

/// Reads rules by prefix, each prefix once.
struct Rules;

impl<'de> Visitor<'de> for Rules {
    type Value = Destinations;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of rules by prefix")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Destinations, A::Error> {
        let mut rules = BTreeMap::new();
        while let Some((prefix, rule)) = members.next_entry::<String, Rule>()? {
            if rules.insert(prefix, rule).is_some() {
                return Err(A::Error::custom("destinations: a prefix stands twice"));
            }
        }
        Ok(Destinations(rules))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn prefix(destinations: &Destinations, phone: &str) -> Option<String> {
        destinations.find(&phone.parse().unwrap()).map(|(prefix, _)| prefix.to_owned())
    }

    #[test]
    fn i4_the_longest_prefix_decides() {
        let destinations = Destinations::allow(["+1", "+1876555"]).deny("+1876").deny("+91");
        assert_eq!(prefix(&destinations, "+15550100123").as_deref(), Some("+1"));
        assert_eq!(prefix(&destinations, "+18760000000"), None);
        assert_eq!(prefix(&destinations, "+18765550100").as_deref(), Some("+1876555"));
        assert_eq!(prefix(&destinations, "+919999900001"), None);
    }

    #[test]
    fn i4_a_prefix_that_stands_twice_in_json_is_refused() {
        let read = |json| serde_json::from_str::<Destinations>(json).map_err(|error| error.to_string());
        assert_eq!(read(r#"{"+91":{"allow":{}},"+1":"deny"}"#), Ok(Destinations::allow(["+91"]).deny("+1")));
        for json in [
            r#"{"+1876":"deny","+1":{"allow":{}},"+1876":{"allow":{}}}"#,
            r#"{"+91":{"allow":{"per_day":5}},"+91":{"allow":{}}}"#,
            r#"{"+1":"deny","\u002b1":"deny"}"#,
        ] {
            assert!(read(json).is_err_and(|error| error.contains("stands twice")), "{json}");
        }
    }

    #[test]
    fn any_is_the_last_resort_and_a_denial_stands_before_it() {
        let destinations = Destinations::danger_any().deny("+1876");
        assert_eq!(prefix(&destinations, "+490000000").as_deref(), Some("danger_any"));
        assert_eq!(prefix(&destinations, "+18765550100"), None);
    }

    proptest! {
        #[test]
        fn no_longer_rule_fits_than_the_one_that_is_found(
            prefixes in vec("\\+[1-3]{1,5}", 0..30), any: bool, phone in "\\+[1-3]{7}",
        ) {
            let mut rules = prefixes.clone();
            rules.extend(any.then(|| ANY.to_owned()));
            let destinations = Destinations::allow(rules.iter().map(String::as_str));
            let fitting = prefixes.iter().filter(|prefix| phone.starts_with(prefix.as_str()));
            let longest = fitting.max_by_key(|prefix| prefix.len()).cloned();
            prop_assert_eq!(prefix(&destinations, &phone), longest.or_else(|| any.then(|| ANY.to_owned())));
        }
    }

    #[test]
    fn prefixes_that_are_none_are_refused() {
        for text in ["", "91", "+", "+0", "+91 ", "+12345678", "any", "+9a"] {
            assert_eq!(Destinations::allow([text]).check(), Err(PolicyError::Prefix), "{text:?}");
        }
        assert_eq!(Destinations::default().check(), Err(PolicyError::NoDestination));
        assert_eq!(Destinations::default().deny("+1").check(), Err(PolicyError::NoDestination));
        assert_eq!(Destinations::allow(["+91", "+1"]).deny("+1876").check(), Ok(()));
    }
}
