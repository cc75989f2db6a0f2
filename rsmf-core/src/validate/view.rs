//! Looks into values of which the schema has been checked.

use super::json::{Data, Property, Value};

impl<'a> Value<'a> {
    /// The property of that name; of several, the last one.
    pub(super) fn property(&self, name: &str) -> Option<&Property<'a>> {
        match &self.data {
            Data::Record(properties) => properties.iter().rev().find(|found| found.name == name),
            _ => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.property(name).map(|property| &property.value)
    }

    /// A text; nothing where it is missing, no text, or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)
            .and_then(Value::as_text)
            .filter(|text| !text.is_empty())
    }

    /// The items of a list; none where it is missing.
    pub(super) fn items(&self, name: &str) -> &[Value<'a>] {
        self.get(name).map(Value::as_items).unwrap_or_default()
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_items(&self) -> &[Value<'a>] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// Where the property stands, or the object where it has none.
    pub(super) fn place(&self, name: &str) -> usize {
        self.get(name).map_or(self.at, |value| value.at)
    }
}
