//! Discovery: files are found and opened.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use super::state::{File, FileError, Found};
use crate::relativity::{
    rsmf::{self, Problem},
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
        let found = file(&before.local, &before.folder, plan.largest);
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
        let inside = inside.and_then(|file| self.archive(file, path, &name(path), 1));
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
        depth: usize,
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
            if extension(path) == "zip" && depth < DEPTH {
                let inner = format!("{container}\\{name}");
                self.archive(io::Cursor::new(bytes), local, &inner, depth + 1)?;
                continue;
            }
            let mut found = content(&bytes, path, self.largest);
            found.container = container.to_owned();
            found.local = local.to_owned();
            self.found.push((self.source, found));
        }
        Ok(())
    }
}

/// What a file of the share is.
fn file(path: &Path, folder: &str, largest: u64) -> Found {
    let mut found = about(path, folder);
    if found.size > largest || extension(path) != "rsmf" {
        match rsmf::digest_file(path) {
            Ok(digests) => found.sums(digests),
            Err(failure) => {
                found.error = Some(error("File Read/Write issue", &failure.to_string()))
            }
        }
        if extension(path) == "rsmf" && found.error.is_none() {
            found.error = Some(too_large(largest));
        }
        return found;
    }
    match fs::read(path) {
        Ok(bytes) => {
            let read = content(&bytes, path, largest);
            Found {
                local: found.local,
                folder: found.folder,
                ..read
            }
        }
        Err(failure) => {
            found.error = Some(error("File Read/Write issue", &failure.to_string()));
            found
        }
    }
}

fn content(bytes: &[u8], path: &Path, largest: u64) -> Found {
    let mut found = Found {
        name: name(path),
        ..Found::default()
    };
    found.sums(rsmf::digests(bytes));
    if extension(path) != "rsmf" {
        return found;
    }
    if found.size > largest {
        found.error = Some(too_large(largest));
        return found;
    }
    match rsmf::open(bytes) {
        Ok(opened) => {
            found.error = opened.missing.first().map(|id| {
                error(
                    "Missing Attachment",
                    &format!("The attachment {id} could not be extracted."),
                )
            });
            found.rsmf = Some(Box::new(opened));
        }
        Err(Problem { category, message }) => found.error = Some(error(category, &message)),
    }
    found
}

fn about(path: &Path, folder: &str) -> Found {
    Found {
        name: name(path),
        folder: folder.to_owned(),
        local: path.to_owned(),
        size: path.metadata().map_or(0, |it| it.len()),
        ..Found::default()
    }
}

impl Found {
    fn sums(&mut self, digests: rsmf::Digests) {
        (self.size, self.md5, self.sha256) = (digests.size, digests.md5, digests.sha256);
    }

    /// The extension of the name, in small letters.
    pub(crate) fn extension(&self) -> String {
        extension(Path::new(&self.name))
    }
}

fn too_large(largest: u64) -> FileError {
    error(
        "Unsupported",
        &format!("RSMF files of more than {largest} bytes are not supported."),
    )
}

fn error(category: &'static str, message: &str) -> FileError {
    FileError {
        category,
        message: message.to_owned(),
        time: jiff::Timestamp::now().to_string(),
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase()
}
