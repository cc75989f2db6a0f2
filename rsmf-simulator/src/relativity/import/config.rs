//! Which column of a load file is what.

use serde_json::Value;

use super::{Done, settings::choice, wrong};
use crate::relativity::{
    call::Keys,
    world::{
        schema::{Kind, TYPES},
        workspace::{Workspace, name_field},
    },
};

#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) kind: Kind,
    pub(super) mode: Mode,
    /// Whether values of fields that hold several are replaced.
    pub(super) replaces: bool,
    pub(super) key_field: String,
    /// Where the path of a file stands, and its name.
    pub(super) native: Option<(usize, Option<usize>)>,
    pub(super) mappings: Vec<Mapping>,
    /// Under which folder, and where the path below it stands.
    pub(super) folder: Option<(i64, Option<usize>)>,
}

/// What may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing: all is new.
    Append,
    /// Only what is there.
    Change,
    /// What is there, and what is not is new.
    Both,
}

#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub(super) column: usize,
    pub(super) field: String,
    pub(super) has_ids: bool,
    pub(super) is_path: bool,
}

impl Config {
    /// The type of what a configuration of objects is about.
    pub(super) fn kind(rdo: &Value) -> Option<Kind> {
        let number = rdo.key("ArtifactTypeID").number()?;
        let found = TYPES.iter().find(|it| it.number == number);
        found.map(|it| it.kind)
    }

    pub(super) fn read(sent: &Value, kind: Kind, workspace: &Workspace) -> Done<Self> {
        let overlay = sent.key("Overlay");
        let key = overlay.key("KeyField").text();
        let behaviours = ["Unknown", "UseRelativityDefaults", "MergeAll", "ReplaceAll"];
        let config = Self {
            kind,
            mode: Mode::read(overlay)?,
            replaces: choice(overlay.key("MultiFieldOverlayBehaviour"), &behaviours) == Some(3),
            key_field: if key.is_empty() {
                name_field(kind)
            } else {
                key
            }
            .to_owned(),
            native: pair(
                sent.key("Native"),
                "FilePathColumnIndex",
                "FileNameColumnIndex",
            )
            .and_then(|(path, name)| Some((usize::try_from(path).ok()?, name))),
            mappings: mappings(sent, kind, workspace)?,
            folder: pair(sent.key("Folder"), "RootFolderID", "FolderPathColumnIndex"),
        };
        if config.mappings.is_empty() && config.native.is_none() {
            return wrong(
                "C.CR.VLD.2001",
                "Nothing is imported by this configuration.",
            );
        }
        match config.key_column() {
            Some(_) => Ok(config),
            None => wrong(
                "C.CR.VLD.2702",
                &format!("No column is mapped to '{}'.", config.key_field),
            ),
        }
    }

    /// Where the identifier stands.
    pub(super) fn key_column(&self) -> Option<usize> {
        let mut mappings = self.mappings.iter();
        let found = mappings.find(|it| it.field.eq_ignore_ascii_case(&self.key_field));
        found.map(|it| it.column)
    }
}

impl Mode {
    /// The number of the second is not known; the last one's is 3 in a sample.
    fn read(overlay: &Value) -> Done<Self> {
        match choice(
            overlay.key("Mode"),
            &["Unknown", "Overlay", "", "AppendOverlay"],
        ) {
            _ if overlay.is_null() => Ok(Self::Append),
            Some(1 | 2) => Ok(Self::Change),
            Some(3) => Ok(Self::Both),
            _ => wrong("C.CR.VLD.2002", "The mode of the overlay is not known."),
        }
    }
}

/// A number, and a column where one is named.
fn pair(value: &Value, number: &str, column: &str) -> Option<(i64, Option<usize>)> {
    let column = value
        .key(column)
        .number()
        .and_then(|it| usize::try_from(it).ok());
    Some((value.key(number).number()?, column))
}

fn mappings(sent: &Value, kind: Kind, workspace: &Workspace) -> Done<Vec<Mapping>> {
    let sent = sent.key("Fields").key("FieldMappings").items();
    let read = sent.iter().map(|mapping| {
        let name = mapping.key("Field").text();
        let Some(field) = workspace.field(kind, name) else {
            return wrong(
                "C.CR.VLD.2701",
                &format!("The field '{name}' does not exist."),
            );
        };
        let column = mapping.key("ColumnIndex").number();
        let Some(column) = column.and_then(|it| usize::try_from(it).ok()) else {
            return wrong(
                "C.CR.VLD.2003",
                &format!("The field '{name}' has no column."),
            );
        };
        Ok(Mapping {
            column,
            field: field.name.clone(),
            has_ids: mapping.key("ContainsID").truth() == Some(true),
            is_path: mapping.key("ContainsFilePath").truth() == Some(true),
        })
    });
    read.collect()
}
