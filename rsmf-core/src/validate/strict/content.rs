//! Events, and properties that come twice.

use std::collections::HashSet;

use super::{reaction, times};
use crate::validate::{
    Code,
    findings::Findings,
    json::{Data, Value},
};

pub(in crate::validate) fn check(root: &Value<'_>, findings: &mut Findings) {
    check_keys(root, findings);
    let events = root.items("events");
    for event in events {
        check_attachments(event, findings);
        check_body(event, findings);
        times::check(event, findings);
        reaction::check(event, findings);
    }
    if !events.is_empty()
        && !events
            .iter()
            .any(|event| event.text("type") == Some("message"))
    {
        findings.add_at(
            Code::StrictNoMessage,
            root.place("events"),
            "no event is a message",
        );
    }
}

fn check_attachments(event: &Value<'_>, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for attachment in event.items("attachments") {
        let id = attachment.text("id").unwrap_or_default();
        if !seen.insert(id) {
            let message = format!("the event has the attachment {id:?} twice");
            findings.add_at(
                Code::StrictRepeatedAttachment,
                attachment.place("id"),
                message,
            );
        }
    }
}

fn check_body(event: &Value<'_>, findings: &mut Findings) {
    if event
        .text("body")
        .is_some_and(|body| body.contains('\u{FFFC}'))
    {
        let message = "the text holds U+FFFC, the mark of an embedded object";
        findings.add_at(Code::StrictObjectReplacement, event.place("body"), message);
    }
}

/// Readers differ in which of two properties with the same name they take.
fn check_keys(value: &Value<'_>, findings: &mut Findings) {
    for item in value.as_items() {
        check_keys(item, findings);
    }
    let Data::Record(properties) = &value.data else {
        return;
    };
    let mut seen = HashSet::new();
    for property in properties {
        if !seen.insert(&property.name) {
            let message = format!("the object has {:?} twice", property.name);
            findings.add_at(Code::StrictDuplicateKey, property.at, message);
        }
        check_keys(&property.value, findings);
    }
}
