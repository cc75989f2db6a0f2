use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::{
    Failure, Result,
    integration::{
        Batch, BoxStream, ByteStream, ChatSource, Exception, Fingerprint, Integration,
        IntegrationInfo, Platform, SourceConversation, SourceItem,
    },
    model::Participant,
};

use super::review::hex_sha256;

/// A [`ChatSource`] that gives what it was built from, in that order.
///
/// ```
/// use futures_util::TryStreamExt;
/// use rsmf_core::UtcTime;
/// use rsmf_core::integration::{
///     ChatSource, Place, Platform, SourceConversation, SourceItem, SourceMessage,
///     testing::MemoryChatSource,
/// };
/// use rsmf_core::model::{ConversationType, Event, EventType, Participant};
///
/// # futures::executor::block_on(async {
/// let time = UtcTime::from_micros(0).unwrap();
/// let message = SourceMessage::new(Event::new(EventType::Message), time, Place::new("a.json"));
/// let conversation = SourceConversation::new("C1", "general", ConversationType::Channel);
/// let source = MemoryChatSource::new(Platform::new("slack", "Slack"))
///     .participant(Participant::new("U1", "Ana Ruiz"))
///     .conversation(conversation.clone(), vec![SourceItem::Message(Box::new(message))]);
///
/// let batches: Vec<_> = source.messages(&conversation).try_collect().await?;
/// assert_eq!(batches.concat().len(), 1);
/// # Ok::<(), rsmf_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryChatSource {
    info: IntegrationInfo,
    platform: Platform,
    participants: Vec<Participant>,
    conversations: Vec<(Arc<SourceConversation>, Vec<SourceItem>)>,
    exceptions: Vec<Exception>,
    files: BTreeMap<String, Bytes>,
    batch: usize,
}

impl MemoryChatSource {
    /// A source without anything in it.
    pub fn new(platform: Platform) -> Self {
        Self {
            info: IntegrationInfo::new("memory", platform.id),
            platform,
            participants: Vec::new(),
            conversations: Vec::new(),
            exceptions: Vec::new(),
            files: BTreeMap::new(),
            batch: 100,
        }
    }

    /// Adds somebody to the list of participants.
    #[must_use]
    pub fn participant(mut self, participant: Participant) -> Self {
        self.participants.push(participant);
        self
    }

    /// Adds a conversation and what comes out of it.
    #[must_use]
    pub fn conversation(
        mut self,
        conversation: SourceConversation,
        items: impl Into<Vec<SourceItem>>,
    ) -> Self {
        self.conversations
            .push((Arc::new(conversation), items.into()));
        self
    }

    /// Adds something that is wrong outside of the conversations.
    #[must_use]
    pub fn exception(mut self, exception: Exception) -> Self {
        self.exceptions.push(exception);
        self
    }

    /// Adds the content that [`ChatSource::open_file`] gives for `key`.
    #[must_use]
    pub fn file(mut self, key: impl Into<String>, content: impl Into<Bytes>) -> Self {
        self.files.insert(key.into(), content.into());
        self
    }

    /// Sets how many items a batch has at most; 100 where not set, 1 instead of 0.
    #[must_use]
    pub fn batches_of(mut self, items: usize) -> Self {
        self.batch = items.max(1);
        self
    }
}

#[async_trait]
impl Integration for MemoryChatSource {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ChatSource for MemoryChatSource {
    fn platform(&self) -> Platform {
        self.platform
    }

    fn participants(&self) -> BoxStream<'_, Result<Participant>> {
        stream::iter(self.participants.iter().cloned().map(Ok)).boxed()
    }

    fn conversations(&self) -> BoxStream<'_, Result<Arc<SourceConversation>>> {
        let conversations = self.conversations.iter();
        stream::iter(conversations.map(|(conversation, _)| Ok(conversation.clone()))).boxed()
    }

    fn messages<'a>(
        &'a self,
        conversation: &'a SourceConversation,
    ) -> BoxStream<'a, Result<Batch>> {
        let found = self
            .conversations
            .iter()
            .find(|(known, _)| known.id == conversation.id);
        let Some((_, items)) = found else {
            let error = Failure::new("read", format!("conversation {}", conversation.id));
            return stream::iter([Err(error.not_found())]).boxed();
        };
        stream::iter(items.chunks(self.batch).map(|batch| Ok(batch.to_vec()))).boxed()
    }

    fn exceptions(&self) -> BoxStream<'_, Result<Exception>> {
        stream::iter(self.exceptions.iter().cloned().map(Ok)).boxed()
    }

    async fn open_file(&self, key: &str) -> Result<ByteStream> {
        let content = self.files.get(key).cloned();
        let content = content.ok_or_else(|| Failure::new("open", key).not_found())?;
        Ok(stream::iter([Ok(content)]).boxed())
    }

    async fn fingerprint(&self) -> Result<Fingerprint> {
        let content = format!(
            "{:?}",
            (&self.conversations, &self.participants, &self.files)
        );
        Ok(Fingerprint::new(hex_sha256(content.as_bytes())))
    }
}
