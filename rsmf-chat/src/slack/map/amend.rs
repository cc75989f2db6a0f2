//! Records that change earlier ones, and merging them.
//!
//! Source: "message_changed", "message_deleted" and "message_replied" events (docs.slack.dev).
//! The `ts` of such a record is the time of the change, not the id of what it changes.

use std::collections::HashSet;

use rsmf_core::{
    UtcTime,
    integration::{Place, SourceMessage},
    model::{Edit, Event},
};

use serde_json::Value;

use super::{
    Amendment, Change, ConversationContext, Mapper,
    body::{object, says},
    json::{Json, first_str},
    message::message,
    parse_ts,
    raw::{Part, RawMessage},
    subtype::{Class, classify},
    text,
};

/// Reads a record that changes an earlier one; `None` where it does not tell which, or when.
pub(super) fn amendment(
    mapper: &Mapper<'_>,
    raw: &RawMessage<'_>,
    class: Class,
    conversation: &ConversationContext<'_>,
    place: &Place,
) -> Option<Amendment> {
    let mut before = first([&raw.previous_message, &raw.original, &raw.previous]);
    let mut after = first([&raw.message]);
    let nested = || after.iter().chain(&before).find_map(RawMessage::ts);
    let target_ts = raw.deleted_ts.get().or_else(nested)?.to_owned();
    for nested in before.iter_mut().chain(&mut after) {
        nested.assume_ts(&target_ts);
    }
    let time = raw.ts().or(raw.event_ts.get()).and_then(parse_ts)?;
    let map = |record: &RawMessage<'_>| nested_message(mapper, record, conversation, place);
    let (before, after) = (before.as_ref().and_then(map), after.as_ref().and_then(map));
    let change = match class {
        Class::Deleted => Change::Deleted {
            by: raw
                .user
                .get()
                .map(|id| mapper.directory.name(id).unwrap_or(id).to_owned()),
            previous: before.as_ref().and_then(body),
        },
        Class::Changed => changed(raw, before.as_ref(), after.as_ref()),
        _ => Change::Touched,
    };
    let deleted = matches!(change, Change::Deleted { .. });
    let previous = if deleted {
        before.or(after)
    } else {
        after.or(before)
    };
    Some(Amendment {
        target_ts,
        time,
        change,
        previous: previous.map(Box::new),
        place: place.clone(),
    })
}

fn first<'r, const N: usize>(parts: [&'r Part<'_>; N]) -> Option<RawMessage<'r>> {
    parts.into_iter().find_map(|part| {
        if part.is_absent() {
            None
        } else {
            part.record()
        }
    })
}

/// The message inside of a change. Changes inside of changes are not followed.
fn nested_message(
    mapper: &Mapper<'_>,
    record: &RawMessage<'_>,
    conversation: &ConversationContext<'_>,
    place: &Place,
) -> Option<SourceMessage> {
    let class = classify(record.kind.get(), record.subtype());
    message(mapper, record, class, conversation, place.clone()).ok()
}

/// Slack also writes such records when a preview comes up, when nobody edited anything, and when
/// a message that has replies is deleted.
fn changed(
    raw: &RawMessage<'_>,
    before: Option<&SourceMessage>,
    after: Option<&SourceMessage>,
) -> Change {
    let record = object(&raw.message, "message", &mut Vec::new()).into_owned();
    let earlier = object(&raw.previous_message, "previous_message", &mut Vec::new()).into_owned();
    let (previous, new) = (before.and_then(body), after.and_then(body));
    if after.is_some_and(|message| message.event.deleted == Some(true)) {
        return Change::Deleted { by: None, previous };
    }
    let mark = record.get("edited").filter(|edited| edited.is_object());
    let by_hand = mark.is_some() && mark != earlier.get("edited");
    if !by_hand && previous == new {
        return Change::Touched;
    }
    if !by_hand && !earlier.is_null() && own_words(&record) == own_words(&earlier) {
        return Change::Previewed { previous, new };
    }
    if !by_hand && mark.is_some() {
        return Change::Touched;
    }
    let editor = mark.and_then(|mark| mark.str("user")).map(str::to_owned);
    Change::Edited {
        editor,
        previous,
        new,
    }
}

/// What the sender wrote or an app posted, without the previews of links that Slack adds.
fn own_words(record: &Value) -> (Option<&str>, Option<&Value>, Vec<&Value>) {
    let attachments = record.list("attachments").iter();
    let own = attachments
        .filter(|attachment| first_str(attachment, &["from_url", "original_url"]).is_none());
    (record.str("text"), record.get("blocks"), own.collect())
}

/// What a message says; nothing is something to say too.
fn body(message: &SourceMessage) -> Option<String> {
    Some(message.event.body.clone().unwrap_or_default())
}

