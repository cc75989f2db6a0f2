//! From the source to the records of what is done.

use std::{future, pin::pin, sync::Arc};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rsmf_core::{
    integration::{BoxStream, Exception, Place, PutMode, Reason, Severity, StorePath},
    workers::{Budget, Held},
};

use super::{
    Converter,
    ahead::{Ahead, flatten_ahead},
    book::Book,
    journal::Journal,
    parts::{File, Parts, Step},
    plan::Plan,
    stop::Stop,
};
use crate::{
    Error, Report, Result,
    attachments::{Gathered, Origin, gather},
    conversation::{Piece, pieces},
    ledger::Ledger,
    render::render,
    report::Summary,
    slice::{Slice, Subject},
};

/// How many bytes in memory the conversations may be ahead of what is written, about.
const AHEAD: usize = 8 << 20;

/// How many slices of a driven conversation are rendered side by side where there are others, by threads that have
/// none to drive.
const RENDERED: usize = 3;

/// How many bytes in memory all slices may have that are not rendered yet, for each thread, about: with more, each
/// conversation has only one.
const IN_HAND: usize = 2 << 20;

/// How many files are on their way into the store at the same time.
const UPLOADS: usize = 16;

/// What it takes to write, besides a store.
pub(super) struct Writer<'a, 's> {
    pub(super) mode: PutMode,
    pub(super) stop: Stop<'s>,
    pub(super) journal: Journal<'a>,
}

impl Converter {
    /// Reads everything that the book does not tell of yet and, with a writer, writes the files.
    /// What comes out is in the source's order, however many threads there are.
    pub(super) async fn pass(
        &self,
        plan: &Arc<Plan>,
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
        if writer.is_some() && book.keeps_names {
            self.leftovers(&mut book).await?;
        }
        Ok(book.close(self, plan))
    }

    async fn convert(
        &self,
        plan: &Arc<Plan>,
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
        let steps = pin!(steps);
        let mut steps = Ahead::new(steps);
        while let Some(record) = steps.next().await {
            let record = record?;
            book.enter(&record, plan)?;
            book.tell();
            if let Some(writer) = writer {
                // The journal of a slow store holds up no file.
                steps.during(writer.journal.keep(&record)).await?;
            }
        }
        Ok(())
    }

    /// What becomes of the conversations, in their order.
    fn steps(
        &self,
        plan: &Arc<Plan>,
        (done, pieces_done): (usize, usize),
    ) -> BoxStream<'static, Result<Step>> {
        let subjects = plan.subjects.clone().into_iter().enumerate().skip(done);
        let conversations = subjects.map(move |(index, subject)| match index == done {
            true => (subject, pieces_done),
            false => (subject, 0),
        });
        let threads = self.workers.threads();
        let all = All {
            converter: Arc::new(self.clone()),
            plan: Arc::clone(plan),
        };
        match self.workers.drives() {
            true => all.driven(conversations, threads),
            false => all.together(conversations, threads),
        }
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

    /// RSMF files in the folder that are not of this conversion: loaded with the others, they would deliver
    /// messages twice, or what is not in the source.
    async fn leftovers(&self, book: &mut Book<'_>) -> Result<()> {
        let mut listed = self.output.list(&StorePath::ROOT);
        while let Some(object) = listed.try_next().await.map_err(Error::Output)? {
            let name = object.path.as_str();
            if name.ends_with(".rsmf") && !book.written.contains(name) {
                let place = Place::new(name);
                let detail =
                    "this file in the output folder is not of this conversion; do not load it";
                let leftover = Exception::new(Severity::Warning, Reason::Leftover, place, detail);
                book.exception("", &leftover)?;
            }
        }
        Ok(())
    }
}

/// All conversations, shared by those who work on them.
#[derive(Clone)]
struct All {
    converter: Arc<Converter>,
    plan: Arc<Plan>,
}

