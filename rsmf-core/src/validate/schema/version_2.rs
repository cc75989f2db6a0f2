//! RSMF 2.0.0.

use super::{ANY_TEXT, CUSTOM_LIST, Rule, SOME_TEXT, Shape, optional, required};

pub(super) static MANIFEST: Shape = Shape(&[
    required("version", Rule::Text(5)),
    required("participants", Rule::List(&Rule::Object(&PARTICIPANT))),
    required("conversations", Rule::List(&Rule::Object(&CONVERSATION))),
    required("events", Rule::List(&Rule::Object(&EVENT))),
    optional("eventcollectionid", ANY_TEXT),
]);

static PARTICIPANT: Shape = Shape(&[
    required("id", SOME_TEXT),
    optional("display", ANY_TEXT),
    optional("email", Rule::Email),
    optional("avatar", ANY_TEXT),
    optional("account_id", ANY_TEXT),
    optional("custom", CUSTOM_LIST),
]);

static CONVERSATION: Shape = Shape(&[
    required("id", SOME_TEXT),
    optional("display", ANY_TEXT),
    required("platform", SOME_TEXT),
    optional("type", Rule::Choice(&["direct", "channel"])),
    required("participants", Rule::List(&SOME_TEXT)),
    optional("custodian", ANY_TEXT),
    optional("custom", CUSTOM_LIST),
    optional("icon", ANY_TEXT),
]);

static EVENT: Shape = Shape(&[
    optional("id", ANY_TEXT),
    required(
        "type",
        Rule::Choice(&[
            "message",
            "disclaimer",
            "join",
            "leave",
            "history",
            "unknown",
        ]),
    ),
    optional("parent", ANY_TEXT),
    optional("body", ANY_TEXT),
    optional("participant", ANY_TEXT),
    optional("conversation", ANY_TEXT),
    optional("timestamp", Rule::Time),
    optional("deleted", Rule::Boolean),
    optional("importance", Rule::Choice(&["normal", "high"])),
    optional("reactions", Rule::List(&Rule::Object(&REACTION))),
    optional("attachments", Rule::List(&Rule::Object(&ATTACHMENT))),
    optional("edits", Rule::List(&Rule::Object(&EDIT))),
    optional("custom", CUSTOM_LIST),
    optional("direction", Rule::Choice(&["incoming", "outgoing"])),
    optional("read_receipts", Rule::List(&Rule::Object(&RECEIPT))),
]);

static REACTION: Shape = Shape(&[
    required("value", SOME_TEXT),
    optional("count", Rule::Integer),
    optional("participants", Rule::List(&SOME_TEXT)),
]);

static ATTACHMENT: Shape = Shape(&[
    required("id", SOME_TEXT),
    optional("display", ANY_TEXT),
    optional("size", Rule::Integer),
]);

static EDIT: Shape = Shape(&[
    required("participant", SOME_TEXT),
    optional("timestamp", Rule::Time),
    optional("previous", ANY_TEXT),
    optional("new", ANY_TEXT),
]);

static RECEIPT: Shape = Shape(&[
    required("participant", SOME_TEXT),
    optional("timestamp", Rule::Time),
    optional("action", Rule::Choice(&["read", "delivered"])),
]);
