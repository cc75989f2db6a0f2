//! Exports made on the fly, and everything that comes out of them.

use std::{
    io::{Cursor, Write},
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
};

use futures::executor::block_on;
use futures_util::TryStreamExt;
use rsmf_chat::slack::{SlackOptions, SlackSource};
use rsmf_core::{
    integration::{
        ChatSource, Exception, PutOptions, Reason, SourceConversation, SourceItem, SourceMessage,
        Storage, StorageExt, StorePath, testing::MemoryStorage,
    },
    model::Participant,
    workers::Workers,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The files of an export.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(pub(crate) Vec<(String, Vec<u8>)>);

impl Files {
    /// An export with a list of users and one channel, `general` (C1).
    pub(crate) fn export() -> Self {
        Self::default()
            .with("users.json", r#"[{"id":"U1","team_id":"T1","name":"ana"}]"#)
            .with(
                "channels.json",
                r#"[{"id":"C1","name":"general","members":["U1"]}]"#,
            )
    }

    pub(crate) fn with(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.0.push((path.to_owned(), content.into()));
        self
    }

    /// A day of `general`, with these records.
    pub(crate) fn day(self, date: &str, records: &[String]) -> Self {
        let json = format!("[{}]", records.join(","));
        self.with(&format!("general/{date}.json"), json)
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in &self.0 {
            writer
                .start_file(path, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    pub(crate) fn folder(&self) -> Arc<dyn Storage> {
        let storage = MemoryStorage::new();
        for (path, content) in &self.0 {
            put(&storage, &format!("export/{path}"), content);
        }
        Arc::new(storage)
    }
}

/// A message of U1 with this time.
pub(crate) fn message(ts: &str, text: &str) -> String {
    format!(r#"{{"type":"message","user":"U1","ts":"{ts}","text":"{text}"}}"#)
}

pub(crate) fn put(storage: &MemoryStorage, path: &str, content: &[u8]) {
    let path = StorePath::new(path).unwrap();
    let bytes = content.to_vec().into();
    block_on(storage.put_bytes(&path, bytes, PutOptions::default())).unwrap();
}

/// A store with nothing but this zip, at `export.zip`.
pub(crate) fn stored(zip: &[u8]) -> Arc<dyn Storage> {
    let storage = MemoryStorage::new();
    put(&storage, "export.zip", zip);
    Arc::new(storage)
}

pub(crate) fn options(threads: usize) -> SlackOptions {
    SlackOptions::new(Workers::new(NonZeroUsize::new(threads).unwrap()).unwrap())
}

pub(crate) fn with_options(files: &Files, options: SlackOptions) -> All {
    let path = StorePath::new("export.zip").unwrap();
    All::of(&block_on(SlackSource::open(stored(&files.zip()), path, options)).unwrap())
}

pub(crate) fn open_zip(zip: &[u8]) -> rsmf_chat::Result<SlackSource> {
    let path = StorePath::new("export.zip").unwrap();
    block_on(SlackSource::open(stored(zip), path, options(2)))
}

pub(crate) fn open_folder(files: &Files) -> rsmf_chat::Result<SlackSource> {
    let path = StorePath::new("export").unwrap();
    block_on(SlackSource::open(files.folder(), path, options(2)))
}

/// Everything that a source gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct All {
    pub(crate) people: Vec<Participant>,
    pub(crate) conversations: Vec<(Arc<SourceConversation>, Vec<SourceItem>)>,
    pub(crate) exceptions: Vec<Exception>,
}

impl All {
    pub(crate) fn of(source: &SlackSource) -> Self {
        let listed: Vec<Arc<SourceConversation>> =
            block_on(source.conversations().try_collect()).unwrap();
        let conversations = listed.into_iter().map(|conversation| {
            let batches: Vec<Vec<SourceItem>> =
                block_on(source.messages(&conversation).try_collect()).unwrap();
            assert!(
                batches
                    .iter()
                    .all(|batch| batch.len() <= 512 && !batch.is_empty())
            );
            (conversation, batches.into_iter().flatten().collect())
        });
        Self {
            conversations: conversations.collect(),
            people: block_on(source.participants().try_collect()).unwrap(),
            exceptions: block_on(source.exceptions().try_collect()).unwrap(),
        }
    }

    pub(crate) fn of_zip(zip: &[u8]) -> Self {
        Self::of(&open_zip(zip).unwrap())
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &SourceItem> {
        self.conversations.iter().flat_map(|(_, items)| items)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &SourceMessage> {
        self.items().filter_map(|item| match item {
            SourceItem::Message(message) => Some(&**message),
            _ => None,
        })
    }

    pub(crate) fn lost(&self) -> impl Iterator<Item = &Exception> {
        self.items().filter_map(|item| match item {
            SourceItem::Lost(exception) => Some(exception),
            _ => None,
        })
    }

    /// The ids of the events, in order.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.messages()
            .filter_map(|message| message.event.id.as_deref())
            .collect()
    }

    /// Why records were lost, in order, and how many.
    pub(crate) fn losses(&self) -> Vec<(Reason, u64)> {
        self.lost()
            .map(|lost| (lost.reason, lost.messages))
            .collect()
    }

    /// Why there are exceptions outside of conversations, with their paths.
    pub(crate) fn reasons(&self) -> Vec<(Reason, &str)> {
        let all = self.exceptions.iter();
        all.map(|exception| (exception.reason, &*exception.place.path))
            .collect()
    }

    /// How many records are accounted for.
    pub(crate) fn count(&self) -> u64 {
        self.messages().count() as u64 + self.lost().map(|lost| lost.messages).sum::<u64>()
    }
}

/// A file of the test data that lies beside the repository, if it is there.
pub(crate) fn shared(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("RSMF_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    );
    let file = root.join(path);
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        eprintln!("skipped: {} is not there", file.display());
    }
    bytes
}