impl All {
    /// Each conversation is driven by one thread, the next ones ahead of their turn.
    fn driven(
        self,
        conversations: impl Iterator<Item = (Arc<Subject>, usize)> + Send + 'static,
        threads: usize,
    ) -> BoxStream<'static, Result<Step>> {
        let ahead = threads.max(2);
        let rendered = match self.plan.subjects.len() {
            0 | 1 => threads + 1,
            _ => RENDERED,
        };
        // Who has a thread of its own gains nothing by reading on.
        let in_hand = Budget::new(match self.plan.subjects.len() < threads {
            true => usize::MAX,
            false => IN_HAND * threads,
        });
        let conversations = stream::iter(conversations)
            .map(move |(subject, to_skip)| {
                let all = self.clone();
                let hand = in_hand.share();
                let pieces = hand.clone().limit(self.clone().pieces(subject, to_skip));
                let steps = pieces.map(move |piece| {
                    let held = hand.hold(piece.as_ref().map_or(0, Piece::weight));
                    let workers = all.converter.workers.clone();
                    let step = all.clone().step(piece, Some(held));
                    // What it fetches, others may wait for.
                    async move { workers.begin(step).await }
                });
                let workers = &self.converter.workers;
                let steps = steps.buffered(rendered);
                let steps = workers.drive(steps, AHEAD / ahead, |step| match step {
                    Ok(Ok(step)) => weigh(step),
                    _ => 0,
                });
                begun(steps.map(|step| step.flatten().map_err(Error::Internal)?))
            })
            .buffered(ahead);
        Box::pin(flatten_ahead(conversations))
    }

    /// All are polled by whoever takes the steps. What conversations have to fetch and to render goes on side by side.
    fn together(
        self,
        conversations: impl Iterator<Item = (Arc<Subject>, usize)> + Send + 'static,
        threads: usize,
    ) -> BoxStream<'static, Result<Step>> {
        let all = self.clone();
        let conversations = stream::iter(conversations)
            .map(move |(subject, to_skip)| begun(Box::pin(self.clone().pieces(subject, to_skip))))
            .buffered(threads);
        let steps = flatten_ahead(conversations)
            .map(move |piece| all.clone().step(piece, None))
            .buffered(threads + 1);
        Box::pin(steps)
    }

    /// A conversation, but for its first pieces.
    fn pieces(
        self,
        subject: Arc<Subject>,
        mut to_skip: usize,
    ) -> impl Stream<Item = Result<Piece>> + Send + 'static {
        async_stream::try_stream! {
            let (filter, source) = (&self.plan.filter, self.converter.source.as_ref());
            let kept = filter.keeps_conversation(&subject.source, source).await?;
            let options = &self.converter.options;
            let mut pieces = pin!(pieces(&subject, source, filter, options, kept));
            while let Some(piece) = pieces.try_next().await? {
                match to_skip {
                    0 => yield piece,
                    _ => to_skip -= 1,
                }
            }
        }
    }

    /// What becomes of a piece, which is in hand until then.
    async fn step(self, piece: Result<Piece>, held: Option<Held>) -> Result<Step> {
        let step = match piece? {
            Piece::Slice(slice) => self.converter.render(*slice, &self.plan).await,
            Piece::Exceptions(exceptions) => Ok(Step::Exceptions(exceptions)),
            Piece::End(tally) => Ok(Step::End(tally)),
        };
        drop(held);
        step
    }
}

/// A stream, once its first item is there.
async fn begun<T: Send>(
    mut stream: impl Stream<Item = Result<T>> + Send + Unpin,
) -> Result<impl Stream<Item = Result<T>> + Send + Unpin> {
    let first = stream.try_next().await?;
    Ok(stream::iter(first.map(Ok)).chain(stream))
}

/// How many bytes in memory a step takes, about.
fn weigh(step: &Step) -> usize {
    /// A file without its content, or an exception.
    const EACH: usize = 1 << 10;
    match step {
        Step::Files(files, exceptions, downloads) => {
            let contents = files.iter().map(|file| file.rendered.in_memory() + EACH);
            contents.sum::<usize>() + EACH * (1 + exceptions.len() + downloads.len())
        }
        Step::Exceptions(exceptions) => EACH * (1 + exceptions.len()),
        Step::End(_) => EACH,
    }
}
