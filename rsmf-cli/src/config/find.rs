//! Which file is read.

use std::{
    env,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use super::encoding::decode;
use crate::error::{Error, Result};

/// The variable that names the file.
pub(crate) const VARIABLE: &str = "RSMF_CONFIG";
const NAME: &str = "rsmf.toml";
/// Bytes of a file. One that a person wrote has a few thousand.
const LARGEST: u64 = 1 << 20;

/// A file, and why it is this one.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) why: &'static str,
    pub(super) text: String,
}

/// The file that is named, or else the first that is there.
pub(super) fn find(option: Option<&Path>) -> Result<Option<Found>> {
    let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty());
    let named = match (option, variable) {
        (Some(path), _) => Some((path.to_owned(), "--config")),
        (None, Some(path)) => Some((path.into(), VARIABLE)),
        (None, None) => None,
    };
    if let Some((path, why)) = named {
        return read(path, why, true);
    }
    match read(NAME.into(), "the current folder", false)? {
        None => match user_folder() {
            Some(folder) => read(folder.join(NAME), "the user's folder", false),
            None => Ok(None),
        },
        found => Ok(found),
    }
}

/// Where the user's own file is looked for.
pub(crate) fn user_folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("rsmf"))
}

fn read(path: PathBuf, why: &'static str, must_be_there: bool) -> Result<Option<Found>> {
    match bounded(&path) {
        Ok(bytes) => match decode(&bytes) {
            Ok(text) => Ok(Some(Found { path, why, text })),
            Err(problem) => Err(Error::Config(format!("{}:{problem}", path.display()))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_be_there => Ok(None),
        Err(error) => {
            let name = format!("{}, named by {why}", path.display());
            Err(Error::Input(rsmf_core::Error::from_io("read", name, error)))
        }
    }
}

/// The content. What is found in a folder must be a file, since reading a pipe might never end; one that is named may
/// be what a shell makes of `<(…)`.
fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() && !kind.is_dir() && !is_of_shell(path) {
        let problem = "it is no file, but a device or a pipe";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        let problem = "it has more than 1 MiB, and so is no configuration";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    Ok(bytes)
}

fn is_of_shell(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &Path) -> String {
        read(path.to_owned(), "--config", true)
            .unwrap_err()
            .report()
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::write(&path, "#".repeat(1 << 20)).unwrap();
        assert!(read(path.clone(), "--config", true).unwrap().is_some());
        fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
        assert!(told(&path).contains("it has more than 1 MiB"));
        assert!(told(folder.path()).starts_with("error: cannot read "));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [pipe, link] {
            assert!(told(&path).contains("it is no file"), "{path:?}");
        }
    }
}
