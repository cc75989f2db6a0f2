//! The first of two passes: who and what there is, and where each event lies.
//!
//! A page names its days and counts its replies before it shows them, and shows replies below
//! the message that they answer. So the events go through a temporary file, of which memory
//! holds an index only.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rsmf_core::{
    Error, Failure, Result,
    model::{Event, Manifest},
};
use tempfile::SpooledTempFile;

use crate::{clock::Moment, event::is_context, source::Source};

/// Bytes of events that are kept in memory.
const SPOOL: usize = 8 << 20;

/// Where an event lies and what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    offset: u64,
    length: usize,
    /// Index of its conversation in [`Survey::conversations`].
    conversation: usize,
    /// Index of the first message of the thread that it belongs to.
    root: Option<usize>,
    pub(crate) day: Option<Date>,
    /// Whether it is repeated from another file.
    context: bool,
}

/// What the first pass finds.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Without its events.
    pub(crate) manifest: Manifest,
    pub(crate) entries: Vec<Entry>,
    /// The replies to each first message of a thread.
    pub(crate) replies: HashMap<usize, Vec<usize>>,
    /// Ids as events name them, in the order of their first events; `None` for events of none.
    pub(crate) conversations: Vec<Option<String>>,
    /// How many events each person has; those that are repeated from other files do not count.
    pub(crate) by_person: BTreeMap<String, u64>,
    /// Members of the zip that events name.
    pub(crate) named: HashSet<String>,
    pub(crate) attachments: u64,
    /// How many events are repeated from other files.
    pub(crate) context: u64,
    /// The earliest and the latest time, of the file's own events if it has any.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    spool: BufReader<SpooledTempFile>,
}

impl Survey {
    pub(crate) fn take(source: &mut Source, zone: &TimeZone) -> Result<Self> {
        let mut taker = Taker::new(zone);
        let manifest = source.reader.events(|event| taker.add(&event))?;
        let mut spool = taker
            .spool
            .into_inner()
            .map_err(|error| spooling(error.into_error()))?;
        spool.rewind().map_err(spooling)?;
        Ok(Self {
            manifest,
            entries: taker.entries,
            replies: taker.replies,
            conversations: taker.conversations,
            by_person: taker.by_person,
            named: taker.named,
            attachments: taker.attachments,
            context: taker.context,
            span: taker.span.or(taker.context_span),
            spool: BufReader::new(spool),
        })
    }

    /// The first messages of threads, and those of none, of a conversation, in order.
    pub(crate) fn roots(&self, conversation: usize) -> impl Iterator<Item = usize> {
        let wanted = move |(_, entry): &(usize, &Entry)| {
            entry.conversation == conversation && entry.root.is_none()
        };
        self.entries
            .iter()
            .enumerate()
            .filter(wanted)
            .map(|(index, _)| index)
    }

    /// How many events of the file's own a message with its replies makes.
    pub(crate) fn size(&self, root: usize) -> usize {
        let replies = self.replies.get(&root).into_iter().flatten();
        let entries = std::iter::once(&root)
            .chain(replies)
            .filter_map(|index| self.entries.get(*index));
        entries.filter(|entry| !entry.context).count()
    }

    /// Whether an event stands below another one.
    pub(crate) fn has_root(&self, event: usize) -> bool {
        self.entries
            .get(event)
            .is_some_and(|entry| entry.root.is_some())
    }

    pub(crate) fn day(&self, event: usize) -> Option<Date> {
        self.entries.get(event).and_then(|entry| entry.day)
    }

    /// Reads an event again.
    pub(crate) fn event(&mut self, index: usize) -> Result<Event> {
        let Some(entry) = self.entries.get(index) else {
            return Err(Failure::new("find", format!("event {index}")).other());
        };
        let mut bytes = vec![0; entry.length];
        let here = self.spool.stream_position().map_err(spooling)?;
        if here != entry.offset {
            self.spool
                .seek(SeekFrom::Start(entry.offset))
                .map_err(spooling)?;
        }
        self.spool.read_exact(&mut bytes).map_err(spooling)?;
        serde_json::from_slice(&bytes).map_err(|error| spooling(error.into()))
    }
}

