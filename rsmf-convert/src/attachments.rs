//! Files that came with messages: fetched from the source, named for the zip.

use std::ops::Range;

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Kind,
    integration::{
        ChatSource, Exception, Fetch, FetchFailure, FetchedFile, FileContent, FileFetcher, Reason,
        Severity, SourceFile, SourceMessage,
    },
    workers::Workers,
};
use tempfile::SpooledTempFile;

use crate::{
    Error, Result,
    downloads::{Download, Outcome},
    slice::Slice,
    spool::{Spool, Trouble},
};

/// Why an empty file is left out of the zip.
const EMPTY: &str = "an empty file, which RSMF cannot hold";

/// What became of a file.
#[derive(Debug, Clone)]
pub(crate) enum Fetched {
    /// Its bytes stand here in the slice's spool.
    Here(Range<u64>),
    /// There are none, for this reason.
    Missing(String),
}

/// Where files come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) source: &'a dyn ChatSource,
    /// Who gets what the source only links to, where that is asked for.
    pub(crate) fetcher: Option<&'a dyn FileFetcher>,
    /// Whether to say only what would be fetched.
    pub(crate) plan_only: bool,
}

/// The files of a slice in one spool, and what there is to tell of them.
pub(crate) struct Gathered {
    pub(crate) spool: SpooledTempFile,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) downloads: Vec<Download>,
}

/// Gets the files of a slice into one spool and notes in the slice where each stands.
pub(crate) async fn gather(
    slice: &mut Slice,
    origin: Origin<'_>,
    workers: &Workers,
) -> Result<Gathered> {
    let mut gatherer = Gatherer {
        origin,
        workers,
        spool: Spool::new(),
        exceptions: Vec::new(),
        downloads: Vec::new(),
    };
    let mut found = Vec::with_capacity(slice.entries.len());
    {
        // Links are followed ahead, some at a time.
        let parallel = origin
            .fetcher
            .map_or(1, |fetcher| fetcher.parallel().max(1));
        let files = slice.entries.iter().flat_map(|entry| &entry.message.files);
        let opening: Vec<_> = files.map(|file| open(origin, file)).collect();
        let mut opened = std::pin::pin!(stream::iter(opening).buffered(parallel));
        for entry in &slice.entries {
            let mut files = Vec::with_capacity(entry.message.files.len());
            for file in &entry.message.files {
                if let Some(opened) = opened.try_next().await? {
                    files.push(gatherer.take(&entry.message, file, opened).await?);
                }
            }
            found.push(files);
        }
    }
    for (entry, files) in slice.entries.iter_mut().zip(found) {
        entry.files = files;
    }
    Ok(Gathered {
        spool: gatherer.spool.file,
        exceptions: gatherer.exceptions,
        downloads: gatherer.downloads,
    })
}

/// Where the bytes of a file come from.
enum Opened {
    Source(String),
    Fetched(FetchedFile),
    Failed(FetchFailure),
    Absent(String),
}

async fn open(origin: Origin<'_>, file: &SourceFile) -> Result<Opened> {
    match (&file.content, origin.fetcher) {
        (FileContent::Available { key, .. }, _) => Ok(Opened::Source(key.clone())),
        (FileContent::Linked { .. }, Some(fetcher)) if !origin.plan_only => {
            match fetcher.fetch(file).await.map_err(Error::Fetch)? {
                Fetch::Here(fetched) => Ok(Opened::Fetched(fetched)),
                Fetch::Failed(failure) => Ok(Opened::Failed(failure)),
            }
        }
        (FileContent::Linked { why, .. } | FileContent::Absent(why), _) => {
            Ok(Opened::Absent(why.clone()))
        }
        _ => Ok(Opened::Absent("not in the source".to_owned())),
    }
}

struct Gatherer<'a> {
    origin: Origin<'a>,
    workers: &'a Workers,
    spool: Spool,
    exceptions: Vec<Exception>,
    downloads: Vec<Download>,
}

