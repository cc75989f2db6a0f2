//! The conversion as a whole.

mod book;
mod parts;
mod pieces;

use std::{io::Write, sync::Arc};

use futures_util::{Stream, StreamExt, TryStreamExt, future::try_join, stream};
use rsmf_core::{
    Kind,
    integration::{
        ChatSource, Exception, ObjectMeta, Place, PutOptions, Reason, Severity, SourceConversation,
        Storage, StorePath,
    },
    workers::Workers,
};
use tempfile::SpooledTempFile;

use self::{
    book::Book,
    parts::{File, Parts, Step},
    pieces::Pieces,
};

use crate::{
    Error, Existing, InputDigest, Options, Progress, Report, Result, TableReport,
    attachments::fetch,
    build::Settings,
    conversation::{Piece, pieces},
    filter::Filter,
    hashing::Hashing,
    ledger::Ledger,
    names::Stems,
    page,
    people::Roster,
    render::{render, temporary},
    report::Summary,
    slice::{Slice, Subject},
};

const REPORT: &str = "report.json";
const PAGE: &str = "report.html";
const FILES: &str = "files.csv";
const EXCEPTIONS: &str = "exceptions.csv";

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
            workers,
            options,
        })
    }

    /// Converts. Files appear one by one, each whole; `report.json` comes last and says that all is there.
    /// Dropping the future stops the conversion; files that are finished stay.
    ///
    /// # Errors
    /// Whatever stops the conversion as a whole; see [`Error`].
    pub async fn run(&self, progress: &dyn Progress) -> Result<Report> {
        let plan = self.plan().await?;
        if self.options.strict {
            let (_, summary, _) = self.pass(&plan, false, &crate::Silent).await?;
            let count = summary.serious();
            if let (true, Some(first)) = (count > 0, summary.first) {
                return Err(Error::Strict { count, first });
            }
        }
        let write = !self.options.dry_run;
        if write {
            self.make_way().await?;
        }
        let pass = Box::pin(self.pass(&plan, write, progress));
        let ((mut report, summary, ledger), digest) = try_join(pass, self.digest()).await?;
        report.input_digest = digest;
        if write {
            self.write_reports(&mut report, &summary, ledger).await?;
        }
        if report.reconciliation.balanced {
            Ok(report)
        } else {
            let statement = report.reconciliation.statement;
            Err(Error::Reconciliation { statement })
        }
    }

    /// Everything that must be known before the first message.
    async fn plan(&self) -> Result<Plan> {
        let mut roster = Roster::default();
        let mut people = self.source.participants();
        while let Some(person) = people.try_next().await.map_err(Error::Source)? {
            roster.add(person);
        }
        let conversations: Vec<SourceConversation> = self
            .source
            .conversations()
            .try_collect()
            .await
            .map_err(Error::Source)?;
        let source = self.source.as_ref();
        let filter = Filter::new(&self.options, &roster, &conversations, source).await?;
        let custodian = self.custodian(&roster)?;
        let mut stems = Stems::default();
        let subject = |source: SourceConversation| {
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

    /// Refuses a folder that holds something. Where that is allowed, the reports of an earlier
    /// run go first: they must not speak for files that are about to be replaced.
    async fn make_way(&self) -> Result<()> {
        if self.options.existing == Existing::Overwrite {
            for name in [REPORT, PAGE, FILES, EXCEPTIONS] {
                let path = StorePath::new(name).map_err(Error::Output)?;
                self.output.delete(&path).await.map_err(Error::Output)?;
            }
            return Ok(());
        }
        match self.output.list(&StorePath::ROOT).try_next().await {
            Ok(None) | Err(rsmf_core::Error::NotFound(..)) => Ok(()),
            Ok(Some(_)) => Err(Error::OutputNotEmpty {
                folder: self.output.info().name.clone(),
            }),
            Err(error) => Err(Error::Output(error)),
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
            Err(error) if error.kind() == Kind::Conflict || error.is_temporary() => {
                return Err(Error::Source(error));
            }
            Err(error) => InputDigest::failed(error.to_string()),
        };
        Ok(Some(digest))
    }

    /// Reads everything and, with `write`, writes the files. What comes out is in the source's
    /// order, however many threads there are.
    async fn pass(
        &self,
        plan: &Plan,
        write: bool,
        progress: &dyn Progress,
    ) -> Result<(Report, Summary, Ledger)> {
        let mut book = Book::new(plan, progress)?;
        let mut parts = Parts::default();
        let steps = self
            .steps(plan)
            .map_ok(|step| parts.name(step))
            .map(|step| async {
                let step = step?;
                self.upload(step, write).await
            })
            .buffered(UPLOADS);
        let mut steps = std::pin::pin!(steps);
        while let Some(step) = steps.try_next().await? {
            book.enter(step, plan)?;
        }
        let mut rest = self.source.exceptions();
        while let Some(exception) = rest.try_next().await.map_err(Error::Source)? {
            book.elsewhere(&exception)?;
        }
        if write && self.options.existing == Existing::Overwrite {
            self.leftovers(&mut book).await?;
        }
        Ok(book.close(self, plan))
    }

    /// The conversations in their order, the next ones begun ahead; slices rendered side by side.
    fn steps<'a>(&'a self, plan: &'a Plan) -> impl Stream<Item = Result<Step>> + Send + 'a {
        let ahead = self.workers.threads();
        stream::iter(&plan.subjects)
            .map(move |subject| async move {
                let source = self.source.as_ref();
                let kept = plan
                    .filter
                    .keeps_conversation(&subject.source, source)
                    .await?;
                let mut rest = Box::pin(pieces(subject, source, &plan.filter, &self.options, kept));
                let first = rest.try_next().await?;
                Ok::<_, Error>(stream::iter(first.map(Ok)).chain(rest))
            })
            .buffered(ahead)
            .try_flatten()
            .map(move |piece| async move {
                match piece? {
                    Piece::Slice(slice) => self.render(*slice, plan).await,
                    Piece::Exceptions(subject, exceptions) => {
                        Ok(Step::Exceptions(subject, exceptions))
                    }
                    Piece::End(subject, tally) => Ok(Step::End(subject, tally)),
                }
            })
            .buffered(ahead + 1)
    }

    async fn render(&self, mut slice: Slice, plan: &Plan) -> Result<Step> {
        let subject = Arc::clone(&slice.subject);
        let (mut spool, mut exceptions) =
            fetch(&mut slice, self.source.as_ref(), &self.workers).await?;
        let settings = Arc::clone(&plan.settings);
        let rendered = self
            .workers
            .run(move || render(slice, &mut spool, &settings));
        let mut files = rendered.await.map_err(Error::Internal)??;
        exceptions.extend(files.iter_mut().filter_map(|file| file.too_large.take()));
        let files = files.into_iter().map(File::new).collect();
        Ok(Step::Files(subject, files, exceptions))
    }

    async fn upload(&self, mut step: Step, write: bool) -> Result<Step> {
        if let (Step::Files(_, files, _), true) = (&mut step, write) {
            for file in files {
                let content =
                    std::mem::replace(&mut file.rendered.content, SpooledTempFile::new(0));
                self.put(&file.name, Pieces::new(content)?, "message/rfc822")
                    .await?;
            }
        }
        Ok(step)
    }

    async fn put(
        &self,
        name: &str,
        mut pieces: Pieces,
        media_type: &'static str,
    ) -> Result<ObjectMeta> {
        let path = StorePath::new(name).map_err(Error::Output)?;
        let options = match self.options.existing {
            Existing::Refuse => PutOptions::default().create(),
            Existing::Overwrite => PutOptions::default(),
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
    ) -> Result<()> {
        let (exceptions, files) = ledger.finish()?;
        for (name, table) in [(EXCEPTIONS, exceptions), (FILES, files)] {
            report.tables.push(TableReport::new(name, &table));
            self.put(name, Pieces::new(table.inner)?, "text/csv")
                .await?;
        }
        let platform = self.source.platform().display;
        let page = page::render(report, platform, &summary.samples)?;
        let mut hashed = Hashing::new(Vec::new());
        hashed.write_all(page.as_bytes()).map_err(temporary)?;
        let page = hashed.finish();
        report.tables.push(TableReport::new(PAGE, &page));
        let page = Pieces::Memory(Some(page.inner.into()));
        self.put(PAGE, page, "text/html").await?;
        let mut json =
            serde_json::to_vec_pretty(report).map_err(|error| temporary(error.into()))?;
        json.push(b'\n');
        let json = Pieces::Memory(Some(json.into()));
        self.put(REPORT, json, "application/json").await?;
        Ok(())
    }
}

/// What is known before the first message.
struct Plan {
    filter: Filter,
    subjects: Vec<Arc<Subject>>,
    settings: Arc<Settings>,
}