/// Takes the events as they come.
struct Taker<'a> {
    zone: &'a TimeZone,
    spool: BufWriter<SpooledTempFile>,
    offset: u64,
    entries: Vec<Entry>,
    replies: HashMap<usize, Vec<usize>>,
    conversations: Vec<Option<String>>,
    conversation_ids: HashMap<Option<String>, usize>,
    /// By conversation and id: the first message of the thread that an event belongs to.
    threads: HashMap<(usize, String), usize>,
    by_person: BTreeMap<String, u64>,
    named: HashSet<String>,
    attachments: u64,
    context: u64,
    span: Option<(Timestamp, Timestamp)>,
    context_span: Option<(Timestamp, Timestamp)>,
}

impl<'a> Taker<'a> {
    fn new(zone: &'a TimeZone) -> Self {
        Self {
            zone,
            spool: BufWriter::new(SpooledTempFile::new(SPOOL)),
            offset: 0,
            entries: Vec::new(),
            replies: HashMap::new(),
            conversations: Vec::new(),
            conversation_ids: HashMap::new(),
            threads: HashMap::new(),
            by_person: BTreeMap::new(),
            named: HashSet::new(),
            attachments: 0,
            context: 0,
            span: None,
            context_span: None,
        }
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        let conversation = self.conversation(event);
        let index = self.entries.len();
        let root = self.root(event, conversation, index);
        if let Some(root) = root {
            self.replies.entry(root).or_default().push(index);
        }
        let context = is_context(event);
        let day = self.time(event, context);
        let length = self.keep(event)?;
        self.entries.push(Entry {
            offset: self.offset,
            length,
            conversation,
            root,
            day,
            context,
        });
        self.offset += length as u64;
        self.count(event, context);
        Ok(())
    }

    fn conversation(&mut self, event: &Event) -> usize {
        if let Some(index) = self.conversation_ids.get(&event.conversation) {
            return *index;
        }
        let index = self.conversations.len();
        self.conversations.push(event.conversation.clone());
        self.conversation_ids
            .insert(event.conversation.clone(), index);
        index
    }

    /// The thread of the parent, if that stands before. Only then: nothing can go in circles.
    fn root(&mut self, event: &Event, conversation: usize, index: usize) -> Option<usize> {
        let parent = event.parent.clone().map(|id| (conversation, id));
        let root = parent.and_then(|parent| self.threads.get(&parent).copied());
        if let Some(id) = &event.id {
            let key = (conversation, id.clone());
            self.threads.entry(key).or_insert(root.unwrap_or(index));
        }
        root
    }

    fn time(&mut self, event: &Event, context: bool) -> Option<Date> {
        let moment = Moment::read(event.timestamp.as_deref()?, self.zone);
        if let Some(time) = moment.instant() {
            let span = match context {
                true => &mut self.context_span,
                false => &mut self.span,
            };
            let (first, last) = span.unwrap_or((time, time));
            *span = Some((first.min(time), last.max(time)));
        }
        moment.date()
    }

    fn keep(&mut self, event: &Event) -> Result<usize> {
        let bytes = serde_json::to_vec(event).map_err(|error| spooling(error.into()))?;
        self.spool.write_all(&bytes).map_err(spooling)?;
        Ok(bytes.len())
    }

    fn count(&mut self, event: &Event, context: bool) {
        let own = u64::from(!context);
        self.context += u64::from(context);
        if let Some(person) = &event.participant {
            match self.by_person.get_mut(person) {
                Some(count) => *count += own,
                None => {
                    self.by_person.insert(person.clone(), own);
                }
            }
        }
        self.attachments += event.attachments.len() as u64;
        let members = event.attachments.iter().map(|file| file.id.clone());
        self.named.extend(members);
    }
}

fn spooling(error: std::io::Error) -> Error {
    Error::from_io("keep", "events in a temporary file", error)
}
