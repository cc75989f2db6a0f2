//! Where pages go: nothing is seen there before it is whole, and nothing of others is replaced.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use rsmf_core::Failure;
use tempfile::{NamedTempFile, TempDir};

use crate::{
    args::ExistingPage,
    error::{Error, Result},
};

/// What all pages of `rsmf view` have in their first lines, whatever its version.
const SIGN: &str = "name=\"generator\" content=\"rsmf-view ";

/// As far as the sign is looked for.
pub(super) const HEAD: u64 = 4096;

/// Refuses what is there, unless it is to be overwritten and was written by `rsmf view`: `page`
/// tells, the place itself or a file in it.
pub(super) fn check(place: &Path, page: &Path, existing: ExistingPage) -> Result<()> {
    if !is_taken(place).map_err(|error| failed("use", place, error))? {
        return Ok(());
    }
    let refuse = |why, advice| {
        let failure = Failure::new("write", place.display().to_string());
        Err(Error::Output(failure.source(why).advice(advice).other()))
    };
    match existing {
        ExistingPage::Refuse => refuse(
            "it is there already",
            "`--existing overwrite` replaces it; or choose another place by `-o`",
        ),
        ExistingPage::Overwrite if is_ours(page) => Ok(()),
        ExistingPage::Overwrite => refuse(
            "it is there already, and `rsmf view` has not written it",
            "choose another place by `-o`",
        ),
    }
}

/// A folder for what is not whole yet, on the same disk as `place`.
pub(super) fn workshop(place: &Path) -> Result<TempDir> {
    let parent = parent(place);
    fs::create_dir_all(&parent).map_err(|error| failed("write to", &parent, error))?;
    tempfile::Builder::new()
        .prefix(".rsmf-view-")
        .tempdir_in(&parent)
        .map_err(|error| failed("write to", &parent, error))
}

/// A file that can be moved to `place` when it is whole, with the rights of any new file.
pub(super) fn draft(workshop: &TempDir) -> Result<NamedTempFile> {
    tempfile::Builder::new()
        .make_in(workshop.path(), |path| File::create_new(path))
        .map_err(|error| failed("write to", workshop.path(), error))
}

/// Moves a folder to its place; what is there goes to the workshop, and with it.
pub(super) fn move_folder(from: &Path, to: &Path, workshop: &TempDir) -> Result<()> {
    if to.exists() {
        clear(to, workshop)?;
    }
    fs::rename(from, to).map_err(|error| failed("write", to, error))
}

/// Moves a folder out of the way.
pub(super) fn clear(folder: &Path, workshop: &TempDir) -> Result<()> {
    fs::rename(folder, workshop.path().join("old"))
        .map_err(|error| failed("replace", folder, error))
}

pub(super) fn failed(verb: &'static str, path: &Path, error: io::Error) -> Error {
    Error::Output(rsmf_core::Error::from_io(
        verb,
        path.display().to_string(),
        error,
    ))
}

/// A failure to write by the place that was asked for: drafts lie in folders that go, and the library knows no names.
pub(super) fn at(output: &Path, error: Error) -> Error {
    let Error::Output(error) = error else {
        return error;
    };
    let context = error.context();
    let target = match context.operation() {
        "keep" => format!("{} in {}", context.target(), std::env::temp_dir().display()),
        "write" | "write to" => output.display().to_string(),
        _ => return Error::Output(error),
    };
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
    let code = cause.and_then(io::Error::raw_os_error);
    Error::Output(match code {
        Some(code) => {
            rsmf_core::Error::from_io("write", target, io::Error::from_raw_os_error(code))
        }
        None => Failure::new("write", target).source(error).other(),
    })
}

fn parent(place: &Path) -> PathBuf {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// An empty folder is free.
fn is_taken(place: &Path) -> io::Result<bool> {
    if place.is_dir() {
        return Ok(fs::read_dir(place)?.next().is_some());
    }
    place.try_exists()
}

fn is_ours(page: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(page).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && is_signed(&head)
}

/// Whether a page that begins so is one of ours.
pub(super) fn is_signed(head: &[u8]) -> bool {
    String::from_utf8_lossy(head).contains(SIGN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("a.html");
        let check = |existing| check(&page, &page, existing).map_err(|error| error.report());
        assert!(check(ExistingPage::Refuse).is_ok());
        fs::write(&page, "mine").unwrap();
        assert!(
            check(ExistingPage::Refuse)
                .unwrap_err()
                .contains("--existing overwrite")
        );
        assert!(
            check(ExistingPage::Overwrite)
                .unwrap_err()
                .contains("has not written it")
        );
        let sign = format!(
            "<meta name=\"generator\" content=\"{}\">",
            rsmf_view::GENERATOR
        );
        fs::write(&page, sign).unwrap();
        assert!(check(ExistingPage::Overwrite).is_ok());
    }
}
