//! A stretch of a conversation that becomes a file.

use std::{collections::HashSet, io::Seek, sync::Arc};

use rsmf_core::{
    UtcTime,
    integration::{SourceConversation, SourceMessage},
    model::Event,
};

use crate::{
    attachments::Fetched,
    people::Strangers,
    period::{Calendar, Period},
    threads::Threads,
};

/// A conversation of the source and the stem of its files' names.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) source: Arc<SourceConversation>,
    pub(crate) stem: String,
}

/// A message, and what became of its files.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) message: Box<SourceMessage>,
    pub(crate) files: Vec<Fetched>,
}

impl Entry {
    /// How many bytes of its files are here.
    fn spooled(&self) -> u64 {
        let sizes = self.files.iter().map(|file| match file {
            Fetched::Here(range) => range.end - range.start,
            Fetched::Missing(_) => 0,
        });
        sizes.fold(0, u64::saturating_add)
    }
}

/// The parent of a reply, where it is in another file.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) event: Event,
    pub(crate) time: UtcTime,
}

impl Context {
    pub(crate) fn id(&self) -> &str {
        self.event.id.as_deref().unwrap_or_default()
    }
}

/// A stretch of a conversation, complete and in order.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    pub(crate) subject: Arc<Subject>,
    pub(crate) period: Period,
    pub(crate) entries: Vec<Entry>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) strangers: Strangers,
}

impl Slice {
    fn new(subject: Arc<Subject>, period: Period) -> Self {
        Self {
            subject,
            period,
            entries: Vec::new(),
            contexts: Vec::new(),
            strangers: Strangers::default(),
        }
    }

    /// More bytes than the file can have, however badly its text compresses.
    pub(crate) fn upper_bound(&self) -> u64 {
        // Escapes in JSON and in the body can make six bytes of one; base64 adds a third.
        let entries = self.entries.iter().map(|entry| {
            let event = &entry.message.event;
            let body = event.body.as_deref().map_or(0, str::len);
            let edits = event
                .edits
                .iter()
                .flat_map(|edit| [&edit.previous, &edit.new]);
            let edits: usize = edits.flatten().map(String::len).sum();
            let custom: usize = event.custom.iter().map(|custom| custom.value.len()).sum();
            let reactions = event
                .reactions
                .iter()
                .map(|reaction| 64 + 512 * reaction.participants.len());
            let text = body + edits + custom + reactions.sum::<usize>();
            ((4_096 + 16 * text) as u64).saturating_add(entry.spooled().saturating_mul(2))
        });
        let contexts = self
            .contexts
            .iter()
            .map(|context| 4_096 + 16 * context.event.body.as_deref().map_or(0, str::len) as u64);
        entries.chain(contexts).fold(65_536, u64::saturating_add)
    }

    /// How many bytes it takes in memory, about.
    pub(crate) fn weight(&self) -> usize {
        /// A message without its text.
        const EACH: usize = 1 << 10;
        let texts = self.entries.iter().map(|entry| {
            let body = entry.message.event.body.as_deref();
            EACH + body.map_or(0, str::len)
        });
        texts.sum::<usize>() + EACH * (1 + self.contexts.len())
    }

    /// Orders the messages and drops parents that turned out to be in the slice themselves.
    fn settle(&mut self) {
        self.entries.sort_by_key(|entry| entry.message.time);
        if self.contexts.is_empty() {
            return;
        }
        let here: HashSet<&str> = self
            .entries
            .iter()
            .filter_map(|entry| entry.message.event.id.as_deref())
            .collect();
        self.contexts.retain(|context| !here.contains(context.id()));
        self.contexts
            .sort_by(|a, b| (a.time, a.id()).cmp(&(b.time, b.id())));
    }

    /// Cuts the slice in two halves, each with the parents that its replies need.
    pub(crate) fn halve(mut self, parent: impl Fn(&SourceMessage) -> Context) -> (Self, Self) {
        let later = self.entries.split_off(self.entries.len() / 2);
        let needed = |entries: &[Entry]| -> HashSet<String> {
            let parents = entries
                .iter()
                .filter_map(|entry| entry.message.parent.as_ref());
            parents.map(|parent| parent.id.clone()).collect()
        };
        let mut second = Self::new(Arc::clone(&self.subject), self.period.clone());
        let wanted = needed(&later);
        let from_first = self.entries.iter().filter(|entry| {
            let id = entry.message.event.id.as_deref();
            id.is_some_and(|id| wanted.contains(id))
        });
        second.contexts = from_first.map(|entry| parent(&entry.message)).collect();
        let outside = self
            .contexts
            .iter()
            .filter(|context| wanted.contains(context.id()));
        second.contexts.extend(outside.cloned());
        second.entries = later;
        second.strangers = self.strangers.clone();
        second.settle();
        let wanted = needed(&self.entries);
        self.contexts
            .retain(|context| wanted.contains(context.id()));
        (self, second)
    }
}

