//! Files of stores that lie elsewhere, for commands that work on files of this machine: what they
//! read is fetched first.

use std::path::{Path, PathBuf};

use rsmf_core::Failure;
use rsmf_storage::{
    LocalStorage, Location,
    transfer::{self, Compare, Event, Filter, Place, SyncOptions},
};
use tempfile::TempDir;

use super::stores::{Found, Named, class, drive, open};
use crate::{
    config::Config,
    error::{Error, Result},
};

/// What is fetched of folders.
const WANTED: &str = "*.[rR][sS][mM][fF]";

/// Files that were fetched; they go with this value.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    folders: Vec<TempDir>,
    /// Where something lies now, and the address it is from.
    origins: Vec<(PathBuf, String)>,
}

impl Staging {
    /// Where to read what is named: a path stays, an address becomes that of what was fetched.
    ///
    /// # Errors
    /// [`Error::Input`] where it cannot be fetched.
    pub(crate) fn input(&mut self, config: &Config, named: &Path) -> Result<PathBuf> {
        let Some(address) = named.to_str() else {
            return Ok(named.to_owned());
        };
        if address == "-" {
            return standard_input();
        }
        match config.stores.locate(address).map_err(Error::Input)? {
            (Location::Local(path), _) => match is_named_pipe(&path) {
                true => Err(never_ends(&path)),
                false => Ok(path),
            },
            _ => self.fetch(config, address),
        }
    }

    fn fetch(&mut self, config: &Config, address: &str) -> Result<PathBuf> {
        let folder = temporary()?;
        let path = drive(async {
            let source = open(config, address).await.map_err(Error::Input)?;
            let found = source.look().await.map_err(Error::Input)?;
            let name = match source.place.path.file_name() {
                "" => "store",
                name => name,
            };
            let to = local(folder.path()).join(name).map_err(Error::Input)?;
            match found {
                Found::Object(_) => copy(&source, &to).await?,
                Found::Folder => fetch_folder(&source, &to).await?,
            }
            Ok(folder.path().join(name))
        })?;
        self.folders.push(folder);
        self.origins.push((path.clone(), address.to_owned()));
        Ok(path)
    }

    /// How a file is called: by the address it is from.
    pub(crate) fn origin(&self, path: &Path) -> PathBuf {
        let found = self.origins.iter().find_map(|(from, address)| {
            let rest = path.strip_prefix(from).ok()?;
            let rest: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
            Some(match rest.is_empty() {
                true => address.clone(),
                false => format!("{}/{}", address.trim_end_matches('/'), rest.join("/")),
            })
        });
        found.map_or_else(|| path.to_owned(), PathBuf::from)
    }
}

/// Where what comes by `-` is read.
fn standard_input() -> Result<PathBuf> {
    match cfg!(unix) {
        true => Ok("/dev/stdin".into()),
        false => Err(Error::Input(
            Failure::new("read", "-")
                .source("standard input is not read on this system")
                .advice("write it to a file first, and give its name; ./- is a file called `-`")
                .unsupported(),
        )),
    }
}

/// Whether somebody else may fill a file, or nobody ever. What a shell passes on (`<(…)`) has a
/// program at its other end.
fn is_named_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let passed_on = ["/dev", "/proc"].iter().any(|of| path.starts_with(of));
        let kind = std::fs::metadata(path).map(|meta| meta.file_type());
        !passed_on && kind.is_ok_and(|kind| kind.is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn never_ends(path: &Path) -> Error {
    Error::Input(
        Failure::new("read", path.display().to_string())
            .source("it is a named pipe, which may never end")
            .advice("write its content to a file first, or read it as standard input: `rsmf … - < PIPE`")
            .invalid_input(),
    )
}

/// A folder that goes with this value, and that nobody else may look into: what lies there is evidence.
pub(super) fn temporary() -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder.tempdir().map_err(|error| {
        Error::Output(rsmf_core::Error::from_io(
            "create",
            "a temporary folder",
            error,
        ))
    })
}

/// A folder of this machine.
pub(super) fn local(folder: &Path) -> Place {
    let root = rsmf_core::integration::StorePath::ROOT;
    Place::new(std::sync::Arc::new(LocalStorage::new(folder)), root)
}

async fn copy(source: &Named, to: &Place) -> Result<()> {
    let options = transfer::CopyOptions::default();
    let copied = transfer::copy(&source.place, to, &options, &|_| {}).await;
    copied.map(|_| ()).map_err(class)
}

async fn fetch_folder(source: &Named, to: &Place) -> Result<()> {
    let filter = Filter::builder().include(WANTED);
    let filter = filter.and_then(|filter| filter.build());
    let mut options = SyncOptions::default();
    options.filter = filter.map_err(Error::Internal)?;
    sync(&source.place, to, options, Error::Input).await
}

/// Copies what is in a folder of this machine, also over what is there; with `delete`, nothing else remains there.
pub(super) async fn replace(from: &Place, to: &Place, delete: bool) -> Result<()> {
    let mut options = SyncOptions::default();
    options.delete = delete;
    sync(from, to, options, Error::Output).await
}

/// Copies a folder; the first thing that goes wrong is the error.
async fn sync(
    from: &Place,
    to: &Place,
    mut options: SyncOptions,
    class: fn(rsmf_core::Error) -> Error,
) -> Result<()> {
    options.compare = Compare::Never;
    let failed = std::sync::Mutex::new(None);
    let events = |event: Event<'_>| {
        if let Event::Failed(path, error) = event {
            let path = path.unwrap_or("not all could be listed");
            let failure = Failure::new("copy", path.to_owned()).source(error.to_string());
            let mut failed = failed
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            failed.get_or_insert(failure.other());
        }
    };
    transfer::sync(from, to, &options, &events)
        .await
        .map_err(class)?;
    let failed = failed
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    failed.map_or(Ok(()), |error| Err(class(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_temporary_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = temporary().unwrap();
        let mode = std::fs::metadata(folder.path())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn what_was_fetched_is_called_by_its_address() {
        let staging = Staging {
            folders: Vec::new(),
            origins: vec![("/tmp/1/out".into(), "s3://b/out/".to_owned())],
        };
        let origin = |path: &str| staging.origin(Path::new(path)).display().to_string();
        assert_eq!(origin("/tmp/1/out"), "s3://b/out/");
        assert_eq!(origin("/tmp/1/out/x/a.rsmf"), "s3://b/out/x/a.rsmf");
        assert_eq!(origin("elsewhere"), "elsewhere");
    }

    #[test]
    fn what_lies_here_stays_here() {
        let config = Config::default();
        let path = Staging::default().input(&config, Path::new("a.rsmf"));
        assert_eq!(path.unwrap(), Path::new("a.rsmf"));
    }

    #[test]
    fn a_hyphen_is_standard_input_where_there_is_one() {
        let path = Staging::default().input(&Config::default(), Path::new("-"));
        match path {
            Ok(path) => assert_eq!(path, Path::new("/dev/stdin")),
            Err(error) => assert!(error.report().contains("write it to a file first")),
        }
    }
}
