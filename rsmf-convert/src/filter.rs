//! What is left out.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use rsmf_core::{
    UtcTime,
    integration::{ChatSource, SourceConversation, SourceItem},
};

use crate::{
    Error, Options, Result,
    people::{Roster, actors},
};

/// The filters of the options, with people resolved to ids.
#[derive(Debug)]
pub(crate) struct Filter {
    from: Option<UtcTime>,
    to: Option<UtcTime>,
    conversations: Vec<String>,
    participants: Option<HashSet<String>>,
    custodian: Option<HashSet<String>>,
}

impl Filter {
    pub(crate) fn new(
        options: &Options,
        roster: &Roster,
        all: &[SourceConversation],
    ) -> Result<Self> {
        let filters = &options.filters;
        let resolve = |option, who: &[String]| -> Result<Option<HashSet<String>>> {
            if who.is_empty() {
                return Ok(None);
            }
            let ids = who.iter().map(|who| ids(option, who, roster));
            let ids: Result<Vec<Vec<String>>> = ids.collect();
            Ok(Some(ids?.into_iter().flatten().collect()))
        };
        let filter = Self {
            from: filters.from,
            to: filters.to,
            conversations: filters.conversations.iter().map(|name| key(name)).collect(),
            participants: resolve("participant", &filters.participants)?,
            custodian: resolve("custodian", options.custodian.as_slice())?,
        };
        filter.check_conversations(all)?;
        Ok(filter)
    }

    /// Whether a message of this time is kept.
    pub(crate) fn keeps(&self, time: UtcTime) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Whether a conversation is kept. Where the members do not tell, its messages are read.
    pub(crate) async fn keeps_conversation(
        &self,
        conversation: &SourceConversation,
        source: &dyn ChatSource,
    ) -> Result<bool> {
        if !self.conversations.is_empty()
            && !self
                .conversations
                .iter()
                .any(|name| is_named(conversation, name))
        {
            return Ok(false);
        }
        for people in [&self.participants, &self.custodian].into_iter().flatten() {
            if !is_in(conversation, people) && !has_acted(conversation, people, source).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn check_conversations(&self, all: &[SourceConversation]) -> Result<()> {
        let unknown = |name: &&String| !all.iter().any(|conversation| is_named(conversation, name));
        let Some(name) = self.conversations.iter().find(unknown) else {
            return Ok(());
        };
        let mut names: Vec<&str> = all
            .iter()
            .map(|conversation| conversation.display.as_str())
            .collect();
        names.sort_unstable();
        let shown = names
            .iter()
            .take(20)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        Err(Error::Option {
            option: "conversation",
            problem: format!(
                "there is no conversation {name:?}; there are {}: {shown}{}",
                names.len(),
                if names.len() > 20 { " …" } else { "" }
            ),
        })
    }
}

/// The ids that a person's description stands for. Without a list of people it is taken as an id.
fn ids(option: &'static str, who: &str, roster: &Roster) -> Result<Vec<String>> {
    let found = roster.find(who);
    if !found.is_empty() {
        return Ok(found);
    }
    if roster.len() == 0 {
        return Ok(vec![who.to_owned()]);
    }
    let similar = roster.similar(who);
    let hint = if similar.is_empty() {
        format!(
            "the source lists {} people by id, name and e-mail address",
            roster.len()
        )
    } else {
        format!("did you mean {}?", similar.join(", "))
    };
    Err(Error::Option {
        option,
        problem: format!("nobody is called {who:?}; {hint}"),
    })
}

fn key(name: &str) -> String {
    name.trim_start_matches('#').to_lowercase()
}

fn is_named(conversation: &SourceConversation, name: &str) -> bool {
    key(&conversation.display) == name || conversation.id.to_lowercase() == name
}

fn is_in(conversation: &SourceConversation, people: &HashSet<String>) -> bool {
    let members = conversation.members.iter().flatten();
    members.into_iter().any(|member| people.contains(member))
}

async fn has_acted(
    conversation: &SourceConversation,
    people: &HashSet<String>,
    source: &dyn ChatSource,
) -> Result<bool> {
    let mut messages = source.messages(conversation);
    while let Some(batch) = messages.try_next().await.map_err(Error::Source)? {
        let acted = batch.iter().any(|item| match item {
            SourceItem::Message(message) => actors(&message.event).any(|id| people.contains(id)),
            _ => false,
        });
        if acted {
            return Ok(true);
        }
    }
    Ok(false)
}
