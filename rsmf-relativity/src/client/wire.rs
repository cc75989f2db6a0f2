//! Reading answers as they come: with keys in any case, numbers as text, and `null` for whatever is empty.
//!
//! The service's pages spell the same key in several ways (`DataSourceIds`, `DataSourceIDs`), and its samples read
//! with a library that does not mind. Only keys of our own structures are treated so: values that belong to others, such
//! as those of fields, stay as they are.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Number, Value};

/// What a byte-order mark looks like in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A body as JSON; an empty one is `null`.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Error> {
    let body = body.strip_prefix(MARK).unwrap_or(body).trim_ascii();
    match body.is_empty() {
        true => Ok(Value::Null),
        false => serde_json::from_slice(body),
    }
}

/// What an answer says.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Lenient(value))
}

struct Lenient(Value);

impl Lenient {
    /// A number, also where it came as text.
    fn number(self) -> Value {
        let Value::String(text) = &self.0 else {
            return whole(self.0);
        };
        match text.trim().parse::<Number>() {
            Ok(number) => whole(Value::Number(number)),
            Err(_) => self.0,
        }
    }
}

/// A number without a fraction is an integer, however it is written.
fn whole(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 1e15 => {
            Value::from(number as i64)
        }
        _ => value,
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.number().$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Lenient {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0 {
            Value::String(text) if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            _ => self.0.deserialize_bool(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_str(""),
            Value::String(text) => visitor.visit_string(text),
            // What is more than text is shown as it came: it must not keep the rest from being read.
            other => visitor.visit_string(other.to_string()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0 {
            Value::Null => visitor.visit_none(),
            // Where a number is left out, some write this.
            Value::String(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = match self.0 {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            _ => return Err(Error::custom("there is no list where one should be")),
        };
        let items = items.into_iter().map(Lenient);
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = object(self.0)?.into_iter();
        let entries = entries.map(|(key, value)| (key, Lenient(value)));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let entries = known(object(self.0)?, fields).into_iter();
        let entries = entries.map(|(field, value)| (field, Lenient(value)));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Lenient {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn object(value: Value) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        _ => Err(Error::custom("there is no object where one should be")),
    }
}

/// The entries that have a field, by its name, each once; those with nothing in them are left out.
fn known(map: Map<String, Value>, fields: &'static [&'static str]) -> Vec<(&'static str, Value)> {
    let mut found: Vec<(&'static str, Value)> = Vec::new();
    for (key, value) in map {
        let field = fields.iter().find(|field| field.eq_ignore_ascii_case(&key));
        let Some(field) = field.filter(|_| !value.is_null()) else {
            continue;
        };
        match found.iter_mut().find(|(name, _)| name == field) {
            // Of several spellings, the usual one.
            Some(entry) if key == *field => entry.1 = value,
            Some(_) => {}
            None => found.push((field, value)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::client::ArtifactId;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, rename_all = "PascalCase")]
    struct Sample {
        artifact_id: ArtifactId,
        source_ids: Vec<ArtifactId>,
        is_done: bool,
        name: String,
        size: f64,
        inner: Option<Box<Sample>>,
        value: Value,
    }

    fn sample() -> Sample {
        Sample {
            artifact_id: ArtifactId(7),
            source_ids: vec![ArtifactId(1), ArtifactId(2)],
            is_done: true,
            name: "x".to_owned(),
            size: 2.0,
            inner: None,
            value: Value::Null,
        }
    }

    #[test]
    fn keys_come_in_any_case_and_numbers_as_text() {
        for value in [
            json!({"ArtifactID": 7, "SourceIDs": [1, 2], "IsDone": true, "Name": "x", "Size": 2}),
            json!({"artifactid": "7", "sourceIds": ["1", 2.0], "isdone": "True", "name": "x",
                "size": "2.0", "Inner": null, "extra": {"ArtifactID": []}}),
            json!({"artifactId": 9, "ArtifactId": 7, "SOURCEIDS": [1, 2], "IsDone": true, "Name": "x",
                "size": 2}),
        ] {
            assert_eq!(read::<Sample>(value).unwrap(), sample());
        }
    }

    #[test]
    fn nothing_is_the_usual() {
        let empty = json!({"ArtifactID": null, "SourceIDs": null, "Name": null, "Inner": null});
        for value in [empty, json!({}), Value::Null] {
            assert_eq!(read::<Sample>(value).unwrap(), Sample::default());
        }
        assert_eq!(read::<Vec<i64>>(Value::Null).unwrap(), [0; 0]);
        assert_eq!(parse(b"\xef\xbb\xbf \r\n").unwrap(), Value::Null);
    }

    #[test]
    fn what_belongs_to_others_stays_as_it_is() {
        let value = json!({"Value": {"artifactID": "7", "Null": null}, "inner": {"name": 3}});
        let read: Sample = read(value).unwrap();
        assert_eq!(read.value, json!({"artifactID": "7", "Null": null}));
        assert_eq!(read.inner.unwrap().name, "3");
        let odd: Vec<String> = super::read(json!(["a", {"Message": "b"}, true, null])).unwrap();
        assert_eq!(odd, ["a", r#"{"Message":"b"}"#, "true", ""]);
    }

    #[test]
    fn another_shape_is_an_error() {
        for value in [
            json!([]),
            json!("x"),
            json!({"ArtifactID": "x"}),
            json!({"SourceIDs": {}}),
            json!({"IsDone": 3}),
        ] {
            assert!(read::<Sample>(value.clone()).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_an_answer_or_an_error(body: Vec<u8>) {
            if let Ok(value) = parse(&body) {
                let _ = read::<Sample>(value.clone());
                let _ = read::<Vec<Sample>>(value);
            }
        }

        #[test]
        fn any_text_in_a_field_is_read_or_refused(text: String) {
            let value = json!({"ArtifactID": text, "IsDone": text, "Size": text, "Name": text});
            if let Ok(read) = read::<Sample>(value) {
                prop_assert_eq!(read.name, text);
            }
        }
    }
}
