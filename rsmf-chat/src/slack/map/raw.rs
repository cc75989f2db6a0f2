//! A record of a day file, borrowed from the buffer it lies in.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, value::RawValue};

/// A string that may be missing or `null`, borrowed where the JSON holds no escapes.
#[derive(Debug, Default, Clone)]
pub(super) struct Str<'a>(Option<Cow<'a, str>>);

impl<'a> Str<'a> {
    /// The text, where there is one that is not empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrVisitor).map(Self)
    }
}

/// Serde's own `Option<Cow<str>>` always copies; this one borrows.
struct StrVisitor;

impl<'de> de::Visitor<'de> for StrVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A field with inner structure, left as it is until somebody asks.
#[derive(Debug, Default)]
pub(crate) enum Part<'a> {
    /// Missing or `null`.
    #[default]
    Absent,
    /// As it stands in the buffer.
    Raw(&'a RawValue),
    /// Out of a record that had to be taken apart first.
    Parsed(Value),
}

impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(if raw.get() == "null" {
            Self::Absent
        } else {
            Self::Raw(raw)
        })
    }
}

impl Part<'_> {
    /// Whether there is nothing.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value; `Null` where the field is missing.
    ///
    /// # Errors
    /// When the nesting is deeper than the parser goes (128 levels).
    pub(crate) fn value(&self) -> Result<Cow<'_, Value>, serde_json::Error> {
        match self {
            Self::Absent => Ok(Cow::Owned(Value::Null)),
            Self::Raw(raw) => serde_json::from_str(raw.get()).map(Cow::Owned),
            Self::Parsed(value) => Ok(Cow::Borrowed(value)),
        }
    }

    /// The field as a record of its own, such as `previous_message`.
    pub(crate) fn record(&self) -> Option<RawMessage<'_>> {
        if let Self::Raw(raw) = self
            && let Ok(record) = serde_json::from_str(raw.get())
        {
            return Some(record);
        }
        let value = self.value().ok()?.into_owned();
        RawMessage::from_value(value).ok().map(|(record, _)| record)
    }

    /// Whether the field is `true`.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Raw(raw) => raw.get() == "true",
            Self::Parsed(value) => *value == Value::Bool(true),
        }
    }
}

/// Reads a record out of an object.
struct RecordVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMessage<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor(PhantomData))
    }
}

/// A record that tells something twice is taken apart with more care.
fn unique<E: de::Error>(is_first: bool, name: &'static str) -> Result<(), E> {
    match is_first {
        true => Ok(()),
        false => Err(E::duplicate_field(name)),
    }
}

/// Declares the record once for both ways of reading it.
macro_rules! raw_message {
    (strings { $($string:ident = $string_name:literal,)* } parts { $($part:ident = $part_name:literal,)* }) => {
        /// A record: the fields that are used by name, and all others.
        ///
        /// Strings are borrowed from the buffer; what has inner structure stays JSON until it is
        /// needed, because most messages need little of it.
        #[derive(Debug, Default)]
        pub(crate) struct RawMessage<'a> {
            $(pub(super) $string: Str<'a>,)*
            $(pub(super) $part: Part<'a>,)*
            /// Fields that nothing here knows.
            others: Vec<(Cow<'a, str>, Part<'a>)>,
        }

        impl<'de: 'a, 'a> de::Visitor<'de> for RecordVisitor<'a> {
            type Value = RawMessage<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
                let mut record = RawMessage::default();
                while let Some(Str(Some(name))) = fields.next_key()? {
                    match &*name {
                        $($string_name => {
                            unique(record.$string.0.is_none(), $string_name)?;
                            record.$string = fields.next_value()?;
                        })*
                        $($part_name => {
                            unique(record.$part.is_absent(), $part_name)?;
                            record.$part = fields.next_value()?;
                        })*
                        _ => record.others.push((name, fields.next_value()?)),
                    }
                }
                Ok(record)
            }
        }

        impl RawMessage<'_> {
            /// The whole record, with its fields in the order of their names; those that are `null`
            /// are left out.
            ///
            /// # Errors
            /// When the nesting is deeper than the parser goes (128 levels).
            pub(super) fn whole(&self) -> Result<Value, serde_json::Error> {
                let strings = [$(($string_name, self.$string.0.as_deref()),)*];
                let parts = [$(($part_name, &self.$part),)*];
                let others = self.others.iter().map(|(name, part)| (&**name, part));
                let mut whole = Map::new();
                for (name, text) in strings {
                    whole.extend(text.map(|text| (name.to_owned(), Value::from(text))));
                }
                for (name, part) in parts.into_iter().chain(others).filter(|(_, part)| !part.is_absent()) {
                    whole.insert(name.to_owned(), part.value()?.into_owned());
                }
                // Whether maps are in order by themselves is up to features of serde_json.
                whole.sort_keys();
                Ok(Value::Object(whole))
            }
        }

        impl RawMessage<'static> {
            /// Takes over what is usable of a record that is not as it should be, and tells what
            /// was not: strings of a wrong type. Of the other fields, mapping tells.
            ///
            /// # Errors
            /// When the value is no JSON object.
            pub(crate) fn from_value(value: Value) -> Result<(Self, Vec<String>), String> {
                let Value::Object(mut fields) = value else {
                    return Err(format!("the record is {} instead of an object", kind_of(&value)));
                };
                let mut problems = Vec::new();
                let mut record = Self {
                    $($string: take_string(&mut fields, $string_name, &mut problems),)*
                    $($part: take_part(&mut fields, $part_name),)*
                    others: Vec::new(),
                };
                let others = fields.into_iter().map(|(name, value)| (Cow::Owned(name), part(value)));
                record.others = others.collect();
                Ok((record, problems))
            }
        }
    };
}

