//! Discovery: files are found and opened.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use super::{
    inspect::{about, content, error, extension, file, name},
    state::{File, Found},
};
use crate::relativity::{
    rsmf::Native,
    world::{shares::Shares, workspace::Workspace},
};

/// Archives in archives are opened so deep.
const DEPTH: usize = 8;

/// What is to be read.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Data sources, and where they lie; nowhere where no folder stands for the path.
    sources: Vec<(i64, String, Option<PathBuf>)>,
    /// Files that are read again, by their numbers.
    again: Vec<(i64, Found)>,
    largest: u64,
}

/// What was found: files by their data sources, or by their numbers where they were read again.
#[derive(Debug, Default)]
pub(crate) struct Result {
    pub(crate) found: Vec<(i64, Found)>,
    pub(crate) job_errors: Vec<String>,
}

impl Plan {
    pub(crate) fn new(workspace: &Workspace, set: i64, shares: &Shares, largest: u64) -> Self {
        let ids = workspace.sources_of(set).into_iter();
        let sources = ids.filter_map(|id| {
            let path = workspace.artifacts.get(&id)?.text("Source Path").to_owned();
            let local = shares.local(&path);
            Some((id, path, local))
        });
        Self {
            sources: sources.collect(),
            largest,
            ..Self::default()
        }
    }

    /// Files with errors that lie in no archive.
    pub(crate) fn again(files: &[File], largest: u64) -> Self {
        let wrong = files
            .iter()
            .filter(|it| it.found.error.is_some() && it.found.container.is_empty());
        Self {
            again: wrong.map(|file| (file.id, file.found.clone())).collect(),
            largest,
            ..Self::default()
        }
    }
}

/// Reads everything that is planned, in the order of paths.
pub(crate) fn read(plan: Plan) -> Result {
    let mut result = Result::default();
    for (source, path, local) in plan.sources {
        let local = local.filter(|local| local.exists());
        let Some(local) = local else {
            result.job_errors.push(format!(
                "The path '{path}' of data source {source} does not exist."
            ));
            continue;
        };
        let mut walk = Walk {
            source,
            largest: plan.largest,
            found: &mut result.found,
        };
        if let Err(error) = walk.enter(&local, "") {
            result.job_errors.push(format!(
                "'{path}' of data source {source} cannot be read: {error}"
            ));
        }
    }
    for (id, before) in plan.again {
        let found = file(&before.native.path, &before.folder, plan.largest);
        result.found.push((id, found));
    }
    result
}

struct Walk<'a> {
    source: i64,
    largest: u64,
    found: &'a mut Vec<(i64, Found)>,
}

impl Walk<'_> {
    fn enter(&mut self, path: &Path, folder: &str) -> io::Result<()> {
        if path.is_file() {
            self.file(path, folder);
            return Ok(());
        }
        let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        let mut paths: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        for path in paths {
            let below = match path.is_dir() {
                true => format!("{folder}\\{}", name(&path)),
                false => folder.to_owned(),
            };
            self.enter(&path, &below)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, folder: &str) {
        if extension(path) != "zip" {
            let found = file(path, folder, self.largest);
            self.found.push((self.source, found));
            return;
        }
        let inside = fs::File::open(path).map_err(|error| error.to_string());
        let inside = inside.and_then(|file| self.archive(file, path, &name(path), &[]));
        if let Err(message) = inside {
            let mut found = about(path, folder);
            found.error = Some(error("Corrupt", &message));
            self.found.push((self.source, found));
        }
    }

    /// What lies in an archive; the archive itself is none of the files.
    fn archive(
        &mut self,
        file: impl io::Read + io::Seek,
        local: &Path,
        container: &str,
        inside: &[String],
    ) -> std::result::Result<(), String> {
        let mut archive = ZipArchive::new(file).map_err(|error| error.to_string())?;
        let names = archive.file_names().map(|name| name.map(Cow::into_owned));
        let mut names = names
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        names.sort();
        for name in names.iter().filter(|name| !name.ends_with('/')) {
            let mut bytes = Vec::new();
            let mut entry = archive.by_name(name).map_err(|error| error.to_string())?;
            let read = io::Read::read_to_end(&mut entry, &mut bytes);
            drop(entry);
            read.map_err(|error| error.to_string())?;
            let path = Path::new(name);
            if extension(path) == "zip" && inside.len() < DEPTH {
                let inner = format!("{container}\\{name}");
                self.archive(
                    io::Cursor::new(bytes),
                    local,
                    &inner,
                    &[inside, std::slice::from_ref(name)].concat(),
                )?;
                continue;
            }
            let mut found = content(&bytes, path, self.largest);
            found.container = container.to_owned();
            found.native = Native {
                path: local.to_owned(),
                inside: [inside, std::slice::from_ref(name)].concat(),
            };
            self.found.push((self.source, found));
        }
        Ok(())
    }
}
