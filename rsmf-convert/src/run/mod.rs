//! The conversion as a whole.

mod ahead;
mod book;
mod identity;
mod input;
mod journal;
mod output;
mod parts;
mod pass;
mod pieces;
mod plan;
mod record;
mod replay;
mod start;
mod stop;
mod verify;

use std::{future, sync::Arc};

use futures_util::{FutureExt, future::try_join};
use rsmf_core::{
    integration::{ChatSource, FileFetcher, Lock, PutMode, Storage, StorePath},
    workers::Workers,
};

pub(crate) use self::record::FileRecord;
pub use self::start::is_unfinished;
use self::{
    book::Book,
    identity::Identity,
    journal::Journal,
    parts::Parts,
    pass::Writer,
    plan::Plan,
    replay::Found,
    start::Start,
    stop::{Stop, until},
};
use crate::{Error, Existing, Options, Progress, Report, Result, Update};

const REPORT: &str = "report.json";
const PAGE: &str = "report.html";
const FILES: &str = "files.csv";
const EXCEPTIONS: &str = "exceptions.csv";
const DOWNLOADS: &str = "downloads.csv";
/// All of them, that which tells that all is there first.
const REPORTS: [&str; 5] = [REPORT, PAGE, FILES, EXCEPTIONS, DOWNLOADS];

/// Converts a chat source into RSMF files in a store.
///
/// It needs no runtime of its own, but the source and the store may need one.
///
/// ```
/// use std::sync::Arc;
///
/// use futures::executor::block_on;
/// use rsmf_convert::{Converter, Options, Silent};
/// use rsmf_core::{
///     UtcTime,
///     integration::{
///         Place, Platform, SourceConversation, SourceItem, SourceMessage, StorageExt, StorePath,
///         testing::{MemoryChatSource, MemoryStorage},
///     },
///     model::{ConversationType, Event, EventType, Participant},
///     workers::Workers,
/// };
///
/// let mut event = Event::new(EventType::Message).by("U1").saying("Hello");
/// event.id = Some("1".to_owned());
/// let time = UtcTime::from_micros(1_704_412_800_000_000).unwrap();
/// let message = SourceMessage::new(event, time, Place::new("memory"));
/// let source = MemoryChatSource::new(Platform::new("chat", "Chat"))
///     .participant(Participant::new("U1", "Ana Ruiz"))
///     .conversation(
///         SourceConversation::new("C1", "general", ConversationType::Channel),
///         vec![SourceItem::Message(Box::new(message))],
///     );
/// let output = Arc::new(MemoryStorage::new());
///
/// let workers = Workers::new(2.try_into()?)?;
/// let converter = Converter::new(Arc::new(source), output.clone(), workers, Options::default())?;
/// let report = block_on(converter.run(&Silent))?;
/// assert_eq!(report.totals.events, 1);
/// assert!(block_on(output.exists(&StorePath::new("general_2024-01-05.rsmf")?))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Converter {
    source: Arc<dyn ChatSource>,
    output: Arc<dyn Storage>,
    fetcher: Option<Arc<dyn FileFetcher>>,
    workers: Workers,
    options: Options,
}

impl Converter {
    /// A conversion of `source` into the root of `output`, with its CPU work on `workers`.
    ///
    /// # Errors
    /// [`Error::Option`] where options make no sense or contradict each other.
    pub fn new(
        source: Arc<dyn ChatSource>,
        output: Arc<dyn Storage>,
        workers: Workers,
        options: Options,
    ) -> Result<Self> {
        options.check()?;
        Ok(Self {
            source,
            output,
            fetcher: None,
            workers,
            options,
        })
    }

    /// Fetches the files that the source only links to, but for a dry run, which counts them. The
    /// result has one more table, `downloads.csv`, with what became of each.
    #[must_use]
    pub fn fetching(mut self, fetcher: Arc<dyn FileFetcher>) -> Self {
        self.options.fetches = Some(fetcher.terms());
        self.fetcher = Some(fetcher);
        self
    }

    /// Converts. Files appear one by one, each whole; `report.json` comes last and says that all is there.
    /// Dropping the future stops the conversion; files that are finished stay, and
    /// [`Options::resume`] goes on from there.
    ///
    /// # Errors
    /// Whatever stops the conversion as a whole; see [`Error`].
    pub async fn run(&self, progress: &dyn Progress) -> Result<Report> {
        self.run_until(progress, future::pending()).await
    }

