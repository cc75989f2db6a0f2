//! Whoever received or read an event. Relativity does not check whether they exist at all.

use super::timeline::State;
use crate::validate::{Code, findings::Findings, json::Value};

pub(super) fn check_members(event: &Value<'_>, state: &State<'_>, findings: &mut Findings) {
    for receipt in event.items("read_receipts") {
        let id = receipt.text("participant").unwrap_or_default();
        if !state.members.contains(id) {
            let message = format!("the recipient {id:?} is not in the conversation at that time");
            let at = receipt.place("participant");
            findings.add_at(Code::ManifestInvalidEventReceiptParticipant, at, message);
        }
    }
}
