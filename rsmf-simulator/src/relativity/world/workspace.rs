//! One workspace.

use std::collections::BTreeMap;

use super::{
    artifact::{Artifact, Choice, Field, Val},
    numbers::{self, Numbers},
    schema::{DOCUMENT_FIELDS, FIELDS, Kind, TYPES, Type},
};
use crate::relativity::{
    import::ImportJob, objects::export::Export, processing::state::SetState, reply::Refusal,
    rsmf::Native,
};

/// A workspace and all that is in it.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) root_folder: i64,
    pub(crate) artifacts: BTreeMap<i64, Artifact>,
    pub(crate) fields: Vec<Field>,
    pub(crate) choices: Vec<Choice>,
    /// What goes on in processing sets.
    pub(crate) sets: BTreeMap<i64, SetState>,
    /// By the GUIDs that clients gave them, in small letters.
    pub(in crate::relativity) imports: BTreeMap<String, ImportJob>,
    /// Exports that were begun, by their GUIDs.
    pub(in crate::relativity) exports: BTreeMap<String, Export>,
    /// Filters that somebody keeps: numbers and names.
    pub(crate) filters: Vec<(i64, String)>,
    /// The files of documents.
    pub(in crate::relativity) natives: BTreeMap<i64, Native>,
    /// The last control number of each prefix.
    pub(crate) control_numbers: BTreeMap<String, i64>,
    pub(crate) numbers: Numbers,
}

impl Workspace {
    pub(crate) fn new(id: i64, name: &str, numbers: Numbers) -> Self {
        let mut workspace = Self {
            id,
            name: name.to_owned(),
            root_folder: 0,
            artifacts: BTreeMap::new(),
            fields: Vec::new(),
            choices: Vec::new(),
            sets: BTreeMap::new(),
            imports: BTreeMap::new(),
            exports: BTreeMap::new(),
            filters: Vec::new(),
            natives: BTreeMap::new(),
            control_numbers: BTreeMap::new(),
            numbers,
        };
        for (kind, name, guid, holds) in FIELDS {
            workspace.add_field(*kind, name, guid, *holds);
        }
        for (name, guid, holds) in DOCUMENT_FIELDS {
            workspace.add_field(Kind::Document, name, guid, *holds);
        }
        workspace.root_folder = workspace.add(Kind::Folder, id, [("Name", Val::from(name))]);
        workspace
    }

    pub(crate) fn add_field(
        &mut self,
        kind: Kind,
        name: &str,
        guid: &str,
        holds: super::schema::Holds,
    ) {
        let id = self.numbers.next();
        self.fields.push(Field {
            id,
            kind,
            name: name.to_owned(),
            guid: guid.to_owned(),
            holds,
        });
    }

    /// Creates an object, and says its number.
    pub(crate) fn add<'a>(
        &mut self,
        kind: Kind,
        parent: i64,
        values: impl IntoIterator<Item = (&'a str, Val)>,
    ) -> i64 {
        let id = self.numbers.next();
        let values = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        let values = values.collect();
        let artifact = Artifact {
            id,
            kind,
            parent,
            values,
        };
        self.artifacts.insert(id, artifact);
        id
    }

    /// The object of this sort with this number.
    pub(crate) fn get(&self, kind: Kind, id: i64) -> Option<&Artifact> {
        self.artifacts
            .get(&id)
            .filter(|artifact| artifact.kind == kind)
    }

    pub(crate) fn require(&self, kind: Kind, id: i64) -> Result<&Artifact, Refusal> {
        self.get(kind, id).ok_or_else(|| missing(kind, id))
    }

    pub(crate) fn require_mut(&mut self, kind: Kind, id: i64) -> Result<&mut Artifact, Refusal> {
        let found = self
            .artifacts
            .get_mut(&id)
            .filter(|artifact| artifact.kind == kind);
        found.ok_or_else(|| missing(kind, id))
    }

    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = &Artifact> {
        self.artifacts
            .values()
            .filter(move |artifact| artifact.kind == kind)
    }

    /// The field of this name; such as are asked for here are always there.
    pub(crate) fn field(&self, kind: Kind, name: &str) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.kind == kind && field.name.eq_ignore_ascii_case(name))
    }

    /// The number of the choice with this name, which is made where there is none; with this GUID, or any.
    pub(crate) fn choice(
        &mut self,
        kind: Kind,
        field: &str,
        name: &str,
        guid: Option<&str>,
    ) -> i64 {
        let field = self.field(kind, field).map_or(0, |field| field.id);
        let same = |choice: &&Choice| {
            choice.field == field
                && choice.name == name
                && guid.is_none_or(|guid| choice.guid.eq_ignore_ascii_case(guid))
        };
        if let Some(found) = self.choices.iter().find(same) {
            return found.id;
        }
        let id = self.numbers.next();
        self.choices.push(Choice {
            id,
            field,
            guid: guid.map_or_else(numbers::guid, str::to_owned),
            name: name.to_owned(),
        });
        id
    }

    pub(crate) fn choice_name(&self, id: Option<i64>) -> &str {
        let found = self.choices.iter().find(|choice| Some(choice.id) == id);
        found.map_or("", |choice| &choice.name)
    }

    /// The name that an object goes by.
    pub(crate) fn name_of(&self, id: i64) -> &str {
        let Some(artifact) = self.artifacts.get(&id) else {
            return "";
        };
        artifact.text(name_field(artifact.kind))
    }
}

/// Which field names the objects of this sort.
pub(crate) fn name_field(kind: Kind) -> &'static str {
    match kind {
        Kind::Document => "Control Number",
        Kind::Entity => "Full Name",
        _ => "Name",
    }
}

pub(crate) fn type_of(kind: Kind) -> &'static Type {
    let found = TYPES.iter().find(|it| it.kind == kind);
    found.expect("every sort of object has a type")
}

fn missing(kind: Kind, id: i64) -> Refusal {
    let name = type_of(kind).name;
    Refusal::not_found(&format!("ArtifactID {id} is no {name} of this workspace."))
}
