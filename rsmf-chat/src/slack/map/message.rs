//! One record, put together as an event.

use rsmf_core::{
    UtcTime,
    integration::{Exception, Parent, Place, Reason, Severity, SourceMessage},
    model::{ConversationType, Event, EventType},
};
use serde_json::Value;

use super::{
    ConversationContext, Mapper,
    body::{self, Body, body, items, object},
    calls,
    directory::describe_profile,
    edits,
    files::{Files, files},
    json::Json,
    notes, parse_ts,
    people::{self, Cast},
    profile::Profile,
    raw::RawMessage,
    reactions::reactions,
    source,
    subtype::Class,
    text::{self, Names},
};

/// Maps a record to an event of its own.
pub(super) fn message(
    mapper: &Mapper<'_>,
    raw: &RawMessage<'_>,
    class: Class,
    conversation: &ConversationContext<'_>,
    place: Place,
) -> Result<SourceMessage, Exception> {
    let time = time(raw, &place)?;
    let mut problems = Vec::new();
    let mut cast = Cast::new(mapper.directory);
    let sender = people::sender(raw, class, &mut cast, &mut problems);
    let names = mapper.names(&sender, &cast);
    let mut body = body(raw, &names);
    let files = files(raw, &mut body, conversation);
    problems.append(&mut body.problems);
    let mut draft = Draft {
        raw,
        class,
        conversation,
        names: &names,
        cast,
        problems,
        event: Event::default(),
    };
    draft.identity(sender);
    let other_text = body.notification.take();
    draft.words(body, &files);
    draft.facts(other_text.as_deref(), &files);
    draft.reactions();
    draft.edits();
    Ok(draft.finish(time, files, place))
}

/// An event while its parts come together.
struct Draft<'m> {
    raw: &'m RawMessage<'m>,
    class: Class,
    conversation: &'m ConversationContext<'m>,
    names: &'m Names<'m>,
    cast: Cast<'m>,
    problems: Vec<String>,
    event: Event,
}

