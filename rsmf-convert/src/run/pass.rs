//! From the source to the records of what is done.

use std::{future, pin::pin, sync::Arc};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rsmf_core::integration::{Exception, Place, PutMode, Reason, Severity, StorePath};

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
    Error, Existing, Report, Result,
    attachments::{Gathered, Origin, gather},
    conversation::{Piece, pieces},
    ledger::Ledger,
    render::render,
    report::Summary,
    slice::{Slice, Subject},
};

/// How many bytes in memory a conversation may be ahead of what is written, about.
const AHEAD: usize = 2 << 20;

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
        if writer.is_some() && self.options.existing == Existing::Overwrite {
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

    /// The conversations in their order, the next ones begun ahead, each driven by one thread.
    fn steps(
        &self,
        plan: &Arc<Plan>,
        (done, pieces_done): (usize, usize),
    ) -> impl Stream<Item = Result<Step>> + Send + use<> {
        let (this, plan) = (self.clone(), Arc::clone(plan));
        let ahead = 2 * self.workers.threads();
        let subjects = plan.subjects.clone().into_iter().enumerate().skip(done);
        let conversations = stream::iter(subjects)
            .map(move |(index, subject)| {
                let to_skip = if index == done { pieces_done } else { 0 };
                let plan = Arc::clone(&plan);
                let steps = this.clone().conversation(plan, subject, to_skip);
                let mut steps = this.workers.drive(steps, AHEAD, weigh);
                async move {
                    let first = steps.try_next().await.map_err(Error::Internal)?;
                    let rest = steps.map(|step| step.map_err(Error::Internal).flatten());
                    Ok::<_, Error>(stream::iter(first).chain(rest))
                }
            })
            .buffered(ahead);
        flatten_ahead(conversations)
    }

    /// What becomes of one conversation, but for its first pieces; its slices are rendered side by side.
    fn conversation(
        self,
        plan: Arc<Plan>,
        subject: Arc<Subject>,
        mut to_skip: usize,
    ) -> impl Stream<Item = Result<Step>> + Send + 'static {
        async_stream::try_stream! {
            let source = self.source.as_ref();
            let kept = plan.filter.keeps_conversation(&subject.source, source).await?;
            let pieces = pieces(&subject, source, &plan.filter, &self.options, kept);
            let pieces = pieces.try_skip_while(move |_| {
                let skip = to_skip > 0;
                to_skip = to_skip.saturating_sub(1);
                future::ready(Ok(skip))
            });
            let steps = pieces.map(|piece| async {
                match piece? {
                    Piece::Slice(slice) => self.render(*slice, &plan).await,
                    Piece::Exceptions(exceptions) => Ok(Step::Exceptions(exceptions)),
                    Piece::End(tally) => Ok(Step::End(tally)),
                }
            }).buffered(self.workers.threads() + 1);
            let mut steps = pin!(steps);
            while let Some(step) = steps.try_next().await? {
                yield step;
            }
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
}

/// How many bytes in memory a step takes, about.
fn weigh(step: &Result<Step>) -> usize {
    /// A file without its content, or an exception.
    const EACH: usize = 1 << 10;
    match step {
        Ok(Step::Files(files, exceptions, downloads)) => {
            let contents = files.iter().map(|file| file.rendered.in_memory() + EACH);
            contents.sum::<usize>() + EACH * (1 + exceptions.len() + downloads.len())
        }
        Ok(Step::Exceptions(exceptions)) => EACH * (1 + exceptions.len()),
        Ok(Step::End(_)) | Err(_) => EACH,
    }
}
