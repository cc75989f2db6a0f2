//! What is left out.

use std::{collections::HashSet, sync::Arc};

use futures_util::TryStreamExt;
use rsmf_core::{
    UtcTime,
    integration::{ChatSource, SourceConversation, SourceItem},
};

use crate::{
    Error, Options, Result,
    people::{Roster, actors, is_called},
    similar::{question, similar},
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
    pub(crate) async fn new(
        options: &Options,
        roster: &Roster,
        all: &[Arc<SourceConversation>],
        source: &dyn ChatSource,
    ) -> Result<Self> {
        let filters = &options.filters;
        let people = People {
            roster,
            all,
            source,
        };
        let filter = Self {
            from: filters.from,
            to: filters.to,
            conversations: filters.conversations.iter().map(|name| key(name)).collect(),
            participants: people.ids("participant", &filters.participants).await?,
            custodian: people
                .ids("custodian", options.custodian.as_slice())
                .await?,
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

    fn check_conversations(&self, all: &[Arc<SourceConversation>]) -> Result<()> {
        let unknown = |name: &&String| !all.iter().any(|conversation| is_named(conversation, name));
        let Some(name) = self.conversations.iter().find(unknown) else {
            return Ok(());
        };
        let alike = similar(name, all.iter().map(|one| one.display.as_str()));
        if !alike.is_empty() {
            return Err(Error::Option {
                option: "conversation",
                problem: format!("there is no conversation {name:?}; {}", question(&alike)),
            });
        }
        let quoted = |conversation: &Arc<SourceConversation>| format!("{:?}", conversation.display);
        let mut names: Vec<String> = all.iter().map(quoted).collect();
        names.sort_unstable();
        let shown = names.get(..20).unwrap_or(&names).join(", ");
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

/// Where people can be looked up.
struct People<'a> {
    roster: &'a Roster,
    all: &'a [Arc<SourceConversation>],
    source: &'a dyn ChatSource,
}

impl People<'_> {
    /// The ids that some descriptions stand for; `None` where there are no descriptions.
    async fn ids(&self, option: &'static str, who: &[String]) -> Result<Option<HashSet<String>>> {
        if who.is_empty() {
            return Ok(None);
        }
        let mut ids = HashSet::new();
        for who in who {
            let mut found = self.roster.find(who);
            if found.is_empty() {
                found = self.strangers(who).await?;
            }
            if found.is_empty() {
                return Err(self.nobody(option, who));
            }
            ids.extend(found);
        }
        Ok(Some(ids))
    }

    /// Those whom the source does not list, but its messages mention by this description.
    async fn strangers(&self, who: &str) -> Result<Vec<String>> {
        let mut ids = HashSet::new();
        for conversation in self.all {
            let members = conversation.members.iter().flatten();
            let named = members.filter(|id| ***id == *who);
            ids.extend(named.map(|id| id.to_string()));
            let mut messages = self.source.messages(conversation);
            while let Some(batch) = messages.try_next().await.map_err(Error::Source)? {
                for item in &batch {
                    if let SourceItem::Message(message) = item {
                        let described = message.people.iter().filter(|one| is_called(one, who));
                        ids.extend(described.map(|person| person.id.clone()));
                        let acting = actors(&message.event).filter(|id| *id == who);
                        ids.extend(acting.map(str::to_owned));
                    }
                }
            }
        }
        Ok(ids.into_iter().collect())
    }

    fn nobody(&self, option: &'static str, who: &str) -> Error {
        let alike = self.roster.similar(who);
        let hint = if alike.is_empty() {
            "people go by id, name or e-mail address".to_owned()
        } else {
            question(&alike)
        };
        Error::Option {
            option,
            problem: format!("nobody is called {who:?}; {hint}"),
        }
    }
}

fn key(name: &str) -> String {
    name.trim_start_matches('#').to_lowercase()
}

fn is_named(conversation: &SourceConversation, name: &str) -> bool {
    key(&conversation.display) == name || conversation.id.to_lowercase() == name
}

fn is_in(conversation: &SourceConversation, people: &HashSet<String>) -> bool {
    let members = conversation.members.iter().flatten();
    members.into_iter().any(|member| people.contains(&**member))
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
