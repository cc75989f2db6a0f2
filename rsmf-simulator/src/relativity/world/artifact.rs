//! Objects and what their fields hold.

use std::collections::BTreeMap;

use super::schema::{Holds, Kind};

/// An object of a workspace.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) parent: i64,
    /// By the names of the fields.
    pub(crate) values: BTreeMap<String, Val>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Val {
    Text(String),
    Number(i64),
    Bool(bool),
    /// The number of a choice.
    Choice(i64),
    Choices(Vec<i64>),
    Object(i64),
    Objects(Vec<i64>),
}

/// A choice of a field.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) id: i64,
    pub(crate) field: i64,
    pub(crate) guid: String,
    pub(crate) name: String,
}

/// A field of a type of objects in one workspace.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// Empty where it has none.
    pub(crate) guid: String,
    pub(crate) holds: Holds,
}

impl Artifact {
    pub(crate) fn text(&self, field: &str) -> &str {
        match self.values.get(field) {
            Some(Val::Text(text)) => text,
            _ => "",
        }
    }

    pub(crate) fn number(&self, field: &str) -> Option<i64> {
        match self.values.get(field)? {
            Val::Number(number) | Val::Object(number) | Val::Choice(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn truth(&self, field: &str) -> bool {
        self.values.get(field) == Some(&Val::Bool(true))
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<Val>) {
        self.values.insert(field.to_owned(), value.into());
    }
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Val {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Val {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl Holds {
    /// The name of the type of field.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FixedLengthText => "FixedLengthText",
            Self::LongText => "LongText",
            Self::WholeNumber => "WholeNumber",
            Self::YesNo => "YesNo",
            Self::Date => "Date",
            Self::SingleChoice => "SingleChoice",
            Self::MultipleChoice => "MultipleChoice",
            Self::SingleObject(_) => "SingleObject",
            Self::MultipleObject(_) => "MultipleObject",
        }
    }
}