impl Gatherer<'_> {
    async fn take(
        &mut self,
        message: &SourceMessage,
        file: &SourceFile,
        opened: Opened,
    ) -> Result<Fetched> {
        let (severity, reason, why) = match opened {
            Opened::Source(key) => match self.copy(&key).await? {
                Ok(range) => return Ok(self.here(message, file, range)),
                Err(why) => (Severity::Warning, Reason::DamagedFile, why),
            },
            Opened::Fetched(fetched) => return self.fetched(message, file, fetched).await,
            Opened::Failed(failure) => return Ok(self.failed(message, file, &failure)),
            Opened::Absent(why) => {
                if self.origin.fetcher.is_some() {
                    self.record(message, file, Outcome::Planned);
                }
                (Severity::Notice, Reason::MissingFile, why)
            }
        };
        self.tell(severity, reason, message, file, &why);
        Ok(Fetched::Missing(why))
    }

    fn here(&mut self, message: &SourceMessage, file: &SourceFile, range: Range<u64>) -> Fetched {
        // Relativity's validator takes an empty member of the zip for a broken one.
        if range.is_empty() {
            self.tell(Severity::Notice, Reason::MissingFile, message, file, EMPTY);
            return Fetched::Missing(EMPTY.to_owned());
        }
        Fetched::Here(range)
    }

    /// Appends a file of the source; the inner error says why it cannot be had.
    async fn copy(&mut self, key: &str) -> Result<Result<Range<u64>, String>> {
        let copied = match self.origin.source.open_file(key).await {
            Ok(stream) => self.spool.copy(stream, self.workers).await,
            Err(error) => Err(Trouble::Stream(error)),
        };
        match copied {
            Ok(range) => Ok(Ok(range)),
            Err(Trouble::Internal(error)) => Err(Error::Internal(error)),
            Err(Trouble::Stream(error)) => match error.kind() {
                Kind::NotFound | Kind::Integrity | Kind::Unsupported | Kind::InvalidInput => {
                    Ok(Err(chain(&error)))
                }
                _ => Err(Error::Source(error)),
            },
        }
    }

    /// Appends a file that was fetched; once more where what was kept of it turns out to be damaged.
    async fn fetched(
        &mut self,
        message: &SourceMessage,
        file: &SourceFile,
        mut fetched: FetchedFile,
    ) -> Result<Fetched> {
        for last in [false, true] {
            let outcome = Outcome::fetched(&fetched);
            match self.spool.copy(fetched.stream, self.workers).await {
                Ok(range) => {
                    self.record(message, file, outcome);
                    return Ok(self.here(message, file, range));
                }
                Err(Trouble::Internal(error)) => return Err(Error::Internal(error)),
                Err(Trouble::Stream(error)) if last || error.kind() != Kind::Integrity => {
                    return Err(Error::Fetch(error));
                }
                Err(Trouble::Stream(_)) => {}
            }
            match open(self.origin, file).await? {
                Opened::Fetched(again) => fetched = again,
                Opened::Failed(failure) => return Ok(self.failed(message, file, &failure)),
                Opened::Source(_) | Opened::Absent(_) => break,
            }
        }
        Ok(Fetched::Missing("not in the source".to_owned()))
    }

    /// Notes why a file is not there, in the event as where nothing is fetched.
    fn failed(
        &mut self,
        message: &SourceMessage,
        file: &SourceFile,
        failure: &FetchFailure,
    ) -> Fetched {
        self.record(message, file, Outcome::failed(failure));
        let why = format!("{}: {}", failure.reason.as_str(), failure.detail);
        self.tell(Severity::Warning, Reason::NotFetched, message, file, &why);
        match &file.content {
            FileContent::Linked { why, .. } => Fetched::Missing(why.clone()),
            _ => Fetched::Missing(why),
        }
    }

    fn record(&mut self, message: &SourceMessage, file: &SourceFile, outcome: Outcome) {
        if let FileContent::Linked { link, .. } = &file.content {
            let download = Download::new(message, file, link.shown(), outcome);
            self.downloads.push(download);
        }
    }

    fn tell(
        &mut self,
        severity: Severity,
        reason: Reason,
        message: &SourceMessage,
        file: &SourceFile,
        why: &str,
    ) {
        let detail = format!("file {} ({}): {why}", file.id, file.name);
        let exception = Exception::new(severity, reason, message.place.clone(), detail);
        self.exceptions.push(match &message.event.id {
            Some(id) => exception.of_message(id),
            None => exception,
        });
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
