//! The conversion as a whole.

mod book;
mod identity;
mod journal;
mod parts;
mod pieces;
mod record;
mod replay;
mod start;
mod verify;

use std::{
    future,
    io::{self, BufWriter, IntoInnerError, Write},
    pin::pin,
    sync::{Arc, OnceLock},
};

use futures_util::{
    FutureExt, Stream, StreamExt, TryStreamExt,
    future::{BoxFuture, Either, Shared, select, try_join},
    stream,
};
use rsmf_core::{
    Kind,
    integration::{
        ChatSource, Exception, FileFetcher, Lock, ObjectMeta, Place, PutMode, PutOptions, Reason,
        Severity, SourceConversation, Storage, StorePath,
    },
    workers::Workers,
};
use tempfile::SpooledTempFile;

pub(crate) use self::record::FileRecord;
pub use self::start::is_unfinished;
use self::{
    book::Book,
    identity::Identity,
    journal::Journal,
    parts::{File, Parts, Step},
    pieces::Pieces,
    record::Record,
    replay::Found,
    start::Start,
};

use crate::{
    Error, Existing, InputDigest, Options, Progress, Report, Result, TableReport, Update,
    attachments::{Gathered, Origin, gather},
    build::Settings,
    conversation::{Piece, pieces},
    filter::Filter,
    hashing::Hashing,
    ledger::{Ledger, Tables},
    names::Stems,
    page,
    people::Roster,
    render::{SPOOL, render, temporary},
    report::Summary,
    slice::{Slice, Subject},
};

const REPORT: &str = "report.json";
const PAGE: &str = "report.html";
const FILES: &str = "files.csv";
const EXCEPTIONS: &str = "exceptions.csv";
const DOWNLOADS: &str = "downloads.csv";
/// All of them, that which tells that all is there first.
const REPORTS: [&str; 5] = [REPORT, PAGE, FILES, EXCEPTIONS, DOWNLOADS];

