//! The message around the zip: its size, the headers of mail, and what more can be compared.

use mail_parser::parsers::MessageStream;

use crate::{
    container::Headers,
    validate::{Code, findings::Findings, json::Value},
};

const MB: u64 = 1_000_000;

pub(in crate::validate) fn check(headers: &Headers, size: u64, findings: &mut Findings) {
    check_size(size, findings);
    for name in ["From", "To", "Subject", "Date"] {
        if headers.get(name).is_none() {
            findings.add(Code::StrictMailHeaderMissing, format!("there is no {name}"));
        }
    }
    let mailboxes = headers
        .find("From")
        .map_or(0, |from| count_mailboxes(&from.raw));
    if mailboxes > 1 {
        findings.add(
            Code::StrictFromMailboxes,
            format!("From has {mailboxes} mailboxes"),
        );
    }
}

/// The worst only.
fn check_size(size: u64, findings: &mut Findings) {
    let code = match size {
        size if size > 2_000 * MB => Code::StrictSizeProcessing,
        size if size > 250 * MB => Code::StrictSizeViewer,
        size if size > 200 * MB => Code::StrictSizeServer,
        _ => return,
    };
    findings.add(code, format!("the file has {} MB", size / MB));
}

fn count_mailboxes(from: &str) -> usize {
    let line = format!("{from}\n");
    let value = MessageStream::new(line.as_bytes()).parse_address();
    value
        .as_address()
        .map_or(0, |address| address.iter().count())
}

pub(in crate::validate) fn compare(headers: &Headers, root: &Value<'_>, findings: &mut Findings) {
    let id = root.text("eventcollectionid");
    if let Some(header) = headers.get("X-RSMF-EventCollectionID")
        && id.is_some_and(|id| id != header)
    {
        let message = format!(
            "X-RSMF-EventCollectionID is {header:?}, the manifest has {:?}",
            id.unwrap_or_default()
        );
        let at = root.place("eventcollectionid");
        findings.add_at(Code::StrictEventCollectionIdMismatch, at, message);
    }
    let events = root.items("events").iter();
    let count: usize = events.map(|event| event.items("attachments").len()).sum();
    let claimed = headers
        .get("X-RSMF-AttachmentCount")
        .and_then(|value| value.parse().ok());
    if claimed.is_some_and(|claimed: usize| claimed != count) {
        let message = format!("X-RSMF-AttachmentCount does not say {count}, as the manifest does");
        findings.add(Code::StrictAttachmentCountMismatch, message);
    }
}
