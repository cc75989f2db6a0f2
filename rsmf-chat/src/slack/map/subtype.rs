//! Which kind of event a record is.

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Somebody or something said something.
    Message,
    /// The sender joined.
    Join,
    /// The sender left.
    Leave,
    /// Slack told people about something.
    Notice,
    /// A call or huddle.
    Call,
    /// What is left of a deleted message that has replies.
    Tombstone,
    /// An earlier message was changed.
    Changed,
    /// An earlier message was deleted.
    Deleted,
    /// An earlier message got a reply.
    Replied,
    /// Nothing known.
    Unknown,
}

/// Classifies a record by its type and subtype.
///
/// Sources: "message event" and its list of subtypes (docs.slack.dev); subtypes of real exports
/// that are documented nowhere.
pub(super) fn classify(kind: Option<&str>, subtype: Option<&str>) -> Class {
    if kind.is_some_and(|kind| kind != "message") {
        return Class::Unknown;
    }
    let Some(subtype) = subtype else {
        return Class::Message;
    };
    match subtype {
        "bot_message"
        | "me_message"
        | "slackbot_response"
        | "thread_broadcast"
        | "reply_broadcast"
        | "file_share"
        | "file_comment"
        | "file_mention"
        | "slack_audio"
        | "slack_image"
        | "slack_video"
        | "assistant_app_thread"
        | "document_comment_root" => Class::Message,
        "huddle_thread" | "sh_room_created" | "sh_room_shared" => Class::Call,
        "tombstone" => Class::Tombstone,
        "message_changed" => Class::Changed,
        "message_deleted" => Class::Deleted,
        "message_replied" => Class::Replied,
        _ => membership(subtype).unwrap_or_else(|| notice(subtype)),
    }
}

/// Channels, private channels and group messages name theirs alike.
fn membership(subtype: &str) -> Option<Class> {
    match kind_of_conversation(subtype)?.1 {
        "join" => Some(Class::Join),
        "leave" => Some(Class::Leave),
        _ => None,
    }
}

fn notice(subtype: &str) -> Class {
    let known = match kind_of_conversation(subtype) {
        Some((_, what)) => is_conversation_notice(what),
        None => is_other_notice(subtype),
    };
    if known { Class::Notice } else { Class::Unknown }
}

fn kind_of_conversation(subtype: &str) -> Option<(&str, &str)> {
    let (kind, what) = subtype.split_once('_')?;
    matches!(kind, "channel" | "group" | "mpdm" | "mpim" | "im").then_some((kind, what))
}

fn is_conversation_notice(what: &str) -> bool {
    matches!(
        what,
        "topic"
            | "purpose"
            | "name"
            | "archive"
            | "unarchive"
            | "move"
            | "posting_permissions"
            | "convert_to_private"
            | "convert_to_public"
            | "canvas_updated"
            | "created"
            | "deleted"
            | "shared"
            | "unshared"
            | "retention_changed"
    )
}

fn is_other_notice(subtype: &str) -> bool {
    matches!(
        subtype,
        "pinned_item"
            | "unpinned_item"
            | "ekm_access_denied"
            | "reminder_add"
            | "reminder_delete"
            | "bot_add"
            | "bot_remove"
            | "bot_enable"
            | "bot_disable"
            | "app_conversation_join"
            | "app_conversation_leave"
            | "document_mention"
            | "joiner_notification"
            | "joiner_notification_for_inviter"
            | "tabbed_canvas_updated"
            | "bookmark_added"
            | "bookmark_removed"
            | "lists_item_created"
            | "lists_record_comment"
            | "sh_room_updated"
            | "unfurl_prompt"
    )
}
