//! What the door lets through, and how that is written in a setting.

use core::{net::IpAddr, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

/// What the door lets through. Texts, guesses and accounts have limits of their own behind it, in the ledger; these keep the
/// server itself from being used up.
///
/// In JSON each limit is a member of the same name, durations in seconds; what is left out is as by default, and unknown
/// members are refused.
///
/// ```
/// use custom_auth::hosts::server::DoorLimits;
///
/// let limits: DoorLimits = serde_json::from_str(r#"{"burst": 20, "body_timeout": 2.5, "trusted_proxies": ["10.0.0.1"]}"#)?;
/// assert_eq!((limits.burst, limits.per_second), (20, DoorLimits::default().per_second));
/// assert!(serde_json::from_str::<DoorLimits>(r#"{"connections": 0}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DoorLimits {
    /// The largest body that is read, in bytes. Default 65,536; range 1,024 to 16,777,216.
    #[serde(deserialize_with = "body")]
    pub body: usize,
    /// How long a body may take to arrive. Default 10 s; range 0.001 s to 3,600 s.
    #[serde(deserialize_with = "seconds")]
    pub body_timeout: Duration,
    /// How long the head of a request may take to arrive, and how long a connection may be idle. Default 10 s; range 0.001 s to
    /// 3,600 s.
    #[serde(deserialize_with = "seconds")]
    pub head_timeout: Duration,
    /// How long a client may take to read its answer; then its connection is closed. Default 30 s; range 0.001 s to 3,600 s.
    #[serde(deserialize_with = "seconds")]
    pub write_timeout: Duration,
    /// How many connections are open at once; others wait to be taken. Default 1,024; range 1 to 1,000,000.
    #[serde(deserialize_with = "places")]
    pub connections: usize,
    /// How many of them one address may have; one more is closed at once. Trusted proxies may have any number. Default 128; range 1 to
    /// 1,000,000.
    #[serde(deserialize_with = "places")]
    pub connections_per_address: usize,
    /// How many requests are carried out at once; others are answered 503. A call whose client has gone still counts,
    /// here and among the connections. Default 512; range 1 to 1,000,000.
    #[serde(deserialize_with = "places")]
    pub concurrency: usize,
    /// How many calls one address may make at once after a rest; whatever else it asks for, such as the page and `jwks.json`, costs a
    /// tenth of a call. Default 60; range 1 to 1,000,000.
    #[serde(deserialize_with = "count")]
    pub burst: u32,
    /// How many calls one address may make a second in the long run. Default 10; range 1 to 1,000.
    #[serde(deserialize_with = "rate")]
    pub per_second: u32,
    /// How many calls that may text somebody one address may make in an hour: sign-ups, sign-ins by code, codes asked for again and new
    /// numbers, whoever they are about. Counted in the ledger, so by all processes, and after a restart. Default 60; range 1 to 1,000,000.
    #[serde(deserialize_with = "count")]
    pub texts_per_hour: u32,
    /// How many passwords one address may send or begin to prove in an hour, whoever's they are. Default 60; range 1 to 1,000,000.
    #[serde(deserialize_with = "count")]
    pub passwords_per_hour: u32,
    /// The proxies whose `X-Forwarded-For` is believed, by address. Default: none, so the header is not looked at.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            body: 65_536,
            body_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            connections: 1024,
            connections_per_address: 128,
            concurrency: 512,
            burst: 60,
            per_second: 10,
            texts_per_hour: 60,
            passwords_per_hour: 60,
            trusted_proxies: Vec::new(),
        }
    }
}

impl DoorLimits {
    /// Whether it is a proxy's, whose word is taken for who asks.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == address.to_canonical())
    }

    /// Reads them as a setting is written.
    pub(super) fn from_json(json: &str) -> Result<Self, String> {
        // Only an object is looked into: a parser's error may repeat a lone string, and a list would be taken in order.
        if !json.trim_start().starts_with('{') {
            return Err("is not a JSON object".to_owned());
        }
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}

fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    within(deserializer, 1_024..=16_777_216)
}

