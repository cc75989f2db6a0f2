//! Records become objects.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{
    ItemError,
    config::{Config, Mode},
    settings::SourceSettings,
    values,
};
use crate::relativity::{
    rsmf::{self, Native},
    world::{artifact::Val, schema::Kind, shares::Shares, workspace::Workspace},
};

/// What a native file is: the fields that tell of it, and where it lies.
type Values = Vec<(&'static str, Val)>;

/// Where files of a load file lie.
pub(super) struct Place<'a> {
    pub(super) shares: &'a Shares,
    /// The folder of the load file.
    pub(super) folder: &'a Path,
}

impl Place<'_> {
    /// A path of the load file: from the root of a share, or from the folder of the load file.
    pub(super) fn find(&self, path: &str) -> Option<PathBuf> {
        if path.starts_with(r"\\") {
            return self.shares.local(path);
        }
        let mut found = self.folder.to_owned();
        for part in path
            .split(['\\', '/'])
            .filter(|part| !part.is_empty() && *part != ".")
        {
            if part == ".." {
                return None;
            }
            found.push(part);
        }
        Some(found)
    }
}

/// What there is, by identifiers in small letters.
pub(super) type Known = HashMap<String, i64>;

/// One record, and all that is needed to take it in.
pub(super) struct Row<'a> {
    pub(super) config: &'a Config,
    pub(super) settings: &'a SourceSettings,
    pub(super) place: &'a Place<'a>,
    pub(super) line: usize,
    pub(super) record: &'a [String],
}

impl Row<'_> {
    /// Takes it in; an error says why it cannot be.
    pub(super) fn import(
        &self,
        workspace: &mut Workspace,
        known: &mut Known,
    ) -> Result<(), ItemError> {
        let key = self.key()?;
        let existing = self.existing(known.get(&key).copied())?;
        let (mut values, local) = native(self.config, self.place, self.record)
            .map_err(|(column, why)| self.error(Some(column), "S.LN.EXT.0401", &why))?;
        values.extend(self.values(workspace, existing)?);
        let id = match existing {
            Some(id) => id,
            None => {
                let parent = workspace.folder_of(self.config, self.record);
                workspace.add(self.config.kind, parent, [])
            }
        };
        known.insert(key, id);
        if let Some(path) = local {
            let inside = Vec::new();
            workspace.natives.insert(id, Native { path, inside });
        }
        if let Some(artifact) = workspace.artifacts.get_mut(&id) {
            values
                .into_iter()
                .for_each(|(field, value)| artifact.set(field, value));
        }
        Ok(())
    }

    fn key(&self) -> Result<String, ItemError> {
        let column = self.config.key_column();
        let key = column
            .and_then(|column| self.record.get(column))
            .map_or("", String::as_str);
        match key {
            "" => Err(self.error(column, "S.LN.VLD.4001", "The identifier is empty.")),
            key => Ok(key.to_lowercase()),
        }
    }

    /// The object that is changed, if one may be.
    fn existing(&self, found: Option<i64>) -> Result<Option<i64>, ItemError> {
        let column = self.config.key_column();
        match (self.config.mode, found) {
            (Mode::Append, Some(_)) => {
                Err(self.error(column, "S.LN.VLD.4501", "The identifier exists already."))
            }
            (Mode::Change, None) => {
                Err(self.error(column, "S.LN.VLD.4601", "The identifier does not exist."))
            }
            _ => Ok(found),
        }
    }

    fn values(
        &self,
        workspace: &mut Workspace,
        existing: Option<i64>,
    ) -> Result<Values, ItemError> {
        let mut values = Values::new();
        for mapping in &self.config.mappings {
            let text = self.record.get(mapping.column).map_or("", String::as_str);
            let artifact = existing.and_then(|id| workspace.artifacts.get(&id));
            let before = artifact.and_then(|it| it.values.get(&mapping.field).cloned());
            let before = before.filter(|_| !self.config.replaces);
            let read = values::Read {
                mapping,
                settings: self.settings,
                place: self.place,
                kind: self.config.kind,
            };
            let value = read.value(workspace, text, before);
            let value =
                value.map_err(|why| self.error(Some(mapping.column), "S.LN.VLD.4701", &why))?;
            values.extend(value.map(|value| (values::known(&mapping.field), value)));
        }
        Ok(values)
    }

    fn error(&self, column: Option<usize>, code: &'static str, message: &str) -> ItemError {
        ItemError {
            line: self.line,
            column,
            code,
            message: message.to_owned(),
            record: self.record.to_vec(),
        }
    }
}

impl Config {
    /// What there is already.
    pub(super) fn known(&self, workspace: &Workspace) -> Known {
        let all = workspace.all(self.kind);
        all.map(|it| (it.text(&self.key_field).to_lowercase(), it.id))
            .collect()
    }
}

fn native(
    config: &Config,
    place: &Place<'_>,
    record: &[String],
) -> Result<(Values, Option<PathBuf>), (usize, String)> {
    let Some((path_column, name_column)) = config.native else {
        return Ok((Values::new(), None));
    };
    let path = record.get(path_column).map_or("", String::as_str);
    if path.is_empty() {
        return Ok((Values::new(), None));
    }
    let missing = || {
        (
            path_column,
            format!("The native file '{path}' does not exist."),
        )
    };
    let local = place
        .find(path)
        .filter(|local| local.is_file())
        .ok_or_else(missing)?;
    let digests = rsmf::digest_file(&local).map_err(|error| (path_column, error.to_string()))?;
    let given = name_column
        .and_then(|column| record.get(column))
        .filter(|name| !name.is_empty());
    let own = local
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = given.cloned().unwrap_or(own);
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_owned();
    let values = vec![
        ("File Name", name.into()),
        ("File Extension", extension.into()),
        (
            "File Size",
            Val::Number(i64::try_from(digests.size).unwrap_or(i64::MAX)),
        ),
        ("Has Native", true.into()),
    ];
    Ok((values, Some(local)))
}

impl Workspace {
    /// The folder of a record, which is made where it is not there.
    fn folder_of(&mut self, config: &Config, record: &[String]) -> i64 {
        let Some((root, column)) = config.folder else {
            return self.root_folder;
        };
        let path = column
            .and_then(|column| record.get(column))
            .cloned()
            .unwrap_or_default();
        let mut folder = root;
        for name in path.split('\\').filter(|name| !name.is_empty()) {
            let found = self
                .all(Kind::Folder)
                .find(|it| it.parent == folder && it.text("Name") == name);
            folder = match found.map(|it| it.id) {
                Some(id) => id,
                None => self.add(Kind::Folder, folder, [("Name", Val::from(name))]),
            };
        }
        folder
    }
}
