//! Compares values with rules.

use std::collections::HashSet;

use super::{Path, Rule, Shape, email};
use crate::validate::{
    json::{Data, Value},
    time::parse_event_time,
};

/// Something that a value gets wrong.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Rule {
    pub(super) fn check(&self, value: &Value<'_>, path: &Path<'_>, out: &mut Vec<Violation>) {
        let mut fail = |message: String| {
            out.push(Violation {
                at: value.at,
                message,
            })
        };
        match (self, &value.data) {
            (Self::List(item), Data::List(items)) => {
                for (index, value) in items.iter().enumerate() {
                    item.check(value, &Path::Item(path, index), out);
                }
            }
            (Self::Object(shape), _) => shape.check(value, path, out),
            (Self::Integer, Data::Integer) | (Self::Boolean, Data::Boolean) => {}
            (Self::List(_), _) => fail(format!("{path} is not a list")),
            (Self::Integer, _) => fail(format!("{path} is not a whole number")),
            (Self::Boolean, _) => fail(format!("{path} is neither true nor false")),
            (_, Data::Text(text)) => {
                if let Some(wrong) = self.check_text(text) {
                    fail(format!("{path} {wrong}"));
                }
            }
            _ => fail(format!("{path} is not a text")),
        }
    }

    /// What is wrong with a text where one is expected.
    fn check_text(&self, text: &str) -> Option<String> {
        match self {
            Self::Text(least) if text.chars().nth(least.checked_sub(1)?).is_none() => {
                Some(format!("has fewer than {least} characters"))
            }
            Self::Choice(allowed) if !allowed.contains(&text) => Some(format!(
                "is {text:?} and not one of: {}",
                allowed.join(", ")
            )),
            Self::Email if !email::is_valid(text) => {
                Some(format!("is {text:?}, which is no e-mail address"))
            }
            Self::Time if parse_event_time(text).is_none() => Some(format!(
                "is {text:?}, which is no time as ISO 8601 writes it"
            )),
            _ => None,
        }
    }

    /// Looks into the objects of a list; nothing else holds objects.
    fn find_undefined(
        &self,
        value: &Value<'_>,
        parent: &Path<'_>,
        name: &str,
        out: &mut Vec<Violation>,
    ) {
        let Self::List(Self::Object(shape)) = self else {
            return;
        };
        let path = Path::Property(parent, name);
        for (index, item) in value.as_items().iter().enumerate() {
            shape.find_undefined(item, &Path::Item(&path, index), out);
        }
    }
}

impl Shape {
    fn check(&self, value: &Value<'_>, path: &Path<'_>, out: &mut Vec<Violation>) {
        self.check_own(value, path, out);
        for property in self.0 {
            if let Some(found) = value.get(property.name) {
                let path = Path::Property(path, property.name);
                property.rule.check(found, &path, out);
            }
        }
    }

    /// That it is an object, and has what it must have; not what its properties are.
    pub(super) fn check_own(&self, value: &Value<'_>, path: &Path<'_>, out: &mut Vec<Violation>) {
        let mut fail = |message| {
            out.push(Violation {
                at: value.at,
                message,
            })
        };
        if !matches!(value.data, Data::Record(_)) {
            fail(format!("{path} is not an object"));
        }
        for property in self.0 {
            if property.required && value.get(property.name).is_none() {
                fail(format!("{path} has no {}", property.name));
            }
        }
    }

    pub(super) fn find_undefined(
        &self,
        value: &Value<'_>,
        path: &Path<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Data::Record(properties) = &value.data else {
            return;
        };
        let mut seen = HashSet::new();
        for found in properties {
            match self.0.iter().find(|known| known.name == found.name) {
                Some(known) => known
                    .rule
                    .find_undefined(&found.value, path, known.name, out),
                None if seen.insert(&found.name) => {
                    let message = format!("{path} has {:?}, which is not defined", found.name);
                    out.push(Violation {
                        at: found.at,
                        message,
                    });
                }
                None => {}
            }
        }
    }
}