/// No more than a semaphore of tokio's holds on any machine, and than a process may have files open.
fn places<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    within(deserializer, 1..=1_000_000)
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(deserializer, 1..=1_000_000)
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(deserializer, 1..=1_000)
}

fn within<'de, D, T>(deserializer: D, range: RangeInclusive<T>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Copy + Deserialize<'de> + PartialOrd + core::fmt::Display,
{
    let number = T::deserialize(deserializer)?;
    if range.contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format_args!("a limit is out of its range, {} to {}", range.start(), range.end())))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    if !(0.001..=3_600.0).contains(&seconds) {
        return Err(D::Error::custom("a time-out is 0.001 to 3,600 seconds"));
    }
    Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the guide's table: name and default.
    fn told() -> Vec<(String, String)> {
        let guide = include_str!("../../../docs/server.md");
        let table = guide.split("## Limits at the door").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
        let cells = rows.map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`').replace(',', "")));
        cells.map(|mut row| (row.next().unwrap(), row.next().unwrap())).collect()
    }

    #[test]
    fn the_guide_tells_every_limit_and_its_default() {
        let told = told();
        for (name, default) in &told {
            let one = DoorLimits::from_json(&format!("{{\"{name}\": {default}}}")).unwrap();
            assert_eq!(one, DoorLimits::default(), "{name}");
        }
        let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        let unknown = DoorLimits::from_json(r#"{"x": 1}"#).unwrap_err();
        let known = unknown.split("expected one of ").nth(1).unwrap().split(" at ").next().unwrap();
        let known: Vec<&str> = known.split(", ").map(|name| name.trim_matches('`')).collect();
        assert_eq!(names, known);
    }

    #[test]
    fn every_limit_is_read() {
        let json = r#"{"body": 2048, "body_timeout": 0.5, "head_timeout": 3, "write_timeout": 4, "connections": 5,
            "connections_per_address": 9, "concurrency": 6, "burst": 7, "per_second": 8,
            "texts_per_hour": 10, "passwords_per_hour": 11, "trusted_proxies": ["10.0.0.1", "2001:db8::1"]}"#;
        let limits = DoorLimits {
            body: 2048,
            body_timeout: Duration::from_millis(500),
            head_timeout: Duration::from_secs(3),
            write_timeout: Duration::from_secs(4),
            connections: 5,
            connections_per_address: 9,
            concurrency: 6,
            burst: 7,
            per_second: 8,
            texts_per_hour: 10,
            passwords_per_hour: 11,
            trusted_proxies: vec!["10.0.0.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
        };
        assert_eq!(DoorLimits::from_json(json).unwrap(), limits);
        assert_eq!(DoorLimits::from_json("{}").unwrap(), DoorLimits::default());
    }

    #[test]
    fn what_would_let_nobody_in_or_everybody_is_refused() {
        for (json, words) in [
            (r#"{"body": 0}"#, "1024 to 16777216"),
            (r#"{"body": 1e3}"#, "invalid type"),
            (r#"{"body_timeout": 0}"#, "0.001 to 3,600"),
            (r#"{"head_timeout": -1}"#, "0.001 to 3,600"),
            (r#"{"head_timeout": 1e300}"#, "0.001 to 3,600"),
            (r#"{"connections": 0}"#, "1 to 1000000"),
            (r#"{"connections": -1}"#, "invalid value"),
            (r#"{"concurrency": 18446744073709551615}"#, "1 to 1000000"),
            (r#"{"burst": 0}"#, "1 to 1000000"),
            (r#"{"per_second": 1001}"#, "1 to 1000"),
            (r#"{"trusted_proxies": ["10.0.0.0/8"]}"#, "IP address"),
            (r#"{"trusted_proxies": "10.0.0.1"}"#, "invalid type"),
            (r#"{"bursts": 5}"#, "unknown field `bursts`"),
            (r#"{"burst": 5, "burst": 6}"#, "duplicate field `burst`"),
            ("[65536, 10]", "is not a JSON object"),
            ("\"c2VjcmV0\"", "is not a JSON object"),
        ] {
            let told = DoorLimits::from_json(json).unwrap_err();
            assert!(told.contains(words), "{json}: {told}");
        }
    }
}