/// How large a slice may get before it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Events, parents from elsewhere included.
    pub(crate) events: usize,
    /// Bytes of files that come with the messages, as they lie in the source.
    pub(crate) file_bytes: u64,
    /// Whether files are fetched that the source only links to.
    pub(crate) linked: bool,
}

/// Collects messages into slices.
#[derive(Debug)]
pub(crate) struct Slicer {
    subject: Arc<Subject>,
    calendar: Calendar,
    limits: Limits,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    slice: Slice,
    /// Ids that replies may refer to without a parent being brought in.
    known: HashSet<String>,
    file_bytes: u64,
}

impl Slicer {
    pub(crate) fn new(subject: Arc<Subject>, calendar: Calendar, limits: Limits) -> Self {
        Self {
            subject,
            calendar,
            limits,
            open: None,
        }
    }

    /// Takes a message; gives the slice that it closes, if it closes one.
    pub(crate) fn push<S: std::io::Read + std::io::Write + Seek>(
        &mut self,
        message: Box<SourceMessage>,
        threads: &mut Threads<S>,
    ) -> std::io::Result<Option<Slice>> {
        let closed = if self.must_close(&message) {
            self.close()
        } else {
            None
        };
        if self.open.is_none() {
            self.open = Some(self.start(message.time));
        }
        let bytes = file_bytes(&message, self.limits.linked);
        if let Some(open) = &mut self.open {
            open.take(message, bytes, threads)?;
        }
        Ok(closed)
    }

    /// Gives the slice that is open, if there is one.
    pub(crate) fn close(&mut self) -> Option<Slice> {
        self.open.take().map(|mut open| {
            open.slice.settle();
            open.slice
        })
    }

    fn start(&self, time: UtcTime) -> Open {
        Open {
            slice: Slice::new(Arc::clone(&self.subject), self.calendar.period(time)),
            known: HashSet::new(),
            file_bytes: 0,
        }
    }

    fn must_close(&self, message: &SourceMessage) -> bool {
        let Some(open) = &self.open else {
            return false;
        };
        // A reply may bring its parent along.
        let new_events = 1 + usize::from(open.lacks_parent(message));
        let events = open.slice.entries.len() + open.slice.contexts.len() + new_events;
        let bytes = open
            .file_bytes
            .saturating_add(file_bytes(message, self.limits.linked));
        !open.slice.period.contains(message.time)
            || events > self.limits.events
            || bytes > self.limits.file_bytes
    }
}

impl Open {
    fn lacks_parent(&self, message: &SourceMessage) -> bool {
        let parent = message.parent.as_ref();
        parent.is_some_and(|parent| !self.known.contains(&parent.id))
    }

    fn take<S: std::io::Read + std::io::Write + Seek>(
        &mut self,
        message: Box<SourceMessage>,
        bytes: u64,
        threads: &mut Threads<S>,
    ) -> std::io::Result<()> {
        if let (true, Some(parent)) = (self.lacks_parent(&message), &message.parent) {
            self.slice
                .contexts
                .push(threads.context(parent, message.time)?);
            self.known.insert(parent.id.clone());
        }
        if let (true, Some(id)) = (message.starts_thread, &message.event.id) {
            self.known.insert(id.clone());
        }
        self.file_bytes = self.file_bytes.saturating_add(bytes);
        self.slice.entries.push(Entry {
            message,
            files: Vec::new(),
        });
        Ok(())
    }
}

/// How many bytes the files of a message have, as far as the source tells.
fn file_bytes(message: &SourceMessage, linked: bool) -> u64 {
    use rsmf_core::integration::FileContent;
    let sizes = message.files.iter().map(|file| match &file.content {
        FileContent::Available { size, .. } => *size,
        FileContent::Linked { .. } if linked => file.size.unwrap_or_default(),
        _ => 0,
    });
    sizes.fold(0, u64::saturating_add)
}
