//! Replies: the parent is an earlier event of the same conversation.

use std::collections::HashSet;

use crate::validate::{Code, findings::Findings, json::Value};

/// The events passed so far, by conversation and id.
#[derive(Default)]
pub(super) struct Threads<'a>(HashSet<(&'a str, &'a str)>);

impl<'a> Threads<'a> {
    pub(super) fn check(&mut self, event: &'a Value<'_>, findings: &mut Findings) {
        let conversation = event.text("conversation").unwrap_or_default();
        if let Some(parent) = event.text("parent")
            && !self.0.contains(&(conversation, parent))
        {
            let message =
                format!("the parent {parent:?} is not an earlier event of the same conversation");
            findings.add_at(
                Code::ManifestParentIdInvalid,
                event.place("parent"),
                message,
            );
        }
        if let Some(id) = event.text("id") {
            self.0.insert((conversation, id));
        }
    }
}
