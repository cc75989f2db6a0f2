//! Values that clients send.

use serde_json::Value;

use crate::relativity::{
    call::Keys,
    reply::Refusal,
    world::{
        artifact::{Field, Val},
        schema::Holds,
        workspace::Workspace,
    },
};

/// The longest text of a field of fixed length.
const LONGEST: usize = 450;

/// How values of fields that hold several are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Replace,
    Merge,
    Remove,
}

impl Behaviour {
    /// A word, or its number among the three.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let word = value.text().to_ascii_lowercase();
        match (word.as_str(), value.as_i64()) {
            ("replace", _) | (_, Some(0)) => Some(Self::Replace),
            ("merge", _) | (_, Some(1)) => Some(Self::Merge),
            ("remove", _) | (_, Some(2)) => Some(Self::Remove),
            _ => None,
        }
    }

    fn apply(self, before: &[i64], given: &[i64]) -> Vec<i64> {
        let kept = before.iter().copied();
        match self {
            Self::Replace => given.to_vec(),
            Self::Merge => {
                let new = given.iter().copied().filter(|id| !before.contains(id));
                kept.chain(new).collect()
            }
            Self::Remove => kept.filter(|id| !given.contains(id)).collect(),
        }
    }
}

impl Workspace {
    /// What a field holds after it was sent this value; nothing where it was emptied.
    pub(super) fn sent(
        &self,
        field: &Field,
        value: &Value,
        before: Option<&Val>,
        behaviour: Option<Behaviour>,
    ) -> Result<Option<Val>, Refusal> {
        let wrong = || {
            Refusal::invalid(&format!(
                "The value of '{}' is no {}.",
                field.name,
                field.holds.name()
            ))
        };
        if value.is_null() {
            return Ok(None);
        }
        let read = match field.holds {
            Holds::FixedLengthText | Holds::LongText => value.as_str().map(Val::from),
            Holds::Date => value.as_str().filter(|it| is_date(it)).map(Val::from),
            Holds::WholeNumber => value.as_i64().map(Val::Number),
            Holds::YesNo => value.as_bool().map(Val::Bool),
            Holds::SingleChoice => self.sent_choice(field, value).map(Val::Choice),
            Holds::SingleObject(_) => self.sent_object(field, value).map(Val::Object),
            Holds::MultipleChoice | Holds::MultipleObject(_) => {
                return self.sent_several(field, value, before, behaviour).map(Some);
            }
        };
        let read = read.ok_or_else(wrong)?;
        match &read {
            Val::Text(text)
                if field.holds == Holds::FixedLengthText && text.chars().count() > LONGEST =>
            {
                Err(Refusal::invalid(&format!(
                    "The value of '{}' is too long.",
                    field.name
                )))
            }
            _ => Ok(Some(read)),
        }
    }

    fn sent_several(
        &self,
        field: &Field,
        value: &Value,
        before: Option<&Val>,
        behaviour: Option<Behaviour>,
    ) -> Result<Val, Refusal> {
        let message = || format!("UpdateBehavior must be given for '{}'.", field.name);
        let behaviour = behaviour.ok_or_else(|| Refusal::invalid(&message()))?;
        let one = |value: &Value| match field.holds {
            Holds::MultipleChoice => self.sent_choice(field, value),
            _ => self.sent_object(field, value),
        };
        let given: Option<Vec<_>> = value
            .as_array()
            .and_then(|all| all.iter().map(one).collect());
        let wrong = || {
            Refusal::invalid(&format!(
                "The value of '{}' names what does not exist.",
                field.name
            ))
        };
        let given = given.ok_or_else(wrong)?;
        let before = match before {
            Some(Val::Choices(ids) | Val::Objects(ids)) => ids.as_slice(),
            _ => &[],
        };
        let after = behaviour.apply(before, &given);
        Ok(match field.holds {
            Holds::MultipleChoice => Val::Choices(after),
            _ => Val::Objects(after),
        })
    }

    /// A choice by its number, GUID or name.
    fn sent_choice(&self, field: &Field, value: &Value) -> Option<i64> {
        let (id, guid, name) = (
            value.key("ArtifactID").number(),
            value.key("Guid").text(),
            value.key("Name").text(),
        );
        let mut choices = self
            .choices
            .iter()
            .filter(|choice| choice.field == field.id);
        let found = choices.find(|choice| {
            Some(choice.id) == id || choice.guid.eq_ignore_ascii_case(guid) || choice.name == name
        });
        found.map(|choice| choice.id)
    }

    fn sent_object(&self, field: &Field, value: &Value) -> Option<i64> {
        let id = value.key("ArtifactID").number()?;
        let kind = match field.holds {
            Holds::SingleObject(kind) | Holds::MultipleObject(kind) => kind,
            _ => return None,
        };
        self.get(kind, id).map(|artifact| artifact.id)
    }
}

fn is_date(text: &str) -> bool {
    let day = text.get(..10).unwrap_or_default();
    day.parse::<jiff::civil::Date>().is_ok()
}
