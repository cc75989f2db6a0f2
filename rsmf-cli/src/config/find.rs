//! Which file is read.

use std::{
    env,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use super::encoding::decode;
use crate::error::{Error, Result};

/// The variable that names the file.
pub(crate) const VARIABLE: &str = "RSMF_CONFIG";
const NAME: &str = "rsmf.toml";

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
    match std::fs::read(&path) {
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
