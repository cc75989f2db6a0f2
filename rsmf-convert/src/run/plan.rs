//! What is known before the first message.

use std::sync::Arc;

use futures_util::TryStreamExt;
use rsmf_core::integration::SourceConversation;

use super::Converter;
use crate::{
    Error, Result, build::Settings, filter::Filter, names::Stems, people::Roster, slice::Subject,
};

/// What is known before the first message.
pub(super) struct Plan {
    pub(super) filter: Filter,
    pub(super) subjects: Vec<Arc<Subject>>,
    pub(super) settings: Arc<Settings>,
}

impl Converter {
    /// Everything that must be known before the first message.
    pub(super) async fn plan(&self) -> Result<Plan> {
        let mut roster = Roster::default();
        let mut people = self.source.participants();
        while let Some(person) = people.try_next().await.map_err(Error::Source)? {
            roster.add(person);
        }
        let conversations: Vec<Arc<SourceConversation>> = self
            .source
            .conversations()
            .try_collect()
            .await
            .map_err(Error::Source)?;
        let source = self.source.as_ref();
        let filter = Filter::new(&self.options, &roster, &conversations, source).await?;
        let custodian = self.custodian(&roster)?;
        let mut stems = Stems::default();
        let subject = |source: Arc<SourceConversation>| {
            let stem = stems.stem(&source.display, &source.id);
            Arc::new(Subject { source, stem })
        };
        Ok(Plan {
            filter,
            subjects: conversations.into_iter().map(subject).collect(),
            settings: Arc::new(Settings {
                options: self.options.clone(),
                platform: self.source.platform(),
                roster,
                custodian,
            }),
        })
    }

    /// The custodian's name, as the header wants it.
    fn custodian(&self, roster: &Roster) -> Result<Option<String>> {
        let Some(who) = &self.options.custodian else {
            return Ok(None);
        };
        match roster.find(who).as_slice() {
            [] => Ok(Some(who.clone())),
            [one] => Ok(roster.get(one).and_then(|person| person.display.clone())),
            several => Err(Error::Option {
                option: "custodian",
                problem: format!(
                    "{who:?} is the name of several people; choose an id: {}",
                    several.join(", ")
                ),
            }),
        }
    }
}