impl Draft<'_> {
    fn identity(&mut self, sender: String) {
        self.event.kind = kind(self.class, self.conversation.kind);
        self.event.id = self.raw.ts().map(str::to_owned);
        self.event.participant = Some(sender);
        if self.class == Class::Tombstone {
            self.event.deleted = Some(true);
        }
    }

    fn words(&mut self, body: Body, files: &Files) {
        let mut text = body.text;
        if text.is_empty() && self.event.kind == EventType::Unknown {
            text = edits::nested_words(self.raw, self.names).unwrap_or_default();
        }
        if text.is_empty() && self.class == Class::Call {
            let room = object(&self.raw.room, "room", &mut self.problems);
            text = calls::summary(&room, self.raw.subtype(), self.names);
        }
        let comment = files
            .comment
            .as_deref()
            .map(|comment| text::render(comment, self.names));
        let comment = comment.filter(|comment| !body::says(&text, comment));
        for more in comment
            .as_deref()
            .into_iter()
            .chain(files.previews.iter().map(String::as_str))
        {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(more);
        }
        if text.is_empty() && self.event.kind == EventType::Unknown {
            text = source::kind(self.raw);
        }
        let removed = text::clean(&mut text);
        self.custom("Removed characters", &count_characters(&removed));
        self.event.body = (!text.is_empty()).then_some(text);
    }

    /// The custom properties; see the table of [`super`].
    fn facts(&mut self, other_text: Option<&str>, files: &Files) {
        if !is_plain(self.raw.subtype()) {
            self.custom("Subtype", self.raw.subtype().unwrap_or_default());
        }
        if let Some(kind) = self.raw.kind.get().filter(|kind| *kind != "message") {
            self.custom("Record type", kind);
        }
        if matches!(
            self.raw.subtype(),
            Some("thread_broadcast" | "reply_broadcast")
        ) {
            self.custom("Broadcast", "also sent to the channel");
        }
        if self.raw.hidden.is_true() && self.class != Class::Tombstone {
            self.custom("Hidden", "yes");
        }
        self.custom("Notification text", other_text.unwrap_or_default());
        self.guise();
        self.pins();
        self.metadata();
        if !self.raw.room.is_absent() {
            let room = object(&self.raw.room, "room", &mut self.problems);
            self.event.custom.extend(calls::facts(&room, self.names));
        }
        self.event.custom.extend(files.custom.iter().cloned());
        if self.event.kind == EventType::Unknown {
            self.source();
        }
    }

    /// As whom and through what the message was sent.
    fn guise(&mut self) {
        if let Some(name) = self.posted_as() {
            self.custom("Posted as", &name);
        }
        if let Some(bot) = self.raw.bot_id.get() {
            self.app(bot);
        }
        if let Some(inviter) = self.raw.inviter.get() {
            self.custom("Invited by", self.names.user(inviter).unwrap_or(inviter));
        }
        if let (Some(team), Some(home)) = (self.raw.user_team.get(), self.conversation.team)
            && team != home
        {
            self.custom("Workspace", team);
        }
    }

    /// The name that people saw, where the list of users does not tell it. Webhooks post under
    /// many names with one id, so that what describes the sender elsewhere may be another one.
    fn posted_as(&mut self) -> Option<String> {
        let is_bot = self.raw.bot_id.get().is_some() || self.raw.subtype() == Some("bot_message");
        if let Some(username) = self.raw.username.get() {
            let name = text::unescape(username);
            let is_told = !is_bot && self.is_known_as(&name);
            return (!is_told).then(|| name.into_owned());
        }
        let sender = self.event.participant.as_deref()?;
        if self.raw.user.get() != Some(sender) || self.names.directory.user(sender).is_none() {
            return None;
        }
        let shown = match Profile::flat(&self.raw.user_profile) {
            Some(profile) => text::single_line(profile.shown()?),
            None => {
                let profile = object(&self.raw.user_profile, "user_profile", &mut self.problems);
                describe_profile(sender, &profile)?.display?
            }
        };
        (!self.is_known_as(&shown)).then_some(shown)
    }

    /// Whether the list of users has the sender under this name.
    fn is_known_as(&self, name: &str) -> bool {
        let sender = self.event.participant.as_deref().unwrap_or_default();
        let facts = self.names.directory.user(sender).map(|user| &user.custom);
        let mut names = facts
            .into_iter()
            .flatten()
            .filter(|fact| matches!(&*fact.name, "Username" | "Full name"));
        self.names.directory.name(sender) == Some(name) || names.any(|fact| fact.value == name)
    }

    fn app(&mut self, bot: &str) {
        let profile: Value =
            object(&self.raw.bot_profile, "bot_profile", &mut self.problems).into_owned();
        let app = profile
            .str("name")
            .or(self.names.directory.name(bot))
            .unwrap_or(bot);
        let app = text::unescape(app);
        if self.event.participant.as_deref() != Some(bot) && !self.is_known_as(&app) {
            self.custom("App", &app);
        }
    }

    fn pins(&mut self) {
        if !self.raw.pinned_info.is_absent() {
            self.pinning();
        }
        if self.raw.pinned_to.is_absent() {
            return;
        }
        let channels = items(&self.raw.pinned_to, "pinned_to", &mut self.problems);
        let ids = channels.iter().filter_map(Value::as_str);
        let told: Vec<&str> = ids.map(|id| self.channel(id)).collect();
        self.custom("Pinned to", &told.join(", "));
    }

    /// Who pinned it, when and where: one pinning, or one for each channel's id.
    fn pinning(&mut self) {
        let info = object(&self.raw.pinned_info, "pinned_info", &mut self.problems);
        let own = info.str("channel").unwrap_or_default();
        let mut told = vec![self.pinned(&info, own)];
        for (channel, pinning) in info.as_object().into_iter().flatten() {
            if pinning.is_object() {
                told.push(self.pinned(pinning, channel));
            }
        }
        for told in &told {
            self.custom("Pinned", told);
        }
    }

    fn pinned(&self, pinning: &Value, channel: &str) -> String {
        let by = pinning
            .str("pinned_by")
            .map(|id| format!("by {}", self.names.user(id).unwrap_or(id)));
        let at = pinning.time("pinned_ts").map(|time| format!("at {time}"));
        let place = (!channel.is_empty()).then(|| format!("in #{}", self.channel(channel)));
        let told: Vec<String> = [by, at, place].into_iter().flatten().collect();
        told.join(" ")
    }

    fn channel<'n>(&'n self, id: &'n str) -> &'n str {
        let here = (id == self.conversation.id).then_some(self.conversation.name);
        here.or(self.names.directory.channel(id)).unwrap_or(id)
    }

    /// What apps keep with their messages for other apps.
    fn metadata(&mut self) {
        let metadata = object(&self.raw.metadata, "metadata", &mut self.problems).into_owned();
        if metadata
            .as_object()
            .is_some_and(|fields| !fields.is_empty())
        {
            self.custom("Metadata", &source::compact(metadata));
        }
    }

    /// Of a record of unknown kind nobody can tell what matters: all of it is kept.
    fn source(&mut self) {
        match self.raw.whole() {
            Ok(whole) => self.custom("Source record", &source::compact(whole)),
            Err(error) => self
                .problems
                .push(format!("the record is not kept as a whole: {error}")),
        }
    }

    fn reactions(&mut self) {
        if self.raw.reactions.is_absent() {
            return;
        }
        let entries = items(&self.raw.reactions, "reactions", &mut self.problems);
        let (reactions, tones) =
            reactions(&entries, self.names, &mut self.cast, &mut self.problems);
        self.event.reactions = reactions;
        self.event.custom.extend(tones);
    }

    fn edits(&mut self) {
        self.event.edits = edits::edits(self.raw, &self.event, self.names, &mut self.problems);
        for edit in &self.event.edits {
            self.cast.refer(&edit.participant);
        }
    }

    fn custom(&mut self, name: &str, value: &str) {
        self.event.custom.extend(text::custom(name, value));
    }

    fn finish(mut self, time: UtcTime, files: Files, place: Place) -> SourceMessage {
        let parent = parent(self.raw, &mut self.problems);
        if let Some(participant) = parent
            .as_ref()
            .and_then(|parent| parent.participant.as_ref())
        {
            self.cast.refer(participant);
        }
        let notes = notes::notes(self.raw, &self.event, time, &self.problems, &place);
        let mut message = SourceMessage::new(self.event, time, place);
        message.starts_thread = starts_thread(self.raw);
        message.parent = parent;
        message.files = files.files;
        message.people = self.cast.into_people();
        message.notes = notes;
        message
    }
}