/// Merges changes, in any order, into the message that they change.
///
/// Edits are put in order of time; one that the message itself tells of, without texts, is the
/// same as one at the same second. The body becomes the latest text where it was an earlier one.
/// A deleted message keeps its text, or gets the one that the deletion tells.
pub(crate) fn apply(message: &mut SourceMessage, amendments: &[Amendment]) {
    let mut ordered: Vec<&Amendment> = amendments.iter().collect();
    ordered.sort_by_key(|amendment| amendment.time);
    adopt_people(message, &ordered);
    edit(&mut message.event, &ordered);
    for amendment in &ordered {
        match &amendment.change {
            Change::Deleted { by, previous } => delete(
                &mut message.event,
                amendment.time,
                by.as_deref(),
                previous.as_deref(),
            ),
            Change::Previewed { previous, new } => {
                preview(&mut message.event, previous.as_deref(), new.as_deref());
            }
            Change::Edited { .. } | Change::Touched => {}
        }
    }
}

/// Shows what a preview added. One that was taken away must not get lost.
fn preview(event: &mut Event, previous: Option<&str>, new: Option<&str>) {
    let (previous, new) = (previous.unwrap_or_default(), new.unwrap_or_default());
    let body = event.body.as_deref().unwrap_or_default();
    if body == previous && says(new, previous) {
        event.body = Some(new.to_owned());
    } else if !says(body, previous) {
        event
            .custom
            .extend(text::custom("Earlier link preview", previous));
    }
}

fn edit(event: &mut Event, ordered: &[&Amendment]) {
    // Of the entries that are there only the first can lack texts.
    let mut bare = event.edits.iter().position(|edit| edit.previous.is_none());
    let last = bare.and_then(|index| event.edits.get(index)?.timestamp.clone());
    for amendment in ordered {
        let Some(edit) = next_edit(event, amendment, last.as_deref()) else {
            continue;
        };
        let known = bare.and_then(|index| event.edits.get_mut(index));
        match known.filter(|known| is_same(known, &edit)) {
            Some(known) => {
                *known = edit;
                bare = None;
            }
            None if edit.previous != edit.new => event.edits.push(edit),
            None => {}
        }
    }
    event.edits.sort_by(|a, b| a.timestamp.cmp(&b.timestamp));
}

/// The entry for an edit. The body becomes the text after it, where it was the one before. Where
/// the record does not tell that, it was the body, unless the message tells of a later edit.
fn next_edit(event: &mut Event, amendment: &Amendment, last: Option<&str>) -> Option<Edit> {
    let Change::Edited {
        editor,
        previous,
        new,
    } = &amendment.change
    else {
        return None;
    };
    let time = amendment.time.to_rsmf();
    let body = event.body.clone().unwrap_or_default();
    let is_later = last.is_none_or(|last| second(last) < second(&time));
    let previous = previous.clone().or_else(|| is_later.then(|| body.clone()));
    if let Some(new) = new.as_ref().filter(|_| previous.as_ref() == Some(&body)) {
        event.body = (!new.is_empty()).then(|| new.clone());
    }
    let participant = editor.clone().or_else(|| event.participant.clone());
    Some(Edit {
        participant: participant.unwrap_or_default(),
        timestamp: Some(time),
        previous,
        new: new.clone(),
        ..Edit::default()
    })
}

fn is_same(known: &Edit, edit: &Edit) -> bool {
    let at = |edit: &Edit| edit.timestamp.as_deref().map(second).map(str::to_owned);
    known.participant == edit.participant && at(known) == at(edit)
}

/// A time to the second, which is all that the marks of edits tell.
fn second(time: &str) -> &str {
    time.get(..19).unwrap_or(time)
}

fn delete(event: &mut Event, time: UtcTime, by: Option<&str>, previous: Option<&str>) {
    let is_bare = event.deleted == Some(true) || event.body.is_none();
    event.deleted = Some(true);
    if let (true, Some(previous)) = (is_bare, previous.filter(|text| !text.is_empty())) {
        event.body = Some(previous.to_owned());
    }
    event
        .custom
        .extend(text::custom("Deleted at", &time.to_rsmf()));
    event
        .custom
        .extend(text::custom("Deleted by", by.unwrap_or_default()));
}

/// Takes over the people whom the changes refer to.
fn adopt_people(message: &mut SourceMessage, ordered: &[&Amendment]) {
    let mut known: HashSet<String> = message
        .people
        .iter()
        .map(|person| person.id.clone())
        .collect();
    let described = ordered
        .iter()
        .filter_map(|amendment| amendment.previous.as_ref());
    for person in described.flat_map(|previous| &previous.people) {
        if known.insert(person.id.clone()) {
            message.people.push(person.clone());
        }
    }
}
