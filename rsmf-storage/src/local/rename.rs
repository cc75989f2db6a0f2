//! Giving a file another name.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use rsmf_core::{
    Result,
    integration::{PutMode, StorePath},
};
use tempfile::TempPath;

use super::{copy, delete, failure, root::Root};

/// Renames the file, in one step where both names lie on one file system.
pub(super) fn rename(root: &Root, from: &StorePath, to: StorePath, mode: PutMode) -> Result<()> {
    root.object(from)?;
    if *from == to {
        return Ok(());
    }
    let Some(file) = root.entry(from)? else {
        return Err(failure("read", Path::new(from.as_str())).not_found());
    };
    let target = root.new_file(&to)?;
    // A link would lead elsewhere from another folder: its content moves.
    let renamed = match file.is_symlink() {
        true => Err(ErrorKind::CrossesDevices.into()),
        false => rename_file(&file, &target, mode),
    };
    match renamed {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            copy(root, from, to, mode)?;
            return delete(root, from);
        }
        Err(error) => return Err(root.error("rename", &to, error)),
    }
    let synced = [&target, &file]
        .into_iter()
        .filter_map(|file| file.parent())
        .try_for_each(|folder| root.syncs().sync(folder));
    synced.map_err(|error| root.error("rename", &to, error))
}

fn rename_file(file: &Path, target: &Path, mode: PutMode) -> io::Result<()> {
    match mode {
        PutMode::Overwrite => fs::rename(file, target),
        PutMode::Create => {
            let mut path = TempPath::try_from_path(file)?;
            path.disable_cleanup(true);
            path.persist_noclobber(target).map_err(|error| error.error)
        }
    }
}
