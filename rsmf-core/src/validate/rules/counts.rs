//! Too few and too many.

use crate::validate::{Code, findings::Findings, json::Value};

/// What Relativity shows well.
const MOST: usize = 10_000;

pub(super) fn check(root: &Value<'_>, findings: &mut Findings) {
    for (name, none, too_many) in [
        (
            "participants",
            Code::ManifestParticipantArrayEmpty,
            Code::ManifestParticipantCount,
        ),
        (
            "conversations",
            Code::ManifestConversationArrayEmpty,
            Code::ManifestConversationCount,
        ),
        (
            "events",
            Code::ManifestEventArrayEmpty,
            Code::ManifestEventCount,
        ),
    ] {
        let count = root.items(name).len();
        if count == 0 {
            findings.add_at(none, root.place(name), format!("{name} is empty"));
        }
        if count > MOST {
            let message = format!("{name} has {count} items, more than {MOST}");
            findings.add_at(too_many, root.place(name), message);
        }
    }
}
