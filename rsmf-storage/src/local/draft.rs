//! Files that are being written.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use rsmf_core::{
    Error, Result,
    integration::{ObjectMeta, PutMode, PutOptions, StorePath},
};
use tempfile::{NamedTempFile, PersistError};

use super::{
    failure,
    kept::{self, SYNC_EVERY},
    meta, names,
    root::Root,
    sync::{FolderSync, Unsettled},
    terms::Terms,
};

/// A file under a hidden name next to the one that it will be. Dropping it removes it, unless
/// somebody may go on with it.
#[derive(Debug)]
pub(super) struct Draft {
    file: NamedTempFile,
    target: PathBuf,
    path: StorePath,
    mode: PutMode,
    syncs: Arc<FolderSync>,
    /// Where it is noted that it does not last yet, if nobody is to wait for that.
    unsettled: Option<Arc<Unsettled>>,
    terms: Terms,
    /// How much is in it; for one that is kept.
    kept: Option<u64>,
}

impl Draft {
    /// Begins a file, or goes on with one that was kept.
    pub(super) fn create(root: &Root, path: StorePath, options: &PutOptions) -> Result<Self> {
        let target = root.new_file(&path)?;
        if options.mode == PutMode::Create && target.symlink_metadata().is_ok() {
            return Err(failure("write", &target)
                .source("it exists already")
                .conflict());
        }
        let mut terms = Terms::of(options);
        let failed = |error| root.error("write", &path, error);
        let kept = match &options.resume {
            Some(content) => kept::open(&target, content).map_err(failed)?,
            None => None,
        };
        if let Some((file, _)) = &kept {
            terms.take_in(file.as_file()).map_err(failed)?;
        }
        let (file, kept) = match kept {
            Some((file, size)) => (file, Some(size)),
            None => (temporary(&target).map_err(failed)?, None),
        };
        Ok(Self {
            file,
            target,
            path,
            mode: options.mode,
            syncs: root.syncs().clone(),
            unsettled: (options.lazy && Unsettled::IS_WORTHWHILE).then(|| root.unsettled().clone()),
            terms,
            kept,
        })
    }

    /// How much was there when it was opened, and how much there is now.
    pub(super) fn kept(&self) -> u64 {
        self.kept.unwrap_or_default()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.terms.update(bytes);
        let written = match self.kept {
            Some(size) => self.write_in_steps(size, bytes),
            None => self.file.as_file_mut().write_all(bytes),
        };
        written.map_err(|error| self.error(error))
    }

    /// Makes what is kept last, step by step; see [`SYNC_EVERY`].
    fn write_in_steps(&mut self, size: u64, mut bytes: &[u8]) -> io::Result<()> {
        self.kept = Some(size + bytes.len() as u64);
        let mut left = SYNC_EVERY - size % SYNC_EVERY;
        let file = self.file.as_file_mut();
        while bytes.len() as u64 >= left {
            let (now, later) = bytes.split_at(left as usize);
            file.write_all(now)?;
            file.sync_data()?;
            (bytes, left) = (later, SYNC_EVERY);
        }
        file.write_all(bytes)
    }

    pub(super) fn copy_from(&mut self, source: &mut File) -> Result<()> {
        io::copy(source, self.file.as_file_mut())
            .map(|_| ())
            .map_err(|error| self.error(error))
    }

    /// Makes it the object, if it is what was announced.
    pub(super) fn publish(mut self) -> Result<ObjectMeta> {
        let terms = std::mem::take(&mut self.terms);
        let modified = match terms.verify(&self.target, self.file.as_file()) {
            Ok(modified) => modified,
            Err(error) => {
                self.discard()?;
                return Err(error);
            }
        };
        let failed = |error| Error::from_io("write", self.target.display().to_string(), error);
        if let Some(time) = modified {
            self.file.as_file().set_modified(time).map_err(failed)?;
        }
        if self.unsettled.is_none() {
            self.file.as_file().sync_all().map_err(failed)?;
        }
        let renamed = match self.mode {
            PutMode::Overwrite => self.file.persist(&self.target),
            PutMode::Create => self.file.persist_noclobber(&self.target),
        };
        let file = renamed.map_err(|error| failed(given_up(error)))?;
        let folder = self.target.parent();
        match (&self.unsettled, folder) {
            (Some(unsettled), Some(folder)) => unsettled.add(folder),
            (None, Some(folder)) => self.syncs.sync(folder).map_err(failed)?,
            (_, None) => {}
        }
        let metadata = file.metadata().map_err(failed)?;
        Ok(meta::describe(self.path, &metadata))
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

/// Nobody will go on with what cannot become the object.
fn given_up(error: PersistError) -> io::Error {
    // The error that is told already says why.
    let _ = error.file.close();
    error.error
}

fn temporary(target: &std::path::Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(names::DRAFT_PREFIX)
        .suffix(names::DRAFT_SUFFIX)
        .rand_bytes(16);
    readable_as_usual(&mut builder);
    builder.tempfile_in(target.parent().unwrap_or(target))
}

/// Temporary files are private by default; these become ordinary ones, as the umask has it.
#[cfg(unix)]
fn readable_as_usual(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_as_usual(_: &mut tempfile::Builder<'_, '_>) {}
