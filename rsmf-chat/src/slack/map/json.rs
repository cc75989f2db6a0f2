//! Reading loosely typed JSON: what is missing or of another type is simply not there.

use serde_json::Value;

/// Access to the fields of an object; on anything else there are none.
pub(super) trait Json {
    /// A string that is not empty.
    fn str(&self, key: &str) -> Option<&str>;
    /// The items of an array.
    fn list(&self, key: &str) -> &[Value];
    /// A whole number, also one written as a float or a string.
    fn number(&self, key: &str) -> Option<i64>;
    /// Whether the field is `true`.
    fn flag(&self, key: &str) -> bool;
    /// A time in seconds since 1970, as a number or a string; 0 means none.
    fn time(&self, key: &str) -> Option<rsmf_core::UtcTime>;
}

impl Json for Value {
    fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn list(&self, key: &str) -> &[Value] {
        self.get(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn number(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Number(number) => number.as_i64().or_else(|| {
                let float = number.as_f64()?;
                // A float that no i64 holds saturates, which is as good as any answer.
                float.is_finite().then_some(float as i64)
            }),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|value| *value == Value::Bool(true))
    }

    fn time(&self, key: &str) -> Option<rsmf_core::UtcTime> {
        let time = match self.get(key)? {
            Value::Number(number) => super::parse_ts(&number.to_string()),
            Value::String(text) => super::parse_ts(text),
            _ => None,
        };
        time.filter(|time| time.micros() != 0)
    }
}

/// The first of the fields that is a string and not empty.
pub(super) fn first_str<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| value.str(key))
}
