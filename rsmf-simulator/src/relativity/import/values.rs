//! Texts of a load file become values of fields.

use super::{config::Mapping, rows::Place, settings::SourceSettings};
use crate::relativity::world::{
    artifact::Val,
    schema::{DOCUMENT_FIELDS, FIELDS, Holds, Kind},
    workspace::{Workspace, name_field},
};

/// The name of a field as it is known for good; names of fields are never made up.
pub(super) fn known(name: &str) -> &'static str {
    let documents = DOCUMENT_FIELDS.iter().map(|(name, _, _)| *name);
    let mut all = documents.chain(FIELDS.iter().map(|(_, name, _, _)| *name));
    all.find(|known| *known == name).unwrap_or_default()
}

/// How one column is read.
pub(super) struct Read<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) settings: &'a SourceSettings,
    pub(super) place: &'a Place<'a>,
    pub(super) kind: Kind,
}

impl Read<'_> {
    /// A value; nothing where the text is empty. An error says why the text is none.
    pub(super) fn value(
        &self,
        workspace: &mut Workspace,
        text: &str,
        before: Option<Val>,
    ) -> Result<Option<Val>, String> {
        let field = workspace.field(self.kind, &self.mapping.field);
        let Some(holds) = field.map(|field| field.holds).filter(|_| !text.is_empty()) else {
            return Ok(None);
        };
        let wrong = || format!("'{text}' is no {}.", holds.name());
        Ok(Some(match holds {
            Holds::FixedLengthText | Holds::LongText => self.text(holds, text)?,
            Holds::WholeNumber => Val::Number(text.trim().parse().map_err(|_| wrong())?),
            Holds::YesNo => truth(text).ok_or_else(wrong)?.into(),
            Holds::Date => {
                let day = text.get(..10).unwrap_or_default();
                day.parse::<jiff::civil::Date>().map_err(|_| wrong())?;
                text.into()
            }
            Holds::SingleChoice => Val::Choice(self.choice(workspace, text)),
            Holds::SingleObject(of) => Val::Object(object(workspace, of, self.mapping, text)?),
            Holds::MultipleChoice => {
                let ids = parts(text, self.settings).map(|name| self.choice(workspace, &name));
                Val::Choices(merged(before, ids.collect()))
            }
            Holds::MultipleObject(of) => {
                let ids = parts(text, self.settings)
                    .map(|name| object(workspace, of, self.mapping, &name));
                Val::Objects(merged(before, ids.collect::<Result<_, _>>()?))
            }
        }))
    }

    fn text(&self, holds: Holds, text: &str) -> Result<Val, String> {
        if holds == Holds::FixedLengthText && text.chars().count() > 450 {
            return Err("The text is too long.".to_owned());
        }
        if !self.mapping.is_path || holds != Holds::LongText {
            return Ok(text.into());
        }
        let path = self
            .place
            .find(text)
            .ok_or_else(|| format!("The file '{text}' does not exist."))?;
        let read = std::fs::read_to_string(path);
        read.map(Val::from)
            .map_err(|error| format!("'{text}' cannot be read: {error}"))
    }

    /// A choice by its name, which may be the last one of a path.
    fn choice(&self, workspace: &mut Workspace, text: &str) -> i64 {
        let name = text.rsplit(self.settings.nested).next().unwrap_or_default();
        workspace.choice(self.kind, &self.mapping.field, name, None)
    }
}

fn parts<'a>(text: &'a str, settings: &SourceSettings) -> impl Iterator<Item = String> + 'a {
    let parts = text
        .split(settings.multi)
        .map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty())
}

fn merged(before: Option<Val>, ids: Vec<i64>) -> Vec<i64> {
    let mut all = match before {
        Some(Val::Choices(ids) | Val::Objects(ids)) => ids,
        _ => Vec::new(),
    };
    for id in ids {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "t" => Some(true),
        "false" | "no" | "n" | "0" | "f" => Some(false),
        _ => None,
    }
}

/// An object by number or name; one that is not there is made, but by number.
fn object(
    workspace: &mut Workspace,
    kind: Kind,
    mapping: &Mapping,
    text: &str,
) -> Result<i64, String> {
    let missing = || format!("There is no object {text} for '{}'.", mapping.field);
    if mapping.has_ids {
        let id = text
            .trim()
            .parse()
            .ok()
            .and_then(|id| workspace.get(kind, id));
        return id.map(|artifact| artifact.id).ok_or_else(missing);
    }
    let found = workspace
        .all(kind)
        .find(|it| it.text(name_field(kind)).eq_ignore_ascii_case(text));
    Ok(match found.map(|it| it.id) {
        Some(id) => id,
        None => workspace.add(kind, workspace.id, [(name_field(kind), Val::from(text))]),
    })
}
