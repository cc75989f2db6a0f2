//! Folders: every object below a path is an entry.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{ByteStream, Exception, Place, Reason, Severity, Storage, StorePath},
};

use super::{
    blob::Blob,
    table::{Builder, Location},
};

/// Lists the objects below `root`.
pub(super) async fn list(
    storage: &dyn Storage,
    root: &StorePath,
    builder: &mut Builder,
) -> Result<()> {
    let mut objects = storage.list(root);
    let mut seen_any = false;
    while let Some(object) = objects.next().await {
        seen_any = true;
        match object {
            Ok(meta) => {
                let name = relative(root, &meta.path);
                let etag = meta.etag.map(String::into_boxed_str);
                builder.add(name, meta.size, Location::Object(etag));
            }
            Err(error) => builder.tell(unlistable(error)?),
        }
    }
    match seen_any || root.is_root() {
        true => Ok(()),
        false => Err(Failure::new("open", root.to_string())
            .source("there is neither a file nor a folder with anything in it")
            .not_found()),
    }
}

/// Streams one object below `root`, provided it is still what was listed.
pub(super) fn read(
    storage: Arc<dyn Storage>,
    root: &StorePath,
    path: &str,
    size: u64,
    etag: &Option<Box<str>>,
) -> ByteStream {
    let full = root.join(path);
    let name = path.to_owned();
    let etag = etag.as_deref().map(str::to_owned);
    let open = async move {
        let blob = Blob::new(storage, full?, size, etag);
        let stream = blob.stream(0..size).await?;
        Ok::<_, Error>(stream)
    };
    let stream = futures_util::stream::once(open).try_flatten();
    Box::pin(stream.map_err(move |error| unreadable(&name, error)))
}

/// One file that cannot be read costs itself, not the whole folder.
fn unreadable(path: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Denied | Kind::InvalidInput | Kind::NotFound => {
            let words = told(&named(path, error));
            Failure::new("read", path).source(words).integrity()
        }
        _ => error,
    }
}

/// An error about one file by its path in the folder: where that lies does not belong into reports.
pub(super) fn named(path: &str, error: Error) -> Error {
    let mut failure = Failure::new(error.context().operation().to_owned(), path);
    if let Some(cause) = std::error::Error::source(&error) {
        failure = failure.source(cause.to_string());
    }
    match error.kind() {
        Kind::Denied => failure.denied(),
        Kind::InvalidInput => failure.invalid_input(),
        Kind::NotFound => failure.not_found(),
        _ => error,
    }
}

/// An error with its cause, in one line.
fn told(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

pub(super) fn relative<'a>(root: &StorePath, path: &'a StorePath) -> &'a str {
    let rest = path.as_str().strip_prefix(root.as_str());
    let rest = rest.unwrap_or(path.as_str());
    rest.strip_prefix('/').unwrap_or(rest)
}

/// A part of the folder that cannot be listed is told; that the store is away ends everything.
fn unlistable(error: Error) -> Result<Exception> {
    match error.kind() {
        Kind::Denied | Kind::InvalidInput | Kind::NotFound => {
            let place = Place::new(error.context().target());
            let detail = told(&error);
            let reason = Reason::UnreadableFile;
            Ok(Exception::new(Severity::Error, reason, place, detail))
        }
        _ => Err(error),
    }
}
