//! RSMF 1.0.0.

use super::{ANY_TEXT, CUSTOM_LIST, Rule, SOME_TEXT, Shape, optional, required};

pub(super) static MANIFEST: Shape = Shape(&[
    required("version", Rule::Text(5)),
    required("participants", Rule::List(&Rule::Object(&PARTICIPANT))),
    required("conversations", Rule::List(&Rule::Object(&CONVERSATION))),
    required("events", Rule::List(&Rule::Object(&EVENT))),
]);

static PARTICIPANT: Shape = Shape(&[
    required("id", SOME_TEXT),
    required("display", SOME_TEXT),
    optional("email", Rule::Email),
    optional("avatar", ANY_TEXT),
    optional("custom", CUSTOM_LIST),
]);

static CONVERSATION: Shape = Shape(&[
    required("id", SOME_TEXT),
    required("display", SOME_TEXT),
    required("platform", SOME_TEXT),
    required("type", Rule::Choice(&["direct", "channel"])),
    required("participants", Rule::List(&SOME_TEXT)),
    optional("custom", CUSTOM_LIST),
]);

static EVENT: Shape = Shape(&[
    optional("id", ANY_TEXT),
    required(
        "type",
        Rule::Choice(&["message", "disclaimer", "join", "leave"]),
    ),
    optional("parent", ANY_TEXT),
    optional("body", ANY_TEXT),
    required("participant", SOME_TEXT),
    required("conversation", SOME_TEXT),
    required("timestamp", Rule::Time),
    optional("deleted", Rule::Boolean),
    optional("importance", Rule::Choice(&["normal", "high"])),
    optional("reactions", Rule::List(&Rule::Object(&REACTION))),
    optional("attachments", Rule::List(&Rule::Object(&ATTACHMENT))),
    optional("edits", Rule::List(&Rule::Object(&EDIT))),
    optional("custom", CUSTOM_LIST),
]);

static REACTION: Shape = Shape(&[
    required("value", SOME_TEXT),
    required("count", Rule::Integer),
    required("participants", Rule::List(&SOME_TEXT)),
]);

static ATTACHMENT: Shape = Shape(&[
    required("id", SOME_TEXT),
    required("display", SOME_TEXT),
    required("size", Rule::Integer),
]);

static EDIT: Shape = Shape(&[
    required("participant", SOME_TEXT),
    required("timestamp", Rule::Time),
]);
