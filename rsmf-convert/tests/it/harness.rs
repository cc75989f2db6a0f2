//! A small chat, its conversion, and what stands in the files.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use futures::{TryStreamExt, executor::block_on};
use rsmf_convert::{Converter, Error, Options, Report, Silent};
use rsmf_core::{
    UtcTime,
    container::RsmfReader,
    integration::{
        Exception, Parent, Place, Platform, Reason, Severity, SourceConversation, SourceItem,
        SourceMessage, Storage, StorageExt, StorePath,
        testing::{MemoryChatSource, MemoryStorage},
    },
    model::{ConversationType, Event, EventType, Manifest, Participant},
    workers::Workers,
};

/// The time of a text such as `2024-01-05T10:00:00`.
pub(crate) fn at(text: &str) -> UtcTime {
    rsmf_convert::parse_time(text, &jiff_utc(), false).unwrap()
}

fn jiff_utc() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::UTC
}

/// A message whose id is its time.
pub(crate) fn message(who: &str, when: &str, text: &str) -> SourceMessage {
    let mut event = Event::new(EventType::Message).by(who).saying(text);
    event.id = Some(when.to_owned());
    SourceMessage::new(event, at(when), Place::new("memory"))
}

/// A message that starts a thread.
pub(crate) fn root(who: &str, when: &str, text: &str) -> SourceMessage {
    let mut message = message(who, when, text);
    message.starts_thread = true;
    message
}

/// A reply to the message sent at `parent`.
pub(crate) fn reply(who: &str, when: &str, parent: &str) -> SourceMessage {
    let mut message = message(who, when, "reply");
    let mut known = Parent::new(parent);
    known.time = Some(at(parent));
    message.parent = Some(known);
    message
}

pub(crate) fn of_kind(kind: EventType, who: &str, when: &str) -> SourceMessage {
    let mut message = message(who, when, "");
    message.event.kind = kind;
    message
}

pub(crate) fn items(messages: impl IntoIterator<Item = SourceMessage>) -> Vec<SourceItem> {
    let boxed = messages.into_iter().map(Box::new);
    boxed.map(SourceItem::Message).collect()
}

pub(crate) fn lost(messages: u64) -> SourceItem {
    let place = Place::new("memory").record(7);
    let lost = Exception::new(Severity::Error, Reason::InvalidSyntax, place, "not JSON");
    SourceItem::Lost(lost.instead_of(messages))
}

pub(crate) fn channel(id: &str, name: &str) -> SourceConversation {
    SourceConversation::new(id, name, ConversationType::Channel)
}

pub(crate) fn source() -> MemoryChatSource {
    let mut ana = Participant::new("U1", "Ana Ruiz");
    ana.email = Some("ana@example.com".to_owned());
    ana.account_id = Some("U1".to_owned());
    MemoryChatSource::new(Platform::new("slack", "Slack"))
        .participant(ana)
        .participant(Participant::new("U2", "Bo Lind"))
        .participant(Participant::new("U3", "Zoë Müller"))
}

/// A source with one channel, `general`.
pub(crate) fn general(items: Vec<SourceItem>) -> MemoryChatSource {
    source().conversation(channel("C1", "general"), items)
}

/// What a conversion wrote.
pub(crate) struct Written {
    pub(crate) report: Report,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Written {
    pub(crate) fn names(&self) -> Vec<&str> {
        let names = self.files.keys().map(String::as_str);
        names.filter(|name| name.ends_with(".rsmf")).collect()
    }

    pub(crate) fn reader(&self, name: &str) -> RsmfReader {
        let names = self.names();
        let bytes = self
            .files
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in {names:?}"));
        RsmfReader::open(bytes.as_slice()).unwrap()
    }

    pub(crate) fn manifest(&self, name: &str) -> Manifest {
        self.reader(name).manifest().unwrap()
    }

    /// The rows of a table, each by column.
    pub(crate) fn table(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let mut table = csv::Reader::from_reader(self.files[name].as_slice());
        table.deserialize().map(Result::unwrap).collect()
    }
}

pub(crate) fn try_convert(
    source: MemoryChatSource,
    options: Options,
    threads: usize,
) -> Result<Written, Error> {
    let output = Arc::new(MemoryStorage::new());
    convert_into(&output, source, options, threads)
}

pub(crate) fn convert_into(
    output: &Arc<MemoryStorage>,
    source: MemoryChatSource,
    options: Options,
    threads: usize,
) -> Result<Written, Error> {
    run(output, converter(output, source, options, threads)?)
}

pub(crate) fn converter(
    output: &Arc<MemoryStorage>,
    source: MemoryChatSource,
    options: Options,
    threads: usize,
) -> Result<Converter, Error> {
    let workers = Workers::new(NonZeroUsize::new(threads).unwrap()).unwrap();
    let storage: Arc<dyn Storage> = Arc::clone(output) as Arc<dyn Storage>;
    Converter::new(Arc::new(source), storage, workers, options)
}

pub(crate) fn run(output: &MemoryStorage, converter: Converter) -> Result<Written, Error> {
    let report = block_on(converter.run(&Silent))?;
    let listed: Vec<_> = block_on(output.list(&StorePath::ROOT).try_collect()).unwrap();
    let read = |meta: rsmf_core::integration::ObjectMeta| {
        let bytes = block_on(output.get_bytes(&meta.path, u64::MAX)).unwrap();
        (meta.path.to_string(), bytes.to_vec())
    };
    Ok(Written {
        report,
        files: listed.into_iter().map(read).collect(),
    })
}

pub(crate) fn convert(source: MemoryChatSource, options: Options) -> Written {
    let written = try_convert(source, options, 2).unwrap();
    assert!(written.report.reconciliation.balanced);
    written
}
