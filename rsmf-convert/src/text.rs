//! The body of the mail, which is what Relativity searches.

use rsmf_core::model::{Event, EventType};

use crate::{BodyText, people::Cast, threads::CONTEXT};

/// The custom properties that hold what people wrote or saw, so that a search finds it. Sources
/// use these names.
const SEARCHED: [&str; 6] = [
    crate::build::MISSING,
    "File description",
    "File title",
    "Notification text",
    "Posted as",
    "Skin tone",
];

/// The story of the events in words: for each the sender, a blank line, the text, a blank line,
/// then reactions and whatever else can be searched. The layout is the one of Relativity's own
/// sample generator, so that proximity searches hit what people see together.
pub(crate) fn body_text(events: &[Event], cast: &Cast<'_>, mode: BodyText) -> String {
    let mut text = String::new();
    for event in events {
        if is_context(event) && event.body.as_deref().unwrap_or_default().is_empty() {
            continue;
        }
        one(&mut text, event, cast, mode);
    }
    text
}

/// Whether an event is a parent from another file.
pub(crate) fn is_context(event: &Event) -> bool {
    event.custom.iter().any(|custom| custom.name == CONTEXT)
}

fn one(text: &mut String, event: &Event, cast: &Cast<'_>, mode: BodyText) {
    paragraph(text, "", name(event.participant.as_deref(), cast));
    let deleted = event.deleted == Some(true);
    let body = event.body.as_deref().unwrap_or_default();
    match (deleted, mode) {
        (true, BodyText::Current) => paragraph(text, "[deleted]", ""),
        (true, BodyText::History) => paragraph(text, "[deleted] ", body),
        (false, _) if is_context(event) => paragraph(text, "[context] ", body),
        (false, _) if body.is_empty() => paragraph(text, "", marker(event.kind)),
        (false, _) => paragraph(text, "", body),
    }
    for attachment in &event.attachments {
        let shown = attachment.display.as_deref().unwrap_or(&attachment.id);
        paragraph(text, "[attachment] ", shown);
    }
    for custom in &event.custom {
        if SEARCHED.contains(&custom.name.as_str()) {
            paragraph(
                text,
                &format!("[{}] ", custom.name.to_lowercase()),
                &custom.value,
            );
        }
    }
    for reaction in &event.reactions {
        paragraph(text, "", &format!(":{}:", reaction.value));
    }
    if mode == BodyText::History {
        let edits = event
            .edits
            .iter()
            .filter_map(|edit| edit.previous.as_deref());
        edits.for_each(|previous| paragraph(text, "[earlier text] ", previous));
    }
    text.push('\n');
}

/// What stands for events whose body does not tell what happened.
fn marker(kind: EventType) -> &'static str {
    match kind {
        EventType::Join => "[joined]",
        EventType::Leave => "[left]",
        _ => "",
    }
}

fn name<'c>(id: Option<&'c str>, cast: &'c Cast<'_>) -> &'c str {
    let id = id.unwrap_or_default();
    cast.get(id)
        .and_then(|person| person.display.as_deref())
        .unwrap_or(id)
}

fn paragraph(text: &mut String, prefix: &str, content: &str) {
    if prefix.is_empty() && content.is_empty() {
        return;
    }
    text.push_str(prefix.trim_end_matches(|c| content.is_empty() && c == ' '));
    text.push_str(content);
    text.push_str("\n\n");
}
