//! What the parts of a manifest say about each other.

mod conversation;
mod counts;
mod edit;
mod event;
mod identity;
mod join_leave;
mod parent;
mod reaction;
mod receipt;
mod timeline;

use std::collections::HashSet;

pub(super) use identity::check as check_identity;

use super::{findings::Findings, json::Value, schema};

/// Ids of the participants that exist.
type Known<'a> = HashSet<&'a str>;

/// Every rule that gives warnings.
pub(super) fn check_content(root: &Value<'_>, findings: &mut Findings) {
    let known: Known<'_> = root
        .items("participants")
        .iter()
        .filter_map(|participant| participant.text("id"))
        .collect();
    schema::check_undefined(root, findings);
    counts::check(root, findings);
    conversation::check(root, &known, findings);
    timeline::check(root, &known, findings);
}