fn time(raw: &RawMessage<'_>, place: &Place) -> Result<UtcTime, Exception> {
    let lost = |detail: String| {
        Exception::new(Severity::Error, Reason::NoTime, place.clone(), detail).instead_of(1)
    };
    let Some(ts) = raw.ts() else {
        return Err(lost("the record has no `ts`".to_owned()));
    };
    parse_ts(ts).ok_or_else(|| {
        // The id may be anything, and of any length.
        let shown: String = ts.chars().take(40).collect();
        lost(format!("the `ts` {shown:?} is no time")).of_message(shown)
    })
}

fn kind(class: Class, conversation: ConversationType) -> EventType {
    match (class, conversation) {
        (Class::Message | Class::Tombstone, _) => EventType::Message,
        (Class::Join, ConversationType::Channel) => EventType::Join,
        (Class::Leave, ConversationType::Channel) => EventType::Leave,
        // RSMF knows no joins and leaves in direct conversations.
        (Class::Join | Class::Leave | Class::Notice | Class::Call, _) => EventType::Disclaimer,
        (Class::Changed | Class::Deleted | Class::Replied | Class::Unknown, _) => {
            EventType::Unknown
        }
    }
}

/// Whether the subtype tells a reviewer nothing that is not told otherwise.
fn is_plain(subtype: Option<&str>) -> bool {
    matches!(
        subtype,
        None | Some(
            "bot_message"
                | "file_share"
                | "thread_broadcast"
                | "reply_broadcast"
                | "channel_join"
                | "channel_leave"
                | "group_join"
                | "group_leave"
        )
    )
}

fn starts_thread(raw: &RawMessage<'_>) -> bool {
    let replies = || {
        raw.reply_count
            .value()
            .is_ok_and(|count| count.as_i64().unwrap_or(0) > 0)
    };
    match raw.thread_ts() {
        Some(thread) => raw.ts() == Some(thread),
        None => !raw.replies.is_absent() || !raw.nested_replies().is_absent() || replies(),
    }
}

fn parent(raw: &RawMessage<'_>, problems: &mut Vec<String>) -> Option<Parent> {
    // Of replies that were also sent to the channel, old records have only the latter.
    let thread = raw.thread_ts().or(raw.broadcast_thread_ts.get());
    let thread = thread.filter(|thread| raw.ts() != Some(*thread))?;
    let mut parent = Parent::new(thread);
    parent.time = parse_ts(thread);
    parent.participant = raw.parent_user_id.get().map(str::to_owned).or_else(|| {
        let root = body::object(&raw.root, "root", problems);
        root.str("user").or(root.str("bot_id")).map(str::to_owned)
    });
    Some(parent)
}

/// `U+FFFC (2), U+0007`.
fn count_characters(removed: &[char]) -> String {
    let mut counts: std::collections::BTreeMap<char, usize> = std::collections::BTreeMap::new();
    for &character in removed {
        *counts.entry(character).or_default() += 1;
    }
    let told = counts.iter().map(|(&character, &count)| {
        let times = if count > 1 {
            format!(" ({count})")
        } else {
            String::new()
        };
        format!("U+{:04X}{times}", u32::from(character))
    });
    told.collect::<Vec<_>>().join(", ")
}
