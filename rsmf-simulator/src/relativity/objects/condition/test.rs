//! One comparison.

use std::cmp::Ordering;

use super::like::Pattern;
use crate::relativity::world::{
    artifact::{Artifact, Val},
    schema::{Holds, Kind},
    workspace::Workspace,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
    Like,
    StartsWith,
    EndsWith,
    Contains,
    In,
    Intersects,
    IsSet,
}

/// What stands behind an operator.
#[derive(Debug)]
pub(super) enum Value {
    Nothing,
    Texts(Vec<String>),
    Words(Vec<String>),
    Objects(Vec<String>),
    Choices(Vec<String>),
}

/// What is compared.
#[derive(Debug)]
pub(super) enum Subject {
    ArtifactId,
    Field(String, Holds),
}

#[derive(Debug)]
pub(in super::super) struct Test {
    subject: Subject,
    operator: Operator,
    goal: Goal,
}

/// What it is compared with, as it fits the subject.
#[derive(Debug)]
enum Goal {
    Nothing,
    Patterns(Vec<Pattern>),
    Texts(Vec<String>),
    Numbers(Vec<i64>),
    Truth(bool),
    Day(String),
    /// Numbers of choices or their GUIDs, in small letters.
    Ids(Vec<String>),
}

impl Operator {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "==" => Self::Is,
            "<>" => Self::IsNot,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">" => Self::More,
            ">=" => Self::AtLeast,
            "LIKE" => Self::Like,
            "STARTSWITH" => Self::StartsWith,
            "ENDSWITH" => Self::EndsWith,
            "CONTAINS" => Self::Contains,
            "IN" => Self::In,
            "INTERSECTS" => Self::Intersects,
            "ISSET" => Self::IsSet,
            _ => return None,
        })
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::IsNot => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
            Self::More => order == Ordering::Greater,
            Self::AtLeast => order != Ordering::Less,
            _ => order == Ordering::Equal,
        }
    }

    fn is_comparison(self) -> bool {
        use Operator::{AtLeast, AtMost, Is, IsNot, Less, More};
        matches!(self, Is | IsNot | Less | AtMost | More | AtLeast)
    }
}

impl Subject {
    pub(super) fn find(name: &str, workspace: &Workspace, kind: Kind) -> Result<Self, String> {
        if let Some(field) = workspace.field(kind, name) {
            return Ok(Self::Field(field.name.clone(), field.holds));
        }
        let is_id = ["ArtifactID", "Artifact ID"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name));
        is_id
            .then_some(Self::ArtifactId)
            .ok_or_else(|| format!("there is no field '{name}'"))
    }

    fn holds(&self) -> Holds {
        match self {
            Self::ArtifactId => Holds::WholeNumber,
            Self::Field(_, holds) => *holds,
        }
    }
}

impl Test {
    /// An error says why the three do not fit together.
    pub(super) fn new(subject: Subject, operator: Operator, value: Value) -> Result<Self, String> {
        let goal = goal(subject.holds(), operator, value);
        let goal =
            goal.ok_or_else(|| format!("operator or value do not fit {}", subject.holds().name()))?;
        Ok(Self {
            subject,
            operator,
            goal,
        })
    }

    pub(super) fn holds(&self, artifact: &Artifact, workspace: &Workspace) -> bool {
        let own = Val::Number(artifact.id);
        let value = match &self.subject {
            Subject::ArtifactId => Some(&own),
            Subject::Field(name, _) => artifact.values.get(name),
        };
        match value {
            None => self.operator == Operator::IsNot,
            Some(_) if self.operator == Operator::IsSet => true,
            Some(value) => self.fits(value, workspace),
        }
    }

