//! The `user_profile` that nearly every record repeats, read without building a tree of it.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::raw::Part;

/// The names in a profile, as far as they are texts.
#[derive(Debug, Default)]
pub(super) struct Profile<'a> {
    display_name: Option<Cow<'a, str>>,
    real_name: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
}

impl<'a> Profile<'a> {
    /// Reads a profile as Slack writes it: a flat object. `None` for any other, which must be
    /// read with more care.
    pub(super) fn flat(part: &'a Part<'_>) -> Option<Self> {
        match part {
            Part::Absent => Some(Self::default()),
            Part::Raw(raw) => serde_json::from_str(raw.get()).ok(),
            Part::Parsed(_) => None,
        }
    }

    /// The name that people see.
    pub(super) fn shown(&self) -> Option<&str> {
        [&self.display_name, &self.real_name, &self.name]
            .into_iter()
            .filter_map(Option::as_deref)
            .find(|name| !name.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Profile<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ProfileVisitor)
    }
}

struct ProfileVisitor;

impl<'de> de::Visitor<'de> for ProfileVisitor {
    type Value = Profile<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a profile")
    }

    /// Of a name that is there twice, the last counts.
    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut profile = Profile::default();
        while let Some(Scalar(key)) = fields.next_key()? {
            let name = match key.as_deref() {
                Some("display_name") => &mut profile.display_name,
                Some("real_name") => &mut profile.real_name,
                Some("name") => &mut profile.name,
                _ => {
                    let Flat = fields.next_value()?;
                    continue;
                }
            };
            *name = fields.next_value::<Scalar<'de>>()?.0;
        }
        Ok(profile)
    }
}

/// A text, or anything else without inner structure.
struct Scalar<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Self)
    }
}

/// What nobody asks for, if it is without inner structure: mostly addresses of pictures, whose many
/// escaped slashes are left as they are.
struct Flat;

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        // Only an escaped character can be none.
        if raw.starts_with('"') && !raw.contains("\\u") {
            return Ok(Self);
        }
        let scalar: Result<Scalar<'_>, _> = serde_json::from_str(raw);
        scalar.map(|_| Self).map_err(de::Error::custom)
    }
}

struct ScalarVisitor;

impl<'de> de::Visitor<'de> for ScalarVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither an object nor an array")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::slack::map::directory::describe_profile;

    #[test]
    fn names_are_those_of_the_careful_reading() {
        for (json, is_flat) in [
            (r#"{"display_name":"A","real_name":"B","name":"c"}"#, true),
            (r#"{"display_name":"","real_name":"B\u00e9","x":[]}"#, false),
            (r#"{"display_name":"","real_name":"B\u00e9","x":1}"#, true),
            (
                r#"{"name":"c","name":"d","t":true,"n":null,"f":-1.5}"#,
                true,
            ),
            (r#"{"name":"c","name":7}"#, true),
            (r#"{"name":"c","image":"https:\/\/a\/b"}"#, true),
            (r#"{"name":"c","image":"\ud800"}"#, false),
            (r#"{"name":"c","image":"\u0041"}"#, true),
            (r#"{"display_name":null,"real_name":-3}"#, true),
            (r#"{"name":{"name":"x"}}"#, false),
            (r#"{"name":"c","number":1e999}"#, false),
            ("{}", true),
            ("[]", false),
            ("\"A\"", false),
        ] {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            let part = Part::Raw(raw);
            let flat = Profile::flat(&part);
            assert_eq!(flat.is_some(), is_flat, "{json}");
            let value = serde_json::from_str::<Value>(json).unwrap_or_default();
            let careful = describe_profile("U1", &value).and_then(|person| person.display);
            if let Some(profile) = flat {
                assert_eq!(profile.shown(), careful.as_deref(), "{json}");
            }
        }
    }
}
