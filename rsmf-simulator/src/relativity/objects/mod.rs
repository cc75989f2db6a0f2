//! Object Manager: objects of all types, by their fields.

pub(super) mod change;
mod condition;
pub(super) mod export;
pub(super) mod query;
mod values;

use serde_json::{Value, json};

use super::{
    call::Keys,
    reply::Refusal,
    world::{
        artifact::{Artifact, Field, Val},
        schema::{Kind, TYPES},
        workspace::{Workspace, name_field, type_of},
    },
};

/// The type that a request names by number, GUID or name.
fn kind_of(reference: &Value) -> Result<Kind, Refusal> {
    let number = reference
        .key("ArtifactTypeID")
        .number()
        .or(reference.key("ArtifactID").number());
    let (guid, name) = (reference.key("Guid").text(), reference.key("Name").text());
    let found = TYPES.iter().find(|it| {
        number == Some(it.number)
            || (!guid.is_empty() && guid.eq_ignore_ascii_case(it.guid))
            || (!name.is_empty() && name.eq_ignore_ascii_case(it.name))
    });
    let found =
        found.ok_or_else(|| Refusal::invalid(&format!("There is no object type {reference}.")))?;
    Ok(found.kind)
}

/// A field that a request asks for.
enum Asked<'a> {
    ArtifactId,
    Field(&'a Field),
}

impl Workspace {
    /// The field that a request names by number, GUID or name; it must be there.
    fn asked<'a>(&'a self, kind: Kind, reference: &Value) -> Result<Asked<'a>, Refusal> {
        let (guid, name) = (reference.key("Guid").text(), reference.key("Name").text());
        let id = reference.key("ArtifactID").number().filter(|id| *id != 0);
        let found = self
            .fields
            .iter()
            .filter(|field| field.kind == kind)
            .find(|field| {
                Some(field.id) == id
                    || (!guid.is_empty() && guid.eq_ignore_ascii_case(&field.guid))
                    || (!name.is_empty() && name.eq_ignore_ascii_case(&field.name))
            });
        if let Some(field) = found {
            return Ok(Asked::Field(field));
        }
        if ["Artifact ID", "ArtifactID"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name))
        {
            return Ok(Asked::ArtifactId);
        }
        let message = format!(
            "The field {reference} does not exist on {}.",
            type_of(kind).name
        );
        Err(Refusal::invalid(&message))
    }

    /// The fields of a request, in its order.
    fn asked_fields<'a>(
        &'a self,
        kind: Kind,
        references: &Value,
    ) -> Result<Vec<Asked<'a>>, Refusal> {
        let references = references.items().iter();
        references
            .map(|reference| self.asked(kind, reference))
            .collect()
    }

    /// The object that a request names by its number.
    fn object(&self, reference: &Value) -> Result<&Artifact, Refusal> {
        let id = reference.key("ArtifactID").number();
        let id = id.ok_or_else(|| Refusal::invalid("The request names no object."))?;
        let missing = || {
            Refusal::not_found(&format!(
                "The object {id} does not exist in this workspace."
            ))
        };
        self.artifacts.get(&id).ok_or_else(missing)
    }

    /// An object with the values of these fields.
    fn shown(&self, artifact: &Artifact, fields: &[Asked<'_>]) -> Value {
        let values: Vec<_> = fields
            .iter()
            .map(|field| json!({ "Field": field.about(), "Value": self.value(artifact, field) }))
            .collect();
        json!({
            "ArtifactID": artifact.id,
            "ParentObject": { "ArtifactID": artifact.parent },
            "Guids": [],
            "Name": artifact.text(name_field(artifact.kind)),
            "FieldValues": values,
        })
    }

    /// An object with all its fields.
    pub(super) fn plainly(&self, artifact: &Artifact) -> Value {
        let values = artifact
            .values
            .iter()
            .map(|(name, value)| (name.clone(), self.plain(value)));
        let mut all: serde_json::Map<_, _> = values.collect();
        all.insert("ArtifactID".to_owned(), artifact.id.into());
        Value::Object(all)
    }

    fn value(&self, artifact: &Artifact, field: &Asked<'_>) -> Value {
        match field {
            Asked::ArtifactId => artifact.id.into(),
            Asked::Field(field) => artifact
                .values
                .get(&field.name)
                .map_or(Value::Null, |it| self.plain(it)),
        }
    }

    /// A value as it is sent.
    fn plain(&self, value: &Val) -> Value {
        match value {
            Val::Text(text) => text.as_str().into(),
            Val::Number(number) => (*number).into(),
            Val::Bool(truth) => (*truth).into(),
            Val::Choice(id) => self.plain_choice(*id),
            Val::Choices(ids) => ids.iter().map(|id| self.plain_choice(*id)).collect(),
            Val::Object(id) => self.plain_object(*id),
            Val::Objects(ids) => ids.iter().map(|id| self.plain_object(*id)).collect(),
        }
    }

    fn plain_choice(&self, id: i64) -> Value {
        let guids: Vec<_> = self
            .choices
            .iter()
            .filter(|it| it.id == id)
            .map(|it| &*it.guid)
            .collect();
        json!({ "ArtifactID": id, "Guids": guids, "Name": self.choice_name(Some(id)) })
    }

    fn plain_object(&self, id: i64) -> Value {
        json!({ "ArtifactID": id, "Guids": [], "Name": self.name_of(id) })
    }
}

impl Asked<'_> {
    fn about(&self) -> Value {
        let (id, name, guid, holds) = match self {
            Asked::ArtifactId => (0, "Artifact ID", "", "WholeNumber"),
            Asked::Field(field) => (field.id, &*field.name, &*field.guid, field.holds.name()),
        };
        let guids: Vec<_> = [guid].into_iter().filter(|it| !it.is_empty()).collect();
        let is_identifier =
            matches!(self, Asked::Field(field) if field.name == name_field(field.kind));
        let category = if is_identifier {
            "Identifier"
        } else {
            "Generic"
        };
        json!({
            "ArtifactID": id, "FieldCategory": category, "FieldType": holds, "Guids": guids,
            "Name": name, "ViewFieldID": 0,
        })
    }
}

fn about_type(kind: Kind) -> Value {
    let of = type_of(kind);
    let guids: Vec<_> = [of.guid].into_iter().filter(|it| !it.is_empty()).collect();
    json!({ "ArtifactID": of.number, "ArtifactTypeID": of.number, "Name": of.name, "Guids": guids })
}