/// How many files are on their way into the store at the same time.
const UPLOADS: usize = 8;

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
#[derive(Debug)]
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
        let plan = self.plan().await?;
        self.be_strict(&plan).await?;
        let pass = self.pass(&plan, Book::new(&plan, progress)?, Parts::default(), None);
        let ((mut report, ..), digest) = try_join(Box::pin(pass), self.digest()).await?;
        (report.input_digest, report.input_fingerprint) = (digest, identity.content());
        Ok(report)
    }

    async fn write(&self, progress: &dyn Progress, stop: &Stop<'_>) -> Result<Report> {
        let lock = self.output.lock(&StorePath::ROOT).await;
        let lock = lock.map_err(Error::Output)?;
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
        let plan = until(stop, self.plan()).await?;
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
    async fn be_strict(&self, plan: &Plan) -> Result<()> {
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

    /// Everything that must be known before the first message.
    async fn plan(&self) -> Result<Plan> {
        let mut roster = Roster::default();
        let mut people = self.source.participants();
        while let Some(person) = people.try_next().await.map_err(Error::Source)? {
            roster.add(person);
        }
        let conversations: Vec<Arc<SourceConversation>> = self
            .source
            .conversations()
            .try_collect()
            .await
            .map_err(Error::Source)?;
        let source = self.source.as_ref();
        let filter = Filter::new(&self.options, &roster, &conversations, source).await?;
        let custodian = self.custodian(&roster)?;
        let mut stems = Stems::default();
        let subject = |source: Arc<SourceConversation>| {
            let stem = stems.stem(&source.display, &source.id);
            Arc::new(Subject { source, stem })
        };
        Ok(Plan {
            filter,
            subjects: conversations.into_iter().map(subject).collect(),
            settings: Arc::new(Settings {
                options: self.options.clone(),
                platform: self.source.platform(),
                roster,
                custodian,
            }),
        })
    }

    /// The custodian's name, as the header wants it.
    fn custodian(&self, roster: &Roster) -> Result<Option<String>> {
        let Some(who) = &self.options.custodian else {
            return Ok(None);
        };
        match roster.find(who).as_slice() {
            [] => Ok(Some(who.clone())),
            [one] => Ok(roster.get(one).and_then(|person| person.display.clone())),
            several => Err(Error::Option {
                option: "custodian",
                problem: format!(
                    "{who:?} is the name of several people; choose an id: {}",
                    several.join(", ")
                ),
            }),
        }
    }

    /// RSMF files that an earlier run left in the folder: loaded with the others, they would
    /// deliver messages twice.
    async fn leftovers(&self, book: &mut Book<'_>) -> Result<()> {
        let mut listed = self.output.list(&StorePath::ROOT);
        while let Some(object) = listed.try_next().await.map_err(Error::Output)? {
            let name = object.path.as_str();
            if name.ends_with(".rsmf") && !book.written.contains(name) {
                let place = Place::new(name);
                let detail = "this file in the output folder is of an earlier run; do not load it";
                let leftover = Exception::new(Severity::Warning, Reason::Leftover, place, detail);
                book.exception("", &leftover)?;
            }
        }
        Ok(())
    }

    /// The SHA-256 of the input. That a part of it cannot be read does not stop the conversion,
    /// which tells the same among the exceptions; that it has changed does.
    async fn digest(&self) -> Result<Option<InputDigest>> {
        if !self.options.input_digest {
            return Ok(None);
        }
        let digest = match self.source.digest().await {
            Ok(digest) => InputDigest::new(digest),
            // What the input is like is told; what else stands in the way may be gone next time.
            Err(error) => match error.kind() {
                Kind::Denied
                | Kind::Integrity
                | Kind::InvalidInput
                | Kind::NotFound
                | Kind::Unsupported => InputDigest::failed(error.to_string()),
                _ => return Err(Error::Source(error)),
            },
        };
        Ok(Some(digest))
    }

    /// The same, if an earlier run has not found it, until the conversion is to stop.
    async fn digest_until(
        &self,
        known: &OnceLock<InputDigest>,
        stop: &Stop<'_>,
    ) -> Result<Option<InputDigest>> {
        if let Some(digest) = known.get() {
            return Ok(Some(digest.clone()));
        }
        // Where it is stopped, the pass is what ends the conversion: it has files in hand.
        let Either::Left((digest, _)) = select(pin!(self.digest()), stop.clone()).await else {
            return Ok(None);
        };
        if let Some(digest) = digest.as_ref().ok().and_then(Option::as_ref) {
            // Nothing has been set before.
            let _ = known.set(digest.clone());
        }
        digest
    }

    /// Reads everything that the book does not tell of yet and, with a writer, writes the files.
    /// What comes out is in the source's order, however many threads there are.
    async fn pass(
        &self,
        plan: &Plan,
        mut book: Book<'_>,
        parts: Parts,
        mut writer: Option<&mut Writer<'_, '_>>,
    ) -> Result<(Report, Summary, Ledger)> {
        let result = self.convert(plan, &mut book, parts, &mut writer).await;
        if let Some(writer) = &mut writer {
            let kept = writer.journal.flush().await;
            // What went wrong first is what matters.
            result?;
            kept?;
        } else {
            result?;
        }
        if let Some(error) = book.interrupted() {
            return Err(error);
        }
        let mut rest = self.source.exceptions();
        while let Some(exception) = rest.try_next().await.map_err(Error::Source)? {
            book.elsewhere(&exception)?;
        }
        if writer.is_some() && self.options.existing == Existing::Overwrite {
            self.leftovers(&mut book).await?;
        }
        Ok(book.close(self, plan))
    }

    async fn convert(
        &self,
        plan: &Plan,
        book: &mut Book<'_>,
        mut parts: Parts,
        writer: &mut Option<&mut Writer<'_, '_>>,
    ) -> Result<()> {
        let mode = writer.as_ref().map(|writer| writer.mode);
        let stop = writer.as_ref().map(|writer| writer.stop.clone());
        let stop = async move {
            match stop {
                Some(stop) => stop.await,
                None => future::pending().await,
            }
        };
        let steps = self
            .steps(plan, book.position())
            .take_until(stop)
            .map_ok(|step| parts.name(step))
            .map(|step| async {
                let step = step?;
                self.upload(step, mode).await
            })
            .buffered(UPLOADS);
        let mut steps = pin!(steps);
        while let Some(record) = steps.try_next().await? {
            book.enter(&record, plan)?;
            book.tell();
            if let Some(writer) = writer {
                writer.journal.keep(&record).await?;
            }
        }
        Ok(())
    }

    /// The conversations in their order, the next ones begun ahead; slices rendered side by side.
    fn steps<'a>(
        &'a self,
        plan: &'a Plan,
        (done, pieces_done): (usize, usize),
    ) -> impl Stream<Item = Result<Step>> + Send + 'a {
        let ahead = self.workers.threads();
        stream::iter(plan.subjects.iter().enumerate().skip(done))
            .map(move |(index, subject)| async move {
                let source = self.source.as_ref();
                let kept = plan
                    .filter
                    .keeps_conversation(&subject.source, source)
                    .await?;
                let rest = pieces(subject, source, &plan.filter, &self.options, kept);
                let mut to_skip = if index == done { pieces_done } else { 0 };
                let rest = rest.try_skip_while(move |_| {
                    let skip = to_skip > 0;
                    to_skip = to_skip.saturating_sub(1);
                    future::ready(Ok(skip))
                });
                let mut rest = Box::pin(rest);
                let first = rest.try_next().await?;
                Ok::<_, Error>(stream::iter(first.map(Ok)).chain(rest))
            })
            .buffered(ahead)
            .try_flatten()
            .map(move |piece| async move {
                match piece? {
                    Piece::Slice(slice) => self.render(*slice, plan).await,
                    Piece::Exceptions(exceptions) => Ok(Step::Exceptions(exceptions)),
                    Piece::End(tally) => Ok(Step::End(tally)),
                }
            })
            .buffered(ahead + 1)
    }

    async fn render(&self, mut slice: Slice, plan: &Plan) -> Result<Step> {
        let origin = Origin {
            source: self.source.as_ref(),
            fetcher: self.fetcher.as_deref(),
            plan_only: self.options.dry_run,
        };
        let Gathered {
            mut spool,
            mut exceptions,
            downloads,
        } = gather(&mut slice, origin, &self.workers).await?;
        let settings = Arc::clone(&plan.settings);
        let rendered = self
            .workers
            .run(move || render(slice, &mut spool, &settings));
        let mut files = rendered.await.map_err(Error::Internal)??;
        exceptions.extend(files.iter_mut().filter_map(|file| file.too_large.take()));
        let files = files.into_iter().map(File::new).collect();
        Ok(Step::Files(files, exceptions, downloads))
    }

    /// Writes the files of a step, in this mode if any.
    async fn upload(&self, step: Step, mode: Option<PutMode>) -> Result<Record> {
        let (files, exceptions, downloads) = match step {
            Step::Files(files, exceptions, downloads) => (files, exceptions, downloads),
            Step::Exceptions(exceptions) => return Ok(Record::Exceptions(exceptions)),
            Step::End(tally) => return Ok(Record::End(tally)),
        };
        let mut records = Vec::with_capacity(files.len());
        for mut file in files {
            let content = std::mem::replace(&mut file.rendered.content, SpooledTempFile::new(0));
            if let Some(mode) = mode {
                let pieces = Pieces::new(content)?;
                self.put(&file.name, pieces, "message/rfc822", mode).await?;
            }
            records.push(file.into_record());
        }
        Ok(Record::Files(records, exceptions, downloads))
    }

    async fn put(
        &self,
        name: &str,
        mut pieces: Pieces,
        media_type: &'static str,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let path = StorePath::new(name).map_err(Error::Output)?;
        let options = match mode {
            PutMode::Create => PutOptions::default().create(),
            PutMode::Overwrite => PutOptions::default(),
        };
        let mut upload = self
            .output
            .put(&path, options.content_type(media_type))
            .await
            .map_err(Error::Output)?;
        while let Some(piece) = pieces.next()? {
            upload.write(piece).await.map_err(Error::Output)?;
        }
        upload.finish().await.map_err(Error::Output)
    }

    async fn write_reports(
        &self,
        report: &mut Report,
        summary: &Summary,
        ledger: Ledger,
        mode: PutMode,
    ) -> Result<()> {
        let Tables {
            exceptions,
            files,
            downloads,
        } = ledger.finish()?;
        let downloads = self.fetcher.is_some().then_some((DOWNLOADS, downloads));
        let always = [(EXCEPTIONS, exceptions), (FILES, files)];
        for (name, table) in always.into_iter().chain(downloads) {
            report.tables.push(TableReport::new(name, &table));
            self.put(name, Pieces::new(table.inner)?, "text/csv", mode)
                .await?;
        }
        let platform = self.source.platform().display;
        let page = page::render(report, platform, &summary.samples)?;
        let mut hashed = Hashing::new(Vec::new());
        hashed.write_all(page.as_bytes()).map_err(temporary)?;
        let page = hashed.finish();
        report.tables.push(TableReport::new(PAGE, &page));
        let page = Pieces::Memory(Some(page.inner.into()));
        self.put(PAGE, page, "text/html", mode).await?;
        let json = Pieces::new(to_json(report).map_err(temporary)?)?;
        self.put(REPORT, json, "application/json", mode).await?;
        Ok(())
    }
}

/// The report as JSON: some hundred bytes for each conversation.
fn to_json(report: &Report) -> io::Result<SpooledTempFile> {
    let mut json = BufWriter::new(SpooledTempFile::new(SPOOL));
    serde_json::to_writer_pretty(&mut json, report)?;
    json.write_all(b"\n")?;
    json.into_inner().map_err(IntoInnerError::into_error)
}

/// What is known before the first message.
struct Plan {
    filter: Filter,
    subjects: Vec<Arc<Subject>>,
    settings: Arc<Settings>,
}

/// What it takes to write, besides a store.
struct Writer<'a, 's> {
    mode: PutMode,
    stop: Stop<'s>,
    journal: Journal<'a>,
}

/// Ready when the conversion is to stop.
type Stop<'a> = Shared<BoxFuture<'a, ()>>;

/// Does the work, which has nothing in hand that would have to be finished, or stops.
async fn until<T>(stop: &Stop<'_>, work: impl Future<Output = Result<T>>) -> Result<T> {
    match select(pin!(work), stop.clone()).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::Interrupted {
            conversations: 0,
            of: 0,
            files: 0,
        }),
    }
}
