//! Exports, and everything that comes out of them.

use std::sync::Arc;

use futures::{TryStreamExt as _, executor::block_on};
use rsmf_chat::{
    Limits,
    slack::{SlackOptions, SlackSource},
};
use rsmf_core::integration::{
    ChatSource, Exception, SourceConversation, SourceItem, SourceMessage, Storage, StorePath,
};

use crate::{WORKERS, fields, stored};

/// Where the files of an input lie: two days of a channel, and the lists of people and channels.
pub const PATHS: [&str; 4] = [
    "export/general/2024-01-05.json",
    "export/general/2024-01-06.json",
    "export/users.json",
    "export/channels.json",
];

/// What stands for those that an input lacks.
const DEFAULTS: [&[u8]; 4] = [
    b"[]",
    b"[]",
    br#"[{"id":"U1","team_id":"T1","name":"ana"}]"#,
    br#"[{"id":"C1","name":"general","members":["U1"]}]"#,
];

/// A store with a folder `export`, and the files in it.
pub fn folder(input: &[u8]) -> (Arc<dyn Storage>, [&[u8]; 4]) {
    let mut parts = fields(input);
    let files = DEFAULTS.map(|default| parts.next().unwrap_or(default));
    (stored(PATHS.into_iter().zip(files)), files)
}

/// Everything that a source gives.
#[derive(Debug, PartialEq)]
pub struct All {
    /// The conversations, with what was in them.
    pub conversations: Vec<(Arc<SourceConversation>, Vec<SourceItem>)>,
    /// What was wrong outside of them.
    pub exceptions: Vec<Exception>,
}

impl All {
    /// Reads the export at `path`; nothing where it is none.
    pub fn read(storage: &Arc<dyn Storage>, path: &str, limits: Limits) -> Option<Self> {
        let mut options = SlackOptions::new(WORKERS.clone());
        options.limits = limits;
        let path = StorePath::new(path).expect("a path");
        let source = block_on(SlackSource::open(storage.clone(), path, options)).ok()?;
        let listed: Vec<_> = block_on(source.conversations().try_collect()).expect("a list");
        let conversations = listed.into_iter().map(|conversation| {
            let batches: Vec<Vec<SourceItem>> =
                block_on(source.messages(&conversation).try_collect()).expect("messages");
            (conversation, batches.concat())
        });
        Some(Self {
            conversations: conversations.collect(),
            exceptions: block_on(source.exceptions().try_collect()).expect("exceptions"),
        })
    }

    /// What was in all conversations.
    pub fn items(&self) -> impl Iterator<Item = &SourceItem> {
        self.conversations.iter().flat_map(|(_, items)| items)
    }

    /// What became events.
    pub fn messages(&self) -> impl Iterator<Item = &SourceMessage> {
        messages(self.items())
    }

    /// How many records are accounted for: as events, or by exceptions.
    pub fn count(&self) -> u64 {
        let lost = |item: &SourceItem| match item {
            SourceItem::Lost(exception) => exception.messages,
            _ => 1,
        };
        self.items().map(lost).sum()
    }
}

/// Those items that became events.
pub fn messages<'a>(
    items: impl IntoIterator<Item = &'a SourceItem>,
) -> impl Iterator<Item = &'a SourceMessage> {
    items.into_iter().filter_map(|item| match item {
        SourceItem::Message(message) => Some(&**message),
        _ => None,
    })
}
