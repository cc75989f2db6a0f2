//! Points in time in serialized form: microseconds since 1970.

use rsmf_core::UtcTime;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(time: &UtcTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(time.micros())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcTime, D::Error> {
    let micros = i64::deserialize(deserializer)?;
    UtcTime::from_micros(micros).ok_or_else(|| D::Error::custom("a time outside of the calendar"))
}
