//! Files that are being written.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use rsmf_core::{
    Error, Result,
    integration::{ObjectMeta, PutMode, StorePath},
};
use tempfile::NamedTempFile;

use super::{failure, meta, names, root::Root, sync::FolderSync};

/// A file under a hidden name next to the one that it will be. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Draft {
    file: NamedTempFile,
    target: PathBuf,
    path: StorePath,
    mode: PutMode,
    syncs: Arc<FolderSync>,
}

impl Draft {
    pub(super) fn create(root: &Root, path: StorePath, mode: PutMode) -> Result<Self> {
        let target = root.new_file(&path)?;
        if mode == PutMode::Create && target.symlink_metadata().is_ok() {
            return Err(failure("write", &target)
                .source("it exists already")
                .conflict());
        }
        let mut builder = tempfile::Builder::new();
        builder
            .prefix(names::DRAFT_PREFIX)
            .suffix(names::DRAFT_SUFFIX)
            .rand_bytes(16);
        readable_as_usual(&mut builder);
        let folder = target.parent().unwrap_or(&target);
        let file = builder
            .tempfile_in(folder)
            .map_err(|error| root.error("write", &path, error))?;
        Ok(Self {
            file,
            target,
            path,
            mode,
            syncs: root.syncs().clone(),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .as_file_mut()
            .write_all(bytes)
            .map_err(|error| self.error(error))
    }

    pub(super) fn copy_from(&mut self, source: &mut File) -> Result<()> {
        io::copy(source, self.file.as_file_mut())
            .map(|_| ())
            .map_err(|error| self.error(error))
    }

    /// Makes it the object.
    pub(super) fn publish(self) -> Result<ObjectMeta> {
        let Self {
            file,
            target,
            path,
            mode,
            syncs,
        } = self;
        let failed = |error| Error::from_io("write", target.display().to_string(), error);
        file.as_file().sync_all().map_err(failed)?;
        let renamed = match mode {
            PutMode::Overwrite => file.persist(&target),
            PutMode::Create => file.persist_noclobber(&target),
        };
        let file = renamed.map_err(|error| failed(error.error))?;
        target
            .parent()
            .map_or(Ok(()), |folder| syncs.sync(folder))
            .map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        Ok(meta::describe(path, &metadata))
    }

    /// Removes it, and says so where that fails.
    pub(super) fn discard(self) -> Result<()> {
        let target = self.target.display().to_string();
        self.file
            .close()
            .map_err(|error| Error::from_io("clean up after", target, error))
    }

    fn error(&self, error: io::Error) -> Error {
        Error::from_io("write", self.target.display().to_string(), error)
    }
}

/// Temporary files are private by default; these become ordinary ones, as the umask has it.
#[cfg(unix)]
fn readable_as_usual(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_as_usual(_: &mut tempfile::Builder<'_, '_>) {}
