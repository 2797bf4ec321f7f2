//! Durations in settings are numbers of seconds; fractions are allowed if they are whole milliseconds.

use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
use time::Duration;

use super::given::Given;

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    if duration.subsec_milliseconds() == 0 {
        serializer.serialize_i64(duration.whole_seconds())
    } else {
        serializer.serialize_f64(duration.as_seconds_f64())
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Given<Duration>, D::Error> {
    read(deserializer).map(|duration| Given(Some(duration)))
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    // Everything a policy can hold is below a year; the check keeps the conversion from overflowing.
    if !(0.0..=31_536_000.0).contains(&seconds) {
        return Err(D::Error::custom("a duration is a number of seconds, 0 or more"));
    }
    // The nearest whole number of milliseconds, up to what reading a fraction as binary may lose. Rounding the rest would
    // make 0, which switches things off, of what is not, and let a number past the end of its range.
    let millis = (seconds * 1_000.0).round();
    if (millis / 1_000.0 - seconds).abs() > seconds * 1e-12 {
        return Err(D::Error::custom("a duration is a whole number of milliseconds, written in seconds"));
    }
    Ok(Duration::milliseconds(Duration::seconds_f64(millis).whole_seconds()))
}

/// The same for a field that may be `null`.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::Duration;

    use super::Given;

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Given<Option<Duration>>, D::Error> {
        #[derive(Deserialize)]
        struct Seconds(#[serde(deserialize_with = "super::read")] Duration);
        let seconds = Option::<Seconds>::deserialize(deserializer)?;
        Ok(Given(Some(seconds.map(|seconds| seconds.0))))
    }
}
