//! The way of one conversation from the source to slices.

use std::{collections::VecDeque, sync::Arc};

use futures_util::{Stream, TryStreamExt, stream};
use rsmf_core::integration::{Batch, BoxStream, ChatSource, Exception, SourceItem, SourceMessage};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Options, Result,
    filter::Filter,
    people::Strangers,
    period::Calendar,
    render::temporary,
    slice::{Limits, Slice, Slicer, Subject},
    threads::Threads,
};

/// How many exceptions are passed on in one piece.
const EXCEPTIONS: usize = 1_000;

/// What comes out of a conversation, in order.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A stretch of it, to be rendered.
    Slice(Box<Slice>),
    /// What went wrong in the records before the next slice.
    Exceptions(Vec<Exception>),
    /// That was all.
    End(Tally),
}

impl Piece {
    /// How many bytes it takes in memory, about.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Slice(slice) => slice.weight(),
            _ => 1,
        }
    }
}

/// What a conversation's records became, but for the events, which are counted in the files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) source_messages: u64,
    pub(crate) exceptions: u64,
    pub(crate) filtered: u64,
    pub(crate) left_out: bool,
}

/// Reads a conversation and cuts it into slices.
pub(crate) fn pieces<'a>(
    subject: &'a Arc<Subject>,
    source: &'a dyn ChatSource,
    filter: &'a Filter,
    options: &'a Options,
    kept: bool,
) -> impl Stream<Item = Result<Piece>> + Send + 'a {
    let reader = Reader {
        batches: Some(source.messages(&subject.source)),
        ready: VecDeque::new(),
        exceptions: Vec::new(),
        tally: Tally {
            left_out: !kept,
            ..Tally::default()
        },
        threads: Threads::new(options.parents),
        slicer: Slicer::new(
            Arc::clone(subject),
            Calendar::new(options.slice, options.time_zone.clone()),
            limits(options),
        ),
        strangers: Strangers::default(),
        filter,
    };
    stream::try_unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Ok(piece.map(|piece| (piece, reader)))
    })
}

fn limits(options: &Options) -> Limits {
    Limits {
        events: options.max_events,
        // In the file they stand as base64, in lines.
        file_bytes: options.max_size / 4 * 3,
        linked: options.fetches.is_some(),
    }
}

struct Reader<'a> {
    /// Gone when the conversation has ended.
    batches: Option<BoxStream<'a, rsmf_core::Result<Batch>>>,
    ready: VecDeque<Piece>,
    exceptions: Vec<Exception>,
    tally: Tally,
    threads: Threads,
    slicer: Slicer,
    strangers: Strangers,
    filter: &'a Filter,
}

impl Reader<'_> {
    async fn next(&mut self) -> Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            let Some(batches) = &mut self.batches else {
                return Ok(None);
            };
            match batches.try_next().await.map_err(Error::Source)? {
                Some(batch) => {
                    for item in batch {
                        self.take(item)?;
                    }
                }
                None => {
                    self.batches = None;
                    self.finish();
                }
            }
        }
    }

    fn take(&mut self, item: SourceItem) -> Result<()> {
        match item {
            SourceItem::Message(message) => self.take_message(message)?,
            SourceItem::Lost(exception) => {
                add(&mut self.tally.source_messages, exception.messages);
                if self.tally.left_out {
                    add(&mut self.tally.filtered, exception.messages);
                } else {
                    add(&mut self.tally.exceptions, exception.messages);
                    self.exceptions.push(exception);
                }
            }
            _ => {}
        }
        if self.exceptions.len() >= EXCEPTIONS {
            self.pass_exceptions();
        }
        Ok(())
    }

    fn take_message(&mut self, mut message: Box<SourceMessage>) -> Result<()> {
        self.tally.source_messages += 1;
        if self.tally.left_out {
            self.tally.filtered += 1;
            return Ok(());
        }
        let kept = self.filter.keeps(message.time);
        if message.starts_thread {
            self.threads.remember(&message, kept).map_err(temporary)?;
        }
        if !kept {
            self.tally.filtered += 1;
            return Ok(());
        }
        let people = std::mem::take(&mut message.people);
        self.strangers.learn(people, &mut message.event);
        self.exceptions.append(&mut message.notes);
        let closed = self
            .slicer
            .push(message, &mut self.threads)
            .map_err(temporary)?;
        self.pass(closed);
        Ok(())
    }

    fn finish(&mut self) {
        let last = self.slicer.close();
        self.pass(last);
        self.pass_exceptions();
        self.ready.push_back(Piece::End(self.tally.clone()));
    }

    fn pass(&mut self, slice: Option<Slice>) {
        if let Some(mut slice) = slice {
            slice.strangers = self.strangers.clone();
            self.ready.push_back(Piece::Slice(Box::new(slice)));
        }
    }

    fn pass_exceptions(&mut self) {
        if !self.exceptions.is_empty() {
            let exceptions = std::mem::take(&mut self.exceptions);
            self.ready.push_back(Piece::Exceptions(exceptions));
        }
    }
}

/// A source may claim any number.
fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