    /// Converts, and stops in good order when `stop` is ready: no further file is begun, those
    /// under way are finished and kept in the journal.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where it was stopped before the end, and as [`Converter::run`].
    pub async fn run_until(
        &self,
        progress: &dyn Progress,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Report> {
        let stop = stop.boxed().shared();
        let report = match self.options.dry_run {
            true => until(&stop, self.rehearse(progress)).await?,
            false => self.write(progress, &stop).await?,
        };
        if report.reconciliation.balanced {
            Ok(report)
        } else {
            let statement = report.reconciliation.statement;
            Err(Error::Reconciliation { statement })
        }
    }

    /// Does everything but write.
    async fn rehearse(&self, progress: &dyn Progress) -> Result<Report> {
        let identity = Identity::of(self).await?;
        let plan = Arc::new(self.plan().await?);
        self.be_strict(&plan).await?;
        let pass = self.pass(&plan, Book::new(&plan, progress)?, Parts::default(), None);
        let ((mut report, ..), digest) = try_join(Box::pin(pass), self.digest()).await?;
        (report.input_digest, report.input_fingerprint) = (digest, identity.content());
        Ok(report)
    }

    async fn write(&self, progress: &dyn Progress, stop: &Stop<'_>) -> Result<Report> {
        // One that is still held is waited for.
        let locking = async {
            self.output
                .lock(&StorePath::ROOT)
                .await
                .map_err(Error::Output)
        };
        let lock = until(stop, locking).await?;
        let written = Box::pin(self.write_alone(&*lock, progress, stop)).await;
        let released = lock.release().await.map_err(Error::Output);
        let report = written?;
        released.map(|()| report)
    }

    async fn write_alone(
        &self,
        lock: &dyn Lock,
        progress: &dyn Progress,
        stop: &Stop<'_>,
    ) -> Result<Report> {
        let (output, source) = (self.output.as_ref(), self.source.as_ref());
        let identity = until(stop, Identity::of(self)).await?;
        let start = until(stop, self.start(&identity, progress)).await?;
        if let Start::Done(report) = start {
            Found::list(output).await?.remove(output).await?;
            progress.resumed(&Update::at_end(&report));
            return Ok(*report);
        }
        let plan = Arc::new(until(stop, self.plan()).await?);
        let mut journal = Journal::new(
            output,
            lock,
            source,
            &identity.to_text(),
            self.options.journal_pause,
        );
        let (mut book, mut parts) = (Book::new(&plan, progress)?, Parts::default());
        if let Start::Resume = start {
            let found = Found::list(output).await?;
            let verifier = self.verifier(progress);
            let replay = journal.replay(&found, verifier, &plan, &mut book, &mut parts);
            until(stop, replay).await?;
        } else {
            until(stop, self.be_strict(&plan)).await?;
            self.begin(&identity).await?;
        }
        let mut writer = Writer {
            mode: match (start, self.options.existing) {
                (Start::Anew, Existing::Refuse) => PutMode::Create,
                // What was under way when an earlier run ended is replaced.
                _ => PutMode::Overwrite,
            },
            stop: stop.clone(),
            journal,
        };
        let input = Arc::clone(&writer.journal.input);
        let pass = self.pass(&plan, book, parts, Some(&mut writer));
        let digest = self.digest_until(&input, stop);
        let ((mut report, summary, ledger), digest) = try_join(Box::pin(pass), digest).await?;
        (report.input_digest, report.input_fingerprint) = (digest, identity.content());
        self.write_reports(&mut report, &summary, ledger, writer.mode)
            .await?;
        writer.journal.remove().await?;
        Ok(report)
    }

    /// With the option for it, refuses a source with anything to complain about.
    async fn be_strict(&self, plan: &Arc<Plan>) -> Result<()> {
        if !self.options.strict {
            return Ok(());
        }
        let book = Book::new(plan, &crate::Silent)?;
        let (_, summary, _) = self.pass(plan, book, Parts::default(), None).await?;
        match (summary.serious(), summary.first) {
            (count @ 1.., Some(first)) => Err(Error::Strict { count, first }),
            _ => Ok(()),
        }
    }
}