    fn fits(&self, value: &Val, workspace: &Workspace) -> bool {
        let operator = self.operator;
        match (value, &self.goal) {
            (Val::Text(text), Goal::Patterns(patterns)) => patterns.iter().any(|it| it.fits(text)),
            (Val::Text(text), Goal::Texts(texts)) => {
                let text = text.to_lowercase();
                texts
                    .iter()
                    .any(|it| operator.accepts(text.cmp(&it.to_lowercase())))
            }
            // Only the day counts.
            (Val::Text(text), Goal::Day(day)) => {
                operator.accepts(text.get(..10).unwrap_or_default().cmp(day.as_str()))
            }
            (Val::Number(number), Goal::Numbers(numbers)) => {
                numbers.iter().any(|it| operator.accepts(number.cmp(it)))
            }
            (Val::Bool(truth), Goal::Truth(goal)) => operator.accepts(truth.cmp(goal)),
            (value, Goal::Ids(ids)) => is_among(&all(value), ids, operator, workspace),
            _ => false,
        }
    }
}

fn all(value: &Val) -> Vec<i64> {
    match value {
        Val::Choice(id) | Val::Object(id) => vec![*id],
        Val::Choices(ids) | Val::Objects(ids) => ids.clone(),
        _ => Vec::new(),
    }
}

/// `CONTAINS` asks for all of them, what else there is for one.
fn is_among(has: &[i64], ids: &[String], operator: Operator, workspace: &Workspace) -> bool {
    let is = |id: &String| {
        has.iter().any(|own| {
            let mut choices = workspace.choices.iter();
            own.to_string() == *id
                || choices.any(|it| it.id == *own && it.guid.eq_ignore_ascii_case(id))
        })
    };
    match operator {
        Operator::Contains => ids.iter().all(is),
        Operator::IsNot => !ids.iter().any(is),
        _ => ids.iter().any(is),
    }
}

/// Brings what was written into the form of what is compared.
fn goal(holds: Holds, operator: Operator, value: Value) -> Option<Goal> {
    use Operator::{Contains, EndsWith, In, Intersects, Is, IsNot, IsSet, Like, StartsWith};
    if operator == IsSet {
        return Some(Goal::Nothing);
    }
    let (is_in, compares) = (operator == In, operator.is_comparison());
    match (holds, value) {
        (Holds::FixedLengthText | Holds::LongText, Value::Texts(texts)) => match operator {
            Like => Some(patterns(&texts, false, false)),
            StartsWith => Some(patterns(&texts, false, true)),
            EndsWith => Some(patterns(&texts, true, false)),
            Contains => Some(patterns(&texts, true, true)),
            _ if is_in || (compares && texts.len() == 1) => Some(Goal::Texts(texts)),
            _ => None,
        },
        (Holds::WholeNumber, Value::Words(words)) if is_in || (compares && words.len() == 1) => {
            let numbers = words.iter().map(|word| word.parse().ok());
            Some(Goal::Numbers(numbers.collect::<Option<_>>()?))
        }
        (Holds::YesNo, Value::Words(words)) if matches!(operator, Is | IsNot) => Some(Goal::Truth(
            words.first()?.to_ascii_lowercase().parse().ok()?,
        )),
        (Holds::Date, Value::Words(words)) if compares => {
            let day = words.first()?.get(..10)?;
            day.parse::<jiff::civil::Date>().ok()?;
            Some(Goal::Day(day.to_owned()))
        }
        (Holds::SingleObject(_), Value::Objects(ids)) if matches!(operator, Is | IsNot | In) => {
            ids_of(ids)
        }
        (Holds::SingleChoice, Value::Choices(ids)) if matches!(operator, Is | IsNot | In) => {
            ids_of(ids)
        }
        (Holds::MultipleObject(_), Value::Objects(ids))
            if matches!(operator, Contains | Intersects) =>
        {
            ids_of(ids)
        }
        (Holds::MultipleChoice, Value::Choices(ids))
            if matches!(operator, Contains | Intersects) =>
        {
            ids_of(ids)
        }
        _ => None,
    }
}

fn patterns(texts: &[String], before: bool, behind: bool) -> Goal {
    let read = texts
        .iter()
        .map(|text| Pattern::read(text).open(before, behind));
    Goal::Patterns(read.collect())
}

fn ids_of(ids: Vec<String>) -> Option<Goal> {
    Some(Goal::Ids(ids.iter().map(|id| id.to_lowercase()).collect()))
}