raw_message! {
    strings {
        kind = "type",
        subtype = "subtype",
        ts = "ts",
        event_ts = "event_ts",
        deleted_ts = "deleted_ts",
        thread_ts = "thread_ts",
        broadcast_thread_ts = "broadcast_thread_ts",
        parent_user_id = "parent_user_id",
        user = "user",
        bot_id = "bot_id",
        username = "username",
        user_team = "user_team",
        inviter = "inviter",
        text = "text",
    }
    parts {
        blocks = "blocks",
        attachments = "attachments",
        files = "files",
        file = "file",
        x_files = "x_files",
        reactions = "reactions",
        edited = "edited",
        user_profile = "user_profile",
        bot_profile = "bot_profile",
        comment = "comment",
        room = "room",
        root = "root",
        message = "message",
        previous_message = "previous_message",
        previous = "previous",
        original = "original",
        edit_history = "edit_history",
        pinned_to = "pinned_to",
        pinned_info = "pinned_info",
        metadata = "metadata",
        replies = "replies",
        reply_count = "reply_count",
        hidden = "hidden",
        slackdump_replies = "slackdump_thread_replies",
    }
}

impl RawMessage<'_> {
    /// The id, which is also the time.
    pub(crate) fn ts(&self) -> Option<&str> {
        self.ts.get()
    }

    /// The id of the first message of the thread.
    pub(crate) fn thread_ts(&self) -> Option<&str> {
        self.thread_ts.get()
    }

    /// The subtype, where there is one.
    pub(crate) fn subtype(&self) -> Option<&str> {
        self.subtype.get()
    }

    /// Sets the id where there is none: versions inside of changes may leave it out.
    pub(super) fn assume_ts(&mut self, ts: &str) {
        if self.ts.get().is_none() {
            self.ts = Str(Some(Cow::Owned(ts.to_owned())));
        }
    }

    /// The replies that slackdump's dumps nest in the first message of a thread: an array of records.
    pub(crate) fn nested_replies(&self) -> &Part<'_> {
        &self.slackdump_replies
    }
}

/// Numbers are accepted where strings belong: exporters in other languages write them.
fn take_string(
    fields: &mut Map<String, Value>,
    name: &'static str,
    problems: &mut Vec<String>,
) -> Str<'static> {
    let text = match fields.remove(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(other) => {
            let kind = kind_of(&other);
            let text = number_text(&other, name);
            if text.is_none() {
                fields.insert(name.to_owned(), other);
            }
            let fate = if text.is_some() {
                "read as text"
            } else {
                "ignored"
            };
            problems.push(format!("`{name}` is {kind} and was {fate}"));
            text
        }
    };
    Str(text.map(Cow::Owned))
}

/// A time that is a number has lost its trailing zeros, which are part of the id.
fn number_text(value: &Value, name: &str) -> Option<String> {
    let number = value.as_number()?;
    match number.as_f64() {
        Some(seconds) if name.ends_with("ts") && number.is_f64() => Some(format!("{seconds:.6}")),
        _ => Some(number.to_string()),
    }
}

fn take_part(fields: &mut Map<String, Value>, name: &'static str) -> Part<'static> {
    fields.remove(name).map_or(Part::Absent, part)
}

fn part(value: Value) -> Part<'static> {
    match value {
        Value::Null => Part::Absent,
        value => Part::Parsed(value),
    }
}

/// The kind of a JSON value, with its article.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
