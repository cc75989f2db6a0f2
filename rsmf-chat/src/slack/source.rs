//! [`SlackSource`].

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{
        Batch, BoxStream, ByteStream, ChatSource, Exception, Fingerprint, Integration,
        IntegrationInfo, Platform, SourceConversation, SourceDigest, Storage, StorePath,
    },
    model::Participant,
};

use super::{
    SlackOptions,
    contents::Contents,
    conversation::{self, Input},
    files::{FileIndex, file_id},
    layout::{self, Layout},
    marks::Marks,
    scene::Scene,
};
use crate::archive::Archive;

/// A Slack export in any [`Storage`]: a zip file, or a folder with the same files.
///
/// Conversations are `#name` for channels, and the names of the people for direct messages.
/// Their ids are Slack's; where a conversation is in several workspaces of an organisation, the
/// further ones are `id@workspace`.
///
/// Uploaded files that no message refers to are among the exceptions once every conversation has
/// been read to its end.
///
/// ```
/// use std::sync::Arc;
/// use futures_util::TryStreamExt;
/// use rsmf_chat::slack::{SlackOptions, SlackSource};
/// use rsmf_core::{
///     integration::{ChatSource, SourceItem, StorePath, Storage},
///     workers::Workers,
/// };
///
/// async fn count(storage: Arc<dyn Storage>) -> Result<usize, rsmf_core::Error> {
///     let workers = Workers::new(std::num::NonZeroUsize::MIN)?;
///     let path = StorePath::new("export.zip")?;
///     let source = SlackSource::open(storage, path, SlackOptions::new(workers)).await?;
///     let mut events = 0;
///     let mut conversations = source.conversations();
///     while let Some(conversation) = conversations.try_next().await? {
///         let mut batches = source.messages(&conversation);
///         while let Some(batch) = batches.try_next().await? {
///             let is_event = |item: &&SourceItem| matches!(item, SourceItem::Message(_));
///             events += batch.iter().filter(is_event).count();
///         }
///     }
///     Ok(events)
/// }
/// ```
#[derive(Debug)]
pub struct SlackSource {
    info: IntegrationInfo,
    archive: Arc<Archive>,
    input: Input,
    layout: Arc<Layout>,
    files: Arc<FileIndex>,
    /// Where each conversation is in the layout, ordered by id.
    by_id: Vec<usize>,
    /// Which conversations have been read to their end.
    read: Arc<Marks>,
}

impl SlackSource {
    /// Opens the export at `path` and reads its lists of people and conversations.
    ///
    /// # Errors
    /// [`Error::NotAnExport`](crate::Error::NotAnExport) where it is none;
    /// [`Error::Core`](crate::Error::Core) where nothing is there or the store fails.
    pub async fn open(
        storage: Arc<dyn Storage>,
        path: StorePath,
        options: SlackOptions,
    ) -> crate::Result<Self> {
        let SlackOptions { workers, limits } = options;
        let name = match path.is_root() {
            true => storage.info().name.clone(),
            false => path.to_string(),
        };
        let archive =
            Archive::open_with(storage, &path, &workers, &limits, layout::is_streamed).await?;
        let archive = Arc::new(archive);
        let layout = layout::read(&archive, &path, &workers, &limits).await?;
        let mut by_id: Vec<usize> = (0..layout.conversations.len()).collect();
        by_id.sort_unstable_by(|a, b| layout.id(*a).cmp(&layout.id(*b)));
        Ok(Self {
            info: IntegrationInfo::new("slack", name),
            files: Arc::new(FileIndex::new(archive.clone())),
            read: Arc::new(Marks::new(layout.conversations.len())),
            layout: Arc::new(layout),
            by_id,
            input: Input {
                contents: Contents::new(archive.clone()),
                workers,
                limits: Arc::new(limits),
            },
            archive,
        })
    }
}

impl SlackSource {
    /// Where a conversation is in the layout.
    fn index(&self, conversation: &SourceConversation) -> Option<usize> {
        let id = Some(&*conversation.id);
        let by_id = &self.by_id;
        let found = by_id.binary_search_by(|index| self.layout.id(*index).cmp(&id));
        by_id.get(found.ok()?).copied()
    }
}

#[async_trait]
impl Integration for SlackSource {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        self.archive.check().await
    }
}

#[async_trait]
impl ChatSource for SlackSource {
    fn platform(&self) -> Platform {
        Platform::new("slack", "Slack")
    }

    fn participants(&self) -> BoxStream<'_, Result<Participant>> {
        let people = self.layout.directory.participants();
        Box::pin(stream::iter(people.cloned().map(Ok)))
    }

    fn conversations(&self) -> BoxStream<'_, Result<Arc<SourceConversation>>> {
        let conversations = self.layout.conversations.iter();
        Box::pin(stream::iter(
            conversations.map(|one| Ok(one.source.clone())),
        ))
    }

    fn messages<'a>(
        &'a self,
        conversation: &'a SourceConversation,
    ) -> BoxStream<'a, Result<Batch>> {
        let Some(index) = self.index(conversation) else {
            let failure = Failure::new("read", format!("the conversation {}", conversation.id));
            return Box::pin(stream::iter([Err(failure.not_found())]));
        };
        let scene = Scene {
            layout: self.layout.clone(),
            files: self.files.clone(),
            conversation: index,
            amendments: None,
        };
        let (read, index) = (self.read.clone(), index);
        // The last thing that is asked for; after an error, nobody asks.
        let end = stream::once(async move {
            read.set(index);
            Ok(None)
        });
        let batches = conversation::messages(self.input.clone(), scene).map_ok(Some);
        Box::pin(batches.chain(end).try_filter_map(async |batch| Ok(batch)))
    }

    fn exceptions(&self) -> BoxStream<'_, Result<Exception>> {
        let archive = self.archive.exceptions().iter();
        let all = archive.chain(&self.layout.exceptions).cloned();
        // What no message refers to is known only once all of them have been seen.
        let orphans = self.read.all().then(|| self.files.orphans());
        Box::pin(stream::iter(
            all.chain(orphans.into_iter().flatten()).map(Ok),
        ))
    }

    async fn open_file(&self, key: &str) -> Result<ByteStream> {
        let archive = &self.archive;
        match archive.find(key).filter(|_| file_id(key).is_some()) {
            Some(entry) => Ok(archive.read(entry)),
            None => Err(Failure::new("open", key.to_owned()).not_found()),
        }
    }

    fn size(&self, conversation: &SourceConversation) -> Option<u64> {
        let index = self.index(conversation)?;
        let files = &self.layout.conversations.get(index)?.files;
        let entries = files.iter().filter_map(|entry| self.archive.entry(*entry));
        Some(entries.map(|entry| entry.size).sum())
    }

    fn bytes_read(&self) -> u64 {
        self.input.contents.bytes_read()
    }

    async fn digest(&self) -> Result<SourceDigest> {
        self.archive.digest().await
    }

    async fn fingerprint(&self) -> Result<Fingerprint> {
        Ok(self.archive.fingerprint())
    }

    /// Which conversations have been read, and which files their messages have asked for.
    fn checkpoint(&self) -> String {
        let (read, wanted) = (self.read.to_text(), self.files.wanted().to_text());
        format!("{read}:{wanted}")
    }

    fn restore(&self, checkpoint: &str) -> Result<()> {
        let restored = checkpoint.split_once(':').and_then(|(read, wanted)| {
            self.files.wanted().add_text(wanted)?;
            self.read.add_text(read)
        });
        restored
            .ok_or_else(|| Failure::new("use", "a checkpoint of another export").invalid_input())
    }
}
